//! One slot, read out of one message.
//!
//! What was asked for is taken from a bare answer: "25" to "How many seats?". What was not asked
//! for must say what it is: an e-mail address does by itself, a number only beside the slot's own
//! words. A message that names two values decides nothing.

mod clause;

use rust_decimal::Decimal;

use super::{Refusal, SlotKind, SlotSpec};
use crate::{
    Money, SlotValue, Turn,
    find::{self, Found},
};

/// What a message says about a slot: a value, why there is none, or nothing.
pub(super) type Reading = Option<Result<SlotValue, Refusal>>;

pub(super) fn value(spec: &SlotSpec, all: &[SlotSpec], awaited: bool, turn: &Turn) -> Reading {
    let text = turn.text.as_str();
    match spec.kind {
        SlotKind::Text => words(spec, awaited, turn),
        SlotKind::Number | SlotKind::Quantity => number(spec, all, awaited, turn),
        SlotKind::Money => money(spec, all, awaited, turn),
        SlotKind::Date => only(find::dates(text, turn.today()), awaited, SlotValue::Date),
        SlotKind::Choice => {
            let names = spec.options.iter().flat_map(|option| {
                let names = option.words.iter().chain([&option.id]);
                names.map(|name| (option.id.as_str(), name.as_str()))
            });
            only(find::choices(text, names), awaited, SlotValue::Text)
        }
        SlotKind::Email => only(find::emails(text), awaited, SlotValue::Text),
        SlotKind::Phone => only(find::phones(text), awaited, SlotValue::Text),
    }
}

/// The one value that a message names. Of several, none was meant; whoever was asked is told so.
fn only<T: PartialEq>(
    mut found: Vec<Found<T>>,
    awaited: bool,
    value: impl Fn(T) -> SlotValue,
) -> Reading {
    let last = found.pop()?;
    if found.iter().all(|other| other.value == last.value) {
        return Some(Ok(value(last.value)));
    }
    awaited.then_some(Err(Refusal::SeveralMeant))
}

fn number(spec: &SlotSpec, all: &[SlotSpec], awaited: bool, turn: &Turn) -> Reading {
    let words: Vec<&str> = spec.words.iter().map(String::as_str).collect();
    let counted = find::counted(&turn.text, &words);
    if !counted.is_empty() {
        return only(counted, awaited, SlotValue::Number);
    }
    if awaited {
        return answer(spec, all, turn);
    }
    let meant = words.is_empty() && is_the_only_number(spec, all);
    pieces(spec, turn)
        .filter(|_| meant)
        .map(|pieces| Ok(SlotValue::Number(pieces)))
}

/// The pieces that a message asks for, where pieces are wanted.
fn pieces(spec: &SlotSpec, turn: &Turn) -> Option<Decimal> {
    let pieces = turn.understanding.quantity.map(Decimal::from);
    pieces.filter(|_| spec.kind == SlotKind::Quantity)
}

/// The numbers that belong neither to another kind of value nor to another slot.
fn free_numbers(spec: &SlotSpec, all: &[SlotSpec], turn: &Turn) -> Vec<Found<Decimal>> {
    let is_number = |it: &&SlotSpec| {
        let counts = matches!(
            it.kind,
            SlotKind::Number | SlotKind::Quantity | SlotKind::Money
        );
        counts && it.name != spec.name
    };
    let others = all.iter().filter(is_number).flat_map(|it| &it.words);
    let others: Vec<&str> = others.map(String::as_str).collect();
    find::free_numbers(&turn.text, turn.today(), &others)
}

/// The number that answers a question: "25", "3 in black", "3 lamps" where lamps are sold; not the
/// day, the price or the house number that a message names instead.
fn answer(spec: &SlotSpec, all: &[SlotSpec], turn: &Turn) -> Reading {
    let numbers = free_numbers(spec, all, turn);
    let named = &turn.understanding;
    let goods = !named.products.is_empty() || named.category.is_some();
    let pieces = pieces(spec, turn);
    let said = |pieces: &Decimal| numbers.iter().any(|it| it.value == *pieces);
    let spelled = find::numbers(&turn.text).is_empty();
    if let Some(pieces) = pieces.filter(|it| spelled || goods && said(it)) {
        return Some(Ok(SlotValue::Number(pieces)));
    }
    let named = !spec.words.is_empty();
    let answers = find::answering(&turn.text, numbers, named);
    only(answers, true, SlotValue::Number)
}

/// Whether no other slot could be meant by a number.
fn is_the_only_number(spec: &SlotSpec, all: &[SlotSpec]) -> bool {
    let counts = |it: &&SlotSpec| matches!(it.kind, SlotKind::Number | SlotKind::Quantity);
    all.iter().filter(counts).all(|it| it.name == spec.name)
}

fn money(spec: &SlotSpec, all: &[SlotSpec], awaited: bool, turn: &Turn) -> Reading {
    let home = turn.catalog.currency;
    let says_what_it_is = spec.words.iter().any(|word| find::says(&turn.text, word));
    if !awaited && !says_what_it_is {
        return None;
    }
    let amounts = find::amounts(&turn.text, home);
    if amounts.is_empty() && awaited {
        let numbers = find::answering(&turn.text, free_numbers(spec, all, turn), true);
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

/// A text that was asked for is the whole message, unless that is a question or asks for something
/// else; otherwise what follows the slot's own words, to the end of the clause.
fn words(spec: &SlotSpec, awaited: bool, turn: &Turn) -> Reading {
    let text = turn.text.as_str();
    let leads = spec.words.iter();
    let leads: Vec<&String> = leads.filter(|it| clause::is_said(text, it)).collect();
    if !leads.is_empty() {
        let stops = places_of_others(turn);
        let said = leads.into_iter();
        let mut said = said.filter_map(|lead| clause::after(text, lead, &stops));
        let first = said.find(|text| !text.is_empty())?;
        return Some(Ok(SlotValue::Text(first)));
    }
    let is_question = text.contains(['?', '？']);
    (awaited && !is_question && turn.understanding.asks_for_nothing())
        .then(|| Ok(SlotValue::Text(text.trim().to_owned())))
}

/// Where addresses, phone numbers and dates in digits begin, in bytes: no name goes on there.
fn places_of_others(turn: &Turn) -> Vec<usize> {
    let text = turn.text.as_str();
    let reached = find::emails(text).into_iter().chain(find::phones(text));
    let reached = reached.map(|found| found.range.start);
    let dates = find::dates(text, turn.today()).into_iter();
    let dates = dates.filter(|found| found.text.contains(|c: char| c.is_ascii_digit()));
    reached
        .chain(dates.map(|found| found.range.start))
        .collect()
}
