//! The layers, flattened: for each key the strongest value, and where it came from.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    rc::Rc,
};

use serde_yaml::{Mapping, Value};

use super::{
    Sources,
    home::Home,
    locate::{Side, locate, place},
    problem::{Place, Problem, closest, shown_name},
    sections::SECTIONS,
    setting::{Raw, RawValue, kind},
};

/// How every variable of ours begins.
const PREFIX: &str = "CONSULTANT__";

/// A configuration is a page or two; anything of this size is something else.
const LARGEST_FILE_BYTES: u64 = 1024 * 1024;

/// How the weakest layer is named to the operator, who has no such file.
pub(super) const BUILT_IN: &str = "built-in defaults";

const DEFAULTS: &str = include_str!("../../../config/default.yaml");

/// For each key the strongest value given.
pub(super) struct Layers {
    given: BTreeMap<String, Given>,
    count: usize,
    working_dir: PathBuf,
    pub(super) problems: Vec<Problem>,
}

/// A value and where it came from.
pub(super) struct Given {
    value: OwnedValue,
    origin: Rc<Origin>,
    /// The higher, the stronger.
    pub(super) layer: usize,
}

enum OwnedValue {
    Yaml(Value),
    Text(String),
}

/// Where a value came from.
struct Origin {
    /// The file as it is named to the operator, or the variable.
    name: String,
    /// The text of a file that the operator can open, to find places in it.
    text: Option<String>,
    /// Where a relative path starts.
    base: PathBuf,
}

impl Given {
    pub(super) fn raw(&self) -> Raw<'_> {
        let given = match &self.value {
            OwnedValue::Yaml(value) => RawValue::Yaml(value),
            OwnedValue::Text(text) => RawValue::Text(text),
        };
        Raw {
            given,
            base: &self.origin.base,
        }
    }

    /// A problem with this value.
    pub(super) fn problem(&self, key: &str, message: String, hint: String) -> Problem {
        let path: Vec<&str> = key.split('.').collect();
        let place = self.origin.place(&path, Side::Value);
        Problem {
            source: self.origin.name.clone(),
            place,
            key: Some(key.to_owned()),
            message,
            hint,
        }
    }
}

impl Origin {
    fn place(&self, path: &[&str], side: Side) -> Option<Place> {
        locate(self.text.as_deref()?, path, side)
    }
}

impl Layers {
    /// The weakest layer, which has every key.
    pub(super) fn embedded() -> Self {
        let mut layers = Self {
            given: BTreeMap::new(),
            count: 0,
            working_dir: PathBuf::new(),
            problems: Vec::new(),
        };
        let origin = Origin {
            name: BUILT_IN.to_owned(),
            text: None,
            base: PathBuf::new(),
        };
        layers.add_parsed(serde_yaml::from_str(DEFAULTS), &Rc::new(origin));
        layers
    }

    pub(super) fn get(&self, key: &str) -> Option<&Given> {
        self.given.get(key)
    }

    pub(super) fn add_files(&mut self, home: &Home, sources: &Sources) {
        self.working_dir.clone_from(&sources.working_dir);
        for file in home.wrong_endings() {
            let hint = "rename it to end in .yaml, or move it out of the config folder";
            self.problem_in(&file, "ends in .yml, so it is not read", hint);
        }
        for file in home.layers() {
            self.add_file(&file);
        }
        if let Some(file) = &sources.config_file {
            self.add_file(&sources.working_dir.join(file));
        }
    }

    fn add_file(&mut self, file: &Path) {
        match read_text(file) {
            Ok(text) => {
                let base = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
                self.add_text(self.shown(file), text, base);
            }
            Err((message, hint)) => self.problem_in(file, &message, hint),
        }
    }

    fn add_text(&mut self, name: String, text: String, base: PathBuf) {
        let parsed = serde_yaml::from_str(&text);
        self.add_parsed(
            parsed,
            &Rc::new(Origin {
                name,
                text: Some(text),
                base,
            }),
        );
    }

    fn add_parsed(&mut self, parsed: serde_yaml::Result<Value>, origin: &Rc<Origin>) {
        self.count += 1;
        match parsed {
            Ok(Value::Null) => {}
            Ok(Value::Mapping(top)) => self.add_top(&top, origin),
            Ok(other) => {
                let message = format!("must be a section of keys, but is {}", kind(&other));
                self.problem(origin, &[], message, "see config/example.yaml".to_owned());
            }
            Err(error) => self.problems.push(not_yaml(origin, &error)),
        }
    }

    fn add_top(&mut self, top: &Mapping, origin: &Rc<Origin>) {
        for (name, value) in top {
            let Some(name) = name.as_str() else {
                let hint = "write keys as plain words".to_owned();
                self.problem(origin, &[], "has a key that is not text".to_owned(), hint);
                continue;
            };
            let section = SECTIONS
                .iter()
                .any(|section| section.name == name && !name.is_empty());
            match value {
                Value::Null if section => {}
                Value::Mapping(keys) if section => self.add_section(name, keys, origin),
                other if section => {
                    let message = format!("must be a section of keys, but is {}", kind(other));
                    let hint = "write its keys below it, each two spaces in".to_owned();
                    self.problem(origin, &[name], message, hint);
                }
                value => self.add_key(&[name], value, origin),
            }
        }
    }

    fn add_section(&mut self, section: &str, keys: &Mapping, origin: &Rc<Origin>) {
        for (name, value) in keys {
            if let Some(name) = name.as_str() {
                self.add_key(&[section, name], value, origin);
            } else {
                let message = "has a key that is not text".to_owned();
                self.problem(
                    origin,
                    &[section],
                    message,
                    "write keys as plain words".to_owned(),
                );
            }
        }
    }

