//! What a playbook asks for. Typed and closed: never a magic phrase in a text.

use serde::{Deserialize, Serialize};

use crate::{LocalText, ProductId, SlotValue, VariantId};

/// One wish of a playbook. The engine composes a reply from a list of them, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Action {
    /// Say this, word for word.
    Say {
        /// The text per language.
        text: LocalText,
    },
    /// Ask for a slot; the next turn knows what was asked.
    Ask {
        /// The slot.
        slot: String,
        /// The question per language.
        text: LocalText,
    },
    /// Answer the customer's question from the facts: stored answers first, the model after.
    Answer,
    /// Offer a variant at its computed price.
    Offer {
        /// The product.
        product: ProductId,
        /// The variant; the product's first where none is named.
        variant: Option<VariantId>,
        /// Pieces, at least 1.
        quantity: u32,
    },
    /// Go to a stage.
    Goto {
        /// The stage.
        stage: String,
    },
    /// Remember a fact; `None` forgets it.
    Set {
        /// The slot.
        slot: String,
        /// Its value.
        value: Option<SlotValue>,
    },
    /// Say this later, if the customer has said nothing until then and has not declined.
    FollowUp {
        /// When, in minutes from this turn; at least 1.
        after_minutes: u32,
        /// The text per language.
        text: LocalText,
    },
    /// Say this later, whatever the customer says until then: they asked for it.
    Remind {
        /// When, in minutes from this turn; at least 1.
        after_minutes: u32,
        /// The text per language.
        text: LocalText,
    },
    /// Call a person.
    Escalate {
        /// Why, for the people who answer.
        reason: String,
    },
}
