//! Whole conversations, out of Redis.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use consultant_core::{
    ConversationId, ConversationRecord, InboundKey, KeptEntry, KeptInbound, KeptSession, OutboxId,
    RECORD_FORMAT, WaitingInbound,
    ports::{Records, StoreError},
};

use super::{
    RedisStore,
    dead_letters::{failures, letter},
    keys::ConversationKeys,
    reads::{self, read},
    timers,
};
use crate::{
    record::{decode, decode_address, decode_conversation, decode_session},
    times::{Stamp, moment},
    whole::{check_record, in_order},
};

const EXPORTING: &str = "exporting a conversation";

/// Attempts to read a conversation that goes on meanwhile.
const ROUNDS: usize = 16;

/// All of a conversation but its entries, of one moment: state, session, inbox, known keys,
/// failures, dead letters, timers, addresses, ledger, pending and ended entries.
type Bare = (
    (Option<u64>, Option<u64>),
    (Option<String>, Option<i64>),
    HashMap<String, String>,
    Vec<(String, i64)>,
    HashMap<String, String>,
    HashMap<String, String>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
);

#[async_trait]
impl Records for RedisStore {
    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let mut found = Vec::new();
        let mut after = after;
        while found.len() < limit {
            let wanted = limit - found.len();
            let page = self.page(after, wanted).await?;
            let is_last = page.len() < wanted;
            after = page.last().copied();
            found.extend(self.existing(page).await?);
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    async fn export(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError> {
        let stamp = self.times.stamp();
        for _ in 0..ROUNDS {
            let Some(bare) = self.bare(conversation).await? else {
                return Ok(None);
            };
            let (pending, ended) = (&bare.9, &bare.10);
            let ids = pending.iter().chain(ended);
            let ids: Vec<OutboxId> = ids.map(|id| id.as_str().into()).collect();
            let (version, outbox) = self.entries(conversation, &ids, stamp).await?;
            if version == bare.0.0 {
                return record(conversation, bare, outbox, stamp).map(Some);
            }
        }
        Err(StoreError::Conflict(conversation))
    }

    async fn import(&self, record: ConversationRecord) -> Result<(), StoreError> {
        check_record(&record)?;
        self.import_record(&record).await
    }

    async fn erase(&self, conversation: ConversationId) -> Result<bool, StoreError> {
        self.erase_conversation(conversation).await
    }
}

impl RedisStore {
    /// Listed conversations after this one.
    async fn page(
        &self,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let from = after.map_or_else(|| "-".to_owned(), |after| format!("({after}"));
        let mut pipeline = ::redis::pipe();
        let list = pipeline.cmd("ZRANGEBYLEX").arg(self.keys.conversations());
        list.arg(from).arg("+").arg("LIMIT").arg(0).arg(limit);
        let (ids,): (Vec<String>,) = self.link.send("listing conversations", &pipeline).await?;
        ids.iter().map(|id| decode_conversation(id)).collect()
    }

    /// Those that are there.
    async fn existing(
        &self,
        listed: Vec<ConversationId>,
    ) -> Result<Vec<ConversationId>, StoreError> {
        if listed.is_empty() {
            return Ok(listed);
        }
        let mut pipeline = ::redis::pipe();
        for id in &listed {
            pipeline.cmd("EXISTS").arg(self.keys.of(*id).state);
        }
        let found: Vec<bool> = self.link.send("listing conversations", &pipeline).await?;
        let found = listed.into_iter().zip(found).filter(|(_, it)| *it);
        Ok(found.map(|(id, _)| id).collect())
    }

    async fn bare(&self, home: ConversationId) -> Result<Option<Bare>, StoreError> {
        let keys = self.keys.of(home);
        let mut pipeline = ::redis::pipe();
        pipeline.atomic();
        let state = pipeline.cmd("HMGET").arg(&keys.state);
        state.arg("version").arg("sequence");
        let session = pipeline.cmd("HMGET").arg(&keys.session);
        session.arg("body").arg("expires_at");
        pipeline.cmd("HGETALL").arg(&keys.inbox);
        let known = pipeline.cmd("ZRANGE").arg(&keys.known);
        known.arg(0).arg(-1).arg("WITHSCORES");
        pipeline.cmd("HGETALL").arg(&keys.failures);
        pipeline.cmd("HGETALL").arg(&keys.buried);
        pipeline.cmd("HVALS").arg(&keys.timers);
        pipeline.cmd("SMEMBERS").arg(&keys.addresses);
        pipeline.cmd("LRANGE").arg(&keys.ledger).arg(0).arg(-1);
        pipeline.cmd("SMEMBERS").arg(&keys.pending);
        pipeline.cmd("ZRANGE").arg(&keys.ended).arg(0).arg(-1);
        let bare: Bare = self.link.send(EXPORTING, &pipeline).await?;
        let is_there = bare.0.0.is_some() || bare.0.1.is_some();
        Ok(is_there.then_some(bare))
    }

    /// The entries, with the version of the conversation at the same moment.
    async fn entries(
        &self,
        home: ConversationId,
        ids: &[OutboxId],
        stamp: Stamp,
    ) -> Result<(Option<u64>, Vec<KeptEntry>), StoreError> {
        let keys = self.keys.of(home);
        let mut pipeline = entries_pipeline(&keys);
        let mut found = pipeline.clone();
        for id in ids {
            found.cmd("HGETALL").arg(keys.entry(id));
        }
        pipeline = found;
        let answers: Vec<::redis::Value> = self.link.send(EXPORTING, &pipeline).await?;
        let mut answers = answers.into_iter();
        let version: Option<u64> = read(answers.next())?;
        let ended: HashMap<String, i64> = read(answers.next())?;
        let mut kept = Vec::new();
        for (id, fields) in ids.iter().zip(answers) {
            let fields: HashMap<String, String> = read(Some(fields))?;
            let ended_at = ended.get(id.as_str()).copied();
            let is_over = ended_at.is_some_and(|at| at < stamp.forget_before);
            if !fields.is_empty() && !is_over {
                kept.push(KeptEntry {
                    entry: reads::entry(id, &fields)?,
                    ended_at: ended_at.map(moment),
                });
            }
        }
        Ok((version, kept))
    }
}

fn entries_pipeline(keys: &ConversationKeys) -> ::redis::Pipeline {
    let mut pipeline = ::redis::pipe();
    pipeline.atomic();
    pipeline.cmd("HGET").arg(&keys.state).arg("version");
    let ended = pipeline.cmd("ZRANGE").arg(&keys.ended);
    ended.arg(0).arg(-1).arg("WITHSCORES");
    pipeline
}

fn record(
    home: ConversationId,
    bare: Bare,
    outbox: Vec<KeptEntry>,
    stamp: Stamp,
) -> Result<ConversationRecord, StoreError> {
    let inbox = inbox(home, &bare, stamp)?;
    let ((version, sequence), session, _, _, _, buried, due, addresses, ledger, ..) = bare;
    let what = format_args!("the ledger of conversation {home}");
    let letters = buried.values().map(|value| letter(home, value));
    let addresses = addresses.iter().map(|text| decode_address(text));
    Ok(in_order(ConversationRecord {
        format: RECORD_FORMAT,
        conversation: home,
        version: version.unwrap_or(0),
        sequence: sequence.unwrap_or(0),
        addresses: addresses.collect::<Result<_, _>>()?,
        session: kept_session(home, session, stamp)?,
        inbox,
        dead_letters: letters.collect::<Result<_, _>>()?,
        outbox,
        timers: timers::timers(home, &due)?,
        ledger: ledger
            .iter()
            .map(|event| decode(what, event))
            .collect::<Result<_, _>>()?,
    }))
}

fn kept_session(
    home: ConversationId,
    (body, expires_at): (Option<String>, Option<i64>),
    stamp: Stamp,
) -> Result<Option<KeptSession>, StoreError> {
    let (Some(body), Some(end)) = (body, expires_at.filter(|end| stamp.now < *end)) else {
        return Ok(None);
    };
    Ok(Some(KeptSession {
        session: decode_session(home, &body)?,
        expires_at: moment(end),
    }))
}

/// Every key that is remembered, from where it is: known by its time, waiting, or buried.
fn inbox(home: ConversationId, bare: &Bare, stamp: Stamp) -> Result<Vec<KeptInbound>, StoreError> {
    let (_, _, inbox, known, counts, buried, ..) = bare;
    let recent = known.iter().filter(|(_, at)| *at >= stamp.forget_before);
    let mut found: BTreeMap<InboundKey, KeptInbound> = recent
        .map(|(key, at)| (InboundKey::from(key.as_str()), *at))
        .map(|(key, at)| (key.clone(), kept(key, at)))
        .collect();
    for (key, value) in inbox {
        let held = reads::held(home, value);
        let (envelope, accepted_at) =
            held.map_err(|error| name(error, format!("inbound {key}")))?;
        let key = InboundKey::from(key.as_str());
        let at = accepted_at.unwrap_or(envelope.inbound.sent_at.as_millisecond());
        let entry = found.entry(key.clone());
        let entry = entry.or_insert_with(|| kept(key.clone(), at));
        entry.waiting = Some(WaitingInbound {
            sequence: envelope.sequence,
            failures: failures(counts, &key),
            inbound: envelope.inbound,
        });
    }
    for (key, value) in buried {
        let held = value.splitn(3, '\n').nth(2).unwrap_or_default();
        let (envelope, accepted_at) = reads::held(home, held)?;
        let at = accepted_at.unwrap_or(envelope.inbound.sent_at.as_millisecond());
        let key = InboundKey::from(key.as_str());
        let entry = found.entry(key.clone());
        entry.or_insert_with(|| kept(key, at));
    }
    Ok(found.into_values().collect())
}

fn kept(key: InboundKey, accepted_at: i64) -> KeptInbound {
    KeptInbound {
        key,
        accepted_at: moment(accepted_at),
        waiting: None,
    }
}

/// The error with the name of the one record that cannot be read.
fn name(error: StoreError, name: String) -> StoreError {
    match error {
        StoreError::Corrupt { source, .. } => StoreError::Corrupt { what: name, source },
        other => other,
    }
}
