//! Buttons under messages, and their presses.

use serde_json::{Map, Value, json};

use super::{
    server::{Outcome, Refusal, refuse},
    state::State,
};

/// The most that a button carries, in bytes.
const DATA_BYTES: usize = 64;

/// The keyboard of a send or an edit, as Telegram checks it.
pub(super) fn keyboard(parameters: &Map<String, Value>) -> Result<Option<Value>, Refusal> {
    let Some(markup) = parameters.get("reply_markup") else {
        return Ok(None);
    };
    for button in buttons(markup) {
        if button["text"].as_str().is_none_or(str::is_empty) {
            return refuse(
                400,
                "Bad Request: can't parse inline keyboard button: no text",
            );
        }
        let data = button["callback_data"].as_str().unwrap_or_default();
        if data.is_empty() || data.len() > DATA_BYTES {
            return refuse(400, "Bad Request: BUTTON_DATA_INVALID");
        }
    }
    Ok(Some(markup.clone()))
}

/// Every button of a keyboard.
pub(super) fn buttons(markup: &Value) -> impl Iterator<Item = &Value> {
    let rows = markup["inline_keyboard"].as_array().into_iter().flatten();
    rows.flat_map(|row| row.as_array().into_iter().flatten())
}

pub(super) fn answer(state: &mut State, parameters: &Map<String, Value>) -> Outcome {
    let name = parameters.get("callback_query_id").and_then(Value::as_str);
    match name.and_then(|name| state.presses.get_mut(name)) {
        Some(answered) => {
            *answered = true;
            Ok(json!(true))
        }
        None => refuse(
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
    }
}
