//! All that can wake the engine. A closed enum: a new kind of event is a new variant here,
//! never a flag on an old one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Address, Attachment, ConversationId, InboundKey, MessageId, Purpose, desk::AtDesk};

/// One platform update, before and after it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Idempotency key; the platform may deliver the same update again.
    pub key: InboundKey,
    /// Where it came from and where the answer goes.
    pub address: Address,
    /// When the platform says that it was written.
    pub sent_at: Timestamp,
    /// The platform's hint at the customer's language (BCP 47, for example `zh-hans`), if any.
    pub locale: Option<String>,
    /// Which of the customer's messages this is or is about, where the platform names them: an
    /// edit names the message that it changes, and an answer in a crowd replies to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// What the platform calls the album that this message is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// The message that it answers, where the platform says so: one of the customer's own, or one that
    /// they were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<MessageId>,
    /// What happened.
    pub event: InboundEvent,
}

impl Inbound {
    /// An update without a language hint, a message of its own, an album or a message that it answers.
    pub fn new(
        key: impl Into<InboundKey>,
        address: Address,
        sent_at: Timestamp,
        event: InboundEvent,
    ) -> Self {
        Self {
            key: key.into(),
            address,
            sent_at,
            locale: None,
            message: None,
            album: None,
            quotes: None,
            event,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum InboundEvent {
    /// The customer wrote. The text is as the platform delivered it, without the bot's mention.
    Message {
        /// The text; may be empty, huge, or made of control characters.
        text: String,
        /// What hangs on it, in the platform's order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
    },
    /// The customer changed a message: an amendment, never a new question.
    Edited {
        /// The new text.
        text: String,
    },
    /// The customer pressed a button under one of our messages.
    Pressed {
        /// What the button carries; foreign input, see [`Press`](crate::Press).
        press: String,
    },
    /// A timer of this conversation fired.
    Fired {
        /// What it was set for.
        #[serde(flatten)]
        purpose: Purpose,
        /// When it was set.
        set_at: Timestamp,
    },
    /// Somebody did something in a room of a desk.
    AtDesk(AtDesk),
    /// The customer blocked the bot or left: nothing more reaches them.
    Left,
    /// The customer gave one of the bot's commands.
    Command {
        /// Which one.
        command: Command,
    },
    /// Something that cannot be handled yet; it gets an honest line, never silence.
    Unsupported {
        /// What it was.
        what: Unsupported,
    },
}

impl InboundEvent {
    /// Whether it comes from a desk, and so goes before whatever the customer said.
    pub const fn is_of_the_desk(&self) -> bool {
        matches!(self, Self::AtDesk(_))
    }

    /// A message of words alone.
    pub fn says(text: impl Into<String>) -> Self {
        Self::Message {
            text: text.into(),
            attachments: Vec::new(),
        }
    }
}

/// The bot's own commands (`/start` on Telegram, the slash twin on Discord).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Begin, or greet again.
    Start,
    /// What the bot can do.
    Help,
    /// Forget this conversation and begin anew.
    Reset,
}

impl Command {
    /// Every command, in the order in which menus show them.
    pub const ALL: [Self; 3] = [Self::Start, Self::Help, Self::Reset];

    /// The name without its slash.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Help => "help",
            Self::Reset => "reset",
        }
    }

    /// The command of this name, if it is one of ours.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|command| command.name().eq_ignore_ascii_case(name))
    }
}

/// Kinds of content that no port can read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsupported {
    /// A sticker or an animated emoji.
    Sticker,
    /// A picture.
    Picture,
    /// A voice note or other audio.
    Voice,
    /// A video.
    Video,
    /// A file.
    File,
    /// A place on the map.
    Location,
    /// A poll.
    Poll,
    /// A contact card.
    Contact,
    /// Anything else that a customer can send.
    Other,
}

/// An inbound that the store holds: it now has a conversation and a place in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The conversation that its address leads to.
    pub conversation: ConversationId,
    /// Rises by at least one with every inbound of this conversation; the order of answering.
    pub sequence: u64,
    /// The update itself.
    pub inbound: Inbound,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChannelName, desk::DeskEvent};

    fn inbound(event: InboundEvent) -> Inbound {
        let address = Address::new(ChannelName::Telegram, "7");
        Inbound::new("k1", address, Timestamp::UNIX_EPOCH, event)
    }

    fn fired(purpose: Purpose) -> InboundEvent {
        let set_at = Timestamp::UNIX_EPOCH;
        InboundEvent::Fired { purpose, set_at }
    }

    fn at_desk(what: DeskEvent) -> InboundEvent {
        InboundEvent::AtDesk(AtDesk {
            user: "9".to_owned(),
            name: "Mia".to_owned(),
            among_all: false,
            what,
        })
    }

    #[test]
    fn the_stored_form_of_every_event_is_a_decision() {
        let place = Attachment::Location {
            latitude_microdegrees: 1,
            longitude_microdegrees: -2,
        };
        let whole = Inbound {
            locale: Some("zh-hans".to_owned()),
            message: Some("9".into()),
            album: Some("a".to_owned()),
            ..inbound(InboundEvent::Message {
                text: "你好".to_owned(),
                attachments: vec![place],
            })
        };
        let text = || "x".to_owned();
        let events = [
            InboundEvent::says("hi"),
            InboundEvent::Edited { text: text() },
            InboundEvent::Pressed { press: text() },
            fired(Purpose::FollowUp { text: text() }),
            fired(Purpose::Reminder { text: text() }),
            fired(Purpose::RemindDesk),
            fired(Purpose::EndWaiting),
            InboundEvent::Left,
            at_desk(DeskEvent::Wrote {
                text: text(),
                attachments: Vec::new(),
                quotes: Some("8".into()),
            }),
            at_desk(DeskEvent::Rewrote { text: text() }),
            at_desk(DeskEvent::Other {
                what: Unsupported::Sticker,
            }),
            at_desk(DeskEvent::TookBack),
            at_desk(DeskEvent::Pressed { press: text() }),
        ];
        let commands = Command::ALL.map(|command| InboundEvent::Command { command });
        let odd = [
            Unsupported::Sticker,
            Unsupported::Picture,
            Unsupported::Voice,
            Unsupported::Video,
            Unsupported::File,
            Unsupported::Location,
            Unsupported::Poll,
            Unsupported::Contact,
            Unsupported::Other,
        ];
        let odd = odd.map(|what| InboundEvent::Unsupported { what });
        let events = events.into_iter().chain(commands).chain(odd);
        let all: Vec<_> = std::iter::once(whole).chain(events.map(inbound)).collect();
        insta::assert_json_snapshot!(all);
    }
}
