//! What people do in the group that is a desk: every message of a topic counts, whether it speaks to
//! the bot or not, and a place there belongs to no single person.

use consultant_core::{
    Address, ChannelName, Inbound, InboundEvent, InboundKey, MessageId,
    desk::{AtDesk, DeskEvent},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    files::{FileRef, Hanging},
    message::{Message, User},
    place::{GENERAL_TOPIC, Place},
    update::{Heard, Read},
};

/// A pressed button.
#[derive(Deserialize)]
struct Callback {
    id: String,
    from: User,
    message: Option<Message>,
    data: Option<String>,
}

/// Reads an update of this group; `None` for one from anywhere else.
pub(super) fn read(update: &Value, key: InboundKey, desk: i64) -> Option<Read> {
    let of = |kind: &str| update.get(kind);
    let chat = |message: &Value| message["chat"]["id"].as_i64() == Some(desk);
    if let Some(message) = of("message").filter(|it| chat(it)) {
        return Some(wrote(message, key).unwrap_or(Read::Unreadable));
    }
    if let Some(message) = of("edited_message").filter(|it| chat(it)) {
        return Some(rewrote(message, key).unwrap_or(Read::Unreadable));
    }
    let pressed_one = of("callback_query").filter(|it| chat(&it["message"]));
    pressed_one.map(|it| pressed(it, key).unwrap_or(Read::Unreadable))
}

/// A message of a room; `None` where it cannot be read, as with its siblings below.
fn wrote(value: &Value, key: InboundKey) -> Option<Read> {
    let message = Message::deserialize(value).ok()?;
    if message.migrate_to_chat_id.is_some() || message.migrate_from_chat_id.is_some() {
        return Some(Read::Ignored);
    }
    let sent_at = Timestamp::from_second(message.date).ok()?;
    let Some(person) = person(&message) else {
        return Some(Read::Ignored);
    };
    let (text, hanging) = (message.plain_words(), message.hanging());
    if let (None, None) = (&text, &hanging) {
        let Some(what) = message.content() else {
            // A topic was made, closed, renamed; somebody joined.
            return Some(Read::Ignored);
        };
        let heard = heard(&message, person, (key, sent_at), DeskEvent::Other { what });
        return Some(Read::Heard(Box::new(heard)));
    }
    let mut attachments = Vec::new();
    let mut file: Option<FileRef> = None;
    match hanging {
        Some(Hanging::File(it)) => file = Some(it),
        Some(Hanging::Place(place)) => attachments.push(place),
        None => {}
    }
    let event = DeskEvent::Wrote {
        text: text.unwrap_or_default().to_owned(),
        attachments,
        quotes: message.quoted().map(|it| MessageId(it.to_string())),
    };
    let heard = Heard {
        file,
        ..heard(&message, person, (key, sent_at), event)
    };
    Some(Read::Heard(Box::new(heard)))
}

fn rewrote(value: &Value, key: InboundKey) -> Option<Read> {
    let message = Message::deserialize(value).ok()?;
    let sent_at = Timestamp::from_second(message.edit_date.unwrap_or(message.date)).ok()?;
    let (Some(person), Some(text)) = (person(&message), message.plain_words()) else {
        return Some(Read::Ignored);
    };
    let text = text.to_owned();
    let event = DeskEvent::Rewrote { text };
    let heard = heard(&message, person, (key, sent_at), event);
    Some(Read::Heard(Box::new(heard)))
}

fn pressed(value: &Value, key: InboundKey) -> Option<Read> {
    let callback = Callback::deserialize(value).ok()?;
    let (Some(message), Some(press)) = (callback.message, callback.data) else {
        return Some(Read::Ignored);
    };
    let sent_at = Timestamp::from_second(message.date).ok()?;
    let event = DeskEvent::Pressed { press };
    let heard = Heard {
        press: Some(callback.id),
        ..heard(&message, &callback.from, (key, sent_at), event)
    };
    Some(Read::Heard(Box::new(heard)))
}

/// Who wrote. A program is nobody, and so is whoever writes in the name of the group: of them it is
/// not known who they are.
fn person(message: &Message) -> Option<&User> {
    message.from.as_ref().filter(|user| !user.is_bot)
}

