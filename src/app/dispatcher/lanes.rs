//! Every lane, and what only the store holds: conversations whose work did not fit into memory, or
//! that a fault left behind. A conversation's work is either in its lane or left to the store, never
//! in part here and in part there, so that nothing overtakes. A plain value; the dispatcher locks it.

use std::collections::{HashMap, HashSet};

use consultant_core::{ConversationId, InboundKey, OutboxEntry, Voice};

use super::lane::{Answering, Job, Lane};

/// Work of one conversation that waits in memory: more than anyone writes while an answer is on
/// its way, and a bound on whoever floods.
const JOBS_OF_A_LANE: usize = 200;

/// Work that waits in memory in all.
const JOBS_IN_MEMORY: usize = 10_000;

/// Whose lane: a conversation has one for its turns and what its customer is told, and one for what
/// a desk is told, so that a desk that is away keeps no customer waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct LaneKey {
    pub(super) conversation: ConversationId,
    pub(super) side: Side,
}

/// One side of a conversation. A start takes them up in this order: what a desk was to be told before
/// comes before whatever a turn tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Side {
    /// What a desk is told.
    Desk,
    /// Turns, whoever they are of, and what the customer is told.
    Customer,
}

impl From<ConversationId> for LaneKey {
    fn from(conversation: ConversationId) -> Self {
        let side = Side::Customer;
        Self { conversation, side }
    }
}

impl LaneKey {
    /// The lane in which an entry is delivered.
    pub(super) fn of(entry: &OutboxEntry) -> Self {
        let side = match entry.voice() {
            Voice::Desk => Side::Desk,
            Voice::Bot | Voice::Agent => Side::Customer,
        };
        let conversation = entry.conversation;
        Self { conversation, side }
    }
}

/// Every lane.
#[derive(Default)]
pub(super) struct Lanes {
    open: HashMap<LaneKey, Lane>,
    jobs: usize,
    /// Conversations with work that is in the store alone.
    left: HashSet<LaneKey>,
    /// While the store's backlog is read: conversations whose work has changed since.
    changed: Option<HashSet<LaneKey>>,
}

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It waits in a lane that is worked at.
    Waits,
    /// It is the first one of a new lane, which somebody has to work at.
    OpensLane,
    /// It is left to the store.
    Left,
}

impl Lanes {
    /// Adds work behind what the conversation has, unless it has to be left to the store.
    pub(super) fn add(&mut self, key: impl Into<LaneKey>, job: Job) -> Added {
        let key = key.into();
        let waiting = self.open.get(&key).map_or(0, Lane::len);
        let full = waiting >= JOBS_OF_A_LANE || self.jobs >= JOBS_IN_MEMORY;
        if full || self.left.contains(&key) {
            self.left.insert(key);
            self.note_change(key);
            return Added::Left;
        }
        self.jobs += 1;
        if let Some(lane) = self.open.get_mut(&key) {
            lane.add(job);
            return Added::Waits;
        }
        self.open.insert(key, Lane::with(job));
        Added::OpensLane
    }

    /// Adds all that the store holds of a conversation, in order, if its backlog was read after
    /// the conversation's last change. Whether there is a new lane now.
    pub(super) fn take_up(&mut self, key: impl Into<LaneKey>, jobs: Vec<Job>) -> bool {
        let key = key.into();
        let changed = self.changed.as_ref();
        let changed = changed.is_some_and(|changed| changed.contains(&key));
        // What a turn tells a desk is in the store before it is in the desk's lane.
        let may_come =
            key.side == Side::Desk && self.open.contains_key(&LaneKey::from(key.conversation));
        if changed || may_come || self.open.contains_key(&key) {
            return false;
        }
        self.left.remove(&key);
        let mut opened = false;
        for job in jobs {
            match self.add(key, job) {
                Added::OpensLane => opened = true,
                Added::Waits => {}
                Added::Left => break,
            }
        }
        opened
    }

    /// From now on the store holds work that this lane does not have.
    pub(super) fn leave(&mut self, key: LaneKey) {
        self.left.insert(key);
        self.note_change(key);
    }

    /// From now on it is noted whose work changes.
    pub(super) fn begin_to_note(&mut self) {
        self.changed = Some(HashSet::new());
    }

    /// It is not noted any more.
    pub(super) fn end_to_note(&mut self) {
        self.changed = None;
    }

