//! A turn until it is over: repeated through conflicts and while the store is away, interrupted
//! when the customer writes on, counted when it fails, and buried when it fails too often.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use consultant_core::{
    Burst, ConversationId, Envelope, InboundKey, OutboxEntry, OutboxId, OutboxState, Voice,
    engine::TurnEnd,
    ports::{Burial, StoreError},
};
use futures::FutureExt;

use crate::log;

use super::{Dispatcher, Outcome, lane::Answering, lanes::LaneKey, lock, outlet::TurnOutlet};

/// From this many failed turns on, an inbound is buried.
const FAILURES: u32 = 5;

/// How often a turn is repeated because another writer changed its session, before that counts
/// as a failure.
const CONFLICT_TRIES: u32 = 10;

/// The pause before the first further try; it doubles with every one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two tries while the store is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How a try ended.
enum Tried {
    /// With what is to be delivered.
    Answered(Vec<OutboxEntry>),
    /// Somebody has answered it already, perhaps this process without knowing.
    AnsweredBefore,
    Interrupted,
    Stopped,
    Failed(StoreError),
}

impl Dispatcher {
    /// Answers a burst, or puts it back into its lane.
    pub(super) async fn answer_burst(self: &Arc<Self>, answering: Answering) {
        if let Some(wait) = self.has_to_wait(&answering.burst) {
            return self.hold(answering, wait).await;
        }
        match self.answer_surely(&answering).await {
            Tried::Answered(deliveries) => self.hand_out(deliveries, answering),
            Tried::AnsweredBefore => self.end_answered_before(answering).await,
            Tried::Stopped => self.end(answering, Outcome::Kept),
            Tried::Interrupted => self.put_back(answering, false),
            Tried::Failed(error) if answering.len() > 1 => {
                log::failed(answering.burst.conversation(), 0, &error);
                self.put_back(answering, true);
            }
            Tried::Failed(error) => self.failed(answering, error).await,
        }
    }

    /// Has what came of a turn delivered: to the customer in this lane, before anything else, and to a
    /// desk in another one.
    fn hand_out(self: &Arc<Self>, deliveries: Vec<OutboxEntry>, answering: Answering) {
        let is_for_desk = |it: &OutboxEntry| it.voice() == Voice::Desk;
        let (for_desk, replies): (Vec<_>, Vec<_>) = deliveries.into_iter().partition(is_for_desk);
        for entry in for_desk {
            self.tell_desk(entry);
        }
        self.deliver_and_end(replies, answering);
    }

    pub(super) fn end(&self, answering: Answering, outcome: Outcome) {
        let mut lanes = lock(&self.lanes);
        lanes.done(answering.len());
        if let Some(lane) = lanes.get_mut(answering.burst.conversation()) {
            // Whoever still waits was told already.
            lane.asked_for_patience &= lane.unanswered() > 0;
            lane.allowed = false;
        }
        drop(lanes);
        answering.end(outcome);
    }

    fn put_back(&self, answering: Answering, singly: bool) {
        let conversation = answering.burst.conversation();
        if let Some(lane) = lock(&self.lanes).get_mut(conversation) {
            if singly {
                lane.again_singly(answering);
            } else {
                lane.again(answering);
            }
        }
    }

    /// Its answer may still have to be delivered, and what it was gathered with to be answered. What
    /// it tells a desk is left to the next sweep, and with it whatever comes behind that.
    async fn end_answered_before(&self, answering: Answering) {
        let conversation = answering.burst.conversation();
        let read = || self.store.backlog();
        let backlog = match self.surely(conversation, read).await {
            Some(Ok(backlog)) => backlog,
            Some(Err(error)) => return self.keep(answering, &error),
            None => return self.end(answering, Outcome::Kept),
        };
        let ready =
            |it: &OutboxEntry| it.conversation == conversation && it.state == OutboxState::Ready;
        let ready = backlog.outbox.into_iter().filter(ready);
        let (for_desk, mut replies): (Vec<_>, Vec<_>) =
            ready.partition(|it| it.voice() == Voice::Desk);
        let waits = |key: &InboundKey| backlog.inbox.iter().any(|it| it.inbound.key == *key);
        let (answered, waiting) = answering.split(waits);
        let mut lanes = lock(&self.lanes);
        if let Some(entry) = for_desk.first() {
            lanes.leave(LaneKey::of(entry));
        }
        if let Some(lane) = lanes.get_mut(conversation) {
            // What an earlier turn said may wait here, while somebody at a desk goes before it.
            replies.retain(|it| !lane.delivers(it));
            lane.put_back(waiting);
        }
        drop(lanes);
        self.deliver_and_end(replies, answered);
    }

    /// Has a turn's replies delivered in this lane, before anything else, and then ends it.
    fn deliver_and_end(&self, replies: Vec<OutboxEntry>, answering: Answering) {
        if replies.is_empty() {
            self.end(answering, Outcome::Answered);
        } else {
            lock(&self.lanes).deliver_first(replies, answering);
        }
    }

