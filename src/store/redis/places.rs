//! Addresses, also such as move, and bookmarks.

use std::collections::BTreeMap;

use async_trait::async_trait;
use consultant_core::{
    Address, ConversationId, OutboxEntry,
    ports::{Places, StoreError, Upkeep},
};

use super::{RedisStore, scripts::Call};
use crate::record::{decode, decode_address, decode_conversation, encode_entry};

const MOVING: &str = "moving an address";

/// Rounds in which entries are sent elsewhere: each finds only what a commit changed meanwhile.
const ROUNDS: usize = 16;

#[async_trait]
impl Places for RedisStore {
    /// The new address is led to the conversation first: a crash after that is made good by the
    /// channel, which is told of the move again with the next entry for the old address.
    async fn moved(&self, from: &Address, to: &Address) -> Result<(), StoreError> {
        let mut pipeline = ::redis::pipe();
        pipeline
            .cmd("GET")
            .arg(self.keys.address(&from.to_string()));
        let (home,): (Option<String>,) = self.link.send(MOVING, &pipeline).await?;
        let Some(home) = home else { return Ok(()) };
        let address = self.keys.address(&to.to_string());
        let mut pipeline = ::redis::pipe();
        let lead = pipeline.cmd("SET").arg(&address).arg(&home);
        lead.arg("NX").ignore();
        pipeline.cmd("GET").arg(&address);
        let (owner,): (String,) = self.link.send(MOVING, &pipeline).await?;
        let conversation = decode_conversation(&home)?;
        if owner == home {
            let mut pipeline = ::redis::pipe();
            let addresses = self.keys.of(conversation).addresses;
            pipeline.cmd("SADD").arg(addresses).arg(to.to_string());
            let (_,): (u8,) = self.link.send(MOVING, &pipeline).await?;
        }
        for _ in 0..ROUNDS {
            if self.redirect(conversation, from, to).await? {
                break;
            }
        }
        Ok(())
    }

    /// The address first: a crash after that leaves one that an erasure does not know of, and that
    /// leads nowhere then.
    async fn lead(&self, from: &Address, to: ConversationId) -> Result<(), StoreError> {
        const LEADING: &str = "leading an address";
        let (name, addresses) = (from.to_string(), self.keys.of(to).addresses);
        let mut set = ::redis::pipe();
        let address = self.keys.address(&name);
        set.cmd("SET").arg(address).arg(to.to_string()).ignore();
        self.link.send::<()>(LEADING, &set).await?;
        let mut add = ::redis::pipe();
        add.cmd("SADD").arg(addresses).arg(name).ignore();
        self.link.send(LEADING, &add).await
    }

    async fn part(&self, from: &Address, of: ConversationId) -> Result<(), StoreError> {
        const PARTING: &str = "parting an address";
        let (name, addresses) = (from.to_string(), self.keys.of(of).addresses);
        let mut forget = ::redis::pipe();
        let call = Call::forget().key(self.keys.address(&name));
        forget
            .add_command(call.arg(of.to_string()).command())
            .ignore();
        self.link.send::<()>(PARTING, &forget).await?;
        let mut remove = ::redis::pipe();
        remove.cmd("SREM").arg(addresses).arg(name).ignore();
        self.link.send(PARTING, &remove).await
    }

    async fn addresses(&self, conversation: ConversationId) -> Result<Vec<Address>, StoreError> {
        let mut pipeline = ::redis::pipe();
        let addresses = self.keys.of(conversation).addresses;
        pipeline.cmd("SMEMBERS").arg(addresses);
        let (found,): (Vec<String>,) = self.link.send("reading addresses", &pipeline).await?;
        let found = found.iter().map(|text| decode_address(text));
        let mut found: Vec<_> = found.collect::<Result<_, _>>()?;
        found.sort();
        Ok(found)
    }

    async fn bookmark(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut pipeline = ::redis::pipe();
        let set = pipeline.cmd("HSET").arg(self.keys.bookmarks());
        set.arg(name).arg(value).ignore();
        self.link.send("setting a bookmark", &pipeline).await
    }

    async fn bookmarks(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("HGETALL").arg(self.keys.bookmarks());
        let (found,): (BTreeMap<String, String>,) =
            self.link.send("reading bookmarks", &pipeline).await?;
        let found = found.into_iter();
        Ok(found.filter(|(name, _)| name.starts_with(prefix)).collect())
    }
}

#[async_trait]
impl Upkeep for RedisStore {
    /// An address may lead to a conversation of which nothing is there yet.
    async fn at(&self, address: &Address) -> Result<Option<ConversationId>, StoreError> {
        let mut pipeline = ::redis::pipe();
        let address = self.keys.address(&address.to_string());
        pipeline.cmd("GET").arg(address);
        let (home,): (Option<String>,) = self.link.send("looking an address up", &pipeline).await?;
        home.map(|home| decode_conversation(&home)).transpose()
    }

    async fn forget_bookmark(&self, name: &str) -> Result<(), StoreError> {
        let mut pipeline = ::redis::pipe();
        let forget = pipeline.cmd("HDEL").arg(self.keys.bookmarks());
        forget.arg(name).ignore();
        self.link.send("forgetting a bookmark", &pipeline).await
    }

    /// A server checks its own files when it starts.
    async fn damage(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}

impl RedisStore {
    /// Sends the undelivered entries for one address to another; whether none was changed by
    /// somebody else meanwhile.
    async fn redirect(
        &self,
        home: ConversationId,
        from: &Address,
        to: &Address,
    ) -> Result<bool, StoreError> {
        let keys = self.keys.of(home);
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("SMEMBERS").arg(&keys.pending);
        let (ids,): (Vec<String>,) = self.link.send(MOVING, &pipeline).await?;
        if ids.is_empty() {
            return Ok(true);
        }
        let entries: Vec<_> = ids.into_iter().map(|id| keys.entry(&id.into())).collect();
        let mut pipeline = ::redis::pipe();
        for entry in &entries {
            pipeline.cmd("HGET").arg(entry).arg("entry");
        }
        let bodies: Vec<Option<String>> = self.link.send(MOVING, &pipeline).await?;
        let mut pipeline = ::redis::pipe();
        let bodies = entries.iter().zip(bodies);
        for (key, body) in bodies.filter_map(|(key, body)| Some((key, body?))) {
            // An entry that cannot be read stays as it is, and holds up nobody else.
            let name = || format!("outbox entry {key}");
            let entry = decode::<OutboxEntry>("an outbox entry", &body);
            let entry = self.quarantine.pass(name, entry)?;
            if let Some(entry) = entry.filter(|it| it.address == *from) {
                let address = to.clone();
                let new = encode_entry(&OutboxEntry { address, ..entry })?;
                let call = Call::readdress().key(key).arg(body).arg(new);
                pipeline.add_command(call.command());
            }
        }
        if pipeline.is_empty() {
            return Ok(true);
        }
        let outcomes: Vec<u8> = self.link.send(MOVING, &pipeline).await?;
        Ok(outcomes.iter().all(|outcome| *outcome == 1))
    }
}
