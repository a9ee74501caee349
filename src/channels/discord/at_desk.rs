//! What people do at a desk: every message of a room counts, whether it speaks to the bot or not, and
//! a room belongs to no single person. Plain functions from serenity's values to the domain's.

use consultant_core::{
    InboundEvent, MessageId,
    desk::{AtDesk, DeskEvent},
};
use serenity::all::{Message, MessageType, MessageUpdateEvent, PartialMember, User};

use super::reading::{Names, Said, files_of, unreadable, without_mention};

/// Who does something at a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: u64,
    /// What the guild calls them.
    pub(super) name: String,
}

impl Person {
    /// Somebody by this name in their guild, or by the one that they have everywhere.
    pub(super) fn called(user: &User, nick: Option<&str>) -> Self {
        Self {
            id: user.id.get(),
            name: nick.unwrap_or_else(|| user.display_name()).to_owned(),
        }
    }

    /// Who wrote a message.
    pub(super) fn who_wrote(message: &Message) -> Self {
        Self::called(&message.author, nick(message.member.as_deref()))
    }

    /// Who changed a message; Discord may leave out who.
    pub(super) fn who_rewrote(edit: &MessageUpdateEvent) -> Option<Self> {
        let member = edit.member.as_ref().and_then(Option::as_deref);
        let author = edit.author.as_ref()?;
        Some(Self::called(author, nick(member)))
    }

    /// That this person did it.
    pub(super) fn did(&self, what: DeskEvent) -> InboundEvent {
        InboundEvent::AtDesk(AtDesk {
            user: self.id.to_string(),
            name: self.name.clone(),
            // What is said beside the rooms has the address of the desk.
            among_all: false,
            what,
        })
    }
}

fn nick(member: Option<&PartialMember>) -> Option<&str> {
    member?.nick.as_deref()
}

/// What was written. Words and files count before what cannot be carried over.
pub(super) fn wrote(message: &Message, bot: Names) -> Said {
    let person = Person::who_wrote(message);
    let text = without_mention(&message.content, bot);
    let files = files_of(message);
    if let Some(what) = unreadable(message)
        && text.is_empty()
        && files.is_empty()
    {
        let event = person.did(DeskEvent::Other { what });
        return Said { event, files };
    }
    let event = person.did(DeskEvent::Wrote {
        text,
        attachments: Vec::new(),
        quotes: answered(message),
    });
    Said { event, files }
}

/// The message that this one answers. One that was forwarded names another one too, which is not here.
pub(super) fn answered(message: &Message) -> Option<MessageId> {
    let reference = message.message_reference.as_ref();
    let reference = reference.filter(|_| message.kind == MessageType::InlineReply)?;
    let id = reference.message_id?.to_string();
    Some(MessageId(id))
}

/// What a message reads now. One whose words were all taken away, but not its file, says nothing new.
pub(super) fn rewrote(edit: &MessageUpdateEvent, bot: Names) -> Option<InboundEvent> {
    let text = without_mention(edit.content.as_ref()?, bot);
    let person = Person::who_rewrote(edit)?;
    (!text.is_empty()).then(|| person.did(DeskEvent::Rewrote { text }))
}

/// What somebody asked by a slash command or a button. The bot's commands are for customers: at a desk
/// one is what it would be as a text.
pub(super) fn asked(person: &Person, event: InboundEvent) -> InboundEvent {
    let text = match event {
        InboundEvent::Pressed { press } => return person.did(DeskEvent::Pressed { press }),
        InboundEvent::Command { command } => format!("/{}", command.name()),
        InboundEvent::Message { text, .. } => text,
        other => return other,
    };
    person.did(DeskEvent::Wrote {
        text,
        attachments: Vec::new(),
        quotes: None,
    })
}

#[cfg(test)]
mod tests {
    use consultant_core::Command;
    use serde_json::{Value, json};
    use serenity::all::UserId;

    use super::*;

    const BOT: Names = Names {
        user: UserId::new(42),
        role: None,
    };

