//! Where a message came from or goes to. The place is opaque here: only the channels know what
//! a Telegram chat or a Discord thread is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A messaging platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelName {
    /// Standard input and output of `consultant chat`.
    Terminal,
    /// Telegram's Bot API.
    Telegram,
    /// Discord's gateway and REST API.
    Discord,
}

impl ChannelName {
    /// The name as it stands in keys, logs and config: `terminal`, `telegram`, `discord`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Telegram => "telegram",
            Self::Discord => "discord",
        }
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Channel and place (chat, topic or thread). One address leads to one conversation.
///
/// A place in a group names the customer too (the channel decides how), because a conversation
/// is *one* customer's dialogue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// The platform.
    pub channel: ChannelName,
    /// The place, in the channel's own notation; never parsed outside its channel.
    pub place: String,
}

impl Address {
    /// An address from its parts.
    pub fn new(channel: ChannelName, place: impl Into<String>) -> Self {
        Self {
            channel,
            place: place.into(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.channel, self.place)
    }
}
