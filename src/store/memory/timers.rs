//! Timers, which become inbounds.

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Envelope, Timer,
    ports::{StoreError, Timers},
};
use jiff::Timestamp;

use super::{MemoryStore, state::State};
use crate::{
    record::fired,
    times::{Stamp, moment},
};

#[async_trait]
impl Timers for MemoryStore {
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let state = self.state();
        let homes = state.conversations.values();
        let timers = homes.flat_map(|home| home.timers.values());
        let next = timers.map(|timer| timer.due.as_millisecond()).min();
        Ok(next.map(moment))
    }

    async fn fire_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Envelope>, StoreError> {
        let stamp = self.times.stamp();
        let mut state = self.state();
        let due = state.due(now.as_millisecond(), limit);
        let fired = due.iter().filter_map(|timer| state.fire(timer, stamp));
        Ok(fired.collect())
    }

    async fn timers(&self, conversation: ConversationId) -> Result<Vec<Timer>, StoreError> {
        let state = self.state();
        let found = state.conversations.get(&conversation);
        let timers = found.into_iter().flat_map(|home| home.timers.values());
        let mut timers: Vec<_> = timers.cloned().collect();
        timers.sort_by_key(|timer| timer.due);
        Ok(timers)
    }
}

impl State {
    /// The oldest timers that are due.
    fn due(&self, now: i64, limit: usize) -> Vec<Timer> {
        let homes = self.conversations.values();
        let timers = homes.flat_map(|home| home.timers.values());
        let due = timers.filter(|timer| timer.due.as_millisecond() <= now);
        let mut due: Vec<_> = due.cloned().collect();
        due.sort_by_key(|timer| (timer.due.as_millisecond(), timer.conversation));
        due.truncate(limit);
        due
    }

    /// Moves a timer into the inbox, unless its key says that it was there before.
    fn fire(&mut self, timer: &Timer, stamp: Stamp) -> Option<Envelope> {
        let home = self.conversations.get_mut(&timer.conversation)?;
        home.timers.remove(&timer.id)?;
        if self.remembers(&timer.key(), stamp) {
            return None;
        }
        Some(self.keep(timer.conversation, fired(timer), stamp))
    }
}
