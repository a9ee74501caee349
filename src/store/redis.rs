//! The store for larger houses: a Redis server (or Valkey), shared by several processes.
//!
//! Every change of a conversation is one Lua script over keys of one hash tag, so it is atomic on
//! a single server and in a cluster. Only an address and an inbound key are looked up first, each
//! by a command that cannot be done halfway (see [`RedisStore::accept`]).
//!
//! What the server acknowledges is as durable as its settings: `appendonly yes` and
//! `maxmemory-policy noeviction` are for production; the store warns at start where they are not
//! set. Expiry follows the injected clock; Redis's own expiry only tidies up behind it.
//!
//! Start reading at [`keys`], then at the scripts in `redis/`.

mod connect;
mod keys;
mod link;
mod reads;
mod scripts;
mod sweep;
mod tokens;

use std::{sync::Arc, sync::atomic::AtomicUsize};

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Envelope, Inbound, LedgerEvent,
    ports::{
        Accepted, Backlog, Clock, Commit, DeliveryRecord, DeliveryStep, Opened, SessionChange,
        Store, StoreError,
    },
};
use secrecy::SecretString;

use crate::{
    OpenError, StoreSettings,
    record::{
        check_commit, corrupt, decode_conversation, encode, encode_entry, has_ended, state_name,
        unknown_entry, unknown_part,
    },
    times::{Stamp, Times},
};

use self::{keys::Keys, link::Link, scripts::Call, tokens::Tokens};

/// Keys are kept a little longer than the injected clock asks for, so that Redis's own clock,
/// which may run ahead of it, never removes something too early.
const GRACE: i64 = 60 * 60 * 1000;

/// A store on a Redis server.
pub struct RedisStore {
    times: Times,
    keys: Keys,
    link: Link,
    tokens: Tokens,
    accepted: AtomicUsize,
}

impl RedisStore {
    /// Connects, and checks that the server holds nothing newer than this program knows.
    pub async fn open(
        url: &SecretString,
        settings: &StoreSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let keys = Keys::new(&settings.key_prefix);
        let link = connect::connect(url, settings).await?;
        connect::check_format(&link, &keys).await?;
        connect::warn_of_settings(&link).await;
        Ok(Self {
            times: Times::new(settings, clock),
            keys,
            link,
            tokens: Tokens::default(),
            accepted: AtomicUsize::new(0),
        })
    }

    /// The conversation that decides about this inbound: its address's, or the one to which the
    /// same key came before. Both lookups write once and for ever, so two tasks agree. A crash
    /// after them leaves nothing that a repetition would not finish.
    async fn resolve(&self, inbound: &Inbound) -> Result<ConversationId, StoreError> {
        const WHAT: &str = "resolving an address";
        let address = inbound.address.to_string();
        let (home, pin) = (self.keys.address(&address), self.keys.pin(&inbound.key));
        let mut lookup = ::redis::pipe();
        lookup
            .cmd("SET")
            .arg(&home)
            .arg(self.times.mint().to_string())
            .arg("NX")
            .ignore();
        lookup.cmd("GET").arg(&home);
        lookup
            .cmd("SET")
            .arg(&pin)
            .arg(&address)
            .arg("NX")
            .arg("PX")
            .arg(self.times.retention().saturating_add(GRACE))
            .ignore();
        lookup.cmd("GET").arg(&pin);
        let (mut conversation, pinned): (String, String) = self.link.send(WHAT, &lookup).await?;
        if pinned != address {
            let mut other = ::redis::pipe();
            other.cmd("GET").arg(self.keys.address(&pinned));
            let (found,): (Option<String>,) = self.link.send(WHAT, &other).await?;
            conversation = found.unwrap_or(conversation);
        }
        decode_conversation(&conversation)
    }

    /// A pipeline that first lists the conversation among those that may have a backlog: a crash
    /// in between leaves a harmless entry too many, never one too few.
    fn listed(&self, conversation: ConversationId, stamp: Stamp) -> ::redis::Pipeline {
        let mut pipeline = ::redis::pipe();
        pipeline
            .cmd("ZADD")
            .arg(self.keys.active())
            .arg(stamp.now)
            .arg(conversation.to_string())
            .ignore();
        pipeline
    }

    /// The token of an earlier attempt at this step, or a new one: an id that nobody else mints.
    fn token(&self, step: impl FnOnce() -> String) -> String {
        let earlier = self.tokens.earlier(step);
        earlier.unwrap_or_else(|| self.times.mint().to_string())
    }

    async fn accept_once(
        &self,
        inbound: Inbound,
        token: &str,
        stamp: Stamp,
    ) -> Result<Accepted, StoreError> {
        let conversation = self.resolve(&inbound).await?;
        let keys = self.keys.of(conversation);
        let call = Call::accept()
            .key(&keys.state)
            .key(&keys.inbox)
            .key(&keys.known)
            .arg(inbound.key.as_str())
            .arg(token)
            .arg(encode("an inbound", &inbound)?)
            .arg(stamp.now)
            .arg(stamp.forget_before)
            .arg(self.times.retention().saturating_add(GRACE));
        let mut pipeline = self.listed(conversation, stamp);
        pipeline.add_command(call.command());
        let (sequence,): (u64,) = self.link.send("storing an inbound", &pipeline).await?;
        Ok(match sequence {
            0 => Accepted::Duplicate,
            sequence => Accepted::New(Envelope {
                conversation,
                sequence,
                inbound,
            }),
        })
    }

