//! What one turn answers: a burst of messages that the customer means as one, with the edits that
//! arrived before the answer. Everything else (a command, a button, a timer) is a turn of its own,
//! but for what was only done again before the answer.

use std::collections::VecDeque;

use crate::{
    Address, Attachment, ChannelName, ConversationId, Envelope, Inbound, InboundEvent, InboundKey,
    MessageId, Unsupported,
};

/// The most messages of one turn; more than a person means as one, and a bound on a flood.
pub const MESSAGES_OF_A_BURST: usize = 20;

/// One or more inbounds of one conversation, answered together, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burst {
    first: Envelope,
    more: Vec<Envelope>,
}

impl From<Envelope> for Burst {
    fn from(first: Envelope) -> Self {
        let more = Vec::new();
        Self { first, more }
    }
}

impl Burst {
    /// Takes the first burst out of a queue, as long as it can be by now.
    pub fn gather(queue: &mut VecDeque<Envelope>) -> Option<Self> {
        let mut burst = Self::from(queue.pop_front()?);
        while queue.front().is_some_and(|next| burst.takes(next)) {
            burst.more.extend(queue.pop_front());
        }
        Some(burst)
    }

    /// Whether this inbound belongs into the same turn.
    pub fn takes(&self, next: &Envelope) -> bool {
        let same_place = self.first.inbound.address == next.inbound.address;
        let room = self.more.len() + 1 < MESSAGES_OF_A_BURST;
        room && match (&self.first.inbound.event, &next.inbound.event) {
            (_, InboundEvent::Edited { .. }) => self.holds(next.inbound.message.as_ref()),
            (InboundEvent::Message { .. }, InboundEvent::Message { .. })
            | (InboundEvent::Unsupported { .. }, InboundEvent::Unsupported { .. }) => same_place,
            // On Discord each press and each command waits for a reply of its own.
            (first, next) => {
                let is_discord = self.first.inbound.address.channel == ChannelName::Discord;
                same_place && !is_discord && is_done_again(first, next)
            }
        }
    }

    /// Whether a message of this name is among these.
    fn holds(&self, message: Option<&MessageId>) -> bool {
        message.is_some()
            && self.inbounds().any(|inbound| {
                inbound.message.as_ref() == message
                    && matches!(inbound.event, InboundEvent::Message { .. })
            })
    }

    /// Every inbound, oldest first.
    pub fn inbounds(&self) -> impl Iterator<Item = &Inbound> {
        self.envelopes().map(|envelope| &envelope.inbound)
    }

    /// Every envelope, oldest first.
    pub fn envelopes(&self) -> impl Iterator<Item = &Envelope> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// The oldest inbound, after which the answer is named.
    pub fn first(&self) -> &Inbound {
        &self.first.inbound
    }

    /// The newest inbound.
    pub fn last(&self) -> &Inbound {
        &self.more.last().unwrap_or(&self.first).inbound
    }

    /// Whose conversation.
    pub fn conversation(&self) -> ConversationId {
        self.first.conversation
    }

    /// The order of the answer within the conversation.
    pub fn sequence(&self) -> u64 {
        self.first.sequence
    }

    /// Where the answer goes.
    pub fn address(&self) -> &Address {
        &self.first.inbound.address
    }

    /// The customer's message that the answer replies to: the newest one.
    pub fn reply_to(&self) -> Option<&MessageId> {
        self.last().message.as_ref()
    }

    /// Every key that the turn answers.
    pub fn keys(&self) -> Vec<InboundKey> {
        self.inbounds().map(|inbound| inbound.key.clone()).collect()
    }

    /// What was said: one line a message, each as it was last edited. Nothing for other events.
    pub fn text(&self) -> String {
        let lines = self.inbounds().filter_map(|inbound| match &inbound.event {
            InboundEvent::Message { text, .. } => Some(self.newest(inbound).unwrap_or(text)),
            _ => None,
        });
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        lines.join("\n")
    }

    /// A message's text after its last edit, if it was edited.
    fn newest(&self, message: &Inbound) -> Option<&str> {
        message.message.as_ref()?;
        let edits = self.inbounds().filter(|it| it.message == message.message);
        edits
            .filter_map(|edit| match &edit.event {
                InboundEvent::Edited { text } => Some(text.as_str()),
                _ => None,
            })
            .last()
    }

    /// What nobody here can read; what several different things have in common is no more than that.
    pub fn unsupported(&self) -> Unsupported {
        let mut kinds = self.inbounds().filter_map(|inbound| match inbound.event {
            InboundEvent::Unsupported { what } => Some(what),
            _ => None,
        });
        let first = kinds.next().unwrap_or(Unsupported::Other);
        if kinds.all(|kind| kind == first) {
            first
        } else {
            Unsupported::Other
        }
    }

