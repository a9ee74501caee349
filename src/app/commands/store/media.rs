//! Which of a conversation's files are on disk.

use consultant_core::{
    Attachment, Content, ConversationRecord, Happening, InboundEvent, Media, ports::MediaStore,
};

/// A problem for each file that a record names and that cannot be read.
pub(super) async fn missing(files: &dyn MediaStore, record: &ConversationRecord) -> Vec<String> {
    let mut problems = Vec::new();
    for media in named(record) {
        let mut found = false;
        for address in &record.addresses {
            found = found || files.read(address, media).await.is_ok();
        }
        if !found {
            let id = record.conversation;
            problems.push(format!(
                "conversation {id}: the file {} is missing or damaged",
                media.hash
            ));
        }
    }
    problems
}

/// Every file that a record names.
pub(crate) fn named(record: &ConversationRecord) -> Vec<&Media> {
    let waiting = record.inbox.iter().filter_map(|it| it.waiting.as_ref());
    let waiting = waiting.filter_map(|waiting| match &waiting.inbound.event {
        InboundEvent::Message { attachments, .. } => Some(attachments),
        _ => None,
    });
    let past = record.ledger.iter().filter_map(|event| match &event.what {
        Happening::Attached { attachments } => Some(attachments),
        _ => None,
    });
    waiting.chain(past).flatten().filter_map(kept).collect()
}

fn kept(attachment: &Attachment) -> Option<&Media> {
    match attachment {
        Attachment::File {
            content: Content::Kept(media),
            ..
        } => Some(media),
        _ => None,
    }
}
