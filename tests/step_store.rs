//! A store that tells of every step before and after it, and waits each time until it may go on.
//! That is how a `kill -9` strikes at exactly one step, and how a store's answer is lost. What is
//! done for the eyes of a desk has steps of its own, `desk.ended.after` for example.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Address, ConversationId, ConversationRecord, Envelope, Inbound, InboundEvent, InboundKey,
    KeptVersion, LedgerEvent, OutboxEntry, OutboxId, PlaybookVersion, Receipt, ReleaseEvent, Timer,
    Voice,
    ports::{
        Accepted, Backlog, Burial, Commit, DeadLetter, DeadLetters, Deliveries, DeliveryRecord,
        DeliveryStep, Opened, Places, Records, ReleaseLog, Store, StoreError, Timers, Upkeep,
        WholeStore,
    },
};
use jiff::Timestamp;

/// Who is told of the steps.
#[async_trait]
pub trait Steps: Send + Sync {
    /// A step that is about to be done or was done, `commit.before` for example, and the address
    /// that it is about; returns when it may go on. Whether the answer to it is lost.
    async fn step(&self, name: &str, place: &str) -> bool;
}

/// The store under watch.
pub struct StepStore {
    inner: Arc<dyn WholeStore>,
    steps: Arc<dyn Steps>,
    /// Where each conversation takes place, as far as this process has seen it.
    places: Mutex<HashMap<ConversationId, String>>,
}

type Stored<T> = Result<T, StoreError>;

impl StepStore {
    /// A store that tells of its steps.
    pub fn new(inner: Arc<dyn WholeStore>, steps: Arc<dyn Steps>) -> Self {
        Self {
            inner,
            steps,
            places: Mutex::default(),
        }
    }

    async fn step<T>(
        &self,
        name: &str,
        place: &str,
        doing: impl Future<Output = Stored<T>> + Send,
    ) -> Stored<T> {
        self.steps.step(&format!("{name}.before"), place).await;
        let done = doing.await;
        let end = if done.is_ok() { "after" } else { "failed" };
        let is_lost = self.steps.step(&format!("{name}.{end}"), place).await;
        if is_lost && done.is_ok() {
            return Err(StoreError::Unavailable {
                what: name.to_owned(),
                source: "its answer is lost".into(),
            });
        }
        done
    }

    fn learn(&self, conversation: ConversationId, address: &Address) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.insert(conversation, address.to_string());
    }

    fn place(&self, conversation: ConversationId) -> String {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.get(&conversation).cloned().unwrap_or_default()
    }

    /// The same, also where this process has not seen it: one of its places.
    async fn known_place(&self, conversation: ConversationId) -> String {
        let place = self.place(conversation);
        if !place.is_empty() {
            return place;
        }
        let addresses = self.inner.addresses(conversation).await;
        let first = addresses.ok().and_then(|all| all.into_iter().next());
        first.map_or(place, |it| it.to_string())
    }

    fn learn_all(&self, envelopes: &[Envelope], entries: &[OutboxEntry]) {
        for envelope in envelopes {
            self.learn(envelope.conversation, &envelope.inbound.address);
        }
        // What is for a desk names the desk, where many conversations have their rooms.
        for entry in entries.iter().filter(|it| it.voice() != Voice::Desk) {
            self.learn(entry.conversation, &entry.address);
        }
    }
}

/// Whether an entry is for the eyes of a desk.
fn is_for_a_desk(entry: &OutboxId) -> bool {
    let OutboxId(name) = entry;
    name.starts_with("desk/") || name.starts_with("card/")
}

#[async_trait]
impl Store for StepStore {
    async fn accept(&self, inbound: Inbound) -> Stored<Accepted> {
        let place = inbound.address.to_string();
        let name = match inbound.event {
            InboundEvent::AtDesk(_) => "desk.accept",
            _ => "accept",
        };
        let accepting = async {
            let accepted = self.inner.accept(inbound).await?;
            if let Accepted::New(envelope) = &accepted {
                self.learn(envelope.conversation, &envelope.inbound.address);
            }
            Ok(accepted)
        };
        self.step(name, &place, accepting).await
    }

    async fn open(&self, conversation: ConversationId) -> Stored<Opened> {
        let place = self.place(conversation);
        self.step("open", &place, self.inner.open(conversation))
            .await
    }

    async fn commit(&self, commit: Commit) -> Stored<u64> {
        let place = self.place(commit.conversation);
        self.step("commit", &place, self.inner.commit(commit)).await
    }

    async fn record(&self, delivery: DeliveryRecord) -> Stored<()> {
        let place = self.known_place(delivery.conversation).await;
        let name = match (&delivery.what, is_for_a_desk(&delivery.entry)) {
            (DeliveryStep::Shown { .. }, false) => "shown",
            (DeliveryStep::Shown { .. }, true) => "desk.shown",
            (DeliveryStep::Ended(_), false) => "ended",
            (DeliveryStep::Ended(_), true) => "desk.ended",
        };
        self.step(name, &place, self.inner.record(delivery)).await
    }

