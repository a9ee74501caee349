//! All that a store keeps of one conversation, as one value: what backups hold, what moves between
//! stores, and what a customer is handed who asks for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Address, ConversationId, Inbound, InboundKey, LedgerEvent, OutboxEntry, Session, Timer,
    ports::DeadLetter,
};

/// The format that this build writes.
pub const RECORD_FORMAT: u16 = 1;

/// All that a store keeps of one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationRecord {
    /// The shape of this record; see [`RECORD_FORMAT`].
    pub format: u16,
    /// Which conversation.
    pub conversation: ConversationId,
    /// Of its session, also when that has expired.
    pub version: u64,
    /// The highest place in its order that was given out.
    pub sequence: u64,
    /// Where it takes place.
    pub addresses: Vec<Address>,
    /// Its live state, if it has not expired.
    pub session: Option<KeptSession>,
    /// Every inbound key that is remembered, with its inbound while that is unanswered.
    pub inbox: Vec<KeptInbound>,
    /// Inbounds whose turns failed too often.
    pub dead_letters: Vec<DeadLetter>,
    /// Entries that are remembered.
    pub outbox: Vec<KeptEntry>,
    /// Timers that have not fired.
    pub timers: Vec<Timer>,
    /// What happened, oldest first.
    pub ledger: Vec<LedgerEvent>,
}

/// A session with the moment from which it no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSession {
    /// The session.
    pub session: Session,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// A remembered inbound key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptInbound {
    /// The key.
    pub key: InboundKey,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The inbound with its place in the order, while it is unanswered.
    pub waiting: Option<WaitingInbound>,
}

/// An unanswered inbound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingInbound {
    /// Its place in the conversation's order.
    pub sequence: u64,
    /// Turns that failed.
    pub failures: u32,
    /// The inbound.
    pub inbound: Inbound,
}

/// A remembered outbox entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEntry {
    /// The entry.
    pub entry: OutboxEntry,
    /// When it was delivered or given up, if it was.
    pub ended_at: Option<Timestamp>,
}
