//! The form of a file: conversations, what the customer does in each, and what must come of it.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error};

use super::places::Places;
use crate::diagnostics::Diagnostic;

/// A file with conversations. Larger ones are refused before they are read.
const MOST_BYTES: u64 = 4_000_000;

/// The most facts that are said in any order: more orders than 120 tell nothing new.
const MOST_FACTS: usize = 5;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    conversations: Vec<Case>,
}

/// One conversation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// What it shows; unlike all others of its file.
    pub(super) name: String,
    /// When it begins. The clock stands still but for `after`.
    #[serde(default = "default_begin")]
    pub(super) at: Timestamp,
    /// The language of the customer's device, as the platform tells it.
    pub(super) locale: Option<String>,
    /// What the model writes, in order, wherever it is asked to.
    #[serde(default)]
    pub(super) model: Vec<String>,
    /// What the customer does, in order.
    #[serde(default)]
    pub(super) turns: Vec<Step>,
    /// What the customer says in any order: every order is played.
    #[serde(default)]
    pub(super) any_order: Vec<String>,
    /// What has come of it in the end.
    #[serde(default)]
    pub(super) expect: Expect,
    #[serde(skip)]
    pub(super) places: Places,
}

impl Case {
    /// A conversation of which nothing is known yet.
    pub(super) fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            at: default_begin(),
            locale: None,
            model: Vec::new(),
            turns: Vec::new(),
            any_order: Vec::new(),
            expect: Expect::default(),
            places: Places::default(),
        }
    }
}

fn default_begin() -> Timestamp {
    // Noon of a Monday, as in the documentation.
    Timestamp::UNIX_EPOCH + Duration::from_hours(494_748)
}

/// What the customer does, or that time passes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// Writes this, or gives a command: `/start`.
    pub(super) says: Option<String>,
    /// Presses the button of this label under the last reply.
    pub(super) presses: Option<String>,
    /// Nothing, for so long: what is due then is said.
    pub(super) after: Option<SignedDuration>,
    /// What must come of it.
    #[serde(default)]
    pub(super) expect: Expect,
}

/// What must have come of a turn. What is not named may be anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// The words of the reply.
    pub(super) reply: Option<Words>,
    /// Nothing is said.
    pub(super) silence: Option<bool>,
    /// The stage after the turn.
    pub(super) stage: Option<String>,
    /// What is remembered after the turn; `null` for what is not.
    #[serde(default)]
    pub(super) slots: BTreeMap<String, serde_yaml::Value>,
    /// What the playbook asked for, in order, by the actions' names.
    pub(super) actions: Option<Vec<String>>,
    /// What is offered.
    pub(super) offer: Option<Offer>,
    /// Whether a person was called, or why, in part.
    pub(super) escalated: Option<Escalated>,
    /// No amount of money but these is in the reply.
    pub(super) prices: Option<Vec<Amount>>,
    /// The language of the conversation after the turn.
    pub(super) language: Option<String>,
}

/// What a text must hold: written as a text, as several, or in detail.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(pub(super) Detailed);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = serde_yaml::Value::deserialize(from)?;
        if value.is_mapping() {
            let detailed = serde_yaml::from_value(value).map_err(D::Error::custom)?;
            return Ok(Self(detailed));
        }
        let contains = texts(value)?;
        Ok(Self(Detailed {
            contains,
            ..Detailed::default()
        }))
    }
}

/// What a text must hold, in detail.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Detailed {
    /// Nothing but this.
    pub(super) is: Option<String>,
    /// All of these.
    #[serde(default, deserialize_with = "one_or_many")]
    pub(super) contains: Vec<String>,
    /// None of these.
    #[serde(default, deserialize_with = "one_or_many")]
    pub(super) lacks: Vec<String>,
}

/// An amount of money, written `49.90` or `49.90 EUR`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount(pub(super) Decimal);

