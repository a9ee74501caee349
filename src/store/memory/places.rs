//! Addresses, also such as move, and bookmarks.

use async_trait::async_trait;
use consultant_core::{
    Address, ConversationId,
    ports::{Places, StoreError, Upkeep},
};

use super::MemoryStore;
use crate::record::has_ended;

#[async_trait]
impl Places for MemoryStore {
    async fn moved(&self, from: &Address, to: &Address) -> Result<(), StoreError> {
        let mut state = self.state();
        let Some(conversation) = state.addresses.get(from).copied() else {
            return Ok(());
        };
        state.addresses.entry(to.clone()).or_insert(conversation);
        let home = state.conversations.entry(conversation).or_default();
        let entries = home.outbox.values_mut().map(|delivery| &mut delivery.entry);
        for entry in entries.filter(|entry| !has_ended(entry.state) && entry.address == *from) {
            entry.address = to.clone();
        }
        Ok(())
    }

    async fn lead(&self, from: &Address, to: ConversationId) -> Result<(), StoreError> {
        self.state().addresses.insert(from.clone(), to);
        Ok(())
    }

    async fn part(&self, from: &Address, of: ConversationId) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.addresses.get(from) == Some(&of) {
            state.addresses.remove(from);
        }
        Ok(())
    }

    async fn addresses(&self, conversation: ConversationId) -> Result<Vec<Address>, StoreError> {
        Ok(self.state().addresses_of(conversation))
    }

    async fn bookmark(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut state = self.state();
        state.bookmarks.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    async fn bookmarks(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        let state = self.state();
        let from = state.bookmarks.range(prefix.to_owned()..);
        let found = from.take_while(|(name, _)| name.starts_with(prefix));
        Ok(found.map(|(n, v)| (n.clone(), v.clone())).collect())
    }
}

#[async_trait]
impl Upkeep for MemoryStore {
    async fn at(&self, address: &Address) -> Result<Option<ConversationId>, StoreError> {
        Ok(self.state().addresses.get(address).copied())
    }

    async fn forget_bookmark(&self, name: &str) -> Result<(), StoreError> {
        self.state().bookmarks.remove(name);
        Ok(())
    }

    async fn damage(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}

impl super::State {
    /// Every address of a conversation, in order.
    pub(super) fn addresses_of(&self, conversation: ConversationId) -> Vec<Address> {
        let own = self.addresses.iter().filter(|(_, id)| **id == conversation);
        let mut found: Vec<_> = own.map(|(address, _)| address.clone()).collect();
        found.sort();
        found
    }
}
