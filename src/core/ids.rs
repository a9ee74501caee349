//! The opaque names of things. Only the store mints conversation ids; everybody else carries them.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Address;

/// One customer's dialogue. Opaque: where it takes place is an [`Address`](crate::Address).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationId(pub Uuid);

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<S: Into<String>> From<S> for $name {
            fn from(text: S) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// The idempotency key of one platform update: `telegram:<bot>:<update_id>`,
    /// `discord:<message_id>`, `terminal:<session>:<uuid>`. Accepting a key twice is harmless.
    InboundKey
}

text_id! {
    /// The platform's own name for a customer's message, in the channel's notation: what an edit
    /// amends and what an answer replies to.
    MessageId
}

text_id! {
    /// A timer of one conversation. Setting the same id again moves the timer.
    TimerId
}

text_id! {
    /// A document of the company: its path inside the folder of documents, with what cannot be shown
    /// escaped.
    DocumentKey
}

text_id! {
    /// A person who answers customers: the name in the config, for example `mia`.
    AgentId
}

text_id! {
    /// SHA-256 of a file's content: 64 hexadecimal digits.
    MediaHash
}

text_id! {
    /// An outbox entry, derived from the inbound key that it answers, so that a repeated turn
    /// overwrites its own entry instead of adding a second one.
    OutboxId
}

impl OutboxId {
    /// The answer to the burst that begins with this inbound.
    pub fn reply_to(key: &InboundKey) -> Self {
        Self(format!("{key}/reply"))
    }

    /// What shows a message of a place at the desk: the same for the message and its edits.
    pub fn at_desk(from: &Address, message: &str) -> Self {
        Self(format!("desk/{from}/{message}"))
    }
}

text_id! {
    /// A product's key in `config/catalog.yaml`, for example `desk-lamp`.
    ProductId
}

text_id! {
    /// A variant's key within its product, for example `oak`.
    VariantId
}

text_id! {
    /// An FAQ entry's key in `config/faq.yaml`, for example `returns-period`.
    FaqId
}

text_id! {
    /// The content hash of a playbook with all that it imports: 16 hexadecimal digits.
    PlaybookVersion
}
