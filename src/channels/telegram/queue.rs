//! Updates that were handed out and are not stored yet. Those of one chat are stored in order; a
//! slow file holds up its own chat only. A plain value: what is to be done is told to the caller.

use std::collections::{BTreeSet, HashMap, VecDeque};

use tokio::time::Instant;

use super::{place::Place, update::Read};

/// What keeps an order of its own: a chat, or everything that is nobody's words.
pub(super) type Line = Option<i64>;

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
}

struct Slot {
    update_id: i64,
    /// None while its file is being had, and while it is being stored.
    read: Option<Read>,
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

    /// Takes an update whose file is still to be had; in which line it stands. None while the
    /// line rests: then it comes again, behind what the store refused.
    pub(super) fn take(&mut self, update_id: i64, read: &Read) -> Option<Line> {
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
        self.lines.entry(line).or_default().push_back(Slot {
            update_id,
            read: None,
        });
        Some(line)
    }

    /// An update is whole now.
    pub(super) fn had(&mut self, (line, update_id): (Line, i64), read: Read) {
        let mut slots = self.lines.get_mut(&line).into_iter().flatten();
        if let Some(slot) = slots.find(|slot| slot.update_id == update_id) {
            slot.read = Some(read);
        }
    }

    /// The update of this line that is to be stored now, if it is whole and nobody is being stored.
    pub(super) fn next_to_store(&mut self, line: Line) -> Option<(i64, Read)> {
        let first = self.lines.get_mut(&line)?.front_mut()?;
        let read = first.read.take()?;
        Some((first.update_id, read))
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
    use std::time::Duration;

    use super::*;

    /// A queue with updates that are nobody's words, all whole.
    fn with(updates: &[i64]) -> Queue {
        let mut queue = Queue::default();
        for update_id in updates {
            let line = queue.take(*update_id, &Read::Ignored);
            queue.had((line.unwrap(), *update_id), Read::Ignored);
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
        queue.had((other, 6), Read::Ignored);
        assert!(queue.next_to_store(slow).is_none());
        queue.next_to_store(other);
        queue.stored(other);
        assert_eq!(queue.offset(), Some(5));
        assert!(
            queue.knows(6),
            "it is handed out again, and not stored again"
        );
        queue.had((slow, 5), moved);
        queue.next_to_store(slow);
        queue.stored(slow);
        assert_eq!(queue.offset(), Some(7));
        assert!(!queue.knows(6));
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
        queue.had((again, 5), Read::Ignored);
        queue.next_to_store(again);
        queue.refused(again, Instant::now() + Duration::from_mins(1));
        assert_eq!(queue.take(6, &Read::Ignored), None, "its line rests");
        let moved = Read::Migrated { from: -7, to: -8 };
        let other = queue.take(7, &moved).unwrap();
        queue.had((other, 7), moved);
        queue.next_to_store(other);
        queue.stored(other);
        assert_eq!(queue.offset(), Some(6), "6 is to be handed out again");
    }

    #[test]
    fn a_repeated_number_confirms_nothing_and_holds_up_nothing() {
        let mut queue = with(&[5]);
        queue.next_to_store(None);
        queue.stored(None);
        let line = queue.take(3, &Read::Ignored).unwrap();
        assert_eq!((queue.offset(), queue.is_empty()), (Some(6), true));
        queue.had((line, 3), Read::Ignored);
        queue.next_to_store(line);
        queue.stored(line);
        assert_eq!(queue.offset(), Some(6));
    }
}
