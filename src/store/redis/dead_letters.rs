//! Inbounds whose turns fail.

use std::collections::HashMap;

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Envelope, InboundKey,
    ports::{Burial, DeadLetter, DeadLetters, StoreError},
};

use super::{
    GRACE, RedisStore,
    commit::with_entry,
    reads::{envelope, number},
    scripts::Call,
};
use crate::{
    record::{check_burial, corrupt, decode, decode_conversation, encode, not_buried, not_waiting},
    times::moment,
    whole::oldest_first,
};

const READING: &str = "reading the dead letters";

#[async_trait]
impl DeadLetters for RedisStore {
    async fn count_failure(
        &self,
        conversation: ConversationId,
        key: &InboundKey,
    ) -> Result<u32, StoreError> {
        let keys = self.keys.of(conversation);
        let call = Call::fail().key(&keys.inbox).key(&keys.failures);
        let name = || format!("fail {conversation} {key}");
        let mut pipeline = ::redis::pipe();
        let token = self.token(name);
        pipeline.add_command(call.arg(key.as_str()).arg(&token).command());
        let outcome = self.link.send("counting a failure", &pipeline).await;
        self.tokens.keep_if_uncertain(name, token, &outcome);
        match outcome? {
            (0,) => Err(not_waiting(key)),
            (count,) => Ok(count),
        }
    }

    async fn bury(&self, burial: Burial) -> Result<(), StoreError> {
        check_burial(&burial)?;
        let name = || format!("bury {} {}", burial.conversation, burial.key);
        let token = self.token(name);
        let outcome = self.bury_once(&burial, &token).await;
        self.tokens.keep_if_uncertain(name, token, &outcome);
        outcome
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let homes = self.graveyard().await?;
        let mut found = Vec::new();
        if homes.is_empty() {
            return Ok(found);
        }
        let mut pipeline = ::redis::pipe();
        for home in &homes {
            pipeline.cmd("HGETALL").arg(&self.keys.of(*home).buried);
        }
        let letters: Vec<HashMap<String, String>> = self.link.send(READING, &pipeline).await?;
        for (home, letters) in homes.iter().zip(&letters) {
            for (key, value) in letters {
                let name = || format!("dead letter {key}");
                found.extend(self.quarantine.pass(name, letter(*home, value))?);
            }
        }
        oldest_first(&mut found);
        self.tidy_graveyard(&homes, &letters).await;
        Ok(found)
    }

    async fn revive(&self, key: &InboundKey) -> Result<Envelope, StoreError> {
        let name = || format!("revive {key}");
        let token = self.token(name);
        let outcome = self.revive_once(key, &token).await;
        self.tokens.keep_if_uncertain(name, token, &outcome);
        outcome
    }

    async fn drop_letter(&self, key: &InboundKey) -> Result<(), StoreError> {
        let name = || format!("drop {key}");
        let token = self.token(name);
        let outcome = self.drop_once(key, &token).await;
        self.tokens.keep_if_uncertain(name, token, &outcome);
        outcome
    }
}

impl RedisStore {
    async fn bury_once(&self, burial: &Burial, token: &str) -> Result<(), StoreError> {
        let (home, stamp) = (burial.conversation, self.times.stamp());
        let keys = self.keys.of(home);
        let call = Call::bury()
            .key(&keys.inbox)
            .key(&keys.failures)
            .key(&keys.buried)
            .key(&keys.pending)
            .key(&keys.ended)
            .key(keys.entry(&burial.told.id))
            .arg(burial.key.as_str())
            .arg(token)
            .arg(encode("a reason", &burial.reason)?)
            .arg(stamp.now)
            .arg(stamp.forget_before)
            .arg(self.keep());
        let call = with_entry(call, &burial.told)?;
        let mut pipeline = self.listed(home, stamp);
        let list = pipeline.cmd("ZADD").arg(self.keys.buried()).arg(stamp.now);
        list.arg(home.to_string()).ignore();
        pipeline.add_command(call.command());
        match self.link.send("burying an inbound", &pipeline).await? {
            (0,) => Err(not_waiting(&burial.key)),
            (_,) => Ok(()),
        }
    }

