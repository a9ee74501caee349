//! The home folder: where configuration, catalogue and scripts lie, laid out as in a clone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Sources, reader::Reader, sections::Folders};

/// YAML files of a `config` folder that are not layers.
const NOT_LAYERS: [&str; 5] = [
    "default.yaml",
    "example.yaml",
    "catalog.yaml",
    "faq.yaml",
    "desk.yaml",
];

/// Where the operator's files are, if there are any.
pub(super) struct Home {
    pub(super) folder: Option<PathBuf>,
}

impl Home {
    /// The first candidate whose `config` folder has a YAML file. `.yml` counts, so that a file
    /// with the wrong ending is complained about and not overlooked.
    pub(super) fn find(sources: &Sources) -> Self {
        let settings = sources
            .environment
            .absolute_path("XDG_CONFIG_HOME")
            .or_else(|| {
                sources
                    .environment
                    .absolute_path("HOME")
                    .map(|home| home.join(".config"))
            });
        let candidates = [
            Some(sources.working_dir.clone()),
            settings.map(|settings| settings.join("consultant")),
            Some(PathBuf::from("/etc/consultant")),
        ];
        let has_yaml = |folder: &PathBuf| {
            !files_with_ending(&folder.join("config"), "yaml").is_empty()
                || !files_with_ending(&folder.join("config"), "yml").is_empty()
        };
        Self {
            folder: candidates.into_iter().flatten().find(has_yaml),
        }
    }

    /// The files of the second layer, weakest first.
    pub(super) fn layers(&self) -> Vec<PathBuf> {
        let Some(folder) = &self.folder else {
            return Vec::new();
        };
        let mut files = files_with_ending(&folder.join("config"), "yaml");
        files.retain(|file| !NOT_LAYERS.iter().any(|name| file.ends_with(name)));
        files
    }

    /// Files that were probably meant as a layer, but have the wrong ending.
    pub(super) fn wrong_endings(&self) -> Vec<PathBuf> {
        let folder = self.folder.as_deref();
        folder.map_or_else(Vec::new, |folder| {
            files_with_ending(&folder.join("config"), "yml")
        })
    }

    /// A file or folder of the home folder, if it is there.
    pub(super) fn existing(&self, path: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(path)).filter(|path| path.exists())
    }
}

/// The folder of state, by default that of the XDG base directory specification.
pub(super) fn data_dir(keys: &Folders, reader: &mut Reader, sources: &Sources) -> Option<PathBuf> {
    let default = DefaultFolder {
        key: "data_dir",
        variable: "XDG_DATA_HOME",
        below_home: ".local/share",
        name: "consultant",
    };
    keys.data_dir
        .clone()
        .or_else(|| default.resolve(reader, sources))
}

/// The folder of model files, by default in the XDG cache.
pub(super) fn models_dir(
    keys: &Folders,
    reader: &mut Reader,
    sources: &Sources,
) -> Option<PathBuf> {
    let default = DefaultFolder {
        key: "models_dir",
        variable: "XDG_CACHE_HOME",
        below_home: ".cache",
        name: "consultant/models",
    };
    keys.models_dir
        .clone()
        .or_else(|| default.resolve(reader, sources))
}

/// A folder of the XDG base directory specification.
struct DefaultFolder {
    key: &'static str,
    variable: &'static str,
    below_home: &'static str,
    name: &'static str,
}

impl DefaultFolder {
    fn resolve(&self, reader: &mut Reader, sources: &Sources) -> Option<PathBuf> {
        let environment = &sources.environment;
        let base = environment.absolute_path(self.variable).or_else(|| {
            environment
                .absolute_path("HOME")
                .map(|home| home.join(self.below_home))
        });
        if base.is_none() {
            let hint = format!("set {}, HOME or {}", self.key, self.variable);
            reader.problem(
                self.key,
                "has no default, because there is no home folder",
                hint,
            );
        }
        base.map(|base| base.join(self.name))
    }
}

/// The files of a folder with this ending, in the order of their names; none if there is no such
/// folder. Hidden files are left out: editors keep their own there.
pub(super) fn files_with_ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let hidden = |path: &Path| {
        path.file_name()
            .is_some_and(|n| n.as_encoded_bytes().starts_with(b"."))
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == ending))
        .filter(|path| !hidden(path) && path.is_file())
        .collect();
    files.sort();
    files
}
