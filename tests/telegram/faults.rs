//! Ways in which a call can go wrong.

use std::time::Duration;

/// What happens to a call instead of its usual end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429: the chat must wait.
    FloodControl {
        /// How long; whole seconds.
        retry_after: Duration,
    },
    /// A refusal with a code and Telegram's words, before any effect.
    Refusal {
        /// For example 400.
        code: u16,
        /// For example `Bad Request: can't parse entities: …`.
        description: String,
    },
    /// 502 with a page instead of JSON, before any effect.
    BadGateway,
    /// The connection is reset before any effect.
    ResetBefore,
    /// The connection is reset after the effect.
    ResetAfter,
    /// 200 after the effect, but the body ends in the middle.
    CutAnswer,
    /// Nothing, until the client gives up.
    Hang,
}