    fn json_of(changes: &Value) -> Value {
        let mut json = json!({
            "id": "1", "channel_id": "2", "content": "", "timestamp": "2026-01-01T00:00:00Z",
            "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": [],
            "mention_roles": [], "attachments": [], "embeds": [], "pinned": false, "type": 0,
            "author": { "id": "3", "username": "tom", "global_name": "Tom", "discriminator": "0" },
        });
        for (field, value) in changes.as_object().unwrap() {
            json[field] = value.clone();
        }
        json
    }

    fn shown(event: &InboundEvent) -> String {
        let InboundEvent::AtDesk(AtDesk {
            user, name, what, ..
        }) = event
        else {
            panic!("it is no event of a desk")
        };
        format!("{user} {name} {what:?}")
    }

    #[track_caller]
    fn check(changes: &Value, expect: &str, files: usize) {
        let message = serde_json::from_value(json_of(changes)).unwrap();
        let said = wrote(&message, BOT);
        assert_eq!(shown(&said.event), expect);
        assert_eq!(said.files.len(), files);
    }

    fn wrote_text(text: &str, quotes: &str) -> String {
        format!("3 Tom Wrote {{ text: {text:?}, attachments: [], quotes: {quotes} }}")
    }

    #[test]
    fn every_message_counts_with_the_files_on_it() {
        check(&json!({"content": "hi"}), &wrote_text("hi", "None"), 0);
        check(
            &json!({"content": "<@42> /take"}),
            &wrote_text("/take", "None"),
            0,
        );
        check(
            &json!({"content": "/help"}),
            &wrote_text("/help", "None"),
            0,
        );
        let file = json!([{ "id": "1", "filename": "f", "size": 7, "url": "u", "proxy_url": "" }]);
        check(&json!({"attachments": file}), &wrote_text("", "None"), 1);
        let nick = json!({ "nick": "Tom of sales", "roles": [], "joined_at": null, "deaf": false,
                           "mute": false, "flags": 0 });
        let expect = wrote_text("hi", "None").replace("Tom", "Tom of sales");
        check(&json!({"content": "hi", "member": nick}), &expect, 0);
    }

    #[test]
    fn a_reply_quotes_and_what_is_forwarded_does_not() {
        let reference = |kind: u8| json!({ "type": kind, "message_id": "9", "channel_id": "2" });
        check(
            &json!({"content": "yes", "type": 19, "message_reference": reference(0)}),
            &wrote_text("yes", "Some(MessageId(\"9\"))"),
            0,
        );
        let snapshot = json!([{ "message": json_of(&json!({"content": "read this"})) }]);
        check(
            &json!({"message_reference": reference(1), "message_snapshots": snapshot}),
            "3 Tom Other { what: Other }",
            0,
        );
        check(
            &json!({"content": "a poll", "message_reference": reference(1)}),
            &wrote_text("a poll", "None"),
            0,
        );
    }

    #[test]
    fn what_cannot_be_carried_over_is_named() {
        let sticker = json!([{ "id": "1", "name": "wave", "format_type": 1 }]);
        let alone = json!({"sticker_items": sticker});
        check(&alone, "3 Tom Other { what: Sticker }", 0);
        let with_words = json!({"sticker_items": sticker, "content": "hi"});
        check(&with_words, &wrote_text("hi", "None"), 0);
    }

    #[test]
    fn an_edit_says_what_stands_there_now_unless_nothing_does() {
        let edit = |text: &str| serde_json::from_value(json_of(&json!({"content": text}))).unwrap();
        let rewritten = rewrote(&edit("<@42> two"), BOT).unwrap();
        assert_eq!(shown(&rewritten), "3 Tom Rewrote { text: \"two\" }");
        assert_eq!(rewrote(&edit(""), BOT), None);
    }

    #[test]
    fn a_customers_command_is_a_text_at_a_desk() {
        let tom = Person {
            id: 3,
            name: "Tom".to_owned(),
        };
        let command = Command::Help;
        let help = asked(&tom, InboundEvent::Command { command });
        assert_eq!(shown(&help), wrote_text("/help", "None"));
        let old = asked(&tom, InboundEvent::says("/stop"));
        assert_eq!(shown(&old), wrote_text("/stop", "None"));
        let press = "desk:take".to_owned();
        let pressed = asked(&tom, InboundEvent::Pressed { press });
        assert_eq!(shown(&pressed), "3 Tom Pressed { press: \"desk:take\" }");
    }
}
