//! Words and entities of a message that the bot writes, with Telegram's limits.

use serde_json::{Map, Value, json};

use super::{
    server::{Refusal, refuse},
    state::State,
};

/// The longest message, in UTF-16 units.
const LONGEST: usize = 4096;

/// Kinds that can stand in no other entity, nor hold one.
const ALONE: [&str; 2] = ["code", "pre"];

/// A message's words, trimmed as Telegram trims them.
pub(super) struct Words {
    text: String,
    entities: Vec<Value>,
}

impl Words {
    /// Replaces a message's words.
    pub(super) fn write_to(self, message: &mut Value) {
        message["text"] = json!(self.text);
        if let Some(fields) = message.as_object_mut() {
            fields.remove("entities");
        }
        if !self.entities.is_empty() {
            message["entities"] = json!(self.entities);
        }
    }
}

/// Reads `text` and `entities`. Entities that do not fit the text are a mistake of the bot's
/// author, so they are noted as a violation too: a plain retry must not hide them.
pub(super) fn read(state: &mut State, parameters: &Map<String, Value>) -> Result<Words, Refusal> {
    let text = parameters.get("text").and_then(Value::as_str);
    let text = text.unwrap_or_default();
    let units: Vec<u16> = text.encode_utf16().collect();
    if text.trim().is_empty() {
        return refuse(400, "Bad Request: message text is empty");
    }
    if units.len() > LONGEST {
        return refuse(400, "Bad Request: message is too long");
    }
    let entities = parameters.get("entities").and_then(Value::as_array);
    let entities = entities.cloned().unwrap_or_default();
    if let Some(problem) = problem(&units, &entities) {
        state.violations.push(problem.clone());
        return refuse(400, format!("Bad Request: can't parse entities: {problem}"));
    }
    Ok(Words {
        text: text.trim_end().to_owned(),
        entities,
    })
}

fn problem(units: &[u16], entities: &[Value]) -> Option<String> {
    let outside = entities
        .iter()
        .find(|entity| !stands_on_characters(units, entity));
    if let Some(entity) = outside {
        return Some(format!(
            "entity {entity} does not stand on the text's characters"
        ));
    }
    let alone = entities
        .iter()
        .filter(|one| ALONE.iter().any(|kind| one["type"] == json!(kind)));
    for one in alone {
        let other = entities
            .iter()
            .find(|other| !std::ptr::eq(*other, one) && overlap(one, other));
        if let Some(other) = other {
            return Some(format!("entity {one} overlaps {other}"));
        }
    }
    None
}

fn stands_on_characters(units: &[u16], entity: &Value) -> bool {
    let Some((start, end)) = range(entity) else {
        return false;
    };
    let inside = units.get(start..end);
    inside.is_some_and(|part| !part.is_empty() && String::from_utf16(part).is_ok())
}

fn overlap(one: &Value, other: &Value) -> bool {
    match (range(one), range(other)) {
        (Some((start, end)), Some((from, to))) => start < to && from < end,
        _ => false,
    }
}

fn range(entity: &Value) -> Option<(usize, usize)> {
    let start = usize::try_from(entity["offset"].as_u64()?).ok()?;
    let length = usize::try_from(entity["length"].as_u64()?).ok()?;
    Some((start, start.checked_add(length)?))
}
