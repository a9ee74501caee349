//! What reads: a session, the backlog, a ledger.

use std::{collections::HashMap, fmt, num::ParseIntError, str::FromStr};

use consultant_core::{
    ConversationId, Envelope, LedgerEvent, OutboxEntry, OutboxId, Shown,
    ports::{Backlog, Opened, StoreError},
};

use super::{
    keys::{ConversationKeys, Keys},
    link::Link,
};
use crate::{
    quarantine::Quarantine,
    record::{corrupt, decode, decode_conversation, decode_session, decode_state, unknown_entry},
};

/// Conversations whose backlog is asked for in one round trip.
const CHUNK: usize = 100;

/// A session that has not expired, and the version to expect; both of one moment, because an old
/// session under a new version would overwrite what came between.
pub(super) async fn open(
    link: &Link,
    keys: &ConversationKeys,
    conversation: ConversationId,
    now: i64,
) -> Result<Opened, StoreError> {
    let mut pipeline = ::redis::pipe();
    pipeline.atomic();
    pipeline.cmd("HGET").arg(&keys.state).arg("version");
    pipeline
        .cmd("HMGET")
        .arg(&keys.session)
        .arg("body")
        .arg("expires_at");
    let (version, (body, expires_at)): (Option<u64>, (Option<String>, Option<i64>)) =
        link.send("opening a session", &pipeline).await?;
    let live = body.filter(|_| expires_at.is_some_and(|end| now < end));
    Ok(Opened {
        session: live
            .map(|body| decode_session(conversation, &body))
            .transpose()?,
        version: version.unwrap_or(0),
    })
}

/// Everything unanswered and everything undelivered, but for what cannot be read.
pub(super) async fn backlog(
    link: &Link,
    keys: &Keys,
    quarantine: &Quarantine,
) -> Result<Backlog, StoreError> {
    let mut list = ::redis::pipe();
    list.cmd("ZRANGE").arg(keys.active()).arg(0).arg(-1);
    let (active,): (Vec<String>,) = link.send(READING, &list).await?;
    let mut found = Vec::new();
    for id in &active {
        let name = || format!("conversation {id}");
        found.extend(quarantine.pass(name, decode_conversation(id))?);
    }
    found.sort_unstable();
    let mut backlog = Backlog::default();
    for chunk in found.chunks(CHUNK) {
        read_chunk(link, keys, quarantine, chunk, &mut backlog).await?;
    }
    Ok(backlog)
}

const READING: &str = "reading the backlog";

async fn read_chunk(
    link: &Link,
    keys: &Keys,
    quarantine: &Quarantine,
    chunk: &[ConversationId],
    backlog: &mut Backlog,
) -> Result<(), StoreError> {
    let mut pipeline = ::redis::pipe();
    for conversation in chunk {
        let keys = keys.of(*conversation);
        pipeline.cmd("HGETALL").arg(&keys.inbox);
        pipeline.cmd("SMEMBERS").arg(&keys.pending);
    }
    let answers: Vec<::redis::Value> = link.send(READING, &pipeline).await?;
    let mut answers = answers.into_iter();
    let mut pending = Vec::new();
    for conversation in chunk {
        let inbox: HashMap<String, String> = read(answers.next())?;
        let entries: Vec<String> = read(answers.next())?;
        backlog
            .inbox
            .extend(envelopes(*conversation, &inbox, quarantine)?);
        let ids = entries.iter().map(|id| OutboxId::from(id.as_str()));
        pending.extend(ids.map(|id| (*conversation, id)));
    }
    let mut entries = read_entries(link, keys, quarantine, &pending).await?;
    entries.sort_by(|a, b| {
        let place = |entry: &OutboxEntry| (entry.conversation, entry.sequence, entry.id.clone());
        place(a).cmp(&place(b))
    });
    backlog.outbox.extend(entries);
    Ok(())
}

/// One answer of a pipeline whose answers are of several kinds.
pub(super) fn read<T: ::redis::FromRedisValue>(
    answer: Option<::redis::Value>,
) -> Result<T, StoreError> {
    let answer = answer.unwrap_or(::redis::Value::Nil);
    ::redis::from_redis_value(answer).map_err(|error| corrupt("Redis's answer", error))
}

