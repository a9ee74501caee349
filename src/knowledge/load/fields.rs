//! Reading a tree field by field and noting what is wrong on the way. A reader never stops at a
//! problem: it notes it and gives `None`, and the file is refused at the end.

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::{Language, LocalText};

use crate::{
    problem::{Problem, suggest},
    yaml::{self, Node, Place},
};

/// Problems beyond this are not reported: nobody reads them before the first are mended.
const MAX_PROBLEMS: usize = 100;

/// The longest text, in characters.
pub(super) const MAX_TEXT_CHARS: usize = 2_000;

/// The longest name, alias or question, in characters.
pub(super) const MAX_NAME_CHARS: usize = 200;

/// What was found wrong so far, and in what.
pub(super) struct Report<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
    /// Every text in languages, with the languages that it has: compared at the end.
    local: Vec<(At, BTreeSet<Language>)>,
}

/// A node's place in the tree.
#[derive(Clone, Debug, Default)]
pub(super) struct At {
    steps: Vec<usize>,
    key: String,
    on_key: bool,
}

/// A node and its place.
#[derive(Clone)]
pub(super) struct Spot<'a> {
    pub(super) node: &'a Node,
    pub(super) at: At,
}

/// The fields of a group of keys.
pub(super) struct Fields<'a> {
    at: At,
    entries: &'a [(String, Node)],
}

impl<'a> Report<'a> {
    /// Parses a text; a syntax error is the only problem then.
    pub(super) fn parse(file: &'a str, text: &'a str) -> Result<(Self, Node), Vec<Problem>> {
        let report = Self {
            file,
            text,
            problems: Vec::new(),
            local: Vec::new(),
        };
        match yaml::parse(text) {
            Ok(node) => Ok((report, node)),
            Err(broken) => {
                let hint = "check the indentation, and quote texts with `:` or `#`".to_owned();
                Err(vec![report.problem(broken.place, "", broken.message, hint)])
            }
        }
    }

    /// A report that nobody reads.
    pub(super) fn unheard() -> Self {
        Self {
            file: "",
            text: "",
            problems: Vec::new(),
            local: Vec::new(),
        }
    }

    /// What was noted, as doubts that keep nothing from being loaded.
    pub(super) fn into_warnings(self) -> Vec<Problem> {
        let warning = |problem| Problem {
            is_warning: true,
            ..problem
        };
        self.problems.into_iter().map(warning).collect()
    }

    /// Notes a problem with a hint.
    pub(super) fn add(&mut self, at: &At, message: impl Into<String>, hint: impl Into<String>) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let place = yaml::locate(self.text, &at.steps, at.on_key);
        let problem = self.problem(place, &at.key, message.into(), hint.into());
        self.problems.push(problem);
    }

    fn problem(&self, at: Place, key: &str, message: String, hint: String) -> Problem {
        Problem {
            file: self.file.to_owned(),
            line: at.line,
            column: at.column,
            width: token_width(self.text, at),
            key: key.to_owned(),
            message,
            hint: Some(hint),
            is_warning: false,
        }
    }

    /// The value if nothing was wrong, else every problem in the order of the file.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<Problem>> {
        self.compare_languages();
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => {
                self.problems
                    .sort_by_key(|problem| (problem.line, problem.column));
                Err(self.problems)
            }
        }
    }

    /// Notes which languages a text has; English must be among them.
    pub(super) fn has_languages(&mut self, at: &At, languages: BTreeSet<Language>) {
        self.local.push((at.clone(), languages));
    }

    /// A language that any text has must be in every text.
    fn compare_languages(&mut self) {
        let texts = std::mem::take(&mut self.local);
        let mut wanted = BTreeSet::from([Language::EN]);
        wanted.extend(texts.iter().flat_map(|(_, languages)| languages));
        for (at, languages) in &texts {
            for missing in wanted.difference(languages) {
                let message = format!("the text in `{missing}` is missing");
                let hint = format!("add `{missing}: …`: every text needs the same languages");
                self.add(at, message, hint);
            }
        }
    }
}

/// Characters from a place to the end of the word there.
fn token_width(text: &str, place: Place) -> usize {
    let line = text.lines().nth(place.line - 1).unwrap_or_default();
    line.chars()
        .skip(place.column - 1)
        .take_while(|c| !c.is_whitespace() && !matches!(c, ',' | '}' | ']' | ':'))
        .count()
        .max(1)
}

impl At {
    fn child(&self, position: usize, name: &str) -> Self {
        let mut steps = self.steps.clone();
        steps.push(position);
        let dot = if self.key.is_empty() { "" } else { "." };
        Self {
            steps,
            key: format!("{}{dot}{name}", self.key),
            on_key: false,
        }
    }

    fn item(&self, position: usize) -> Self {
        let mut at = self.child(position, "");
        at.key = format!("{}[{position}]", self.key);
        at
    }

    fn on_key(mut self) -> Self {
        self.on_key = true;
        self
    }
}

impl<'a> Spot<'a> {
    /// The root of a file.
    pub(super) fn root(node: &'a Node) -> Self {
        Self {
            node,
            at: At::default(),
        }
    }

