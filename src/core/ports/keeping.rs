//! The store beside turns: what failed, what is due, where conversations take place, and whole
//! records. Implemented by every store; each caller takes the part that it needs.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Address, ConversationId, ConversationRecord, Envelope, InboundKey, OutboxEntry, OutboxId,
    Receipt, Timer, Voice,
};

use super::{Burial, ReleaseLog, Store, StoreError};

/// Inbounds whose turns fail. Implemented by every store, beside [`Store`].
///
/// Failures are counted in the store, so that a turn which ends the whole process is found out
/// too: whoever takes up a backlog counts one failure for each inbound that had been begun.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Counts a failed turn of an unanswered inbound; returns how many there were with this one.
    /// An inbound that is not in the inbox is an error.
    async fn count_failure(
        &self,
        conversation: ConversationId,
        key: &InboundKey,
    ) -> Result<u32, StoreError>;

    /// One atomic step: the inbound goes from the inbox to the dead letters, and what the customer
    /// is told into the outbox. Independent of the session, which may be what is broken. An
    /// inbound that is not in the inbox is an error, and nothing is changed.
    async fn bury(&self, burial: Burial) -> Result<(), StoreError>;

    /// Every buried inbound that can be read, oldest burial first.
    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StoreError>;

    /// Puts a buried inbound back into the inbox, behind what its conversation holds by now and
    /// with no failures counted. One that is not buried is an error.
    async fn revive(&self, key: &InboundKey) -> Result<Envelope, StoreError>;

    /// Forgets a buried inbound; its key stays known. One that is not buried is an error.
    async fn drop_letter(&self, key: &InboundKey) -> Result<(), StoreError>;
}

/// A buried inbound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The inbound, with its conversation and its place in the order.
    pub envelope: Envelope,
    /// Why its last turn failed.
    pub reason: String,
    /// How many turns failed.
    pub failures: u32,
    /// When it was buried.
    pub buried_at: Timestamp,
}

/// Timers that were set by commits. Implemented by every store, beside [`Store`].
#[async_trait]
pub trait Timers: Send + Sync {
    /// When the next timer is due; `None` when there is none.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Fires timers that are due at this time, at most so many, the oldest first: each leaves
    /// the timers and enters the inbox under [`Timer::key`] in one atomic step. What was fired
    /// before (by another process, before a crash) is not fired again.
    async fn fire_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Envelope>, StoreError>;

    /// The timers of a conversation, by due time.
    async fn timers(&self, conversation: ConversationId) -> Result<Vec<Timer>, StoreError>;
}

/// Where conversations take place, and how far channels have read. Implemented by every store.
#[async_trait]
pub trait Places: Send + Sync {
    /// The place has another name from now on (a group became a supergroup): both lead to the
    /// conversation of the old one, and what waits in the outbox for the old one goes to the
    /// new one. If the new one had a conversation already, it keeps that.
    async fn moved(&self, from: &Address, to: &Address) -> Result<(), StoreError>;

    /// From now on what comes from this address belongs to this conversation, whatever it belonged
    /// to: a room of a desk, which was made for it. What waits in the inbox stays where it is.
    async fn lead(&self, from: &Address, to: ConversationId) -> Result<(), StoreError>;

    /// This address leads to this conversation no longer, if it did: its room is gone.
    async fn part(&self, from: &Address, of: ConversationId) -> Result<(), StoreError>;

    /// Every address of a conversation.
    async fn addresses(&self, conversation: ConversationId) -> Result<Vec<Address>, StoreError>;

    /// Notes under a name how far a channel has read; the newest note wins.
    async fn bookmark(&self, name: &str, value: &str) -> Result<(), StoreError>;

    /// Every bookmark whose name begins so, by name.
    async fn bookmarks(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError>;
}

/// What is remembered of outbox entries, also of those that have ended: for as long as keys are, 48
/// hours at the least. Implemented by every store, beside [`Store`].
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// The entry of this name, with what is shown of it.
    async fn delivery(
        &self,
        conversation: ConversationId,
        entry: &OutboxId,
    ) -> Result<Option<OutboxEntry>, StoreError>;

    /// The entry of this voice of which this message shows a part.
    async fn showing(
        &self,
        conversation: ConversationId,
        message: (Voice, &Receipt),
    ) -> Result<Option<OutboxEntry>, StoreError>;
}

/// Everything that a store is. Each caller takes the part that it needs.
pub trait WholeStore:
    Store + Deliveries + DeadLetters + Timers + Places + Records + ReleaseLog + Upkeep
{
}

impl<T: Store + Deliveries + DeadLetters + Timers + Places + Records + ReleaseLog + Upkeep>
    WholeStore for T
{
}

/// Conversations as whole records: for backups, for moving to another store, for handing a
/// customer all that is kept, and for erasing it. Implemented by every store.
#[async_trait]
pub trait Records: Send + Sync {
    /// The ids of conversations, ascending, at most `limit`, after this one.
    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError>;

    /// All that is kept of a conversation; `None` when there is no such.
    async fn export(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError>;

    /// Writes a whole record in one atomic step. A conversation, an address or an inbound key
    /// that is there already is [`StoreError::Exists`], and nothing is changed.
    async fn import(&self, record: ConversationRecord) -> Result<(), StoreError>;

    /// Forgets all of a conversation, its addresses and keys too, in one atomic step (on Redis its
    /// addresses and keys go first, so that a repetition finishes what a crash interrupted).
    /// Whether it was there.
    async fn erase(&self, conversation: ConversationId) -> Result<bool, StoreError>;
}

/// What only an operator's commands need. Implemented by every store.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// The conversation that an address leads to.
    async fn at(&self, address: &Address) -> Result<Option<ConversationId>, StoreError>;

    /// Forgets a bookmark. That there is none of this name is no error.
    async fn forget_bookmark(&self, name: &str) -> Result<(), StoreError>;

    /// What the database finds wrong with itself, one line each. Single records that cannot be
    /// read are named by [`Records::export`].
    async fn damage(&self) -> Result<Vec<String>, StoreError>;
}
