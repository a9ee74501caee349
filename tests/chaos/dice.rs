//! Everything random of a schedule, from one seed. `ChaCha` is specified bit by bit, so that a seed
//! means the same on every machine and after every upgrade.

use std::time::Duration;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Throws of one schedule.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of this schedule of a run with this seed.
    pub(super) fn new(seed: u64, schedule: u64) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        dice.set_stream(schedule);
        Self(dice)
    }

    /// A number from 0 up to, not including, `sides`.
    pub(super) fn below(&mut self, sides: usize) -> usize {
        let sides = u32::try_from(sides.max(1)).unwrap_or(u32::MAX);
        // The bias is far below what a few thousand schedules could show.
        (self.0.next_u32() % sides) as usize
    }

    /// A number of this range, its end included.
    pub(super) fn from(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// Whether one of so many sides came up.
    pub(super) fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    /// One of these, each as likely as it stands there often.
    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// A time of this many milliseconds.
    pub(super) fn millis(&mut self, least: usize, most: usize) -> Duration {
        Duration::from_millis(self.from(least, most) as u64)
    }
}