    async fn revive_once(&self, key: &InboundKey, token: &str) -> Result<Envelope, StoreError> {
        for home in self.graves_of(key).await? {
            let keys = self.keys.of(home);
            let call = Call::revive().key(&keys.state).key(&keys.inbox);
            let call = call.key(&keys.buried).arg(key.as_str()).arg(token);
            let mut pipeline = self.listed(home, self.times.stamp());
            pipeline.add_command(call.command());
            let (revived,): (Option<String>,) =
                self.link.send("reviving an inbound", &pipeline).await?;
            if let Some(value) = revived {
                return envelope(home, &value);
            }
        }
        Err(not_buried(key))
    }

    async fn drop_once(&self, key: &InboundKey, token: &str) -> Result<(), StoreError> {
        for home in self.graves_of(key).await? {
            let keys = self.keys.of(home);
            let call = Call::discard().key(&keys.state).key(&keys.buried);
            let mut pipeline = ::redis::pipe();
            pipeline.add_command(call.arg(key.as_str()).arg(token).command());
            let (dropped,): (u8,) = self.link.send("dropping a dead letter", &pipeline).await?;
            if dropped == 1 {
                return Ok(());
            }
        }
        Err(not_buried(key))
    }

    /// Conversations that may have dead letters.
    async fn graveyard(&self) -> Result<Vec<ConversationId>, StoreError> {
        let mut list = ::redis::pipe();
        list.cmd("ZRANGE").arg(self.keys.buried()).arg(0).arg(-1);
        let (found,): (Vec<String>,) = self.link.send(READING, &list).await?;
        found.iter().map(|id| decode_conversation(id)).collect()
    }

    /// Conversations in which this inbound may be buried: the one that has it, if there is one,
    /// and else all, of which one may have given it up a moment ago.
    async fn graves_of(&self, key: &InboundKey) -> Result<Vec<ConversationId>, StoreError> {
        let homes = self.graveyard().await?;
        if homes.is_empty() {
            return Ok(homes);
        }
        let mut pipeline = ::redis::pipe();
        for home in &homes {
            let buried = self.keys.of(*home).buried;
            pipeline.cmd("HEXISTS").arg(buried).arg(key.as_str());
        }
        let found: Vec<bool> = self.link.send(READING, &pipeline).await?;
        let holder = homes.iter().zip(found).find(|(_, holds)| *holds);
        Ok(match holder {
            Some((home, _)) => vec![*home],
            None => homes,
        })
    }

    /// Takes conversations without dead letters off the list, an hour after their last burial. A
    /// failure is no reason to withhold the letters.
    async fn tidy_graveyard(&self, homes: &[ConversationId], letters: &[HashMap<String, String>]) {
        let idle_since = self.times.stamp().now.saturating_sub(GRACE);
        let mut pipeline = ::redis::pipe();
        for (home, _) in homes.iter().zip(letters).filter(|(_, it)| it.is_empty()) {
            let call = Call::unlist().key(self.keys.buried()).arg(home.to_string());
            pipeline
                .add_command(call.arg(idle_since).command())
                .ignore();
        }
        if pipeline.is_empty() {
            return;
        }
        if let Err(error) = self.link.send::<()>("tidying up", &pipeline).await {
            tracing::debug!(error = %error, "the list of dead letters was not tidied");
        }
    }
}

/// A dead letter from the three lines that `bury.lua` writes.
pub(super) fn letter(home: ConversationId, value: &str) -> Result<DeadLetter, StoreError> {
    let what = format_args!("a dead letter of conversation {home}");
    let mut lines = value.splitn(3, '\n');
    let (Some(head), Some(reason), Some(held)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(corrupt(what, "it has not the three lines of a dead letter"));
    };
    let mut words = head.split(' ');
    let (Some(failures), Some(buried_at)) = (words.next(), words.next()) else {
        return Err(corrupt(what, "it does not say when it was buried"));
    };
    Ok(DeadLetter {
        envelope: envelope(home, held)?,
        reason: decode(what, reason)?,
        failures: number(what, failures)?,
        buried_at: moment(number(what, buried_at)?),
    })
}

/// How many turns of an inbound failed, from the hash of failures.
pub(super) fn failures(counts: &HashMap<String, String>, key: &InboundKey) -> u32 {
    let count = counts.get(key.as_str()).and_then(|it| it.split(' ').next());
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}