    /// Repeats a turn through conflicts and while the store is away.
    async fn answer_surely(&self, answering: &Answering) -> Tried {
        let conversation = answering.burst.conversation();
        let mut conflicts = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            let (ended, deliveries) = self.answer_once(answering).await;
            let error = match ended {
                Ok(TurnEnd::Answered(report)) => {
                    log::answered(conversation, &report);
                    return Tried::Answered(deliveries);
                }
                Ok(TurnEnd::Interrupted) => return Tried::Interrupted,
                Err(StoreError::Answered(_)) => return Tried::AnsweredBefore,
                Err(error) => error,
            };
            match error {
                _ if self.stop.is_cancelled() => return Tried::Stopped,
                StoreError::Conflict(_) if conflicts < CONFLICT_TRIES => conflicts += 1,
                StoreError::Unavailable { .. } => {
                    log::waits_for_store(conversation, &error);
                    self.pause(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                error => return Tried::Failed(error),
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

    /// One try, and what it wants to be delivered. A panic is a bug that must not take the other
    /// turns of this lane with it.
    async fn answer_once(
        &self,
        answering: &Answering,
    ) -> (Result<TurnEnd, StoreError>, Vec<OutboxEntry>) {
        let burst = &answering.burst;
        let outlet = TurnOutlet::open(&self.outlet, &self.turns).await;
        let turn = self.engine.turn(burst, &outlet, &answering.interrupt);
        let ended = AssertUnwindSafe(turn)
            .catch_unwind()
            .await
            .unwrap_or_else(|_panic| {
                Err(StoreError::Corrupt {
                    what: format!("inbound {}", burst.first().key),
                    source: "the turn panicked; this is a bug, please report it".into(),
                })
            });
        let deliveries = outlet.close();
        if deliveries.is_empty() {
            self.outlet.end_presentation(burst.address()).await;
        }
        (ended, deliveries)
    }

    /// Counts a failed turn of one inbound; tries again, or buries it.
    async fn failed(&self, answering: Answering, error: StoreError) {
        let conversation = answering.burst.conversation();
        let key = answering.burst.first().key.clone();
        let count = || self.store.count_failure(conversation, &key);
        match self.surely(conversation, count).await {
            Some(Ok(failures)) if failures < FAILURES => {
                log::failed(conversation, failures, &error);
                self.pause(FIRST_PAUSE * 2_u32.saturating_pow(failures))
                    .await;
                self.put_back(answering, true);
            }
            Some(Ok(_)) => self.bury(answering, error.to_string()).await,
            Some(Err(error)) => self.keep(answering, &error),
            None => self.end(answering, Outcome::Kept),
        }
    }

    /// Lays an inbound to the dead letters and tells the customer.
    async fn bury(&self, answering: Answering, reason: String) {
        let burst = &answering.burst;
        let key = burst.first().key.clone();
        log::buried(burst.conversation(), &key, &reason);
        let burial = self.engine.burial(burst, &key, reason);
        let bury = || self.store.bury(burial.clone());
        match self.surely(burst.conversation(), bury).await {
            Some(Ok(())) => {
                self.give_up_reply(&burial).await;
                self.outlet.deliver(burial.told).await;
                self.end(answering, Outcome::Answered);
            }
            Some(Err(error)) => self.keep(answering, &error),
            None => self.end(answering, Outcome::Kept),
        }
    }

    fn keep(&self, answering: Answering, error: &StoreError) {
        log::kept(answering.burst.conversation(), error);
        self.end(answering, Outcome::Kept);
    }

    /// Repeats a step while the store is away; `None` when the process stops meanwhile. Whatever
    /// the conversation holds waits behind it.
    async fn surely<T, F>(
        &self,
        conversation: ConversationId,
        mut step: impl FnMut() -> F,
    ) -> Option<Result<T, StoreError>>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            match step().await {
                Err(error @ StoreError::Unavailable { .. }) => {
                    log::waits_for_store(conversation, &error);
                }
                done => return Some(done),
            }
            self.pause(pause).await;
            if self.stop.is_cancelled() {
                return None;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Counts an answer that was begun and not ended as a failed turn. What has failed too often
    /// is buried; what its customer is told then.
    pub(super) async fn count_crash(
        &self,
        envelope: &Envelope,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let (conversation, key) = (envelope.conversation, &envelope.inbound.key);
        let failures = match self.store.count_failure(conversation, key).await {
            // Somebody else has answered it meanwhile.
            Err(StoreError::Unknown(_)) => return Ok(None),
            counted => counted?,
        };
        if failures < FAILURES {
            return Ok(None);
        }
        let burst = Burst::from(envelope.clone());
        let reason = "its turn ended the process again and again".to_owned();
        log::buried(conversation, key, &reason);
        let burial = self.engine.burial(&burst, key, reason);
        self.store.bury(burial.clone()).await?;
        self.give_up_reply(&burial).await;
        Ok(Some(burial.told))
    }

    /// The answer of a buried inbound will never be written to its end.
    async fn give_up_reply(&self, burial: &Burial) {
        let reply = OutboxEntry {
            id: OutboxId::reply_to(&burial.key),
            ..burial.told.clone()
        };
        self.outlet.give_up(&reply).await;
    }
}
