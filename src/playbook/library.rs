//! The modules that playbooks may import: `scripts/lib/NAME.rhai`, read before anything runs.
//!
//! A running script never reaches the disk: an import finds what was read here, or nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    lint::Lint,
    problem::Problem,
    sandbox::{MAX_MODULES, MAX_SCRIPT_BYTES},
};

/// Sources of importable modules, by name.
#[derive(Clone, Debug, Default)]
pub struct Library {
    modules: BTreeMap<String, Module>,
    /// Modules that are there but cannot be read, which is told already.
    unreadable: BTreeSet<String>,
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
            return Err(unreadable(&file, message).hint(NAME_HINT));
        }
        if self.modules.len() >= MAX_MODULES {
            let message = format!("there are more than {MAX_MODULES} modules");
            return Err(unreadable(&file, message).hint("put some of them together"));
        }
        self.modules.insert(name, Module { file, source });
        Ok(())
    }

    /// Reads every `*.rhai` file directly inside a directory, and says what is wrong with those
    /// that cannot be used. A directory that does not exist is an empty library. Links that lead
    /// out of it, and files over the size limit, are refused.
    pub fn read(directory: &Path) -> (Self, Vec<Problem>) {
        let mut library = Self::empty();
        let (root, paths) = match scripts_in(directory) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (library, Vec::new()),
            Err(error) => {
                let shown = directory.display().to_string();
                return (library, vec![unreadable(&shown, error.to_string())]);
            }
        };
        let mut problems = Vec::new();
        for path in paths {
            if let Err(problem) = library.read_module(&root, &path) {
                library.unreadable.insert(module_name(&path));
                problems.push(problem);
            }
        }
        (library, problems)
    }

    fn read_module(&mut self, root: &Path, path: &Path) -> Result<(), Problem> {
        let file = path.display().to_string();
        let failed = |error: io::Error| unreadable(&file, error.to_string());
        let real = path.canonicalize().map_err(failed)?;
        if real.parent() != Some(root) {
            return Err(unreadable(&file, "this link leads out of its directory")
                .hint("put the file itself here"));
        }
        let source = read_script(&real).map_err(failed)?;
        self.add(module_name(path), file.clone(), source)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Module> {
        self.modules.get(name)
    }

    /// Whether a module of this name is there but cannot be used, which is told already.
    pub(crate) fn is_unreadable(&self, name: &str) -> bool {
        self.unreadable.contains(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Module)> {
        let modules = self.modules.iter();
        modules.map(|(name, module)| (name.as_str(), module))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }
}

fn unreadable(file: &str, message: impl Into<String>) -> Problem {
    Problem::with_file(file, message).of(Lint::UnreadableScript)
}

/// The directory itself, without links, and the scripts directly inside it.
fn scripts_in(directory: &Path) -> io::Result<(PathBuf, Vec<PathBuf>)> {
    let root = directory.canonicalize()?;
    let mut paths = fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "rhai"));
    paths.sort();
    Ok((root, paths))
}

fn module_name(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Reads a script file of at most [`MAX_SCRIPT_BYTES`] bytes of UTF-8.
pub fn read_script(path: &Path) -> io::Result<String> {
    let size = fs::metadata(path)?.len();
    if size > MAX_SCRIPT_BYTES as u64 {
        let message = format!("{size} bytes are too many; a script has at most {MAX_SCRIPT_BYTES}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let text = fs::read_to_string(path)?;
    Ok(without_mark(text))
}

/// Some editors write a byte order mark at the beginning, which is no part of the script.
fn without_mark(text: String) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
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
    fn a_byte_order_mark_is_no_part_of_a_script() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rhai");
        fs::write(&path, "\u{feff}fn reply(turn) { [] }").unwrap();
        assert_eq!(read_script(&path).unwrap(), "fn reply(turn) { [] }");
    }

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
        let (library, problems) = Library::read(folder.path());
        assert_eq!(problems, []);
        assert_eq!(library.names().collect::<Vec<_>>(), ["texts"]);
        assert_eq!(library.get("texts").unwrap().source, "const A = 1;");
    }

    #[test]
    fn a_missing_directory_is_an_empty_library() {
        let folder = tempfile::tempdir().unwrap();
        let (library, problems) = Library::read(&folder.path().join("lib"));
        assert_eq!((library.names().count(), problems), (0, vec![]));
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
        fs::write(library.join("right.rhai"), "const A = 1;").unwrap();
        let (library, problems) = Library::read(&library);
        assert_eq!(library.names().collect::<Vec<_>>(), ["right"]);
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
