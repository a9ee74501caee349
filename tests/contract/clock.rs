//! A clock that stands still until it is told to move.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use consultant_core::ports::Clock;
use jiff::Timestamp;

/// Time as a test wants it.
#[derive(Debug)]
pub struct FrozenClock(Mutex<Timestamp>);

impl FrozenClock {
    /// A clock that shows this moment.
    pub fn at(moment: Timestamp) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves on.
    pub fn advance(&self, span: Duration) {
        *self.hands() += span;
    }

    /// Is set back, as a machine's clock is that went wrong.
    pub fn set_back(&self, span: Duration) {
        *self.hands() -= span;
    }

    fn hands(&self) -> MutexGuard<'_, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for FrozenClock {
    /// Noon of the first of January 2030 (UTC): no machine's own time, so that whoever reads
    /// another clock is found out.
    fn default() -> Self {
        Self::at(Timestamp::UNIX_EPOCH + Duration::from_hours(525_972))
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        *self.hands()
    }
}
