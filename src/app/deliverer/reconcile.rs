//! Sending, editing, splitting and taking back as one step, [`Reconciler::show`], which makes the
//! platform show exactly the parts of a text, whatever it showed before. A preview, a final
//! delivery and a delivery that is repeated after a crash are the same call.

use std::{fmt::Write, sync::Arc, time::Duration};

use consultant_core::{
    Address, MessageId, OutboxEntry, OutboxId, OutboxState, Receipt, Shown, Voice,
    ports::{
        Channel, DeliveryError, DeliveryRecord, DeliveryStep, MediaStore, Post, PostedFile,
        StoreError, WholeStore,
    },
};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::log;

use super::{
    FIRST_PAUSE,
    board::Board,
    parts::{self, File, Part, parts},
    rooms::unread,
};

/// The longest pause between two tries to note something. Until it is noted a crash could repeat
/// what it is about.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often a note is tried once the process stops: for about as long as a stop may take.
const TRIES_AT_A_STOP: u32 = 10;

/// Makes platforms show entries.
pub(super) struct Reconciler {
    pub(super) store: Arc<dyn WholeStore>,
    pub(super) media: Arc<dyn MediaStore>,
    pub(super) board: Board,
    pub(super) stop: CancellationToken,
}

impl Reconciler {
    /// Makes the platform show exactly the parts of this entry's text. Each message is noted before
    /// the next one, but the last of a final entry: the note that the entry has ended, which the
    /// caller makes at once, says as much.
    pub(super) async fn show(
        &self,
        channel: &dyn Channel,
        entry: &OutboxEntry,
    ) -> Result<(), DeliveryError> {
        let limits = channel.limits(&entry.address);
        let parts = parts(entry, limits.message_utf16_units);
        let is_final = entry.state == OutboxState::Ready;
        let quote = self.quote_of(entry).await?;
        // A file has no words of its own that could be changed: these come as a message behind it.
        let corrects = entry.relayed.as_ref().is_some_and(|it| it.corrects);
        let shown = self.board.of(entry);
        let behind = if corrects && shown.first().is_some_and(parts::shows_a_file) {
            shown.len()
        } else {
            0
        };
        for (number, part) in parts.iter().enumerate() {
            let number = number + behind;
            let is_last = number + 1 == parts.len() + behind && is_final;
            let nonce = nonce(&[entry.id.as_str(), &number.to_string()]);
            let post = Post {
                card: entry.card.as_ref().filter(|_| is_last),
                reply_to: entry.reply_to.as_ref().filter(|_| number == 0),
                quote: quote.as_ref().filter(|_| number == 0),
                verbatim: entry.relayed.as_ref().is_some_and(|it| it.verbatim),
                ..Post::of(&part.text, &nonce)
            };
            let shown = self.show_part(channel, entry, number, (part, post)).await?;
            // Of what people say it is remembered which message shows it: they answer to it.
            let ends = is_last
                && entry.relayed.is_none()
                && self.board.of(entry).len() == parts.len() + behind;
            if let Some(shown) = shown.filter(|_| !ends) {
                let part = number;
                self.note(entry, DeliveryStep::Shown { part, shown }).await;
            }
        }
        let keeps_files = entry.relayed.as_ref().is_some_and(|it| it.corrects);
        let has_files = self.board.of(entry).iter().any(parts::shows_a_file);
        if is_final && (!keeps_files || parts.is_empty() || !has_files) {
            self.take_back(channel, entry, parts.len()).await?;
        }
        Ok(())
    }

    /// The message of the place that an entry answers, where it answers one that came from there.
    async fn quote_of(&self, entry: &OutboxEntry) -> Result<Option<MessageId>, DeliveryError> {
        let relayed = entry.relayed.as_ref();
        let Some((quotes, relayed)) = relayed.and_then(|it| Some((it.quotes.as_ref()?, it))) else {
            return Ok(None);
        };
        let shown_there = match relayed.voice {
            Voice::Agent => Voice::Desk,
            Voice::Desk | Voice::Bot => Voice::Agent,
        };
        let message = (shown_there, &Receipt(quotes.to_string()));
        let found = self.store.showing(entry.conversation, message).await;
        let found = found.map_err(unread)?;
        match found.and_then(|it| it.relayed?.of) {
            Some(message) => Ok(Some(message)),
            None if relayed.voice == Voice::Desk => {
                self.shown_at_desk(entry, (&relayed.from, quotes)).await
            }
            None => Ok(None),
        }
    }

    /// What shows a message of the customer's own at the desk.
    async fn shown_at_desk(
        &self,
        entry: &OutboxEntry,
        (from, message): (&Address, &MessageId),
    ) -> Result<Option<MessageId>, DeliveryError> {
        let copy = OutboxId::at_desk(from, message.as_str());
        let copy = self.store.delivery(entry.conversation, &copy).await;
        let shown = copy.map_err(unread)?.map(|it| it.shown);
        let first = shown.and_then(|it| it.into_iter().next());
        Ok(first.map(|it| it.receipt.0.as_str().into()))
    }

