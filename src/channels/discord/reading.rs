//! What a Discord message means to the bot: whether it is spoken to, and what was said. Plain
//! functions from serenity's values to the domain's.

use consultant_core::{Command, InboundEvent, Unsupported};
use jiff::Timestamp;
use serenity::all::{Attachment, Message, MessageFlags, MessageType, UserId};

/// 2015-01-01, from which Discord's ids count milliseconds (Discord's reference, "Snowflakes").
const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;

/// When the thing with this id was made, by the platform's own clock.
pub(super) fn made_at(id: u64) -> Timestamp {
    let millis = (id >> 22).saturating_add(DISCORD_EPOCH_MS);
    let millis = i64::try_from(millis).unwrap_or_default();
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// Whether a person wrote this: no bot (ourselves included), no webhook, no system notice.
pub(super) fn is_from_a_person(message: &Message) -> bool {
    let spoken = matches!(
        message.kind,
        MessageType::Regular | MessageType::InlineReply
    );
    spoken && !message.author.bot && !message.author.system && message.webhook_id.is_none()
}

/// Whether this message names the bot or replies to it.
pub(super) fn names_the_bot(message: &Message, bot: UserId) -> bool {
    let replied_to = message.referenced_message.as_ref();
    message.mentions.iter().any(|user| user.id == bot)
        || replied_to.is_some_and(|earlier| earlier.author.id == bot)
}

/// What was said. Text counts before what hangs on it.
pub(super) fn event_of(message: &Message, bot: UserId) -> InboundEvent {
    let text = without_mention(&message.content, bot);
    if let Some(command) = typed_command(&text) {
        return InboundEvent::Command { command };
    }
    match unreadable(message) {
        Some(what) if text.is_empty() => InboundEvent::Unsupported { what },
        _ => InboundEvent::Message { text },
    }
}

/// `/help` typed as text, where the client did not offer it as a slash command.
fn typed_command(text: &str) -> Option<Command> {
    text.strip_prefix('/').and_then(Command::from_name)
}

/// The text without the bot's own mention, in both spellings. A text without one stays as it is.
fn without_mention(content: &str, bot: UserId) -> String {
    let (plain, by_nick) = (format!("<@{bot}>"), format!("<@!{bot}>"));
    if !content.contains(&plain) && !content.contains(&by_nick) {
        return content.to_owned();
    }
    let text = content.replace(&plain, "").replace(&by_nick, "");
    text.trim().to_owned()
}

fn unreadable(message: &Message) -> Option<Unsupported> {
    if !message.sticker_items.is_empty() {
        return Some(Unsupported::Sticker);
    }
    if message.poll.is_some() {
        return Some(Unsupported::Poll);
    }
    if let Some(attachment) = message.attachments.first() {
        return Some(kind_of(message, attachment));
    }
    let forwarded = !message.message_snapshots.is_empty();
    let carries = forwarded || !message.embeds.is_empty() || !message.components.is_empty();
    carries.then_some(Unsupported::Other)
}

fn kind_of(message: &Message, attachment: &Attachment) -> Unsupported {
    let flags = message.flags.unwrap_or_default();
    if flags.contains(MessageFlags::IS_VOICE_MESSAGE) {
        return Unsupported::Voice;
    }
    let media_type = attachment.content_type.as_deref().unwrap_or_default();
    match media_type.split('/').next() {
        Some("image") => Unsupported::Picture,
        Some("audio") => Unsupported::Voice,
        Some("video") => Unsupported::Video,
        _ => Unsupported::File,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const BOT: UserId = UserId::new(42);

    fn message(changes: &Value) -> Message {
        let mut json = json!({
            "id": "1", "channel_id": "2", "content": "", "timestamp": "2026-01-01T00:00:00Z",
            "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": [],
            "mention_roles": [], "attachments": [], "embeds": [], "pinned": false, "type": 0,
            "author": { "id": "3", "username": "ann", "discriminator": "0" },
        });
        for (field, value) in changes.as_object().unwrap() {
            json[field] = value.clone();
        }
        serde_json::from_value(json).unwrap()
    }

    fn says(text: &str) -> InboundEvent {
        let text = text.to_owned();
        InboundEvent::Message { text }
    }

    #[track_caller]
    fn check_text(content: &str, expect: &InboundEvent) {
        assert_eq!(
            event_of(&message(&json!({ "content": content })), BOT),
            *expect
        );
    }

    #[test]
    fn the_bots_mention_is_not_part_of_the_text() {
        check_text("<@42> how much?", &says("how much?"));
        check_text("<@!42>你好", &says("你好"));
        check_text("hello <@42>", &says("hello"));
        check_text("ask <@43>", &says("ask <@43>"));
        check_text("<@42>", &says(""));
        check_text("  spaced  ", &says("  spaced  "));
        check_text("مرحبا <@42>", &says("مرحبا"));
    }

    #[test]
    fn a_typed_command_is_a_command() {
        let reset = Command::Reset;
        check_text("/reset", &InboundEvent::Command { command: reset });
        check_text("<@42> /Reset", &InboundEvent::Command { command: reset });
        check_text("/resettle", &says("/resettle"));
        check_text("/reset now", &says("/reset now"));
    }

    #[track_caller]
    fn check_unreadable(changes: &Value, what: Unsupported) {
        let event = event_of(&message(changes), BOT);
        assert_eq!(event, InboundEvent::Unsupported { what });
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let file = |media_type: &str| {
            json!([{ "id": "1", "filename": "f", "size": 1, "url": "", "proxy_url": "",
                     "content_type": media_type }])
        };
        let sticker = json!([{ "id": "1", "name": "wave", "format_type": 1 }]);
        check_unreadable(&json!({ "sticker_items": sticker }), Unsupported::Sticker);
        check_unreadable(
            &json!({ "attachments": file("image/png") }),
            Unsupported::Picture,
        );
        check_unreadable(
            &json!({ "attachments": file("audio/ogg") }),
            Unsupported::Voice,
        );
        check_unreadable(
            &json!({ "attachments": file("video/mp4") }),
            Unsupported::Video,
        );
        check_unreadable(&json!({ "attachments": file("") }), Unsupported::File);
        let voice = json!({ "attachments": file(""), "flags": 1 << 13 });
        check_unreadable(&voice, Unsupported::Voice);
    }

    #[test]
    fn text_counts_before_what_hangs_on_it() {
        let file = json!([{ "id": "1", "filename": "f", "size": 1, "url": "", "proxy_url": "" }]);
        let both = message(&json!({ "content": "see this", "attachments": file }));
        assert_eq!(event_of(&both, BOT), says("see this"));
    }

    #[test]
    fn only_people_are_heard() {
        assert!(is_from_a_person(&message(&json!({}))));
        assert!(is_from_a_person(&message(&json!({ "type": 19 }))));
        let bot = json!({ "id": "3", "username": "x", "discriminator": "0", "bot": true });
        assert!(!is_from_a_person(&message(&json!({ "author": bot }))));
        assert!(!is_from_a_person(&message(&json!({ "webhook_id": "9" }))));
        assert!(!is_from_a_person(&message(&json!({ "type": 7 }))));
    }

    #[test]
    fn an_id_tells_its_time() {
        // The example of Discord's reference.
        let example = made_at(175_928_847_299_117_063);
        assert_eq!(example.to_string(), "2016-04-30T11:18:25.796Z");
    }

    proptest! {
        #[test]
        fn no_text_and_no_id_breaks_the_reader(content in ".*", id in any::<u64>()) {
            let with_mention = format!("<@42>{content}<@!42");
            event_of(&message(&json!({ "content": with_mention })), BOT);
            made_at(id);
        }
    }
}
