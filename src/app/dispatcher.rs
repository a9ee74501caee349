//! One turn at a time in a conversation, many conversations side by side.
//!
//! Each conversation with work has a lane: a queue and one task, which ends when the queue is
//! empty. An inbound is in the store before it is in a lane, so a lane may be lost at any moment:
//! the next start picks its work up from the store's backlog.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use consultant_core::{
    Address, ConversationId, Effect, Envelope, Inbound, OutboxEntry, OutboxState,
    engine::Engine,
    ports::{Accepted, DeliveryRecord, DeliveryStep, Intake, Outlet, Store, StoreError},
};
use futures::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{deliverer::Deliverer, log};

/// Work that waits in memory. When it is full the channels wait, and with them the platforms;
/// what they have handed in already is in the store.
const JOBS_IN_MEMORY: usize = 10_000;

/// Turns that run at the same time. Most take a millisecond; those that wait for the model are
/// bounded by its own queue.
const TURNS_AT_ONCE: usize = 64;

/// How often a turn is repeated because another writer changed its session.
const CONFLICT_TRIES: u32 = 10;

/// The pause before the first further try while the store is away; it doubles with every one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two tries while the store is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Brings work to the engine in order.
pub struct Dispatcher {
    engine: Arc<Engine>,
    outlet: Arc<Deliverer>,
    tasks: TaskTracker,
    stop: CancellationToken,
    lanes: Mutex<HashMap<ConversationId, VecDeque<Job>>>,
    room: Arc<Semaphore>,
    turns: Semaphore,
}

/// One piece of work of one conversation.
struct Job {
    work: Work,
    done: Option<oneshot::Sender<Outcome>>,
    /// Its place in memory, free again when the job is dropped.
    room: Option<OwnedSemaphorePermit>,
}

impl Job {
    fn new(work: Work, done: Option<oneshot::Sender<Outcome>>) -> Self {
        Self {
            work,
            done,
            room: None,
        }
    }
}

enum Work {
    Answer(Envelope),
    Deliver(OutboxEntry),
}

/// What became of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered, or was a duplicate.
    Answered,
    /// It could not be answered now; it stays in the store and is repeated at the next start.
    Kept,
}

