//! Whole conversations, into Redis. The addresses are claimed first, because only the claim can
//! tell whether they are free; then one script writes the conversation, if it is not there.

use consultant_core::{ConversationRecord, InboundKey, ports::StoreError};

use super::{GRACE, RedisStore, keys::ConversationKeys, scripts::Call};
use crate::{
    record::{corrupt, decode_conversation, encode, encode_entry, state_name},
    times::Stamp,
    whole::exists,
};

const IMPORTING: &str = "importing a conversation";

/// Inbound keys that are looked up in one round trip.
const CHUNK: usize = 500;

/// The commands of one import.
struct Words(Vec<Vec<String>>);

impl Words {
    fn add<const N: usize>(&mut self, words: [&str; N]) {
        self.0.push(words.map(str::to_owned).to_vec());
    }
}

impl RedisStore {
    pub(super) async fn import_record(
        &self,
        record: &ConversationRecord,
    ) -> Result<(), StoreError> {
        let stamp = self.times.stamp();
        let commands = self.commands(record, stamp)?;
        self.check_unknown(record, stamp).await?;
        let claimed = self.claim(record).await?;
        let outcome = self.write(record, commands, stamp).await;
        // Where the fate is unknown, a repetition finds its own claims and finishes the import.
        if !matches!(outcome, Ok(()) | Err(StoreError::Unavailable { .. })) {
            self.unclaim(record, &claimed).await?;
        }
        outcome
    }

    /// Refuses a record of which the conversation or a key is here already.
    async fn check_unknown(
        &self,
        record: &ConversationRecord,
        stamp: Stamp,
    ) -> Result<(), StoreError> {
        let home = record.conversation;
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("EXISTS").arg(self.keys.of(home).state);
        let (is_there,): (bool,) = self.link.send(IMPORTING, &pipeline).await?;
        if is_there {
            return Err(exists("conversation", home));
        }
        let inbounds: Vec<_> = record_keys(record).collect();
        for chunk in inbounds.chunks(CHUNK) {
            self.check_keys(chunk, stamp).await?;
        }
        Ok(())
    }

    /// Refuses keys that another conversation remembers. A pin whose conversation does not know
    /// the key is what a crash left behind.
    async fn check_keys(&self, inbounds: &[&InboundKey], stamp: Stamp) -> Result<(), StoreError> {
        let mut pipeline = ::redis::pipe();
        for key in inbounds {
            pipeline.cmd("GET").arg(self.keys.pin(key));
        }
        let pins: Vec<Option<String>> = self.link.send(IMPORTING, &pipeline).await?;
        for (key, address) in inbounds.iter().zip(pins) {
            let Some(address) = address else { continue };
            let mut pipeline = ::redis::pipe();
            pipeline.cmd("GET").arg(self.keys.address(&address));
            let (owner,): (Option<String>,) = self.link.send(IMPORTING, &pipeline).await?;
            let Some(owner) = owner else { continue };
            let keys = self.keys.of(decode_conversation(&owner)?);
            let mut pipeline = ::redis::pipe();
            for hash in [&keys.inbox, &keys.buried] {
                pipeline.cmd("HEXISTS").arg(hash).arg(key.as_str());
            }
            pipeline.cmd("ZSCORE").arg(&keys.known).arg(key.as_str());
            let (waits, is_buried, known): (bool, bool, Option<i64>) =
                self.link.send(IMPORTING, &pipeline).await?;
            if waits || is_buried || known.is_some_and(|at| at >= stamp.forget_before) {
                return Err(exists("inbound", key));
            }
        }
        Ok(())
    }

