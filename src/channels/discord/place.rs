//! The notation of a Discord place in an address: `CHANNEL` for direct messages, `CHANNEL/USER`
//! in a guild, where a conversation is still one customer's. Parsed nowhere else.

use consultant_core::{Address, ChannelName};
use serenity::all::{ChannelId, UserId};

/// A direct message channel, or one customer in a guild channel or thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) channel: ChannelId,
    pub(super) user: Option<UserId>,
}

impl Place {
    pub(super) fn address(self) -> Address {
        let place = match self.user {
            Some(user) => format!("{}/{user}", self.channel),
            None => self.channel.to_string(),
        };
        Address::new(ChannelName::Discord, place)
    }

    /// `None` for an address that this channel never made.
    pub(super) fn of(address: &Address) -> Option<Self> {
        if address.channel != ChannelName::Discord {
            return None;
        }
        let (channel, user) = match address.place.split_once('/') {
            Some((channel, user)) => (channel, Some(UserId::new(snowflake(user)?))),
            None => (address.place.as_str(), None),
        };
        let channel = ChannelId::new(snowflake(channel)?);
        Some(Self { channel, user })
    }
}

/// A positive number in digits. serenity's ids panic on zero, so it is refused here.
pub(super) fn snowflake(text: &str) -> Option<u64> {
    text.parse().ok().filter(|id| *id != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(place: &str, known: bool) {
        let address = Address::new(ChannelName::Discord, place);
        let parsed = Place::of(&address);
        assert_eq!(parsed.is_some(), known);
        if let Some(parsed) = parsed {
            assert_eq!(parsed.address(), address);
        }
    }

    #[test]
    fn a_place_reads_as_it_was_written() {
        check("1146", true);
        check("1146/77", true);
        check("0", false);
        check("1146/0", false);
        check("", false);
        check("1146/", false);
        check("1146/7/7", false);
        check("-5", false);
        check("general", false);
    }

    #[test]
    fn another_channels_address_is_not_ours() {
        assert_eq!(
            Place::of(&Address::new(ChannelName::Telegram, "1146")),
            None
        );
    }
}
