//! The published schema of the Bot API, as a judge of what goes over the wire in both directions.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

const FILE: &str = "telegram-bot-api.json";

/// Methods and types by name.
#[derive(Debug, Deserialize)]
pub(super) struct Schema {
    methods: BTreeMap<String, Item>,
    types: BTreeMap<String, Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    #[serde(default)]
    fields: Vec<Field>,
    #[serde(default)]
    subtypes: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Field {
    name: String,
    types: Vec<String>,
    required: bool,
}

impl Schema {
    /// Reads the schema from `CONSULTANT_SPECS_DIR`, or from `../shared/specs` beside the
    /// repository. Without one nothing is checked, which is said once and is an error where
    /// `CI=true`.
    pub(super) fn load() -> Option<Self> {
        let file = folder().join(FILE);
        let Ok(text) = std::fs::read_to_string(&file) else {
            let wanted = variable("CI").is_some_and(|value| value == "true");
            assert!(
                !wanted,
                "{} is missing, but CI=true needs it",
                file.display()
            );
            say_unchecked(&file.display().to_string());
            return None;
        };
        let schema = serde_json::from_str(&text);
        assert!(
            schema.is_ok(),
            "{} is no schema: {:?}",
            file.display(),
            schema.err()
        );
        schema.ok()
    }

    /// The method's own spelling; names are compared without case.
    pub(super) fn method(&self, name: &str) -> Option<&str> {
        let mut names = self.methods.keys();
        names
            .find(|known| known.eq_ignore_ascii_case(name))
            .map(String::as_str)
    }

    /// What is wrong with a call's parameters.
    pub(super) fn check_call(&self, method: &str, parameters: &Map<String, Value>) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(item) = self.methods.get(method) {
            self.check_fields(&item.fields, parameters, method, &mut found);
        }
        found
    }

    /// What is wrong with an object of a type, for example `Update`.
    pub(super) fn check_object(&self, name: &str, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.check_type(name, value, name, &mut found);
        found
    }

    /// Reads a value that came as text (in a query or a form) as the method's parameter.
    pub(super) fn read_text(&self, method: &str, name: &str, text: String) -> Value {
        let field = self
            .methods
            .get(method)
            .and_then(|item| item.fields.iter().find(|field| field.name == name));
        if field.is_some_and(|field| field.types == ["String"]) {
            return Value::String(text);
        }
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    fn check_fields(
        &self,
        fields: &[Field],
        values: &Map<String, Value>,
        path: &str,
        found: &mut Vec<String>,
    ) {
        for name in values.keys() {
            if !fields.iter().any(|field| &field.name == name) {
                found.push(format!("{path}.{name} is unknown"));
            }
        }
        for field in fields {
            let path = format!("{path}.{}", field.name);
            match values.get(&field.name) {
                None if field.required => found.push(format!("{path} is missing")),
                None => {}
                Some(value) => self.check_any(&field.types, value, &path, found),
            }
        }
    }

    /// One of the types must fit; the complaint is the one of the closest.
    fn check_any(&self, types: &[String], value: &Value, path: &str, found: &mut Vec<String>) {
        let mut closest: Option<Vec<String>> = None;
        for name in types {
            let mut complaints = Vec::new();
            self.check_type(name, value, path, &mut complaints);
            if complaints.is_empty() {
                return;
            }
            if closest
                .as_ref()
                .is_none_or(|best| complaints.len() < best.len())
            {
                closest = Some(complaints);
            }
        }
        found.extend(closest.unwrap_or_default());
    }

    fn check_type(&self, name: &str, value: &Value, path: &str, found: &mut Vec<String>) {
        if let Some(inner) = name.strip_prefix("Array of ") {
            return self.check_list(inner, value, path, found);
        }
        let fits = match name {
            "Integer" => value.is_i64() || value.is_u64(),
            "Float" => value.is_number(),
            "String" => value.is_string(),
            "Boolean" => value.is_boolean(),
            _ => return self.check_named(name, value, path, found),
        };
        if !fits {
            found.push(format!("{path} is not of type {name}"));
        }
    }

    fn check_list(&self, inner: &str, value: &Value, path: &str, found: &mut Vec<String>) {
        let Some(values) = value.as_array() else {
            found.push(format!("{path} is not a list"));
            return;
        };
        for (number, value) in values.iter().enumerate() {
            self.check_type(inner, value, &format!("{path}[{number}]"), found);
        }
    }

    fn check_named(&self, name: &str, value: &Value, path: &str, found: &mut Vec<String>) {
        let Some(item) = self.types.get(name) else {
            found.push(format!(
                "{path} is of type {name}, which the schema does not hold"
            ));
            return;
        };
        if !item.subtypes.is_empty() {
            return self.check_any(&item.subtypes, value, path, found);
        }
        match value.as_object() {
            Some(values) => self.check_fields(&item.fields, values, path, found),
            None => found.push(format!("{path} is not an object of type {name}")),
        }
    }
}

fn folder() -> PathBuf {
    match variable("CONSULTANT_SPECS_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/specs"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the harness has no config; CI tells it two things"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[expect(
    clippy::print_stderr,
    reason = "whoever runs the tests must know what they left out"
)]
fn say_unchecked(file: &str) {
    eprintln!("not checked against the Bot API's schema: {file} is missing");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(method: &str, parameters: &Value, expect: &[&str]) {
        let Some(schema) = Schema::load() else { return };
        let found = schema.check_call(method, parameters.as_object().unwrap());
        assert_eq!(found, expect);
    }

    #[test]
    fn wrong_parameters_are_named() {
        check("sendMessage", &json!({"chat_id": 1, "text": "x"}), &[]);
        check(
            "sendMessage",
            &json!({"chat_id": true, "text": 1, "txt": "x"}),
            &[
                "sendMessage.txt is unknown",
                "sendMessage.chat_id is not of type Integer",
                "sendMessage.text is not of type String",
            ],
        );
        check(
            "sendChatAction",
            &json!({"chat_id": 1}),
            &["sendChatAction.action is missing"],
        );
        check(
            "sendMessage",
            &json!({"chat_id": 1, "text": "x", "entities": [{"type": "bold", "offset": 0}]}),
            &["sendMessage.entities[0].length is missing"],
        );
    }

    #[test]
    fn method_names_are_compared_without_case() {
        let Some(schema) = Schema::load() else { return };
        assert_eq!(schema.method("SENDmessage"), Some("sendMessage"));
        assert_eq!(schema.method("sendNothing"), None);
    }
}
