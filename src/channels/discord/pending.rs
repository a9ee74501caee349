//! Slash commands that were acknowledged with "thinking…" and wait for their text.
//!
//! Kept in memory only: after a restart, or when the token's 15 minutes are over, the reply is a
//! plain message instead.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use consultant_core::Address;
use serenity::all::MessageId;
use tokio::time::Instant;

/// An interaction's token is good for 15 minutes; one minute is kept for the way.
const TOKEN_LIFE: Duration = Duration::from_mins(14);
/// How many unanswered commands of one place are kept; who gives more gets plain messages.
const WAITING_PER_PLACE: usize = 8;

/// An interaction's token and its age.
#[derive(Clone, Debug)]
struct Token {
    text: String,
    since: Instant,
}

impl Token {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < TOKEN_LIFE
    }
}

/// Deferred replies by address, and the messages that completed one.
#[derive(Debug, Default)]
pub(super) struct Pending {
    waiting: HashMap<Address, VecDeque<Token>>,
    completed: HashMap<MessageId, Token>,
}

impl Pending {
    /// A deferred reply now waits at this address.
    pub(super) fn add(&mut self, address: Address, token: String) {
        self.forget_the_stale();
        let since = Instant::now();
        let waiting = self.waiting.entry(address).or_default();
        waiting.push_back(Token { text: token, since });
        if waiting.len() > WAITING_PER_PLACE {
            waiting.pop_front();
        }
    }

    /// The token of the oldest deferred reply at this address.
    pub(super) fn oldest(&self, address: &Address) -> Option<String> {
        let mut waiting = self.waiting.get(address)?.iter();
        let token = waiting.find(|token| token.is_fresh())?;
        Some(token.text.clone())
    }

    /// The deferred reply was completed by this message, or (`None`) cannot be completed.
    pub(super) fn settle(&mut self, address: &Address, token: &str, by: Option<MessageId>) {
        let Some(waiting) = self.waiting.get_mut(address) else {
            return;
        };
        let at = waiting.iter().position(|known| known.text == token);
        let settled = at.and_then(|at| waiting.remove(at));
        if waiting.is_empty() {
            self.waiting.remove(address);
        }
        if let (Some(message), Some(token)) = (by, settled) {
            self.completed.insert(message, token);
        }
    }

    /// The token by which a completed reply can be edited.
    pub(super) fn token_of(&self, message: MessageId) -> Option<String> {
        let token = self.completed.get(&message)?;
        token.is_fresh().then(|| token.text.clone())
    }

    fn forget_the_stale(&mut self) {
        self.completed.retain(|_, token| token.is_fresh());
        self.waiting.retain(|_, waiting| {
            waiting.retain(Token::is_fresh);
            !waiting.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use consultant_core::ChannelName;

    use super::*;

    fn here() -> Address {
        Address::new(ChannelName::Discord, "1")
    }

    #[tokio::test]
    async fn deferred_replies_are_completed_in_their_order() {
        let mut pending = Pending::default();
        pending.add(here(), "first".to_owned());
        pending.add(here(), "second".to_owned());
        assert_eq!(pending.oldest(&here()).as_deref(), Some("first"));
        pending.settle(&here(), "first", Some(MessageId::new(7)));
        assert_eq!(pending.oldest(&here()).as_deref(), Some("second"));
        assert_eq!(
            pending.token_of(MessageId::new(7)).as_deref(),
            Some("first")
        );
        pending.settle(&here(), "second", None);
        assert_eq!(pending.oldest(&here()), None);
    }

    #[tokio::test]
    async fn one_place_cannot_fill_the_memory() {
        let mut pending = Pending::default();
        for number in 0..100 {
            pending.add(here(), number.to_string());
        }
        assert_eq!(pending.waiting[&here()].len(), WAITING_PER_PLACE);
        assert_eq!(pending.oldest(&here()).as_deref(), Some("92"));
    }
}
