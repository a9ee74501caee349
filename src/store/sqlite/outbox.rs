//! Outbox entries and what is shown of them.

use consultant_core::{
    OutboxEntry, OutboxId, OutboxState, Shown,
    ports::{DeliveryRecord, DeliveryStep, StoreError},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{failure::Failure, steps::as_sql};
use crate::{
    record::{encode, encode_entry, has_ended, state_name, unknown_entry, unknown_part},
    times::Stamp,
};

/// An entry with its body already written as JSON.
pub(super) struct Entry {
    id: OutboxId,
    sequence: i64,
    state: OutboxState,
    body: String,
    shown: Vec<Shown>,
}

impl Entry {
    pub(super) fn prepare(entry: OutboxEntry) -> Result<Self, StoreError> {
        Ok(Self {
            body: encode_entry(&entry)?,
            id: entry.id,
            sequence: as_sql(entry.sequence),
            state: entry.state,
            shown: entry.shown,
        })
    }
}

/// Forgets a few entries that ended before the retention began.
pub(super) fn forget_ended(db: &Connection, stamp: Stamp) -> rusqlite::Result<()> {
    db.prepare_cached(
        "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox
         WHERE ended_at IS NOT NULL AND ended_at < ?1 LIMIT 4)",
    )?
    .execute([stamp.forget_before])
    .map(drop)
}

/// Inserts an entry, or replaces all of it but what is shown.
pub(super) fn put_entry(
    db: &Connection,
    id: &str,
    entry: &Entry,
    stamp: Stamp,
) -> Result<(), Failure> {
    let is_new = !db
        .prepare_cached("SELECT 1 FROM outbox WHERE conversation = ?1 AND id = ?2")?
        .exists(params![id, entry.id.as_str()])?;
    let ended_at = has_ended(entry.state).then_some(stamp.now);
    db.prepare_cached(
        "INSERT INTO outbox (conversation, id, sequence, state, body, ended_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET sequence = excluded.sequence, state = excluded.state,
         body = excluded.body, ended_at = excluded.ended_at",
    )?
    .execute(params![
        id,
        entry.id.as_str(),
        entry.sequence,
        state_name(entry.state),
        entry.body,
        ended_at
    ])?;
    let shown = entry.shown.iter().enumerate().filter(|_| is_new);
    for (part, shown) in shown {
        show(db, (id, &entry.id), part, shown)?;
    }
    Ok(())
}

/// Notes what a channel did with an entry.
pub(super) fn record(
    db: &Connection,
    delivery: &DeliveryRecord,
    stamp: Stamp,
) -> Result<(), Failure> {
    let id = delivery.conversation.to_string();
    let parts: usize = db
        .prepare_cached(
            "SELECT (SELECT count(*) FROM shown WHERE conversation = ?1 AND entry = ?2)
             FROM outbox WHERE conversation = ?1 AND id = ?2",
        )?
        .query_row(params![id, delivery.entry.as_str()], |row| {
            row.get::<_, u32>(0)
        })
        .optional()?
        .ok_or_else(|| unknown_entry(&delivery.entry))? as usize;
    match &delivery.what {
        DeliveryStep::Shown { part, .. } if *part > parts => {
            Err(unknown_part(&delivery.entry, *part).into())
        }
        DeliveryStep::Shown { part, shown } => show(db, (&id, &delivery.entry), *part, shown),
        DeliveryStep::Ended(state) => Ok(end(db, (&id, &delivery.entry), *state, stamp)?),
    }
}

pub(super) fn show(
    db: &Connection,
    (id, entry): (&str, &OutboxId),
    part: usize,
    shown: &Shown,
) -> Result<(), Failure> {
    let body = encode("a shown part", shown)?;
    let part = i64::try_from(part).unwrap_or(i64::MAX);
    db.prepare_cached(
        "INSERT INTO shown (conversation, entry, part, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET body = excluded.body",
    )?
    .execute(params![id, entry.as_str(), part, body])?;
    Ok(())
}

fn end(
    db: &Connection,
    (id, entry): (&str, &OutboxId),
    state: OutboxState,
    stamp: Stamp,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE outbox SET state = ?3, ended_at = ?4 WHERE conversation = ?1 AND id = ?2",
    )?
    .execute(params![
        id,
        entry.as_str(),
        state_name(state),
        has_ended(state).then_some(stamp.now)
    ])
    .map(drop)
}
