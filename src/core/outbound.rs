//! All that the engine may do, and the messages that it leaves in the outbox.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Address, Attachment, Card, ConversationId, MessageId, OutboxId};

/// What the engine asks of the world. Closed: the engine has no other way to act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Show that an answer is being written.
    Typing(Address),
    /// Wait, because the model's queue is full. The engine has no timer of its own.
    Pause(Duration),
    /// Show the guarded text so far of an open entry. Best effort: the final delivery repairs it.
    Preview(OutboxEntry),
    /// Deliver a committed, final entry.
    Deliver(OutboxEntry),
}

/// A message to the customer, stored before the customer can see any of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Derived from the inbound key that it answers.
    pub id: OutboxId,
    /// Whose conversation.
    pub conversation: ConversationId,
    /// Where to.
    pub address: Address,
    /// The order of delivery within the conversation.
    pub sequence: u64,
    /// Markdown subset: bold, italic, code, fences, links, lists. Empty while nothing is guarded yet.
    pub text: String,
    /// What hangs under the last part of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The customer's message that it answers, where the platform names messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// Whether the text is final.
    pub state: OutboxState,
    /// The platform messages that already show parts of it, in order.
    pub shown: Vec<Shown>,
    /// Whose words these are, where they are not the bot's to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relayed: Option<Box<Relayed>>,
}

impl OutboxEntry {
    /// Who speaks to whom.
    pub fn voice(&self) -> Voice {
        let relayed = self.relayed.as_ref();
        relayed.map_or(Voice::Bot, |relayed| relayed.voice)
    }
}

/// Who speaks to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// The bot to the customer: only while no person has the conversation.
    Bot,
    /// A person, or the product about a person, to the customer.
    Agent,
    /// Whoever to the desk: nothing of it is for the customer's eyes.
    Desk,
}

/// What an entry has more, where it is not the bot's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relayed {
    /// Who speaks to whom.
    pub voice: Voice,
    /// Whether the text stands as somebody wrote it, Markdown or not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verbatim: bool,
    /// What a room is called that is opened with it, where there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    /// Whether it changes what was shown of an earlier message under the same name, and what hangs on
    /// that one stays; with no words it takes it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub corrects: bool,
    /// What hangs on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Where these were sent, and so where their files are kept.
    pub from: Address,
    /// The message on the other side that this one shows: what an edit or an answer there is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<MessageId>,
    /// The message on the other side that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<MessageId>,
    /// What becomes of the room that it is shown in.
    #[serde(default, skip_serializing_if = "RoomChange::is_none")]
    pub room: RoomChange,
}

/// What becomes of a room of a desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChange {
    /// What it is called from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it is open from now on, where that changes: it is opened before something is said in
    /// it, and closed behind that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
}

impl RoomChange {
    /// Whether it stays as it is.
    pub const fn is_none(&self) -> bool {
        self.title.is_none() && self.open.is_none()
    }
}

/// Where an outbox entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Still being written; a crash here repeats the turn, which reuses the entry.
    Open,
    /// Final, to be delivered.
    Ready,
    /// Delivered whole.
    Delivered,
    /// Given up, because the place is gone (blocked, deleted, no right to write), or because a person
    /// took the conversation over before the bot had said it.
    Undeliverable,
}

/// One platform message that shows a part of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The platform's own name for the message, in the channel's notation.
    pub receipt: Receipt,
    /// The text it shows now.
    pub text: String,
    /// Whether the entry's card hangs under it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carded: bool,
}

/// A platform's name for a message that it accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipt(pub String);
