//! A bounded memory, which forgets what it learned first.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// What is remembered by a name.
#[derive(Debug)]
pub(super) struct Memory<K, V> {
    bound: usize,
    known: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K: Clone + Eq + Hash, V> Memory<K, V> {
    /// Remembers so much and not more.
    pub(super) fn of(bound: usize) -> Self {
        Self {
            bound,
            known: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.known.get(key)
    }

    /// Learns something, or something else of what it knows.
    pub(super) fn learn(&mut self, key: K, value: V) {
        if self.known.insert(key.clone(), value).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > self.bound
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_first_is_forgotten_first() {
        let mut memory = Memory::of(2);
        memory.learn(1, "a");
        memory.learn(2, "b");
        memory.learn(1, "c");
        assert_eq!(memory.get(&1), Some(&"c"));
        memory.learn(3, "d");
        assert_eq!(memory.get(&1), None);
        assert_eq!((memory.get(&2), memory.get(&3)), (Some(&"b"), Some(&"d")));
        assert_eq!((memory.known.len(), memory.order.len()), (2, 2));
    }
}
