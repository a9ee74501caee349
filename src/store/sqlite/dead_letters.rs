//! Inbounds whose turns fail. A buried one stays in its table, marked, with its body.

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Envelope, InboundKey,
    ports::{Burial, DeadLetter, DeadLetters, StoreError},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    SqliteStore,
    failure::Failure,
    outbox::{Entry, put_entry},
    reads::envelope,
    steps::next_sequence,
};
use crate::{
    quarantine::Quarantine,
    record::{check_burial, not_buried, not_waiting},
    times::{Stamp, moment},
};

#[async_trait]
impl DeadLetters for SqliteStore {
    async fn count_failure(
        &self,
        conversation: ConversationId,
        key: &InboundKey,
    ) -> Result<u32, StoreError> {
        let key = key.clone();
        let count = move |db: &_| count_failure(db, conversation, &key);
        self.writer.run("counting a failure", count).await
    }

    async fn bury(&self, burial: Burial) -> Result<(), StoreError> {
        check_burial(&burial)?;
        let stamp = self.times.stamp();
        let told = Entry::prepare(burial.told)?;
        let (home, key, reason) = (burial.conversation, burial.key, burial.reason);
        let bury = move |db: &_| {
            bury(db, (home, &key), &reason, stamp)?;
            put_entry(db, &home.to_string(), &told, stamp)
        };
        self.writer.run("burying an inbound", bury).await
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let quarantine = self.quarantine.clone();
        let read = move |db: &_| all(db, &quarantine);
        self.reader.run("reading the dead letters", read).await
    }

    async fn revive(&self, key: &InboundKey) -> Result<Envelope, StoreError> {
        let key = key.clone();
        let revive = move |db: &_| revive(db, &key);
        self.writer.run("reviving an inbound", revive).await
    }

    async fn drop_letter(&self, key: &InboundKey) -> Result<(), StoreError> {
        let key = key.clone();
        let forget = move |db: &_| drop_letter(db, &key);
        self.writer.run("dropping a dead letter", forget).await
    }
}

fn count_failure(
    db: &Connection,
    conversation: ConversationId,
    key: &InboundKey,
) -> Result<u32, Failure> {
    let counted = db
        .prepare_cached(
            "UPDATE inbox SET failures = failures + 1
             WHERE key = ?1 AND conversation = ?2 AND body IS NOT NULL AND buried_at IS NULL
             RETURNING failures",
        )?
        .query_row(params![key.as_str(), conversation.to_string()], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(counted.ok_or_else(|| not_waiting(key))?)
}

fn bury(
    db: &Connection,
    (conversation, key): (ConversationId, &InboundKey),
    reason: &str,
    stamp: Stamp,
) -> Result<(), Failure> {
    let buried = db
        .prepare_cached(
            "UPDATE inbox SET buried_at = ?3, reason = ?4
             WHERE key = ?1 AND conversation = ?2 AND body IS NOT NULL AND buried_at IS NULL",
        )?
        .execute(params![
            key.as_str(),
            conversation.to_string(),
            stamp.now,
            reason
        ])?;
    if buried == 0 {
        return Err(not_waiting(key).into());
    }
    Ok(())
}

/// Every dead letter that can be read, oldest burial first.
fn all(db: &Connection, quarantine: &Quarantine) -> Result<Vec<DeadLetter>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT conversation, sequence, body, reason, failures, buried_at, key FROM inbox
         WHERE buried_at IS NOT NULL ORDER BY buried_at, conversation, sequence",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(6)?;
        let read = letter(row).map_err(|failure| failure.explain("a dead letter"));
        found.extend(quarantine.pass(|| format!("dead letter {key}"), read)?);
    }
    Ok(found)
}

/// The dead letters of a conversation.
pub(super) fn dead_letters(
    db: &Connection,
    home: ConversationId,
) -> Result<Vec<DeadLetter>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT conversation, sequence, body, reason, failures, buried_at FROM inbox
         WHERE buried_at IS NOT NULL AND conversation = ?1",
    )?;
    let mut rows = statement.query([home.to_string()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(letter(row)?);
    }
    Ok(found)
}

fn letter(row: &Row<'_>) -> Result<DeadLetter, Failure> {
    Ok(DeadLetter {
        envelope: envelope(row)?,
        reason: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        failures: row.get(4)?,
        buried_at: moment(row.get(5)?),
    })
}

fn revive(db: &Connection, key: &InboundKey) -> Result<Envelope, Failure> {
    let home: Option<String> = db
        .prepare_cached("SELECT conversation FROM inbox WHERE key = ?1 AND buried_at IS NOT NULL")?
        .query_row([key.as_str()], |row| row.get(0))
        .optional()?;
    let home = home.ok_or_else(|| not_buried(key))?;
    let sequence = next_sequence(db, &home)?;
    let mut statement = db.prepare_cached(
        "UPDATE inbox SET sequence = ?2, failures = 0, buried_at = NULL, reason = NULL
         WHERE key = ?1 RETURNING conversation, sequence, body",
    )?;
    let mut rows = statement.query(params![key.as_str(), sequence])?;
    let row = rows.next()?.ok_or_else(|| not_buried(key))?;
    envelope(row)
}

fn drop_letter(db: &Connection, key: &InboundKey) -> Result<(), Failure> {
    let dropped = db
        .prepare_cached(
            "UPDATE inbox SET body = NULL, failures = 0, buried_at = NULL, reason = NULL
             WHERE key = ?1 AND buried_at IS NOT NULL",
        )?
        .execute([key.as_str()])?;
    if dropped == 0 {
        return Err(not_buried(key).into());
    }
    Ok(())
}
