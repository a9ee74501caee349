//! The ways in and out: where channels hand in, and how answers are shown.

use std::time::Duration;

use async_trait::async_trait;

use crate::{Address, Card, ChannelName, Effect, FileKind, Inbound, MessageId, Receipt};

use super::{Cause, StoreError};

/// Where the channels hand in what they received.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Stores an inbound and has it answered. The channel acknowledges to its platform only
    /// after this returned `Ok`; on an error it keeps the update and tries again.
    async fn accept(&self, inbound: Inbound) -> Result<(), StoreError>;
}

/// Where the engine's effects go.
#[async_trait]
pub trait Outlet: Send + Sync {
    /// Carries out an effect. Never fails: what cannot be done now is repaired by the delivery
    /// of the final entry, which is stored.
    async fn perform(&self, effect: Effect);
}

/// The outgoing side of a platform.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Which platform.
    fn name(&self) -> ChannelName;

    /// How texts to this place must be cut and paced.
    fn limits(&self, to: &Address) -> ChannelLimits;

    /// Sends a new message.
    async fn send(&self, to: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError>;

    /// Changes a message that was sent. That it already reads so is success.
    async fn edit(
        &self,
        to: &Address,
        receipt: &Receipt,
        post: Post<'_>,
    ) -> Result<(), DeliveryError>;

    /// Takes a message back that was sent.
    async fn delete(&self, to: &Address, receipt: &Receipt) -> Result<(), DeliveryError>;

    /// Shows a text that is still being written, where [`Preview::Drafts`] says that the place has
    /// drafts: they are no messages, and vanish when one is sent.
    async fn draft(&self, to: &Address, post: Post<'_>) -> Result<(), DeliveryError>;

    /// Shows for a few seconds that an answer is being written.
    async fn typing(&self, to: &Address) -> Result<(), DeliveryError>;
}

/// One message as it is to be shown: a part of an outbox entry.
#[derive(Clone, Copy, Debug)]
pub struct Post<'a> {
    /// The text, in the outbox's Markdown subset.
    pub text: &'a str,
    /// What hangs under it, when this is the last part of a final text.
    pub card: Option<&'a Card>,
    /// The customer's message that it answers, when this is the first part.
    pub reply_to: Option<&'a MessageId>,
    /// The message of this place that it shows itself as an answer to, wherever it is sent: people
    /// quote each other in private chats too.
    pub quote: Option<&'a MessageId>,
    /// The file that it shows, under which the text stands.
    pub file: Option<PostedFile<'a>>,
    /// Shows the text letter by letter, without Markdown, links' pictures or mentions that ring: it
    /// is somebody else's.
    pub verbatim: bool,
    /// The same whenever the same part of the same entry is sent again; platforms that can will
    /// then drop the second one. Up to 24 letters and digits.
    pub nonce: &'a str,
}

/// A file that is sent with a message.
#[derive(Clone, Copy, Debug)]
pub struct PostedFile<'a> {
    /// What it is to people: a voice note is played, a picture is shown.
    pub what: FileKind,
    /// What it is called. Untrusted, never a path.
    pub name: &'a str,
    /// What its first bytes say that it is, for example `audio/ogg`.
    pub media_type: &'a str,
    /// Its bytes.
    pub content: &'a [u8],
}

impl<'a> Post<'a> {
    /// A message of words alone.
    pub fn of(text: &'a str, nonce: &'a str) -> Self {
        Self {
            text,
            card: None,
            reply_to: None,
            quote: None,
            file: None,
            verbatim: false,
            nonce,
        }
    }
}

/// How a reply is shown while it is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preview {
    /// Not before it is final.
    No,
    /// As a message that is edited, with at least this time between two edits.
    Edits(Duration),
    /// As a draft that is replaced, with at least this time between two of them.
    Drafts(Duration),
}

/// How texts must be cut and paced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelLimits {
    /// The longest message, in UTF-16 code units.
    pub message_utf16_units: usize,
    /// How a reply is shown while it is being written.
    pub preview: Preview,
    /// How often typing must be shown again to stay; `None` where there is no such thing.
    pub typing_interval: Option<Duration>,
}

/// Why a platform did not take a message.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// Flood control: try again after this time, in this chat only.
    #[error("the platform asks to wait {} s", .after.as_secs())]
    Wait {
        /// How long.
        after: Duration,
    },
    /// A passing fault: try again with growing pauses.
    #[error("{what} failed for now: {source}")]
    Retry {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: Cause,
    },
    /// The place has another name now: everything goes there from now on.
    #[error("the place has moved to {to}")]
    Moved {
        /// Where to.
        to: Address,
    },
    /// The message that is to be changed or taken back is not there any more.
    #[error("the message is gone: {0}")]
    Missing(String),
    /// The place is gone for good: blocked, deleted, or no right to write.
    #[error("the place is gone: {0}")]
    Gone(String),
    /// The platform will never take this message.
    #[error("the platform refused the message: {0}")]
    Refused(String),
}
