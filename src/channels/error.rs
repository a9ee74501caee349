//! Why a channel does not start, or stopped for good.

use consultant_core::{ChannelName, ports::Cause};

/// Why a channel does not start, or stopped for good. Each says what an operator can do.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The platform does not know this token.
    #[error("{channel} refused the token: {hint}")]
    TokenRefused {
        /// Which platform.
        channel: ChannelName,
        /// What to do about it.
        hint: &'static str,
    },
    /// The platform does not grant what the channel needs.
    #[error("{channel} refused the connection: {hint}")]
    NotAllowed {
        /// Which platform.
        channel: ChannelName,
        /// What to do about it.
        hint: &'static str,
    },
    /// The platform did not answer, or not as it should.
    #[error("{channel} cannot be reached at {url}: {source}")]
    Unreachable {
        /// Which platform.
        channel: ChannelName,
        /// Its origin, never with a token.
        url: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The channel's client library stopped for a reason that a restart may cure.
    #[error("{channel} stopped: {source}")]
    Stopped {
        /// Which platform.
        channel: ChannelName,
        /// Why.
        #[source]
        source: Cause,
    },
    /// A setting that can never work.
    #[error("{channel}: `{key}` is {value:?}, but must be {expected}")]
    Setting {
        /// Which platform.
        channel: ChannelName,
        /// The setting's key path.
        key: &'static str,
        /// Its value; never a secret.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
}
