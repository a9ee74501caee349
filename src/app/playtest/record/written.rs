//! A conversation as it is written into a file: the form that `case` reads, the other way round.

use std::collections::BTreeMap;

use consultant_core::{Action, ChannelName, Happening, SlotValue};
use jiff::Timestamp;
use serde::Serialize;

use super::{Before, Seen, Step, Writes, reply};

const HEAD: &str = "\
# Recorded by `consultant playbook record`: it says all that came of the talk. Leave out what may
# change; `consultant playbook test --help` shows what else can be expected.
";

#[derive(Serialize)]
struct WrittenFile {
    conversations: Vec<WrittenCase>,
}

/// One conversation.
#[derive(Serialize)]
pub(super) struct WrittenCase {
    name: String,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<ChannelName>,
    #[serde(skip_serializing_if = "WrittenModel::is_silent")]
    model: WrittenModel,
    pub(super) turns: Vec<WrittenStep>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenModel {
    Texts(Vec<String>),
    None(&'static str),
}

/// What the customer did, and what came of it.
#[derive(Default, Serialize)]
pub(super) struct WrittenStep {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) says: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presses: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    expect: WrittenExpect,
}

#[derive(Default, Serialize)]
struct WrittenExpect {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reply: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    silence: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    slots: BTreeMap<String, serde_yaml::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<WrittenOffer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    escalated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
}

#[derive(Serialize)]
struct WrittenOffer {
    product: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    quantity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<String>,
}

impl WrittenModel {
    fn is_silent(&self) -> bool {
        matches!(self, Self::Texts(texts) if texts.is_empty())
    }
}

impl WrittenCase {
    pub(super) fn begun(at: Timestamp, channel: ChannelName, model: &Writes) -> Self {
        Self {
            name: String::new(),
            at,
            channel: Some(channel).filter(|it| *it != ChannelName::Telegram),
            model: match model {
                Writes::Texts(texts) => WrittenModel::Texts(texts.clone()),
                Writes::None => WrittenModel::None("none"),
            },
            turns: Vec::new(),
        }
    }

    /// More that the model wrote.
    pub(super) fn wrote(&mut self, more: &[String]) {
        if let WrittenModel::Texts(texts) = &mut self.model {
            texts.extend_from_slice(more);
        }
    }

    /// A file of this conversation alone.
    pub(super) fn file(mut self, name: String) -> Result<String, serde_yaml::Error> {
        self.name = name;
        let file = WrittenFile {
            conversations: vec![self],
        };
        Ok(format!("{HEAD}\n{}", serde_yaml::to_string(&file)?))
    }
}

impl WrittenStep {
    pub(super) fn of(step: &Step, before: &Before, seen: &Seen) -> Self {
        Self {
            says: step.says.clone(),
            presses: step.presses.clone(),
            after: step.after.map(|time| format!("{time:#}")),
            expect: WrittenExpect::of(before, seen),
        }
    }
}

impl WrittenExpect {
    fn of(before: &Before, seen: &Seen) -> Self {
        let is_silent = seen.replies.is_empty();
        let session = seen.session.as_ref();
        let stage = session.map(|it| it.stage.clone());
        let language = session.map(|it| it.language);
        let is_new = language.is_some() && language != before.language;
        Self {
            reply: lines(&reply(seen)),
            silence: is_silent.then_some(true),
            actions: seen.actions.iter().map(Action::name).collect(),
            stage: stage.filter(|it| before.stage.as_ref() != Some(it)),
            slots: session.map_or_else(BTreeMap::new, |it| changes(&before.slots, &it.slots)),
            offer: offer(seen),
            escalated: escalated(seen),
            language: language.filter(|_| is_new).map(|it| it.to_string()),
        }
    }
}

/// Each line of a reply once.
fn lines(reply: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in reply.lines().map(str::trim).filter(|it| !it.is_empty()) {
        if !lines.iter().any(|known| known == line) {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// What is remembered anew or otherwise, and `null` for what is forgotten.
fn changes(
    before: &[(String, SlotValue)],
    after: &BTreeMap<String, SlotValue>,
) -> BTreeMap<String, serde_yaml::Value> {
    let is_known = |name: &str, value: &SlotValue| {
        let mut known = before.iter();
        known.any(|(other, old)| other == name && old == value)
    };
    let new = after.iter().filter(|(name, value)| !is_known(name, value));
    let new = new.map(|(name, value)| (name.clone(), yaml(value)));
    let gone = before.iter().filter(|(name, _)| !after.contains_key(name));
    let gone = gone.map(|(name, _)| (name.clone(), serde_yaml::Value::Null));
    new.chain(gone).collect()
}

fn yaml(value: &SlotValue) -> serde_yaml::Value {
    let whole = match value {
        SlotValue::Flag(flag) => return (*flag).into(),
        SlotValue::Number(number) => i64::try_from(*number)
            .ok()
            .filter(|_| number.fract().is_zero()),
        SlotValue::Text(_) | SlotValue::Money(_) | SlotValue::Date(_) => None,
    };
    whole.map_or_else(|| value.to_string().into(), Into::into)
}

/// Why a person is called, where one was called in this turn.
fn escalated(seen: &Seen) -> Option<String> {
    let is_new = |happening| matches!(happening, &Happening::Escalated { .. });
    let session = seen.session.as_ref();
    let why = session.and_then(|session| session.escalation.as_ref());
    why.filter(|_| seen.happenings.iter().any(is_new))
        .map(|why| why.reason.clone())
}

fn offer(seen: &Seen) -> Option<WrittenOffer> {
    let cards = seen.replies.iter().filter_map(|it| it.card.as_ref());
    let price = cards.filter_map(|card| card.price.clone()).next_back();
    seen.actions.iter().find_map(|action| match action {
        Action::Offer { items, .. } => items.first().map(|item| WrittenOffer {
            product: item.product.to_string(),
            variant: item.variant.as_ref().map(ToString::to_string),
            quantity: item.quantity,
            price: price.clone(),
        }),
        _ => None,
    })
}
