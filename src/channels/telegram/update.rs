//! From an update's JSON to an `Inbound`. Reads only the few fields that are needed, into types of
//! its own: teloxide's full types drop a whole message when one entity or field is newer than they
//! are, and a customer's message must never vanish because Telegram added a feature.

use consultant_core::{
    Address, ChannelName, Command, Inbound, InboundEvent, InboundKey, Unsupported,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    mention::{self, Entity},
    place::{GENERAL_TOPIC, Place},
};

/// The bot itself, as getMe tells it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Me {
    /// Its user id.
    pub(super) id: i64,
    /// Its name without the at sign.
    pub(super) username: String,
}

/// What an update is to us.
#[derive(Debug)]
pub(super) enum Read {
    /// Something to answer, and the number of the message that asks.
    Inbound(Box<Inbound>, i64),
    /// Nothing to answer.
    Ignored,
    /// Not as the Bot API describes it.
    Unreadable,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(rename = "message_id")]
    number: i64,
    date: i64,
    chat: Chat,
    from: Option<User>,
    #[serde(rename = "message_thread_id")]
    thread: Option<i32>,
    #[serde(rename = "is_topic_message", default)]
    in_topic: bool,
    #[serde(default)]
    is_automatic_forward: bool,
    #[serde(rename = "reply_to_message")]
    replied: Option<Replied>,
    text: Option<String>,
    #[serde(default)]
    entities: Vec<Entity>,
    caption: Option<String>,
    #[serde(default)]
    caption_entities: Vec<Entity>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    is_forum: bool,
}

