//! The notation of a place: `CHAT`, `CHAT#THREAD`, `CHAT/USER` or `CHAT#THREAD/USER`. Written and
//! read here only. A group's place names the customer, because a conversation is one customer's.

use std::{fmt, str::FromStr};

/// The thread id under which the General topic of a forum arrives. It must not be sent back.
pub(super) const GENERAL_TOPIC: i32 = 1;

/// A private chat, or one customer's place in a group or in one of its topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The chat; negative for groups.
    pub(super) chat: i64,
    /// The forum topic, [`GENERAL_TOPIC`] included.
    pub(super) thread: Option<i32>,
    /// The customer, in groups.
    pub(super) user: Option<i64>,
}

impl Place {
    /// The thread to name when sending: none for the General topic.
    pub(super) fn outbound_thread(self) -> Option<i32> {
        self.thread.filter(|thread| *thread != GENERAL_TOPIC)
    }

    /// Whether others read along.
    pub(super) const fn is_group(self) -> bool {
        self.chat < 0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.chat)?;
        if let Some(thread) = self.thread {
            write!(f, "#{thread}")?;
        }
        if let Some(user) = self.user {
            write!(f, "/{user}")?;
        }
        Ok(())
    }
}

/// A text that is no place of this channel.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a Telegram place")]
pub(super) struct NotAPlace(String);

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        read(text).ok_or_else(|| NotAPlace(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Place> {
    let (rest, user) = match text.split_once('/') {
        Some((rest, user)) => (rest, Some(user.parse().ok()?)),
        None => (text, None),
    };
    let (chat, thread) = match rest.split_once('#') {
        Some((chat, thread)) => (chat, Some(thread.parse().ok()?)),
        None => (rest, None),
    };
    Some(Place {
        chat: chat.parse().ok()?,
        thread,
        user,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_that_is_no_place_is_an_error() {
        for text in ["", "x", "1#", "1/", "1#2#3", "1/2/3", "#1", "1/2#3"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_general_topic_is_never_sent() {
        let general: Place = "-100#1/7".parse().unwrap();
        assert_eq!(general.outbound_thread(), None);
        let other: Place = "-100#2/7".parse().unwrap();
        assert_eq!(other.outbound_thread(), Some(2));
    }

    proptest! {
        #[test]
        fn every_place_survives_being_written_and_read(
            chat: i64, thread: Option<i32>, user: Option<i64>,
        ) {
            let place = Place { chat, thread, user };
            prop_assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        }
    }
}
