//! Outbox entries, those that have ended among them.

use async_trait::async_trait;
use consultant_core::{
    ConversationId, OutboxEntry, OutboxId, Receipt, Voice,
    ports::{Deliveries, StoreError},
};

use super::MemoryStore;

#[async_trait]
impl Deliveries for MemoryStore {
    async fn delivery(
        &self,
        conversation: ConversationId,
        entry: &OutboxId,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let stamp = self.times.stamp();
        let state = self.state();
        let home = state.conversations.get(&conversation);
        let found = home.and_then(|home| home.outbox.get(entry));
        let found = found.filter(|delivery| delivery.counts(stamp));
        Ok(found.map(|delivery| delivery.entry.clone()))
    }

    async fn showing(
        &self,
        conversation: ConversationId,
        (voice, receipt): (Voice, &Receipt),
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let stamp = self.times.stamp();
        let state = self.state();
        let Some(home) = state.conversations.get(&conversation) else {
            return Ok(None);
        };
        let shows = |entry: &&OutboxEntry| {
            entry.voice() == voice && entry.shown.iter().any(|it| it.receipt == *receipt)
        };
        let kept = home.outbox.values().filter(|it| it.counts(stamp));
        Ok(kept.map(|it| &it.entry).find(shows).cloned())
    }
}
