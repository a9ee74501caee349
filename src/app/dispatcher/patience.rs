//! Customers who write faster than a person can, and customers who come in a crowd: each is asked
//! for patience once, and then gets one answer to all that came meanwhile.

use std::time::Duration;

use consultant_core::{Burst, InboundEvent, engine::Crowded};
use tokio::time::Instant;

use crate::log;

use super::{Dispatcher, lane::Answering, lock};

/// A wait that is not worth a word.
const SHORT_WAIT: Duration = Duration::from_secs(2);

/// How long a burst has to wait, and why.
pub(super) struct Wait {
    pub(super) time: Duration,
    pub(super) why: Crowded,
}

impl Wait {
    /// Whether the customer is told. Whoever writes too fast should know it at once.
    fn is_told(&self) -> bool {
        self.why == Crowded::ByThemselves || self.time > SHORT_WAIT
    }
}

impl Dispatcher {
    /// How long this burst has to wait, because its customer or all together had too many turns
    /// lately. What the customer did not bring about costs no turn.
    pub(super) fn has_to_wait(&self, burst: &Burst) -> Option<Wait> {
        let asks = !matches!(
            burst.first().event,
            InboundEvent::Fired { .. } | InboundEvent::Left | InboundEvent::AtDesk(_)
        );
        let mut lanes = lock(&self.lanes);
        let lane = lanes.get_mut(burst.conversation()).filter(|_| asks)?;
        if lane.allowed {
            return None;
        }
        let own = self.limits.take(burst.conversation());
        if !own.is_zero() {
            let why = Crowded::ByThemselves;
            return Some(Wait { time: own, why });
        }
        // From here on its turn is reserved.
        lane.allowed = true;
        let time = self.limits.take_of_all();
        let why = Crowded::ByOthers;
        (!time.is_zero()).then_some(Wait { time, why })
    }

    /// Puts a burst back, to be answered after this time with all that has come until then.
    pub(super) async fn hold(&self, answering: Answering, wait: Wait) {
        let burst = answering.burst.clone();
        let mut told = true;
        if let Some(lane) = lock(&self.lanes).get_mut(burst.conversation()) {
            lane.held_until = Some(Instant::now() + wait.time);
            told = lane.asked_for_patience || !wait.is_told();
            lane.asked_for_patience |= wait.is_told();
            lane.again(answering);
        }
        if told {
            return;
        }
        // The line is a courtesy; the answer comes without it, too.
        match self.engine.ask_for_patience(&burst, wait.why).await {
            Ok(entry) => self.outlet.deliver(entry).await,
            Err(error) => log::not_asked_for_patience(burst.conversation(), &error),
        }
    }
}
