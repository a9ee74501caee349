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
    /// The terminal desk cannot be opened.
    #[error("the terminal desk cannot be opened: {what}")]
    NoDoor {
        /// Where, and why.
        what: String,
        /// What to do about it.
        hint: &'static str,
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

impl ChannelError {
    /// What an operator can try next.
    pub fn hint(&self) -> String {
        match self {
            Self::TokenRefused { .. } | Self::NotAllowed { .. } => {
                "when that is done, start it again".to_owned()
            }
            Self::Unreachable { channel, url, .. } => format!(
                "check that this machine reaches {url}, through its firewall and by name; \
                 {}.api_url names another address",
                channel.as_str()
            ),
            Self::Stopped { .. } => "start it again; if it stops again at once, the log lines \
                                     before this one say why"
                .to_owned(),
            Self::NoDoor { hint, .. } => (*hint).to_owned(),
            Self::Setting { key, expected, .. } => format!("set {key} to {expected}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_says_what_to_try_next() {
        let channel = ChannelName::Discord;
        let url = "http://127.0.0.1:1".to_owned();
        let source = || Cause::from("nobody answers");
        let errors = [
            ChannelError::TokenRefused { channel, hint: "a" },
            ChannelError::NotAllowed { channel, hint: "a" },
            ChannelError::Unreachable {
                channel,
                url,
                source: source(),
            },
            ChannelError::Stopped {
                channel,
                source: source(),
            },
            ChannelError::NoDoor {
                what: String::new(),
                hint: "a",
            },
            ChannelError::Setting {
                channel,
                key: "discord.api_url",
                value: String::new(),
                expected: "an address",
            },
        ];
        assert!(errors.iter().all(|error| !error.hint().is_empty()));
        assert!(errors[2].hint().contains("discord.api_url"));
    }
}