fn heard(
    message: &Message,
    person: &User,
    (key, sent_at): (InboundKey, Timestamp),
    what: DeskEvent,
) -> Heard {
    let place = Place {
        chat: message.chat.id,
        thread: message.topic(),
        user: None,
    };
    let event = InboundEvent::AtDesk(AtDesk {
        user: person.id.to_string(),
        name: person.first_name.clone().unwrap_or_default(),
        among_all: place.thread == Some(GENERAL_TOPIC),
        what,
    });
    let address = Address::new(ChannelName::Telegram, place.to_string());
    Heard {
        inbound: Inbound {
            message: Some(MessageId(message.number.to_string())),
            album: message.album.clone(),
            ..Inbound::new(key, address, sent_at, event)
        },
        file: None,
        press: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(extra: &Value) -> Value {
        let mut message = json!({
            "message_id": 5, "date": 1_700_000_000,
            "chat": {"id": -100, "type": "supergroup", "title": "Desk", "is_forum": true},
            "from": {"id": 501, "is_bot": false, "first_name": "Mia"},
            "message_thread_id": 17, "is_topic_message": true,
        });
        for (key, value) in extra.as_object().unwrap() {
            message[key] = value.clone();
        }
        message
    }

    /// Where, who and what in short.
    #[track_caller]
    fn check(update: &Value, expect: &str) {
        let shown = match read(update, "k".into(), -100) {
            None => "from elsewhere".to_owned(),
            Some(Read::Heard(heard)) => {
                let InboundEvent::AtDesk(at) = heard.inbound.event else {
                    panic!("it is no event of a desk")
                };
                let file = heard.file.map_or("", |_| " with a file");
                format!("{} {} {:?}{file}", heard.inbound.address, at.user, at.what)
            }
            Some(Read::Ignored) => "ignored".to_owned(),
            Some(_) => "unreadable".to_owned(),
        };
        assert_eq!(shown, expect);
    }

    #[test]
    fn every_message_of_a_topic_counts() {
        check(
            &json!({"message": message(&json!({"text": "/take@Bot"}))}),
            "telegram:-100#17 501 Wrote { text: \"/take@Bot\", attachments: [], quotes: None }",
        );
        let reply = json!({"text": "yes", "reply_to_message": {"message_id": 4, "from":
            {"id": 42, "is_bot": true, "first_name": "Bot"}}});
        check(
            &json!({"message": message(&reply)}),
            "telegram:-100#17 501 Wrote { text: \"yes\", attachments: [], \
             quotes: Some(MessageId(\"4\")) }",
        );
        // Whatever is written first in a topic "answers" the message that made it.
        let first = json!({"text": "hi", "reply_to_message": {"message_id": 3,
            "forum_topic_created": {"name": "x", "icon_color": 1}}});
        check(
            &json!({"message": message(&first)}),
            "telegram:-100#17 501 Wrote { text: \"hi\", attachments: [], quotes: None }",
        );
        let voice = json!({"voice": {"file_id": "f", "duration": 1}});
        check(
            &json!({"message": message(&voice)}),
            "telegram:-100#17 501 Wrote { text: \"\", attachments: [], quotes: None } with a file",
        );
        check(
            &json!({"edited_message": message(&json!({"text": "no", "edit_date": 1_700_000_001}))}),
            "telegram:-100#17 501 Rewrote { text: \"no\" }",
        );
        let general = json!({"text": "hi", "message_thread_id": null, "is_topic_message": false});
        check(
            &json!({"message": message(&general)}),
            "telegram:-100#1 501 Wrote { text: \"hi\", attachments: [], quotes: None }",
        );
    }

    #[test]
    fn what_no_person_did_is_ignored() {
        let made = json!({"forum_topic_created": {"name": "x", "icon_color": 1}});
        check(&json!({"message": message(&made)}), "ignored");
        let bot = json!({"text": "hi", "from": {"id": 42, "is_bot": true, "first_name": "B"}});
        check(&json!({"message": message(&bot)}), "ignored");
        let elsewhere = json!({"text": "hi", "chat": {"id": -200, "type": "supergroup"}});
        check(&json!({"message": message(&elsewhere)}), "from elsewhere");
        check(&json!({"message": {"chat": {"id": -100}}}), "unreadable");
    }

    #[test]
    fn a_press_names_who_pressed() {
        let press = json!({"callback_query": {
            "id": "9", "from": {"id": 502, "is_bot": false, "first_name": "Tom"},
            "message": message(&json!({"text": "card"})), "data": "desk:take",
        }});
        check(
            &press,
            "telegram:-100#17 502 Pressed { press: \"desk:take\" }",
        );
    }
}
