//! Words and entities of a message that the bot writes, with Telegram's limits.

use serde_json::{Map, Value, json};

use super::{
    html,
    server::{Refusal, refuse},
    state::State,
};

/// The longest message, in UTF-16 units.
const LONGEST: usize = 4096;

/// The longest text under a file, in UTF-16 units.
const LONGEST_CAPTION: usize = 1024;

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
        self.write_as(("text", "entities"), message);
    }

    /// Replaces the words under a file, if there are any.
    pub(super) fn write_under(self, message: &mut Value) {
        if !self.text.is_empty() {
            self.write_as(("caption", "caption_entities"), message);
        }
    }

    fn units(&self) -> usize {
        self.text.encode_utf16().count()
    }

    fn write_as(self, (text, entities): (&str, &str), message: &mut Value) {
        message[text] = json!(self.text);
        if let Some(fields) = message.as_object_mut() {
            fields.remove(entities);
        }
        if !self.entities.is_empty() {
            message[entities] = json!(self.entities);
        }
    }
}

/// Reads `text` and `entities`.
pub(super) fn read(state: &mut State, parameters: &Map<String, Value>) -> Result<Words, Refusal> {
    let words = read_as(state, parameters, ("text", "entities"))?;
    if words.text.trim().is_empty() {
        return refuse(400, "Bad Request: message text is empty");
    }
    if words.units() > LONGEST {
        return refuse(400, "Bad Request: message is too long");
    }
    Ok(words)
}

/// Reads `caption` and `caption_entities`, which may be missing.
pub(super) fn read_caption(
    state: &mut State,
    parameters: &Map<String, Value>,
) -> Result<Words, Refusal> {
    let words = read_as(state, parameters, ("caption", "caption_entities"))?;
    if words.units() > LONGEST_CAPTION {
        return refuse(400, "Bad Request: message caption is too long");
    }
    Ok(words)
}

/// Entities that do not fit the text, or a style that is none, are a mistake of the bot's author,
/// so they are noted as a violation too: a plain retry must not hide them.
fn read_as(
    state: &mut State,
    parameters: &Map<String, Value>,
    (text, entities): (&str, &str),
) -> Result<Words, Refusal> {
    let style = parameters.get("parse_mode").and_then(Value::as_str);
    let given = parameters.get(text).and_then(Value::as_str);
    let given = given.unwrap_or_default().to_owned();
    let entities = parameters.get(entities).and_then(Value::as_array);
    let entities = entities.cloned().unwrap_or_default();
    let styled = match style.unwrap_or_default().to_ascii_lowercase().as_str() {
        "" => Ok((given, entities)),
        "html" => html::read(&given),
        other => Err(format!("the double reads no parse_mode `{other}`")),
    };
    let fitting = styled.and_then(|(text, entities)| {
        let units: Vec<u16> = text.encode_utf16().collect();
        match problem(&units, &entities) {
            Some(problem) => Err(problem),
            None => Ok((text, entities)),
        }
    });
    match fitting {
        Ok((text, entities)) => Ok(Words {
            text: text.trim_end().to_owned(),
            entities,
        }),
        Err(problem) => {
            state.violations.push(problem.clone());
            refuse(400, format!("Bad Request: can't parse entities: {problem}"))
        }
    }
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
