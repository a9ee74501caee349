//! Outbox entries, those that have ended among them.

use async_trait::async_trait;
use consultant_core::{
    ConversationId, OutboxEntry, OutboxId, Receipt, Voice,
    ports::{Deliveries, StoreError},
};

use super::{RedisStore, reads};

#[async_trait]
impl Deliveries for RedisStore {
    async fn delivery(
        &self,
        conversation: ConversationId,
        entry: &OutboxId,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let wanted = [(conversation, entry.clone())];
        Ok(self.read_entries(&wanted).await?.pop())
    }

    async fn showing(
        &self,
        conversation: ConversationId,
        (voice, receipt): (Voice, &Receipt),
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let keys = self.keys.of(conversation);
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("SMEMBERS").arg(&keys.pending);
        pipeline.cmd("ZRANGE").arg(&keys.ended).arg(0).arg(-1);
        let (pending, ended): (Vec<String>, Vec<String>) =
            self.link.send("reading outbox entries", &pipeline).await?;
        let ids = pending.into_iter().chain(ended);
        let ids: Vec<_> = ids.map(|id| (conversation, OutboxId(id))).collect();
        let entries = self.read_entries(&ids).await?.into_iter();
        let mut spoken = entries.filter(|it| it.voice() == voice);
        Ok(spoken.find(|it| it.shown.iter().any(|shown| shown.receipt == *receipt)))
    }
}

impl RedisStore {
    async fn read_entries(
        &self,
        ids: &[(ConversationId, OutboxId)],
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        reads::read_entries(&self.link, &self.keys, &self.quarantine, ids).await
    }
}
