//! The form of a file: conversations, what the customer does in each, and what must come of it; and
//! cases of FAQ rules.

mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use consultant_core::{Catalog, ChannelName, Currency, Membership};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error};

use super::{faq::FaqCase, places::Places};
use crate::diagnostics::Diagnostic;

pub(super) use words::{Detailed, Words};

/// A file with conversations. Larger ones are refused before they are read.
const MOST_BYTES: u64 = 4_000_000;

/// The most facts that are said in any order: more orders than 120 tell nothing new.
const MOST_FACTS: usize = 5;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(default)]
    conversations: Vec<Case>,
    #[serde(default)]
    faq_rules: Vec<FaqCase>,
}

/// All that some files hold.
#[derive(Debug, Default)]
pub(super) struct Cases {
    pub(super) conversations: Vec<Case>,
    pub(super) faq_rules: Vec<FaqCase>,
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
    /// Where the customer writes. To a terminal nothing can be written later.
    #[serde(default = "default_channel")]
    pub(super) channel: ChannelName,
    /// Whom the customer belongs to.
    #[serde(default)]
    pub(super) served_as: BelongsTo,
    /// The language of the customer's device, as the platform tells it.
    pub(super) locale: Option<String>,
    /// What the model writes, in order, wherever it is asked to; or `none`.
    #[serde(default)]
    pub(super) model: Writes,
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

const fn default_channel() -> ChannelName {
    ChannelName::Telegram
}

impl Case {
    /// One in which nothing has happened yet.
    pub(super) fn begun(at: Timestamp, model: Writes) -> Self {
        Self {
            name: String::new(),
            at,
            channel: default_channel(),
            served_as: BelongsTo::default(),
            locale: None,
            model,
            turns: Vec::new(),
            any_order: Vec::new(),
            expect: Expect::default(),
            places: Places::default(),
        }
    }
}

/// Whom a customer belongs to, as a test says it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BelongsTo {
    pub(super) group: Option<String>,
    pub(super) region: Option<String>,
    pub(super) currency: Option<Currency>,
}

impl BelongsTo {
    /// The same as the engine knows it.
    pub(super) fn membership(&self) -> Membership {
        Membership {
            group: self.group.clone(),
            region: self.region.clone(),
            currency: self.currency,
        }
    }

    /// What of it the catalogue does not know, with what it knows instead.
    pub(super) fn unknown(&self, catalog: &Catalog) -> Option<(String, String)> {
        let groups: Vec<&str> = catalog.groups.iter().map(|it| it.id.as_str()).collect();
        let regions: Vec<&str> = catalog.regions.iter().map(String::as_str).collect();
        let named = [
            ("group", self.group.as_deref(), groups),
            ("region", self.region.as_deref(), regions),
        ];
        named.into_iter().find_map(|(what, name, known)| {
            let name = name.filter(|it| !known.contains(it))?;
            Some((
                format!("a {what} of the catalogue, not `{name}`"),
                known.join(", "),
            ))
        })
    }
}

/// What the model writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    /// These, in order.
    Texts(Vec<String>),
    /// There is no model, as with `model.enabled: false`.
    None,
}

