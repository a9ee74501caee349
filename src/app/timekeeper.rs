//! Brings due timers to the dispatcher, and what an operator revived. It asks the store again and
//! again instead of sleeping until a time: another process may set a timer, and a clock may jump.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Address,
    ports::{Clock, StoreError, WholeStore},
};
use tokio_util::sync::CancellationToken;

use crate::{dispatcher::Dispatcher, log};

/// How often the store is asked; follow-ups are minutes away at the least.
const EVERY: Duration = Duration::from_secs(1);

/// Timers that are fired at once.
const AT_ONCE: usize = 100;

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
        let mut revived = self.revived().await.unwrap_or_default();
        while !stop.is_cancelled() {
            let outcome = self.look(&mine, &mut revived).await;
            if let Err(error) = &outcome
                && !failing
            {
                log::timers_unread(error);
            }
            failing = outcome.is_err();
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// One look: fires what is due, and takes up what was revived since the last look.
    pub async fn look(
        &self,
        mine: impl Fn(&Address) -> bool,
        revived: &mut Option<String>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let due = self.store.next_due().await?.is_some_and(|due| due <= now);
        let fired = if due {
            self.store.fire_due(now, AT_ONCE).await?
        } else {
            Vec::new()
        };
        for envelope in fired {
            if mine(&envelope.inbound.address) {
                self.dispatcher.take_up(envelope, None).await;
            }
        }
        let newest = self.revived().await?;
        if newest != *revived {
            *revived = newest;
            self.dispatcher.resume(mine).await?;
        }
        Ok(())
    }

    async fn revived(&self) -> Result<Option<String>, StoreError> {
        let mut marks = self.store.bookmarks(REVIVED).await?;
        Ok(marks.pop().map(|(_, value)| value))
    }
}