    /// What is to be noted of it; `None` where it was shown already.
    async fn show_part(
        &self,
        channel: &dyn Channel,
        entry: &OutboxEntry,
        number: usize,
        (part, post): (&Part, Post<'_>),
    ) -> Result<Option<Shown>, DeliveryError> {
        let receipt = match self.board.of(entry).get(number) {
            Some(already) if shows(already, post) => return Ok(None),
            Some(already) => change(channel, entry, already, post).await?,
            None => match &part.file {
                Some(file) => self.send_file(channel, entry, (file, post)).await?,
                None => channel.send(&entry.address, post).await?,
            },
        };
        let now = Shown {
            receipt,
            text: post.text.to_owned(),
            carded: post.card.is_some(),
        };
        self.board.put(entry, number, now.clone());
        Ok(Some(now))
    }

    /// Sends a file; where it is lost, or the platform never takes it, the line that stands for it.
    async fn send_file(
        &self,
        channel: &dyn Channel,
        entry: &OutboxEntry,
        (file, line): (&File, Post<'_>),
    ) -> Result<Receipt, DeliveryError> {
        let from = entry.relayed.as_ref().map_or(&entry.address, |it| &it.from);
        match self.media.read(from, &file.media).await {
            Ok(content) => {
                let posted = PostedFile {
                    what: file.what,
                    name: &file.name,
                    media_type: &file.media.media_type,
                    content: &content,
                };
                let post = Post {
                    text: "",
                    file: Some(posted),
                    ..line
                };
                match channel.send(&entry.address, post).await {
                    Err(error @ DeliveryError::Refused(_)) => log::file_not_sent(&entry.id, &error),
                    sent => return sent,
                }
            }
            Err(error) => log::file_not_sent(&entry.id, &error),
        }
        channel.send(&entry.address, line).await
    }

    /// Takes back what was shown of an earlier text beyond the parts of this one. Not noted in the
    /// store: to take back once more what is gone is harmless.
    async fn take_back(
        &self,
        channel: &dyn Channel,
        entry: &OutboxEntry,
        parts: usize,
    ) -> Result<(), DeliveryError> {
        let shown = self.board.of(entry);
        for (number, left) in shown.iter().enumerate().skip(parts).rev() {
            match channel.delete(&entry.address, &left.receipt).await {
                Ok(()) | Err(DeliveryError::Missing(_)) => {}
                // An old message that stays is better than an answer that does not come.
                Err(error @ DeliveryError::Refused(_)) => log::not_taken_back(&entry.id, &error),
                Err(error) => return Err(error),
            }
            self.board.cut(entry, number);
        }
        Ok(())
    }

    /// Notes a step of a delivery. Without the note the next start would repeat it, so a store that
    /// is away is waited for.
    pub(super) async fn note(&self, entry: &OutboxEntry, what: DeliveryStep) {
        let record = DeliveryRecord {
            conversation: entry.conversation,
            entry: entry.id.clone(),
            what,
        };
        let mut pause = FIRST_PAUSE;
        let mut tries_at_a_stop = 0;
        let error = loop {
            let Err(error) = self.store.record(record.clone()).await else {
                return;
            };
            tries_at_a_stop += u32::from(self.stop.is_cancelled());
            let is_away = matches!(error, StoreError::Unavailable { .. });
            if !is_away || tries_at_a_stop > TRIES_AT_A_STOP {
                break error;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        log::not_noted(&entry.id, &error);
    }
}

/// Changes a message; one that somebody has deleted meanwhile is sent anew.
async fn change(
    channel: &dyn Channel,
    entry: &OutboxEntry,
    already: &Shown,
    post: Post<'_>,
) -> Result<Receipt, DeliveryError> {
    let changed = channel.edit(&entry.address, &already.receipt, post).await;
    let Err(DeliveryError::Missing(_)) = changed else {
        return changed.map(|()| already.receipt.clone());
    };
    // Under its old nonce the platform could take it for the message that is gone.
    let nonce = nonce(&[post.nonce, &already.receipt.0]);
    let post = Post {
        nonce: &nonce,
        ..post
    };
    channel.send(&entry.address, post).await
}

/// Whether a message shows this already.
fn shows(already: &Shown, post: Post<'_>) -> bool {
    already.text == post.text && already.carded == post.card.is_some()
}

/// A short name for what these words name, the same whenever it is sent again.
pub(super) fn nonce(names: &[&str]) -> String {
    const NONCE_BYTES: usize = 12;
    let digest = Sha256::digest(names.join("/"));
    digest
        .iter()
        .take(NONCE_BYTES)
        .fold(String::new(), |mut nonce, byte| {
            write!(nonce, "{byte:02x}").ok();
            nonce
        })
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard};

    use async_trait::async_trait;
    use consultant_core::{
        ChannelName, ConversationId,
        ports::{ChannelLimits, Clock, Preview},
    };
    use consultant_store::{MediaFolder, MemoryStore, StoreSettings};
    use uuid::Uuid;

    use super::*;
    use crate::clock::SystemClock;

    /// A wall with short messages: what stands on it, by receipt.
    #[derive(Default)]
    struct Wall {
        messages: Mutex<Vec<(Receipt, String)>>,
        sent: Mutex<usize>,
    }

    impl Wall {
        fn messages(&self) -> MutexGuard<'_, Vec<(Receipt, String)>> {
            self.messages.lock().unwrap()
        }

        fn reads(&self) -> Vec<String> {
            self.messages()
                .iter()
                .map(|(_, text)| text.clone())
                .collect()
        }

        fn find(&self, receipt: &Receipt) -> Result<usize, DeliveryError> {
            let found = self.messages().iter().position(|it| it.0 == *receipt);
            found.ok_or_else(|| DeliveryError::Missing("not found".to_owned()))
        }
    }

    #[async_trait]
    impl Channel for Wall {
        fn name(&self) -> ChannelName {
            ChannelName::Telegram
        }

        fn limits(&self, _: &Address) -> ChannelLimits {
            ChannelLimits {
                message_utf16_units: 12,
                preview: Preview::No,
                typing_interval: None,
            }
        }

        async fn send(&self, _: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError> {
            *self.sent.lock().unwrap() += 1;
            let receipt = Receipt(self.sent.lock().unwrap().to_string());
            self.messages()
                .push((receipt.clone(), post.text.to_owned()));
            Ok(receipt)
        }

        async fn edit(
            &self,
            _: &Address,
            receipt: &Receipt,
            post: Post<'_>,
        ) -> Result<(), DeliveryError> {
            let found = self.find(receipt)?;
            post.text.clone_into(&mut self.messages()[found].1);
            Ok(())
        }

        async fn delete(&self, _: &Address, receipt: &Receipt) -> Result<(), DeliveryError> {
            let found = self.find(receipt)?;
            self.messages().remove(found);
            Ok(())
        }

        async fn draft(&self, _: &Address, _: Post<'_>) -> Result<(), DeliveryError> {
            Ok(())
        }

        async fn typing(&self, _: &Address) -> Result<(), DeliveryError> {
            Ok(())
        }
    }

    fn reconciler() -> Reconciler {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Reconciler {
            store: Arc::new(MemoryStore::new(&StoreSettings::default(), clock)),
            media: Arc::new(MediaFolder::new(std::path::PathBuf::new())),
            board: Board::default(),
            stop: CancellationToken::new(),
        }
    }

    fn entry(text: &str, state: OutboxState) -> OutboxEntry {
        OutboxEntry {
            id: OutboxId::from("telegram:1:1/reply"),
            conversation: ConversationId(Uuid::from_u128(1)),
            address: Address::new(ChannelName::Telegram, "7"),
            sequence: 1,
            text: text.to_owned(),
            card: None,
            reply_to: None,
            state,
            shown: Vec::new(),
            relayed: None,
        }
    }

    #[tokio::test]
    async fn parts_of_a_longer_draft_are_taken_back_at_the_end() {
        let (wall, reconciler) = (Wall::default(), reconciler());
        let draft = entry("first words\nmore words\nand the end", OutboxState::Open);
        reconciler.show(&wall, &draft).await.unwrap();
        assert_eq!(wall.reads().len(), 3, "{:?}", wall.reads());
        let last = entry("other words", OutboxState::Ready);
        reconciler.show(&wall, &last).await.unwrap();
        assert_eq!(wall.reads(), ["other words"]);
    }

    #[tokio::test]
    async fn a_message_that_is_gone_is_sent_anew_when_it_changes() {
        let (wall, reconciler) = (Wall::default(), reconciler());
        reconciler
            .show(&wall, &entry("a", OutboxState::Open))
            .await
            .unwrap();
        wall.messages().clear();
        reconciler
            .show(&wall, &entry("a b", OutboxState::Ready))
            .await
            .unwrap();
        assert_eq!(wall.reads(), ["a b"]);
    }

    #[tokio::test]
    async fn what_an_earlier_process_showed_is_changed_not_repeated() {
        let (wall, earlier) = (Wall::default(), reconciler());
        let mut draft = entry("a", OutboxState::Open);
        earlier.show(&wall, &draft).await.unwrap();
        draft.shown = earlier.board.of(&draft);
        let reconciler = reconciler();
        reconciler.board.take_over(&draft);
        for text in ["a b", "a b c"] {
            reconciler
                .show(&wall, &entry(text, OutboxState::Open))
                .await
                .unwrap();
        }
        assert_eq!(wall.reads(), ["a b c"]);
    }
}
