//! The ids that were heard lately: the gateway repeats itself, and each event is heard twice on
//! purpose. The store also refuses a key twice; this spares it the work.

use std::collections::{HashSet, VecDeque};

/// How many ids are remembered: hours of a busy shop, and some 200 KB.
const REMEMBERED: usize = 10_000;

/// A bounded set that forgets its oldest members.
#[derive(Debug, Default)]
pub(super) struct Recent {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Recent {
    /// Whether this id was heard lately.
    pub(super) fn contains(&self, id: u64) -> bool {
        self.known.contains(&id)
    }

    /// Remembers an id; false if it was known.
    pub(super) fn insert(&mut self, id: u64) -> bool {
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
        assert!(recent.insert(1));
        assert!(!recent.insert(1));
        for id in 2..=REMEMBERED as u64 + 1 {
            assert!(recent.insert(id));
        }
        assert!(!recent.contains(1));
        assert!(recent.contains(2));
        assert_eq!(recent.known.len(), REMEMBERED);
        assert_eq!(recent.order.len(), REMEMBERED);
    }
}
