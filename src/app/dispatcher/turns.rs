//! A turn until it is over: repeated through conflicts and while the store is away, interrupted
//! when the customer writes on, counted when it fails, and buried when it fails too often.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use consultant_core::{
    Burst, Effect, Envelope, Interrupt,
    engine::TurnEnd,
    ports::{Outlet, StoreError},
};
use futures::FutureExt;

use crate::log;

use super::{Dispatcher, Outcome, lane::Answering, lock};

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
    Answered,
    Interrupted,
    Stopped,
    Failed(StoreError),
}

impl Dispatcher {
    /// Answers a burst, or puts it back into its lane.
    pub(super) async fn answer_burst(self: &Arc<Self>, answering: Answering) {
        self.wait_for_a_turn(&answering.burst).await;
        match self.answer_surely(&answering).await {
            Tried::Answered => self.end(answering, Outcome::Answered),
            Tried::Stopped => self.end(answering, Outcome::Kept),
            Tried::Interrupted => self.put_back(answering, false),
            Tried::Failed(error) if answering.burst.envelopes().count() > 1 => {
                log::failed(answering.burst.conversation(), 0, &error);
                self.put_back(answering, true);
            }
            Tried::Failed(error) => self.failed(answering, error).await,
        }
    }

    fn end(&self, answering: Answering, outcome: Outcome) {
        let mut in_hand = lock(&self.in_hand);
        for key in answering.burst.keys() {
            in_hand.remove(&key);
        }
        drop(in_hand);
        answering.end(outcome);
    }

    fn put_back(&self, answering: Answering, singly: bool) {
        let conversation = answering.burst.conversation();
        if let Some(lane) = lock(&self.lanes).get_mut(&conversation) {
            if singly {
                lane.again_singly(answering);
            } else {
                lane.again(answering);
            }
        }
    }

    /// Whoever writes faster than a person can is asked for patience once and waits.
    async fn wait_for_a_turn(&self, burst: &Burst) {
        let mut asked = false;
        loop {
            let wait = self.limits.take(burst.conversation());
            if wait.is_zero() || self.stop.is_cancelled() {
                return;
            }
            if !std::mem::replace(&mut asked, true) {
                self.engine.ask_for_patience(burst, &*self.outlet).await;
            }
            self.pause(wait).await;
        }
    }

    /// Repeats a turn through conflicts and while the store is away.
    async fn answer_surely(&self, answering: &Answering) -> Tried {
        let conversation = answering.burst.conversation();
        let mut conflicts = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            let tried = self.answer_once(&answering.burst, &answering.interrupt);
            let error = match tried.await {
                Ok(TurnEnd::Answered(report)) => {
                    log::answered(conversation, &report);
                    return Tried::Answered;
                }
                Ok(TurnEnd::Interrupted) => return Tried::Interrupted,
                Err(StoreError::Answered(_)) => return Tried::Answered,
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

    /// One try. A panic is a bug that must not take the other turns of this lane with it.
    async fn answer_once(
        &self,
        burst: &Burst,
        interrupt: &Interrupt,
    ) -> Result<TurnEnd, StoreError> {
        let Ok(_permit) = self.turns.acquire().await else {
            return Ok(TurnEnd::Interrupted);
        };
        let turn = self.engine.turn(burst, &*self.outlet, interrupt);
        let ended = AssertUnwindSafe(turn)
            .catch_unwind()
            .await
            .unwrap_or_else(|_panic| {
                Err(StoreError::Corrupt {
                    what: format!("inbound {}", burst.first().key),
                    source: "the turn panicked; this is a bug, please report it".into(),
                })
            });
        if !matches!(ended, Ok(TurnEnd::Answered(_))) {
            self.outlet.abandon(burst.address()).await;
        }
        ended
    }

    /// Counts a failed turn of one inbound; tries again, or buries it.
    async fn failed(self: &Arc<Self>, answering: Answering, error: StoreError) {
        let conversation = answering.burst.conversation();
        let key = answering.burst.first().key.clone();
        let counted = self.store.count_failure(conversation, &key).await;
        match counted {
            Ok(failures) if failures < FAILURES => {
                log::failed(conversation, failures, &error);
                self.pause(FIRST_PAUSE * 2_u32.saturating_pow(failures))
                    .await;
                self.put_back(answering, true);
            }
            Ok(_) => self.bury(answering, error.to_string()).await,
            Err(error) => {
                log::kept(conversation, &error);
                self.end(answering, Outcome::Kept);
            }
        }
    }

    /// Lays an inbound to the dead letters and tells the customer.
    async fn bury(&self, answering: Answering, reason: String) {
        let burst = &answering.burst;
        let key = burst.first().key.clone();
        log::buried(burst.conversation(), &key, &reason);
        let burial = self.engine.burial(burst, &key, reason);
        let told = burial.told.clone();
        match self.store.bury(burial).await {
            Ok(()) => {
                self.outlet.perform(Effect::Deliver(told)).await;
                self.end(answering, Outcome::Answered);
            }
            Err(error) => {
                log::kept(burst.conversation(), &error);
                self.end(answering, Outcome::Kept);
            }
        }
    }

    /// A start finds an answer begun and not ended: whatever ended the process may have been this
    /// turn, so it counts as a failed one. What has failed too often is buried before it is tried.
    pub(super) async fn count_crash(&self, envelope: &Envelope) -> Result<(), StoreError> {
        let (conversation, key) = (envelope.conversation, &envelope.inbound.key);
        let failures = self.store.count_failure(conversation, key).await?;
        if failures <= FAILURES {
            return Ok(());
        }
        let burst = Burst::from(envelope.clone());
        let reason = "its turn ended the process again and again".to_owned();
        log::buried(conversation, key, &reason);
        self.store
            .bury(self.engine.burial(&burst, key, reason))
            .await
    }
}
