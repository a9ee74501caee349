//! The outlet of one turn: it shows at once, and keeps what is to be delivered until the turn is
//! over. A delivery waits for its platform as long as that takes, and must not keep a place among
//! the turns meanwhile; neither must a turn that waits for the model's queue.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use consultant_core::{Effect, OutboxEntry, ports::Outlet};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::deliverer::Deliverer;

/// The outlet of one turn, which holds the turn's place.
pub(super) struct TurnOutlet<'a> {
    deliverer: &'a Deliverer,
    turns: &'a Semaphore,
    place: Mutex<Option<SemaphorePermit<'a>>>,
    deliveries: Mutex<Vec<OutboxEntry>>,
}

impl<'a> TurnOutlet<'a> {
    /// Waits for a place among the turns.
    pub(super) async fn open(deliverer: &'a Deliverer, turns: &'a Semaphore) -> Self {
        let outlet = Self {
            deliverer,
            turns,
            place: Mutex::default(),
            deliveries: Mutex::default(),
        };
        outlet.take_place().await;
        outlet
    }

    /// Gives the place up; what the turn wants to be delivered, in order.
    pub(super) fn close(self) -> Vec<OutboxEntry> {
        self.deliveries
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn take_place(&self) {
        // An error would mean that the semaphore is closed, which nobody does.
        let place = self.turns.acquire().await.ok();
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }

    fn leave_place(&self) {
        drop(
            self.place
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }
}

#[async_trait]
impl Outlet for TurnOutlet<'_> {
    async fn perform(&self, effect: Effect) {
        match effect {
            Effect::Deliver(entry) => {
                let deliveries = self.deliveries.lock();
                deliveries
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(entry);
            }
            Effect::Pause(_) => {
                self.leave_place();
                self.deliverer.perform(effect).await;
                self.take_place().await;
            }
            Effect::Typing(_) | Effect::Preview(_) => self.deliverer.perform(effect).await,
        }
    }
}
