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
    quarantine::Quarantine,
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
        let quarantine = self.quarantine.clone();
        let fire = move |db: &_| {
            let due = due(db, &quarantine, now.as_millisecond(), limit)?;
            fire_all(db, &due, stamp)
        };
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

/// The oldest timers that are due. What cannot be read is gone round, however much of it there is.
fn due(
    db: &Connection,
    quarantine: &Quarantine,
    now: i64,
    limit: usize,
) -> Result<Vec<Timer>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT conversation, id, body FROM timer WHERE due_at <= ?1
         ORDER BY due_at, conversation, id",
    )?;
    let mut rows = statement.query([now])?;
    let mut due = Vec::new();
    while due.len() < limit
        && let Some(row) = rows.next()?
    {
        let (home, id): (String, String) = (row.get(0)?, row.get(1)?);
        let name = || format!("timer {id} of conversation {home}");
        let read = decode(name(), &row.get::<_, String>(2)?);
        due.extend(quarantine.pass(name, read)?);
    }
    Ok(due)
}

fn fire_all(db: &Connection, due: &[Timer], stamp: Stamp) -> Result<Vec<Envelope>, Failure> {
    let mut envelopes = Vec::new();
    for timer in due {
        envelopes.extend(fire(db, timer, stamp)?);
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
    let mut statement = db
        .prepare_cached("SELECT id, body FROM timer WHERE conversation = ?1 ORDER BY due_at, id")?;
    let mut rows = statement.query([home.to_string()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        found.push(decode(
            format_args!("timer {id}"),
            &row.get::<_, String>(1)?,
        )?);
    }
    Ok(found)
}
