//! One turn at a time in a conversation, many conversations side by side.
//!
//! Each conversation with work has a lane ([`lane`]): a queue and one task, which ends when the
//! queue is empty. An inbound is in the store before it is in a lane, so a lane may be lost at any
//! moment: its work is picked up from the store's [`backlog`]. What becomes of a turn that fails
//! stands in [`turns`].

mod backlog;
mod lane;
mod lanes;
mod outlet;
mod patience;
mod rhythm;
mod turns;

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Burst, Effect, Envelope, Inbound, InboundKey, Interrupt, OutboxEntry, OutboxState,
    engine::Engine,
    ports::{
        Accepted, DeliveryRecord, DeliveryStep, Intake, Outlet, Store, StoreError, WholeStore,
    },
};
use futures::FutureExt;
use tokio::{
    sync::{Notify, Semaphore, oneshot},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{deliverer::Deliverer, log};

use self::{
    lane::{Job, Next, Origin, Work},
    lanes::{Added, LaneKey, Lanes},
    rhythm::Limits,
};

pub use rhythm::Rhythm;

/// Turns that run at the same time. Most take a millisecond; those that wait for the model are
/// bounded by its own queue. Deliveries do not count: a platform may keep them waiting for long.
const TURNS_AT_ONCE: usize = 64;

/// Brings work to the engine in order.
pub struct Dispatcher {
    engine: Arc<Engine>,
    store: Arc<dyn WholeStore>,
    outlet: Arc<Deliverer>,
    tasks: TaskTracker,
    stop: CancellationToken,
    rhythm: Rhythm,
    limits: Limits,
    lanes: Mutex<Lanes>,
    /// Inbounds that are just being stored, which the store may show before a lane has them.
    coming: Mutex<HashSet<InboundKey>>,
    /// Inbounds that the store may hold although nobody was told so, and since when. Their channel
    /// hands them in again, before anything that came after them.
    doubtful: Mutex<HashMap<InboundKey, Instant>>,
    /// Tells that a lane has ended and the store holds more of its work.
    more: Notify,
    turns: Semaphore,
}

/// What became of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered, was a duplicate, or was buried with an apology.
    Answered,
    /// It was not answered yet; it stays in the store.
    Kept,
}

impl Dispatcher {
    /// A dispatcher whose tasks end when `stop` is cancelled and their current turn is done.
    pub fn new(
        (engine, store): (Arc<Engine>, Arc<dyn WholeStore>),
        outlet: Arc<Deliverer>,
        (tasks, stop): (TaskTracker, CancellationToken),
        rhythm: Rhythm,
    ) -> Arc<Self> {
        Arc::new(Self {
            engine,
            store,
            outlet,
            tasks,
            stop,
            limits: Limits::new(&rhythm),
            rhythm,
            lanes: Mutex::default(),
            coming: Mutex::default(),
            doubtful: Mutex::default(),
            more: Notify::new(),
            turns: Semaphore::new(TURNS_AT_ONCE),
        })
    }

    /// Stores an inbound and waits until its turn is over.
    pub async fn answer(self: &Arc<Self>, inbound: Inbound) -> Result<Outcome, StoreError> {
        let (done, outcome) = oneshot::channel();
        if self.accept(inbound, Some(done)).await? {
            return Ok(outcome.await.unwrap_or(Outcome::Kept));
        }
        Ok(Outcome::Answered)
    }

    /// Stores an inbound and takes it up; `false` when it was stored before.
    async fn accept(
        self: &Arc<Self>,
        inbound: Inbound,
        done: Option<oneshot::Sender<Outcome>>,
    ) -> Result<bool, StoreError> {
        let key = inbound.key.clone();
        let coming = Coming::note(self, &key);
        let accepted = self.store.accept(inbound).await;
        if !matches!(accepted, Err(StoreError::Unavailable { .. })) {
            coming.is_known();
        }
        let envelope = match accepted? {
            Accepted::New(envelope) => Some(envelope),
            Accepted::Duplicate if lock(&self.doubtful).contains_key(&key) => {
                self.waiting(&key).await?
            }
            Accepted::Duplicate => None,
        };
        lock(&self.doubtful).remove(&key);
        let is_new = envelope.is_some();
        if let Some(envelope) = envelope {
            self.take_up(envelope, done);
        }
        Ok(is_new)
    }

    /// Stores a `/reset` and carries it out without delivering its reply.
    pub async fn forget(&self, reset: Inbound) -> Result<(), StoreError> {
        if let Accepted::New(envelope) = self.store.accept(reset).await? {
            let silence = Silence(&*self.engine.store);
            let burst = Burst::from(envelope);
            self.engine
                .turn(&burst, &silence, &Interrupt::default())
                .await?;
        }
        Ok(())
    }

    /// Puts an accepted inbound into its conversation's lane, or leaves it to the store.
    pub fn take_up(self: &Arc<Self>, envelope: Envelope, done: Option<oneshot::Sender<Outcome>>) {
        let conversation = envelope.conversation;
        let job = Job::new(Work::Answer(envelope), done);
        let added = lock(&self.lanes).add(conversation, job);
        if added == Added::OpensLane {
            self.open_lane(conversation);
        }
    }

