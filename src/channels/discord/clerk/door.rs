//! The door to the engine: what is said goes in one by one, and a store that is away is waited
//! for, so that nothing overtakes. What the store cannot read, no waiting cures: after a few tries
//! that alone is left out, and everybody else goes on.

use std::time::Duration;

use consultant_core::{Inbound, InboundEvent, ports::StoreError};
use serenity::all::Message;
use tracing::{error, warn};

use super::{
    super::{at_desk::answered, place::Place, reading::made_at},
    Clerk,
};

/// The pauses between two tries to store an inbound: doubled from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often a store that is there may fail at one inbound. Everybody waits meanwhile.
const TRIES: u32 = 3;

/// What became of an inbound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    /// The store has it.
    Stored,
    /// The store will never take it.
    LeftOut,
    /// The channel stops, and the store is away.
    Stopped,
}

impl Clerk {
    /// Tries until the store has it, so that nothing overtakes it. When stopping, tries once, and
    /// not at all where something of this conversation was not stored before.
    pub(super) async fn hand_over(&mut self, inbound: Inbound) -> Handed {
        let (mut pause, mut failures) = (FIRST_PAUSE, 0);
        if self.gave_up.contains(&inbound.address) {
            return Handed::Stopped;
        }
        while let Err(error) = self.desk.intake.accept(inbound.clone()).await {
            if self.stop.is_cancelled() {
                left_at_stop(&inbound, &error);
                self.gave_up.insert(inbound.address);
                return Handed::Stopped;
            }
            failures += u32::from(!matches!(error, StoreError::Unavailable { .. }));
            if failures >= TRIES {
                left_out(&inbound, &error);
                return Handed::LeftOut;
            }
            warn_not_stored(&error);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Handed::Stored
    }
}

/// A message as the engine gets it, at this place.
pub(super) fn message_inbound(message: &Message, place: Place, event: InboundEvent) -> Inbound {
    let id = message.id;
    let key = format!("discord:{id}");
    let mut inbound = Inbound::new(key, place.address(), made_at(id.get()), event);
    inbound.message = Some(id.to_string().as_str().into());
    inbound.quotes = answered(message);
    inbound
}

fn warn_not_stored(error: &StoreError) {
    warn!(channel = "discord", %error, "not stored yet; trying again");
}

fn left_out(inbound: &Inbound, error: &StoreError) {
    let key = inbound.key.as_str();
    error!(
        channel = "discord", inbound.key = key, %error,
        "the store cannot take this; it is left out and nobody answers it"
    );
}

fn left_at_stop(inbound: &Inbound, error: &StoreError) {
    let key = inbound.key.as_str();
    error!(
        channel = "discord", inbound.key = key, %error,
        "not stored before the stop; the next start asks Discord for messages again, not for \
         edits, and who gave a command or pressed a button is asked to do it again"
    );
}