    /// Claims the record's addresses; those that were free. One that leads elsewhere is an error,
    /// and what was claimed before it is given back.
    async fn claim(&self, record: &ConversationRecord) -> Result<Vec<String>, StoreError> {
        let home = record.conversation.to_string();
        let mut claimed = Vec::new();
        for address in &record.addresses {
            let name = address.to_string();
            let key = self.keys.address(&name);
            let mut pipeline = ::redis::pipe();
            pipeline.cmd("SET").arg(&key).arg(&home).arg("NX");
            pipeline.cmd("GET").arg(&key);
            let (is_new, owner): (bool, Option<String>) =
                self.link.send(IMPORTING, &pipeline).await?;
            if is_new {
                claimed.push(name);
            } else if owner.as_ref() != Some(&home) {
                self.unclaim(record, &claimed).await?;
                return Err(exists("address", address));
            }
        }
        Ok(claimed)
    }

    async fn unclaim(
        &self,
        record: &ConversationRecord,
        claimed: &[String],
    ) -> Result<(), StoreError> {
        if claimed.is_empty() {
            return Ok(());
        }
        let mut pipeline = ::redis::pipe();
        for address in claimed {
            let call = Call::forget().key(self.keys.address(address));
            let call = call.arg(record.conversation.to_string());
            pipeline.add_command(call.command()).ignore();
        }
        self.link.send(IMPORTING, &pipeline).await
    }

    async fn write(
        &self,
        record: &ConversationRecord,
        commands: Words,
        stamp: Stamp,
    ) -> Result<(), StoreError> {
        let home = record.conversation;
        let keys = self.keys.of(home);
        let entries = record.outbox.iter();
        let name = || format!("import {home}");
        let token = self.token(name);
        let mut call = Call::import()
            .keys(keys.all().into_iter().cloned())
            .keys(entries.map(|kept| keys.entry(&kept.entry.id)))
            .arg(&token);
        for words in commands.0 {
            call = call.arg(words.len());
            for word in words {
                call = call.arg(word);
            }
        }
        let mut pipeline = self.listed(home, stamp);
        self.list_outside(&mut pipeline, record, stamp);
        pipeline.add_command(call.command());
        let outcome: Result<(u8,), _> = self.link.send(IMPORTING, &pipeline).await;
        self.tokens.keep_if_uncertain(name, token, &outcome);
        match outcome? {
            (0,) => Err(exists("conversation", home)),
            (_,) => Ok(()),
        }
    }

    /// What the record needs outside its hash tag, beside its addresses.
    fn list_outside(
        &self,
        pipeline: &mut ::redis::Pipeline,
        record: &ConversationRecord,
        stamp: Stamp,
    ) {
        let home = record.conversation;
        let dues = record.timers.iter().map(|timer| timer.due.as_millisecond());
        self.list_due(pipeline, home, dues.min());
        if !record.dead_letters.is_empty() {
            let list = pipeline.cmd("ZADD").arg(self.keys.buried()).arg(stamp.now);
            list.arg(home.to_string()).ignore();
        }
        let Some(address) = record.addresses.first() else {
            return;
        };
        for key in record_keys(record) {
            let pin = pipeline.cmd("SET").arg(self.keys.pin(key));
            pin.arg(address.to_string());
            pin.arg("PX").arg(self.keep()).ignore();
        }
    }

    /// What writes the record.
    fn commands(&self, record: &ConversationRecord, stamp: Stamp) -> Result<Words, StoreError> {
        let keys = self.keys.of(record.conversation);
        let mut words = Words(Vec::new());
        let (version, sequence) = (record.version.to_string(), record.sequence.to_string());
        words.add(["HSET", &keys.state, "version", &version]);
        words.add(["HSET", &keys.state, "sequence", &sequence]);
        for address in &record.addresses {
            words.add(["SADD", &keys.addresses, &address.to_string()]);
        }
        if let Some(kept) = &record.session {
            let body = encode("a session", &kept.session)?;
            let end = kept.expires_at.as_millisecond();
            let expires_at = end.to_string();
            words.add([
                "HSET",
                &keys.session,
                "body",
                &body,
                "expires_at",
                &expires_at,
            ]);
            words.add(["PEXPIRE", &keys.session, &left(end, stamp)]);
        }
        add_inbox(&mut words, &keys, record)?;
        words.add(["PEXPIRE", &keys.known, &self.keep().to_string()]);
        self.add_outbox(&mut words, &keys, record, stamp)?;
        words.add(["PEXPIRE", &keys.ended, &self.keep().to_string()]);
        for timer in &record.timers {
            let (body, due) = (encode("a timer", timer)?, timer.due.as_millisecond());
            words.add(["HSET", &keys.timers, timer.id.as_str(), &body]);
            words.add(["ZADD", &keys.due, &due.to_string(), timer.id.as_str()]);
        }
        for event in &record.ledger {
            let event = encode("a ledger event", event)?;
            words.add(["RPUSH", &keys.ledger, &event]);
        }
        Ok(words)
    }

