//! Finds the values that a customer's message gives: dates, addresses to reach them, choices,
//! numbers and amounts.
//!
//! What a playbook waits for is read with these. [`crate::extract`] is strict, because it looks for
//! what a model may have invented; this is careful instead: what can be read in two ways is not
//! found, and the playbook asks again. Yes and no are intents ([`crate::Intent`]), not values.
//! Each function is pure and gives its results in the order of their places.

mod pieces;
mod phrase;
mod denied;

mod currency;
mod date;
mod contact;
mod choice;
mod number;
mod money;
mod answer;

use std::ops::Range;

pub use answer::{answering, free_numbers};
pub use choice::choices;
pub(crate) use contact::{email_places, iban_places, phone_places};
pub use contact::{emails, phones};
pub use currency::currencies;
pub use date::dates;
pub(crate) use date::is_month;
pub use money::amounts;
pub use number::{counted, numbers};
pub use phrase::says;

use crate::extract::Token;

/// A value, and the words that give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// Where it stands, in bytes; on character boundaries.
    pub range: Range<usize>,
    /// What it is.
    pub value: T,
    /// The words, as they stand in the text.
    pub text: String,
}

impl<T> Found<T> {
    /// The value at a place of a text; `None` if the place is no place.
    fn at(text: &str, range: Range<usize>, value: T) -> Option<Self> {
        let text = text.get(range.clone())?.to_owned();
        Some(Self { range, value, text })
    }

    /// The value that these tokens give.
    fn of(text: &str, tokens: &[Token], value: T) -> Option<Self> {
        let range = tokens.first()?.at.start..tokens.last()?.at.end;
        Self::at(text, range, value)
    }
}

#[cfg(test)]
mod tests;
