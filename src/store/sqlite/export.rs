//! Whole conversations, out of the file.

use async_trait::async_trait;
use consultant_core::{
    ConversationId, ConversationRecord, KeptEntry, KeptInbound, KeptSession, RECORD_FORMAT,
    WaitingInbound,
    ports::{Records, StoreError},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    SqliteStore, dead_letters::dead_letters, failure::Failure, import, places::addresses, reads,
    timers::timers,
};
use crate::{
    record::{decode, decode_conversation, decode_session},
    times::{Stamp, moment},
    whole::{check_record, in_order},
};

#[async_trait]
impl Records for SqliteStore {
    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let read = move |db: &_| conversations(db, after, limit);
        self.reader.run("listing conversations", read).await
    }

    async fn export(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError> {
        let stamp = self.times.stamp();
        let read = move |db: &_| export(db, conversation, stamp);
        self.reader.run("exporting a conversation", read).await
    }

    async fn import(&self, record: ConversationRecord) -> Result<(), StoreError> {
        check_record(&record)?;
        let stamp = self.times.stamp();
        let write = move |db: &_| import::import(db, record, stamp);
        self.writer.run("importing a conversation", write).await
    }

    async fn erase(&self, conversation: ConversationId) -> Result<bool, StoreError> {
        let erase = move |db: &_| import::erase(db, conversation);
        self.writer.run("erasing a conversation", erase).await
    }
}

fn conversations(
    db: &Connection,
    after: Option<ConversationId>,
    limit: usize,
) -> Result<Vec<ConversationId>, Failure> {
    let after = after.map(|after| after.to_string()).unwrap_or_default();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement =
        db.prepare_cached("SELECT id FROM conversation WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let ids = statement.query_map(params![after, limit], |row| row.get::<_, String>(0))?;
    ids.map(|id| Ok(decode_conversation(&id?)?)).collect()
}

fn export(
    db: &Connection,
    home: ConversationId,
    stamp: Stamp,
) -> Result<Option<ConversationRecord>, Failure> {
    let found: Option<(i64, i64)> = db
        .prepare_cached("SELECT version, sequence FROM conversation WHERE id = ?1")?
        .query_row([home.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((version, sequence)) = found else {
        return Ok(None);
    };
    Ok(Some(in_order(ConversationRecord {
        format: RECORD_FORMAT,
        conversation: home,
        version: version.unsigned_abs(),
        sequence: sequence.unsigned_abs(),
        addresses: addresses(db, home)?,
        session: session(db, home, stamp)?,
        inbox: inbox(db, home, stamp)?,
        dead_letters: dead_letters(db, home)?,
        outbox: outbox(db, home, stamp)?,
        timers: timers(db, home)?,
        ledger: reads::ledger(db, home)?,
    })))
}

fn session(
    db: &Connection,
    home: ConversationId,
    stamp: Stamp,
) -> Result<Option<KeptSession>, Failure> {
    let found: Option<(String, i64)> = db
        .prepare_cached(
            "SELECT body, expires_at FROM session WHERE conversation = ?1 AND expires_at > ?2",
        )?
        .query_row(params![home.to_string(), stamp.now], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((body, expires_at)) = found else {
        return Ok(None);
    };
    Ok(Some(KeptSession {
        session: decode_session(home, &body)?,
        expires_at: moment(expires_at),
    }))
}

fn inbox(db: &Connection, home: ConversationId, stamp: Stamp) -> Result<Vec<KeptInbound>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT key, accepted_at, sequence, failures, iif(buried_at IS NULL, body, NULL)
         FROM inbox WHERE conversation = ?1 AND (body IS NOT NULL OR accepted_at >= ?2)",
    )?;
    let mut rows = statement.query(params![home.to_string(), stamp.forget_before])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(inbound(row)?);
    }
    Ok(found)
}

fn inbound(row: &Row<'_>) -> Result<KeptInbound, Failure> {
    let key: String = row.get(0)?;
    let body: Option<String> = row.get(4)?;
    let waiting = match body {
        None => None,
        Some(body) => Some(WaitingInbound {
            sequence: row.get::<_, i64>(2)?.unsigned_abs(),
            failures: row.get(3)?,
            inbound: decode(format_args!("inbound {key}"), &body)?,
        }),
    };
    Ok(KeptInbound {
        key: key.into(),
        accepted_at: moment(row.get(1)?),
        waiting,
    })
}

fn outbox(db: &Connection, home: ConversationId, stamp: Stamp) -> Result<Vec<KeptEntry>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT conversation, id, state, body, ended_at FROM outbox
         WHERE conversation = ?1 AND (ended_at IS NULL OR ended_at >= ?2)",
    )?;
    let mut rows = statement.query(params![home.to_string(), stamp.forget_before])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(KeptEntry {
            entry: reads::entry(db, row)?,
            ended_at: row.get::<_, Option<i64>>(4)?.map(moment),
        });
    }
    Ok(found)
}
