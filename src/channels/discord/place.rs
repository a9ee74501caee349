//! The notation of a Discord place in an address: `CHANNEL` for direct messages and for the channel
//! of a desk, `CHANNEL/USER` in a guild, where a conversation is still one customer's, and
//! `DESK#THREAD` for a room of a desk, which belongs to nobody. Parsed nowhere else.

use consultant_core::{Address, ChannelName};
use serenity::all::{ChannelId, UserId};

/// Where something is said, and whose the conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where messages go: the thread, where it is one.
    pub(super) channel: ChannelId,
    pub(super) whose: Whose,
}

/// Whose the conversation of a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Everybody's there: a direct message channel, or the channel that is a desk.
    Everybodys,
    /// One customer's, in a channel or thread of a guild.
    Customers(UserId),
    /// The channel is a room of this desk.
    RoomOf(ChannelId),
}

impl Place {
    /// A channel as a whole.
    pub(super) const fn whole(channel: ChannelId) -> Self {
        let whose = Whose::Everybodys;
        Self { channel, whose }
    }

    /// A room of a desk.
    pub(super) const fn room(desk: ChannelId, channel: ChannelId) -> Self {
        let whose = Whose::RoomOf(desk);
        Self { channel, whose }
    }

    /// One customer's place in a channel of a guild; without a customer, the whole channel.
    pub(super) fn of_customer(channel: ChannelId, customer: Option<UserId>) -> Self {
        let whose = customer.map_or(Whose::Everybodys, Whose::Customers);
        Self { channel, whose }
    }

    /// Whether others speak there too, with whom the customer is not to be confused.
    pub(super) const fn is_in_a_crowd(self) -> bool {
        matches!(self.whose, Whose::Customers(_))
    }

    /// Whether this is a room of that desk.
    pub(super) fn is_room_of(self, desk: Self) -> bool {
        self.whose == Whose::RoomOf(desk.channel) && desk.whose == Whose::Everybodys
    }

    pub(super) fn address(self) -> Address {
        let channel = self.channel;
        let place = match self.whose {
            Whose::Everybodys => channel.to_string(),
            Whose::Customers(user) => format!("{channel}/{user}"),
            Whose::RoomOf(desk) => format!("{desk}#{channel}"),
        };
        Address::new(ChannelName::Discord, place)
    }

    /// `None` for an address that this channel never made.
    pub(super) fn of(address: &Address) -> Option<Self> {
        if address.channel != ChannelName::Discord {
            return None;
        }
        let place = address.place.as_str();
        if let Some((desk, thread)) = place.split_once('#') {
            return Some(Self::room(channel(desk)?, channel(thread)?));
        }
        if let Some((place, user)) = place.split_once('/') {
            let user = UserId::new(snowflake(user)?);
            return Some(Self::of_customer(channel(place)?, Some(user)));
        }
        Some(Self::whole(channel(place)?))
    }
}

fn channel(text: &str) -> Option<ChannelId> {
    snowflake(text).map(ChannelId::new)
}

/// A positive number in digits. serenity's ids panic on zero, so it is refused here.
pub(super) fn snowflake(text: &str) -> Option<u64> {
    text.parse().ok().filter(|id| *id != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        check("1146#77", true);
        check("0", false);
        check("1146/0", false);
        check("1146#0", false);
        check("0#1146", false);
        check("", false);
        check("1146/", false);
        check("1146#", false);
        check("#1146", false);
        check("1146/7/7", false);
        check("1146#7#7", false);
        check("1146#7/7", false);
        check("1146/7#7", false);
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

    #[test]
    fn a_room_is_one_of_its_own_desk_alone() {
        let (desk, room) = (ChannelId::new(114), ChannelId::new(6));
        let is_room = |place: Place, desk| place.is_room_of(Place::whole(desk));
        assert!(is_room(Place::room(desk, room), desk));
        assert!(!is_room(Place::room(ChannelId::new(1), room), desk));
        assert!(!is_room(Place::whole(desk), desk));
        let customer = Place::of_customer(desk, Some(UserId::new(6)));
        assert!(!is_room(customer, desk));
        assert!(!Place::room(desk, room).is_room_of(Place::room(desk, desk)));
    }

    prop_compose! {
        fn any_place()(channel in 1_u64.., other in 1_u64.., kind in 0..3) -> Place {
            let channel = ChannelId::new(channel);
            match kind {
                0 => Place::whole(channel),
                1 => Place::of_customer(channel, Some(UserId::new(other))),
                _ => Place::room(ChannelId::new(other), channel),
            }
        }
    }

    proptest! {
        #[test]
        fn every_place_survives_being_written_and_read(place in any_place()) {
            prop_assert_eq!(Place::of(&place.address()), Some(place));
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".*") {
            Place::of(&Address::new(ChannelName::Discord, text));
        }
    }
}
