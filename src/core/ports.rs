//! What the engine needs of the world, as narrow ports. Each error says what the caller can do
//! next, and keeps its source.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Action, Address, Card, Catalog, ChannelName, ConversationId, ConversationRecord, Effect,
    Envelope, Faq, FileKind, Inbound, InboundKey, Language, LedgerEvent, Media, MessageId,
    OutboxEntry, OutboxId, OutboxState, PlaybookVersion, Receipt, Session, Shown, Timer,
    TimerChange, Turn, Understanding,
};

/// The cause of a port's failure, kept for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

// --- time ---------------------------------------------------------------------------------

/// The time, which tests can freeze.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

// --- the store ------------------------------------------------------------------------------

/// Sessions, inbox, outbox and ledger, behind one atomic commit.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores an inbound under its key. Once this returns, the platform may be told so.
    ///
    /// Resolves the address to its conversation, minting one for a new address. A key that was
    /// accepted before is a [`Accepted::Duplicate`], also after its turn was answered (keys are
    /// kept for at least 48 hours).
    async fn accept(&self, inbound: Inbound) -> Result<Accepted, StoreError>;

    /// The session of a conversation and its version, to be handed back to [`Store::commit`].
    /// A session that expired or never was is `None`, with the version to expect.
    async fn open(&self, conversation: ConversationId) -> Result<Opened, StoreError>;

    /// One atomic step: session, outbox entries (inserted or replaced by id), timers, ledger
    /// events, the inbox's done marks, all or nothing. Fails with [`StoreError::Conflict`], changing
    /// nothing, when the session's version is no longer the expected one, and with
    /// [`StoreError::Answered`], changing nothing, when one of `answered` no longer waits.
    ///
    /// Replacing an entry keeps what [`Store::record`] stored in `shown`.
    /// Returns the new version.
    async fn commit(&self, commit: Commit) -> Result<u64, StoreError>;

    /// Notes what a channel did with an entry: a part that is now shown, or the end of it.
    /// Independent of the session's version. An unknown entry is an error.
    async fn record(&self, delivery: DeliveryRecord) -> Result<(), StoreError>;

    /// What a stop or a crash left behind: every inbound without a done mark and every entry
    /// that is `Open` or `Ready`, each in the order of its sequence within its conversation. What
    /// cannot be read stays where it is, is logged once by its name, and stops none of the others.
    async fn backlog(&self) -> Result<Backlog, StoreError>;

    /// The ledger of a conversation, oldest first.
    async fn ledger(&self, conversation: ConversationId) -> Result<Vec<LedgerEvent>, StoreError>;
}

/// What became of an inbound.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart as soon as it is there, and almost all are new"
)]
pub enum Accepted {
    /// Stored now.
    New(Envelope),
    /// Stored before; nothing to do.
    Duplicate,
}

/// A session as it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The session, if there is one.
    pub session: Option<Session>,
    /// To be handed back to [`Store::commit`].
    pub version: u64,
}

/// What one step writes.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// The version that [`Store::open`] or the last commit returned.
    pub expected_version: u64,
    /// What becomes of the session.
    pub session: SessionChange,
    /// Entries to insert, or to replace by id.
    pub outbox: Vec<OutboxEntry>,
    /// Events to append.
    pub ledger: Vec<LedgerEvent>,
    /// What becomes of timers, in order.
    pub timers: Vec<TimerChange>,
    /// Inbound keys that are now answered.
    pub answered: Vec<InboundKey>,
}

impl Commit {
    /// A commit that changes nothing yet but the version.
    pub fn of(conversation: ConversationId, expected_version: u64) -> Self {
        Self {
            conversation,
            expected_version,
            session: SessionChange::Keep,
            outbox: Vec::new(),
            ledger: Vec::new(),
            timers: Vec::new(),
            answered: Vec::new(),
        }
    }
}

/// An inbound whose turn failed too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burial {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// Which one.
    pub key: InboundKey,
    /// Why its last turn failed.
    pub reason: String,
    /// What the customer is told.
    pub told: OutboxEntry,
}

