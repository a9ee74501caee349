//! Outbox entries, those that have ended among them.

use async_trait::async_trait;
use consultant_core::{
    ConversationId, OutboxEntry, OutboxId, Receipt, Voice,
    ports::{Deliveries, StoreError},
};
use rusqlite::{Connection, OptionalExtension};

use super::{SqliteStore, failure::Failure, reads};

#[async_trait]
impl Deliveries for SqliteStore {
    async fn delivery(
        &self,
        conversation: ConversationId,
        entry: &OutboxId,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let id = entry.clone();
        let read = move |db: &_| delivery(db, conversation, &id);
        self.reader.run("reading an outbox entry", read).await
    }

    async fn showing(
        &self,
        conversation: ConversationId,
        (voice, receipt): (Voice, &Receipt),
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let receipt = receipt.clone();
        let read = move |db: &_| showing(db, conversation, (voice, &receipt));
        self.reader.run("reading what shows a message", read).await
    }
}

fn delivery(
    db: &Connection,
    conversation: ConversationId,
    id: &OutboxId,
) -> Result<Option<OutboxEntry>, Failure> {
    let found = db
        .prepare_cached(
            "SELECT conversation, id, state, body FROM outbox WHERE conversation = ?1 AND id = ?2",
        )?
        .query_row([&conversation.to_string(), id.as_str()], |row| {
            Ok(reads::entry(db, row))
        })
        .optional()?;
    found.transpose()
}

fn showing(
    db: &Connection,
    conversation: ConversationId,
    (voice, receipt): (Voice, &Receipt),
) -> Result<Option<OutboxEntry>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT entry FROM shown
         WHERE conversation = ?1 AND json_extract(body, '$.receipt') = ?2",
    )?;
    let ids = statement.query_map([&conversation.to_string(), &receipt.0], |row| {
        row.get::<_, String>(0)
    })?;
    for id in ids {
        let found = delivery(db, conversation, &OutboxId(id?))?;
        if let Some(found) = found.filter(|it| it.voice() == voice) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