    async fn backlog(&self) -> Stored<Backlog> {
        let reading = async {
            let backlog = self.inner.backlog().await?;
            self.learn_all(&backlog.inbox, &backlog.outbox);
            Ok(backlog)
        };
        self.step("backlog", "", reading).await
    }

    async fn ledger(&self, conversation: ConversationId) -> Stored<Vec<LedgerEvent>> {
        self.inner.ledger(conversation).await
    }
}

#[async_trait]
impl Deliveries for StepStore {
    async fn delivery(
        &self,
        conversation: ConversationId,
        entry: &OutboxId,
    ) -> Stored<Option<OutboxEntry>> {
        self.inner.delivery(conversation, entry).await
    }

    async fn showing(
        &self,
        conversation: ConversationId,
        message: (Voice, &Receipt),
    ) -> Stored<Option<OutboxEntry>> {
        self.inner.showing(conversation, message).await
    }
}

#[async_trait]
impl DeadLetters for StepStore {
    async fn count_failure(&self, conversation: ConversationId, key: &InboundKey) -> Stored<u32> {
        let place = self.place(conversation);
        let counting = self.inner.count_failure(conversation, key);
        self.step("count", &place, counting).await
    }

    async fn bury(&self, burial: Burial) -> Stored<()> {
        let place = self.place(burial.conversation);
        self.step("bury", &place, self.inner.bury(burial)).await
    }

    async fn dead_letters(&self) -> Stored<Vec<DeadLetter>> {
        self.inner.dead_letters().await
    }

    async fn revive(&self, key: &InboundKey) -> Stored<Envelope> {
        self.inner.revive(key).await
    }

    async fn drop_letter(&self, key: &InboundKey) -> Stored<()> {
        self.inner.drop_letter(key).await
    }
}

#[async_trait]
impl Timers for StepStore {
    async fn next_due(&self) -> Stored<Option<Timestamp>> {
        self.inner.next_due().await
    }

    async fn fire_due(&self, now: Timestamp, limit: usize) -> Stored<Vec<Envelope>> {
        let firing = async {
            let fired = self.inner.fire_due(now, limit).await?;
            self.learn_all(&fired, &[]);
            Ok(fired)
        };
        self.step("fire", "", firing).await
    }

    async fn timers(&self, conversation: ConversationId) -> Stored<Vec<Timer>> {
        self.inner.timers(conversation).await
    }
}

#[async_trait]
impl Places for StepStore {
    async fn moved(&self, from: &Address, to: &Address) -> Stored<()> {
        self.inner.moved(from, to).await
    }

    async fn lead(&self, from: &Address, to: ConversationId) -> Stored<()> {
        let place = format!("{from} {}", self.known_place(to).await);
        self.step("lead", &place, self.inner.lead(from, to)).await
    }

    async fn part(&self, from: &Address, of: ConversationId) -> Stored<()> {
        self.inner.part(from, of).await
    }

    async fn addresses(&self, conversation: ConversationId) -> Stored<Vec<Address>> {
        self.inner.addresses(conversation).await
    }

    async fn bookmark(&self, name: &str, value: &str) -> Stored<()> {
        self.inner.bookmark(name, value).await
    }

    async fn bookmarks(&self, prefix: &str) -> Stored<Vec<(String, String)>> {
        self.inner.bookmarks(prefix).await
    }
}

#[async_trait]
impl Records for StepStore {
    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Stored<Vec<ConversationId>> {
        self.inner.conversations(after, limit).await
    }

    async fn export(&self, conversation: ConversationId) -> Stored<Option<ConversationRecord>> {
        self.inner.export(conversation).await
    }

    async fn import(&self, record: ConversationRecord) -> Stored<()> {
        self.inner.import(record).await
    }

    async fn erase(&self, conversation: ConversationId) -> Stored<bool> {
        self.inner.erase(conversation).await
    }
}

#[async_trait]
impl ReleaseLog for StepStore {
    async fn keep_version(&self, version: &KeptVersion) -> Stored<()> {
        self.inner.keep_version(version).await
    }

    async fn kept_version(&self, id: &PlaybookVersion) -> Stored<Option<KeptVersion>> {
        self.inner.kept_version(id).await
    }

    async fn kept_versions(&self) -> Stored<Vec<PlaybookVersion>> {
        self.inner.kept_versions().await
    }

    async fn add_release(&self, event: &ReleaseEvent) -> Stored<bool> {
        self.inner.add_release(event).await
    }

    async fn releases(&self, after: u64) -> Stored<Vec<ReleaseEvent>> {
        self.inner.releases(after).await
    }
}

#[async_trait]
impl Upkeep for StepStore {
    async fn at(&self, address: &Address) -> Stored<Option<ConversationId>> {
        self.inner.at(address).await
    }

    async fn forget_bookmark(&self, name: &str) -> Stored<()> {
        self.inner.forget_bookmark(name).await
    }

    async fn damage(&self) -> Stored<Vec<String>> {
        self.inner.damage().await
    }
}
