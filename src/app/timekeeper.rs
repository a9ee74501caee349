//! Brings due timers to the dispatcher, and whatever else only the store holds. It asks the store
//! again and again instead of sleeping until a time: another process may set a timer, and a clock
//! may jump.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Address,
    ports::{Clock, StoreError, WholeStore},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{dispatcher::Dispatcher, log};

/// How often the store is asked; follow-ups are minutes away at the least.
const EVERY: Duration = Duration::from_secs(1);

/// Timers that are fired at once.
const AT_ONCE: usize = 100;

/// How often the store is swept for what a fault has left behind.
const SWEEP_EVERY: Duration = Duration::from_secs(15);

/// The bookmark that `consultant inbox retry` moves, so that a running process looks again.
pub const REVIVED: &str = "inbox:revived";

/// What the timekeeper needs.
pub struct Timekeeper {
    /// Gets what is due.
    pub dispatcher: Arc<Dispatcher>,
    /// Holds the timers.
    pub store: Arc<dyn WholeStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Timekeeper {
    /// Works until `stop`. `mine` tells which addresses this process serves.
    pub async fn run(self, mine: impl Fn(&Address) -> bool, stop: CancellationToken) {
        let mut failing = false;
        let mut revived = None;
        let mut sweep_at = Instant::now() + SWEEP_EVERY;
        while !stop.is_cancelled() {
            let is_time = Instant::now() >= sweep_at;
            let outcome = self.look(&mine, &mut revived, is_time).await;
            if let Err(error) = &outcome
                && !failing
            {
                log::timers_unread(error);
            }
            failing = outcome.is_err();
            if is_time && !failing {
                sweep_at = Instant::now() + SWEEP_EVERY;
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = self.dispatcher.has_more() => sweep_at = Instant::now(),
                () = stop.cancelled() => {}
            }
        }
    }

    /// One look: fires what is due, and sweeps the store where it is time to, or where an operator
    /// revived something since the last look.
    pub async fn look(
        &self,
        mine: impl Fn(&Address) -> bool,
        revived: &mut Option<String>,
        is_time_to_sweep: bool,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let due = self.store.next_due().await?.is_some_and(|due| due <= now);
        let fired = if due {
            self.store.fire_due(now, AT_ONCE).await?
        } else {
            Vec::new()
        };
        // What another process serves it finds when it sweeps.
        for envelope in fired {
            if mine(&envelope.inbound.address) {
                self.dispatcher.take_up(envelope, None);
            }
        }
        let newest = self.revived().await?;
        if is_time_to_sweep || newest != *revived {
            self.dispatcher.sweep(mine).await?;
            *revived = newest;
        }
        Ok(())
    }

    async fn revived(&self) -> Result<Option<String>, StoreError> {
        let mut marks = self.store.bookmarks(REVIVED).await?;
        Ok(marks.pop().map(|(_, value)| value))
    }
}
