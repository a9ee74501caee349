//! Updates that were handed out and are not stored yet. Those of one chat are stored in order; a
//! slow file holds up its own chat only. A plain value: what is to be done is told to the caller.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use super::{place::Place, update::Read};

/// What keeps an order of its own: a chat, or everything that is nobody's words.
pub(super) type Line = Option<i64>;

/// So many updates wait before a slow file is given up. Telegram hands out a hundred at once.
const CROWD: usize = 64;

/// How long a file is waited for all the same. Most are there by then.
const SLOW: Duration = Duration::from_secs(5);

/// Updates between being handed out and being stored.
#[derive(Default)]
pub(super) struct Queue {
    lines: HashMap<Line, VecDeque<Slot>>,
    /// In memory, or refused by the store and to be handed out again.
    unstored: BTreeSet<i64>,
    /// In memory.
    taken: BTreeSet<i64>,
    /// Stored, though an earlier one is not, so that Telegram hands it out again.
    stored: BTreeSet<i64>,
    /// Lines whose first update the store refused, and when they may be tried again.
    resting: HashMap<Line, Instant>,
    /// The first number that was not handed out yet; none until one was.
    next: Option<i64>,
    /// Groups that have another number, which go on in their old line.
    moved: HashMap<i64, i64>,
    tickets: u64,
}

/// One taking of an update. The same update may be taken again while the file of an earlier taking
/// is still being had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    pub(super) line: Line,
    number: u64,
}

struct Slot {
    update_id: i64,
    ticket: Ticket,
    stage: Stage,
    taken_at: Instant,
}

/// How far an update has come.
enum Stage {
    /// Its file is being had.
    Fetching,
    Whole(Read),
    Storing,
}

impl Queue {
    /// The number up to which everything is stored, for Telegram to forget it.
    pub(super) fn offset(&self) -> Option<i64> {
        let first = self.unstored.first().copied();
        first.or(self.next).min(self.next)
    }

    /// Whether everything that was handed out is stored.
    pub(super) fn is_empty(&self) -> bool {
        self.unstored.is_empty()
    }

    /// Whether this update is handed out once more although it is in memory or was stored.
    pub(super) fn knows(&self, update_id: i64) -> bool {
        self.taken.contains(&update_id) || self.stored.contains(&update_id)
    }

    /// Takes an update whose file is still to be had. None while its line rests: then it comes
    /// again, behind what the store refused.
    pub(super) fn take(&mut self, update_id: i64, read: &Read) -> Option<Ticket> {
        let line = self.line_of(read);
        // A number from before the offset is a repetition, which confirms nothing.
        if self.offset().is_none_or(|offset| update_id >= offset) {
            self.unstored.insert(update_id);
        }
        if self
            .resting
            .get(&line)
            .is_some_and(|until| Instant::now() < *until)
        {
            return None;
        }
        self.resting.remove(&line);
        self.taken.insert(update_id);
        self.next = self.next.max(Some(update_id + 1));
        self.tickets += 1;
        let ticket = Ticket {
            line,
            number: self.tickets,
        };
        self.lines.entry(line).or_default().push_back(Slot {
            update_id,
            ticket,
            stage: Stage::Fetching,
            taken_at: Instant::now(),
        });
        Some(ticket)
    }

    /// An update is whole now. Nothing where the store refused what stood before it meanwhile.
    pub(super) fn had(&mut self, ticket: Ticket, read: Read) {
        let mut slots = self.lines.get_mut(&ticket.line).into_iter().flatten();
        if let Some(slot) = slots.find(|slot| slot.ticket == ticket) {
            slot.stage = Stage::Whole(read);
        }
    }

    /// The update of this line that is to be stored now, if it is whole and nobody is being stored.
    pub(super) fn next_to_store(&mut self, line: Line) -> Option<(i64, Read)> {
        let first = self.lines.get_mut(&line)?.front_mut()?;
        match std::mem::replace(&mut first.stage, Stage::Storing) {
            Stage::Whole(read) => Some((first.update_id, read)),
            other => {
                first.stage = other;
                None
            }
        }
    }