    /// What hangs on the messages, in order.
    pub fn attachments(&self) -> Vec<&Attachment> {
        self.inbounds()
            .filter_map(|inbound| match &inbound.event {
                InboundEvent::Message { attachments, .. } => Some(attachments),
                _ => None,
            })
            .flatten()
            .collect()
    }
}

/// Whether a button was pressed or a command given once more.
fn is_done_again(first: &InboundEvent, next: &InboundEvent) -> bool {
    let repeats = matches!(
        first,
        InboundEvent::Pressed { .. } | InboundEvent::Command { .. }
    );
    repeats && first == next
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::Command;

    fn envelope(sequence: u64, message: &str, event: InboundEvent) -> Envelope {
        let address = Address::new(ChannelName::Telegram, "7");
        let key = format!("telegram:1:{sequence}");
        let mut inbound = Inbound::new(key, address, Timestamp::UNIX_EPOCH, event);
        inbound.message = (!message.is_empty()).then(|| message.into());
        Envelope {
            conversation: ConversationId(Uuid::from_u128(1)),
            sequence,
            inbound,
        }
    }

    /// The texts of the bursts that a queue falls into; other events by their kind.
    fn bursts(events: Vec<(&str, InboundEvent)>) -> Vec<String> {
        let queue = events.into_iter().zip(1..);
        let mut queue: VecDeque<_> = queue
            .map(|((message, event), sequence)| envelope(sequence, message, event))
            .collect();
        std::iter::from_fn(|| Burst::gather(&mut queue))
            .map(|burst| match &burst.first().event {
                InboundEvent::Message { .. } => burst.text(),
                InboundEvent::Edited { text } => format!("edit of an answered one: {text}"),
                _ => "another event".to_owned(),
            })
            .collect()
    }

    fn says(text: &str) -> InboundEvent {
        InboundEvent::says(text)
    }

    fn edited(text: &str) -> InboundEvent {
        let text = text.to_owned();
        InboundEvent::Edited { text }
    }

    #[test]
    fn messages_in_a_row_are_one_turn_and_commands_stand_alone() {
        let help = InboundEvent::Command {
            command: Command::Help,
        };
        let found = bursts(vec![
            ("1", says("Hi")),
            ("2", says("")),
            ("3", says("how much is it?")),
            ("4", help),
            ("5", says("thanks")),
        ]);
        assert_eq!(found, ["Hi\nhow much is it?", "another event", "thanks"]);
    }

    #[test]
    fn what_is_done_again_before_the_answer_is_answered_once() {
        let unsupported = |what| InboundEvent::Unsupported { what };
        let pressed = |press: &str| InboundEvent::Pressed {
            press: press.to_owned(),
        };
        let help = || InboundEvent::Command {
            command: Command::Help,
        };
        let found = bursts(vec![
            ("1", unsupported(Unsupported::Sticker)),
            ("2", unsupported(Unsupported::Poll)),
            ("3", help()),
            ("4", help()),
            ("5", pressed("person")),
            ("5", pressed("person")),
            ("5", pressed("snooze")),
            ("6", says("Hi")),
        ]);
        assert_eq!(found.len(), 5, "{found:?}");
    }

    /// Discord shows "thinking" for each until it is answered by itself.
    #[test]
    fn on_discord_each_press_is_answered_by_itself() {
        let press = || InboundEvent::Pressed {
            press: "person".to_owned(),
        };
        let mut both = [envelope(1, "a", press()), envelope(2, "b", press())];
        for one in &mut both {
            one.inbound.address.channel = ChannelName::Discord;
        }
        let [first, next] = both;
        assert!(!Burst::from(first).takes(&next));
    }

    #[test]
    fn an_edit_amends_what_is_not_answered_yet() {
        let found = bursts(vec![
            ("1", says("two lamps")),
            ("2", says("in black")),
            ("1", edited("three lamps")),
            ("1", edited("four lamps")),
        ]);
        assert_eq!(found, ["four lamps\nin black"]);
    }

    #[test]
    fn an_edit_of_an_answered_message_is_a_turn_of_its_own() {
        let found = bursts(vec![("1", edited("three")), ("2", says("hello"))]);
        assert_eq!(found, ["edit of an answered one: three", "hello"]);
    }

    #[test]
    fn messages_without_a_name_are_never_taken_for_edited() {
        let found = bursts(vec![("", says("one")), ("", edited("two"))]);
        assert_eq!(found, ["one", "edit of an answered one: two"]);
    }

    #[test]
    fn a_flood_falls_into_bounded_turns() {
        let found = bursts(vec![("", says("x")); MESSAGES_OF_A_BURST * 2 + 1]);
        assert_eq!(found.len(), 3);
    }
}
