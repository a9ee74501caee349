//! The engine's effects, carried out. A reply that is still being written is shown by a
//! [`Presenter`] of its own, which keeps typing alive and edits at the platform's pace; the final
//! delivery repairs whatever the previews missed.
//!
//! What surprises: sending, editing and splitting are one function, [`reconcile`], which makes
//! the platform show exactly the parts of a text, whatever it showed before. A preview, a final
//! delivery and a delivery repeated after a crash are the same call.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Effect, OutboxEntry, OutboxId, OutboxState, Shown,
    ports::{
        Channel, DeliveryError, DeliveryRecord, DeliveryStep, Outlet, Places, Post, Store,
        StoreError, WholeStore,
    },
    split::split_text,
};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::log;

mod presenter;

use presenter::Presenter;

/// The first pause after a fault; it doubles with every further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where the engine's effects go.
pub struct Deliverer {
    channels: HashMap<ChannelName, Arc<dyn Channel>>,
    store: Arc<dyn Store>,
    places: Arc<dyn Places>,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Replies that are being written, by the address that they go to.
    presenters: Mutex<HashMap<Address, Presenter>>,
    /// What an earlier process had shown of entries that were left open.
    shown_before: Mutex<HashMap<OutboxId, Vec<Shown>>>,
}

impl Deliverer {
    /// A deliverer over these channels. `stop` ends waiting for a platform that is away; what is
    /// not delivered then stays in the outbox.
    pub fn new(
        channels: impl IntoIterator<Item = Arc<dyn Channel>>,
        store: Arc<dyn WholeStore>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            channels: channels
                .into_iter()
                .map(|channel| (channel.name(), channel))
                .collect(),
            places: Arc::clone(&store) as Arc<dyn Places>,
            store,
            tasks,
            stop,
            presenters: Mutex::default(),
            shown_before: Mutex::default(),
        }
    }

    /// Whether entries for this channel can be delivered here.
    pub fn serves(&self, channel: ChannelName) -> bool {
        self.channels.contains_key(&channel)
    }

    /// Remembers what an earlier process had shown of an entry that it left open.
    pub fn remember(&self, entry: &OutboxEntry) {
        lock(&self.shown_before).insert(entry.id.clone(), entry.shown.clone());
    }

    /// Delivers a final entry: tries until the platform took it, refused it, or the process stops.
    pub async fn deliver(&self, mut entry: OutboxEntry) {
        let Some(channel) = self.channels.get(&entry.address.channel).map(Arc::clone) else {
            log::no_channel(&entry.id);
            return;
        };
        let mut shown = self.shown_so_far(&entry).await;
        let mut pause = FIRST_PAUSE;
        loop {
            let tried = reconcile(&*channel, &*self.store, &entry, &mut shown).await;
            let wait = match tried {
                Ok(()) => return self.end(&entry, OutboxState::Delivered).await,
                Err(DeliveryError::Wait { after }) => after,
                Err(DeliveryError::Moved { to }) => {
                    self.follow(&mut entry, to).await;
                    Duration::ZERO
                }
                Err(error @ DeliveryError::Retry { .. }) => {
                    log::delivery_repeats(&entry.id, &error);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    pause / 2
                }
                Err(error @ (DeliveryError::Gone(_) | DeliveryError::Refused(_))) => {
                    log::undeliverable(&entry.id, &error);
                    return self.end(&entry, OutboxState::Undeliverable).await;
                }
            };
            if !self.pause(wait).await {
                return;
            }
        }
    }

    /// The place has another name: everything goes there from now on, this entry first.
    async fn follow(&self, entry: &mut OutboxEntry, to: Address) {
        if let Err(error) = self.places.moved(&entry.address, &to).await {
            log::not_moved(&entry.id, &error);
        }
        entry.address = to;
        // The platform's names of messages belong to the old place.
        entry.reply_to = None;
    }

    /// Waits; `false` when the process stops meanwhile.
    async fn pause(&self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.stop.cancelled() => false,
        }
    }

    /// Ends the presentation of a turn that failed. What the customer saw of it is kept, so that
    /// the repeated turn writes into the same messages.
    pub async fn abandon(&self, address: &Address) {
        let presenter = lock(&self.presenters).remove(address);
        let Some(presenter) = presenter else { return };
        let entry = presenter
            .latest()
            .borrow()
            .as_ref()
            .map(|entry| entry.id.clone());
        let shown = presenter.finish().await;
        if let Some(entry) = entry {
            lock(&self.shown_before).insert(entry, shown);
        }
    }

    /// What the platform shows of this entry by now, from its presenter or from before a crash.
    async fn shown_so_far(&self, entry: &OutboxEntry) -> Vec<Shown> {
        let presenter = lock(&self.presenters).remove(&entry.address);
        let now = match presenter {
            Some(presenter) => presenter.finish().await,
            None => Vec::new(),
        };
        let before = lock(&self.shown_before)
            .remove(&entry.id)
            .unwrap_or_default();
        [now, before, entry.shown.clone()]
            .into_iter()
            .max_by_key(Vec::len)
            .unwrap_or_default()
    }

    async fn end(&self, entry: &OutboxEntry, state: OutboxState) {
        note(&*self.store, entry, DeliveryStep::Ended(state)).await;
    }

    fn presenter(&self, address: &Address) -> Option<watch::Sender<Option<OutboxEntry>>> {
        let channel = self.channels.get(&address.channel)?;
        let mut presenters = lock(&self.presenters);
        let presenter = presenters.entry(address.clone()).or_insert_with(|| {
            Presenter::start(
                Arc::clone(channel),
                Arc::clone(&self.store),
                address.clone(),
                &self.tasks,
            )
        });
        Some(presenter.latest())
    }

    fn preview(&self, mut entry: OutboxEntry) {
        if let Some(before) = lock(&self.shown_before).remove(&entry.id) {
            entry.shown = before;
        }
        if let Some(latest) = self.presenter(&entry.address) {
            latest.send_replace(Some(entry));
        }
    }
}

