//! What an answer to a send or an edit means: done, wait, try again, gone, or never.

use consultant_core::{Receipt, ports::DeliveryError};
use serde_json::Value;

use super::api::ApiFailure;

/// Beginnings of what Telegram says under code 400 when nobody can be reached there any more.
const GONE: [&str; 12] = [
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "group is deactivated",
    "group chat was upgraded",
    "have no rights to send",
    "not enough rights",
    "the chat is not a forum",
    "need administrator rights",
    "chat_write_forbidden",
    "message thread not found",
    "topic_",
];

/// Beginnings of what Telegram says under code 400 about a message that is not there any more.
const MISSING: [&str; 3] = [
    "message to edit not found",
    "message to delete not found",
    "message_id_invalid",
];

/// What Telegram says under code 400 about a file that it would not show in that way.
const ANOTHER_WAY: [&str; 4] = [
    "photo_",
    "image_process_failed",
    "too big for a photo",
    "voice_messages_forbidden",
];

/// What the caller can do about a failure.
pub(super) fn class(what: &'static str, failure: ApiFailure) -> DeliveryError {
    let retry = |failure: ApiFailure| DeliveryError::Retry {
        what,
        source: Box::new(failure),
    };
    match failure {
        ApiFailure::Refused {
            retry_after: Some(after),
            ..
        } => DeliveryError::Wait { after },
        ApiFailure::Refused {
            code: 403,
            description,
            ..
        } => DeliveryError::Gone(description),
        ApiFailure::Refused {
            code: 400,
            description,
            ..
        } => refused(description),
        ApiFailure::Refused {
            code: 413,
            description,
            ..
        } => DeliveryError::Refused(description),
        // A refused token (401, 404) ends the polling loop, which tells the operator; the message
        // stays in the outbox until then.
        failure => retry(failure),
    }
}

fn refused(description: String) -> DeliveryError {
    let words = description.to_ascii_lowercase();
    let words = words.strip_prefix("bad request: ").unwrap_or(&words);
    let says = |beginnings: &[&str]| beginnings.iter().any(|it| words.starts_with(it));
    if says(&GONE) {
        DeliveryError::Gone(description)
    } else if says(&MISSING) {
        DeliveryError::Missing(description)
    } else {
        DeliveryError::Refused(description)
    }
}

/// Whether the server has no drafts: it is older than they are, or keeps them from this bot.
pub(super) fn knows_no_drafts(failure: &ApiFailure) -> bool {
    matches!(failure, ApiFailure::Refused { code: 404, .. }) || says(failure, "draft")
}

/// Whether a file may pass as a plain one: a picture that is too long to be shown, a voice note to
/// somebody who takes none.
pub(super) fn wants_another_way(failure: &ApiFailure) -> bool {
    ANOTHER_WAY.iter().any(|words| says(failure, words))
}

/// Whether only files of that kind are not allowed there, so that words still are.
pub(super) fn is_about_files(failure: &ApiFailure) -> bool {
    says(failure, "not enough rights to send ")
}

/// Whether a topic is so already.
pub(super) fn is_same_topic(failure: &ApiFailure) -> bool {
    says(failure, "topic_not_modified")
}

/// Whether the message already reads so.
pub(super) fn is_not_modified(failure: &ApiFailure) -> bool {
    says(failure, "message is not modified")
}

/// Whether the same words without entities may pass.
pub(super) fn is_about_entities(failure: &ApiFailure) -> bool {
    says(failure, "can't parse entities") || says(failure, "entity_")
}

fn says(failure: &ApiFailure, words: &str) -> bool {
    matches!(failure, ApiFailure::Refused { code: 400, description, .. }
        if description.to_ascii_lowercase().contains(words))
}

/// The receipt in a sent message.
pub(super) fn receipt(message: &Value) -> Result<Receipt, ApiFailure> {
    let number = message.get("message_id").and_then(Value::as_i64);
    number
        .map(|number| Receipt(number.to_string()))
        .ok_or_else(|| ApiFailure::Broken {
            reason: "the sent message has no number".to_owned(),
            begun: None,
        })
}

