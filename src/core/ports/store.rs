//! The store as a turn needs it: one atomic commit over session, inbox, outbox and ledger.

use async_trait::async_trait;

use crate::{
    ConversationId, Envelope, Inbound, InboundKey, LedgerEvent, OutboxEntry, OutboxId, OutboxState,
    Session, Shown, TimerChange,
};

use super::Cause;

/// Sessions, inbox, outbox and ledger, behind one atomic commit.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores an inbound under its key. Once this returns, the platform may be told so.
    ///
    /// Resolves the address to its conversation, minting one for a new address. A key that was
    /// accepted before is a [`Accepted::Duplicate`], also after its turn was answered (keys are
    /// kept for at least 48 hours).
    async fn accept(&self, inbound: Inbound) -> Result<Accepted, StoreError>;

    /// The session of a conversation and its version, to be handed back to [`Store::commit`].
    /// A session that expired or never was is `None`, with the version to expect.
    async fn open(&self, conversation: ConversationId) -> Result<Opened, StoreError>;

    /// One atomic step: session, outbox entries (inserted or replaced by id), timers, ledger
    /// events, the inbox's done marks, all or nothing. Fails with [`StoreError::Conflict`], changing
    /// nothing, when the session's version is no longer the expected one, and with
    /// [`StoreError::Answered`], changing nothing, when one of `answered` or `waiting` no longer
    /// waits.
    ///
    /// Replacing an entry keeps what [`Store::record`] stored in `shown`.
    /// Returns the new version.
    async fn commit(&self, commit: Commit) -> Result<u64, StoreError>;

    /// Notes what a channel did with an entry: a part that is now shown, or the end of it.
    /// Independent of the session's version. An unknown entry is an error.
    async fn record(&self, delivery: DeliveryRecord) -> Result<(), StoreError>;

    /// What a stop or a crash left behind: every inbound without a done mark and every entry
    /// that is `Open` or `Ready`, each in the order of its sequence within its conversation. What
    /// cannot be read stays where it is, is logged once by its name, and stops none of the others.
    async fn backlog(&self) -> Result<Backlog, StoreError>;

    /// The ledger of a conversation, oldest first.
    async fn ledger(&self, conversation: ConversationId) -> Result<Vec<LedgerEvent>, StoreError>;
}

/// What became of an inbound.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart as soon as it is there, and almost all are new"
)]
pub enum Accepted {
    /// Stored now.
    New(Envelope),
    /// Stored before; nothing to do.
    Duplicate,
}

/// A session as it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The session, if there is one.
    pub session: Option<Session>,
    /// To be handed back to [`Store::commit`].
    pub version: u64,
}

/// What one step writes.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// The version that [`Store::open`] or the last commit returned.
    pub expected_version: u64,
    /// What becomes of the session.
    pub session: SessionChange,
    /// Entries to insert, or to replace by id.
    pub outbox: Vec<OutboxEntry>,
    /// Events to append.
    pub ledger: Vec<LedgerEvent>,
    /// What becomes of timers, in order.
    pub timers: Vec<TimerChange>,
    /// Inbound keys that are now answered.
    pub answered: Vec<InboundKey>,
    /// Inbound keys that are not answered yet, and must not be: a reply that is about to be written
    /// would take the place of the one that is ready.
    pub waiting: Vec<InboundKey>,
}

impl Commit {
    /// A commit that changes nothing yet but the version.
    pub fn of(conversation: ConversationId, expected_version: u64) -> Self {
        Self {
            conversation,
            expected_version,
            session: SessionChange::Keep,
            outbox: Vec::new(),
            ledger: Vec::new(),
            timers: Vec::new(),
            answered: Vec::new(),
            waiting: Vec::new(),
        }
    }
}

/// An inbound whose turn failed too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burial {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// Which one.
    pub key: InboundKey,
    /// Why its last turn failed.
    pub reason: String,
    /// What the customer is told.
    pub told: OutboxEntry,
}

/// What becomes of the session in a commit.
#[derive(Clone, Debug)]
pub enum SessionChange {
    /// It stays as it is (but its version rises).
    Keep,
    /// It is replaced, and lives on until its time-out from now.
    Put(Box<Session>),
    /// It is forgotten.
    Forget,
}

/// What a channel did with an entry.
#[derive(Clone, Debug)]
pub struct DeliveryRecord {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// Which entry.
    pub entry: OutboxId,
    /// What happened to it.
    pub what: DeliveryStep,
}

/// One step of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryStep {
    /// Part number `part` (from 0) is now shown like this.
    Shown {
        /// Which part.
        part: usize,
        /// By which message, with which text.
        shown: Shown,
    },
    /// The entry ended: `Delivered` or `Undeliverable`.
    Ended(OutboxState),
}

/// What a stop or a crash left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Inbounds without a done mark.
    pub inbox: Vec<Envelope>,
    /// Entries that are not delivered.
    pub outbox: Vec<OutboxEntry>,
}

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer was there first: open again and repeat the turn.
    #[error("another writer changed conversation {0} in the meantime")]
    Conflict(ConversationId),
    /// Somebody else answered this inbound already: there is nothing left to do.
    #[error("inbound {0} is answered already")]
    Answered(InboundKey),
    /// The store cannot be reached: wait and try again.
    #[error("the store cannot be reached: {what}")]
    Unavailable {
        /// What was tried, with the store's address but never its password.
        what: String,
        /// Why it failed.
        #[source]
        source: Cause,
    },
    /// What is stored cannot be read: a person must look.
    #[error("{what} cannot be read: {source}")]
    Corrupt {
        /// Which record.
        what: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The caller named something that is not there.
    #[error("{0} is not in the store")]
    Unknown(String),
    /// The caller brought something that is there already.
    #[error("{0} is in the store already")]
    Exists(String),
}
