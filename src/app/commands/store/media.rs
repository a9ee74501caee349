//! Which files a conversation names, and which of them are on disk.

use std::collections::BTreeMap;

use consultant_core::{
    Attachment, Content, ConversationRecord, Happening, Inbound, InboundEvent, Media,
    ports::MediaStore,
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

/// Every file that a record names, each once.
pub(in crate::commands) fn named(record: &ConversationRecord) -> Vec<&Media> {
    let waiting = record.inbox.iter().filter_map(|it| it.waiting.as_ref());
    let waiting = waiting.map(|waiting| &waiting.inbound);
    let letters = record.dead_letters.iter();
    let letters = letters.map(|letter| &letter.envelope.inbound);
    let unanswered = waiting.chain(letters).filter_map(attachments);
    let past = record.ledger.iter().filter_map(|event| match &event.what {
        Happening::Attached { attachments } => Some(attachments),
        _ => None,
    });
    let media = unanswered.chain(past).flatten().filter_map(kept);
    let once: BTreeMap<_, _> = media.map(|media| (&media.hash, media)).collect();
    once.into_values().collect()
}

fn attachments(inbound: &Inbound) -> Option<&Vec<Attachment>> {
    match &inbound.event {
        InboundEvent::Message { attachments, .. } => Some(attachments),
        _ => None,
    }
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
