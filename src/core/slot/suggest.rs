//! An answer that rules cannot read, for the model to read: it chooses among the values that there
//! may be, and its choice is a suggestion. Only the customer's yes makes it a value.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde_json::json;

use super::{Refusal, SlotKind, SlotSpec, read};
use crate::{
    FaqHit, Language, Money, SlotValue, Turn, find,
    ports::{Constraint, Prompt},
    prompt,
    script::fits_language,
    wording,
};

/// A longer answer says more than one value.
const LONGEST_CHARS: usize = 200;

/// What the model writes where an answer means no value.
const NONE: &str = "none";

/// The key of a number that the model writes.
const KEY: &str = "value";

/// What the model took an answer for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Of which slot.
    pub slot: String,
    /// The value.
    pub value: SlotValue,
    /// The value, as the customer reads it.
    pub label: String,
}

/// An answer that rules cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    spec: SlotSpec,
    /// The values that it may mean, where they can be told: with their names for the model.
    values: Vec<(String, SlotValue)>,
}

/// The answer to what was asked last, where rules read no value in it and it asks for nothing itself.
pub fn unread(specs: &[SlotSpec], turn: &Turn) -> Option<Unread> {
    let awaiting = turn.awaiting.as_ref()?;
    let spec = specs.iter().find(|it| it.name == *awaiting)?;
    let values = values(spec, turn)?;
    let says_no_more = asks_for_nothing(turn) && turn.text.chars().count() <= LONGEST_CHARS;
    let is_unread = matches!(
        read::value(spec, specs, true, turn),
        None | Some(Err(Refusal::SeveralMeant))
    );
    (says_no_more && is_unread).then(|| Unread {
        spec: spec.clone(),
        values,
    })
}

/// How a model would write a value, or that there is none, where it is held to the form of values:
/// for whoever plays a conversation again. `None` where it writes freely.
pub fn in_form(value: Option<&SlotValue>, constraint: &Constraint) -> Option<String> {
    match constraint {
        Constraint::Free => None,
        Constraint::Choice(choices) => {
            let named = value.map(ToString::to_string);
            let chosen = named.filter(|it| choices.contains(it));
            Some(chosen.unwrap_or_else(|| NONE.to_owned()))
        }
        Constraint::JsonSchema(_) => {
            let number = match value {
                Some(SlotValue::Number(number)) => number.to_i64(),
                Some(SlotValue::Money(money)) => money.amount.to_i64(),
                _ => None,
            };
            Some(json!({ KEY: number }).to_string())
        }
    }
}

/// Whether a message is an answer and no question of its own.
fn asks_for_nothing(turn: &Turn) -> bool {
    let understood = &turn.understanding;
    let is_question = turn.text.trim().is_empty() || turn.text.contains(['?', '？']);
    let answers = understood.faq.first().map_or(0.0, |it| it.score);
    !is_question && understood.asks_for_nothing() && answers < FaqHit::LIKELY
}

/// The values that a message may mean: all that can be chosen, or the several that it names. `None`
/// where a value has no form that could be written down beforehand or constrained.
fn values(spec: &SlotSpec, turn: &Turn) -> Option<Vec<(String, SlotValue)>> {
    let named = |value: SlotValue| (value.to_string(), value);
    let mut values: Vec<(String, SlotValue)> = match spec.kind {
        SlotKind::Text | SlotKind::Email | SlotKind::Phone => return None,
        SlotKind::Choice => {
            let ids = spec.options.iter().map(|it| it.id.clone());
            ids.map(|id| named(SlotValue::Text(id))).collect()
        }
        SlotKind::Number | SlotKind::Quantity => {
            let found = find::numbers(&turn.text).into_iter();
            found.map(|it| named(SlotValue::Number(it.value))).collect()
        }
        SlotKind::Money => {
            let home = turn.catalog.currency;
            let found = find::amounts(&turn.text, home).into_iter();
            let home_ones = found.filter(|it| it.value.currency == home);
            home_ones
                .map(|it| named(SlotValue::Money(it.value)))
                .collect()
        }
        SlotKind::Date => {
            let found = find::dates(&turn.text, turn.today()).into_iter();
            found.map(|it| named(SlotValue::Date(it.value))).collect()
        }
    };
    values.retain(|(name, value)| {
        name != NONE && !name.is_empty() && spec.refusal(value, turn.today()).is_none()
    });
    values.dedup();
    // A day has no form that a grammar could hold to the calendar.
    (!values.is_empty() || is_counted(spec.kind)).then_some(values)
}

const fn is_counted(kind: SlotKind) -> bool {
    matches!(
        kind,
        SlotKind::Number | SlotKind::Quantity | SlotKind::Money
    )
}

impl Unread {
    /// What the model is asked.
    pub fn prompt(&self, turn: &Turn) -> Prompt {
        let language = turn.understanding.language;
        let asked = self.spec.ask.as_ref().map(|it| it.get(language));
        let mut values: Vec<String> = self.values.iter().map(|it| it.0.clone()).collect();
        if values.is_empty() {
            values.push("a number".to_owned());
        }
        values.push(NONE.to_owned());
        prompt::for_slot(asked.unwrap_or(&self.spec.name), &values, &turn.text)
    }

    /// What it may write.
    pub fn constraint(&self) -> Constraint {
        if self.values.is_empty() {
            return Constraint::JsonSchema(json!({
                "type": "object",
                "properties": { KEY: { "type": ["integer", "null"] } },
                "required": [KEY],
                "additionalProperties": false,
            }));
        }
        let names = self.values.iter().map(|it| it.0.clone());
        Constraint::Choice(names.chain([NONE.to_owned()]).collect())
    }

    /// What it suggests by what it wrote, if anything that the slot may hold.
    pub fn suggestion(&self, written: &str, turn: &Turn) -> Option<Suggestion> {
        let written = written.trim();
        let value = if self.values.is_empty() {
            self.number(written, turn)?
        } else {
            self.values.iter().find(|it| it.0 == written)?.1.clone()
        };
        let may_hold = self.spec.refusal(&value, turn.today()).is_none();
        may_hold.then(|| Suggestion {
            slot: self.spec.name.clone(),
            label: self.label(&value, turn.understanding.language),
            value,
        })
    }

    fn number(&self, written: &str, turn: &Turn) -> Option<SlotValue> {
        let written: serde_json::Value = serde_json::from_str(written).ok()?;
        let number = Decimal::from(written.get(KEY)?.as_i64()?);
        Some(match self.spec.kind {
            SlotKind::Money => SlotValue::Money(Money::new(number, turn.catalog.currency)),
            _ => SlotValue::Number(number),
        })
    }

    /// A value as a customer reads it: a choice by what customers call it.
    fn label(&self, value: &SlotValue, language: Language) -> String {
        match value {
            SlotValue::Text(id) => {
                let mut options = self.spec.options.iter();
                let option = options.find(|it| it.id == *id);
                let mut words = option.into_iter().flat_map(|it| &it.words);
                let own = words.find(|it| fits_language(it, language));
                own.unwrap_or(id).clone()
            }
            SlotValue::Money(money) => wording::money(language, *money),
            SlotValue::Date(day) => wording::date(language, *day),
            SlotValue::Number(_) | SlotValue::Flag(_) => value.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