fn envelopes(
    conversation: ConversationId,
    inbox: &HashMap<String, String>,
    quarantine: &Quarantine,
) -> Result<Vec<Envelope>, StoreError> {
    let mut found = Vec::new();
    for (key, value) in inbox {
        let name = || format!("inbound {key}");
        found.extend(quarantine.pass(name, envelope(conversation, value))?);
    }
    found.sort_by_key(|envelope| envelope.sequence);
    Ok(found)
}

/// An envelope from what stands in an inbox.
pub(super) fn envelope(conversation: ConversationId, value: &str) -> Result<Envelope, StoreError> {
    held(conversation, value).map(|(envelope, _)| envelope)
}

/// An envelope from `sequence token time JSON`, with the time of its acceptance; format 1 wrote
/// none.
pub(super) fn held(
    conversation: ConversationId,
    value: &str,
) -> Result<(Envelope, Option<i64>), StoreError> {
    let what = format_args!("an inbound of conversation {conversation}");
    let mut parts = value.splitn(3, ' ');
    let (Some(sequence), Some(_), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(corrupt(what, "it has not the parts of an inbound"));
    };
    let timed = rest.split_once(' ').filter(|_| !rest.starts_with('{'));
    let (accepted_at, body) = match timed {
        Some((time, body)) => (Some(number(what, time)?), body),
        None => (None, rest),
    };
    let envelope = Envelope {
        conversation,
        sequence: number(what, sequence)?,
        inbound: decode(what, body)?,
    };
    Ok((envelope, accepted_at))
}

/// A number from its text.
pub(super) fn number<T>(what: impl fmt::Display, text: &str) -> Result<T, StoreError>
where
    T: FromStr<Err = ParseIntError>,
{
    text.parse().map_err(|error| corrupt(what, error))
}

/// Entries by their names, as far as they are there.
pub(super) async fn read_entries(
    link: &Link,
    keys: &Keys,
    quarantine: &Quarantine,
    pending: &[(ConversationId, OutboxId)],
) -> Result<Vec<OutboxEntry>, StoreError> {
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    let mut pipeline = ::redis::pipe();
    for (conversation, id) in pending {
        let key = keys.of(*conversation).entry(id);
        pipeline.cmd("HGETALL").arg(key);
    }
    let found: Vec<HashMap<String, String>> = link.send(READING, &pipeline).await?;
    let mut entries = Vec::new();
    let there = pending.iter().zip(&found).filter(|(_, it)| !it.is_empty());
    for ((home, id), fields) in there {
        let name = || format!("outbox entry {id} of conversation {home}");
        entries.extend(quarantine.pass(name, entry(id, fields))?);
    }
    Ok(entries)
}

/// An entry from its hash.
pub(super) fn entry(
    id: &OutboxId,
    fields: &HashMap<String, String>,
) -> Result<OutboxEntry, StoreError> {
    let what = format_args!("outbox entry {id}");
    let (Some(body), Some(state)) = (fields.get("entry"), fields.get("state")) else {
        return Err(corrupt(what, unknown_entry(id)));
    };
    let bare: OutboxEntry = decode(what, body)?;
    let shown = (0..)
        .map_while(|part: usize| fields.get(&format!("shown:{part}")))
        .map(|body| decode(format_args!("what {what} shows"), body))
        .collect::<Result<Vec<Shown>, _>>()?;
    Ok(OutboxEntry {
        state: decode_state(state)?,
        shown,
        ..bare
    })
}

/// A conversation's events, oldest first.
pub(super) async fn ledger(
    link: &Link,
    keys: &ConversationKeys,
    conversation: ConversationId,
) -> Result<Vec<LedgerEvent>, StoreError> {
    let mut pipeline = ::redis::pipe();
    pipeline.cmd("LRANGE").arg(&keys.ledger).arg(0).arg(-1);
    let (events,): (Vec<String>,) = link.send("reading a ledger", &pipeline).await?;
    let what = format_args!("the ledger of conversation {conversation}");
    events.iter().map(|event| decode(what, event)).collect()
}