/// What becomes of the session in a commit.
#[derive(Clone, Debug)]
pub enum SessionChange {
    /// It stays as it is (but its version rises).
    Keep,
    /// It is replaced, and lives on until its time-out from now.
    Put(Box<Session>),
    /// It is forgotten.
    Forget,
}

/// What a channel did with an entry.
#[derive(Clone, Debug)]
pub struct DeliveryRecord {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// Which entry.
    pub entry: OutboxId,
    /// What happened to it.
    pub what: DeliveryStep,
}

/// One step of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryStep {
    /// Part number `part` (from 0) is now shown like this.
    Shown {
        /// Which part.
        part: usize,
        /// By which message, with which text.
        shown: Shown,
    },
    /// The entry ended: `Delivered` or `Undeliverable`.
    Ended(OutboxState),
}

/// What a stop or a crash left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Inbounds without a done mark.
    pub inbox: Vec<Envelope>,
    /// Entries that are not delivered.
    pub outbox: Vec<OutboxEntry>,
}

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer was there first: open again and repeat the turn.
    #[error("another writer changed conversation {0} in the meantime")]
    Conflict(ConversationId),
    /// Somebody else answered this inbound already: there is nothing left to do.
    #[error("inbound {0} is answered already")]
    Answered(InboundKey),
    /// The store cannot be reached: wait and try again.
    #[error("the store cannot be reached: {what}")]
    Unavailable {
        /// What was tried, with the store's address but never its password.
        what: String,
        /// Why it failed.
        #[source]
        source: Cause,
    },
    /// What is stored cannot be read: a person must look.
    #[error("{what} cannot be read: {source}")]
    Corrupt {
        /// Which record.
        what: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The caller named something that is not there.
    #[error("{0} is not in the store")]
    Unknown(String),
    /// The caller brought something that is there already.
    #[error("{0} is in the store already")]
    Exists(String),
}

/// Inbounds whose turns fail. Implemented by every store, beside [`Store`].
///
/// Failures are counted in the store, so that a turn which ends the whole process is found out
/// too: whoever takes up a backlog counts one failure for each inbound that had been begun.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Counts a failed turn of an unanswered inbound; returns how many there were with this one.
    /// An inbound that is not in the inbox is an error.
    async fn count_failure(
        &self,
        conversation: ConversationId,
        key: &InboundKey,
    ) -> Result<u32, StoreError>;

    /// One atomic step: the inbound goes from the inbox to the dead letters, and what the customer
    /// is told into the outbox. Independent of the session, which may be what is broken. An
    /// inbound that is not in the inbox is an error, and nothing is changed.
    async fn bury(&self, burial: Burial) -> Result<(), StoreError>;

    /// Every buried inbound that can be read, oldest burial first.
    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StoreError>;

    /// Puts a buried inbound back into the inbox, behind what its conversation holds by now and
    /// with no failures counted. One that is not buried is an error.
    async fn revive(&self, key: &InboundKey) -> Result<Envelope, StoreError>;

    /// Forgets a buried inbound; its key stays known. One that is not buried is an error.
    async fn drop_letter(&self, key: &InboundKey) -> Result<(), StoreError>;
}

/// A buried inbound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The inbound, with its conversation and its place in the order.
    pub envelope: Envelope,
    /// Why its last turn failed.
    pub reason: String,
    /// How many turns failed.
    pub failures: u32,
    /// When it was buried.
    pub buried_at: Timestamp,
}

/// Timers that were set by commits. Implemented by every store, beside [`Store`].
#[async_trait]
pub trait Timers: Send + Sync {
    /// When the next timer is due; `None` when there is none.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Fires timers that are due at this time, at most so many, the oldest first: each leaves
    /// the timers and enters the inbox under [`Timer::key`] in one atomic step. What was fired
    /// before (by another process, before a crash) is not fired again.
    async fn fire_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Envelope>, StoreError>;

    /// The timers of a conversation, by due time.
    async fn timers(&self, conversation: ConversationId) -> Result<Vec<Timer>, StoreError>;
}

