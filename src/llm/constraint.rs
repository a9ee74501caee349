//! What a text may be, as a grammar of the engine.

use consultant_core::ports::{Constraint, ModelError};
use serde_json::{Value, json};

/// The engine's form of a constraint.
pub(crate) fn grammar(constraint: &Constraint) -> Result<mistralrs::Constraint, ModelError> {
    match constraint {
        Constraint::Free => Ok(mistralrs::Constraint::None),
        Constraint::Choice(choices) => choice(choices).map(mistralrs::Constraint::Regex),
        Constraint::JsonSchema(schema) => Ok(mistralrs::Constraint::JsonSchema(compact(schema))),
    }
}

fn choice(choices: &[String]) -> Result<String, ModelError> {
    if choices.is_empty() {
        return Err(ModelError::Refused(
            "there is nothing to choose from".into(),
        ));
    }
    // The engine trims the beginning of every answer.
    let odd = |choice: &String| choice.is_empty() || choice.starts_with(char::is_whitespace);
    if choices.iter().any(odd) {
        let reason = "a choice is empty or begins with a blank";
        return Err(ModelError::Refused(reason.into()));
    }
    let escaped: Vec<String> = choices.iter().map(|choice| escape(choice)).collect();
    Ok(format!("({})", escaped.join("|")))
}

fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, letter| {
        if r"\.+*?()|[]{}^$#&-~".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
        escaped
    })
}

/// Small models love to write blanks, and every token is dear: no optional ones.
fn compact(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(object) = schema.as_object_mut() {
        object
            .entry("x-guidance")
            .or_insert_with(|| json!({ "whitespace_flexible": false }));
    }
    schema
}
