//! Customers who write faster than a person can: each is asked for patience once, and then gets one
//! answer to all that came meanwhile.

use std::time::Duration;

use consultant_core::{Burst, InboundEvent};
use tokio::time::Instant;

use crate::log;

use super::{Dispatcher, lane::Answering, lock};

impl Dispatcher {
    /// How long this burst has to wait, because its customer had too many turns lately. What needs
    /// no answer costs none.
    pub(super) fn has_to_wait(&self, burst: &Burst) -> Duration {
        let asks = matches!(
            burst.first().event,
            InboundEvent::Message { .. } | InboundEvent::Pressed { .. }
        );
        let mut lanes = lock(&self.lanes);
        let Some(lane) = lanes.get_mut(burst.conversation()).filter(|_| asks) else {
            return Duration::ZERO;
        };
        if lane.allowed {
            return Duration::ZERO;
        }
        let wait = self.limits.take(burst.conversation());
        lane.allowed = wait.is_zero();
        wait
    }

    /// Puts a burst back, to be answered after this time with all that has come until then.
    pub(super) async fn hold(&self, answering: Answering, wait: Duration) {
        let burst = answering.burst.clone();
        let mut asked = true;
        if let Some(lane) = lock(&self.lanes).get_mut(burst.conversation()) {
            lane.held_until = Some(Instant::now() + wait);
            asked = std::mem::replace(&mut lane.asked_for_patience, true);
            lane.again(answering);
        }
        if asked {
            return;
        }
        // The line is a courtesy; the answer comes without it, too.
        match self.engine.ask_for_patience(&burst).await {
            Ok(entry) => self.outlet.deliver(entry).await,
            Err(error) => log::not_asked_for_patience(burst.conversation(), &error),
        }
    }
}
