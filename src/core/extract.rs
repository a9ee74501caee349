//! Finds what a text claims about money: amounts, discounts, and that something is free.
//!
//! The guard reads the model's sentences with it, and the catalogue, the FAQ and the customer's
//! words too, so a fact and a claim are always compared in one spelling. It is strict on purpose:
//! hidden digits, spelled-out numbers and look-alike letters are read as a person reads them.
//! Start at [`find_claims`].

mod fold;
mod token;
mod number;
mod currency;
mod money;
mod price_words;
mod percent;
mod negation;
mod free;

use std::ops::Range;

use rust_decimal::Decimal;

pub(crate) use currency::currency_at;
pub(crate) use fold::{Folded, fold};
pub(crate) use money::amounts;
pub(crate) use negation::before as denied_before;
pub(crate) use number::{chinese_digit, number_at, numbers};
pub(crate) use token::{Kind, Token, cut, han_text, is_han, phrase_at, sentence_around, tokens};

use crate::Currency;

/// Something that a text says about money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Where it stands, in bytes; on character boundaries.
    pub range: Range<usize>,
    /// What it says.
    pub kind: ClaimKind,
    /// The words that say it, as they stand in the text.
    pub text: String,
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// An amount of money, other than zero.
    Money {
        /// How much, in the main unit; `None` for a number too long to be an amount.
        amount: Option<Decimal>,
        /// The currency, if the text names one.
        currency: Option<Currency>,
    },
    /// A discount with a figure.
    Discount {
        /// Percent that come off; `None` for a figure that cannot be read as percent.
        percent: Option<Decimal>,
    },
    /// A discount without a figure.
    UnspecificDiscount,
    /// Something costs nothing.
    Free,
}

/// Every claim about money in a text, in the order of their places.
///
/// `home` settles what `$` and `¥` mean: the home currency, where that is a dollar or the yen;
/// else US dollars and yuan.
pub fn find_claims(text: &str, home: Currency) -> Vec<Claim> {
    claims_in(text, &tokens(text), home)
}

/// As [`find_claims`], over tokens that are at hand.
pub(crate) fn claims_in(text: &str, tokens: &[Token], home: Currency) -> Vec<Claim> {
    let amounts = amounts(tokens, home);
    let discounts = percent::discounts(tokens);
    let free = free::free_claims(tokens);
    let inside_discount = |from: usize| {
        let covers = |off: &percent::Off| (off.from..off.to).contains(&from);
        discounts.iter().any(covers)
    };
    let money = amounts
        .iter()
        .filter(|amount| !inside_discount(amount.from))
        .map(|amount| {
            let kind = match amount.value {
                Some(value) if value.is_zero() => ClaimKind::Free,
                value => ClaimKind::Money {
                    amount: value,
                    currency: amount.currency,
                },
            };
            (amount.from..amount.to, kind)
        });
    let discounts = discounts.iter().map(|off| {
        let kind = if off.figure {
            ClaimKind::Discount {
                percent: off.percent,
            }
        } else {
            ClaimKind::UnspecificDiscount
        };
        (off.from..off.to, kind)
    });
    let free = free.into_iter().map(|at| (at, ClaimKind::Free));
    let mut claims: Vec<Claim> = money
        .chain(discounts)
        .chain(free)
        .filter_map(|(at, kind)| claim(text, tokens.get(at)?, kind))
        .collect();
    claims.sort_by_key(|claim| (claim.range.start, claim.range.end));
    claims
}

fn claim(text: &str, tokens: &[Token], kind: ClaimKind) -> Option<Claim> {
    let range = tokens.first()?.at.start..tokens.last()?.at.end;
    let text = text.get(range.clone())?.to_owned();
    Some(Claim { range, kind, text })
}

#[cfg(test)]
mod tests;
