//! Every lane, and what only the store holds: conversations whose work did not fit into memory, or
//! that a fault left behind. A conversation's work is either in its lane or left to the store, never
//! in part here and in part there, so that nothing overtakes. A plain value; the dispatcher locks it.

use std::collections::{HashMap, HashSet};

use consultant_core::{ConversationId, InboundKey};

use super::lane::{Job, Lane};

/// Work of one conversation that waits in memory: more than anyone writes while an answer is on
/// its way, and a bound on whoever floods.
const JOBS_OF_A_LANE: usize = 200;

/// Work that waits in memory in all.
const JOBS_IN_MEMORY: usize = 10_000;

/// Every lane.
#[derive(Default)]
pub(super) struct Lanes {
    open: HashMap<ConversationId, Lane>,
    jobs: usize,
    /// Conversations with work that is in the store alone.
    left: HashSet<ConversationId>,
    /// While the store's backlog is read: conversations whose work has changed since.
    changed: Option<HashSet<ConversationId>>,
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
    pub(super) fn add(&mut self, conversation: ConversationId, job: Job) -> Added {
        let waiting = self.open.get(&conversation).map_or(0, Lane::len);
        let full = waiting >= JOBS_OF_A_LANE || self.jobs >= JOBS_IN_MEMORY;
        if full || self.left.contains(&conversation) {
            self.left.insert(conversation);
            self.note_change(conversation);
            return Added::Left;
        }
        self.jobs += 1;
        if let Some(lane) = self.open.get_mut(&conversation) {
            lane.add(job);
            return Added::Waits;
        }
        self.open.insert(conversation, Lane::with(job));
        Added::OpensLane
    }

    /// Adds all that the store holds of a conversation, in order, if its backlog was read after
    /// the conversation's last change. Whether there is a new lane now.
    pub(super) fn take_up(&mut self, conversation: ConversationId, jobs: Vec<Job>) -> bool {
        let changed = self.changed.as_ref();
        let changed = changed.is_some_and(|changed| changed.contains(&conversation));
        if changed || self.open.contains_key(&conversation) {
            return false;
        }
        self.left.remove(&conversation);
        let mut opened = false;
        for job in jobs {
            match self.add(conversation, job) {
                Added::OpensLane => opened = true,
                Added::Waits => {}
                Added::Left => break,
            }
        }
        opened
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
        let lane = self.open.get(&conversation);
        self.left.contains(&conversation) || lane.is_some_and(|lane| lane.holds(key))
    }

    pub(super) fn get_mut(&mut self, conversation: ConversationId) -> Option<&mut Lane> {
        self.open.get_mut(&conversation)
    }

    /// So many jobs have left their lane for good.
    pub(super) fn done(&mut self, jobs: usize) {
        self.jobs = self.jobs.saturating_sub(jobs);
    }

    /// The lane is ended; whether the store holds more of its work.
    pub(super) fn close(&mut self, conversation: ConversationId) -> bool {
        let lane = self.open.remove(&conversation);
        self.done(lane.map_or(0, |lane| lane.len() + lane.running()));
        self.note_change(conversation);
        self.left.contains(&conversation)
    }

    fn note_change(&mut self, conversation: ConversationId) {
        if let Some(changed) = &mut self.changed {
            changed.insert(conversation);
        }
    }
}

#[cfg(test)]
mod tests {
    use consultant_core::{Address, ChannelName, OutboxEntry, OutboxId, OutboxState};
    use uuid::Uuid;

    use super::*;
    use crate::dispatcher::lane::Work;

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
        };
        Job::new(Work::Deliver(entry), None)
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
