//! Where a message came from or goes to. The place is opaque here: only the channels know what
//! a Telegram chat or a Discord thread is.

use std::{fmt, str::FromStr};

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
    /// The desk of `consultant desk`. Apart from [`Self::Terminal`], so that nothing that is for
    /// colleagues can ever stand on the screen of somebody who talks to the bot in a terminal.
    TerminalDesk,
}

impl ChannelName {
    /// Every platform.
    pub const ALL: [Self; 4] = [
        Self::Terminal,
        Self::Telegram,
        Self::Discord,
        Self::TerminalDesk,
    ];

    /// The platform of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }

    /// The name as it stands in keys, logs and config: `terminal`, `telegram`, `discord`,
    /// `terminal_desk`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Telegram => "telegram",
            Self::Discord => "discord",
            Self::TerminalDesk => "terminal_desk",
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

/// A text that is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address begins with `terminal:`, `telegram:`, `discord:` or `terminal_desk:`")]
pub struct NotAnAddress;

impl FromStr for Address {
    type Err = NotAnAddress;

    /// Reads what [`Address`] shows; the place may be anything.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let (channel, place) = text.split_once(':').ok_or(NotAnAddress)?;
        let channel = ChannelName::from_name(channel).ok_or(NotAnAddress)?;
        Ok(Self::new(channel, place))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.channel, self.place)
    }
}
