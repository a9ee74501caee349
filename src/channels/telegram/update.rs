//! From an update's JSON to an `Inbound`. Reads only the few fields that are needed, into types of
//! its own: teloxide's full types drop a whole message when one entity or field is newer than they
//! are, and a customer's message must never vanish because Telegram added a feature.

use consultant_core::{Address, Attachment, ChannelName, Inbound, InboundEvent, InboundKey};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    files::{FileRef, Hanging},
    message::{Albums, Chat, Me, Message, User},
    place::Place,
};

/// The kinds of updates that Telegram is asked for; it sends no others.
pub(super) const KINDS: [&str; 4] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
];

/// What an update is to us.
#[derive(Debug)]
pub(super) enum Read {
    /// Something that happened to a conversation.
    Heard(Box<Heard>),
    /// A group became a supergroup, which has another number.
    Migrated {
        /// The group's number until now.
        from: i64,
        /// Its number from now on.
        to: i64,
    },
    /// Nothing for us.
    Ignored,
    /// Not as the Bot API describes it.
    Unreadable,
}

/// Something that happened to a conversation.
#[derive(Debug)]
pub(super) struct Heard {
    /// What is to be stored, but for its file.
    pub(super) inbound: Inbound,
    /// A file that is still with Telegram, to be had before the inbound is stored.
    pub(super) file: Option<FileRef>,
    /// The pressed button's name for the press, to be answered once it is stored.
    pub(super) press: Option<String>,
}

/// A pressed button.
#[derive(Debug, Deserialize)]
struct Callback {
    id: String,
    from: User,
    message: Option<Message>,
    data: Option<String>,
}

/// The bot's own membership in a chat changed.
#[derive(Debug, Deserialize)]
struct Membership {
    chat: Chat,
    date: i64,
    new_chat_member: Member,
}

#[derive(Debug, Deserialize)]
struct Member {
    status: String,
}

/// Reads one update. `Unreadable` when a field that every update of its kind has is missing or odd.
pub(super) fn read(update: &Value, update_id: i64, me: &Me, albums: &Albums) -> Read {
    let known = KINDS
        .iter()
        .find_map(|kind| Some((*kind, update.get(*kind)?)));
    let key = InboundKey(format!("telegram:{}:{update_id}", me.id));
    let read = match known {
        None => return Read::Ignored,
        Some(("message", value)) => said(value, key, me, albums),
        Some(("edited_message", value)) => edited(value, key, me, albums),
        Some(("callback_query", value)) => pressed(value, key),
        Some((_, value)) => left(value, key),
    };
    read.unwrap_or(Read::Unreadable)
}

/// A new message; `None` where it cannot be read, as with its siblings below.
fn said(value: &Value, key: InboundKey, me: &Me, albums: &Albums) -> Option<Read> {
    let message = Message::deserialize(value).ok()?;
    if let Some(migrated) = migrated(&message) {
        return Some(migrated);
    }
    let sent_at = Timestamp::from_second(message.date).ok()?;
    let Some((customer, place)) = customer(&message) else {
        return Some(Read::Ignored);
    };
    let Some((mut event, hanging)) = message.event(me, albums) else {
        return Some(Read::Ignored);
    };
    let file = hang(&mut event, hanging);
    Some(heard(Heard {
        inbound: Inbound {
            locale: customer.language_code.clone(),
            message: Some(message.number.to_string().into()),
            album: message.album.clone(),
            ..Inbound::new(key, address(place), sent_at, event)
        },
        file,
        press: None,
    }))
}

/// An edit names the message that it changes.
fn edited(value: &Value, key: InboundKey, me: &Me, albums: &Albums) -> Option<Read> {
    let message = Message::deserialize(value).ok()?;
    let sent_at = Timestamp::from_second(message.edit_date.unwrap_or(message.date)).ok()?;
    let Some((customer, place)) = customer(&message) else {
        return Some(Read::Ignored);
    };
    let Some(text) = message.edited_words(me, albums) else {
        return Some(Read::Ignored);
    };
    let event = InboundEvent::Edited { text };
    Some(heard(Heard {
        inbound: Inbound {
            locale: customer.language_code.clone(),
            message: Some(message.number.to_string().into()),
            ..Inbound::new(key, address(place), sent_at, event)
        },
        file: None,
        press: None,
    }))
}

