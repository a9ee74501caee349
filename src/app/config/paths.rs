//! Paths, and the model's path, which may also be the id of a hub.

use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use super::{
    problem::Wrong,
    setting::{Raw, Setting},
};

/// Which model is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelPath {
    /// A GGUF file or a folder in Hugging Face form, which was there when the configuration was
    /// read.
    Local(PathBuf),
    /// A hub id, `owner/name`.
    Hub(String),
}

impl Setting for PathBuf {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let text = raw.text()?;
        if text.starts_with('~') {
            let hint = "write the whole path: `~` is only known to a shell";
            return Err(Wrong::new("begins with `~`", hint));
        }
        if text.chars().any(char::is_control) {
            return Err(Wrong::new(
                "has a control character in it",
                "write a plain path",
            ));
        }
        Ok(raw.base.join(text))
    }
}

impl Setting for ModelPath {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let path = PathBuf::read(raw)?;
        if path.exists() {
            return Ok(Self::Local(path));
        }
        let text = raw.text()?;
        if is_hub_id(text) {
            return Ok(Self::Hub(text.to_owned()));
        }
        let hint = format!(
            "`{}` does not exist: name a GGUF file, a local folder, or a hub id such as owner/name",
            path.display()
        );
        Err(Wrong::new("names no file or folder", hint))
    }
}

/// `owner/name` of the letters that hubs allow. What ends like a file is meant as a file.
fn is_hub_id(text: &str) -> bool {
    let word = |word: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !word.is_empty() && word.chars().all(allowed) && !word.starts_with('.')
    };
    let file = Path::new(text)
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("gguf"));
    !file
        && text
            .split_once('/')
            .is_some_and(|(owner, name)| word(owner) && word(name))
}

/// The path without `.` and `..`, as far as that can be told without the file system.
pub(super) fn lexical(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::{super::setting::RawValue, *};

    #[track_caller]
    fn check(text: &str, expected: Result<ModelPath, &str>) {
        let base = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = ModelPath::read(Raw {
            given: RawValue::Text(text),
            base,
        });
        assert_eq!(
            read,
            expected.map_err(|message| Wrong {
                message: message.to_owned(),
                hint: ModelPath::read(Raw {
                    given: RawValue::Text(text),
                    base
                })
                .unwrap_err()
                .hint,
            })
        );
    }

    #[test]
    fn a_model_is_a_file_that_is_there_or_a_hub_id() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        check("Cargo.toml", Ok(ModelPath::Local(here.join("Cargo.toml"))));
        check(
            "some-owner/Some-Model_1.5",
            Ok(ModelPath::Hub("some-owner/Some-Model_1.5".to_owned())),
        );
        check("models/missing.gguf", Err("names no file or folder"));
        check("/nowhere/at/all", Err("names no file or folder"));
        check("a/b/c", Err("names no file or folder"));
        check("../owner/name", Err("names no file or folder"));
        check("~/model.gguf", Err("begins with `~`"));
        check("a\u{7}b", Err("has a control character in it"));
    }

    #[test]
    fn dots_are_taken_out_of_a_path() {
        assert_eq!(lexical(Path::new("/a/./b/../c")), Path::new("/a/c"));
        assert_eq!(lexical(Path::new("/../a")), Path::new("/a"));
    }
}
