//! The engine's effects, carried out. A reply that is still being written is shown by a
//! [`Presenter`] of its own, which keeps typing alive and edits at the platform's pace; the final
//! delivery repairs whatever the previews missed, because both are one step ([`reconcile`]) over one
//! truth of what is shown ([`board`]).

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Effect, OutboxEntry, OutboxState, Voice,
    desk::DeskBook,
    ports::{
        Channel, DeliveryError, DeliveryRecord, DeliveryStep, MediaStore, Outlet, Rooms,
        StoreError, WholeStore,
    },
};
use futures::FutureExt;
use tokio::sync::{Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::log;

mod board;
mod parts;
mod presenter;
mod reconcile;
mod rooms;

use board::Board;
use presenter::Presenter;
use reconcile::Reconciler;
use rooms::Desk;

/// The first pause after a fault; it doubles with every further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where the engine's effects go.
pub struct Deliverer {
    channels: HashMap<ChannelName, Arc<dyn Channel>>,
    reconciler: Arc<Reconciler>,
    store: Arc<dyn WholeStore>,
    desk: Desk,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Replies that are being written, by the address that they go to.
    presenters: Mutex<HashMap<Address, Presenter>>,
}

impl Deliverer {
    /// A deliverer over these channels. `stop` ends waiting for a platform that is away; what is
    /// not delivered then stays in the outbox.
    pub fn new(
        channels: impl IntoIterator<Item = Arc<dyn Channel>>,
        (rooms, desks): (Vec<Arc<dyn Rooms>>, DeskBook),
        (store, media): (Arc<dyn WholeStore>, Arc<dyn MediaStore>),
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Self {
        let reconciler = Reconciler {
            store: Arc::clone(&store),
            media,
            board: Board::default(),
            stop: stop.clone(),
        };
        let desk = Desk {
            rooms: rooms.into_iter().map(|it| (it.name(), it)).collect(),
            desks,
            store: Arc::clone(&store),
        };
        Self {
            channels: channels
                .into_iter()
                .map(|channel| (channel.name(), channel))
                .collect(),
            reconciler: Arc::new(reconciler),
            store,
            desk,
            tasks,
            stop,
            presenters: Mutex::default(),
        }
    }

    /// Whether entries for this channel can be delivered here.
    pub fn serves(&self, channel: ChannelName) -> bool {
        self.channels.contains_key(&channel)
    }

    /// Remembers what an earlier process had shown of an entry that it left open.
    pub fn remember(&self, entry: &OutboxEntry) {
        self.reconciler.board.take_over(entry);
    }

    /// Delivers a final entry: tries until the platform took it, refused it, or the process stops.
    pub async fn deliver(&self, entry: OutboxEntry) {
        self.deliver_unless(entry, &Notify::new()).await;
    }

    /// Delivers a final entry, unless something urgent comes, or the process stops, while nothing is
    /// under way: then it is handed back, to be delivered later. One whose delivery breaks is a bug, and must not keep what
    /// comes behind it from being said.
    pub async fn deliver_unless(&self, entry: OutboxEntry, urgent: &Notify) -> Option<OutboxEntry> {
        let delivering = self.deliver_surely(entry.clone(), urgent);
        let Ok(left) = AssertUnwindSafe(delivering).catch_unwind().await else {
            let bug =
                DeliveryError::Refused("its delivery broke; please report this bug".to_owned());
            log::undeliverable(&entry.id, &bug);
            self.end(&entry, OutboxState::Undeliverable).await;
            return None;
        };
        left
    }

    async fn deliver_surely(&self, mut entry: OutboxEntry, urgent: &Notify) -> Option<OutboxEntry> {
        let Some(channel) = self.channels.get(&entry.address.channel).map(Arc::clone) else {
            log::no_channel(&entry.id);
            return None;
        };
        self.end_presentation(&entry.address).await;
        let mut pause = FIRST_PAUSE;
        loop {
            let wait = match self.show(&*channel, &mut entry).await {
                Ok(Shown::Whole) => {
                    self.end(&entry, OutboxState::Delivered).await;
                    return None;
                }
                Ok(Shown::Withheld) => {
                    log::withheld(&entry.id);
                    self.end(&entry, OutboxState::Undeliverable).await;
                    return None;
                }
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
                Err(
                    error @ (DeliveryError::Gone(_)
                    | DeliveryError::Refused(_)
                    | DeliveryError::Missing(_)),
                ) => {
                    log::undeliverable(&entry.id, &error);
                    self.end(&entry, OutboxState::Undeliverable).await;
                    return None;
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = urgent.notified() => return Some(entry),
                () = self.stop.cancelled() => return Some(entry),
            }
        }
    }

    /// Shows an entry where it belongs. The bot's words are withheld where a person has the
    /// conversation by now.
    async fn show(
        &self,
        channel: &dyn Channel,
        entry: &mut OutboxEntry,
    ) -> Result<Shown, DeliveryError> {
        if entry.relayed.as_ref().is_some_and(|it| it.corrects) {
            self.take_over_what_is_shown(entry).await?;
        }
        match entry.voice() {
            Voice::Bot if self.is_a_persons(entry).await? => return Ok(Shown::Withheld),
            Voice::Desk => self.desk.show(&self.reconciler, channel, entry).await?,
            Voice::Bot | Voice::Agent => self.reconciler.show(channel, entry).await?,
        }
        Ok(Shown::Whole)
    }

    /// Whether a person has the conversation. To take back what was shown is no speech.
    async fn is_a_persons(&self, entry: &OutboxEntry) -> Result<bool, DeliveryError> {
        if !self.desk.desks.now().are_there() || entry.text.is_empty() {
            return Ok(false);
        }
        let opened = self.store.open(entry.conversation).await;
        let session = opened.map_err(rooms::unread)?.session;
        Ok(session.is_some_and(|session| session.owner.is_person()))
    }

    /// What an earlier entry of this name had shown is what this one corrects.
    async fn take_over_what_is_shown(&self, entry: &mut OutboxEntry) -> Result<(), DeliveryError> {
        if entry.shown.is_empty() {
            let kept = self.store.delivery(entry.conversation, &entry.id).await;
            let kept = kept.map_err(rooms::unread)?;
            entry.shown = kept.map(|it| it.shown).unwrap_or_default();
        }
        Ok(())
    }

    /// The place has another name: everything goes there from now on, this entry first.
    async fn follow(&self, entry: &mut OutboxEntry, to: Address) {
        if let Err(error) = self.store.moved(&entry.address, &to).await {
            log::not_moved(&entry.id, &error);
        }
        entry.address = to;
        // The platform's names of messages belong to the old place.
        entry.reply_to = None;
    }

    /// Ends what is shown of an answer that is still being written. What the customer saw of it
    /// stays on the board, so that a repeated turn writes into the same messages.
    pub async fn end_presentation(&self, address: &Address) {
        let presenter = lock(&self.presenters).remove(address);
        if let Some(presenter) = presenter {
            presenter.finish().await;
        }
    }

    /// The entry will never be written to its end; there need not be such an entry.
    pub async fn give_up(&self, entry: &OutboxEntry) {
        self.end_presentation(&entry.address).await;
        let record = DeliveryRecord {
            conversation: entry.conversation,
            entry: entry.id.clone(),
            what: DeliveryStep::Ended(OutboxState::Undeliverable),
        };
        let noted = self.reconciler.store.record(record).await;
        if let Err(error) = noted
            && !matches!(error, StoreError::Unknown(_))
        {
            log::not_noted(&entry.id, &error);
        }
        self.reconciler.board.forget(&entry.id);
    }

    async fn end(&self, entry: &OutboxEntry, state: OutboxState) {
        let step = DeliveryStep::Ended(state);
        self.reconciler.note(entry, step).await;
        self.reconciler.board.forget(&entry.id);
    }

    fn presenter(&self, address: &Address) -> Option<watch::Sender<Option<OutboxEntry>>> {
        let channel = self.channels.get(&address.channel)?;
        let mut presenters = lock(&self.presenters);
        let presenter = presenters.entry(address.clone()).or_insert_with(|| {
            Presenter::start(
                Arc::clone(channel),
                Arc::clone(&self.reconciler),
                address.clone(),
                &self.tasks,
            )
        });
        Some(presenter.latest())
    }

    fn preview(&self, entry: OutboxEntry) {
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

/// What became of an entry.
enum Shown {
    /// The platform shows all of it.
    Whole,
    /// It will not be said.
    Withheld,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
