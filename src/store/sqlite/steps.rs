//! What writes: accept, commit and record, each run inside a savepoint of the writer's
//! transaction. Housekeeping rides along: every step removes a few rows that have had their time,
//! more than it adds, so nothing grows without bound and no sweep ever stops the world.

use consultant_core::{
    ConversationId, Envelope, Inbound, InboundKey, OutboxEntry, OutboxId, OutboxState, Session,
    Shown,
    ports::{Accepted, Commit, DeliveryRecord, DeliveryStep, SessionChange, StoreError},
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    record::{
        decode_conversation, encode, encode_entry, has_ended, state_name, unknown_entry,
        unknown_part,
    },
    times::Stamp,
};

use super::failure::Failure;

/// Stores an inbound, unless its key is known. The candidate becomes a new address's id.
pub(super) fn accept(
    db: &Connection,
    inbound: Inbound,
    body: &str,
    (stamp, candidate): (Stamp, ConversationId),
) -> Result<Accepted, Failure> {
    forget_keys(db, &inbound.key, stamp)?;
    if is_known(db, &inbound.key)? {
        return Ok(Accepted::Duplicate);
    }
    let conversation = resolve(db, &inbound, candidate)?;
    let id = conversation.to_string();
    let sequence: i64 = db
        .prepare_cached(
            "UPDATE conversation SET sequence = sequence + 1 WHERE id = ?1 RETURNING sequence",
        )?
        .query_row([&id], |row| row.get(0))?;
    db.prepare_cached(
        "INSERT INTO inbox (key, conversation, sequence, accepted_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![inbound.key.as_str(), id, sequence, stamp.now, body])?;
    Ok(Accepted::New(Envelope {
        conversation,
        sequence: sequence.unsigned_abs(),
        inbound,
    }))
}

/// Forgets a few keys that were answered before the retention began, this one above all.
fn forget_keys(db: &Connection, key: &InboundKey, stamp: Stamp) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM inbox WHERE key = ?1 AND body IS NULL AND accepted_at < ?2")?
        .execute(params![key.as_str(), stamp.forget_before])?;
    db.prepare_cached(
        "DELETE FROM inbox WHERE rowid IN (SELECT rowid FROM inbox
         WHERE body IS NULL AND accepted_at < ?1 LIMIT 4)",
    )?
    .execute([stamp.forget_before])?;
    Ok(())
}

fn is_known(db: &Connection, key: &InboundKey) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM inbox WHERE key = ?1")?
        .exists([key.as_str()])
}

/// The conversation of an address; the candidate, if there was none.
fn resolve(
    db: &Connection,
    inbound: &Inbound,
    candidate: ConversationId,
) -> Result<ConversationId, Failure> {
    let (channel, place) = (inbound.address.channel.as_str(), &inbound.address.place);
    let known: Option<String> = db
        .prepare_cached("SELECT conversation FROM address WHERE channel = ?1 AND place = ?2")?
        .query_row(params![channel, place], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(decode_conversation(&known)?);
    }
    let id = candidate.to_string();
    ensure_conversation(db, &id)?;
    db.prepare_cached("INSERT INTO address (channel, place, conversation) VALUES (?1, ?2, ?3)")?
        .execute(params![channel, place, id])?;
    Ok(candidate)
}

fn ensure_conversation(db: &Connection, id: &str) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO conversation (id) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([id])
        .map(drop)
}

/// A commit with its bodies already written as JSON, which is no work for the writer's thread.
pub(super) struct Step {
    conversation: ConversationId,
    expected_version: i64,
    session: Change,
    outbox: Vec<Entry>,
    ledger: Vec<String>,
    answered: Vec<InboundKey>,
}

enum Change {
    Keep,
    Put(String),
    Forget,
}

struct Entry {
    id: OutboxId,
    sequence: i64,
    state: OutboxState,
    body: String,
    shown: Vec<Shown>,
}

