//! What a Discord message means to the bot: whether it is spoken to, and what was said. Plain
//! functions from serenity's values to the domain's.

use consultant_core::{Command, FileKind, InboundEvent, Unsupported};
use jiff::Timestamp;
use serenity::all::{
    Attachment, Message, MessageFlags, MessageType, MessageUpdateEvent, RoleId, User, UserId,
};

/// 2015-01-01, from which Discord's ids count milliseconds (Discord's reference, "Snowflakes").
const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;

/// When the thing with this id was made, by the platform's own clock.
pub(super) fn made_at(id: u64) -> Timestamp {
    let millis = (id >> 22).saturating_add(DISCORD_EPOCH_MS);
    let millis = i64::try_from(millis).unwrap_or_default();
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// The last id that this moment may have given: the other way round.
pub(super) fn last_id_at(time: Timestamp) -> u64 {
    let millis = u64::try_from(time.as_millisecond()).unwrap_or_default();
    (millis.saturating_sub(DISCORD_EPOCH_MS) << 22) | ((1 << 22) - 1)
}

/// What the bot is called in a place: by its user, and in a guild by the role that Discord made
/// for it. Both have the same name, so that people pick the one when they mean the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub(super) user: UserId,
    pub(super) role: Option<RoleId>,
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
pub(super) fn names_the_bot(message: &Message, bot: Names) -> bool {
    let replied_to = message.referenced_message.as_deref();
    is_meant((&message.mentions, &message.mention_roles), replied_to, bot)
}

/// Whether a message that was edited names the bot or replies to it.
pub(super) fn edit_names_the_bot(edit: &MessageUpdateEvent, bot: Names) -> bool {
    let mentions = edit.mentions.as_deref().unwrap_or_default();
    let roles = edit.mention_roles.as_deref().unwrap_or_default();
    let replied_to = edit.referenced_message.as_ref().and_then(Option::as_deref);
    is_meant((mentions, roles), replied_to, bot)
}

fn is_meant(
    (users, roles): (&[User], &[RoleId]),
    replied_to: Option<&Message>,
    bot: Names,
) -> bool {
    users.iter().any(|user| user.id == bot.user)
        || bot.role.is_some_and(|role| roles.contains(&role))
        || replied_to.is_some_and(|earlier| earlier.author.id == bot.user)
}

/// What was said. Files are named, but not fetched yet.
#[derive(Debug, PartialEq)]
pub(super) struct Said {
    pub(super) event: InboundEvent,
    pub(super) files: Vec<Wanted>,
}

/// A file that hangs on a message, as Discord describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) what: FileKind,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) bytes: u64,
    pub(super) media_type: String,
}

/// What was said. Commands count before everything, words and files before what cannot be read.
pub(super) fn said(message: &Message, bot: Names) -> Said {
    let text = without_mention(&message.content, bot);
    if let Some(command) = typed_command(&text) {
        return Said::of(InboundEvent::Command { command });
    }
    let files = files_of(message);
    match unreadable(message) {
        Some(what) if text.is_empty() && files.is_empty() => {
            Said::of(InboundEvent::Unsupported { what })
        }
        _ => Said {
            event: InboundEvent::says(text),
            files,
        },
    }
}

impl Said {
    fn of(event: InboundEvent) -> Self {
        let files = Vec::new();
        Self { event, files }
    }
}

/// `/help` typed as text, where the client did not offer it as a slash command.
fn typed_command(text: &str) -> Option<Command> {
    text.strip_prefix('/').and_then(Command::from_name)
}

/// The text without the bot's own mention, in all spellings. A text without one stays as it is.
pub(super) fn without_mention(content: &str, bot: Names) -> String {
    let user = bot.user;
    let by_role = bot.role.map(|role| format!("<@&{role}>"));
    let spellings = [format!("<@{user}>"), format!("<@!{user}>")].into_iter();
    let mut text = content.to_owned();
    for mention in spellings.chain(by_role) {
        text = text.replace(&mention, "");
    }
    if text.len() == content.len() {
        return text;
    }
    text.trim().to_owned()
}

/// What hangs on a message.
pub(super) fn files_of(message: &Message) -> Vec<Wanted> {
    let files = message.attachments.iter();
    files.map(|file| wanted(message, file)).collect()
}

