//! Whole conversations, into the file and out of this world. Both run in one savepoint, so what
//! fails half way leaves nothing behind.

use consultant_core::{
    Address, ConversationId, ConversationRecord, InboundKey, KeptEntry, KeptInbound, TimerChange,
    ports::DeadLetter,
};
use rusqlite::{Connection, params};

use super::{
    failure::Failure,
    outbox::{Entry, put_entry},
    steps::as_sql,
    timers::{Change, change_timer},
};
use crate::{record::encode, times::Stamp, whole::exists};

/// Writes a whole record.
pub(super) fn import(
    db: &Connection,
    record: ConversationRecord,
    stamp: Stamp,
) -> Result<(), Failure> {
    let home = record.conversation.to_string();
    let (version, sequence) = (as_sql(record.version), as_sql(record.sequence));
    let added = db
        .prepare_cached(
            "INSERT INTO conversation (id, version, sequence) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![home, version, sequence])?;
    if added == 0 {
        return Err(exists("conversation", record.conversation).into());
    }
    for address in &record.addresses {
        add_address(db, &home, address)?;
    }
    if let Some(kept) = &record.session {
        let body = encode("a session", &kept.session)?;
        db.prepare_cached(
            "INSERT INTO session (conversation, body, expires_at) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![home, body, kept.expires_at.as_millisecond()])?;
    }
    for kept in &record.inbox {
        add_inbound(db, &home, kept, stamp)?;
    }
    for letter in &record.dead_letters {
        add_letter(db, &home, letter, stamp)?;
    }
    for kept in record.outbox {
        add_entry(db, &home, kept, stamp)?;
    }
    for timer in record.timers {
        change_timer(db, &home, &Change::prepare(TimerChange::Set(timer))?)?;
    }
    for event in &record.ledger {
        db.prepare_cached("INSERT INTO ledger (conversation, body) VALUES (?1, ?2)")?
            .execute(params![home, encode("a ledger event", event)?])?;
    }
    Ok(())
}

fn add_address(db: &Connection, home: &str, address: &Address) -> Result<(), Failure> {
    let added = db
        .prepare_cached(
            "INSERT INTO address (channel, place, conversation) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute([address.channel.as_str(), &address.place, home])?;
    if added == 0 {
        return Err(exists("address", address).into());
    }
    Ok(())
}

fn add_inbound(
    db: &Connection,
    home: &str,
    kept: &KeptInbound,
    stamp: Stamp,
) -> Result<(), Failure> {
    make_room(db, &kept.key, stamp)?;
    let waiting = kept.waiting.as_ref();
    let body = waiting
        .map(|waiting| encode("an inbound", &waiting.inbound))
        .transpose()?;
    db.prepare_cached(
        "INSERT INTO inbox (key, conversation, sequence, accepted_at, failures, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        kept.key.as_str(),
        home,
        as_sql(waiting.map_or(0, |waiting| waiting.sequence)),
        kept.accepted_at.as_millisecond(),
        waiting.map_or(0, |waiting| waiting.failures),
        body
    ])?;
    Ok(())
}

/// Refuses a key that is remembered, and forgets one that need not be any more.
fn make_room(db: &Connection, key: &InboundKey, stamp: Stamp) -> Result<(), Failure> {
    db.prepare_cached("DELETE FROM inbox WHERE key = ?1 AND body IS NULL AND accepted_at < ?2")?
        .execute(params![key.as_str(), stamp.forget_before])?;
    let known = db
        .prepare_cached("SELECT 1 FROM inbox WHERE key = ?1")?
        .exists([key.as_str()])?;
    if known {
        return Err(exists("inbound", key).into());
    }
    Ok(())
}

/// Adds a dead letter, or makes its key one, which the inbox may have added already.
fn add_letter(
    db: &Connection,
    home: &str,
    letter: &DeadLetter,
    stamp: Stamp,
) -> Result<(), Failure> {
    let key = &letter.envelope.inbound.key;
    let own = db
        .prepare_cached("SELECT 1 FROM inbox WHERE key = ?1 AND conversation = ?2")?
        .exists([key.as_str(), home])?;
    if !own {
        make_room(db, key, stamp)?;
    }
    db.prepare_cached(
        "INSERT INTO inbox (key, conversation, sequence, accepted_at, failures, buried_at, reason,
         body) VALUES (?1, ?2, ?3, ?5, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET sequence = excluded.sequence, failures = excluded.failures,
         buried_at = excluded.buried_at, reason = excluded.reason, body = excluded.body",
    )?
    .execute(params![
        key.as_str(),
        home,
        as_sql(letter.envelope.sequence),
        letter.failures,
        letter.buried_at.as_millisecond(),
        letter.reason,
        encode("an inbound", &letter.envelope.inbound)?
    ])?;
    Ok(())
}

fn add_entry(db: &Connection, home: &str, kept: KeptEntry, stamp: Stamp) -> Result<(), Failure> {
    let id = kept.entry.id.clone();
    put_entry(db, home, &Entry::prepare(kept.entry)?, stamp)?;
    let ended_at = kept.ended_at.map(jiff::Timestamp::as_millisecond);
    db.prepare_cached("UPDATE outbox SET ended_at = ?3 WHERE conversation = ?1 AND id = ?2")?
        .execute(params![home, id.as_str(), ended_at])?;
    Ok(())
}

/// Forgets all of a conversation; whether it was there. The tables that point to others go first.
pub(super) fn erase(db: &Connection, conversation: ConversationId) -> Result<bool, Failure> {
    let home = conversation.to_string();
    for erase in [
        "DELETE FROM address WHERE conversation = ?1",
        "DELETE FROM session WHERE conversation = ?1",
        "DELETE FROM inbox WHERE conversation = ?1",
        "DELETE FROM outbox WHERE conversation = ?1",
        "DELETE FROM timer WHERE conversation = ?1",
        "DELETE FROM ledger WHERE conversation = ?1",
    ] {
        db.prepare_cached(erase)?.execute([&home])?;
    }
    let erased = db
        .prepare_cached("DELETE FROM conversation WHERE id = ?1")?
        .execute([&home])?;
    Ok(erased > 0)
}
