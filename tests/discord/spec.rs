//! Checks every REST body against Discord's published schema of its REST API.
//!
//! The schema is not part of this repository: it is read from `../shared/specs` beside it, or
//! from the folder that `CONSULTANT_SPECS_DIR` names. Under `CI=true` it must be there; elsewhere
//! a missing schema is said in one line.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Route;

const SCHEMA: &str = "discord-openapi.json";

/// The violations of a body, in words; none where the schema says nothing about the route.
pub(super) fn violations(route: Route, body: &[u8]) -> Vec<String> {
    let (Some(spec), Some((path, method))) = (schema(), located(route)) else {
        return Vec::new();
    };
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return vec![format!("{method} {path}: the body is not JSON")];
    };
    let mut known = spec
        .validators
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let validator = known
        .entry(route)
        .or_insert_with(|| spec.validator(path, method));
    let errors = validator.iter_errors(&body);
    errors
        .map(|error| format!("{method} {path}: {} at `{}`", error, error.instance_path()))
        .collect()
}

const fn located(route: Route) -> Option<(&'static str, &'static str)> {
    Some(match route {
        Route::Send => ("/channels/{channel_id}/messages", "post"),
        Route::Edit => ("/channels/{channel_id}/messages/{message_id}", "patch"),
        Route::Commands => ("/applications/{application_id}/commands", "put"),
        Route::OpenDirect => ("/users/@me/channels", "post"),
        Route::Callback => {
            let path = "/interactions/{interaction_id}/{interaction_token}/callback";
            (path, "post")
        }
        Route::EditOriginal => {
            let path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original";
            (path, "patch")
        }
        Route::FollowUp => ("/webhooks/{webhook_id}/{webhook_token}", "post"),
        Route::Thread => {
            let path = "/channels/{channel_id}/messages/{message_id}/threads";
            (path, "post")
        }
        Route::Room => ("/channels/{channel_id}/threads", "post"),
        Route::Change => ("/channels/{channel_id}", "patch"),
        Route::Gateway
        | Route::GatewayBot
        | Route::Me
        | Route::Application
        | Route::File
        | Route::Place
        | Route::Pin
        | Route::Remove
        | Route::Read
        | Route::Delete
        | Route::Typing => return None,
    })
}

struct Schema {
    document: Value,
    validators: Mutex<BTreeMap<Route, Validator>>,
}

impl Schema {
    fn validator(&self, path: &str, method: &str) -> Validator {
        let body = &self.document["paths"][path][method]["requestBody"];
        let mut schema = body["content"]["application/json"]["schema"].clone();
        assert!(
            schema.is_object(),
            "{SCHEMA} has no body for {method} {path}"
        );
        schema["components"] = json!({ "schemas": self.document["components"]["schemas"] });
        jsonschema::validator_for(&schema).expect("the published schema is a JSON schema")
    }
}

fn schema() -> Option<&'static Schema> {
    static LOADED: OnceLock<Option<Schema>> = OnceLock::new();
    LOADED.get_or_init(load).as_ref()
}

#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a harness reads where the schema is, and says what it does not check"
)]
fn load() -> Option<Schema> {
    let folder = std::env::var_os("CONSULTANT_SPECS_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/specs"),
        PathBuf::from,
    );
    let file = folder.join(SCHEMA);
    let Ok(text) = std::fs::read_to_string(&file) else {
        let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!required, "{} is required when CI=true", file.display());
        eprintln!(
            "not checked: Discord request bodies ({} is missing)",
            file.display()
        );
        return None;
    };
    let document = serde_json::from_str(&text).expect("the published schema is JSON");
    let validators = Mutex::new(BTreeMap::new());
    Some(Schema {
        document,
        validators,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(route: Route, body: &Value, expect: usize) {
        // Said when it was looked for, and an error where `CI=true`.
        if schema().is_none() {
            return;
        }
        let found = violations(route, body.to_string().as_bytes());
        assert_eq!(found.len(), expect, "{found:?}");
    }

    #[test]
    fn a_body_of_the_wrong_shape_is_a_violation() {
        check(Route::Send, &json!({ "content": "hello", "nonce": "1" }), 0);
        check(Route::Send, &json!({ "content": 7 }), 1);
        let long_nonce = json!({ "content": "hello", "nonce": "12345678901234567890123456" });
        check(Route::Send, &long_nonce, 1);
        check(Route::Commands, &json!([{ "description": "nameless" }]), 1);
        check(Route::Typing, &json!({ "content": 7 }), 0);
        let thread = json!({ "name": "Ann", "type": 11, "auto_archive_duration": 10_080 });
        check(Route::Room, &thread, 0);
        check(Route::Room, &json!({ "name": 7 }), 1);
        check(
            Route::Change,
            &json!({ "archived": true, "locked": true }),
            0,
        );
    }
}