/// Buttons hang under the bot's own messages only, so whoever presses one speaks to it.
fn pressed(value: &Value, key: InboundKey) -> Option<Read> {
    let callback = Callback::deserialize(value).ok()?;
    let (Some(message), Some(press)) = (callback.message, callback.data) else {
        return Some(Read::Ignored);
    };
    // Telegram tells when the message was written (0 for an old one), not when it was pressed.
    let sent_at = Timestamp::from_second(message.date).ok()?;
    let Some(place) = message.place(callback.from.id) else {
        return Some(Read::Ignored);
    };
    let event = InboundEvent::Pressed { press };
    Some(heard(Heard {
        inbound: Inbound {
            locale: callback.from.language_code,
            message: Some(message.number.to_string().into()),
            ..Inbound::new(key, address(place), sent_at, event)
        },
        file: None,
        press: Some(callback.id),
    }))
}

/// A group from which the bot was thrown out holds many customers, of whom none left; what is sent
/// there will find that the place is gone.
fn left(value: &Value, key: InboundKey) -> Option<Read> {
    let membership = Membership::deserialize(value).ok()?;
    let sent_at = Timestamp::from_second(membership.date).ok()?;
    let status = membership.new_chat_member.status.as_str();
    if !membership.chat.is_private() || !matches!(status, "kicked" | "left") {
        return Some(Read::Ignored);
    }
    let place = Place {
        chat: membership.chat.id,
        thread: None,
        user: None,
    };
    Some(heard(Heard {
        inbound: Inbound::new(key, address(place), sent_at, InboundEvent::Left),
        file: None,
        press: None,
    }))
}

/// Both the old group and the new one tell of it; either is enough.
fn migrated(message: &Message) -> Option<Read> {
    let here = message.chat.id;
    match (message.migrate_to_chat_id, message.migrate_from_chat_id) {
        (Some(to), _) => Some(Read::Migrated { from: here, to }),
        (None, Some(from)) => Some(Read::Migrated { from, to: here }),
        (None, None) => None,
    }
}

/// Who wrote, unless it was a program, and where.
fn customer(message: &Message) -> Option<(&User, Place)> {
    let customer = message.from.as_ref().filter(|user| !user.is_bot)?;
    Some((customer, message.place(customer.id)?))
}

/// Hangs a place on the event; a file has to be had first.
fn hang(event: &mut InboundEvent, hanging: Option<Hanging>) -> Option<FileRef> {
    match hanging? {
        Hanging::File(file) => Some(file),
        Hanging::Place(place) => {
            attach(event, place);
            None
        }
    }
}

/// Hangs something on a message.
pub(super) fn attach(event: &mut InboundEvent, attachment: Attachment) {
    if let InboundEvent::Message { attachments, .. } = event {
        attachments.push(attachment);
    }
}

fn address(place: Place) -> Address {
    Address::new(ChannelName::Telegram, place.to_string())
}