#[derive(Debug, Deserialize)]
struct User {
    id: i64,
    is_bot: bool,
    language_code: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Replied {
    from: Option<User>,
    forum_topic_created: Option<Value>,
}

/// Contents without text, the more telling key first: an animation comes with a `document` too,
/// a venue with a `location`.
const CONTENTS: [(&str, Unsupported); 20] = [
    ("sticker", Unsupported::Sticker),
    ("dice", Unsupported::Sticker),
    ("photo", Unsupported::Picture),
    ("live_photo", Unsupported::Picture),
    ("voice", Unsupported::Voice),
    ("audio", Unsupported::Voice),
    ("animation", Unsupported::Video),
    ("video", Unsupported::Video),
    ("video_note", Unsupported::Video),
    ("document", Unsupported::File),
    ("venue", Unsupported::Location),
    ("location", Unsupported::Location),
    ("poll", Unsupported::Poll),
    ("contact", Unsupported::Contact),
    ("paid_media", Unsupported::Other),
    ("story", Unsupported::Other),
    ("game", Unsupported::Other),
    ("checklist", Unsupported::Other),
    ("rich_message", Unsupported::Other),
    ("web_app_data", Unsupported::Other),
];

/// Reads one update. `Unreadable` when a field that every message has is missing or odd.
pub(super) fn read(update: &Value, update_id: i64, me: &Me) -> Read {
    let Some(message) = update.get("message") else {
        // An edit amends a question that was or will be answered; it is not a new one.
        return Read::Ignored;
    };
    let Ok(message) = Message::deserialize(message) else {
        return Read::Unreadable;
    };
    let Ok(sent_at) = Timestamp::from_second(message.date) else {
        return Read::Unreadable;
    };
    let Some(customer) = message.from.as_ref().filter(|user| !user.is_bot) else {
        return Read::Ignored;
    };
    let Some(event) = event(&message, me) else {
        return Read::Ignored;
    };
    let inbound = Inbound {
        key: InboundKey(format!("telegram:{}:{update_id}", me.id)),
        address: Address::new(
            ChannelName::Telegram,
            place(&message, customer.id).to_string(),
        ),
        sent_at,
        locale: customer.language_code.clone(),
        event,
    };
    Read::Inbound(Box::new(inbound), message.number)
}

fn place(message: &Message, customer: i64) -> Place {
    let topic = message.thread.filter(|_| message.in_topic);
    Place {
        chat: message.chat.id,
        // Some clients' messages in the General topic carry no thread at all.
        thread: topic.or(message.chat.is_forum.then_some(GENERAL_TOPIC)),
        user: (message.chat.kind != "private").then_some(customer),
    }
}

/// What a message asks of us; `None` where it asks nothing.
fn event(message: &Message, me: &Me) -> Option<InboundEvent> {
    match message.chat.kind.as_str() {
        "private" => private_event(message, me),
        "group" | "supergroup" => group_event(message, me),
        _ => None,
    }
}

fn private_event(message: &Message, me: &Me) -> Option<InboundEvent> {
    let Some((text, entities)) = words(message) else {
        return content(message).map(|what| InboundEvent::Unsupported { what });
    };
    let (text, _) = mention::strip(text, entities, me);
    Some(
        command(&text, me).map_or(InboundEvent::Message { text }, |command| {
            InboundEvent::Command { command }
        }),
    )
}

/// In a group the bot answers only who speaks to it: by a mention, a reply or a command.
fn group_event(message: &Message, me: &Me) -> Option<InboundEvent> {
    if message.is_automatic_forward {
        return None;
    }
    let replies = replies_to(message, me);
    let Some((text, entities)) = words(message) else {
        let what = content(message)?;
        return replies.then_some(InboundEvent::Unsupported { what });
    };
    let (text, mentioned) = mention::strip(text, entities, me);
    if let Some(command) = command(&text, me) {
        return Some(InboundEvent::Command { command });
    }
    let addressed = mentioned || replies || mention::command_is_ours(&text, me);
    let elsewhere = mention::command_is_anothers(&text, me);
    (addressed && !elsewhere).then_some(InboundEvent::Message { text })
}

fn words(message: &Message) -> Option<(&str, &[Entity])> {
    match (&message.text, &message.caption) {
        (Some(text), _) => Some((text, &message.entities)),
        (None, Some(caption)) => Some((caption, &message.caption_entities)),
        (None, None) => None,
    }
}

fn command(text: &str, me: &Me) -> Option<Command> {
    let (name, bot) = mention::command(text)?;
    let ours = bot.is_none_or(|bot| bot.eq_ignore_ascii_case(&me.username));
    Command::from_name(name).filter(|_| ours)
}

/// In a forum every message of a topic "replies" to the message that created the topic; when the
/// bot made the topic, that is no word to the bot.
fn replies_to(message: &Message, me: &Me) -> bool {
    message.replied.as_ref().is_some_and(|replied| {
        replied.forum_topic_created.is_none()
            && replied.from.as_ref().is_some_and(|user| user.id == me.id)
    })
}

/// What a message without words holds; `None` for service messages (joins, pins, topics…).
fn content(message: &Message) -> Option<Unsupported> {
    CONTENTS
        .iter()
        .find(|(key, _)| message.rest.contains_key(*key))
        .map(|(_, what)| *what)
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

    /// The place and the event in short, or why there is none.
    #[track_caller]
    fn check(update: &Value, expect: &str) {
        let shown = match read(update, 9, &me()) {
            Read::Ignored => "ignored".to_owned(),
            Read::Unreadable => "unreadable".to_owned(),
            Read::Inbound(inbound, 5) => {
                let event = match inbound.event {
                    InboundEvent::Message { text } => format!("says {text:?}"),
                    InboundEvent::Command { command } => format!("/{}", command.name()),
                    InboundEvent::Unsupported { what } => format!("{what:?}"),
                };
                format!("{} {event}", inbound.address.place)
            }
            Read::Inbound(..) => panic!("wrong message number"),
        };
        assert_eq!(shown, expect);
    }

    #[test]
    fn a_private_message_is_an_inbound_with_all_its_parts() {
        let Read::Inbound(inbound, 5) = read(&private(&json!({"text": "你好"})), 9, &me()) else {
            panic!("not an inbound");
        };
        insta::assert_json_snapshot!(inbound, @r#"
        {
          "key": "telegram:42:9",
          "address": {
            "channel": "telegram",
            "place": "7"
          },
          "sent_at": "2023-11-14T22:13:20Z",
          "locale": "zh-hans",
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
    }

    #[test]
    fn service_messages_edits_and_bots_are_ignored() {
        check(&group(&json!({"new_chat_members": []})), "ignored");
        check(&group(&json!({"pinned_message": {}})), "ignored");
        check(
            &json!({"update_id": 9, "edited_message": {"text": "x"}}),
            "ignored",
        );
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
