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

mod accept;
mod commit;
mod connect;
mod dead_letters;
mod deliveries;
mod erase;
mod export;
mod import;
mod keys;
mod link;
mod places;
mod reads;
mod releases;
mod scripts;
mod sweep;
mod timers;
mod tokens;
mod upgrade;

use std::sync::{Arc, Mutex, atomic::AtomicUsize};

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Inbound, LedgerEvent,
    ports::{
        Accepted, Backlog, Clock, Commit, DeliveryRecord, DeliveryStep, Opened, Store, StoreError,
    },
};
use secrecy::SecretString;

use crate::{
    OpenError, Opening, StoreSettings,
    quarantine::Quarantine,
    record::{check_commit, corrupt, encode, has_ended, state_name, unknown_entry, unknown_part},
    times::{Stamp, Times},
};

use self::{keys::Keys, link::Link, scripts::Call, timers::Attempt, tokens::Tokens};

/// Keys are kept a little longer than the injected clock asks for, so that Redis's own clock,
/// which may run ahead of it, never removes something too early.
const GRACE: i64 = 60 * 60 * 1000;

/// A store on a Redis server.
pub struct RedisStore {
    times: Times,
    quarantine: Quarantine,
    keys: Keys,
    link: Link,
    tokens: Tokens,
    accepted: AtomicUsize,
    /// Timers of which it is unknown whether they were fired, because the answer was lost.
    firing: Mutex<Vec<Attempt>>,
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
        let times = Times::new(settings, clock);
        let keep = times.retention().saturating_add(GRACE);
        match settings.opening {
            Opening::Prepare => {
                upgrade::check_format(&link, &keys, times.stamp().now - keep).await?;
            }
            Opening::AsItIs => upgrade::require_format(&link, &keys).await?,
        }
        connect::warn_of_settings(&link).await;
        Ok(Self {
            times,
            quarantine: Quarantine::default(),
            keys,
            link,
            tokens: Tokens::default(),
            accepted: AtomicUsize::new(0),
            firing: Mutex::default(),
        })
    }

    /// How long Redis keeps what is remembered for the retention, in milliseconds.
    fn keep(&self) -> i64 {
        self.times.retention().saturating_add(GRACE)
    }

    /// A pipeline that first lists the conversation, also among those that may have a backlog: a
    /// crash in between leaves a harmless entry too many, never one too few.
    fn listed(&self, conversation: ConversationId, stamp: Stamp) -> ::redis::Pipeline {
        let mut pipeline = ::redis::pipe();
        for (list, score) in [
            (self.keys.active(), stamp.now),
            (self.keys.conversations(), 0),
        ] {
            let add = pipeline.cmd("ZADD").arg(list).arg(score);
            add.arg(conversation.to_string()).ignore();
        }
        pipeline
    }

    /// The token of an earlier attempt at this step, or a new one: an id that nobody else mints.
    fn token(&self, step: impl FnOnce() -> String) -> String {
        let earlier = self.tokens.earlier(step);
        earlier.unwrap_or_else(|| self.times.mint().to_string())
    }
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
        let stamp = self.times.stamp();
        let call = Call::record()
            .key(keys.entry(&delivery.entry))
            .key(&keys.pending)
            .key(&keys.ended)
            .arg(delivery.entry.as_str());
        let (call, part) = match &delivery.what {
            DeliveryStep::Shown { part, shown } => {
                let body = encode("a shown part", shown)?;
                (call.arg("shown").arg(*part).arg(body), *part)
            }
            DeliveryStep::Ended(state) => {
                let call = call.arg("ended").arg(state_name(*state));
                let call = call.arg(u8::from(has_ended(*state)));
                let call = call.arg(self.keep()).arg(stamp.now);
                (call.arg(stamp.forget_before), 0)
            }
        };
        // Whoever put the entry listed its conversation, and it stays listed while the entry pends.
        let reopens = matches!(&delivery.what, DeliveryStep::Ended(state) if !has_ended(*state));
        let mut pipeline = if reopens {
            self.listed(delivery.conversation, stamp)
        } else {
            ::redis::pipe()
        };
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
        reads::backlog(&self.link, &self.keys, &self.quarantine).await
    }

    async fn ledger(&self, conversation: ConversationId) -> Result<Vec<LedgerEvent>, StoreError> {
        reads::ledger(&self.link, &self.keys.of(conversation), conversation).await
    }
}
