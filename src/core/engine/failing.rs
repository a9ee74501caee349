//! What the customer is told when no turn came of a message, or when there are too many of them.

use crate::{
    Burst, Effect, InboundKey, OutboxEntry, OutboxId, OutboxState,
    ports::{Burial, Outlet},
    wording,
};

use super::{Engine, reply_entry};

impl Engine {
    /// The burial of an inbound whose turns fail, with an apology. It rests on nothing that may be
    /// what is broken: neither on the session nor on the playbook.
    pub fn burial(&self, burst: &Burst, key: &InboundKey, reason: String) -> Burial {
        let language = self.first_language(burst);
        let told = OutboxEntry {
            id: OutboxId(format!("{key}/sorry")),
            text: wording::could_not_answer(language).to_owned(),
            state: OutboxState::Ready,
            ..reply_entry(burst)
        };
        Burial {
            conversation: burst.conversation(),
            key: key.clone(),
            reason,
            told,
        }
    }

    /// Tells a customer who writes too fast that the answer comes in one. Shown as the beginning
    /// of that answer, so it costs no message of its own.
    pub async fn ask_for_patience(&self, burst: &Burst, outlet: &dyn Outlet) {
        let language = self.first_language(burst);
        let mut entry = reply_entry(burst);
        wording::too_fast(language).clone_into(&mut entry.text);
        outlet.perform(Effect::Preview(entry)).await;
    }
}