    /// Files that have to be given up by now, because the oldest update waits for one for long, and
    /// so much waits behind it that Telegram will soon show nothing new: it hands out no more than a
    /// hundred updates from the oldest one on.
    pub(super) fn too_slow(&self, now: Instant) -> Vec<Ticket> {
        let oldest = self.unstored.first().filter(|_| self.is_crowded());
        let is_slow =
            |slot: &Slot| matches!(slot.stage, Stage::Fetching) && now >= slot.taken_at + SLOW;
        let waits_for_it = |slots: &&VecDeque<Slot>| {
            let mut front = slots.front().into_iter();
            front.any(|slot| Some(&slot.update_id) == oldest && is_slow(slot))
        };
        let line = self.lines.values().find(waits_for_it);
        let slots = line.into_iter().flatten().filter(|slot| is_slow(slot));
        slots.map(|slot| slot.ticket).collect()
    }

    /// What is stored behind the oldest update is handed out again with it.
    fn is_crowded(&self) -> bool {
        self.unstored.len() + self.stored.len() >= CROWD
    }

    /// The first update of this line is stored.
    pub(super) fn stored(&mut self, line: Line) {
        let Some(slots) = self.lines.get_mut(&line) else {
            return;
        };
        if let Some(slot) = slots.pop_front() {
            self.taken.remove(&slot.update_id);
            self.unstored.remove(&slot.update_id);
            self.stored.insert(slot.update_id);
        }
        if slots.is_empty() {
            self.lines.remove(&line);
        }
        if let Some(offset) = self.offset() {
            self.stored = self.stored.split_off(&offset);
        }
    }

    /// The store refused the first update of this line: it comes again after this time, with all
    /// behind it.
    pub(super) fn refused(&mut self, line: Line, until: Instant) {
        for slot in self.lines.remove(&line).into_iter().flatten() {
            self.taken.remove(&slot.update_id);
        }
        self.resting.insert(line, until);
    }

