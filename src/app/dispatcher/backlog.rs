//! What the store holds and no lane does: at a start all that a stop or a crash left, later what a
//! fault, a full memory or an operator's `inbox retry` left behind. A conversation is taken up as a
//! whole and in order, and only while nobody works at it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use consultant_core::{
    Address, Envelope, InboundKey, OutboxEntry, OutboxId, OutboxState, ports::StoreError,
};

use super::{
    Dispatcher,
    lane::{Job, Origin, Work},
    lanes::LaneKey,
    lock,
};

/// For how long it is left to a channel to hand an inbound in again: a platform repeats a call
/// within seconds, and one that it gave up must not keep its conversation waiting for ever. Shorter
/// than the minute for which Telegram's line-up holds back what came behind it.
const DOUBTED_FOR: Duration = Duration::from_secs(45);

/// All that the store holds of one side of a conversation.
#[derive(Default)]
struct Left {
    /// Final entries that are not delivered.
    ready: Vec<OutboxEntry>,
    /// Answers that were begun and not ended.
    begun: Vec<OutboxEntry>,
    inbox: Vec<Envelope>,
}

impl Left {
    /// What is to be done, in order: deliveries before answers.
    fn jobs(&mut self) -> Vec<Job> {
        let left = |entry| Work::Deliver(entry, Origin::Left);
        let delivering = self.ready.drain(..).map(left);
        let answering = self.inbox.drain(..).map(Work::Answer);
        let work = delivering.chain(answering);
        work.map(|work| Job::new(work, None)).collect()
    }
}

impl Dispatcher {
    /// Takes up what a stop or a crash left behind: deliveries first, then unanswered inbounds.
    /// `mine` tells which addresses this process serves.
    pub async fn resume(
        self: &Arc<Self>,
        mine: impl Fn(&Address) -> bool,
    ) -> Result<usize, StoreError> {
        self.take_up_backlog(mine, true).await
    }

    /// Takes up what nobody works at, while others go on.
    pub async fn sweep(
        self: &Arc<Self>,
        mine: impl Fn(&Address) -> bool,
    ) -> Result<usize, StoreError> {
        self.take_up_backlog(mine, false).await
    }

    async fn take_up_backlog(
        self: &Arc<Self>,
        mine: impl Fn(&Address) -> bool,
        is_start: bool,
    ) -> Result<usize, StoreError> {
        lock(&self.lanes).begin_to_note();
        let taken_up = self.take_up_all(mine, is_start).await;
        lock(&self.lanes).end_to_note();
        taken_up
    }

    async fn take_up_all(
        self: &Arc<Self>,
        mine: impl Fn(&Address) -> bool,
        is_start: bool,
    ) -> Result<usize, StoreError> {
        let mut resumed = 0;
        for (key, mut left) in self.left_behind(mine).await? {
            if is_start {
                self.bury_what_ends_the_process(&mut left).await?;
            }
            let jobs = left.jobs();
            let count = jobs.len();
            if count > 0 && lock(&self.lanes).take_up(key, jobs) {
                left.begun.iter().for_each(|it| self.outlet.remember(it));
                resumed += count;
                self.open_lane(key);
            }
        }
        Ok(resumed)
    }

    /// The backlog by conversation, without what is just being handed in.
    async fn left_behind(
        &self,
        mine: impl Fn(&Address) -> bool,
    ) -> Result<BTreeMap<LaneKey, Left>, StoreError> {
        let backlog = self.store.backlog().await?;
        let mut all: BTreeMap<LaneKey, Left> = BTreeMap::new();
        for entry in backlog.outbox.into_iter().filter(|it| mine(&it.address)) {
            let left = all.entry(LaneKey::of(&entry)).or_default();
            if entry.state == OutboxState::Ready {
                left.ready.push(entry);
            } else {
                left.begun.push(entry);
            }
        }
        let inbox = backlog.inbox.into_iter();
        for envelope in inbox.filter(|it| mine(&it.inbound.address)) {
            let left = all.entry(envelope.conversation.into()).or_default();
            left.inbox.push(envelope);
        }
        let (coming, mut doubtful) = (lock(&self.coming), lock(&self.doubtful));
        doubtful.retain(|_, since| since.elapsed() < DOUBTED_FOR);
        let comes = |it: &Envelope| {
            let key = &it.inbound.key;
            coming.contains(key) || doubtful.contains_key(key)
        };
        all.retain(|_, left| !left.inbox.iter().any(comes));
        Ok(all)
    }

    /// The inbound of this key, if it waits in the store and nobody takes care of it.
    pub(super) async fn waiting(&self, key: &InboundKey) -> Result<Option<Envelope>, StoreError> {
        let mut inbox = self.store.backlog().await?.inbox.into_iter();
        let found = inbox.find(|it| it.inbound.key == *key);
        Ok(found.filter(|it| !lock(&self.lanes).holds(it.conversation, key)))
    }

    /// An answer that was begun and not ended may be what ended the process, so it counts as a
    /// failed turn. What has failed too often is buried before it is tried again.
    async fn bury_what_ends_the_process(&self, left: &mut Left) -> Result<(), StoreError> {
        let begun = |it: &Envelope| {
            let reply = OutboxId::reply_to(&it.inbound.key);
            left.begun.iter().any(|entry| entry.id == reply)
        };
        let Some(number) = left.inbox.iter().position(begun) else {
            return Ok(());
        };
        let told = self.count_crash(&left.inbox[number]).await?;
        if let Some(told) = told {
            left.inbox.remove(number);
            left.ready.push(told);
        }
        Ok(())
    }
}