impl Step {
    pub(super) fn prepare(commit: Commit) -> Result<Self, StoreError> {
        let ledger = commit.ledger.iter();
        Ok(Self {
            conversation: commit.conversation,
            expected_version: as_sql(commit.expected_version),
            session: match commit.session {
                SessionChange::Keep => Change::Keep,
                SessionChange::Forget => Change::Forget,
                SessionChange::Put(session) => {
                    Change::Put(encode::<Session>("a session", &session)?)
                }
            },
            outbox: commit
                .outbox
                .into_iter()
                .map(Entry::prepare)
                .collect::<Result<_, _>>()?,
            ledger: ledger
                .map(|event| encode("a ledger event", event))
                .collect::<Result<_, _>>()?,
            answered: commit.answered,
        })
    }
}

impl Entry {
    fn prepare(entry: OutboxEntry) -> Result<Self, StoreError> {
        Ok(Self {
            body: encode_entry(&entry)?,
            id: entry.id,
            sequence: as_sql(entry.sequence),
            state: entry.state,
            shown: entry.shown,
        })
    }
}

/// Writes a whole step, or nothing where the version is not the expected one.
pub(super) fn commit(db: &Connection, step: &Step, stamp: Stamp) -> Result<u64, Failure> {
    let id = step.conversation.to_string();
    ensure_conversation(db, &id)?;
    let version = raise_version(db, &id, step.expected_version)?
        .ok_or(StoreError::Conflict(step.conversation))?;
    change_session(db, &id, &step.session, stamp)?;
    forget_ended(db, stamp)?;
    for entry in &step.outbox {
        put_entry(db, &id, entry, stamp)?;
    }
    for event in &step.ledger {
        db.prepare_cached("INSERT INTO ledger (conversation, body) VALUES (?1, ?2)")?
            .execute(params![id, event])?;
    }
    for key in &step.answered {
        db.prepare_cached("UPDATE inbox SET body = NULL WHERE key = ?1 AND conversation = ?2")?
            .execute(params![key.as_str(), id])?;
    }
    Ok(version)
}

/// The new version, if the old one is the expected one.
fn raise_version(db: &Connection, id: &str, expected: i64) -> rusqlite::Result<Option<u64>> {
    db.prepare_cached(
        "UPDATE conversation SET version = version + 1 WHERE id = ?1 AND version = ?2
         RETURNING version",
    )?
    .query_row(params![id, expected], |row| row.get::<_, i64>(0))
    .map(i64::unsigned_abs)
    .optional()
}

fn change_session(
    db: &Connection,
    id: &str,
    change: &Change,
    stamp: Stamp,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "DELETE FROM session WHERE conversation IN (SELECT conversation FROM session
         WHERE expires_at <= ?1 LIMIT 4)",
    )?
    .execute([stamp.now])?;
    match change {
        Change::Keep => Ok(()),
        Change::Forget => db
            .prepare_cached("DELETE FROM session WHERE conversation = ?1")?
            .execute([id])
            .map(drop),
        Change::Put(body) => db
            .prepare_cached(
                "INSERT INTO session (conversation, body, expires_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at",
            )?
            .execute(params![id, body, stamp.session_ends])
            .map(drop),
    }
}

/// Forgets a few entries that ended before the retention began.
fn forget_ended(db: &Connection, stamp: Stamp) -> rusqlite::Result<()> {
    db.prepare_cached(
        "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox
         WHERE ended_at IS NOT NULL AND ended_at < ?1 LIMIT 4)",
    )?
    .execute([stamp.forget_before])
    .map(drop)
}

/// Inserts an entry, or replaces all of it but what is shown.
fn put_entry(db: &Connection, id: &str, entry: &Entry, stamp: Stamp) -> Result<(), Failure> {
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

fn show(
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

/// SQLite's integers are signed; what is larger sorts last, and no version ever is.
fn as_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