/// What a message carries that cannot be read.
pub(super) fn unreadable(message: &Message) -> Option<Unsupported> {
    if !message.sticker_items.is_empty() {
        return Some(Unsupported::Sticker);
    }
    if message.poll.is_some() {
        return Some(Unsupported::Poll);
    }
    let forwarded = !message.message_snapshots.is_empty();
    let carries = forwarded || !message.embeds.is_empty() || !message.components.is_empty();
    carries.then_some(Unsupported::Other)
}

fn wanted(message: &Message, file: &Attachment) -> Wanted {
    let media_type = file.content_type.clone().unwrap_or_default();
    Wanted {
        what: kind_of(message, &media_type),
        name: file.filename.clone(),
        url: file.url.clone(),
        bytes: u64::from(file.size),
        media_type,
    }
}

fn kind_of(message: &Message, media_type: &str) -> FileKind {
    let flags = message.flags.unwrap_or_default();
    if flags.contains(MessageFlags::IS_VOICE_MESSAGE) {
        return FileKind::Voice;
    }
    match media_type.split('/').next() {
        Some("image") => FileKind::Picture,
        Some("audio") => FileKind::Voice,
        Some("video") => FileKind::Video,
        _ => FileKind::File,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const BOT: Names = Names {
        user: UserId::new(42),
        role: Some(RoleId::new(44)),
    };

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
        InboundEvent::says(text)
    }

    #[track_caller]
    fn check_text(content: &str, expect: &InboundEvent) {
        let said = said(&message(&json!({ "content": content })), BOT);
        assert_eq!(said.event, *expect);
    }

    #[test]
    fn the_bots_mention_is_not_part_of_the_text() {
        check_text("<@42> how much?", &says("how much?"));
        check_text("<@!42>你好", &says("你好"));
        check_text("hello <@42>", &says("hello"));
        check_text("<@&44> how much?", &says("how much?"));
        check_text("ask <@&45>", &says("ask <@&45>"));
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

    #[test]
    fn what_cannot_be_read_is_named() {
        let sticker = json!([{ "id": "1", "name": "wave", "format_type": 1 }]);
        let heard = said(&message(&json!({ "sticker_items": sticker })), BOT);
        let what = Unsupported::Sticker;
        assert_eq!(heard.event, InboundEvent::Unsupported { what });
        let with_words = message(&json!({ "sticker_items": sticker, "content": "hi" }));
        assert_eq!(said(&with_words, BOT).event, says("hi"));
    }

    #[track_caller]
    fn check_file(media_type: &str, flags: u64, expect: FileKind) {
        let file = json!([{ "id": "1", "filename": "f", "size": 7, "url": "u", "proxy_url": "",
                            "content_type": media_type }]);
        let changes = json!({ "attachments": file, "flags": flags, "content": "see this" });
        let heard = said(&message(&changes), BOT);
        assert_eq!(heard.event, says("see this"));
        let wanted = Wanted {
            what: expect,
            name: "f".to_owned(),
            url: "u".to_owned(),
            bytes: 7,
            media_type: media_type.to_owned(),
        };
        assert_eq!(heard.files, [wanted]);
    }

    #[test]
    fn files_are_told_apart() {
        check_file("image/png", 0, FileKind::Picture);
        check_file("audio/ogg", 0, FileKind::Voice);
        check_file("video/mp4", 0, FileKind::Video);
        check_file("application/pdf", 0, FileKind::File);
        check_file("", 0, FileKind::File);
        check_file("", 1 << 13, FileKind::Voice);
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
        let last = last_id_at(example);
        assert_eq!(made_at(last), example);
        assert!(made_at(last + 1) > example);
    }

    #[test]
    fn the_bot_is_named_by_its_user_and_by_the_role_that_came_with_it() {
        let names = |changes: &Value, bot| names_the_bot(&message(changes), bot);
        let user = json!([{ "id": "42", "username": "lamps", "discriminator": "0" }]);
        assert!(names(&json!({ "mentions": user }), BOT));
        let role = json!({ "mention_roles": ["43", "44"] });
        assert!(names(&role, BOT));
        assert!(!names(&json!({ "mention_roles": ["43"] }), BOT));
        assert!(!names(&json!({}), BOT));
        let without_a_role = Names { role: None, ..BOT };
        assert!(!names(&role, without_a_role));
    }

    proptest! {
        #[test]
        fn no_text_and_no_id_breaks_the_reader(content in ".*", id in any::<u64>()) {
            let with_mention = format!("<@42>{content}<@!42");
            said(&message(&json!({ "content": with_mention })), BOT);
            made_at(id);
        }
    }
}
