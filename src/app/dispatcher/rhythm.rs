//! When turns begin: after how much quiet, and how many a minute one customer gets.

use std::{num::NonZeroU32, time::Duration};

use consultant_core::{ChannelName, ConversationId};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

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
}

impl Default for Rhythm {
    /// At once, and as many as anyone wants.
    fn default() -> Self {
        Self {
            telegram_quiet: Duration::ZERO,
            discord_quiet: Duration::ZERO,
            turns_per_minute: u32::MAX,
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
            ChannelName::Terminal => Duration::ZERO,
        };
        if album { quiet.max(ALBUM_QUIET) } else { quiet }
    }
}

/// How many turns each customer had lately.
pub(super) struct Limits(DefaultKeyedRateLimiter<ConversationId>);

impl Limits {
    pub(super) fn new(rhythm: &Rhythm) -> Self {
        let a_minute = NonZeroU32::new(rhythm.turns_per_minute).unwrap_or(NonZeroU32::MAX);
        Self(RateLimiter::keyed(Quota::per_minute(a_minute)))
    }

    /// Takes a turn (zero), or tells how long to wait for one.
    pub(super) fn take(&self, conversation: ConversationId) -> Duration {
        if self.0.len() > CUSTOMERS_REMEMBERED {
            self.0.retain_recent();
        }
        match self.0.check_key(&conversation) {
            Ok(()) => Duration::ZERO,
            Err(until) => until.wait_time_from(governor::clock::DefaultClock::default().now()),
        }
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
    fn an_album_is_waited_for_even_where_nothing_else_is() {
        let rhythm = Rhythm::default();
        assert_eq!(rhythm.quiet(ChannelName::Telegram, false), Duration::ZERO);
        assert_eq!(rhythm.quiet(ChannelName::Telegram, true), ALBUM_QUIET);
    }
}
