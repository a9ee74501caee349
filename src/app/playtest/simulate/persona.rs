//! The form of a file of personas.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::{company::Company, diagnostics::Diagnostic};

/// A file of personas. Larger ones are refused before they are read.
const MOST_BYTES: u64 = 1_000_000;
/// The most messages that one of them writes.
const MOST_PATIENCE: u32 = 100;
/// The most characters that tell who one of them is.
const MOST_MANNER: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonaFile {
    personas: Vec<Persona>,
}

/// A customer who does not exist.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::playtest) struct Persona {
    pub(super) name: String,
    pub(super) goal: Goal,
    /// Who it is and how it writes, for a model that plays it: "is in a hurry and greets nobody".
    pub(super) manner: Option<String>,
    /// What it may begin with; never empty.
    pub(super) opens: Vec<String>,
    /// What else it may want to know on the way.
    #[serde(default)]
    pub(super) asks: Vec<String>,
    /// What it may say when a slot is asked for; `other` for all that are not named.
    #[serde(default)]
    pub(super) answers: BTreeMap<String, Vec<String>>,
    /// What it may say to an offer that it can pay for.
    #[serde(default)]
    pub(super) buys: Vec<String>,
    /// What it can pay at the most, in the catalogue's currency.
    pub(super) budget: Option<Decimal>,
    pub(super) objects: Option<Objects>,
    /// How many messages it writes before it gives up.
    #[serde(default = "default_patience")]
    pub(super) patience: u32,
    /// How many of its messages have a typo, in percent.
    #[serde(default)]
    pub(super) typos: u8,
}

fn default_patience() -> u32 {
    10
}

/// What makes a persona content.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) struct Goal {
    /// The conversation is in this stage.
    pub(super) stage: Option<String>,
    /// A person is called.
    pub(super) escalated: Option<bool>,
    /// This reviewed answer was given.
    pub(super) answer: Option<String>,
    /// All of these are known.
    #[serde(default)]
    pub(super) slots: Vec<String>,
}

/// How a persona objects to offers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Objects {
    /// How often, in percent of the offers.
    pub(super) percent: u8,
    pub(super) says: Vec<String>,
}

/// Where the form is shown.
const FORM: &str = "the head of the demo's `scripts/personas.yaml` shows the form";

/// Reads a file of personas.
pub(super) fn read(file: &Path) -> Result<Vec<Persona>, Vec<Diagnostic>> {
    let name = file.display().to_string();
    let unreadable = |why: String| {
        vec![Diagnostic {
            file: name.clone(),
            message: format!("cannot be read: {why}"),
            hint: Some(FORM.to_owned()),
            ..Diagnostic::default()
        }]
    };
    let size = fs::metadata(file).map_err(|error| unreadable(error.to_string()))?;
    if size.len() > MOST_BYTES {
        return Err(unreadable(format!("it has more than {MOST_BYTES} bytes")));
    }
    let text = fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    parse(&name, &text)
}

/// Reads the text of such a file.
pub(in crate::playtest) fn parse(name: &str, text: &str) -> Result<Vec<Persona>, Vec<Diagnostic>> {
    let parsed: PersonaFile = serde_yaml::from_str(text).map_err(|error| {
        let place = error.location();
        let problem = Diagnostic {
            file: name.to_owned(),
            line: place.as_ref().map(serde_yaml::Location::line),
            column: place.as_ref().map(serde_yaml::Location::column),
            length: 1,
            message: error.to_string(),
            hint: Some(FORM.to_owned()),
            text: Some(text.to_owned()),
            ..Diagnostic::default()
        };
        vec![problem.within_its_text()]
    })?;
    let mut names = BTreeSet::new();
    let twice = parsed.personas.iter().find(|it| !names.insert(&it.name));
    let twice = twice.map(|it| {
        (
            it,
            "another persona has this name, and their figures would mix",
        )
    });
    let wrong = parsed.personas.iter().find_map(|it| Some((it, wrong(it)?)));
    let wrong = wrong.or(twice);
    match wrong {
        None => Ok(parsed.personas),
        Some((persona, what)) => Err(vec![Diagnostic {
            file: name.to_owned(),
            key: Some(format!("persona `{}`", persona.name)),
            message: what.to_owned(),
            hint: Some(FORM.to_owned()),
            ..Diagnostic::default()
        }]),
    }
}