#[async_trait]
impl Outlet for Deliverer {
    async fn perform(&self, effect: Effect) {
        match effect {
            Effect::Typing(address) => drop(self.presenter(&address)),
            Effect::Pause(pause) => tokio::time::sleep(pause).await,
            Effect::Preview(entry) => self.preview(entry),
            Effect::Deliver(entry) => self.deliver(entry).await,
        }
    }
}

/// Makes the platform show exactly the parts of this entry's text.
pub(crate) async fn reconcile(
    channel: &dyn Channel,
    store: &dyn Store,
    entry: &OutboxEntry,
    shown: &mut Vec<Shown>,
) -> Result<(), DeliveryError> {
    let limits = channel.limits(&entry.address);
    let parts = split_text(&entry.text, limits.message_utf16_units);
    for (number, part) in parts.iter().enumerate() {
        let is_last = number + 1 == parts.len() && entry.state == OutboxState::Ready;
        let nonce = nonce(&entry.id, number);
        let post = Post {
            text: part,
            card: entry.card.as_ref().filter(|_| is_last),
            reply_to: entry.reply_to.as_ref().filter(|_| number == 0),
            nonce: &nonce,
        };
        let now = match shown.get(number) {
            Some(already) if shows(already, post) => continue,
            Some(already) => {
                let receipt = already.receipt.clone();
                channel.edit(&entry.address, &receipt, post).await?;
                receipt
            }
            None => channel.send(&entry.address, post).await?,
        };
        let now = Shown {
            receipt: now,
            text: part.clone(),
            carded: post.card.is_some(),
        };
        shown.splice(number..shown.len().min(number + 1), [now.clone()]);
        let step = DeliveryStep::Shown {
            part: number,
            shown: now,
        };
        note(store, entry, step).await;
    }
    Ok(())
}

/// Whether a message shows this already.
fn shows(already: &Shown, post: Post<'_>) -> bool {
    already.text == post.text && already.carded == post.card.is_some()
}

/// A short name for one part of one entry, the same whenever it is sent again.
pub(crate) fn nonce(entry: &OutboxId, part: usize) -> String {
    const NONCE_BYTES: usize = 12;
    let digest = Sha256::digest(format!("{entry}/{part}"));
    digest
        .iter()
        .take(NONCE_BYTES)
        .fold(String::new(), |mut nonce, byte| {
            write!(nonce, "{byte:02x}").ok();
            nonce
        })
}

/// Notes a step of a delivery. Without the note a crash could repeat the step, so a store that
/// is away is waited for, but not for ever: the platform already shows the message.
async fn note(store: &dyn Store, entry: &OutboxEntry, what: DeliveryStep) {
    const TRIES: u32 = 5;
    let record = DeliveryRecord {
        conversation: entry.conversation,
        entry: entry.id.clone(),
        what,
    };
    let mut pause = FIRST_PAUSE;
    let mut noted = store.record(record.clone()).await;
    for _ in 1..TRIES {
        if !matches!(noted, Err(StoreError::Unavailable { .. })) {
            break;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
        noted = store.record(record.clone()).await;
    }
    if let Err(error) = noted {
        log::not_noted(&entry.id, &error);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
