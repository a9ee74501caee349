//! The store of tests and of trying things out: everything in one locked map, gone at the end.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Address, ConversationId, Envelope, Inbound, InboundKey, LedgerEvent, OutboxEntry, OutboxId,
    Session,
    ports::{
        Accepted, Backlog, Clock, Commit, DeliveryRecord, DeliveryStep, Opened, SessionChange,
        Store, StoreError,
    },
};

use crate::{
    StoreSettings,
    record::{check_commit, check_format, has_ended, unknown_entry, unknown_part},
    times::{Stamp, Times},
};

/// Old keys are looked for at every so many inbounds, which makes the search cheap on average.
const SWEEP_EVERY: usize = 1024;

/// A store without a disk.
pub struct MemoryStore {
    times: Times,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    addresses: HashMap<Address, ConversationId>,
    keys: HashMap<InboundKey, Key>,
    conversations: BTreeMap<ConversationId, Conversation>,
    accepted_since_sweep: usize,
}

/// What is known of an inbound key.
struct Key {
    accepted_at: i64,
    answered: bool,
}

#[derive(Default)]
struct Conversation {
    version: u64,
    sequence: u64,
    session: Option<Kept<Session>>,
    inbox: BTreeMap<u64, Inbound>,
    outbox: BTreeMap<OutboxId, Delivery>,
    ledger: Vec<LedgerEvent>,
}

/// Something with the moment from which it no longer counts.
struct Kept<T> {
    value: T,
    ends: i64,
}

struct Delivery {
    entry: OutboxEntry,
    ended_at: Option<i64>,
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
        let live = found.session.as_ref().filter(|kept| now < kept.ends);
        if let Some(kept) = live {
            check_format(conversation, kept.value.format)?;
        }
        Ok(Opened {
            session: live.map(|kept| kept.value.clone()),
            version: found.version,
        })
    }

    async fn commit(&self, commit: Commit) -> Result<u64, StoreError> {
        check_commit(&commit)?;
        let stamp = self.times.stamp();
        let mut state = self.state();
        let version = state
            .conversations
            .get(&commit.conversation)
            .map_or(0, |found| found.version);
        if version != commit.expected_version {
            return Err(StoreError::Conflict(commit.conversation));
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

impl State {
    fn remembers(&self, key: &InboundKey, stamp: Stamp) -> bool {
        self.keys.get(key).is_some_and(|key| key.counts(stamp))
    }

    fn sweep(&mut self, stamp: Stamp) {
        self.accepted_since_sweep += 1;
        if self.accepted_since_sweep >= SWEEP_EVERY {
            self.accepted_since_sweep = 0;
            self.keys.retain(|_, key| key.counts(stamp));
        }
    }

    fn keep(&mut self, conversation: ConversationId, inbound: Inbound, stamp: Stamp) -> Envelope {
        let key = Key {
            accepted_at: stamp.now,
            answered: false,
        };
        self.keys.insert(inbound.key.clone(), key);
        let home = self.conversations.entry(conversation).or_default();
        home.sequence += 1;
        home.inbox.insert(home.sequence, inbound.clone());
        Envelope {
            conversation,
            sequence: home.sequence,
            inbound,
        }
    }

    fn write(&mut self, commit: Commit, stamp: Stamp) -> u64 {
        let home = self.conversations.entry(commit.conversation).or_default();
        home.change_session(commit.session, stamp);
        home.forget_ended(stamp);
        for entry in commit.outbox {
            home.put_entry(entry, stamp);
        }
        home.ledger.extend(commit.ledger);
        let answered = home.take_answered(&commit.answered);
        home.version += 1;
        let version = home.version;
        for key in answered {
            self.keys.entry(key).and_modify(|key| key.answered = true);
        }
        version
    }
}

impl Key {
    fn counts(&self, stamp: Stamp) -> bool {
        !self.answered || self.accepted_at >= stamp.forget_before
    }
}

impl Conversation {
    fn change_session(&mut self, change: SessionChange, stamp: Stamp) {
        match change {
            SessionChange::Keep => {}
            SessionChange::Forget => self.session = None,
            SessionChange::Put(session) => {
                self.session = Some(Kept {
                    value: *session,
                    ends: stamp.session_ends,
                });
            }
        }
    }

    fn forget_ended(&mut self, stamp: Stamp) {
        self.outbox
            .retain(|_, delivery| delivery.ended_at.is_none_or(|at| at >= stamp.forget_before));
    }

    fn put_entry(&mut self, mut entry: OutboxEntry, stamp: Stamp) {
        if let Some(old) = self.outbox.remove(&entry.id) {
            entry.shown = old.entry.shown;
        }
        let ended_at = has_ended(entry.state).then_some(stamp.now);
        self.outbox
            .insert(entry.id.clone(), Delivery { entry, ended_at });
    }

    /// Takes answered inbounds out of the inbox; the keys that were there.
    fn take_answered(&mut self, answered: &[InboundKey]) -> Vec<InboundKey> {
        self.inbox
            .extract_if(.., |_, inbound| answered.contains(&inbound.key))
            .map(|(_, inbound)| inbound.key)
            .collect()
    }

    fn unanswered(&self, id: ConversationId) -> impl Iterator<Item = Envelope> {
        self.inbox.iter().map(move |(sequence, inbound)| Envelope {
            conversation: id,
            sequence: *sequence,
            inbound: inbound.clone(),
        })
    }

    fn undelivered(&self) -> Vec<OutboxEntry> {
        let entries = self.outbox.values().map(|delivery| &delivery.entry);
        let mut pending: Vec<_> = entries
            .filter(|entry| !has_ended(entry.state))
            .cloned()
            .collect();
        pending.sort_by_key(|entry| entry.sequence);
        pending
    }
}

impl Delivery {
    fn note(&mut self, step: DeliveryStep, now: i64) -> Result<(), StoreError> {
        match step {
            DeliveryStep::Ended(state) => {
                self.entry.state = state;
                self.ended_at = has_ended(state).then_some(now);
            }
            DeliveryStep::Shown { part, shown } => {
                let parts = &mut self.entry.shown;
                if part > parts.len() {
                    return Err(unknown_part(&self.entry.id, part));
                }
                parts.splice(part..parts.len().min(part + 1), [shown]);
            }
        }
        Ok(())
    }
}