fn heard(heard: Heard) -> Read {
    Read::Heard(Box::new(heard))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn me() -> Me {
        Me {
            id: 42,
            username: "DemoBot".into(),
        }
    }

    fn private(extra: &Value) -> Value {
        message(
            &json!({"id": 7, "type": "private", "first_name": "Ann"}),
            extra,
        )
    }

    fn group(extra: &Value) -> Value {
        message(
            &json!({"id": -100, "type": "supergroup", "title": "G"}),
            extra,
        )
    }

    fn message(chat: &Value, extra: &Value) -> Value {
        let mut message = json!({
            "message_id": 5, "date": 1_700_000_000, "chat": chat,
            "from": {"id": 7, "is_bot": false, "first_name": "Ann", "language_code": "zh-hans"},
        });
        for (key, value) in extra.as_object().unwrap() {
            message[key] = value.clone();
        }
        json!({"update_id": 9, "message": message})
    }

    /// The place, the event and the file in short, or why there is none.
    #[track_caller]
    fn check(update: &Value, expect: &str) {
        check_all(&[update], &[expect]);
    }

    /// The same for updates that follow each other.
    #[track_caller]
    fn check_all(updates: &[&Value], expect: &[&str]) {
        let albums = Albums::default();
        let shown: Vec<String> = updates
            .iter()
            .map(|update| shown(read(update, 9, &me(), &albums)))
            .collect();
        assert_eq!(shown, expect);
    }

    fn shown(read: Read) -> String {
        let heard = match read {
            Read::Heard(heard) => *heard,
            Read::Migrated { from, to } => return format!("{from} is {to}"),
            Read::Ignored => return "ignored".to_owned(),
            Read::Unreadable => return "unreadable".to_owned(),
        };
        let event = match heard.inbound.event {
            InboundEvent::Message { text, attachments } if attachments.is_empty() => {
                format!("says {text:?}")
            }
            InboundEvent::Command { command } => format!("/{}", command.name()),
            InboundEvent::Unsupported { what } => format!("{what:?}"),
            other => format!("{other:?}"),
        };
        let file = heard.file.map(|file| format!(" with {}", file.id));
        let message = heard
            .inbound
            .message
            .filter(|number| number.as_str() != "5");
        assert_eq!(message, None, "every message here has the number 5");
        format!(
            "{} {event}{}",
            heard.inbound.address.place,
            file.unwrap_or_default()
        )
    }

    #[test]
    fn a_private_message_is_an_inbound_with_all_its_parts() {
        let update = private(&json!({"text": "你好", "media_group_id": "77"}));
        let Read::Heard(heard) = read(&update, 9, &me(), &Albums::default()) else {
            panic!("not an inbound");
        };
        insta::assert_json_snapshot!(heard.inbound, @r#"
        {
          "key": "telegram:42:9",
          "address": {
            "channel": "telegram",
            "place": "7"
          },
          "sent_at": "2023-11-14T22:13:20Z",
          "locale": "zh-hans",
          "message": "5",
          "album": "77",
          "event": {
            "kind": "message",
            "text": "你好"
          }
        }
        "#);
    }

    #[test]
    fn commands_are_known_with_and_without_the_bots_name() {
        check(&private(&json!({"text": "/start"})), "7 /start");
        check(&private(&json!({"text": "/start deep-link"})), "7 /start");
        check(&private(&json!({"text": "/HELP@demobot"})), "7 /help");
        check(&private(&json!({"text": "/price"})), "7 says \"/price\"");
        check(&group(&json!({"text": "/reset"})), "-100/7 /reset");
        check(&group(&json!({"text": "/reset@DemoBot"})), "-100/7 /reset");
        check(&group(&json!({"text": "/reset@OtherBot"})), "ignored");
        check(&group(&json!({"text": "/price"})), "ignored");
        check(
            &group(&json!({"text": "/price@DemoBot lamp"})),
            "-100/7 says \"/price@DemoBot lamp\"",
        );
    }

    #[test]
    fn in_groups_only_who_speaks_to_the_bot_is_heard() {
        let mention = json!([{"type": "mention", "offset": 0, "length": 8}]);
        check(&group(&json!({"text": "hello all"})), "ignored");
        check(
            &group(&json!({"text": "@DemoBot, how much?", "entities": mention})),
            "-100/7 says \"how much?\"",
        );
        let bot = json!({"message_id": 4, "from": {"id": 42, "is_bot": true, "first_name": "B"}});
        check(
            &group(&json!({"text": "and two?", "reply_to_message": bot})),
            "-100/7 says \"and two?\"",
        );
        check(
            &group(&json!({"sticker": {}, "reply_to_message": bot})),
            "-100/7 Sticker",
        );
        check(&group(&json!({"sticker": {}})), "ignored");
    }

    #[test]
    fn a_topics_first_message_is_not_a_reply_to_the_bot_that_made_it() {
        let created = json!({
            "message_id": 3, "from": {"id": 42, "is_bot": true, "first_name": "B"},
            "forum_topic_created": {"name": "Lamps", "icon_color": 1},
        });
        check(
            &group(&json!({
                "text": "hello all", "message_thread_id": 3, "is_topic_message": true,
                "reply_to_message": created,
            })),
            "ignored",
        );
    }

    #[test]
    fn topics_are_places_of_their_own_and_general_is_one_of_them() {
        let forum = json!({"id": -100, "type": "supergroup", "title": "F", "is_forum": true});
        let asks = |extra: &Value| {
            let mut message = message(&forum, extra);
            message["message"]["text"] = json!("/help");
            message
        };
        check(
            &asks(&json!({"message_thread_id": 3, "is_topic_message": true})),
            "-100#3/7 /help",
        );
        check(
            &asks(&json!({"message_thread_id": 1, "is_topic_message": true})),
            "-100#1/7 /help",
        );
        check(&asks(&json!({})), "-100#1/7 /help");
        check(
            &group(&json!({"text": "/help", "message_thread_id": 3})),
            "-100/7 /help",
        );
    }

    #[test]
    fn content_without_words_is_named_and_captions_are_words() {
        check(&private(&json!({"sticker": {}})), "7 Sticker");
        check(&private(&json!({"photo": []})), "7 Picture");
        check(&private(&json!({"voice": {}})), "7 Voice");
        check(
            &private(&json!({"animation": {}, "document": {}})),
            "7 Video",
        );
        check(
            &private(&json!({"venue": {}, "location": {}})),
            "7 Location",
        );
        check(&private(&json!({"poll": {}})), "7 Poll");
        check(
            &private(&json!({"photo": [], "caption": "how much?"})),
            "7 says \"how much?\"",
        );
        let photo = json!([{"file_id": "p", "width": 1, "height": 1}]);
        check(&private(&json!({"photo": photo})), "7 says \"\" with p");
        check(
            &private(&json!({"photo": photo, "caption": "/start"})),
            "7 says \"/start\" with p",
        );
        check(
            &private(&json!({"location": {"latitude": 1, "longitude": 2}})),
            "7 Message { text: \"\", attachments: [Location { latitude_microdegrees: 1000000, \
             longitude_microdegrees: 2000000 }] }",
        );
    }

    #[test]
    fn in_a_group_all_of_an_album_is_heard_once_its_words_spoke_to_the_bot() {
        let mention = json!([{"type": "mention", "offset": 0, "length": 8}]);
        let part = |file: &str, extra: &Value| {
            let mut fields = extra.clone();
            fields["media_group_id"] = json!("77");
            fields["photo"] = json!([{"file_id": file, "width": 1, "height": 1}]);
            group(&fields)
        };
        let first = part(
            "a",
            &json!({"caption": "@DemoBot these?", "caption_entities": mention}),
        );
        let (second, before) = (part("b", &json!({})), part("c", &json!({})));
        check_all(
            &[&before, &first, &second],
            &[
                "ignored",
                "-100/7 says \"these?\" with a",
                "-100/7 says \"\" with b",
            ],
        );
    }

    #[test]
    fn an_edit_names_what_it_changes_and_keeps_to_the_rules_of_its_chat() {
        let edit = |mut update: Value| {
            let message = update["message"].take();
            json!({"update_id": 9, "edited_message": message})
        };
        check(
            &edit(private(&json!({"text": "how much?"}))),
            "7 Edited { text: \"how much?\" }",
        );
        check(
            &edit(private(&json!({"text": "/help"}))),
            "7 Edited { text: \"/help\" }",
        );
        check(&edit(group(&json!({"text": "how much?"}))), "ignored");
        let mention = json!([{"type": "mention", "offset": 0, "length": 8}]);
        check(
            &edit(group(
                &json!({"text": "@DemoBot how much?", "entities": mention}),
            )),
            "-100/7 Edited { text: \"how much?\" }",
        );
        // A live location moves by edits.
        check(
            &edit(private(
                &json!({"location": {"latitude": 1, "longitude": 2}}),
            )),
            "ignored",
        );
    }

    #[test]
    fn a_press_belongs_to_whoever_presses_where_the_button_is() {
        let press = |chat: &Value, extra: &Value| {
            let mut message = message(chat, extra)["message"].take();
            message["from"] = json!({"id": 42, "is_bot": true, "first_name": "B"});
            json!({"update_id": 9, "callback_query": {
                "id": "c", "chat_instance": "i", "data": "person", "message": message,
                "from": {"id": 8, "is_bot": false, "first_name": "Bo"},
            }})
        };
        let alone = json!({"id": 8, "type": "private", "first_name": "Bo"});
        check(
            &press(&alone, &json!({"text": "x"})),
            "8 Pressed { press: \"person\" }",
        );
        let forum = json!({"id": -100, "type": "supergroup", "title": "F", "is_forum": true});
        check(
            &press(
                &forum,
                &json!({"message_thread_id": 3, "is_topic_message": true}),
            ),
            "-100#3/8 Pressed { press: \"person\" }",
        );
        let old = json!({"update_id": 9, "callback_query": {
            "id": "c", "chat_instance": "i", "data": "person",
            "message": {"chat": alone, "message_id": 5, "date": 0},
            "from": {"id": 8, "is_bot": false, "first_name": "Bo"},
        }});
        check(&old, "8 Pressed { press: \"person\" }");
        check(&json!({"update_id": 9, "callback_query": {}}), "unreadable");
    }

    #[test]
    fn who_blocks_the_bot_has_left_and_a_group_has_not() {
        let member = |chat: &Value, status: &str| {
            json!({"update_id": 9, "my_chat_member": {
                "chat": chat, "date": 1_700_000_000, "new_chat_member": {"status": status},
            }})
        };
        let ann = json!({"id": 7, "type": "private"});
        check(&member(&ann, "kicked"), "7 Left");
        check(&member(&ann, "member"), "ignored");
        let group = json!({"id": -100, "type": "supergroup"});
        check(&member(&group, "kicked"), "ignored");
    }

    #[test]
    fn a_migration_is_known_from_either_side() {
        check(&group(&json!({"migrate_to_chat_id": -200})), "-100 is -200");
        check(&group(&json!({"migrate_from_chat_id": -50})), "-50 is -100");
    }

    #[test]
    fn service_messages_and_bots_are_ignored() {
        check(&group(&json!({"new_chat_members": []})), "ignored");
        check(&group(&json!({"pinned_message": {}})), "ignored");
        check(&json!({"update_id": 9, "something_new": {}}), "ignored");
        check(
            &group(&json!({
                "text": "/help", "from": {"id": 8, "is_bot": true, "first_name": "Other"},
            })),
            "ignored",
        );
    }

    #[test]
    fn an_entity_of_a_kind_yet_unknown_hides_no_message() {
        let entities = json!([{"type": "date_time", "offset": 0, "length": 5, "unix_time": 1}]);
        check(
            &private(&json!({"text": "today", "entities": entities})),
            "7 says \"today\"",
        );
    }

    #[test]
    fn what_is_no_message_is_unreadable() {
        check(
            &json!({"update_id": 9, "message": {"some": "thing"}}),
            "unreadable",
        );
        check(&json!({"update_id": 9, "message": 1}), "unreadable");
        check(
            &private(&json!({"text": "x", "date": i64::MAX})),
            "unreadable",
        );
    }
}
