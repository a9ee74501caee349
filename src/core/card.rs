//! An offer as customers see it: a card with a picture, a price and buttons. What a button means
//! travels as a short text through the platform and back, so it is read like any foreign input.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{FaqId, ProductId, VariantId};

/// A card under the last part of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What is offered; empty for buttons alone.
    pub title: String,
    /// The price in words, from the catalogue.
    pub price: Option<String>,
    /// Where the platform finds a picture (`https://…`).
    pub picture_url: Option<String>,
    /// What can be pressed, in order.
    pub buttons: Vec<Button>,
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What pressing it means.
    pub press: Press,
}

/// What pressing a button means. As text it has at most 64 bytes, which is Telegram's limit for
/// what a button carries; [`Press::fits`] tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Press {
    /// Wants to buy this.
    Order(ProductId, Option<VariantId>),
    /// Wants to know more of this.
    Details(ProductId),
    /// Wants to read this reviewed answer.
    Faq(FaqId),
    /// Wants a person.
    Person,
    /// Wants an answer to a message as it was edited.
    AnswerEdit,
    /// Wants to be reminded tomorrow.
    Snooze,
    /// An agent, at a desk, takes the conversation.
    Take,
    /// An agent gives it back to the bot.
    HandBack,
    /// An agent ends it.
    Close,
    /// An agent sends the reply that the card suggests.
    SendSuggested,
    /// An agent asks what the bot did and why.
    Why,
}

/// The longest press, in bytes (Telegram's `callback_data`).
const PRESS_BYTES: usize = 64;

impl Press {
    /// Whether every platform can carry it.
    pub fn fits(&self) -> bool {
        self.to_string().len() <= PRESS_BYTES
    }
}

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(product, None) => write!(f, "order:{product}"),
            Self::Order(product, Some(variant)) => write!(f, "order:{product}/{variant}"),
            Self::Details(product) => write!(f, "details:{product}"),
            Self::Faq(entry) => write!(f, "faq:{entry}"),
            Self::Person => f.write_str("person"),
            Self::AnswerEdit => f.write_str("answer_edit"),
            Self::Snooze => f.write_str("snooze"),
            Self::Take => f.write_str("desk:take"),
            Self::HandBack => f.write_str("desk:back"),
            Self::Close => f.write_str("desk:close"),
            Self::SendSuggested => f.write_str("desk:send"),
            Self::Why => f.write_str("desk:why"),
        }
    }
}

/// The text is no press of ours: a button of another program, or of an older version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no button of this program")]
pub struct NotAPress;

impl FromStr for Press {
    type Err = NotAPress;

    fn from_str(text: &str) -> Result<Self, NotAPress> {
        if text.len() > PRESS_BYTES {
            return Err(NotAPress);
        }
        match text.split_once(':') {
            None if text == "person" => Ok(Self::Person),
            None if text == "answer_edit" => Ok(Self::AnswerEdit),
            None if text == "snooze" => Ok(Self::Snooze),
            Some(("desk", "take")) => Ok(Self::Take),
            Some(("desk", "back")) => Ok(Self::HandBack),
            Some(("desk", "close")) => Ok(Self::Close),
            Some(("desk", "send")) => Ok(Self::SendSuggested),
            Some(("desk", "why")) => Ok(Self::Why),
            Some(("details", product)) => Ok(Self::Details(product.into())),
            Some(("faq", entry)) => Ok(Self::Faq(entry.into())),
            Some(("order", goods)) => Ok(match goods.split_once('/') {
                Some((product, variant)) => Self::Order(product.into(), Some(variant.into())),
                None => Self::Order(goods.into(), None),
            }),
            _ => Err(NotAPress),
        }
    }
}

impl TryFrom<String> for Press {
    type Error = NotAPress;

    fn try_from(text: String) -> Result<Self, NotAPress> {
        text.parse()
    }
}

impl From<Press> for String {
    fn from(press: Press) -> Self {
        press.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_press_survives_its_way_through_a_platform() {
        for press in [
            Press::Order("desk-lamp".into(), Some("black".into())),
            Press::Order("desk-lamp".into(), None),
            Press::Details("desk-lamp".into()),
            Press::Faq("payment-methods".into()),
            Press::Person,
            Press::AnswerEdit,
            Press::Snooze,
            Press::Take,
            Press::HandBack,
            Press::Close,
            Press::SendSuggested,
            Press::Why,
        ] {
            assert!(press.fits());
            assert_eq!(press.to_string().parse(), Ok(press));
        }
    }

    #[test]
    fn foreign_presses_are_refused() {
        for text in ["", "buy", "order", "rm:-rf", &"order:x".repeat(20)] {
            assert_eq!(text.parse::<Press>(), Err(NotAPress), "{text}");
        }
    }

    proptest! {
        #![proptest_config(crate::proptests::config())]

        #[test]
        fn no_text_breaks_the_reader(text in ".*") {
            if let Ok(press) = text.parse::<Press>() {
                prop_assert_eq!(press.to_string(), text);
            }
        }
    }
}
