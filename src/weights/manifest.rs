//! The list of a model's files, and the check against it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{WeightsError, files::hash_file};

/// The manifest's name within a model's folder.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The weights' name within a model's folder.
pub const MODEL_FILE: &str = "model-q8_0.gguf";

/// The version of the manifest's form.
pub(crate) const MANIFEST_FORMAT: u32 = 1;

/// What a model is and which files it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this form: 1.
    pub format: u32,
    /// The model's name, which is also its folder's.
    pub name: String,
    /// Where it came from: package, version, and the hash of the source file.
    pub source: String,
    /// The SPDX name of its licence.
    pub licence: String,
    /// The languages it writes well enough, as ISO 639-1 codes.
    pub languages: Vec<String>,
    /// Its files, the weights first.
    pub files: Vec<ModelFile>,
}

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    /// Its name within the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Reads the manifest of a model's folder, without looking at the other files.
    pub fn read(folder: &Path) -> Result<Self, WeightsError> {
        let path = folder.join(MANIFEST_FILE);
        let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => WeightsError::Missing(path.clone()),
            _ => WeightsError::io("cannot read", &path, source),
        })?;
        let bad = |reason: String| WeightsError::Manifest {
            path: path.clone(),
            reason,
        };
        let manifest: Self = serde_json::from_str(&text).map_err(|e| bad(e.to_string()))?;
        if manifest.format != MANIFEST_FORMAT {
            return Err(bad(format!("its format is {}", manifest.format)));
        }
        if let Some(file) = manifest.files.iter().find(|file| !is_plain(&file.name)) {
            return Err(bad(format!("`{}` is not a plain file name", file.name)));
        }
        Ok(manifest)
    }

    /// The size of all files, in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// Whether a name stays within its folder.
fn is_plain(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|file| file == name)
}

/// Checks every file of a model's folder by size, then by hash.
pub fn verify(folder: &Path) -> Result<Manifest, WeightsError> {
    let manifest = Manifest::read(folder)?;
    for file in &manifest.files {
        check_size(&folder.join(&file.name), file.bytes)?;
    }
    for file in &manifest.files {
        check_hash(&folder.join(&file.name), &file.sha256)?;
    }
    Ok(manifest)
}

fn check_size(path: &Path, expected: u64) -> Result<(), WeightsError> {
    let found = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            return Err(WeightsError::Missing(path.to_owned()));
        }
        Err(source) => return Err(WeightsError::io("cannot read", path, source)),
    };
    if found == expected {
        return Ok(());
    }
    Err(WeightsError::Size {
        path: path.to_owned(),
        expected,
        found,
    })
}

pub(crate) fn check_hash(path: &Path, expected: &str) -> Result<(), WeightsError> {
    let found = hash_file(path, &mut |_| ())?.sha256;
    if found == expected {
        return Ok(());
    }
    Err(WeightsError::Altered {
        path: path.to_owned(),
        expected: expected.to_owned(),
        found,
    })
}

/// A model's folder, with its manifest or what is wrong with that.
pub type Listed = (PathBuf, Result<Manifest, WeightsError>);

/// The models in a models directory by name. Only manifests are read; [`verify`] checks the rest.
/// A directory that is not there holds no models.
pub fn list(models_dir: &Path) -> Result<Vec<Listed>, WeightsError> {
    let entries = match fs::read_dir(models_dir) {
        Ok(entries) => entries,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(WeightsError::io("cannot read", models_dir, source)),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|source| WeightsError::io("cannot read", models_dir, source))?
            .path();
        if path.join(MANIFEST_FILE).is_file() && !is_hidden(&path) {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders
        .into_iter()
        .map(|folder| {
            let manifest = Manifest::read(&folder);
            (folder, manifest)
        })
        .collect())
}

/// Work in progress carries a leading dot.
fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(models_dir: &Path) -> PathBuf {
        let folder = models_dir.join("tiny");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a.txt"), "abc").unwrap();
        let hash = hash_file(&folder.join("a.txt"), &mut |_| ()).unwrap();
        let manifest = Manifest {
            format: MANIFEST_FORMAT,
            name: "tiny".into(),
            source: "a test".into(),
            licence: "Apache-2.0".into(),
            languages: vec!["en".into()],
            files: vec![ModelFile {
                name: "a.txt".into(),
                bytes: hash.bytes,
                sha256: hash.sha256,
            }],
        };
        let text = serde_json::to_string_pretty(&manifest).unwrap();
        fs::write(folder.join(MANIFEST_FILE), text).unwrap();
        folder
    }

    #[track_caller]
    fn check_broken(break_it: impl FnOnce(&Path), says: &[&str]) {
        let models_dir = tempfile::tempdir().unwrap();
        let folder = model(models_dir.path());
        verify(&folder).unwrap();
        break_it(&folder);
        let error = verify(&folder).unwrap_err().to_string();
        for part in says.iter().chain(&["consultant model fetch"]) {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        check_broken(
            |f| fs::remove_file(f.join("a.txt")).unwrap(),
            &["a.txt is missing"],
        );
        check_broken(
            |f| fs::remove_dir_all(f).unwrap(),
            &["manifest.json is missing"],
        );
    }

    #[test]
    fn a_file_that_was_cut_off_is_named_with_both_sizes() {
        check_broken(
            |f| fs::write(f.join("a.txt"), "ab").unwrap(),
            &["a.txt has 2 bytes instead of 3"],
        );
    }

    #[test]
    fn an_altered_file_is_named() {
        check_broken(
            |f| fs::write(f.join("a.txt"), "abd").unwrap(),
            &["a.txt is not the expected file"],
        );
    }

    #[test]
    fn a_manifest_that_is_none_is_named() {
        check_broken(
            |f| fs::write(f.join(MANIFEST_FILE), "{").unwrap(),
            &["manifest.json is not a model manifest"],
        );
    }

    #[test]
    fn a_manifest_cannot_point_out_of_its_folder() {
        let replace = |to: &'static str| {
            move |f: &Path| {
                let path = f.join(MANIFEST_FILE);
                let text = fs::read_to_string(&path).unwrap();
                fs::write(path, text.replace("a.txt", to)).unwrap();
            }
        };
        check_broken(
            replace("../a.txt"),
            &["`../a.txt` is not a plain file name"],
        );
        check_broken(replace("/etc/passwd"), &["is not a plain file name"]);
        check_broken(replace(".."), &["is not a plain file name"]);
    }

    #[test]
    fn models_are_listed_and_unfinished_ones_are_not() {
        let models_dir = tempfile::tempdir().unwrap();
        assert!(list(&models_dir.path().join("none")).unwrap().is_empty());
        let folder = model(models_dir.path());
        let hidden = models_dir.path().join(".other.partial");
        fs::create_dir(&hidden).unwrap();
        fs::copy(folder.join(MANIFEST_FILE), hidden.join(MANIFEST_FILE)).unwrap();
        let models = list(models_dir.path()).unwrap();
        assert_eq!(models.len(), 1);
        assert_eq!(models[0].0, folder);
        assert_eq!(models[0].1.as_ref().unwrap().bytes(), 3);
    }

    #[test]
    fn the_form_of_a_manifest_is_a_decision() {
        let models_dir = tempfile::tempdir().unwrap();
        let folder = model(models_dir.path());
        insta::assert_snapshot!(fs::read_to_string(folder.join(MANIFEST_FILE)).unwrap());
    }
}
