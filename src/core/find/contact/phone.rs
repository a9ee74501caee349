//! Telephone numbers as people write them.

use std::ops::Range;

use super::{super::Found, named::is_named_otherwise, plausible::is_plausible};
use crate::{
    Currency,
    extract::{ClaimKind, Folded, find_claims, fold, is_han},
};

/// How many digits a number has (E.164; fewer than seven are no subscriber's number).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Digits in a row, with what separates them.
pub(super) struct Run {
    /// The groups of digits.
    pub(super) groups: Vec<String>,
    /// What stands between them: one fewer.
    pub(super) marks: Vec<String>,
    /// Whether a plus leads.
    pub(super) plus: bool,
    /// Where the first character stands, and the one behind the last.
    at: Range<usize>,
}

impl Run {
    /// The digits alone.
    pub(super) fn digits(&self) -> String {
        self.groups.concat()
    }

    /// Whether the country's code leads.
    pub(super) fn is_international(&self) -> bool {
        self.plus || self.digits().starts_with("00")
    }
}

/// Every telephone number in a text.
pub(super) fn phones(text: &str) -> Vec<Found<String>> {
    let folded = fold(text);
    let amounts: Vec<Range<usize>> = find_claims(text, Currency::EUR)
        .into_iter()
        .filter(|claim| matches!(claim.kind, ClaimKind::Money { .. }))
        .map(|claim| claim.range)
        .collect();
    let mut phones = Vec::new();
    let mut at = 0;
    while at < folded.len() {
        if let Some(end) = iban(&folded, at) {
            at = end;
            continue;
        }
        let Some(run) = run(&folded, at) else {
            at += 1;
            continue;
        };
        at = run.at.end;
        phones.extend(split(run).into_iter().filter_map(|run| {
            let found = phone(text, &folded, &run)?;
            let money = |amount: &Range<usize>| {
                amount.start < found.range.end && found.range.start < amount.end
            };
            (!amounts.iter().any(money)).then_some(found)
        }));
    }
    phones
}

/// Where account numbers (IBAN) stand.
pub(super) fn ibans(text: &str) -> Vec<Range<usize>> {
    let folded = fold(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < folded.len() {
        let Some(end) = iban(&folded, at) else {
            at += 1;
            continue;
        };
        found.push(folded[at].at.start..folded[end - 1].at.end);
        at = end;
    }
    found
}

fn char_at(folded: &[Folded], at: usize) -> Option<char> {
    folded.get(at).map(|f| f.c)
}

fn is_digit(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_digit())
}

/// The run of digits that starts here, with its plus.
fn run(folded: &[Folded], from: usize) -> Option<Run> {
    let plus = char_at(folded, from) == Some('+');
    let first = from + usize::from(plus);
    if !is_digit(char_at(folded, first)) {
        return None;
    }
    let mut run = Run {
        groups: Vec::new(),
        marks: Vec::new(),
        plus,
        at: from..first,
    };
    loop {
        let rest = folded.get(run.at.end..)?;
        let group: String = rest
            .iter()
            .map(|f| f.c)
            .take_while(char::is_ascii_digit)
            .collect();
        run.at.end += group.len();
        run.groups.push(group);
        let Some(mark) = separator(&folded[run.at.end..]) else {
            break;
        };
        run.at.end += mark.chars().count();
        run.marks.push(mark);
    }
    let closes = run
        .marks
        .iter()
        .find_map(|mark| mark.chars().find(|c| "()".contains(*c)));
    if closes == Some(')') && from > 0 && char_at(folded, from - 1) == Some('(') {
        run.at.start -= 1;
    }
    Some(run)
}

/// What separates two groups of digits here: a space or two, a dash, a dot, a slash, brackets.
fn separator(rest: &[Folded]) -> Option<String> {
    let mark: String = rest
        .iter()
        .take(4)
        .map(|f| f.c)
        .take_while(|c| " -./()".contains(*c))
        .collect();
    let known = [
        " ", "  ", "-", ".", "/", "(", ")", " (", ") ", ")-", ")/", "-(", ") (", ")(",
    ];
    (known.contains(&mark.as_str()) && is_digit(char_at(rest, mark.len()))).then_some(mark)
}

/// Two numbers with a space between them are two; any other run is one.
fn split(run: Run) -> Vec<Run> {
    let long = run.digits().len() > *DIGITS.end();
    let whole = run.groups.iter().all(|group| DIGITS.contains(&group.len()));
    let spaced = run.marks.iter().all(|mark| mark.trim().is_empty());
    if !(long && whole && spaced) {
        return vec![run];
    }
    let mut start = run.at.start;
    let mut runs = Vec::new();
    for (index, group) in run.groups.into_iter().enumerate() {
        let plus = run.plus && index == 0;
        let end = start + group.len() + usize::from(plus);
        let space = run.marks.get(index).map_or(0, String::len);
        runs.push(Run {
            groups: vec![group],
            marks: Vec::new(),
            plus,
            at: start..end,
        });
        start = end + space;
    }
    runs
}

