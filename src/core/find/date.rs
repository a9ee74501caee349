//! Dates as customers write them: `2026-12-01`, `Dec 1st`, `in two weeks`, `下周一`.
//!
//! A date without a year is the next one, today included; a weekday is the next one, today not
//! included. What has two readings is not found: `12/1/2026`, a day that no month has, `24/7`.

mod page;
mod ruled_out;
mod words;
mod calendar;
mod day;
mod week;
mod month;

use jiff::civil::Date;

pub(crate) use self::words::is_month;

use self::page::{Page, Read};
use super::{Found, pieces::pieces};
use crate::extract::{Kind, Token};

/// A reader: what stands at a token, if it understands it.
type Reader = fn(&Page<'_>, usize) -> Option<Read>;

/// In this order: what reads more words comes before what would read a part of them.
const READERS: [Reader; 9] = [
    calendar::numeric,
    calendar::chinese,
    calendar::day_and_month,
    calendar::month_and_day,
    month::english,
    month::chinese,
    week::english,
    week::chinese,
    day::any,
];

/// Every date that a text gives; `today` is the customer's own.
///
/// Numbers with dots are read with the day first, as are those with slashes or dashes if only that
/// is a date; a year that leads is followed by month and day. "Next week" is its Monday, "next
/// month" its first day, the end of a week its Sunday. "Next Friday" is the first one after today;
/// 下周五 is the Friday of next week. What lies in the past is found too: whether it makes sense is
/// the playbook's affair. What the customer rules out is not found: "not on Friday", "Friday doesn't
/// work", 周五不行.
pub fn dates(text: &str, today: Date) -> Vec<Found<Date>> {
    let tokens = pieces(text);
    let page = Page::new(text, &tokens, today);
    let reads = read_all(&page);
    let dates = reads
        .iter()
        .enumerate()
        .filter_map(|(index, (from, read))| {
            let date = read.date?;
            let repeats = read.weekday && names_day_of_neighbour(&page, &reads, index);
            let denied = ruled_out::is_ruled_out(&page, *from, read.to);
            let words = tokens.get(*from..read.to)?;
            (!repeats && !denied).then(|| Found::of(text, words, date))?
        });
    dates.collect()
}

/// What was read, with its first token.
fn read_all(page: &Page<'_>) -> Vec<(usize, Read)> {
    let mut reads = Vec::new();
    let mut at = 0;
    while at < page.tokens.len() {
        let read = READERS.iter().find_map(|reader| reader(page, at));
        let next = read.as_ref().map_or(at, |read| read.to);
        reads.extend(read.map(|read| (at, read)));
        at = next.max(at + 1);
    }
    reads
}

/// `Monday` in `Monday, 7 December`: the name of the day of the date beside it.
fn names_day_of_neighbour(page: &Page<'_>, reads: &[(usize, Read)], index: usize) -> bool {
    let Some((from, read)) = reads.get(index) else {
        return false;
    };
    let before = index.checked_sub(1).and_then(|index| reads.get(index));
    let before = before.filter(|(_, other)| only_joints(page, other.to, *from));
    let after = reads.get(index + 1);
    let after = after.filter(|(start, _)| only_joints(page, read.to, *start));
    let weekday = |read: &Read| read.date.map(Date::weekday);
    before
        .into_iter()
        .chain(after)
        .any(|(_, other)| !other.weekday && weekday(other) == weekday(read))
}

fn only_joints(page: &Page<'_>, from: usize, to: usize) -> bool {
    let joint = |token: &Token| {
        matches!(token.kind, Kind::Mark(',' | '(' | ')' | '.'))
            || matches!(token.word(), Some("the" | "on"))
    };
    page.tokens
        .get(from..to)
        .is_some_and(|between| between.iter().all(joint))
}

#[cfg(test)]
mod tests;
