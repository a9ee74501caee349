//! Voice notes and pictures in a house where something reads them: what is read is answered like
//! what is written, and what is not is said so and kept.

use std::sync::Arc;

use async_trait::async_trait;
use consultant_core::{
    Attachment, Content, FileKind, Happening, Media,
    ports::{MediaReader, ModelError},
};
use consultant_tests::room::{OnScreen, Room};

const KEPT: &str = "kept it for a colleague";

/// Reads words that stand in a file behind its mark.
struct Reader {
    what: FileKind,
    mark: &'static str,
}

/// What makes a [`Reader`] fail.
const BROKEN: &str = "broken";

#[async_trait]
impl MediaReader for Reader {
    fn reads(&self, what: FileKind) -> bool {
        what == self.what
    }

    async fn read(&self, media: &Media, content: Vec<u8>) -> Result<Option<String>, ModelError> {
        assert_eq!(media.bytes, content.len() as u64, "the file is whole");
        let text = String::from_utf8_lossy(&content);
        match text.strip_prefix(self.mark) {
            Some(BROKEN) => Err(ModelError::Failed("the test broke it".to_owned())),
            Some(words) => Ok(Some(words.to_owned())),
            None => Ok(None),
        }
    }
}

/// A house in which voice notes are heard and pictures looked at.
fn attentive() -> Room {
    let readers = [
        (FileKind::Voice, "OggS "),
        (FileKind::Picture, "\u{89}PNG "),
    ];
    let reader = |(what, mark)| Arc::new(Reader { what, mark }) as Arc<dyn MediaReader>;
    Room::reading(readers.map(reader).to_vec())
}

async fn file(room: &Room, what: FileKind, content: &str) -> Attachment {
    Attachment::File {
        what,
        name: None,
        content: Content::Kept(room.keeps(content.as_bytes()).await),
    }
}

#[track_caller]
fn only(seen: &[OnScreen]) -> &str {
    assert_eq!(seen.len(), 1, "one message: {seen:#?}");
    &seen[0].text
}

/// Asserts that the ledger names what hung on the newest message, and that a person finds this
/// among it, as it came.
async fn check_kept(room: &Room, content: &str) {
    let happened = room.happened().await;
    let mut attached = happened.iter().filter_map(|it| match it {
        Happening::Attached { attachments } => Some(attachments),
        _ => None,
    });
    let attached = attached.next_back().expect("it is in the ledger");
    let mut found = Vec::new();
    for one in attached {
        if let Attachment::File {
            content: Content::Kept(media),
            ..
        } = one
        {
            found.push(room.opens(media).await);
        }
    }
    let content = content.as_bytes().to_vec();
    assert!(found.contains(&content), "{attached:?}");
}

#[tokio::test]
async fn a_question_in_a_voice_note_is_answered_from_facts() {
    let room = attentive();
    room.says("1", "hello").await;
    let asked = "OggS How much is the Halo desk lamp?";
    let voice = file(&room, FileKind::Voice, asked).await;
    let seen = room.sends("", vec![voice]).await;
    let reply = only(&seen);
    assert!(reply.contains("49.90"), "{reply}");
    assert!(!reply.contains(KEPT), "{reply}");
    assert_eq!(room.model.prompts(), [], "no model was asked");
    check_kept(&room, asked).await;

    // What was heard is part of the conversation: "it" is the lamp.
    let seen = room.says("2", "I'd like 2 of it").await;
    assert!(only(&seen).contains("Halo"), "{seen:?}");
}

#[tokio::test]
async fn what_is_written_and_what_is_read_are_one_question() {
    let room = attentive();
    room.says("1", "hello").await;
    let picture = file(&room, FileKind::Picture, "\u{89}PNG Halo desk lamp").await;
    let seen = room.sends("How much is this?", vec![picture]).await;
    let reply = only(&seen);
    assert!(reply.contains("49.90") && !reply.contains(KEPT), "{reply}");
}

#[tokio::test]
async fn of_a_read_and_an_unread_file_one_is_answered_and_the_other_kept() {
    let room = attentive();
    room.says("1", "hello").await;
    let asked = "OggS How much is the Halo desk lamp?";
    for (what, unread) in [
        (FileKind::Voice, "OggS broken"),
        (FileKind::Picture, "nothing to be seen"),
        (FileKind::Video, "nobody looks at films"),
    ] {
        let files = vec![
            file(&room, what, unread).await,
            file(&room, FileKind::Voice, asked).await,
        ];
        let seen = room.sends("", files).await;
        let reply = only(&seen);
        assert!(reply.contains("49.90"), "{unread}: {reply}");
        assert_eq!(reply.matches(KEPT).count(), 1, "{unread}: {reply}");
        check_kept(&room, unread).await;
    }
}

#[tokio::test]
async fn a_reader_that_fails_or_finds_no_words_loses_nothing() {
    let room = attentive();
    room.says("1", "hello").await;
    for unread in ["OggS broken", "OggS ", "OggS  \n ", "a noise"] {
        let voice = file(&room, FileKind::Voice, unread).await;
        let seen = room.sends("", vec![voice.clone()]).await;
        let reply = only(&seen);
        assert_eq!(reply.matches(KEPT).count(), 1, "{unread:?}: {reply}");
        check_kept(&room, unread).await;

        let seen = room
            .sends("How much is the Halo desk lamp?", vec![voice])
            .await;
        let reply = only(&seen);
        assert!(reply.contains("49.90"), "{unread:?}: {reply}");
        assert_eq!(reply.matches(KEPT).count(), 1, "{unread:?}: {reply}");
    }
    assert_eq!(room.store.dead_letters().await.expect("none"), []);
}

#[tokio::test]
async fn a_file_that_is_gone_from_the_disk_costs_no_answer() {
    let room = attentive();
    room.says("1", "hello").await;
    let voice = file(&room, FileKind::Voice, "OggS Do you deliver?").await;
    std::fs::remove_dir_all(room.folder().join("media")).expect("the files are gone");
    let seen = room
        .sends("How much is the Halo desk lamp?", vec![voice])
        .await;
    let reply = only(&seen);
    assert!(reply.contains("49.90") && reply.contains(KEPT), "{reply}");
}
