//! The domain, the turn engine and the ports of Consultant.
//!
//! Nothing here knows a runtime, a network, a file or a clock: deciding, prompting, guarding and
//! splitting are plain functions from values to values, and what the engine needs of the world
//! stands in [`ports`]. Start reading at [`engine`], which is the life of a message in one page.

mod ids;
mod language;
mod money;

mod address;
mod inbound;
mod outbound;

mod catalog;
mod faq;

mod action;
mod ledger;
mod session;
mod turn;

pub mod clean;
pub mod extract;
pub mod guard;
pub mod script;
pub mod sentences;
pub mod split;

mod fence;
#[cfg(test)]
mod proptests;

pub mod answer;
pub mod compose;
pub mod prompt;
pub mod wording;

pub mod engine;
pub mod ports;

pub use action::Action;
pub use address::{Address, ChannelName};
pub use catalog::{Catalog, Company, Discount, DiscountCondition, Product, Quote, Variant};
pub use faq::{Faq, FaqEntry};
pub use ids::{ConversationId, FaqId, InboundKey, OutboxId, PlaybookVersion, ProductId, VariantId};
pub use inbound::{Command, Envelope, Inbound, InboundEvent, Unsupported};
pub use language::{Language, LocalText, NotALanguage};
pub use ledger::{Happening, LedgerEvent, Source};
pub use money::{Currency, Money, NotACurrency};
pub use outbound::{Effect, OutboxEntry, OutboxState, Receipt, Shown};
pub use session::{Escalation, HISTORY_LINES, Line, SESSION_FORMAT, Session, SlotValue, Speaker};
pub use turn::{FaqHit, Intent, ProductMention, Turn, Understanding};