/// The telephone number that a run of digits is, if it is one.
fn phone(text: &str, folded: &[Folded], run: &Run) -> Option<Found<String>> {
    let value = number(run)?;
    if !begins(folded, run.at.start) || !ends(folded, run.at.end) {
        return None;
    }
    let before: String = folded[..run.at.start].iter().map(|f| f.c).collect();
    if is_named_otherwise(&before) || !is_plausible(run) {
        return None;
    }
    let range = folded.get(run.at.start)?.at.start..folded.get(run.at.end - 1)?.at.end;
    Found::at(text, range, value)
}

/// The digits, as they are dialled.
fn number(run: &Run) -> Option<String> {
    let international = run.is_international();
    let trunk = trunk_zero(run).filter(|_| international);
    let groups = run.groups.iter().enumerate();
    let kept = groups
        .filter(|(at, _)| Some(*at) != trunk)
        .map(|(_, group)| group.as_str());
    let digits: String = kept.collect();
    let abroad = digits.strip_prefix("00").filter(|_| !run.plus);
    let digits = abroad.unwrap_or(&digits);
    let zero = international && digits.starts_with('0');
    let sign = if international { "+" } else { "" };
    (!zero && DIGITS.contains(&digits.len())).then(|| format!("{sign}{digits}"))
}

/// The group that is a zero in brackets: `+49 (0)30`.
fn trunk_zero(run: &Run) -> Option<usize> {
    let opened = |at: usize| run.marks.get(at).is_some_and(|mark| mark.ends_with('('));
    let at = run.groups.iter().skip(1).position(|group| group == "0")? + 1;
    opened(at - 1).then_some(at)
}

/// Whether a number may begin here: not within a word, a code, an amount or an address.
fn begins(folded: &[Folded], at: usize) -> bool {
    let before = |by: usize| char_at(folded, at.checked_sub(by)?);
    match before(1) {
        Some(c) if c.is_alphanumeric() => is_han(c),
        Some('#' | '@' | '№' | '=' | '&' | '%' | '$' | '€' | '£' | '¥' | '+' | '\\' | '~') => {
            false
        }
        Some(',' | '?') => !is_digit(before(2)),
        Some('.' | '/' | '-' | '\'') => match before(2) {
            Some(c) if c.is_alphabetic() && !is_han(c) => is_phone_word(folded, at - 1),
            before => !is_digit(before) && before != Some('/'),
        },
        Some(' ') => !matches!(before(2), Some('#' | '№' | '$' | '€' | '£' | '¥')),
        None | Some(_) => true,
    }
}

/// `Tel.0301234567`: a word before a dot that speaks of telephones.
fn is_phone_word(folded: &[Folded], to: usize) -> bool {
    let word: Vec<char> = folded[..to]
        .iter()
        .rev()
        .map(|f| f.c)
        .take_while(|c| c.is_alphabetic())
        .collect();
    let word: String = word.into_iter().rev().collect();
    matches!(
        word.as_str(),
        "tel" | "ph" | "phone" | "mob" | "mobile" | "fon" | "telefon" | "cell"
    )
}

/// Whether a number may end before this place.
fn ends(folded: &[Folded], at: usize) -> bool {
    let after = |by: usize| char_at(folded, at + by);
    match after(0) {
        Some(c) if c.is_alphanumeric() => is_han(c),
        Some('%' | '@' | '°' | '€' | '$' | '£' | '¥' | '#' | '=') => false,
        Some('.' | ',' | ':' | '-' | '/' | '\'') => {
            !after(1).is_some_and(|c| c.is_alphanumeric() && !is_han(c))
        }
        None | Some(_) => true,
    }
}

/// The place behind an IBAN-like row that starts here: two capitals, two digits, and groups of four
/// letters and digits.
fn iban(folded: &[Folded], from: usize) -> Option<usize> {
    let head = folded.get(from..from + 4)?;
    let country = head
        .iter()
        .take(2)
        .all(|f| f.capital && f.c.is_ascii_alphabetic());
    let check = head.iter().skip(2).all(|f| f.c.is_ascii_digit());
    let inside = from > 0 && folded[from - 1].c.is_alphanumeric();
    if !country || !check || inside {
        return None;
    }
    let mut end = from;
    let mut signs = 0;
    loop {
        let group = folded[end..]
            .iter()
            .take_while(|f| f.c.is_ascii_alphanumeric())
            .count();
        let digits = folded[end..end + group]
            .iter()
            .any(|f| f.c.is_ascii_digit() || f.capital);
        if group == 0 || !digits {
            break;
        }
        (end, signs) = (end + group, signs + group);
        if group != 4 || char_at(folded, end) != Some(' ') {
            break;
        }
        end += 1;
    }
    (signs >= 14).then_some(end)
}

#[cfg(test)]
mod tests;