impl Amount {
    pub(super) fn of(value: &serde_yaml::Value) -> Option<Self> {
        let number = match value {
            serde_yaml::Value::String(text) => text.split_whitespace().next()?.parse(),
            serde_yaml::Value::Number(number) => number.to_string().parse(),
            _ => return None,
        };
        number.ok().map(Self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = serde_yaml::Value::deserialize(from)?;
        let wrong = || D::Error::custom("an amount is wanted here, 49.90 or 49.90 EUR");
        Self::of(&value).ok_or_else(wrong)
    }
}

/// What is offered; what is not named may be anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Offer {
    pub(super) product: Option<String>,
    pub(super) variant: Option<String>,
    pub(super) quantity: Option<u32>,
    /// As the customer reads it, `99.80 EUR`.
    pub(super) price: Option<String>,
}

/// Whether a person was called.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Escalated {
    Whether(bool),
    /// A part of the reason.
    Because(String),
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    texts(serde_yaml::Value::deserialize(from)?)
}

/// A text or several. A number is refused, because `49.90` would be read as `49.9`.
fn texts<E: Error>(value: serde_yaml::Value) -> Result<Vec<String>, E> {
    let values = match value {
        serde_yaml::Value::Sequence(values) => values,
        one => vec![one],
    };
    let text = |value| match value {
        serde_yaml::Value::String(text) => Ok(text),
        _ => Err(E::custom(
            "words are wanted here; put a number in quotes, \"49.90\"",
        )),
    };
    values.into_iter().map(text).collect()
}

/// Every conversation of every `*.yaml` file of a folder, in the order of their names.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<Case>, Vec<Diagnostic>> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        vec![Diagnostic {
            file: path.display().to_string(),
            message: format!("cannot be read: {error}"),
            hint: Some(HOW_TO_BEGIN.to_owned()),
            ..Diagnostic::default()
        }]
    };
    let listed = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut paths: Vec<_> = listed.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|it| it == "yaml" || it == "yml")
    });
    paths.sort();
    let (mut texts, mut problems) = (Vec::new(), Vec::new());
    for path in &paths {
        match read_file(path) {
            Ok(text) => texts.push((path.display().to_string(), text)),
            Err(error) => problems.extend(unreadable(path, &error)),
        }
    }
    let named: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    match read_texts(&named) {
        Ok(cases) if problems.is_empty() => Ok(cases),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            Err(problems)
        }
    }
}

const HOW_TO_BEGIN: &str = "conversations stand in `scripts/tests/*.yaml` beside \
     `scripts/playbooks`; name another folder with --folder";

fn read_file(path: &Path) -> std::io::Result<String> {
    if fs::metadata(path)?.len() > MOST_BYTES {
        let large = format!("it is larger than {MOST_BYTES} bytes");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, large));
    }
    fs::read_to_string(path)
}

