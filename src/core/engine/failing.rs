//! What the customer is told when no turn came of a message, or when there are too many of them.

use crate::{
    Burst, InboundKey, OutboxEntry, OutboxId, OutboxState,
    ports::{Burial, Commit, Opened, StoreError},
    wording,
};

use super::{Engine, reply_entry};

/// Why a customer has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowded {
    /// They write faster than anyone can be answered.
    ByThemselves,
    /// Many others write.
    ByOthers,
}

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

    /// Tells a customer who has to wait that the answer will come. A message of its own, committed
    /// before it is shown; the same for the same burst.
    pub async fn ask_for_patience(
        &self,
        burst: &Burst,
        why: Crowded,
    ) -> Result<OutboxEntry, StoreError> {
        let Opened { session, version } = self.store.open(burst.conversation()).await?;
        let language = session.map_or_else(|| self.first_language(burst), |it| it.language);
        let text = match why {
            Crowded::ByThemselves => wording::too_fast(language),
            Crowded::ByOthers => wording::many_at_once(language),
        };
        let entry = OutboxEntry {
            id: OutboxId(format!("{}/patience", burst.first().key)),
            text: text.to_owned(),
            state: OutboxState::Ready,
            ..reply_entry(burst)
        };
        let commit = Commit {
            outbox: vec![entry.clone()],
            ..Commit::of(burst.conversation(), version)
        };
        self.store.commit(commit).await?;
        Ok(entry)
    }
}
