//! What writes: accept and commit, each run inside a savepoint of the writer's
//! transaction. Housekeeping rides along: every step removes a few rows that have had their time,
//! more than it adds, so nothing grows without bound and no sweep ever stops the world.

use std::collections::HashSet;

use consultant_core::{
    ConversationId, Envelope, Inbound, InboundKey, Session,
    ports::{Accepted, Commit, SessionChange, StoreError},
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    record::{decode_conversation, encode},
    times::Stamp,
};

use super::{
    failure::Failure,
    outbox::{Entry, forget_ended, put_entry},
    timers::{Change as TimerStep, change_timer},
};

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
    let sequence = enqueue(db, &conversation.to_string(), (&inbound.key, body), stamp)?;
    Ok(Accepted::New(Envelope {
        conversation,
        sequence,
        inbound,
    }))
}

/// Puts an inbound at the end of its conversation's inbox; its place.
pub(super) fn enqueue(
    db: &Connection,
    id: &str,
    (key, body): (&InboundKey, &str),
    stamp: Stamp,
) -> rusqlite::Result<u64> {
    let sequence = next_sequence(db, id)?;
    db.prepare_cached(
        "INSERT INTO inbox (key, conversation, sequence, accepted_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![key.as_str(), id, sequence, stamp.now, body])?;
    Ok(sequence.unsigned_abs())
}

/// The next place in a conversation's order.
pub(super) fn next_sequence(db: &Connection, id: &str) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "UPDATE conversation SET sequence = sequence + 1 WHERE id = ?1 RETURNING sequence",
    )?
    .query_row([id], |row| row.get(0))
}

/// Forgets a few keys that were answered before the retention began, this one above all.
pub(super) fn forget_keys(db: &Connection, key: &InboundKey, stamp: Stamp) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM inbox WHERE key = ?1 AND body IS NULL AND accepted_at < ?2")?
        .execute(params![key.as_str(), stamp.forget_before])?;
    db.prepare_cached(
        "DELETE FROM inbox WHERE rowid IN (SELECT rowid FROM inbox
         WHERE body IS NULL AND accepted_at < ?1 LIMIT 4)",
    )?
    .execute([stamp.forget_before])?;
    Ok(())
}

pub(super) fn is_known(db: &Connection, key: &InboundKey) -> rusqlite::Result<bool> {
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

pub(super) fn ensure_conversation(db: &Connection, id: &str) -> rusqlite::Result<()> {
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
    timers: Vec<TimerStep>,
    answered: Vec<InboundKey>,
    waiting: Vec<InboundKey>,
}

enum Change {
    Keep,
    Put(String),
    Forget,
}

impl Step {
    pub(super) fn prepare(commit: Commit) -> Result<Self, StoreError> {
        let mut seen = HashSet::new();
        let mut answered = commit.answered;
        answered.retain(|key| seen.insert(key.clone()));
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
            timers: commit
                .timers
                .into_iter()
                .map(TimerStep::prepare)
                .collect::<Result<_, _>>()?,
            answered,
            waiting: commit.waiting,
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
    for change in &step.timers {
        change_timer(db, &id, change)?;
    }
    for key in &step.answered {
        answer(db, &id, key)?;
    }
    for key in &step.waiting {
        check_waiting(db, &id, key)?;
    }
    Ok(version)
}

/// An error where an inbound does not wait, which undoes the whole step.
fn check_waiting(db: &Connection, id: &str, key: &InboundKey) -> Result<(), Failure> {
    let waits = db
        .prepare_cached(
            "SELECT 1 FROM inbox
             WHERE key = ?1 AND conversation = ?2 AND body IS NOT NULL AND buried_at IS NULL",
        )?
        .exists(params![key.as_str(), id])?;
    if waits {
        return Ok(());
    }
    Err(StoreError::Answered(key.clone()).into())
}

/// Sets an inbound's done mark; an error where it does not wait, which undoes the whole step.
fn answer(db: &Connection, id: &str, key: &InboundKey) -> Result<(), Failure> {
    let answered = db
        .prepare_cached(
            "UPDATE inbox SET body = NULL, failures = 0
             WHERE key = ?1 AND conversation = ?2 AND body IS NOT NULL AND buried_at IS NULL",
        )?
        .execute(params![key.as_str(), id])?;
    if answered == 0 {
        return Err(StoreError::Answered(key.clone()).into());
    }
    Ok(())
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

/// SQLite's integers are signed; what is larger sorts last, and no version ever is.
pub(super) fn as_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
