//! What the store holds, and the steps that change it. None of them can fail half way.

use std::collections::{BTreeMap, HashMap};

use consultant_core::{
    Address, ConversationId, Envelope, Inbound, InboundKey, KeptVersion, LedgerEvent, OutboxEntry,
    OutboxId, PlaybookVersion, ReleaseEvent, Session, Timer, TimerChange, TimerId, WaitingInbound,
    ports::{Commit, DeadLetter, DeliveryStep, SessionChange, StoreError},
};

use crate::{
    record::{has_ended, unknown_part},
    times::Stamp,
};

/// Old keys are looked for at every so many inbounds, which makes the search cheap on average.
const SWEEP_EVERY: usize = 1024;

#[derive(Default)]
pub(super) struct State {
    pub(super) addresses: HashMap<Address, ConversationId>,
    pub(super) keys: HashMap<InboundKey, Key>,
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) bookmarks: BTreeMap<String, String>,
    pub(super) versions: BTreeMap<PlaybookVersion, KeptVersion>,
    pub(super) releases: BTreeMap<u64, ReleaseEvent>,
    accepted_since_sweep: usize,
}

/// What is known of an inbound key.
pub(super) struct Key {
    pub(super) conversation: ConversationId,
    pub(super) accepted_at: i64,
    /// Whether it is answered or dropped; what waits or is buried is remembered for ever.
    pub(super) done: bool,
}

#[derive(Default)]
pub(super) struct Conversation {
    pub(super) version: u64,
    pub(super) sequence: u64,
    pub(super) session: Option<Kept<Session>>,
    pub(super) inbox: BTreeMap<InboundKey, WaitingInbound>,
    pub(super) buried: BTreeMap<InboundKey, DeadLetter>,
    pub(super) outbox: BTreeMap<OutboxId, Delivery>,
    pub(super) timers: BTreeMap<TimerId, Timer>,
    pub(super) ledger: Vec<LedgerEvent>,
}

/// Something with the moment from which it no longer counts.
pub(super) struct Kept<T> {
    pub(super) value: T,
    pub(super) ends: i64,
}

pub(super) struct Delivery {
    pub(super) entry: OutboxEntry,
    pub(super) ended_at: Option<i64>,
}

impl State {
    pub(super) fn remembers(&self, key: &InboundKey, stamp: Stamp) -> bool {
        self.keys.get(key).is_some_and(|key| key.counts(stamp))
    }

    pub(super) fn sweep(&mut self, stamp: Stamp) {
        self.accepted_since_sweep += 1;
        if self.accepted_since_sweep >= SWEEP_EVERY {
            self.accepted_since_sweep = 0;
            self.keys.retain(|_, key| key.counts(stamp));
        }
    }

    /// Puts an inbound at the end of a conversation's inbox.
    pub(super) fn keep(
        &mut self,
        conversation: ConversationId,
        inbound: Inbound,
        stamp: Stamp,
    ) -> Envelope {
        let key = Key {
            conversation,
            accepted_at: stamp.now,
            done: false,
        };
        self.keys.insert(inbound.key.clone(), key);
        let home = self.conversations.entry(conversation).or_default();
        let sequence = home.enqueue(inbound.clone());
        Envelope {
            conversation,
            sequence,
            inbound,
        }
    }

    pub(super) fn write(&mut self, commit: Commit, stamp: Stamp) -> u64 {
        let home = self.conversations.entry(commit.conversation).or_default();
        home.change_session(commit.session, stamp);
        home.forget_ended(stamp);
        for entry in commit.outbox {
            home.put_entry(entry, stamp);
        }
        home.ledger.extend(commit.ledger);
        for change in commit.timers {
            home.change_timer(change);
        }
        for key in &commit.answered {
            home.inbox.remove(key);
        }
        home.version += 1;
        let version = home.version;
        for key in commit.answered {
            self.keys.entry(key).and_modify(|key| key.done = true);
        }
        version
    }
}

impl Key {
    pub(super) fn counts(&self, stamp: Stamp) -> bool {
        !self.done || self.accepted_at >= stamp.forget_before
    }
}

impl Conversation {
    /// The session, unless it has expired.
    pub(super) fn live_session(&self, now: i64) -> Option<&Kept<Session>> {
        self.session.as_ref().filter(|kept| now < kept.ends)
    }

    /// An unanswered inbound.
    pub(super) fn waiting(&self, key: &InboundKey) -> Option<&WaitingInbound> {
        self.inbox.get(key)
    }

    /// Puts an inbound at the end of the inbox; its place.
    pub(super) fn enqueue(&mut self, inbound: Inbound) -> u64 {
        self.sequence += 1;
        let waiting = WaitingInbound {
            sequence: self.sequence,
            failures: 0,
            inbound,
        };
        self.inbox.insert(waiting.inbound.key.clone(), waiting);
        self.sequence
    }

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

    fn change_timer(&mut self, change: TimerChange) {
        match change {
            TimerChange::Set(timer) => {
                self.timers.insert(timer.id.clone(), timer);
            }
            TimerChange::Cancel(id) => {
                self.timers.remove(&id);
            }
            TimerChange::CancelAll => self.timers.clear(),
        }
    }

    fn forget_ended(&mut self, stamp: Stamp) {
        self.outbox.retain(|_, delivery| delivery.counts(stamp));
    }

    /// Inserts an entry, or replaces all of it but what is shown.
    pub(super) fn put_entry(&mut self, mut entry: OutboxEntry, stamp: Stamp) {
        if let Some(old) = self.outbox.remove(&entry.id) {
            entry.shown = old.entry.shown;
        }
        let ended_at = has_ended(entry.state).then_some(stamp.now);
        self.outbox
            .insert(entry.id.clone(), Delivery { entry, ended_at });
    }

    pub(super) fn unanswered(&self, id: ConversationId) -> Vec<Envelope> {
        let waiting = self.inbox.values().map(|waiting| Envelope {
            conversation: id,
            sequence: waiting.sequence,
            inbound: waiting.inbound.clone(),
        });
        let mut found: Vec<_> = waiting.collect();
        found.sort_by_key(|envelope| envelope.sequence);
        found
    }

    pub(super) fn undelivered(&self) -> Vec<OutboxEntry> {
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
    /// Whether it is pending, or ended within the retention.
    pub(super) fn counts(&self, stamp: Stamp) -> bool {
        self.ended_at.is_none_or(|at| at >= stamp.forget_before)
    }

    pub(super) fn note(&mut self, step: DeliveryStep, now: i64) -> Result<(), StoreError> {
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
