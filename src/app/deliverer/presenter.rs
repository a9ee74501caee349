//! Shows one reply while it is being written: typing, and edits at the platform's pace.
//!
//! A preview never waits for the platform: it replaces the latest text, and the presenter shows
//! whatever is the latest when the platform's interval has passed.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Address, OutboxEntry, Shown,
    ports::{Channel, DeliveryError, Store},
};
use tokio::{sync::watch, task::JoinHandle, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::reconcile;

/// Stands for "never" in a select: longer than any turn.
const NEVER: Duration = Duration::from_hours(24);

/// A reply that is being written, as its customer sees it.
pub(super) struct Presenter {
    latest: watch::Sender<Option<OutboxEntry>>,
    done: CancellationToken,
    task: JoinHandle<Vec<Shown>>,
}

impl Presenter {
    pub(super) fn start(
        channel: Arc<dyn Channel>,
        store: Arc<dyn Store>,
        address: Address,
        tasks: &TaskTracker,
    ) -> Self {
        let (latest, changes) = watch::channel(None);
        let done = CancellationToken::new();
        let showing = Showing {
            channel,
            store,
            address,
            shown: Vec::new(),
        };
        let task = tasks.spawn(showing.run(changes, done.clone()));
        Self { latest, done, task }
    }

    /// Where the newest text goes.
    pub(super) fn latest(&self) -> watch::Sender<Option<OutboxEntry>> {
        self.latest.clone()
    }

    /// Ends the presentation; what it was sending is sent to its end.
    pub(super) async fn finish(self) -> Vec<Shown> {
        self.done.cancel();
        self.task.await.unwrap_or_default()
    }
}

struct Showing {
    channel: Arc<dyn Channel>,
    store: Arc<dyn Store>,
    address: Address,
    shown: Vec<Shown>,
}

impl Showing {
    async fn run(
        mut self,
        mut changes: watch::Receiver<Option<OutboxEntry>>,
        done: CancellationToken,
    ) -> Vec<Shown> {
        let limits = self.channel.limits();
        let mut type_at = Instant::now();
        let mut show_at = Instant::now();
        loop {
            let waiting =
                limits.preview_interval.is_some() && changes.has_changed().unwrap_or(false);
            let show = if waiting {
                show_at
            } else {
                Instant::now() + NEVER
            };
            tokio::select! {
                biased;
                () = done.cancelled() => return self.shown,
                () = tokio::time::sleep_until(type_at) => {
                    type_at = Instant::now() + self.keep_typing(limits.typing_interval).await;
                }
                () = tokio::time::sleep_until(show) => {
                    let entry = changes.borrow_and_update().clone();
                    let pause = self.show(entry).await;
                    show_at = Instant::now() + pause.max(limits.preview_interval.unwrap_or(NEVER));
                }
                _ = changes.changed(), if !waiting => changes.mark_changed(),
            }
        }
    }

    /// Shows the text so far; returns how long the platform asks to wait.
    async fn show(&mut self, entry: Option<OutboxEntry>) -> Duration {
        let Some(entry) = entry.filter(|entry| !entry.text.is_empty()) else {
            return Duration::ZERO;
        };
        if self.shown.is_empty() {
            self.shown.clone_from(&entry.shown);
        }
        match reconcile(&*self.channel, &*self.store, &entry, &mut self.shown).await {
            Ok(()) => Duration::ZERO,
            Err(DeliveryError::Wait { after }) => after,
            Err(error) => {
                tracing::debug!(outbox.id = %entry.id, error = %error, "a preview was not shown");
                Duration::ZERO
            }
        }
    }

    async fn keep_typing(&self, interval: Option<Duration>) -> Duration {
        let Some(interval) = interval else {
            return NEVER;
        };
        if let Err(error) = self.channel.typing(&self.address).await {
            tracing::debug!(error = %error, "typing was not shown");
        }
        interval
    }
}
