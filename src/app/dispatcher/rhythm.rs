//! When turns begin: after how much quiet, and how many a minute one customer and all together get.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use consultant_core::{ChannelName, ConversationId};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};
use tokio::time::Instant;

/// The longest wait for the end of a burst, however fast the customer goes on.
pub(super) const LONGEST_BURST: Duration = Duration::from_secs(5);

/// How long the parts of an album may be apart.
const ALBUM_QUIET: Duration = Duration::from_secs(2);

/// Customers that are remembered before those who have been quiet are forgotten.
const CUSTOMERS_REMEMBERED: usize = 10_000;

/// When turns begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// How long a customer must be quiet on Telegram.
    pub telegram_quiet: Duration,
    /// How long a customer must be quiet on Discord.
    pub discord_quiet: Duration,
    /// How many turns a minute one customer gets.
    pub turns_per_minute: u32,
    /// How many turns a minute all customers together get.
    pub turns_per_minute_in_all: u32,
}

impl Default for Rhythm {
    /// At once, and as many as anyone wants.
    fn default() -> Self {
        Self {
            telegram_quiet: Duration::ZERO,
            discord_quiet: Duration::ZERO,
            turns_per_minute: u32::MAX,
            turns_per_minute_in_all: u32::MAX,
        }
    }
}

impl Rhythm {
    /// How long to wait for more after a message on this channel. Parts of an album belong
    /// together even where nothing else is waited for.
    pub(super) fn quiet(&self, channel: ChannelName, album: bool) -> Duration {
        let quiet = match channel {
            ChannelName::Telegram => self.telegram_quiet,
            ChannelName::Discord => self.discord_quiet,
            ChannelName::Terminal | ChannelName::TerminalDesk => Duration::ZERO,
        };
        if album { quiet.max(ALBUM_QUIET) } else { quiet }
    }
}

/// How many turns each customer had lately, and all of them.
pub(super) struct Limits {
    customers: DefaultKeyedRateLimiter<ConversationId>,
    all: Mutex<Slots>,
}

impl Limits {
    pub(super) fn new(rhythm: &Rhythm) -> Self {
        let a_minute = NonZeroU32::new(rhythm.turns_per_minute).unwrap_or(NonZeroU32::MAX);
        Self {
            customers: RateLimiter::keyed(Quota::per_minute(a_minute)),
            all: Mutex::new(Slots::new(rhythm.turns_per_minute_in_all, Instant::now())),
        }
    }

    /// Takes a turn of this customer (zero), or tells how long to wait for one.
    pub(super) fn take(&self, conversation: ConversationId) -> Duration {
        if self.customers.len() > CUSTOMERS_REMEMBERED {
            self.customers.retain_recent();
        }
        match self.customers.check_key(&conversation) {
            Ok(()) => Duration::ZERO,
            Err(until) => until.wait_time_from(governor::clock::DefaultClock::default().now()),
        }
    }

    /// Takes the next turn that is free for anyone, and tells how long it is until then. Whoever
    /// has waited does not ask again: the turn is theirs.
    pub(super) fn take_of_all(&self) -> Duration {
        let mut slots = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        slots.take(Instant::now())
    }
}

/// Turns of everyone, one after another at a steady rate, handed out in advance: first come, first
/// served. A second's worth that nobody took may be made up for at once. (`governor` only tells
/// when to ask again; who of a waiting crowd comes first would be chance.)
struct Slots {
    every: Duration,
    next: Instant,
}

impl Slots {
    fn new(a_minute: u32, now: Instant) -> Self {
        Self {
            every: Duration::from_mins(1) / a_minute.max(1),
            next: now,
        }
    }

    fn take(&mut self, now: Instant) -> Duration {
        const MADE_UP_FOR: Duration = Duration::from_secs(1);
        let earliest = now.checked_sub(MADE_UP_FOR).unwrap_or(now);
        let slot = self.next.max(earliest);
        self.next = slot + self.every;
        slot.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_customer_s_flood_costs_nobody_else_a_turn() {
        let limits = Limits::new(&Rhythm {
            turns_per_minute: 3,
            ..Rhythm::default()
        });
        let [flooding, other] = [1, 2].map(|id| ConversationId(Uuid::from_u128(id)));
        let waits: Vec<bool> = (0..4).map(|_| limits.take(flooding).is_zero()).collect();
        assert_eq!(waits, [true, true, true, false]);
        assert!(limits.take(flooding) <= Duration::from_secs(20));
        assert!(limits.take(other).is_zero());
    }

    #[test]
    fn turns_of_all_are_handed_out_in_order_and_a_second_is_made_up_for() {
        let begin = Instant::now();
        let mut slots = Slots::new(120, begin);
        let at = |slots: &mut Slots, ms: u64| slots.take(begin + Duration::from_millis(ms));
        let waits = [0, 0, 0, 100].map(|ms| at(&mut slots, ms).as_millis());
        assert_eq!(waits, [0, 500, 1_000, 1_400]);
        let after_a_pause = [60_000; 4].map(|ms| at(&mut slots, ms).as_millis());
        assert_eq!(after_a_pause, [0, 0, 0, 500]);
    }

    #[test]
    fn an_album_is_waited_for_even_where_nothing_else_is() {
        let rhythm = Rhythm::default();
        assert_eq!(rhythm.quiet(ChannelName::Telegram, false), Duration::ZERO);
        assert_eq!(rhythm.quiet(ChannelName::Telegram, true), ALBUM_QUIET);
    }
}
