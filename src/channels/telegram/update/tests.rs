//! What each kind of update is read as, and which are nobody's words.

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
