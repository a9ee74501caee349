//! Whole conversations, out and in.

use std::ops::Bound;

use async_trait::async_trait;
use consultant_core::{
    ConversationId, ConversationRecord, KeptEntry, KeptInbound, KeptSession, RECORD_FORMAT,
    ports::{Records, StoreError},
};

use super::{
    MemoryStore,
    state::{Conversation, Delivery, Kept, Key, State},
};
use crate::{
    times::{Stamp, moment},
    whole::{check_record, exists, in_order},
};

#[async_trait]
impl Records for MemoryStore {
    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let state = self.state();
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let ids = state.conversations.range((start, Bound::Unbounded));
        Ok(ids.take(limit).map(|(id, _)| *id).collect())
    }

    async fn export(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError> {
        let stamp = self.times.stamp();
        let state = self.state();
        let found = state.conversations.get(&conversation);
        Ok(found.map(|home| state.export(conversation, home, stamp)))
    }

    async fn import(&self, record: ConversationRecord) -> Result<(), StoreError> {
        check_record(&record)?;
        let stamp = self.times.stamp();
        let mut state = self.state();
        state.check_new(&record, stamp)?;
        state.import(record);
        Ok(())
    }

    async fn erase(&self, conversation: ConversationId) -> Result<bool, StoreError> {
        let mut state = self.state();
        state.addresses.retain(|_, id| *id != conversation);
        state.keys.retain(|_, key| key.conversation != conversation);
        Ok(state.conversations.remove(&conversation).is_some())
    }
}

impl State {
    fn export(&self, id: ConversationId, home: &Conversation, stamp: Stamp) -> ConversationRecord {
        let session = home.live_session(stamp.now).map(|kept| KeptSession {
            session: kept.value.clone(),
            expires_at: moment(kept.ends),
        });
        let keys = self.keys.iter();
        let keys = keys.filter(|(_, it)| it.conversation == id && it.counts(stamp));
        let inbox = keys.map(|(key, it)| KeptInbound {
            key: key.clone(),
            accepted_at: moment(it.accepted_at),
            waiting: home.waiting(key).cloned(),
        });
        let outbox = home.outbox.values().filter(|it| it.counts(stamp));
        let outbox = outbox.map(|delivery| KeptEntry {
            entry: delivery.entry.clone(),
            ended_at: delivery.ended_at.map(moment),
        });
        in_order(ConversationRecord {
            format: RECORD_FORMAT,
            conversation: id,
            version: home.version,
            sequence: home.sequence,
            addresses: self.addresses_of(id),
            session,
            inbox: inbox.collect(),
            dead_letters: home.buried.values().cloned().collect(),
            outbox: outbox.collect(),
            timers: home.timers.values().cloned().collect(),
            ledger: home.ledger.clone(),
        })
    }

    /// Refuses a record of which something is here already.
    fn check_new(&self, record: &ConversationRecord, stamp: Stamp) -> Result<(), StoreError> {
        if self.conversations.contains_key(&record.conversation) {
            return Err(exists("conversation", record.conversation));
        }
        let mut addresses = record.addresses.iter();
        if let Some(known) = addresses.find(|address| self.addresses.contains_key(address)) {
            return Err(exists("address", known));
        }
        let letters = record
            .dead_letters
            .iter()
            .map(|it| &it.envelope.inbound.key);
        let mut keys = record.inbox.iter().map(|kept| &kept.key).chain(letters);
        match keys.find(|key| self.remembers(key, stamp)) {
            Some(known) => Err(exists("inbound", known)),
            None => Ok(()),
        }
    }

    fn import(&mut self, record: ConversationRecord) {
        let id = record.conversation;
        let mut home = Conversation {
            version: record.version,
            sequence: record.sequence,
            ledger: record.ledger,
            ..Conversation::default()
        };
        home.session = record.session.map(|kept| Kept {
            value: kept.session,
            ends: kept.expires_at.as_millisecond(),
        });
        for letter in record.dead_letters {
            let key = letter.envelope.inbound.key.clone();
            let buried = Key::of(id, letter.buried_at, false);
            self.keys.insert(key.clone(), buried);
            home.buried.insert(key, letter);
        }
        for kept in record.inbox {
            let done = kept.waiting.is_none() && !home.buried.contains_key(&kept.key);
            let known = Key::of(id, kept.accepted_at, done);
            self.keys.insert(kept.key.clone(), known);
            home.inbox.extend(kept.waiting.map(|it| (kept.key, it)));
        }
        for kept in record.outbox {
            let ended_at = kept.ended_at.map(jiff::Timestamp::as_millisecond);
            let entry = kept.entry;
            let delivery = Delivery { entry, ended_at };
            home.outbox.insert(delivery.entry.id.clone(), delivery);
        }
        let timers = record.timers.into_iter();
        home.timers = timers.map(|timer| (timer.id.clone(), timer)).collect();
        let addresses = record.addresses.into_iter();
        self.addresses
            .extend(addresses.map(|address| (address, id)));
        self.conversations.insert(id, home);
    }
}

impl Key {
    fn of(conversation: ConversationId, accepted_at: jiff::Timestamp, done: bool) -> Self {
        Self {
            conversation,
            accepted_at: accepted_at.as_millisecond(),
            done,
        }
    }
}
