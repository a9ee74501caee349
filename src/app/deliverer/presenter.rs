//! Shows one reply while it is being written: typing, and edits at the platform's pace.
//!
//! A preview never waits for the platform: it replaces the latest text, and the presenter shows
//! whatever is the latest when the platform's interval has passed.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Address, OutboxEntry,
    ports::{Channel, DeliveryError, Post, Preview},
    split::split_text,
};
use tokio::{sync::watch, task::JoinHandle, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::reconcile::{Reconciler, nonce};

/// How long a draft that is on its way may keep the answer waiting.
const DRAFT_PATIENCE: Duration = Duration::from_secs(1);

/// Stands for "never" in a select: longer than any turn.
const NEVER: Duration = Duration::from_hours(24);

/// A reply that is being written, as its customer sees it.
pub(super) struct Presenter {
    latest: watch::Sender<Option<OutboxEntry>>,
    done: CancellationToken,
    task: JoinHandle<()>,
}

impl Presenter {
    pub(super) fn start(
        channel: Arc<dyn Channel>,
        reconciler: Arc<Reconciler>,
        address: Address,
        tasks: &TaskTracker,
    ) -> Self {
        let (latest, changes) = watch::channel(None);
        let done = CancellationToken::new();
        let showing = Showing {
            channel,
            reconciler,
            address,
            done: done.clone(),
        };
        let task = tasks.spawn(showing.run(changes));
        Self { latest, done, task }
    }

    /// Where the newest text goes.
    pub(super) fn latest(&self) -> watch::Sender<Option<OutboxEntry>> {
        self.latest.clone()
    }

    /// Ends the presentation; a message that it was sending is sent to its end. Typing is not, and
    /// a draft only for a moment: the answer must not wait for them.
    pub(super) async fn finish(self) {
        self.done.cancel();
        // A presentation that broke shows nothing more either.
        self.task.await.ok();
    }
}

struct Showing {
    channel: Arc<dyn Channel>,
    reconciler: Arc<Reconciler>,
    address: Address,
    done: CancellationToken,
}

impl Showing {
    async fn run(self, mut changes: watch::Receiver<Option<OutboxEntry>>) {
        let mut type_at = Instant::now();
        let mut show_at = Instant::now();
        loop {
            // A platform that turns out to have no drafts is shown edits from then on.
            let limits = self.channel.limits(&self.address);
            let interval = interval(limits.preview);
            let waiting = interval.is_some() && changes.has_changed().unwrap_or(false);
            let show = if waiting {
                show_at
            } else {
                Instant::now() + NEVER
            };
            tokio::select! {
                biased;
                () = self.done.cancelled() => return,
                () = tokio::time::sleep_until(type_at) => {
                    type_at = Instant::now() + self.keep_typing(limits.typing_interval).await;
                }
                () = tokio::time::sleep_until(show) => {
                    let entry = changes.borrow_and_update().clone();
                    let pause = self.show(entry, limits.preview).await;
                    show_at = Instant::now() + pause.max(interval.unwrap_or(NEVER));
                }
                // Where nothing is previewed, nobody looks: the mark would wake this again and again.
                _ = changes.changed(), if !waiting && interval.is_some() => changes.mark_changed(),
            }
        }
    }

    /// Shows the text so far; returns how long the platform asks to wait.
    async fn show(&self, entry: Option<OutboxEntry>, preview: Preview) -> Duration {
        let Some(entry) = entry.filter(|entry| !entry.text.is_empty()) else {
            return Duration::ZERO;
        };
        let mut shown = self.show_as(&entry, preview).await;
        let now = self.channel.limits(&self.address).preview;
        if shown.is_err() && now != preview {
            shown = self.show_as(&entry, now).await;
        }
        match shown {
            Ok(()) => Duration::ZERO,
            Err(DeliveryError::Wait { after }) => after,
            Err(error) => {
                tracing::debug!(outbox.id = %entry.id, error = %error, "a preview was not shown");
                Duration::ZERO
            }
        }
    }

    async fn show_as(&self, entry: &OutboxEntry, preview: Preview) -> Result<(), DeliveryError> {
        match preview {
            Preview::Drafts(_) => self.show_draft(entry).await,
            _ => self.reconciler.show(&*self.channel, entry).await,
        }
    }

    /// A draft holds one message's worth; a longer text shows its newest part.
    async fn show_draft(&self, entry: &OutboxEntry) -> Result<(), DeliveryError> {
        let limit = self.channel.limits(&self.address).message_utf16_units;
        let parts = split_text(&entry.text, limit);
        let Some(text) = parts.last() else {
            return Ok(());
        };
        let nonce = nonce(&[entry.id.as_str(), "0"]);
        let post = Post::of(text, &nonce);
        tokio::select! {
            drafted = self.channel.draft(&self.address, post) => drafted,
            () = self.waited_enough() => Ok(()),
        }
    }

    /// A draft that is on its way when the answer is there would come after it and stand under it
    /// for a while, so it is waited for, but not for long.
    async fn waited_enough(&self) {
        self.done.cancelled().await;
        tokio::time::sleep(DRAFT_PATIENCE).await;
    }

    async fn keep_typing(&self, interval: Option<Duration>) -> Duration {
        let Some(interval) = interval else {
            return NEVER;
        };
        let typing = self.channel.typing(&self.address);
        if let Some(Err(error)) = self.done.run_until_cancelled(typing).await {
            tracing::debug!(error = %error, "typing was not shown");
        }
        interval
    }
}

/// The least time between two previews; `None` where there are none.
fn interval(preview: Preview) -> Option<Duration> {
    match preview {
        Preview::No => None,
        Preview::Edits(interval) | Preview::Drafts(interval) => Some(interval),
    }
}
