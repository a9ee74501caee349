//! The store of tests and of trying things out: everything in one locked map, gone at the end.

mod dead_letters;
mod deliveries;
mod places;
mod records;
mod releases;
mod state;
mod timers;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Inbound, LedgerEvent,
    ports::{Accepted, Backlog, Clock, Commit, DeliveryRecord, Opened, Store, StoreError},
};

use self::state::State;
use crate::{
    StoreSettings,
    record::{as_of_today, check_commit, unknown_entry},
    times::Times,
};

/// A store without a disk.
pub struct MemoryStore {
    times: Times,
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(settings: &StoreSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            times: Times::new(settings, clock),
            state: Mutex::default(),
        }
    }

    /// The state; a panic elsewhere leaves it whole, because every step checks before it writes.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn accept(&self, inbound: Inbound) -> Result<Accepted, StoreError> {
        let stamp = self.times.stamp();
        let mut state = self.state();
        state.sweep(stamp);
        if state.remembers(&inbound.key, stamp) {
            return Ok(Accepted::Duplicate);
        }
        let conversation = *state
            .addresses
            .entry(inbound.address.clone())
            .or_insert_with(|| self.times.mint());
        Ok(Accepted::New(state.keep(conversation, inbound, stamp)))
    }

    async fn open(&self, conversation: ConversationId) -> Result<Opened, StoreError> {
        let now = self.times.stamp().now;
        let state = self.state();
        let Some(found) = state.conversations.get(&conversation) else {
            return Ok(Opened {
                session: None,
                version: 0,
            });
        };
        let live = found.live_session(now);
        let session = live.map(|kept| as_of_today(conversation, kept.value.clone()));
        Ok(Opened {
            session: session.transpose()?,
            version: found.version,
        })
    }

    async fn commit(&self, commit: Commit) -> Result<u64, StoreError> {
        check_commit(&commit)?;
        let stamp = self.times.stamp();
        let mut state = self.state();
        let home = state.conversations.get(&commit.conversation);
        if home.map_or(0, |home| home.version) != commit.expected_version {
            return Err(StoreError::Conflict(commit.conversation));
        }
        let mut waiting = commit.answered.iter().chain(&commit.waiting);
        let missing = waiting.find(|key| home.is_none_or(|home| home.waiting(key).is_none()));
        if let Some(key) = missing {
            return Err(StoreError::Answered(key.clone()));
        }
        Ok(state.write(commit, stamp))
    }

    async fn record(&self, delivery: DeliveryRecord) -> Result<(), StoreError> {
        let now = self.times.stamp().now;
        let mut state = self.state();
        let found = state
            .conversations
            .get_mut(&delivery.conversation)
            .and_then(|conversation| conversation.outbox.get_mut(&delivery.entry))
            .ok_or_else(|| unknown_entry(&delivery.entry))?;
        found.note(delivery.what, now)
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let state = self.state();
        let mut backlog = Backlog::default();
        for (id, conversation) in &state.conversations {
            backlog.inbox.extend(conversation.unanswered(*id));
            backlog.outbox.extend(conversation.undelivered());
        }
        Ok(backlog)
    }

    async fn ledger(&self, conversation: ConversationId) -> Result<Vec<LedgerEvent>, StoreError> {
        let state = self.state();
        let found = state.conversations.get(&conversation);
        Ok(found.map(|found| found.ledger.clone()).unwrap_or_default())
    }
}