/// Where conversations take place, and how far channels have read. Implemented by every store.
#[async_trait]
pub trait Places: Send + Sync {
    /// The place has another name from now on (a group became a supergroup): both lead to the
    /// conversation of the old one, and what waits in the outbox for the old one goes to the
    /// new one. If the new one had a conversation already, it keeps that.
    async fn moved(&self, from: &Address, to: &Address) -> Result<(), StoreError>;

    /// Every address of a conversation.
    async fn addresses(&self, conversation: ConversationId) -> Result<Vec<Address>, StoreError>;

    /// Notes under a name how far a channel has read; the newest note wins.
    async fn bookmark(&self, name: &str, value: &str) -> Result<(), StoreError>;

    /// Every bookmark whose name begins so, by name.
    async fn bookmarks(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError>;
}

/// Everything that a store is. Each caller takes the part that it needs.
pub trait WholeStore: Store + DeadLetters + Timers + Places + Records + Upkeep {}

impl<T: Store + DeadLetters + Timers + Places + Records + Upkeep> WholeStore for T {}

/// Conversations as whole records: for backups, for moving to another store, for handing a
/// customer all that is kept, and for erasing it. Implemented by every store.
#[async_trait]
pub trait Records: Send + Sync {
    /// The ids of conversations, ascending, at most `limit`, after this one.
    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError>;

    /// All that is kept of a conversation; `None` when there is no such.
    async fn export(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError>;

    /// Writes a whole record in one atomic step. A conversation, an address or an inbound key
    /// that is there already is [`StoreError::Exists`], and nothing is changed.
    async fn import(&self, record: ConversationRecord) -> Result<(), StoreError>;

    /// Forgets all of a conversation, its addresses and keys too, in one atomic step (on Redis its
    /// addresses and keys go first, so that a repetition finishes what a crash interrupted).
    /// Whether it was there.
    async fn erase(&self, conversation: ConversationId) -> Result<bool, StoreError>;
}

/// What only an operator's commands need. Implemented by every store.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// The conversation that an address leads to.
    async fn at(&self, address: &Address) -> Result<Option<ConversationId>, StoreError>;

    /// Forgets a bookmark. That there is none of this name is no error.
    async fn forget_bookmark(&self, name: &str) -> Result<(), StoreError>;

    /// What the database finds wrong with itself, one line each. Single records that cannot be
    /// read are named by [`Records::export`].
    async fn damage(&self) -> Result<Vec<String>, StoreError>;
}

// --- media --------------------------------------------------------------------------------------

/// Where files that customers sent are kept: by content hash, apart for each address, so that a
/// customer's files can be erased without asking who else sent the same.
#[async_trait]
pub trait MediaStore: Send + Sync {
    /// Keeps a file; returns only when it is on disk. Keeping the same content again is harmless.
    async fn keep(&self, from: &Address, content: Vec<u8>) -> Result<Media, MediaError>;

    /// A file's content.
    async fn read(&self, from: &Address, media: &Media) -> Result<Vec<u8>, MediaError>;

    /// Forgets every file of an address; how many there were.
    async fn erase(&self, from: &Address) -> Result<usize, MediaError>;
}

/// Why a file cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct MediaError {
    /// What was tried.
    pub what: String,
    /// Why it failed.
    #[source]
    pub source: Cause,
}

/// Turns what is no text into text: speech, pictures. Without one, the customer gets an honest
/// answer and a person gets the file.
#[async_trait]
pub trait MediaReader: Send + Sync {
    /// Whether it reads files of this kind.
    fn reads(&self, what: FileKind) -> bool;

    /// The words of a file; `None` where there are none.
    async fn read(&self, media: &Media, content: Vec<u8>) -> Result<Option<String>, ModelError>;
}

// --- the language model ---------------------------------------------------------------------

/// A language model that writes and that scores.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// What this model is.
    fn card(&self) -> &ModelCard;

    /// Starts writing. The stream ends with [`Generated::Done`] or an error; dropping it cancels
    /// at the next token. `request.max_tokens` and `request.time_limit` always hold.
    async fn generate(
        &self,
        request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError>;

    /// The log-probability of each token of `continuation` (natural logarithm), read after `prompt`.
    async fn score(
        &self,
        prompt: &Prompt,
        continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError>;

    /// How many tokens this text has, without special tokens.
    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError>;

    /// Reads the fixed beginning of later prompts, so that they start warm.
    async fn warm(&self, prompt: &Prompt) -> Result<(), ModelError>;
}

/// What a model is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCard {
    /// Its name, for people and logs.
    pub name: String,
    /// Languages in which its free text may be shown to customers.
    pub languages: Vec<Language>,
}