/// Every conversation of these files, each with its name.
pub(super) fn read_texts(texts: &[(&str, &str)]) -> Result<Vec<Case>, Vec<Diagnostic>> {
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for (file, text) in texts {
        match parse(file, text) {
            Ok(more) => cases.extend(more),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() {
        Ok(cases)
    } else {
        Err(problems)
    }
}

fn parse(file: &str, text: &str) -> Result<Vec<Case>, Vec<Diagnostic>> {
    let parsed: CaseFile = serde_yaml::from_str(text).map_err(|error| {
        let place = error.location();
        vec![Diagnostic {
            file: file.to_owned(),
            line: place.as_ref().map(serde_yaml::Location::line),
            column: place.as_ref().map(serde_yaml::Location::column),
            length: 1,
            message: without_place(&error.to_string()),
            hint: Some("`consultant playbook test --help` shows the form".to_owned()),
            text: Some(text.to_owned()),
            ..Diagnostic::default()
        }]
    })?;
    let mut problems = Vec::new();
    let mut cases: Vec<Case> = Vec::new();
    for mut case in parsed.conversations {
        case.places = Places::find(file, text, &case.name);
        let is_known = cases.iter().any(|other| other.name == case.name);
        if let Some((message, hint)) = what_is_wrong(&case, is_known) {
            problems.push(Diagnostic {
                file: file.to_owned(),
                line: Some(case.places.name),
                length: 1,
                key: Some(format!("conversation `{}`", case.name)),
                message: message.to_owned(),
                hint: Some(hint.to_owned()),
                ..Diagnostic::default()
            });
        }
        cases.push(case);
    }
    if problems.is_empty() {
        Ok(cases)
    } else {
        Err(problems)
    }
}

/// The place is told beside the message already.
fn without_place(message: &str) -> String {
    let end = message.find(" at line ").unwrap_or(message.len());
    message.get(..end).unwrap_or(message).to_owned()
}

/// What is wrong with it, and what to do.
fn what_is_wrong(case: &Case, is_known: bool) -> Option<(&'static str, &'static str)> {
    let does_one_thing = |step: &Step| {
        let things = [
            step.says.is_some(),
            step.presses.is_some(),
            step.after.is_some(),
        ];
        things.iter().filter(|it| **it).count() == 1
    };
    let passes = |step: &Step| step.after.is_none_or(|time| time.is_positive());
    if case.name.trim().is_empty() {
        return Some(("it has no name", "say in `name` what it shows"));
    }
    if is_known {
        return Some(("another one has this name", "give each a name of its own"));
    }
    if case.turns.is_empty() == case.any_order.is_empty() {
        let hint = "give it either `turns` or `any_order`";
        return Some(("nothing happens in it, or two things at once", hint));
    }
    if case.any_order.len() > MOST_FACTS {
        return Some(("`any_order` has more than five facts", "split it"));
    }
    if !case.turns.iter().all(does_one_thing) {
        let hint = "a turn has one of `says`, `presses` and `after`";
        return Some(("a turn does nothing, or two things at once", hint));
    }
    if !case.turns.iter().all(passes) {
        return Some(("time does not pass backwards", "write `after: 24h`"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, expect: &str) {
        let problems = read_texts(&[("a.yaml", text)]).unwrap_err();
        let told: String = problems.iter().map(Diagnostic::render).collect();
        assert!(told.contains(expect), "{told}");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_place() {
        check_refused("conversations: [", "a.yaml:2");
        check_refused("talks: []", "unknown field `talks`");
        let price = "turns: [{says: hi, expect: {prices: [cheap]}}]";
        check_refused(
            &format!("conversations: [{{name: a, {price}}}]"),
            "an amount",
        );
        let number = "turns: [{says: hi, expect: {reply: 49.90}}]";
        check_refused(
            &format!("conversations: [{{name: a, {number}}}]"),
            "in quotes",
        );
        let one = |rest: &str| format!("conversations:\n  - name: a\n    {rest}\n");
        check_refused(
            &one("turns: []"),
            "a.yaml:2: conversation `a`: nothing happens",
        );
        check_refused(&one("turns: [{says: hi, after: 1h}]"), "two things at once");
        check_refused(&one("turns: [{after: -1h}]"), "backwards");
        check_refused(&one("any_order: [a, b, c, d, e, f]"), "more than five");
        check_refused(
            &one("turns: [{says: hi, expect: {replies: x}}]"),
            "unknown field",
        );
        let twice =
            "conversations:\n  - {name: a, turns: [{says: x}]}\n  - {name: a, turns: [{says: x}]}";
        check_refused(twice, "another one has this name");
    }

    #[test]
    fn a_folder_that_is_not_there_is_told_with_what_to_do() {
        let problems = read_folder(Path::new("/no/such/folder")).unwrap_err();
        let told = problems[0].render();
        assert!(
            told.contains("/no/such/folder") && told.contains("--folder"),
            "{told}"
        );
    }
}