    fn add_key(&mut self, path: &[&str], value: &Value, origin: &Rc<Origin>) {
        let key = path.join(".");
        if !is_known(&key) {
            self.problem(
                origin,
                path,
                "there is no such key".to_owned(),
                hint_for_key(&key),
            );
            return;
        }
        let value = OwnedValue::Yaml(value.clone());
        let given = Given {
            value,
            origin: Rc::clone(origin),
            layer: self.count,
        };
        self.given.insert(key, given);
    }

    pub(super) fn add_environment(&mut self, sources: &Sources) {
        self.count += 1;
        for (name, value) in sources.environment.iter() {
            let Some(name) = name.to_str() else { continue };
            if name.to_ascii_uppercase().starts_with(PREFIX) && !value.is_empty() {
                self.add_variable(name, value, &sources.working_dir);
            }
        }
    }

    fn add_variable(&mut self, name: &str, value: &OsStr, base: &Path) {
        let origin = Origin {
            name: shown_name(name).to_owned(),
            text: None,
            base: base.to_path_buf(),
        };
        let origin = Rc::new(origin);
        let Some(key) = known_keys().find(|key| variable_of(key) == name) else {
            let message = "is no setting of Consultant".to_owned();
            self.problem(&origin, &[], message, hint_for_variable(name));
            return;
        };
        let Some(text) = value.to_str() else {
            let hint = "give it as UTF-8".to_owned();
            self.problem(&origin, &[], "is not UTF-8 text".to_owned(), hint);
            return;
        };
        let value = OwnedValue::Text(text.to_owned());
        self.given.insert(
            key,
            Given {
                value,
                origin,
                layer: self.count,
            },
        );
    }

    /// A problem with a key itself, or with a whole file or variable.
    fn problem(&mut self, origin: &Origin, path: &[&str], message: String, hint: String) {
        let shown = path
            .iter()
            .map(|name| shown_name(name))
            .collect::<Vec<_>>()
            .join(".");
        let key = Some(shown).filter(|shown| !shown.is_empty());
        let place = if path.is_empty() {
            None
        } else {
            origin.place(path, Side::Key)
        };
        self.problems.push(Problem {
            source: origin.name.clone(),
            place,
            key,
            message,
            hint,
        });
    }

    fn problem_in(&mut self, file: &Path, message: &str, hint: &str) {
        self.problems.push(Problem {
            source: self.shown(file),
            place: None,
            key: None,
            message: message.to_owned(),
            hint: hint.to_owned(),
        });
    }

    /// A file as the operator knows it: relative to the working directory where it lies below.
    fn shown(&self, file: &Path) -> String {
        file.strip_prefix(&self.working_dir)
            .unwrap_or(file)
            .display()
            .to_string()
    }
}

fn read_text(file: &Path) -> Result<String, (String, &'static str)> {
    use std::io::ErrorKind;

    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => ("is not there".to_owned(), "check the path after --config"),
        ErrorKind::InvalidData => ("is not UTF-8 text".to_owned(), "save it as UTF-8"),
        _ => (
            format!("cannot be read: {error}"),
            "it must be a file that may be read",
        ),
    };
    let size = std::fs::metadata(file).map_err(failed)?.len();
    if size > LARGEST_FILE_BYTES {
        let message = format!("has {size} bytes, more than a configuration can have");
        return Err((message, "check that it is the right file"));
    }
    std::fs::read_to_string(file).map_err(failed)
}

/// The parser's own words are used only where they cannot repeat a value.
fn not_yaml(origin: &Origin, error: &serde_yaml::Error) -> Problem {
    let text = origin.text.as_deref().unwrap_or_default();
    let told = error.to_string();
    let reason = told.split(" at line ").next().unwrap_or_default();
    let hint = if text
        .lines()
        .any(|line| line.trim_start_matches(' ').starts_with('\t'))
    {
        "indent with spaces: YAML allows no tabs"
    } else {
        "check indentation, quotes and the space after each colon"
    };
    Problem {
        source: origin.name.clone(),
        place: place(text, error),
        key: None,
        message: format!("is not valid YAML: {reason}"),
        hint: hint.to_owned(),
    }
}

/// Every key's path.
fn known_keys() -> impl Iterator<Item = String> {
    SECTIONS
        .iter()
        .flat_map(|section| section.keys.iter().map(|key| section.path_of(key.name)))
}

fn is_known(key: &str) -> bool {
    known_keys().any(|known| known == key)
}

/// The variable of a key: `store.url` is `CONSULTANT__STORE__URL`.
pub(super) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

fn hint_for_key(key: &str) -> String {
    let known: Vec<String> = known_keys().collect();
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let elsewhere = known
        .iter()
        .find(|known| known.rsplit('.').next() == Some(name));
    let siblings = SECTIONS
        .iter()
        .filter(|info| info.name == section)
        .flat_map(|info| info.keys);
    let sections = SECTIONS
        .iter()
        .map(|info| info.name)
        .filter(|_| section.is_empty());
    let beside = closest(name, siblings.map(|key| key.name).chain(sections));
    match (beside, elsewhere) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, Some(key)) => format!("did you mean `{key}`?"),
        (None, None) => "see config/example.yaml for every key".to_owned(),
    }
}

fn hint_for_variable(name: &str) -> String {
    let known: Vec<String> = known_keys().map(|key| variable_of(&key)).collect();
    let name = name.to_ascii_uppercase();
    // Without the prefix, which would make all of them look alike.
    let ends = known
        .iter()
        .filter_map(|variable| variable.strip_prefix(PREFIX));
    match closest(name.strip_prefix(PREFIX).unwrap_or(&name), ends) {
        Some(end) => format!("did you mean {PREFIX}{end}?"),
        None => format!("variables are named {PREFIX}SECTION__KEY; see config/example.yaml"),
    }
}