    fn add_outbox(
        &self,
        words: &mut Words,
        keys: &ConversationKeys,
        record: &ConversationRecord,
        stamp: Stamp,
    ) -> Result<(), StoreError> {
        for kept in &record.outbox {
            let (entry, id) = (&kept.entry, kept.entry.id.as_str());
            let key = keys.entry(&entry.id);
            let (body, state) = (encode_entry(entry)?, state_name(entry.state));
            words.add(["HSET", &key, "entry", &body, "state", state]);
            for (part, shown) in entry.shown.iter().enumerate() {
                let body = encode("a shown part", shown)?;
                let (name, parts) = (format!("shown:{part}"), (part + 1).to_string());
                words.add(["HSET", &key, &name, &body, "parts", &parts]);
            }
            let Some(ended_at) = kept.ended_at.map(jiff::Timestamp::as_millisecond) else {
                words.add(["SADD", &keys.pending, id]);
                continue;
            };
            let end = ended_at.saturating_add(self.times.retention());
            words.add(["ZADD", &keys.ended, &ended_at.to_string(), id]);
            words.add(["PEXPIRE", &key, &left(end, stamp)]);
        }
        Ok(())
    }
}

/// How long Redis keeps what ends then, in milliseconds.
fn left(end: i64, stamp: Stamp) -> String {
    let left = end.saturating_sub(stamp.now).saturating_add(GRACE);
    left.max(1).to_string()
}

fn record_keys(record: &ConversationRecord) -> impl Iterator<Item = &InboundKey> {
    let letters = record
        .dead_letters
        .iter()
        .map(|it| &it.envelope.inbound.key);
    record.inbox.iter().map(|kept| &kept.key).chain(letters)
}

/// The imported inbounds have the token `-`, which no call has.
fn add_inbox(
    words: &mut Words,
    keys: &ConversationKeys,
    record: &ConversationRecord,
) -> Result<(), StoreError> {
    for kept in &record.inbox {
        let at = kept.accepted_at.as_millisecond();
        words.add(["ZADD", &keys.known, &at.to_string(), kept.key.as_str()]);
        let Some(waiting) = &kept.waiting else {
            continue;
        };
        let body = encode("an inbound", &waiting.inbound)?;
        let value = format!("{} - {at} {body}", waiting.sequence);
        words.add(["HSET", &keys.inbox, kept.key.as_str(), &value]);
        if waiting.failures > 0 {
            let count = format!("{} -", waiting.failures);
            words.add(["HSET", &keys.failures, kept.key.as_str(), &count]);
        }
    }
    for letter in &record.dead_letters {
        let inbound = &letter.envelope.inbound;
        let mut known = record.inbox.iter().filter(|kept| kept.key == inbound.key);
        let accepted_at = known
            .next()
            .map_or(letter.buried_at, |kept| kept.accepted_at);
        let reason = encode("a reason", &letter.reason)?;
        if reason.contains('\n') {
            return Err(corrupt(
                "a dead letter",
                "its reason has more than one line",
            ));
        }
        let value = format!(
            "{} {} -\n{reason}\n{} - {} {}",
            letter.failures,
            letter.buried_at.as_millisecond(),
            letter.envelope.sequence,
            accepted_at.as_millisecond(),
            encode("an inbound", inbound)?
        );
        words.add(["HSET", &keys.buried, inbound.key.as_str(), &value]);
    }
    Ok(())
}
