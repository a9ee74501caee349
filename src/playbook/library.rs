//! The modules that playbooks may import: `scripts/lib/NAME.rhai`, read before anything runs.
//!
//! A running script never reaches the disk: an import finds what was read here, or nothing.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::{
    problem::Problem,
    sandbox::{MAX_MODULES, MAX_SCRIPT_BYTES},
};

/// Sources of importable modules, by name.
#[derive(Clone, Debug, Default)]
pub struct Library {
    modules: BTreeMap<String, Module>,
}

/// One module's source and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) source: String,
}

impl Library {
    /// No modules at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds a module. `file` is what diagnostics call it.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        file: impl Into<String>,
        source: impl Into<String>,
    ) -> Result<(), Problem> {
        let (name, file, source) = (name.into(), file.into(), source.into());
        if !is_module_name(&name) {
            let message = format!("`{name}` cannot name a module");
            return Err(Problem::with_file(&file, message).hint(NAME_HINT));
        }
        if self.modules.len() >= MAX_MODULES {
            let message = format!("there are more than {MAX_MODULES} modules");
            return Err(Problem::with_file(&file, message).hint("put some of them together"));
        }
        self.modules.insert(name, Module { file, source });
        Ok(())
    }

    /// Reads every `*.rhai` file directly inside a directory. A directory that does not exist is
    /// an empty library. Links that lead out of it, and files over the size limit, are refused.
    pub fn read(directory: &Path) -> Result<Self, Vec<Problem>> {
        let mut library = Self::empty();
        let shown = directory.display().to_string();
        let failed = |error: io::Error| vec![Problem::with_file(&shown, error.to_string())];
        let root = match directory.canonicalize() {
            Ok(root) => root,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(library),
            Err(error) => return Err(failed(error)),
        };
        let mut paths = fs::read_dir(directory)
            .map_err(failed)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "rhai"));
        paths.sort();
        let problems: Vec<Problem> = paths
            .iter()
            .filter_map(|path| library.read_module(&root, path).err())
            .collect();
        if problems.is_empty() {
            Ok(library)
        } else {
            Err(problems)
        }
    }

    fn read_module(&mut self, root: &Path, path: &Path) -> Result<(), Problem> {
        let file = path.display().to_string();
        let failed = |error: io::Error| Problem::with_file(&file, error.to_string());
        let real = path.canonicalize().map_err(failed)?;
        if real.parent() != Some(root) {
            return Err(
                Problem::with_file(&file, "this link leads out of its directory")
                    .hint("put the file itself here"),
            );
        }
        let source = read_script(&real).map_err(failed)?;
        let name = path.file_stem().map(|name| name.to_string_lossy());
        self.add(name.unwrap_or_default(), file.clone(), source)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Module> {
        self.modules.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }
}

/// Reads a script file of at most [`MAX_SCRIPT_BYTES`] bytes of UTF-8.
pub fn read_script(path: &Path) -> io::Result<String> {
    let size = fs::metadata(path)?.len();
    if size > MAX_SCRIPT_BYTES as u64 {
        let message = format!("{size} bytes are too many; a script has at most {MAX_SCRIPT_BYTES}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    fs::read_to_string(path)
}

pub(crate) const NAME_HINT: &str =
    "a module is named by its file without `.rhai`: letters, digits, `_` and `-` only";

/// Whether this names a module: nothing that could be a path.
pub(crate) fn is_module_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_modules() {
        for name in ["texts", "texts_zh", "A-1"] {
            assert!(is_module_name(name), "{name}");
        }
        for name in [
            "",
            "..",
            "../x",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "a.b",
            "a\0",
            "文",
            " ",
        ] {
            assert!(!is_module_name(name), "{name}");
            assert!(Library::empty().add(name, "x.rhai", "").is_err());
        }
    }

    #[test]
    fn a_directory_is_read_and_other_files_in_it_are_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("texts.rhai"), "const A = 1;").unwrap();
        fs::write(folder.path().join("notes.txt"), "no script").unwrap();
        let library = Library::read(folder.path()).unwrap();
        assert_eq!(library.names().collect::<Vec<_>>(), ["texts"]);
        assert_eq!(library.get("texts").unwrap().source, "const A = 1;");
    }

    #[test]
    fn a_missing_directory_is_an_empty_library() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::read(&folder.path().join("lib")).unwrap();
        assert_eq!(library.names().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_are_refused_and_all_problems_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("lib");
        fs::create_dir(&library).unwrap();
        fs::write(folder.path().join("secret.rhai"), "const KEY = 1;").unwrap();
        std::os::unix::fs::symlink("../secret.rhai", library.join("texts.rhai")).unwrap();
        fs::write(library.join("huge.rhai"), " ".repeat(MAX_SCRIPT_BYTES + 1)).unwrap();
        fs::write(library.join("no name.rhai"), "").unwrap();
        let problems = Library::read(&library).unwrap_err();
        let told: Vec<String> = problems
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("too many"), "{told:?}");
        assert!(told[1].contains("cannot name a module"), "{told:?}");
        assert!(told[2].contains("leads out"), "{told:?}");
    }
}
