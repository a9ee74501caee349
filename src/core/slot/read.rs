//! One slot, read out of one message.
//!
//! What was asked for is taken from a bare answer: "25" to "How many seats?". What was not asked
//! for must say what it is: an e-mail address does by itself, a number only beside the slot's own
//! words. A message that names two values decides nothing.

use rust_decimal::Decimal;

use super::{Refusal, SlotKind, SlotSpec};
use crate::{
    Intent, Money, SlotValue, Turn,
    find::{self, Found},
};

/// What a message says about a slot: a value, why there is none, or nothing.
pub(super) type Reading = Option<Result<SlotValue, Refusal>>;

pub(super) fn value(spec: &SlotSpec, all: &[SlotSpec], awaited: bool, turn: &Turn) -> Reading {
    let text = turn.text.as_str();
    match spec.kind {
        SlotKind::Text => words(spec, awaited, turn),
        SlotKind::Number | SlotKind::Quantity => number(spec, all, awaited, turn),
        SlotKind::Money => money(spec, awaited, turn),
        SlotKind::Date => only(find::dates(text, turn.today()), awaited, SlotValue::Date),
        SlotKind::Choice => {
            let names = spec.options.iter().flat_map(|option| {
                let names = option.words.iter().chain([&option.id]);
                names.map(|name| (option.id.as_str(), name.as_str()))
            });
            only(find::choices(text, names), awaited, SlotValue::Text)
        }
        SlotKind::Email => first(find::emails(text)),
        SlotKind::Phone => first(find::phones(text)),
    }
}

fn first(found: Vec<Found<String>>) -> Reading {
    let first = found.into_iter().next()?;
    Some(Ok(SlotValue::Text(first.value)))
}

/// The one value that a message names. Of several, none was meant; whoever was asked is told so.
fn only<T: PartialEq>(
    mut found: Vec<Found<T>>,
    awaited: bool,
    value: impl Fn(T) -> SlotValue,
) -> Reading {
    found.dedup_by(|next, before| next.value == before.value);
    match found.len() {
        0 => None,
        1 => found.pop().map(|only| Ok(value(only.value))),
        _ => awaited.then_some(Err(Refusal::SeveralMeant)),
    }
}

fn number(spec: &SlotSpec, all: &[SlotSpec], awaited: bool, turn: &Turn) -> Reading {
    let words: Vec<&str> = spec.words.iter().map(String::as_str).collect();
    let counted = find::counted(&turn.text, &words);
    if !counted.is_empty() {
        return only(counted, awaited, SlotValue::Number);
    }
    let pieces = turn.understanding.quantity.map(Decimal::from);
    if let Some(pieces) = pieces.filter(|_| spec.kind == SlotKind::Quantity)
        && (awaited || (words.is_empty() && is_the_only_number(spec, all)))
    {
        return Some(Ok(SlotValue::Number(pieces)));
    }
    if awaited {
        return only(find::numbers(&turn.text), awaited, SlotValue::Number);
    }
    None
}

/// Whether no other slot could be meant by a number.
fn is_the_only_number(spec: &SlotSpec, all: &[SlotSpec]) -> bool {
    let counts = |it: &&SlotSpec| matches!(it.kind, SlotKind::Number | SlotKind::Quantity);
    all.iter().filter(counts).all(|it| it.name == spec.name)
}

fn money(spec: &SlotSpec, awaited: bool, turn: &Turn) -> Reading {
    let home = turn.catalog.currency;
    let says_what_it_is = spec.words.iter().any(|word| has_word(&turn.text, word));
    if !awaited && !says_what_it_is {
        return None;
    }
    let amounts = find::amounts(&turn.text, home);
    if amounts.is_empty() {
        let numbers = find::numbers(&turn.text);
        return only(numbers, awaited, |amount| {
            SlotValue::Money(Money::new(amount, home))
        });
    }
    match only(amounts, awaited, SlotValue::Money) {
        Some(Ok(SlotValue::Money(money))) if money.currency != home => {
            Some(Err(Refusal::OtherCurrency(home)))
        }
        reading => reading,
    }
}

fn has_word(text: &str, word: &str) -> bool {
    text.to_lowercase().contains(&word.to_lowercase())
}

/// A text that was asked for is the whole message, unless that is a question or asks for something
/// else; otherwise what follows the slot's own words, to the end of the clause.
fn words(spec: &SlotSpec, awaited: bool, turn: &Turn) -> Reading {
    if let Some(text) = spec.words.iter().find_map(|word| after(&turn.text, word)) {
        return Some(Ok(SlotValue::Text(text)));
    }
    let is_question = turn.text.contains(['?', '？']);
    let asks_for_nothing = matches!(turn.understanding.intent, Intent::Other);
    (awaited && !is_question && asks_for_nothing)
        .then(|| Ok(SlotValue::Text(turn.text.trim().to_owned())))
}

/// What follows some words, to the end of the clause.
fn after(text: &str, words: &str) -> Option<String> {
    const ENDS: [char; 12] = [
        '.', ',', ';', '!', '?', '\n', '。', '，', '；', '！', '？', '、',
    ];
    let wanted: Vec<char> = words.chars().flat_map(char::to_lowercase).collect();
    let letters: Vec<char> = text.chars().collect();
    let begins_at = |at: &usize| {
        let here = letters.iter().skip(*at).flat_map(|it| it.to_lowercase());
        let here: Vec<char> = here.take(wanted.len()).collect();
        here == wanted && is_word_start(&letters, *at)
    };
    let at = (0..letters.len()).find(begins_at)? + words.chars().count();
    let rest: String = letters.iter().skip(at).collect();
    let clause = rest.split(ENDS).next().unwrap_or_default();
    let clause = clause.trim_matches(|it: char| it.is_whitespace() || it == ':' || it == '：');
    (!clause.is_empty()).then(|| clause.to_owned())
}

fn is_word_start(letters: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| letters.get(before));
    before.is_none_or(|before| !before.is_ascii_alphanumeric())
}
