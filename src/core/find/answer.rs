//! Which numbers of a message can be the answer to "How many?": those that are no part of a date,
//! an address or a price, and that count nothing else.

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Found, contact, counted, date::is_month, dates, money, number::range_end, numbers,
    pieces::with_numbers,
};
use crate::extract::{Kind, Token};

/// Words that may stand behind a number and are nothing that it counts.
const LIGHT: [&str; 92] = [
    "please",
    "pls",
    "thanks",
    "thank",
    "thx",
    "in",
    "of",
    "or",
    "and",
    "but",
    "for",
    "from",
    "at",
    "to",
    "with",
    "on",
    "by",
    "as",
    "so",
    "if",
    "then",
    "now",
    "is",
    "are",
    "was",
    "would",
    "will",
    "should",
    "can",
    "could",
    "may",
    "might",
    "must",
    "i",
    "we",
    "it",
    "that",
    "this",
    "they",
    "you",
    "our",
    "my",
    "the",
    "a",
    "an",
    "each",
    "per",
    "max",
    "maximum",
    "minimum",
    "min",
    "more",
    "only",
    "total",
    "altogether",
    "all",
    "maybe",
    "perhaps",
    "probably",
    "about",
    "roughly",
    "approximately",
    "approx",
    "ish",
    "ok",
    "okay",
    "plus",
    "today",
    "tomorrow",
    "right",
    "just",
    "too",
    "also",
    "not",
    "no",
    "yes",
    "least",
    "most",
    "up",
    "less",
    "because",
    "until",
    "till",
    "starting",
    "sounds",
    "do",
    "does",
    "enough",
    "actually",
    "currently",
    "initially",
    "tops",
];
/// Words for pieces of anything.
const PIECES: [&str; 13] = [
    "x", "piece", "pieces", "pc", "pcs", "item", "items", "unit", "units", "pair", "pairs", "set",
    "sets",
];
/// What is never counted by a slot that does not name it.
const UNITS: [&str; 25] = [
    "day", "days", "week", "weeks", "month", "months", "year", "years", "hour", "hours", "h",
    "minute", "minutes", "min", "am", "pm", "o", "km", "m", "cm", "mm", "kg", "g", "percent",
    "floor",
];
/// Behind the name of a street or before it.
const PLACES: [&str; 8] = [
    "street",
    "road",
    "avenue",
    "lane",
    "rd",
    "ave",
    "boulevard",
    "floor",
];
/// Words right before a year.
const BEFORE_YEARS: [&str; 5] = ["in", "since", "until", "till", "year"];
const HAN_LIGHT: &str = "吧就的是都可够左上以之内到至或和请谢要大好也还先给在嘛呀啊哦了";
const HAN_MEASURES: &str = "个個位名套张台份把件只条盏组间款本支副对";
const HAN_UNITS: &str = "天日周月年号楼层点时小分元块岁公斤米度";

/// The numbers that are no part of a date, an e-mail address, a phone number or an amount with its
/// currency, and do not stand beside one of the words of something else (`others`).
pub fn free_numbers(text: &str, today: Date, others: &[&str]) -> Vec<Found<Decimal>> {
    let mut taken: Vec<Range<usize>> = contact::places(text);
    taken.extend(money::priced(text));
    taken.extend(dates(text, today).into_iter().map(|found| found.range));
    taken.extend(counted(text, others).into_iter().map(|found| found.range));
    let free = |found: &Found<Decimal>| {
        let apart =
            |one: &Range<usize>| one.end <= found.range.start || found.range.end <= one.start;
        taken.iter().all(apart)
    };
    numbers(text).into_iter().filter(free).collect()
}

/// Those of a text's numbers that count nothing but what was asked for: not "3 shops", "17 Main
/// Street", `10:30`, "since 2010", 3天. Where it is not known what is asked for (`named` is false),
/// any goods may be.
pub fn answering(text: &str, mut numbers: Vec<Found<Decimal>>, named: bool) -> Vec<Found<Decimal>> {
    let tokens = with_numbers(text);
    numbers.retain(|found| !counts_otherwise(&tokens, found, named));
    numbers
}

fn counts_otherwise(tokens: &[Token], found: &Found<Decimal>, named: bool) -> bool {
    let from = tokens.partition_point(|token| token.at.start < found.range.start);
    let to = tokens.partition_point(|token| token.at.start < found.range.end);
    if is_behind_number(tokens, from) || is_year(tokens, from, found.value) {
        return true;
    }
    let to = range_end(tokens, to);
    match tokens.get(to).map(|token| &token.kind) {
        Some(Kind::Word(_)) => is_counted(tokens, to, named),
        Some(Kind::Han(_)) => is_han_counted(tokens, to, named),
        Some(Kind::Mark('%' | '°')) => true,
        Some(Kind::Mark('-')) => is_counted(tokens, to + 1, named),
        Some(Kind::Mark(':' | '/')) => is_number(tokens, to + 1),
        _ => false,
    }
}

/// "Since 2010", "in December 2026".
fn is_year(tokens: &[Token], from: usize, value: Decimal) -> bool {
    let year = value >= Decimal::from(1900) && value < Decimal::from(2200);
    let before = from.checked_sub(1).and_then(|at| tokens.get(at)?.word());
    year && before.is_some_and(|word| BEFORE_YEARS.contains(&word) || is_month(word))
}

/// `30` in `10:30`, `7` in `24/7`.
fn is_behind_number(tokens: &[Token], from: usize) -> bool {
    let tight = tokens.get(from).is_some_and(|token| !token.spaced);
    let [.., before, mark] = tokens.get(..from).unwrap_or_default() else {
        return false;
    };
    let mark = matches!(mark.kind, Kind::Mark(':' | '/' | '.'));
    tight && mark && matches!(before.kind, Kind::Number(_))
}

fn is_number(tokens: &[Token], at: usize) -> bool {
    let token = tokens.get(at);
    token.is_some_and(|token| !token.spaced && matches!(token.kind, Kind::Number(_)))
}

/// "3 shops", but not "3 please", "3 pieces", "3 black ones".
fn is_counted(tokens: &[Token], at: usize, named: bool) -> bool {
    let word = |at: usize| tokens.get(at).and_then(Token::word).unwrap_or_default();
    let place = (at..at + 3).any(|at| PLACES.contains(&word(at)));
    let first = word(at);
    if place || UNITS.contains(&first) {
        return true;
    }
    let ones = matches!(word(at + 1), "one" | "ones");
    let light = first.is_empty() || LIGHT.contains(&first) || PIECES.contains(&first);
    named && !light && !ones
}

/// 3家店, 3个月; but not 3个, 3个吧, 3个黑色的.
fn is_han_counted(tokens: &[Token], at: usize, named: bool) -> bool {
    const CLAUSE: usize = 12;
    let near = tokens.iter().skip(at).take(CLAUSE);
    let run: Vec<char> = near
        .map_while(|token| match token.kind {
            Kind::Han(c) => Some(c),
            _ => None,
        })
        .collect();
    let measured = run.first().is_some_and(|c| HAN_MEASURES.contains(*c));
    let rest = run.get(usize::from(measured)..).unwrap_or_default();
    let Some(next) = rest.first() else {
        return false;
    };
    let unit = HAN_UNITS.contains(*next);
    let light = HAN_LIGHT.contains(*next) || rest.last() == Some(&'的');
    unit || named && !light
}