impl Default for Writes {
    fn default() -> Self {
        Self::Texts(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Writes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match serde_yaml::Value::deserialize(from)? {
            serde_yaml::Value::String(word) if word == "none" => Ok(Self::None),
            value @ serde_yaml::Value::Sequence(_) => words::texts(value).map(Self::Texts),
            _ => Err(D::Error::custom(
                "the texts that the model writes are wanted here, as a list, or `none`",
            )),
        }
    }
}

pub(super) fn default_begin() -> Timestamp {
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

/// Every case of every `*.yaml` file of a folder, in the order of their names.
pub(super) fn read_folder(folder: &Path) -> Result<Cases, Vec<Diagnostic>> {
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

/// Every case of these files, each with its name.
pub(super) fn read_texts(texts: &[(&str, &str)]) -> Result<Cases, Vec<Diagnostic>> {
    let (mut cases, mut problems) = (Cases::default(), Vec::new());
    for (file, text) in texts {
        match parse(file, text) {
            Ok(more) => {
                cases.conversations.extend(more.conversations);
                cases.faq_rules.extend(more.faq_rules);
            }
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() {
        Ok(cases)
    } else {
        Err(problems)
    }
}

fn parse(file: &str, text: &str) -> Result<Cases, Vec<Diagnostic>> {
    let parsed: CaseFile = serde_yaml::from_str(text).map_err(|error| {
        let place = error.location();
        let message = without_place(&error.to_string());
        let told = place.map(|place| (place.line(), place.column()));
        let found = told.and_then(|(line, _)| words::place(text, line, &message));
        let problem = Diagnostic {
            file: file.to_owned(),
            line: found.or(told).map(|(line, _)| line),
            column: found.or(told).map(|(_, column)| column),
            length: 1,
            message,
            hint: Some("`consultant playbook test --help` shows the form".to_owned()),
            text: Some(text.to_owned()),
            ..Diagnostic::default()
        };
        vec![problem.within_its_text()]
    })?;
    let CaseFile {
        mut conversations,
        mut faq_rules,
    } = parsed;
    let mut problems = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for case in &mut conversations {
        case.places = Places::find(file, text, &case.name);
        let is_known = !known.insert(case.name.clone());
        let wrong = what_is_wrong(case, is_known);
        problems
            .extend(wrong.map(|wrong| refused("conversation", &case.places, &case.name, wrong)));
    }
    for case in &mut faq_rules {
        case.places = Places::find(file, text, &case.name);
        let is_known = !known.insert(case.name.clone());
        let wrong = wrong_name(&case.name, is_known).or_else(|| case.what_is_wrong());
        problems.extend(wrong.map(|wrong| refused("FAQ rule", &case.places, &case.name, wrong)));
    }
    if problems.is_empty() {
        Ok(Cases {
            conversations,
            faq_rules,
        })
    } else {
        Err(problems)
    }
}

/// What is wrong with a case, and what to do.
pub(super) type Wrong = (&'static str, &'static str);

fn refused(what: &str, places: &Places, name: &str, (message, hint): Wrong) -> Diagnostic {
    Diagnostic {
        file: places.file.clone(),
        line: Some(places.name),
        length: 1,
        key: Some(format!("{what} `{name}`")),
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
        ..Diagnostic::default()
    }
}

/// The place is told beside the message already.
fn without_place(message: &str) -> String {
    let end = message.find(" at line ").unwrap_or(message.len());
    message.get(..end).unwrap_or(message).to_owned()
}

fn wrong_name(name: &str, is_known: bool) -> Option<Wrong> {
    if name.trim().is_empty() {
        return Some(("it has no name", "say in `name` what it shows"));
    }
    is_known.then_some(("another one has this name", "give each a name of its own"))
}

fn what_is_wrong(case: &Case, is_known: bool) -> Option<Wrong> {
    let does_one_thing = |step: &Step| {
        let things = [
            step.says.is_some(),
            step.presses.is_some(),
            step.after.is_some(),
        ];
        things.iter().filter(|it| **it).count() == 1
    };
    let passes = |step: &Step| step.after.is_none_or(|time| time.is_positive());
    if let Some(wrong) = wrong_name(&case.name, is_known) {
        return Some(wrong);
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
        check_refused("conversations: [", "a.yaml:1:17");
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
        let draft = "exchange: {question: a, answer: b, source: person}, expect: none";
        let also = format!(
            "{}\nfaq_rules: [{{name: a, {draft}}}]\n",
            one("turns: [{says: x}]")
        );
        check_refused(&also, "FAQ rule `a`: another one has this name");
        check_refused(&one("model: some"), "as a list, or `none`");
    }

    #[test]
    fn a_wrong_expression_is_refused_with_its_place() {
        let of = |pattern: &str| {
            format!(
                "conversations:\n  - name: a\n    turns:\n      - says: hi\n        expect:\n          \
                 stage: greet\n          reply: {{matches: '{pattern}'}}\n"
            )
        };
        let told = "`4(9` is no regular expression: unclosed group";
        check_refused(&of("4(9"), told);
        check_refused(&of("4(9"), "a.yaml:7:29");
        check_refused(&of("\\w{9000}"), "size limit");
        assert!(read_texts(&[("a.yaml", &of("4[89]"))]).is_ok());
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
