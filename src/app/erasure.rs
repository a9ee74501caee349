//! Forgets conversations for ever: their files, what channels noted of their places, and themselves.
//! Versions of the playbook and the decisions about them stay: they are the company's, and name no
//! customer.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use consultant_core::{
    Address, ConversationId,
    ports::{Erasure, MediaStore, StoreError, WholeStore},
};

/// Conversations that are asked for at once.
const PAGE: usize = 1_000;

/// Forgets conversations of a serving process.
pub struct Eraser {
    /// Holds them.
    pub store: Arc<dyn WholeStore>,
    /// Holds their files.
    pub media: Arc<dyn MediaStore>,
}

/// What was forgotten beside the conversations themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forgotten {
    pub(crate) files: usize,
    pub(crate) bookmarks: usize,
}

#[async_trait]
impl Erasure for Eraser {
    async fn erase(&self, conversation: ConversationId) -> Result<(), StoreError> {
        forget(&*self.store, &*self.media, &[conversation]).await?;
        Ok(())
    }
}

/// Files first: if the process ends in between, the conversation still names what is to be erased.
pub(crate) async fn forget(
    store: &dyn WholeStore,
    media: &dyn MediaStore,
    conversations: &[ConversationId],
) -> Result<Forgotten, StoreError> {
    let mut addresses = Vec::new();
    for conversation in conversations {
        addresses.extend(store.addresses(*conversation).await?);
    }
    let mut files = 0;
    for address in &addresses {
        let erased = media.erase(address).await;
        files += erased.map_err(|error| StoreError::Unavailable {
            what: "the customer's files".to_owned(),
            source: error.into(),
        })?;
    }
    let bookmarks = forget_bookmarks(store, (conversations, &addresses)).await?;
    for conversation in conversations {
        store.erase(*conversation).await?;
    }
    Ok(Forgotten { files, bookmarks })
}

/// Forgets how far a channel has read in a place where nobody else's conversation takes place. A
/// bookmark ends in the name of its place; one that also names a place of others is theirs too.
async fn forget_bookmarks(
    store: &dyn WholeStore,
    (conversations, addresses): (&[ConversationId], &[Address]),
) -> Result<usize, StoreError> {
    let channels: BTreeSet<_> = addresses.iter().map(|it| it.channel).collect();
    let gone: BTreeSet<&str> = addresses.iter().flat_map(|it| words(&it.place)).collect();
    let mut marks = Vec::new();
    for channel in channels {
        marks.extend(store.bookmarks(&format!("{channel}:")).await?);
    }
    marks.retain(|(name, _)| gone.contains(tail(name)));
    if marks.is_empty() {
        return Ok(0);
    }
    let others = words_of_others(store, conversations).await?;
    marks.retain(|(name, value)| {
        let mut named = std::iter::once(tail(name)).chain(words(value));
        !named.any(|word| others.contains(word))
    });
    for (name, _) in &marks {
        store.forget_bookmark(name).await?;
    }
    Ok(marks.len())
}

fn tail(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or_default()
}

async fn words_of_others(
    store: &dyn WholeStore,
    conversations: &[ConversationId],
) -> Result<BTreeSet<String>, StoreError> {
    let mut others = BTreeSet::new();
    let mut last = None;
    loop {
        let page = store.conversations(last, PAGE).await?;
        let Some(newest) = page.last() else {
            return Ok(others);
        };
        last = Some(*newest);
        for id in page.iter().filter(|it| !conversations.contains(it)) {
            let addresses = store.addresses(*id).await?;
            let named = addresses.iter().flat_map(|it| words(&it.place));
            others.extend(named.map(str::to_owned));
        }
    }
}

/// The numbers and names in a place or in a bookmark. The notation of a place is its channel's own;
/// all that is assumed here is that its parts are kept apart by some sign.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let sign = |c: char| !c.is_alphanumeric() && c != '-';
    text.split(sign).filter(|word| !word.is_empty())
}
