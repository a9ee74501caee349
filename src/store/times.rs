//! When things end: sessions by their time-out, keys and ended entries by the retention. All in
//! whole milliseconds since 1970 of the injected clock, which every store can compare exactly.

use std::{sync::Arc, time::Duration};

use consultant_core::{ConversationId, ports::Clock};
use uuid::{NoContext, Timestamp, Uuid};

use crate::StoreSettings;

/// The port promises that a key is remembered for at least this long.
const SHORTEST_RETENTION: Duration = Duration::from_hours(48);

/// The clock with the two spans that a store needs.
pub(crate) struct Times {
    clock: Arc<dyn Clock>,
    session_timeout: i64,
    retention: i64,
}

impl Times {
    pub(crate) fn new(settings: &StoreSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            session_timeout: millis(settings.session_timeout),
            retention: millis(settings.key_retention.max(SHORTEST_RETENTION)),
        }
    }

    /// Now, and what follows from it.
    pub(crate) fn stamp(&self) -> Stamp {
        let now = self.clock.now().as_millisecond();
        Stamp {
            now,
            session_ends: now.saturating_add(self.session_timeout),
            forget_before: now.saturating_sub(self.retention),
        }
    }

    /// How long a session lives, in milliseconds.
    pub(crate) fn session_timeout(&self) -> i64 {
        self.session_timeout
    }

    /// How long keys and ended entries are kept, in milliseconds.
    pub(crate) fn retention(&self) -> i64 {
        self.retention
    }

    /// A new conversation id: UUID version 7 with the clock's time, so that ids sort by age.
    pub(crate) fn mint(&self) -> ConversationId {
        let now = self.clock.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        ConversationId(Uuid::new_v7(Timestamp::from_unix(
            NoContext,
            seconds,
            nanoseconds,
        )))
    }
}

/// One moment, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    /// The moment.
    pub(crate) now: i64,
    /// When a session that is put now ends.
    pub(crate) session_ends: i64,
    /// Answered keys and ended entries from before this may be forgotten.
    pub(crate) forget_before: i64,
}

/// The moment of so many milliseconds since 1970, or the nearest that there is.
pub(crate) fn moment(millis: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct At(jiff::Timestamp);

    impl Clock for At {
        fn now(&self) -> jiff::Timestamp {
            self.0
        }
    }

    fn times(second: i64, key_retention: Duration) -> Times {
        let settings = StoreSettings {
            key_retention,
            ..StoreSettings::default()
        };
        let moment = jiff::Timestamp::from_second(second).unwrap();
        Times::new(&settings, Arc::new(At(moment)))
    }

    #[test]
    fn ids_carry_the_time_of_the_clock_and_sort_by_it() {
        let hour = Duration::from_hours(1);
        let (older, newer) = (times(1000, hour).mint(), times(1001, hour).mint());
        assert!(older < newer);
        assert_eq!(older.0.get_version_num(), 7);
        assert_eq!(older.0.get_timestamp().unwrap().to_unix().0, 1000);
    }

    #[test]
    fn a_clock_before_1970_still_mints() {
        assert_eq!(
            times(-5, Duration::from_hours(1))
                .mint()
                .0
                .get_version_num(),
            7
        );
    }

    #[test]
    fn a_retention_below_the_promise_is_raised_to_it() {
        let hours = 48 * 3_600_000;
        let stamp = times(0, Duration::from_secs(1)).stamp();
        assert_eq!(stamp.forget_before, -hours);
    }
}