    fn line_of(&mut self, read: &Read) -> Line {
        let chat = match read {
            Read::Heard(heard) => heard.inbound.address.place.parse::<Place>().ok()?.chat,
            Read::Migrated { from, to } => {
                self.moved.insert(*to, *from);
                *from
            }
            Read::Ignored | Read::Unreadable => return None,
        };
        Some(self.moved.get(&chat).copied().unwrap_or(chat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue with updates that are nobody's words, all whole.
    fn with(updates: &[i64]) -> Queue {
        let mut queue = Queue::default();
        for update_id in updates {
            let ticket = queue.take(*update_id, &Read::Ignored);
            queue.had(ticket.unwrap(), Read::Ignored);
        }
        queue
    }

    #[test]
    fn telegram_forgets_what_is_stored_and_nothing_else() {
        let mut queue = with(&[5, 6]);
        assert_eq!(queue.offset(), Some(5));
        assert!(queue.next_to_store(None).is_some_and(|(id, _)| id == 5));
        assert!(
            queue.next_to_store(None).is_none(),
            "one at a time in a line"
        );
        queue.stored(None);
        assert_eq!(queue.offset(), Some(6));
        queue.next_to_store(None);
        queue.stored(None);
        assert_eq!((queue.offset(), queue.is_empty()), (Some(7), true));
    }

    #[test]
    fn a_slow_file_holds_up_its_own_line_only() {
        let mut queue = Queue::default();
        let moved = Read::Migrated { from: -7, to: -8 };
        let slow = queue.take(5, &moved).unwrap();
        let other = queue.take(6, &Read::Ignored).unwrap();
        queue.had(other, Read::Ignored);
        assert!(queue.next_to_store(slow.line).is_none());
        queue.next_to_store(other.line);
        queue.stored(other.line);
        assert_eq!(queue.offset(), Some(5));
        assert!(
            queue.knows(6),
            "it is handed out again, and not stored again"
        );
        queue.had(slow, moved);
        queue.next_to_store(slow.line);
        queue.stored(slow.line);
        assert_eq!(queue.offset(), Some(7));
        assert!(!queue.knows(6));
    }

    /// Otherwise the end of the first download would have it stored a second time, and that would
    /// confirm the next one of its line, which nobody has stored.
    #[test]
    fn a_file_that_was_had_for_an_earlier_taking_is_nobody_s() {
        let mut queue = with(&[5]);
        let early = queue.take(6, &Read::Ignored).unwrap();
        queue.next_to_store(None);
        queue.refused(None, Instant::now());
        for update_id in [5, 6, 7] {
            let ticket = queue.take(update_id, &Read::Ignored).unwrap();
            assert_ne!(ticket, early);
            queue.had(ticket, Read::Ignored);
        }
        assert!(queue.next_to_store(None).is_some_and(|(id, _)| id == 5));
        queue.stored(None);
        assert!(queue.next_to_store(None).is_some_and(|(id, _)| id == 6));
        queue.had(early, Read::Ignored);
        assert!(queue.next_to_store(None).is_none(), "6 is being stored");
        queue.stored(None);
        assert_eq!(queue.offset(), Some(7));
    }

    #[test]
    fn files_that_keep_a_crowd_waiting_are_given_up_and_no_others() {
        let mut queue = Queue::default();
        let moved = || Read::Migrated { from: -7, to: -8 };
        let slow = queue.take(1, &moved()).unwrap();
        let other = queue.take(2, &Read::Ignored).unwrap();
        let slow_too = queue.take(3, &moved()).unwrap();
        let later = Instant::now() + Duration::from_mins(1);
        assert!(queue.too_slow(later).is_empty());
        for update_id in 4..100 {
            queue.take(update_id, &Read::Ignored);
        }
        assert!(
            queue.too_slow(Instant::now()).is_empty(),
            "it has just begun"
        );
        assert_eq!(queue.too_slow(later), [slow, slow_too]);
        for ticket in [slow, slow_too] {
            queue.had(ticket, moved());
            queue.next_to_store(ticket.line);
            queue.stored(ticket.line);
        }
        assert_eq!(queue.too_slow(later).first(), Some(&other));
    }

    #[test]
    fn what_the_store_refused_comes_again_with_all_behind_it() {
        let mut queue = with(&[5, 6]);
        queue.next_to_store(None);
        queue.refused(None, Instant::now() + Duration::from_mins(1));
        assert_eq!(queue.offset(), Some(5));
        assert!(!queue.knows(5) && !queue.knows(6));
        assert_eq!(queue.take(7, &Read::Ignored), None, "it would overtake");
        queue.refused(None, Instant::now());
        assert!(queue.take(5, &Read::Ignored).is_some());
    }

    #[test]
    fn what_comes_behind_a_refused_repetition_is_not_forgotten() {
        let mut queue = with(&[5]);
        queue.next_to_store(None);
        queue.stored(None);
        let again = queue.take(5, &Read::Ignored).unwrap();
        queue.had(again, Read::Ignored);
        queue.next_to_store(again.line);
        queue.refused(again.line, Instant::now() + Duration::from_mins(1));
        assert_eq!(queue.take(6, &Read::Ignored), None, "its line rests");
        let moved = Read::Migrated { from: -7, to: -8 };
        let other = queue.take(7, &moved).unwrap();
        queue.had(other, moved);
        queue.next_to_store(other.line);
        queue.stored(other.line);
        assert_eq!(queue.offset(), Some(6), "6 is to be handed out again");
    }

    #[test]
    fn a_repeated_number_confirms_nothing_and_holds_up_nothing() {
        let mut queue = with(&[5]);
        queue.next_to_store(None);
        queue.stored(None);
        let ticket = queue.take(3, &Read::Ignored).unwrap();
        assert_eq!((queue.offset(), queue.is_empty()), (Some(6), true));
        queue.had(ticket, Read::Ignored);
        queue.next_to_store(None);
        queue.stored(None);
        assert_eq!(queue.offset(), Some(6));
    }
}
