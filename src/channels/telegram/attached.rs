//! A message with a file: each kind in the way in which Telegram shows it best, and as a plain file
//! where it will not show it so.

use consultant_core::{
    FileKind,
    ports::{DeliveryError, Post, PostedFile},
};
use serde::Serialize;
use teloxide::{
    payloads::EditMessageCaption,
    requests::Payload,
    types::{InlineKeyboardMarkup, MessageEntity, MessageId, ReplyParameters},
};
use tracing::info;

use super::{
    TelegramChannel, card, delivery,
    markup::{self, Marked},
    outgoing::{self, Answer, Edited},
    place::Place,
};

/// The longest text under a file.
pub(super) const CAPTION_UTF16_UNITS: usize = 1024;

/// The largest picture that is shown as one (the Bot API's "Sending files").
const PHOTO_BYTES: usize = 10 * 1024 * 1024;

/// The largest file that a bot may send.
const FILE_BYTES: usize = 50 * 1024 * 1024;

/// In which of its ways Telegram shows a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Photo,
    Voice,
    Audio,
    Video,
    Document,
}

/// What all methods that send a file have in common.
#[derive(Serialize)]
struct SendFile {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    caption: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    caption_entities: Vec<MessageEntity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_parameters: Option<ReplyParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<InlineKeyboardMarkup>,
    /// What is sent as a plain file stays one.
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_content_type_detection: Option<bool>,
}

impl Way {
    fn of(file: PostedFile<'_>) -> Self {
        let small = file.content.len() <= PHOTO_BYTES;
        match (file.what, file.media_type) {
            (FileKind::Picture, "image/jpeg" | "image/png" | "image/webp") if small => Self::Photo,
            // A voice note is Opus in Ogg; some tell its container and some what is in it.
            (FileKind::Voice, "audio/ogg" | "audio/opus") => Self::Voice,
            (FileKind::Voice, sound) if sound.starts_with("audio/") => Self::Audio,
            (FileKind::Video, "video/mp4") => Self::Video,
            _ => Self::Document,
        }
    }

    const fn method(self) -> &'static str {
        match self {
            Self::Photo => "sendPhoto",
            Self::Voice => "sendVoice",
            Self::Audio => "sendAudio",
            Self::Video => "sendVideo",
            Self::Document => "sendDocument",
        }
    }

    const fn part(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Voice => "voice",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Document => "document",
        }
    }
}

impl TelegramChannel {
    pub(super) async fn send_file(
        &self,
        place: Place,
        marked: Marked,
        post: Post<'_>,
        file: PostedFile<'_>,
    ) -> Answer {
        let mut message = SendFile {
            chat_id: place.chat,
            message_thread_id: place.outbound_thread(),
            caption: marked.text,
            caption_entities: marked.entities,
            reply_parameters: outgoing::question(place, post),
            reply_markup: card::keyboard(post.card),
            disable_content_type_detection: None,
        };
        let way = Way::of(file);
        if way != Way::Document {
            match self.upload(way, &message, file).await {
                Err(failure) if delivery::wants_another_way(&failure) => {
                    info!(%failure, "Telegram takes a file only as a plain one");
                }
                answer => return answer,
            }
        }
        message.disable_content_type_detection = Some(true);
        self.upload(Way::Document, &message, file).await
    }

    async fn upload(&self, way: Way, message: &SendFile, file: PostedFile<'_>) -> Answer {
        let part = (way.part(), file);
        self.api.upload(way.method(), message, part).await
    }

    /// The file itself stays.
    pub(super) async fn edit_caption(
        &self,
        place: Place,
        message: MessageId,
        marked: Marked,
        post: Post<'_>,
    ) -> Edited {
        let mut edit = EditMessageCaption::new(outgoing::recipient(place), message);
        edit.caption = Some(marked.text);
        edit.caption_entities = outgoing::some_entities(marked.entities);
        edit.reply_markup = card::keyboard(post.card);
        let edited = self.api.call(EditMessageCaption::NAME, &edit).await;
        edited.map(drop)
    }
}

/// Refuses a file that Telegram would refuse, before it is uploaded.
pub(super) fn check(post: Post<'_>) -> Result<(), DeliveryError> {
    check_caption(post)?;
    match post.file.map_or(1, |file| file.content.len()) {
        0 => refused("the file is empty"),
        bytes if bytes > FILE_BYTES => refused("the file is too large for a bot"),
        _ => Ok(()),
    }
}

/// Refuses words that do not fit under a file; a change of them brings no file.
pub(super) fn check_caption(post: Post<'_>) -> Result<(), DeliveryError> {
    if post.file.is_some() && markup::units(post.text) > CAPTION_UTF16_UNITS {
        return refused("the text under the file is too long");
    }
    Ok(())
}

fn refused(what: &str) -> Result<(), DeliveryError> {
    Err(DeliveryError::Refused(what.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_way(what: FileKind, media_type: &str, expect: Way) {
        let file = PostedFile {
            what,
            name: "a name",
            media_type,
            content: b"content",
        };
        assert_eq!(Way::of(file), expect, "{what:?} {media_type}");
    }

    #[test]
    fn each_file_is_sent_in_its_own_way() {
        check_way(FileKind::Picture, "image/jpeg", Way::Photo);
        check_way(FileKind::Picture, "image/png", Way::Photo);
        check_way(FileKind::Picture, "image/webp", Way::Photo);
        check_way(FileKind::Picture, "image/tiff", Way::Document);
        check_way(FileKind::Voice, "audio/ogg", Way::Voice);
        check_way(FileKind::Voice, "audio/opus", Way::Voice);
        check_way(FileKind::Voice, "audio/mpeg", Way::Audio);
        check_way(FileKind::Voice, "video/mp4", Way::Document);
        check_way(FileKind::Video, "video/mp4", Way::Video);
        check_way(FileKind::Video, "video/webm", Way::Document);
        check_way(FileKind::File, "image/jpeg", Way::Document);
        check_way(FileKind::File, "application/pdf", Way::Document);
    }

    #[test]
    fn a_picture_beyond_ten_megabytes_is_a_plain_file() {
        let large = vec![0; PHOTO_BYTES + 1];
        let file = |content| PostedFile {
            what: FileKind::Picture,
            name: "a name",
            media_type: "image/png",
            content,
        };
        assert_eq!(Way::of(file(&large)), Way::Document);
        assert_eq!(Way::of(file(&large[1..])), Way::Photo);
    }
}