/// Goals that nobody can reach, because the company has no such stage or answer.
pub(super) fn lacking(file: &str, personas: &[Persona], company: &Company) -> Vec<Diagnostic> {
    let faq = company.knowledge.faq();
    let problems = personas.iter().filter_map(|persona| {
        let stages: Vec<&str> = company
            .stages
            .iter()
            .map(|(stage, _)| stage.as_str())
            .collect();
        let answers: Vec<&str> = faq.entries.iter().map(|it| it.id.as_str()).collect();
        let goal = &persona.goal;
        let lacks = |wanted: &Option<String>, there: &[&str]| {
            wanted.clone().filter(|it| !there.contains(&it.as_str()))
        };
        let (what, known) = match (lacks(&goal.stage, &stages), lacks(&goal.answer, &answers)) {
            (Some(stage), _) => (format!("the playbook has no stage `{stage}`"), stages),
            (_, Some(answer)) => (format!("the FAQ has no answer `{answer}`"), answers),
            (None, None) => return None,
        };
        Some(Diagnostic {
            file: file.to_owned(),
            key: Some(format!("persona `{}`", persona.name)),
            message: format!("its goal cannot be reached: {what}"),
            hint: Some(format!("there are: {}", known.join(", "))),
            ..Diagnostic::default()
        })
    });
    problems.collect()
}

fn wrong(persona: &Persona) -> Option<&'static str> {
    let goal = &persona.goal;
    let has_goal = goal.stage.is_some()
        || goal.escalated.is_some()
        || goal.answer.is_some()
        || !goal.slots.is_empty();
    let manner = persona.manner.as_deref().unwrap_or_default();
    let percents = [
        persona.typos,
        persona.objects.as_ref().map_or(0, |it| it.percent),
    ];
    let objects = persona.objects.as_ref();
    if persona.opens.is_empty() {
        Some("`opens` is empty: how does it begin?")
    } else if !has_goal {
        Some("`goal` is empty: what makes it content?")
    } else if percents.iter().any(|percent| *percent > 100) {
        Some("a share is 0 to 100 percent")
    } else if manner.chars().count() > MOST_MANNER {
        Some("`manner` is at most 200 characters")
    } else if objects.is_some_and(|it| it.says.is_empty()) {
        Some("`objects` says nothing")
    } else if !(1..=MOST_PATIENCE).contains(&persona.patience) {
        Some("`patience` is 1 to 100 messages")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(persona: &str, expect: &str) {
        let text = format!("personas:\n  - {{{persona}}}\n");
        let told = parse("p.yaml", &text).unwrap_err();
        let told: String = told.iter().map(Diagnostic::render).collect();
        assert!(told.contains(expect), "{told}");
        assert!(told.contains("p.yaml"), "{told}");
    }

    #[test]
    fn what_is_wrong_with_a_persona_is_told() {
        check("name: a, goal: {stage: x}, opens: []", "`opens` is empty");
        check("name: a, goal: {}, opens: [hi]", "`goal` is empty");
        check(
            "name: a, goal: {stag: x}, opens: [hi]",
            "unknown field `stag`",
        );
        check(
            "name: a, goal: {stage: x}, opens: [hi], typos: 101",
            "0 to 100",
        );
        check(
            "name: a, goal: {stage: x}, opens: [hi], patience: 0",
            "1 to 100 messages",
        );
        check(
            "name: a, goal: {stage: x}, opens: [hi], objects: {percent: 5, says: []}",
            "says nothing",
        );
    }

    #[test]
    fn two_of_one_name_are_refused() {
        check(
            "name: a, goal: {stage: x}, opens: [hi]}\n  - {name: a, goal: {stage: y}, opens: [hi]",
            "another persona has this name",
        );
    }

    #[test]
    fn the_demos_personas_are_right() {
        let (file, text) = super::super::DEMO;
        assert!(parse(file, text).unwrap().len() >= 6);
    }
}
