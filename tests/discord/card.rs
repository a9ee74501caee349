//! What Discord takes as embeds and buttons, with its own limits (the reference's "Embed limits"
//! and "Component reference").

use std::collections::HashSet;

use axum::http::StatusCode;
use serde_json::Value;

use super::rest::{Refusal, error};

/// Refuses a message whose embeds or buttons Discord would refuse.
pub(super) fn check(body: &Value) -> Result<(), Refusal> {
    let embeds = list(&body["embeds"]);
    let rows = list(&body["components"]);
    let fine = embeds.len() <= 10
        && embeds.iter().all(embed_is_fine)
        && rows.len() <= 5
        && rows.iter().all(row_is_fine)
        && no_button_twice(rows);
    if fine {
        return Ok(());
    }
    Err(error(StatusCode::BAD_REQUEST, 50035, "Invalid Form Body"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn has_chars(value: &Value, limit: usize) -> bool {
    let text = value.as_str().unwrap_or_default();
    (1..=limit).contains(&text.trim().chars().count())
}

fn embed_is_fine(embed: &Value) -> bool {
    let absent_or = |field: &str, limit| embed.get(field).is_none_or(|it| has_chars(it, limit));
    let picture = embed.pointer("/image/url");
    let web = |url: &Value| url.as_str().is_some_and(|url| url.starts_with("http"));
    absent_or("title", 256) && absent_or("description", 4_096) && picture.is_none_or(web)
}

fn row_is_fine(row: &Value) -> bool {
    let buttons = list(&row["components"]);
    row["type"] == 1 && (1..=5).contains(&buttons.len()) && buttons.iter().all(button_is_fine)
}

/// A link names an address, every other button an id.
fn button_is_fine(button: &Value) -> bool {
    let target = match button["style"].as_u64() {
        Some(1..=4) => has_chars(&button["custom_id"], 100) && button.get("url").is_none(),
        Some(5) => has_chars(&button["url"], 512) && button.get("custom_id").is_none(),
        _ => false,
    };
    button["type"] == 2 && has_chars(&button["label"], 80) && target
}

fn no_button_twice(rows: &[Value]) -> bool {
    let mut known = HashSet::new();
    let buttons = rows.iter().flat_map(|row| list(&row["components"]));
    buttons
        .filter_map(|button| button["custom_id"].as_str())
        .all(|id| known.insert(id))
}
