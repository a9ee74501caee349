//! One turn at a time in a conversation, many conversations side by side.
//!
//! Each conversation with work has a lane ([`lane`]): a queue and one task, which ends when the
//! queue is empty. An inbound is in the store before it is in a lane, so a lane may be lost at any
//! moment: the next start picks its work up from the store's backlog. What becomes of a turn that
//! fails stands in [`turns`].

mod lane;
mod rhythm;
mod turns;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Address, Burst, ConversationId, Effect, Envelope, Inbound, InboundKey, Interrupt, OutboxEntry,
    OutboxState,
    engine::Engine,
    ports::{
        Accepted, DeliveryRecord, DeliveryStep, Intake, Outlet, Store, StoreError, WholeStore,
    },
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::deliverer::Deliverer;

use self::{
    lane::{Job, Lane, Next, Work},
    rhythm::Limits,
};

pub use rhythm::Rhythm;

/// Work that waits in memory. When it is full the channels wait, and with them the platforms;
/// what they have handed in already is in the store.
const JOBS_IN_MEMORY: usize = 10_000;

/// Turns that run at the same time. Most take a millisecond; those that wait for the model are
/// bounded by its own queue.
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
    lanes: Mutex<HashMap<ConversationId, Lane>>,
    /// Every inbound that is in a lane, so that a second look at the backlog adds none twice.
    in_hand: Mutex<HashSet<InboundKey>>,
    room: Arc<Semaphore>,
    turns: Semaphore,
}

/// What became of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered, was a duplicate, or was buried with an apology.
    Answered,
    /// The process stops before it was answered; it stays in the store.
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
            in_hand: Mutex::default(),
            room: Arc::new(Semaphore::new(JOBS_IN_MEMORY)),
            turns: Semaphore::new(TURNS_AT_ONCE),
        })
    }

    /// Stores an inbound and waits until its turn is over.
    pub async fn answer(self: &Arc<Self>, inbound: Inbound) -> Result<Outcome, StoreError> {
        match self.store.accept(inbound).await? {
            Accepted::Duplicate => Ok(Outcome::Answered),
            Accepted::New(envelope) => {
                let (done, outcome) = oneshot::channel();
                self.take_up(envelope, Some(done)).await;
                Ok(outcome.await.unwrap_or(Outcome::Kept))
            }
        }
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

    /// Takes up what a stop or a crash left behind: deliveries first, then unanswered inbounds.
    /// `mine` tells which addresses this process serves. What is in hand already is left alone.
    pub async fn resume(
        self: &Arc<Self>,
        mine: impl Fn(&Address) -> bool,
    ) -> Result<usize, StoreError> {
        let backlog = self.store.backlog().await?;
        let mut resumed = 0;
        let begun = self
            .resume_deliveries(backlog.outbox, &mine, &mut resumed)
            .await;
        for envelope in backlog.inbox {
            if !mine(&envelope.inbound.address) || self.has_in_hand(&envelope.inbound.key) {
                continue;
            }
            if begun.contains(&envelope.conversation) {
                self.count_crash(&envelope).await?;
            }
            resumed += 1;
            self.take_up(envelope, None).await;
        }
        Ok(resumed)
    }

    /// Conversations with an answer that was begun and not ended.
    async fn resume_deliveries(
        self: &Arc<Self>,
        outbox: Vec<OutboxEntry>,
        mine: impl Fn(&Address) -> bool,
        resumed: &mut usize,
    ) -> HashSet<ConversationId> {
        let mut begun = HashSet::new();
        for entry in outbox.into_iter().filter(|entry| mine(&entry.address)) {
            self.outlet.remember(&entry);
            if entry.state == OutboxState::Ready {
                *resumed += 1;
                let job = Job::new(Work::Deliver(entry.clone()), None);
                self.enqueue(entry.conversation, job).await;
            } else {
                begun.insert(entry.conversation);
            }
        }
        begun
    }

    /// Puts an accepted inbound into its conversation's lane.
    pub async fn take_up(
        self: &Arc<Self>,
        envelope: Envelope,
        done: Option<oneshot::Sender<Outcome>>,
    ) {
        let conversation = envelope.conversation;
        lock(&self.in_hand).insert(envelope.inbound.key.clone());
        self.enqueue(conversation, Job::new(Work::Answer(envelope), done))
            .await;
    }

    async fn enqueue(self: &Arc<Self>, conversation: ConversationId, mut job: Job) {
        job.room = Arc::clone(&self.room).acquire_owned().await.ok();
        let mut lanes = lock(&self.lanes);
        if let Some(lane) = lanes.get_mut(&conversation) {
            lane.add(job);
        } else {
            lanes.insert(conversation, Lane::with(job));
            self.tasks.spawn(Arc::clone(self).run_lane(conversation));
        }
    }

    fn has_in_hand(&self, key: &InboundKey) -> bool {
        lock(&self.in_hand).contains(key)
    }

    async fn run_lane(self: Arc<Self>, conversation: ConversationId) {
        while let Some(next) = self.next_of(conversation) {
            if self.stop.is_cancelled() {
                self.leave(conversation);
                return;
            }
            match next {
                Next::Wait(until, changed) => self.wait(until, &changed).await,
                Next::Deliver(entry, _room) => self.outlet.deliver(*entry).await,
                Next::Answer(answering) => self.answer_burst(*answering).await,
            }
        }
    }

    /// What to do next, or the end of the lane when there is nothing. Both happen under one lock,
    /// so a lane never ends while a job is being added to it.
    fn next_of(&self, conversation: ConversationId) -> Option<Next> {
        let mut lanes = lock(&self.lanes);
        let next = lanes.get_mut(&conversation)?.next(&self.rhythm);
        if next.is_none() {
            lanes.remove(&conversation);
        }
        next
    }

    /// Gives up a lane because the process stops; everything in it is in the store.
    fn leave(&self, conversation: ConversationId) {
        lock(&self.lanes).remove(&conversation);
    }

    /// Waits until a time, until something changes, or until the process stops.
    async fn wait(&self, until: tokio::time::Instant, changed: &tokio::sync::Notify) {
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = changed.notified() => {}
            () = self.stop.cancelled() => {}
        }
    }
}

type Room = Option<OwnedSemaphorePermit>;

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
        if let Accepted::New(envelope) = dispatcher.store.accept(inbound).await? {
            dispatcher.take_up(envelope, None).await;
        }
        Ok(())
    }
}
