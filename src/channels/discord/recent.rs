//! What was heard lately: the gateway repeats itself, and each event is heard twice on purpose.
//! The store also refuses a key twice; this spares it the work.

use std::collections::{HashSet, VecDeque};

/// How many ids are remembered: hours of a busy shop, and some 200 KB.
const REMEMBERED: usize = 10_000;

/// A message or an interaction by its id, and which state of it: 0, or the time of an edit.
pub(super) type Name = (u64, i64);

/// A bounded set that forgets its oldest members.
#[derive(Debug, Default)]
pub(super) struct Recent {
    known: HashSet<Name>,
    order: VecDeque<Name>,
}

impl Recent {
    /// Whether this id was heard lately.
    pub(super) fn contains(&self, id: Name) -> bool {
        self.known.contains(&id)
    }

    /// Remembers an id; false if it was known.
    pub(super) fn insert(&mut self, id: Name) -> bool {
        if !self.known.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_forgotten_when_it_is_the_oldest_of_too_many() {
        let mut recent = Recent::default();
        assert!(recent.insert((1, 0)));
        assert!(!recent.insert((1, 0)));
        for id in 2..=REMEMBERED as u64 + 1 {
            assert!(recent.insert((id, 0)));
        }
        assert!(!recent.contains((1, 0)));
        assert!(recent.contains((2, 0)));
        assert_eq!(recent.known.len(), REMEMBERED);
        assert_eq!(recent.order.len(), REMEMBERED);
    }
}
