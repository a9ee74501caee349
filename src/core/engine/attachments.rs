//! Files and places in a turn: what can be read becomes words, the rest is kept for a person, and
//! the customer is told so.

use crate::{
    Address, Attachment, Burst, Content, FileKind, Happening, Language, Media, compose::Draft,
    wording,
};

use super::Engine;

/// Something that became no words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// Kept for a person.
    Kept(FileKind),
    /// Larger than we take.
    TooLarge(u64),
    /// Not what it claims to be.
    WrongType,
    /// Never arrived.
    NotReceived,
    /// Not kept, for want of room.
    NoRoom,
    /// A place on the map.
    Place,
}

impl Engine {
    /// The words of a burst's files, and what became none.
    pub(super) async fn read_attachments(&self, burst: &Burst) -> (Vec<String>, Vec<Unread>) {
        let (mut read, mut unread) = (Vec::new(), Vec::new());
        for attachment in burst.attachments() {
            match self.read_attachment(attachment, burst.address()).await {
                Ok(words) => read.push(words),
                Err(why) if unread.contains(&why) => {}
                Err(why) => unread.push(why),
            }
        }
        (read, unread)
    }

    async fn read_attachment(
        &self,
        attachment: &Attachment,
        from: &Address,
    ) -> Result<String, Unread> {
        let Attachment::File { what, content, .. } = attachment else {
            return Err(Unread::Place);
        };
        match content {
            Content::Kept(media) => {
                let words = self.words_of(*what, media, from).await;
                words.ok_or(Unread::Kept(*what))
            }
            Content::TooLarge { limit_bytes } => Err(Unread::TooLarge(*limit_bytes)),
            Content::WrongType => Err(Unread::WrongType),
            Content::NotReceived => Err(Unread::NotReceived),
            Content::NoRoom => Err(Unread::NoRoom),
        }
    }

    /// The words of a kept file, where something can read it and there are any.
    async fn words_of(&self, what: FileKind, media: &Media, from: &Address) -> Option<String> {
        let reader = self.readers.iter().find(|reader| reader.reads(what))?;
        let content = self.media.read(from, media).await.ok()?;
        let words = reader.read(media, content).await.ok()??;
        (!words.trim().is_empty()).then_some(words)
    }
}

/// Tells the customer what became of what hung on the messages, and the ledger what it was.
pub(super) fn note(burst: &Burst, unread: &[Unread], language: Language, draft: &mut Draft) {
    let attachments: Vec<Attachment> = burst.attachments().into_iter().cloned().collect();
    if !attachments.is_empty() {
        draft.happenings.push(Happening::Attached { attachments });
    }
    for why in unread {
        match why {
            Unread::Kept(what) => {
                draft.word(
                    "kept_for_a_person",
                    wording::kept_for_a_person(language, *what),
                );
            }
            Unread::TooLarge(limit) => {
                draft.word("too_large", wording::too_large(language, *limit));
            }
            Unread::WrongType => draft.word("wrong_type", wording::wrong_type(language)),
            Unread::NotReceived => draft.word("not_received", wording::not_received(language)),
            Unread::NoRoom => draft.word("no_room", wording::no_room(language)),
            Unread::Place => draft.word("place_kept", wording::place_kept(language)),
        }
    }
}