    async fn commit_once(
        &self,
        commit: &Commit,
        token: &str,
        stamp: Stamp,
    ) -> Result<u64, StoreError> {
        let call = self.commit_call(commit, token, stamp)?;
        let mut pipeline = self.listed(commit.conversation, stamp);
        pipeline.add_command(call.command());
        let (version,): (i64,) = self.link.send("committing a turn", &pipeline).await?;
        u64::try_from(version).map_err(|_| StoreError::Conflict(commit.conversation))
    }

    fn commit_call(&self, commit: &Commit, token: &str, stamp: Stamp) -> Result<Call, StoreError> {
        let keys = self.keys.of(commit.conversation);
        let mut call = Call::commit()
            .key(&keys.state)
            .key(&keys.session)
            .key(&keys.inbox)
            .key(&keys.pending)
            .key(&keys.ledger);
        for entry in &commit.outbox {
            call = call.key(keys.entry(&entry.id));
        }
        call = call
            .arg(commit.expected_version)
            .arg(token)
            .arg(self.times.retention().saturating_add(GRACE));
        call = self.with_session(call, &commit.session, stamp)?;
        call = call.arg(commit.outbox.len());
        for entry in &commit.outbox {
            call = with_entry(call, entry)?;
        }
        call = call.arg(commit.ledger.len());
        for event in &commit.ledger {
            call = call.arg(encode("a ledger event", event)?);
        }
        call = call.arg(commit.answered.len());
        for key in &commit.answered {
            call = call.arg(key.as_str());
        }
        Ok(call)
    }

    fn with_session(
        &self,
        call: Call,
        change: &SessionChange,
        stamp: Stamp,
    ) -> Result<Call, StoreError> {
        Ok(match change {
            SessionChange::Keep => call.arg("keep"),
            SessionChange::Forget => call.arg("forget"),
            SessionChange::Put(session) => call
                .arg("put")
                .arg(encode("a session", session)?)
                .arg(stamp.session_ends)
                .arg(self.times.session_timeout().saturating_add(GRACE)),
        })
    }
}

fn with_entry(call: Call, entry: &consultant_core::OutboxEntry) -> Result<Call, StoreError> {
    let mut call = call
        .arg(entry.id.as_str())
        .arg(encode_entry(entry)?)
        .arg(state_name(entry.state))
        .arg(u8::from(has_ended(entry.state)))
        .arg(entry.shown.len());
    for shown in &entry.shown {
        call = call.arg(encode("a shown part", shown)?);
    }
    Ok(call)
}

#[async_trait]
impl Store for RedisStore {
    async fn accept(&self, inbound: Inbound) -> Result<Accepted, StoreError> {
        let stamp = self.times.stamp();
        self.sweep_now_and_then(stamp).await;
        let key = inbound.key.clone();
        let name = || format!("accept {key}");
        let token = self.token(name);
        let outcome = self.accept_once(inbound, &token, stamp).await;
        self.tokens.keep_if_uncertain(name, token, &outcome);
        outcome
    }

    async fn open(&self, conversation: ConversationId) -> Result<Opened, StoreError> {
        let now = self.times.stamp().now;
        reads::open(&self.link, &self.keys.of(conversation), conversation, now).await
    }

    async fn commit(&self, commit: Commit) -> Result<u64, StoreError> {
        check_commit(&commit)?;
        let name = || tokens::fingerprint(&commit);
        let token = self.token(name);
        let outcome = self.commit_once(&commit, &token, self.times.stamp()).await;
        self.tokens.keep_if_uncertain(name, token, &outcome);
        outcome
    }

    async fn record(&self, delivery: DeliveryRecord) -> Result<(), StoreError> {
        let keys = self.keys.of(delivery.conversation);
        let call = Call::record()
            .key(keys.entry(&delivery.entry))
            .key(&keys.pending)
            .arg(delivery.entry.as_str());
        let (call, part) = match &delivery.what {
            DeliveryStep::Shown { part, shown } => {
                let body = encode("a shown part", shown)?;
                (call.arg("shown").arg(*part).arg(body), *part)
            }
            DeliveryStep::Ended(state) => {
                let call = call.arg("ended").arg(state_name(*state));
                let call = call.arg(u8::from(has_ended(*state)));
                (call.arg(self.times.retention().saturating_add(GRACE)), 0)
            }
        };
        let mut pipeline = self.listed(delivery.conversation, self.times.stamp());
        pipeline.add_command(call.command());
        let (outcome,): (String,) = self.link.send("recording a delivery", &pipeline).await?;
        match outcome.as_str() {
            "done" => Ok(()),
            "unknown part" => Err(unknown_part(&delivery.entry, part)),
            "unknown entry" => Err(unknown_entry(&delivery.entry)),
            _ => Err(corrupt(
                "Redis's answer",
                "it is none that the script gives",
            )),
        }
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        reads::backlog(&self.link, &self.keys).await
    }

    async fn ledger(&self, conversation: ConversationId) -> Result<Vec<LedgerEvent>, StoreError> {
        reads::ledger(&self.link, &self.keys.of(conversation), conversation).await
    }
}
