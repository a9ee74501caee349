//! Timers, which become inbounds. A timer leaves its table and enters the inbox in one savepoint
//! under the file's write lock, so no second process can fire it too.

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Envelope, Timer, TimerChange, TimerId,
    ports::{StoreError, Timers},
};
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{
    SqliteStore,
    failure::Failure,
    steps::{enqueue, forget_keys, is_known},
};
use crate::{
    record::{decode, encode, fired},
    times::{Stamp, moment},
};

#[async_trait]
impl Timers for SqliteStore {
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let read = |db: &Connection| {
            let mut statement = db.prepare_cached("SELECT min(due_at) FROM timer")?;
            Ok(statement.query_row([], |row| row.get::<_, Option<i64>>(0))?)
        };
        let next = self.reader.run("reading the timers", read).await?;
        Ok(next.map(moment))
    }

    async fn fire_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Envelope>, StoreError> {
        let stamp = self.times.stamp();
        let fire = move |db: &_| fire_due(db, now.as_millisecond(), limit, stamp);
        self.writer.run("firing timers", fire).await
    }

    async fn timers(&self, conversation: ConversationId) -> Result<Vec<Timer>, StoreError> {
        let read = move |db: &_| timers(db, conversation);
        self.reader.run("reading the timers", read).await
    }
}

/// What a commit does to a timer, with the body already written as JSON.
pub(super) enum Change {
    Set { id: TimerId, due: i64, body: String },
    Cancel(TimerId),
    CancelAll,
}

impl Change {
    pub(super) fn prepare(change: TimerChange) -> Result<Self, StoreError> {
        Ok(match change {
            TimerChange::Set(timer) => Self::Set {
                due: timer.due.as_millisecond(),
                body: encode("a timer", &timer)?,
                id: timer.id,
            },
            TimerChange::Cancel(id) => Self::Cancel(id),
            TimerChange::CancelAll => Self::CancelAll,
        })
    }
}

/// Sets a timer of a conversation or takes timers back.
pub(super) fn change_timer(db: &Connection, home: &str, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Set { id, due, body } => db
            .prepare_cached(
                "INSERT INTO timer (conversation, id, due_at, body) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
            )?
            .execute(params![home, id.as_str(), due, body]),
        Change::Cancel(id) => db
            .prepare_cached("DELETE FROM timer WHERE conversation = ?1 AND id = ?2")?
            .execute(params![home, id.as_str()]),
        Change::CancelAll => db
            .prepare_cached("DELETE FROM timer WHERE conversation = ?1")?
            .execute([home]),
    }
    .map(drop)
}

fn fire_due(
    db: &Connection,
    now: i64,
    limit: usize,
    stamp: Stamp,
) -> Result<Vec<Envelope>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due: Vec<String> = db
        .prepare_cached(
            "SELECT body FROM timer WHERE due_at <= ?1 ORDER BY due_at, conversation, id LIMIT ?2",
        )?
        .query_map(params![now, limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut envelopes = Vec::new();
    for body in due {
        let timer: Timer = decode("a timer that is due", &body)?;
        envelopes.extend(fire(db, &timer, stamp)?);
    }
    Ok(envelopes)
}

/// Moves a timer into the inbox, unless its key says that it was there before.
fn fire(db: &Connection, timer: &Timer, stamp: Stamp) -> Result<Option<Envelope>, Failure> {
    let home = timer.conversation.to_string();
    change_timer(db, &home, &Change::Cancel(timer.id.clone()))?;
    let inbound = fired(timer);
    forget_keys(db, &inbound.key, stamp)?;
    if is_known(db, &inbound.key)? {
        return Ok(None);
    }
    let body = encode("an inbound", &inbound)?;
    Ok(Some(Envelope {
        conversation: timer.conversation,
        sequence: enqueue(db, &home, (&inbound.key, &body), stamp)?,
        inbound,
    }))
}

/// The timers of a conversation, by due time.
pub(super) fn timers(db: &Connection, home: ConversationId) -> Result<Vec<Timer>, Failure> {
    let mut statement =
        db.prepare_cached("SELECT body FROM timer WHERE conversation = ?1 ORDER BY due_at, id")?;
    let bodies = statement.query_map([home.to_string()], |row| row.get::<_, String>(0))?;
    let what = format_args!("a timer of conversation {home}");
    bodies.map(|body| Ok(decode(what, &body?)?)).collect()
}
