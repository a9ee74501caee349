//! The one place that reads the machine's clock.

use consultant_core::ports::Clock;
use jiff::Timestamp;

/// The machine's time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Clock that all others take"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