/// A prompt in chat form. The fixed part stands first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Messages, oldest first.
    pub messages: Vec<PromptMessage>,
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    /// Who speaks.
    pub role: Role,
    /// The text, as data: the model's chat template decides about its framing.
    pub text: String,
}

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The instructions.
    System,
    /// The customer.
    User,
    /// The model.
    Assistant,
}

/// A wish for text.
#[derive(Clone, Debug, PartialEq)]
pub struct Generate {
    /// What to read.
    pub prompt: Prompt,
    /// At most this many tokens.
    pub max_tokens: usize,
    /// At most this long, from the call on.
    pub time_limit: Duration,
    /// How to choose tokens.
    pub sampling: Sampling,
    /// What the text may be.
    pub constraint: Constraint,
}

/// How to choose tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// 0 chooses the likeliest token always.
    pub temperature: f64,
    /// Nucleus: the smallest set of tokens with this probability; 1 is all.
    pub top_p: f64,
    /// The k likeliest tokens only; 0 is all.
    pub top_k: usize,
    /// Above 1 discourages repeating.
    pub repetition_penalty: f32,
    /// The same seed gives the same text on the same machine.
    pub seed: Option<u64>,
}

/// What the text may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// Anything.
    Free,
    /// One of these, word for word.
    Choice(Vec<String>),
    /// JSON of this schema.
    JsonSchema(serde_json::Value),
}

/// What a model hands over while it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Generated {
    /// The next piece of text.
    Piece(String),
    /// The end, and why.
    Done(Finish),
}

/// Why a model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It was done.
    Stop,
    /// The length limit.
    Length,
    /// The time limit.
    TimeLimit,
}

/// One scored token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenScore {
    /// The token as text.
    pub token: String,
    /// Natural logarithm of its probability: at most 0.
    pub log_probability: f32,
}

/// Why a model did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Its queue is full: say "one moment" and try again.
    #[error("the model's queue of {queue_limit} requests is full")]
    Busy {
        /// How many may wait.
        queue_limit: usize,
    },
    /// The request can never work: a bug or a wrong setting.
    #[error("the model refused the request: {0}")]
    Refused(String),
    /// It failed; the same request may work later.
    #[error("the model failed: {0}")]
    Failed(String),
}

// --- playbook and knowledge -----------------------------------------------------------------

/// The sales managers' rules.
pub trait Playbook: Send + Sync {
    /// The content hash of the script and all that it imports.
    fn version(&self) -> &PlaybookVersion;

    /// The stage in which a conversation begins.
    fn first_stage(&self) -> &str;

    /// What to do with a turn. Pure: the same turn gives the same actions.
    fn answer(&self, turn: &Turn) -> Result<Vec<Action>, PlaybookError>;
}

/// Why a playbook gave no actions. The customer gets a reviewed text, the manager this.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {message}", at(*line))]
pub struct PlaybookError {
    /// The script.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What went wrong.
    pub message: String,
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

/// The company's facts, and what a message means in their light.
pub trait Knowledge: Send + Sync {
    /// What the company sells.
    fn catalog(&self) -> Arc<Catalog>;

    /// The reviewed answers.
    fn faq(&self) -> Arc<Faq>;

    /// What a message means. `previous` is the conversation's language so far, which a text too
    /// short to tell keeps.
    fn understand(&self, text: &str, previous: Option<Language>) -> Understanding;
}

// --- channels -------------------------------------------------------------------------------

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
    /// The same whenever the same part of the same entry is sent again; platforms that can will
    /// then drop the second one. Up to 24 letters and digits.
    pub nonce: &'a str,
}

impl<'a> Post<'a> {
    /// A message of words alone.
    pub fn of(text: &'a str, nonce: &'a str) -> Self {
        Self {
            text,
            card: None,
            reply_to: None,
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
