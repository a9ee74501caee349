//! The domain, the turn engine and the ports of Consultant.
//!
//! Nothing here knows a runtime, a network, a file or a clock: deciding, prompting, guarding and
//! splitting are plain functions from values to values, and what the engine needs of the world
//! stands in [`ports`]. Start reading at [`engine`], which is the life of a message in one page.

mod ids;
mod language;
mod money;

mod address;
mod attachment;
mod card;
mod inbound;
mod outbound;
mod timer;

mod catalog;
mod documents;
mod faq;
mod audience;
mod hours;
mod price;
mod promotion;

mod action;
mod burst;
mod owner;
mod exchange;
mod interrupt;
mod ledger;
mod record;
mod release;
mod session;
mod slot;
mod trace;
mod turn;

pub mod clean;
pub mod desk;
pub mod extract;
pub mod find;
pub mod guard;
pub mod mask;
pub mod script;
pub mod sentences;
pub mod split;

mod fence;
mod asked_back;
#[cfg(test)]
mod proptests;

pub mod answer;
pub mod compose;
pub mod prompt;
pub mod wording;

pub mod engine;
pub mod ports;

pub use action::Action;
pub use address::{Address, ChannelName, NotAnAddress};
pub use attachment::{Attachment, Content, FileKind, Media};
pub use audience::{Audience, Membership, Scope};
pub use burst::{Burst, MESSAGES_OF_A_BURST};
pub use card::{Button, Card, NotAPress, Press};
pub use catalog::{
    BundlePart, Catalog, Company, CustomerGroup, Discount, DiscountCondition, Product, Quote,
    Taxes, Variant,
};
pub use documents::{At, Document, Documents, Passage, PassageHit, Place};
pub use exchange::{AnswerSource, Exchange, FaqDraft};
pub use faq::{Faq, FaqEntry};
pub use hours::{BusinessHours, OpenFor};
pub use ids::{
    AgentId, ConversationId, DocumentKey, FaqId, InboundKey, MediaHash, MessageId, OutboxId,
    PlaybookVersion, ProductId, TimerId, VariantId,
};
pub use inbound::{Command, Envelope, Inbound, InboundEvent, Unsupported};
pub use interrupt::Interrupt;
pub use language::{Language, LocalText, NotALanguage};
pub use ledger::{Happening, LedgerEvent, MoveReason, Source};
pub use money::{Currency, Money, NotACurrency};
pub use outbound::{Effect, OutboxEntry, OutboxState, Receipt, Relayed, RoomChange, Shown, Voice};
pub use owner::{Owner, OwnerStep};
pub use price::PriceRow;
pub use promotion::{Because, OfferItem, OfferLine, OfferQuote, Promotion, Reduction};
pub use record::{
    ConversationRecord, KeptEntry, KeptInbound, KeptSession, RECORD_FORMAT, WaitingInbound,
};
pub use release::{
    KeptScript, KeptVersion, Proof, RELEASE_FORMAT, ReleaseEvent, ReleaseStep, Releases,
    ScriptRole, Trial,
};
pub use session::{
    Case, Escalation, HISTORY_LINES, Line, Points, Priority, SESSION_FORMAT, Session, SlotValue,
    Speaker,
};
pub use slot::{
    Filled, Refusal, SlotKind, SlotOption, SlotSpec, Suggestion, Unread, fill, in_form, unread,
};
pub use timer::{Purpose, Timer, TimerChange};
pub use trace::{
    Decision, ScriptPlace, Spent, TracedAnswer, TracedIntent, TracedPassage, TracedProduct,
    TracedRule, TracedUnderstanding, TurnTrace,
};
pub use turn::{
    Acquaintance, FaqHit, Intent, ProductMention, TrainedIntent, Turn, Understanding, Written,
};