    /// Waits until a lane has ended and the store holds more of its work.
    pub async fn has_more(&self) {
        self.more.notified().await;
    }

    /// A lane that breaks is closed, so that the next sweep opens it again; otherwise nobody would
    /// ever answer this conversation any more.
    fn open_lane(self: &Arc<Self>, key: impl Into<LaneKey>) {
        let key = key.into();
        let this = Arc::clone(self);
        self.tasks.spawn(async move {
            let running = AssertUnwindSafe(this.run_lane(key)).catch_unwind();
            if running.await.is_err() {
                log::lane_broken(key.conversation);
                lock(&this.lanes).close(key);
            }
        });
    }

    async fn run_lane(self: &Arc<Self>, key: LaneKey) {
        while let Some(next) = self.next_of(key) {
            // What a turn came to is said, if its platform takes it at once; nothing new is begun.
            if self.stop.is_cancelled() && !matches!(next, Next::Deliver(_, Origin::Turn(_), _)) {
                lock(&self.lanes).close(key);
                return;
            }
            let is_left = match next {
                Next::Wait(until, changed) => {
                    self.wait(until, &changed).await;
                    false
                }
                Next::Deliver(entry, origin, urgent) => {
                    self.deliver(key, (*entry, origin), &urgent).await
                }
                Next::Answer(answering) => {
                    self.answer_burst(*answering).await;
                    false
                }
            };
            if is_left && self.stop.is_cancelled() {
                // Nothing may overtake it.
                lock(&self.lanes).close(key);
                return;
            }
        }
    }

    /// Delivers an entry. What somebody at a desk does meanwhile goes first, unless the platform is
    /// just being told. Whether it is still to be delivered.
    async fn deliver(
        &self,
        key: LaneKey,
        (entry, origin): (OutboxEntry, Origin),
        urgent: &Notify,
    ) -> bool {
        if let Some(entry) = self.outlet.deliver_unless(entry, urgent).await
            && let Some(lane) = lock(&self.lanes).get_mut(key)
        {
            lane.deliver_again(entry, origin);
            return true;
        }
        lock(&self.lanes).done(1);
        if let Origin::Turn(Some(answered)) = origin {
            self.end(*answered, Outcome::Answered);
        }
        false
    }

    /// Has what a desk is told delivered in a lane of its own.
    fn tell_desk(self: &Arc<Self>, entry: OutboxEntry) {
        let key = LaneKey::of(&entry);
        let added = lock(&self.lanes).add(
            key,
            Job::new(Work::Deliver(entry, Origin::Turn(None)), None),
        );
        if added == Added::OpensLane {
            self.open_lane(key);
        }
    }

    /// What to do next, or the end of the lane when there is nothing. Both happen under one lock,
    /// so a lane never ends while a job is being added to it.
    fn next_of(&self, key: LaneKey) -> Option<Next> {
        let mut lanes = lock(&self.lanes);
        let next = lanes.get_mut(key)?.next(&self.rhythm);
        if next.is_none() && lanes.close(key) {
            self.more.notify_one();
        }
        next
    }

    /// Waits until a time, until something changes, or until the process stops.
    async fn wait(&self, until: Instant, changed: &Notify) {
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = changed.notified() => {}
            () = self.stop.cancelled() => {}
        }
    }
}

/// An inbound that is being stored. Its channel may give it up at any moment, as a webhook's server
/// does when the caller hangs up, and the store does what it was asked all the same.
struct Coming<'a> {
    dispatcher: &'a Dispatcher,
    key: InboundKey,
    /// Whether nobody else is storing it already.
    is_first: bool,
    /// Whether the store has said what it did.
    is_known: Cell<bool>,
}

impl<'a> Coming<'a> {
    fn note(dispatcher: &'a Dispatcher, key: &InboundKey) -> Self {
        Self {
            dispatcher,
            key: key.clone(),
            is_first: lock(&dispatcher.coming).insert(key.clone()),
            is_known: Cell::new(false),
        }
    }

    fn is_known(&self) {
        self.is_known.set(true);
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        if !self.is_known.get() {
            let mut doubtful = lock(&self.dispatcher.doubtful);
            doubtful.insert(self.key.clone(), Instant::now());
        }
        if self.is_first {
            lock(&self.dispatcher.coming).remove(&self.key);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An outlet that shows nothing, and notes the entry as delivered.
struct Silence<'a>(&'a dyn Store);

#[async_trait]
impl Outlet for Silence<'_> {
    async fn perform(&self, effect: Effect) {
        if let Effect::Deliver(entry) = effect {
            let ended = DeliveryStep::Ended(OutboxState::Delivered);
            let record = DeliveryRecord {
                conversation: entry.conversation,
                entry: entry.id,
                what: ended,
            };
            if let Err(error) = self.0.record(record).await {
                tracing::warn!(error = %error, "a silent reply was not noted as delivered");
            }
        }
    }
}

/// Where the channels hand in what they received: the dispatcher's front door.
pub struct Reception(pub Arc<Dispatcher>);

#[async_trait]
impl Intake for Reception {
    async fn accept(&self, inbound: Inbound) -> Result<(), StoreError> {
        let Self(dispatcher) = self;
        dispatcher.accept(inbound, None).await.map(drop)
    }
}