    /// Whether somebody takes care of this inbound: its lane, or the next sweep.
    pub(super) fn holds(&self, conversation: ConversationId, key: &InboundKey) -> bool {
        let lane = LaneKey::from(conversation);
        let (lane, left) = (self.open.get(&lane), self.left.contains(&lane));
        left || lane.is_some_and(|lane| lane.holds(key))
    }

    pub(super) fn get_mut(&mut self, key: impl Into<LaneKey>) -> Option<&mut Lane> {
        self.open.get_mut(&key.into())
    }

    /// Has a turn's replies delivered before anything else is done in its lane, and then ends it.
    pub(super) fn deliver_first(&mut self, replies: Vec<OutboxEntry>, ends: Answering) {
        if let Some(lane) = self.open.get_mut(&ends.burst.conversation().into()) {
            self.jobs += replies.len();
            lane.deliver_first(replies, ends);
        }
    }

    /// So many jobs have left their lane for good.
    pub(super) fn done(&mut self, jobs: usize) {
        self.jobs = self.jobs.saturating_sub(jobs);
    }

    /// The lane is ended; whether the store holds more of its work.
    pub(super) fn close(&mut self, key: impl Into<LaneKey>) -> bool {
        let key = key.into();
        let lane = self.open.remove(&key);
        self.done(lane.map_or(0, |lane| lane.len() + lane.running()));
        self.note_change(key);
        self.left.contains(&key)
    }

    fn note_change(&mut self, key: LaneKey) {
        if let Some(changed) = &mut self.changed {
            changed.insert(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use consultant_core::{Address, ChannelName, OutboxId, OutboxState};
    use uuid::Uuid;

    use super::*;
    use crate::dispatcher::lane::{Origin, Work};

    const ANN: ConversationId = ConversationId(Uuid::from_u128(1));
    const BOB: ConversationId = ConversationId(Uuid::from_u128(2));

    fn job(conversation: ConversationId) -> Job {
        let entry = OutboxEntry {
            id: OutboxId::from("telegram:1:1/reply"),
            conversation,
            address: Address::new(ChannelName::Telegram, "7"),
            sequence: 1,
            text: "Hello".to_owned(),
            card: None,
            reply_to: None,
            state: OutboxState::Ready,
            shown: Vec::new(),
            relayed: None,
        };
        Job::new(Work::Deliver(entry, Origin::Left), None)
    }

    #[test]
    fn whoever_floods_leaves_room_for_others() {
        let mut lanes = Lanes::default();
        let added = (0..JOBS_OF_A_LANE * 2).map(|_| lanes.add(ANN, job(ANN)));
        let left = added.filter(|it| *it == Added::Left).count();
        assert_eq!(left, JOBS_OF_A_LANE);
        assert_eq!(lanes.add(BOB, job(BOB)), Added::OpensLane);
        assert!(lanes.close(ANN), "the store holds the rest");
    }

    #[test]
    fn what_is_left_to_the_store_is_not_overtaken() {
        let mut lanes = Lanes::default();
        for _ in 0..=JOBS_OF_A_LANE {
            lanes.add(ANN, job(ANN));
        }
        lanes.close(ANN);
        assert_eq!(lanes.add(ANN, job(ANN)), Added::Left);
        assert!(lanes.take_up(ANN, vec![job(ANN), job(ANN)]));
        assert_eq!(lanes.add(ANN, job(ANN)), Added::Waits);
    }

    #[test]
    fn what_a_desk_was_to_be_told_is_taken_up_before_a_turn_tells_it_more() {
        let desk = LaneKey {
            conversation: ANN,
            side: Side::Desk,
        };
        let mut lanes = Lanes::default();
        lanes.begin_to_note();
        for key in BTreeSet::from([LaneKey::from(ANN), desk]) {
            assert!(lanes.take_up(key, vec![job(ANN)]), "{key:?}");
        }
    }

    #[test]
    fn a_backlog_that_was_read_before_a_change_is_not_taken_up() {
        let mut lanes = Lanes::default();
        lanes.add(ANN, job(ANN));
        lanes.begin_to_note();
        assert!(!lanes.take_up(ANN, vec![job(ANN)]), "it is worked at");
        lanes.close(ANN);
        assert!(!lanes.take_up(ANN, vec![job(ANN)]), "it was worked at");
        assert!(lanes.take_up(BOB, vec![job(BOB)]));
        lanes.end_to_note();
        assert!(lanes.take_up(ANN, vec![job(ANN)]));
    }
}
