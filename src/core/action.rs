//! What a playbook asks for. Typed and closed: never a magic phrase in a text.

use serde::{Deserialize, Serialize};

use crate::{FaqId, LocalText, Membership, OfferItem, Priority, Promotion, SlotValue};

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
    /// Give a reviewed answer.
    AnswerFrom {
        /// Which one.
        entry: FaqId,
    },
    /// Offer goods at their computed price.
    Offer {
        /// The goods; never empty.
        items: Vec<OfferItem>,
        /// The playbook's promotions of that day; the best one counts, if any applies.
        promotions: Vec<Promotion>,
    },
    /// Draw attention to a product that goes with what the customer has in mind.
    Upsell {
        /// The product, and how many.
        item: OfferItem,
        /// What to say before its price, per language.
        text: LocalText,
        /// The playbook's promotions of that day.
        promotions: Vec<Promotion>,
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
    /// Add to the lead score. A reason counts once in a conversation.
    Score {
        /// How many points; may be negative.
        points: i32,
        /// What they are for, for the people who sell.
        reason: String,
    },
    /// Put a tag on the conversation, or take it off.
    Tag {
        /// The tag.
        tag: String,
        /// On, or off.
        on: bool,
    },
    /// Serve the customer as one of a group, in a region, in a currency; what is not named stays.
    ServeAs {
        /// What is known of them from now on.
        who: Membership,
    },
    /// Count an objection that the customer raised.
    Objection {
        /// Which of the declared ones.
        id: String,
    },
    /// Call a person.
    Escalate {
        /// Why, for the people who answer.
        reason: String,
        /// How soon somebody is needed.
        #[serde(default)]
        priority: Priority,
        /// Who is needed, where not anybody.
        #[serde(default)]
        team: Option<String>,
    },
}

impl Action {
    /// What scripts call it: `say`, `offer`, `goto`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Say { .. } => "say",
            Self::Ask { .. } => "ask",
            Self::Answer => "answer",
            Self::AnswerFrom { .. } => "answer_from",
            Self::Offer { .. } => "offer",
            Self::Upsell { .. } => "upsell",
            Self::Goto { .. } => "goto",
            Self::Set { .. } => "set",
            Self::FollowUp { .. } => "follow_up",
            Self::Remind { .. } => "remind",
            Self::Score { .. } => "score",
            Self::Tag { on: true, .. } => "tag",
            Self::Tag { on: false, .. } => "untag",
            Self::ServeAs { .. } => "serve_as",
            Self::Objection { .. } => "objection",
            Self::Escalate { .. } => "escalate",
        }
    }

    /// What tells it from another of its name: a stage, a slot with its value, goods, a reason.
    /// None where it says words, which are for the customer.
    pub fn subject(&self) -> Option<String> {
        match self {
            Self::Say { .. } | Self::Answer | Self::FollowUp { .. } | Self::Remind { .. } => None,
            Self::Ask { slot, .. } => Some(slot.clone()),
            Self::AnswerFrom { entry } => Some(entry.to_string()),
            Self::Offer { items, .. } => {
                let items: Vec<String> = items.iter().map(OfferItem::to_string).collect();
                Some(items.join(" + "))
            }
            Self::Upsell { item, .. } => Some(item.to_string()),
            Self::Goto { stage } => Some(stage.clone()),
            Self::Set { slot, value } => Some(match value {
                Some(value) => format!("{slot} = {value}"),
                None => format!("{slot} = ()"),
            }),
            Self::Score { points, reason } => Some(format!("{points:+}: {reason}")),
            Self::Tag { tag, .. } => Some(tag.clone()),
            Self::ServeAs { who } => Some(who.to_string()),
            Self::Objection { id } => Some(id.clone()),
            Self::Escalate { reason, .. } => Some(reason.clone()),
        }
    }
}