/// An answer that began with success but was cut off still means that the message is there. Its
/// number stands at the beginning, so take it: sending again would show the message twice.
pub(super) fn receipt_of_cut_answer(failure: ApiFailure) -> Result<Receipt, ApiFailure> {
    let number = number_in(&failure, r#"{"ok":true,"result":{"message_id":"#);
    number.map_or(Err(failure), |number| Ok(Receipt(number.to_string())))
}

/// The number of an opened topic, also if the answer was cut off behind it.
pub(super) fn topic(answer: Result<Value, ApiFailure>) -> Result<i32, ApiFailure> {
    let number = match &answer {
        Ok(topic) => topic["message_thread_id"]
            .as_i64()
            .and_then(|number| i32::try_from(number).ok()),
        Err(failure) => number_in(failure, r#"{"ok":true,"result":{"message_thread_id":"#),
    };
    let nameless = |_| ApiFailure::Broken {
        reason: "the opened topic has no number".to_owned(),
        begun: None,
    };
    number.map_or_else(|| Err(answer.map_or_else(|failure| failure, nameless)), Ok)
}

/// The number behind this beginning of a cut answer.
fn number_in(failure: &ApiFailure, beginning: &str) -> Option<i32> {
    let ApiFailure::Broken {
        begun: Some(begun), ..
    } = failure
    else {
        return None;
    };
    let compact: String = begun.0.chars().filter(|c| !c.is_whitespace()).collect();
    let rest = compact.strip_prefix(beginning)?;
    let (number, _) = rest.split_once(',')?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telegram::api::Begun;
    use std::time::Duration;

    fn said(code: u16, description: &str) -> ApiFailure {
        ApiFailure::Refused {
            code,
            description: description.to_owned(),
            retry_after: (code == 429).then_some(Duration::from_secs(3)),
            moved_to: None,
        }
    }

    #[track_caller]
    fn check(code: u16, description: &str, expect: &str) {
        let class = match class("sending", said(code, description)) {
            DeliveryError::Wait { .. } => "wait",
            DeliveryError::Retry { .. } => "retry",
            DeliveryError::Moved { .. } => "moved",
            DeliveryError::Missing(_) => "missing",
            DeliveryError::Gone(_) => "gone",
            DeliveryError::Refused(_) => "refused",
        };
        assert_eq!(class, expect, "for {description}");
    }

    #[test]
    fn each_answer_says_what_to_do_next() {
        check(429, "Too Many Requests: retry after 3", "wait");
        check(403, "Forbidden: bot was blocked by the user", "gone");
        check(
            403,
            "Forbidden: bot was kicked from the supergroup chat",
            "gone",
        );
        check(403, "Forbidden: user is deactivated", "gone");
        check(400, "Bad Request: chat not found", "gone");
        check(400, "Bad Request: TOPIC_CLOSED", "gone");
        check(400, "Bad Request: message is too long", "refused");
        check(400, "Bad Request: message to edit not found", "missing");
        check(
            400,
            "Bad Request: not enough rights to create a topic",
            "gone",
        );
        check(400, "Bad Request: message thread not found", "gone");
        check(400, "Bad Request: TOPIC_ID_INVALID", "gone");
        check(400, "Bad Request: message caption is too long", "refused");
        check(413, "Request Entity Too Large", "refused");
        check(401, "Unauthorized", "retry");
        check(500, "Internal Server Error", "retry");
    }

    #[test]
    fn a_cut_answer_still_names_its_message() {
        let cut = |begun: &str| {
            receipt_of_cut_answer(ApiFailure::Broken {
                reason: "cut".into(),
                begun: Some(Begun(begun.into())),
            })
        };
        let number = cut(r#"{"ok":true,"result":{"message_id":17,"date":1"#).unwrap();
        assert_eq!(number, Receipt("17".into()));
        assert!(cut(r#"{"ok":true,"result":{"message_id":1"#).is_err());
        assert!(cut(r#"{"ok":false,"result":{"message_id":17,"#).is_err());
        assert!(cut("<html>").is_err());
    }

    #[test]
    fn only_complaints_about_entities_ask_for_a_plain_retry() {
        let words = "Bad Request: can't parse entities: Can't find end of the entity";
        assert!(is_about_entities(&said(400, words)));
        assert!(!is_about_entities(&said(
            400,
            "Bad Request: chat not found"
        )));
        assert!(!is_about_entities(&said(500, words)));
    }
}