impl Dispatcher {
    /// A dispatcher whose tasks end when `stop` is cancelled and their current turn is done.
    pub fn new(
        engine: Arc<Engine>,
        outlet: Arc<Deliverer>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            engine,
            outlet,
            tasks,
            stop,
            lanes: Mutex::default(),
            room: Arc::new(Semaphore::new(JOBS_IN_MEMORY)),
            turns: Semaphore::new(TURNS_AT_ONCE),
        })
    }

    /// Stores an inbound and waits until its turn is over.
    pub async fn answer(self: &Arc<Self>, inbound: Inbound) -> Result<Outcome, StoreError> {
        match self.engine.store.accept(inbound).await? {
            Accepted::Duplicate => Ok(Outcome::Answered),
            Accepted::New(envelope) => {
                let (done, outcome) = oneshot::channel();
                let conversation = envelope.conversation;
                let job = Job::new(Work::Answer(envelope), Some(done));
                self.enqueue(conversation, job).await;
                Ok(outcome.await.unwrap_or(Outcome::Kept))
            }
        }
    }

    /// Stores a `/reset` and carries it out without delivering its reply.
    pub async fn forget(&self, reset: Inbound) -> Result<(), StoreError> {
        if let Accepted::New(envelope) = self.engine.store.accept(reset).await? {
            self.engine
                .turn(&envelope, &Silence(&*self.engine.store))
                .await?;
        }
        Ok(())
    }

    /// Takes up what a stop or a crash left behind: deliveries first, then unanswered inbounds.
    /// `mine` tells which addresses this process serves.
    pub async fn resume(
        self: &Arc<Self>,
        mine: impl Fn(&Address) -> bool,
    ) -> Result<usize, StoreError> {
        let backlog = self.engine.store.backlog().await?;
        let mut resumed = 0;
        for entry in backlog
            .outbox
            .into_iter()
            .filter(|entry| mine(&entry.address))
        {
            self.outlet.remember(&entry);
            if entry.state == OutboxState::Ready {
                resumed += 1;
                let job = Job::new(Work::Deliver(entry.clone()), None);
                self.enqueue(entry.conversation, job).await;
            }
        }
        for envelope in backlog
            .inbox
            .into_iter()
            .filter(|it| mine(&it.inbound.address))
        {
            resumed += 1;
            let conversation = envelope.conversation;
            self.enqueue(conversation, Job::new(Work::Answer(envelope), None))
                .await;
        }
        Ok(resumed)
    }

    async fn enqueue(self: &Arc<Self>, conversation: ConversationId, mut job: Job) {
        job.room = Arc::clone(&self.room).acquire_owned().await.ok();
        let mut lanes = self.lanes();
        if let Some(lane) = lanes.get_mut(&conversation) {
            lane.push_back(job);
        } else {
            lanes.insert(conversation, VecDeque::from([job]));
            self.tasks.spawn(Arc::clone(self).run_lane(conversation));
        }
    }

    fn lanes(&self) -> std::sync::MutexGuard<'_, HashMap<ConversationId, VecDeque<Job>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run_lane(self: Arc<Self>, conversation: ConversationId) {
        while let Some(job) = self.next_job(conversation) {
            if self.stop.is_cancelled() {
                break;
            }
            let outcome = self.run(job.work).await;
            if let Some(done) = job.done {
                // An error only says that the caller no longer waits.
                done.send(outcome).ok();
            }
        }
    }

    /// The next job, or the end of the lane when there is none. Both happen under one lock, so a
    /// lane never ends while a job is being added to it.
    fn next_job(&self, conversation: ConversationId) -> Option<Job> {
        let mut lanes = self.lanes();
        let job = lanes.get_mut(&conversation)?.pop_front();
        if job.is_none() {
            lanes.remove(&conversation);
        }
        job
    }

    async fn run(&self, work: Work) -> Outcome {
        match work {
            Work::Deliver(entry) => {
                self.outlet.deliver(entry).await;
                Outcome::Answered
            }
            Work::Answer(envelope) => self.answer_surely(&envelope).await,
        }
    }

    /// Repeats a turn through conflicts and while the store is away; keeps it when stopped.
    async fn answer_surely(&self, envelope: &Envelope) -> Outcome {
        let mut conflicts = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            let Err(error) = self.answer_once(envelope).await else {
                return Outcome::Answered;
            };
            match error {
                _ if self.stop.is_cancelled() => return Outcome::Kept,
                StoreError::Conflict(_) if conflicts < CONFLICT_TRIES => conflicts += 1,
                StoreError::Unavailable { .. } => {
                    log::waits_for_store(envelope.conversation, &error);
                    self.pause(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                _ => {
                    log::kept(envelope.conversation, &error);
                    return Outcome::Kept;
                }
            }
        }
    }

    /// Waits, at most until the process stops.
    async fn pause(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// One try. A panic is a bug that must not take the other turns of this lane with it.
    async fn answer_once(&self, envelope: &Envelope) -> Result<(), StoreError> {
        let Ok(_permit) = self.turns.acquire().await else {
            return Ok(());
        };
        let turn = self.engine.turn(envelope, &*self.outlet);
        let answered = AssertUnwindSafe(turn)
            .catch_unwind()
            .await
            .unwrap_or_else(|_panic| {
                Err(StoreError::Corrupt {
                    what: format!("inbound {}", envelope.inbound.key),
                    source: "the turn panicked; this is a bug, please report it".into(),
                })
            });
        if answered.is_err() {
            self.outlet.abandon(&envelope.inbound.address).await;
        }
        log::answered(envelope.conversation, &answered?);
        Ok(())
    }
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
                tracing::warn!(error = %error, "a silent delivery was not noted");
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
        if let Accepted::New(envelope) = dispatcher.engine.store.accept(inbound).await? {
            let conversation = envelope.conversation;
            dispatcher
                .enqueue(conversation, Job::new(Work::Answer(envelope), None))
                .await;
        }
        Ok(())
    }
}
