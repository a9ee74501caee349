//! Inbounds whose turns fail.

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Envelope, InboundKey,
    ports::{Burial, DeadLetter, DeadLetters, StoreError},
};

use super::{
    MemoryStore,
    state::{Conversation, State},
};
use crate::{
    record::{check_burial, not_buried, not_waiting},
    times::moment,
    whole::oldest_first,
};

#[async_trait]
impl DeadLetters for MemoryStore {
    async fn count_failure(
        &self,
        conversation: ConversationId,
        key: &InboundKey,
    ) -> Result<u32, StoreError> {
        let mut state = self.state();
        let home = state.conversations.get_mut(&conversation);
        let waiting = home.and_then(|home| home.inbox.get_mut(key));
        let waiting = waiting.ok_or_else(|| not_waiting(key))?;
        waiting.failures = waiting.failures.saturating_add(1);
        Ok(waiting.failures)
    }

    async fn bury(&self, burial: Burial) -> Result<(), StoreError> {
        check_burial(&burial)?;
        let stamp = self.times.stamp();
        let mut state = self.state();
        let home = state.conversations.get_mut(&burial.conversation);
        let found = home.and_then(|home| Some((home.inbox.remove(&burial.key)?, home)));
        let (waiting, home) = found.ok_or_else(|| not_waiting(&burial.key))?;
        let letter = DeadLetter {
            envelope: Envelope {
                conversation: burial.conversation,
                sequence: waiting.sequence,
                inbound: waiting.inbound,
            },
            reason: burial.reason,
            failures: waiting.failures,
            buried_at: moment(stamp.now),
        };
        home.buried.insert(burial.key, letter);
        home.put_entry(burial.told, stamp);
        Ok(())
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let state = self.state();
        let homes = state.conversations.values();
        let mut letters: Vec<_> = homes.flat_map(|it| it.buried.values()).cloned().collect();
        oldest_first(&mut letters);
        Ok(letters)
    }

    async fn revive(&self, key: &InboundKey) -> Result<Envelope, StoreError> {
        let mut state = self.state();
        let (home, letter) = state.exhume(key)?;
        let envelope = letter.envelope;
        Ok(Envelope {
            sequence: home.enqueue(envelope.inbound.clone()),
            ..envelope
        })
    }

    async fn drop_letter(&self, key: &InboundKey) -> Result<(), StoreError> {
        let mut state = self.state();
        state.exhume(key)?;
        if let Some(known) = state.keys.get_mut(key) {
            known.done = true;
        }
        Ok(())
    }
}

impl State {
    /// Takes a letter out of its grave.
    fn exhume(&mut self, key: &InboundKey) -> Result<(&mut Conversation, DeadLetter), StoreError> {
        let known = self.keys.get(key).ok_or_else(|| not_buried(key))?;
        let home = self.conversations.get_mut(&known.conversation);
        home.and_then(|home| Some((home.buried.remove(key)?, home)))
            .map(|(letter, home)| (home, letter))
            .ok_or_else(|| not_buried(key))
    }
}
