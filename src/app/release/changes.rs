//! When a change of files is complete. Editors write a file in several steps, and some leave it half
//! written for a moment; so a change counts once all files have looked the same twice in a row.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// How files look from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Look {
    /// Of the scripts and conversations directly inside these folders.
    pub(super) fn at_scripts(folders: &[PathBuf]) -> Self {
        let entries = folders
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok());
        let paths = entries.flatten().flatten().map(|entry| entry.path());
        Self::of(&paths.filter(|path| is_ours(path)).collect::<Vec<_>>())
    }

    /// Of these files, as far as they are there.
    pub(super) fn of(files: &[PathBuf]) -> Self {
        let looks = files.iter().filter_map(|path| {
            let about = fs::metadata(path).ok()?;
            Some((path.clone(), (about.len(), about.modified().ok())))
        });
        Self(looks.collect())
    }

    /// Which files there are.
    pub(super) fn into_paths(self) -> impl Iterator<Item = PathBuf> {
        self.0.into_keys()
    }
}

fn is_ours(path: &Path) -> bool {
    let ending = path.extension().and_then(|it| it.to_str());
    matches!(ending, Some("rhai" | "yaml" | "yml"))
}

/// Tells when a change is complete.
pub(super) struct Changes {
    /// As it was when the last change was complete.
    settled: Look,
    /// As it was the last time.
    last: Look,
}

impl Changes {
    pub(super) fn new(look: Look) -> Self {
        Self {
            settled: look.clone(),
            last: look,
        }
    }

    /// Whether something is different from what was settled, and rests.
    pub(super) fn are_complete(&mut self, look: Look) -> bool {
        let rests = look == self.last;
        self.last = look;
        let complete = rests && self.last != self.settled;
        if complete {
            self.settled = self.last.clone();
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(bytes: u64) -> Look {
        Look(BTreeMap::from([(PathBuf::from("a.rhai"), (bytes, None))]))
    }

    #[test]
    fn a_change_counts_once_it_rests() {
        let mut changes = Changes::new(look(1));
        let seen = [1, 2, 3, 3, 3, 4, 3, 3, 1, 1];
        let told = seen.map(|bytes| changes.are_complete(look(bytes)));
        let expect = [
            false, false, false, true, false, false, false, false, false, true,
        ];
        assert_eq!(told, expect);
    }

    #[test]
    fn scripts_and_conversations_are_looked_at_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.rhai", "b.yaml", "c.txt", ".a.rhai.swp"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let look = Look::at_scripts(&[folder.path().to_owned(), folder.path().join("nowhere")]);
        let names = look.0.keys().map(|it| it.file_name().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["a.rhai", "b.yaml"]);
    }
}
