//! What reads: a session, the backlog, a ledger. Each runs inside one read transaction, so that
//! it sees one consistent moment.

use consultant_core::{
    ConversationId, Envelope, LedgerEvent, OutboxEntry, Shown,
    ports::{Backlog, Opened},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    quarantine::Quarantine,
    record::{decode, decode_conversation, decode_session, decode_state},
};

use super::failure::Failure;

/// A session that has not expired, and the version to expect.
pub(super) fn open(
    db: &Connection,
    conversation: ConversationId,
    now: i64,
) -> Result<Opened, Failure> {
    let found: Option<(i64, Option<String>)> = db
        .prepare_cached(
            "SELECT version, body FROM conversation LEFT JOIN session
             ON session.conversation = conversation.id AND expires_at > ?2
             WHERE conversation.id = ?1",
        )?
        .query_row(params![conversation.to_string(), now], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (version, body) = found.unwrap_or((0, None));
    let session = body
        .map(|body| decode_session(conversation, &body))
        .transpose()?;
    Ok(Opened {
        session,
        version: version.unsigned_abs(),
    })
}

/// Everything unanswered and everything undelivered, but for what cannot be read.
pub(super) fn backlog(db: &Connection, quarantine: &Quarantine) -> Result<Backlog, Failure> {
    Ok(Backlog {
        inbox: inbox(db, quarantine)?,
        outbox: outbox(db, quarantine)?,
    })
}

fn inbox(db: &Connection, quarantine: &Quarantine) -> Result<Vec<Envelope>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT conversation, sequence, body, key FROM inbox
         WHERE body IS NOT NULL AND buried_at IS NULL ORDER BY conversation, sequence",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(3)?;
        let read = envelope(row).map_err(|failure| failure.explain("an inbound"));
        found.extend(quarantine.pass(|| format!("inbound {key}"), read)?);
    }
    Ok(found)
}

/// An envelope from conversation, sequence and body.
pub(super) fn envelope(row: &Row<'_>) -> Result<Envelope, Failure> {
    let conversation = decode_conversation(&row.get::<_, String>(0)?)?;
    let sequence = row.get::<_, i64>(1)?.unsigned_abs();
    let what = format_args!("inbound {sequence} of conversation {conversation}");
    Ok(Envelope {
        conversation,
        sequence,
        inbound: decode(what, &row.get::<_, String>(2)?)?,
    })
}

fn outbox(db: &Connection, quarantine: &Quarantine) -> Result<Vec<OutboxEntry>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT conversation, id, state, body FROM outbox WHERE ended_at IS NULL
         ORDER BY conversation, sequence, id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (home, id): (String, String) = (row.get(0)?, row.get(1)?);
        let read = entry(db, row).map_err(|failure| failure.explain("an outbox entry"));
        let name = || format!("outbox entry {id} of conversation {home}");
        found.extend(quarantine.pass(name, read)?);
    }
    Ok(found)
}

/// An entry from conversation, id, state and body.
pub(super) fn entry(db: &Connection, row: &Row<'_>) -> Result<OutboxEntry, Failure> {
    let (conversation, id): (String, String) = (row.get(0)?, row.get(1)?);
    let what = format_args!("outbox entry {id}");
    let bare: OutboxEntry = decode(what, &row.get::<_, String>(3)?)?;
    Ok(OutboxEntry {
        state: decode_state(&row.get::<_, String>(2)?)?,
        shown: shown(db, &conversation, &id)?,
        ..bare
    })
}

fn shown(db: &Connection, conversation: &str, entry: &str) -> Result<Vec<Shown>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT body FROM shown WHERE conversation = ?1 AND entry = ?2 ORDER BY part",
    )?;
    let bodies = statement.query_map([conversation, entry], |row| row.get::<_, String>(0))?;
    bodies
        .map(|body| {
            Ok(decode(
                format_args!("what outbox entry {entry} shows"),
                &body?,
            )?)
        })
        .collect()
}

/// A conversation's events, oldest first.
pub(super) fn ledger(
    db: &Connection,
    conversation: ConversationId,
) -> Result<Vec<LedgerEvent>, Failure> {
    let mut statement =
        db.prepare_cached("SELECT body FROM ledger WHERE conversation = ?1 ORDER BY number")?;
    let bodies = statement.query_map([conversation.to_string()], |row| row.get::<_, String>(0))?;
    let what = format_args!("the ledger of conversation {conversation}");
    bodies.map(|body| Ok(decode(what, &body?)?)).collect()
}
