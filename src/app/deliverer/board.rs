//! What the platforms show by now of entries that are not ended: the one truth of this process,
//! whoever showed it, a preview, a delivery or an earlier process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use consultant_core::{OutboxEntry, OutboxId, Shown};

/// The messages that show each entry, part by part.
#[derive(Default)]
pub(super) struct Board(Mutex<HashMap<OutboxId, Vec<Shown>>>);

impl Board {
    /// What is shown of an entry; what the store knows where this process has shown nothing yet.
    pub(super) fn of(&self, entry: &OutboxEntry) -> Vec<Shown> {
        let here = self.lock().get(&entry.id).cloned();
        here.unwrap_or_else(|| entry.shown.clone())
    }

    /// Takes over what an earlier process had shown of an entry that it left.
    pub(super) fn take_over(&self, entry: &OutboxEntry) {
        let mut board = self.lock();
        if !entry.shown.is_empty() && !board.contains_key(&entry.id) {
            board.insert(entry.id.clone(), entry.shown.clone());
        }
    }

    /// Part number `part` is shown like this now.
    pub(super) fn put(&self, entry: &OutboxEntry, part: usize, now: Shown) {
        let mut board = self.lock();
        let shown = board
            .entry(entry.id.clone())
            .or_insert_with(|| entry.shown.clone());
        match shown.get_mut(part) {
            Some(before) => *before = now,
            None => shown.push(now),
        }
    }

    /// Nothing is shown beyond these many parts.
    pub(super) fn cut(&self, entry: &OutboxEntry, parts: usize) {
        if let Some(shown) = self.lock().get_mut(&entry.id) {
            shown.truncate(parts);
        }
    }

    /// The entry is ended.
    pub(super) fn forget(&self, entry: &OutboxId) {
        self.lock().remove(entry);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OutboxId, Vec<Shown>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