    /// The fields of a group; unknown and doubled keys are noted.
    pub(super) fn fields(&self, report: &mut Report<'_>, known: &[&str]) -> Option<Fields<'a>> {
        let fields = self.any_fields(report)?;
        for (position, (key, _)) in fields.entries.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                let at = self.at.child(position, key).on_key();
                let message = format!("`{key}` is not a known key here");
                report.add(&at, message, suggest(key, known.iter().copied()));
            }
        }
        Some(fields)
    }

    /// The fields of a group whose keys are free; doubled keys are noted.
    pub(super) fn any_fields(&self, report: &mut Report<'_>) -> Option<Fields<'a>> {
        let Node::Map(entries) = self.node else {
            let message = format!("here stands {}, not a group of keys", self.node.kind());
            report.add(&self.at, message, "write `key: value` lines, indented");
            return None;
        };
        let mut seen = BTreeSet::new();
        for (position, (key, _)) in entries.iter().enumerate() {
            if !seen.insert(key) {
                let at = self.at.child(position, key).on_key();
                report.add(
                    &at,
                    format!("`{key}` stands here twice"),
                    "remove one of them",
                );
            }
        }
        Some(Fields {
            at: self.at.clone(),
            entries,
        })
    }

    /// The field of a group that has been checked before.
    pub(super) fn field(&self, name: &str) -> Option<Self> {
        let Node::Map(entries) = self.node else {
            return None;
        };
        let at = self.at.clone();
        Fields { at, entries }.get(name)
    }

    /// The items of a list that may hold at most `most`.
    pub(super) fn items(&self, report: &mut Report<'_>, most: usize) -> Vec<Self> {
        let Node::Seq(items) = self.node else {
            let message = format!("here stands {}, not a list", self.node.kind());
            report.add(&self.at, message, "start each item with `- `");
            return Vec::new();
        };
        if items.len() > most {
            let message = format!("{} items are too many; at most {most}", items.len());
            report.add(&self.at, message, "remove some");
        }
        items
            .iter()
            .take(most)
            .enumerate()
            .map(|(position, node)| Self {
                node,
                at: self.at.item(position),
            })
            .collect()
    }

    /// A text that is not empty, has no control characters and is not too long.
    pub(super) fn text(&self, report: &mut Report<'_>, most_chars: usize) -> Option<String> {
        let Node::Scalar(text) = self.node else {
            let message = format!("here stands {}, not a text", self.node.kind());
            report.add(&self.at, message, "write a text");
            return None;
        };
        let text = text.trim();
        let length = text.chars().count();
        if text.is_empty() {
            report.add(&self.at, "the text is empty", "write it, or remove the key");
        } else if length > most_chars {
            let message = format!("the text has {length} characters; at most {most_chars}");
            report.add(&self.at, message, "shorten it");
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            report.add(&self.at, "the text has control characters", "write it anew");
        } else {
            return Some(text.to_owned());
        }
        None
    }

    /// A key of letters, digits and single hyphens, such as `desk-lamp`.
    pub(super) fn id(&self, report: &mut Report<'_>) -> Option<String> {
        const MAX_ID_CHARS: usize = 60;
        let id = self.text(report, MAX_ID_CHARS)?;
        let kebab = id.split('-').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
        if !kebab {
            let hint = "small letters, digits and single hyphens, such as `desk-lamp`";
            report.add(&self.at, format!("`{id}` cannot be an id"), hint);
            return None;
        }
        Some(id)
    }

    /// A text per language.
    pub(super) fn local(&self, report: &mut Report<'_>, most_chars: usize) -> LocalText {
        let texts = self.by_language(report, |spot, report| spot.text(report, most_chars));
        LocalText(texts)
    }

    /// A list of short texts per language.
    pub(super) fn local_lists(
        &self,
        report: &mut Report<'_>,
        most: usize,
    ) -> BTreeMap<Language, Vec<(String, At)>> {
        self.by_language(report, |spot, report| {
            let items = spot.items(report, most);
            if items.is_empty() {
                report.add(&spot.at, "the list is empty", "write at least one");
            }
            let read = |item: &Self, report: &mut Report<'_>| {
                item.text(report, MAX_NAME_CHARS)
                    .map(|text| (text, item.at.clone()))
            };
            Some(items.iter().filter_map(|item| read(item, report)).collect())
        })
    }

    fn by_language<T>(
        &self,
        report: &mut Report<'_>,
        read: impl Fn(&Self, &mut Report<'_>) -> Option<T>,
    ) -> BTreeMap<Language, T> {
        let Some(fields) = self.any_fields(report) else {
            return BTreeMap::new();
        };
        let (mut values, mut languages) = (BTreeMap::new(), BTreeSet::new());
        for (name, spot) in fields.all() {
            match name.parse::<Language>() {
                Ok(language) if language.code() == name => {
                    languages.insert(language);
                    values.extend(read(&spot, report).map(|value| (language, value)));
                }
                _ => report.add(
                    &spot.at.clone().on_key(),
                    format!("`{name}` is not a language"),
                    "write two small letters, such as `en` or `zh` (ISO 639-1)",
                ),
            }
        }
        report.has_languages(&self.at, languages);
        values
    }
}

impl<'a> Fields<'a> {
    /// The field, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<Spot<'a>> {
        let position = self.entries.iter().position(|(key, _)| key == name)?;
        Some(Spot {
            node: &self.entries[position].1,
            at: self.at.child(position, name),
        })
    }

    /// The field; that it is missing is a problem.
    pub(super) fn require(&self, report: &mut Report<'_>, name: &str) -> Option<Spot<'a>> {
        let found = self.get(name);
        if found.is_none() {
            report.add(
                &self.at,
                format!("`{name}` is missing"),
                format!("add `{name}: …`"),
            );
        }
        found
    }

    /// Every field with its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, Spot<'a>)> + '_ {
        self.entries
            .iter()
            .enumerate()
            .map(|(position, (key, node))| {
                let at = self.at.child(position, key);
                (key.as_str(), Spot { node, at })
            })
    }
}
