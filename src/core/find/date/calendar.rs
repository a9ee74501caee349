//! Dates by day and month: `2026-12-01`, `1.12.2026`, `1 December`, `Dec 1st, 2026`, `12月1日`.

use jiff::civil::Date;

use super::{
    page::{Page, Read},
    words::{Day, Month, day, month},
};
use crate::extract::Token;

/// The years that are written with four digits.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// `2026-12-01`, `1.12.2026`, `25/12/2026`, `1.12.26`.
pub(super) fn numeric(page: &Page<'_>, at: usize) -> Option<Read> {
    let mark = ['-', '.', '/']
        .into_iter()
        .find(|mark| page.is_mark(at + 1, *mark))?;
    let tight = (at + 1..at + 5).all(|at| page.tight(at));
    if !tight || !page.is_mark(at + 3, mark) {
        return None;
    }
    let parts = [page.digits(at)?, page.digits(at + 2)?, page.digits(at + 4)?];
    let to = at + 5;
    let alone = page.starts_number(at) && page.ends_number(to);
    let date = alone.then(|| numbers(page, parts, mark)).flatten();
    Some(Read::date(date, to))
}

/// The date that three numbers give, if they give one only.
fn numbers(page: &Page<'_>, [a, b, c]: [i16; 3], mark: char) -> Option<Date> {
    if YEARS.contains(&a) {
        return civil(a, b, c);
    }
    let year = if YEARS.contains(&c) {
        c
    } else {
        short_year(page, c)?
    };
    let day_first = civil(year, b, a);
    let month_first = civil(year, a, b);
    match (day_first, month_first) {
        (Some(one), Some(other)) if one != other && mark != '.' => None,
        (one, other) => one.or(other),
    }
}

/// `26` for 2026: last year or one of the next twenty, for else it is no year at all.
fn short_year(page: &Page<'_>, year: i16) -> Option<i16> {
    let today = page.today.year();
    let full = today
        .checked_sub(today.rem_euclid(100))?
        .checked_add(year)?;
    let near = (today.checked_sub(1)?..=today.checked_add(20)?).contains(&full);
    ((10..100).contains(&year) && near).then_some(full)
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `1 December 2026`, `1st of May`, `the first of December`.
pub(super) fn day_and_month(page: &Page<'_>, at: usize) -> Option<Read> {
    let day = day(page, at)?;
    let of = page.is(day.to, "of");
    let month = month(page, day.to + usize::from(of))?;
    let next = page.word(month.to);
    // "First may I ask", "only 5 may come": a verb.
    let small = !page.is_capitalised(month.name_to - 1);
    let verb = month.verb && !of && next.is_some() && small;
    if day.letters && !of || verb || !page.starts_number(at) {
        return None;
    }
    // Without a year behind it, the dot ends the sentence.
    let dated = year(page, month.to).map_or(month.name_to, |_| month.to);
    Some(with_year(page, at, (&day, &month), dated))
}

/// `December 1`, `Dec. 1st, 2026`, `May the first`.
pub(super) fn month_and_day(page: &Page<'_>, at: usize) -> Option<Read> {
    let month = month(page, at)?;
    let day = day(page, page.skip(month.to, "the"))?;
    // "May first I ask".
    let verb = month.verb && day.letters && page.word(day.to).is_some();
    let read = with_year(page, at, (&day, &month), day.to);
    (!verb && page.ends_number(read.to)).then_some(read)
}

fn with_year(page: &Page<'_>, at: usize, (day, month): (&Day, &Month), to: usize) -> Read {
    let named = year(page, to).or_else(|| relative_year(page, to));
    let last = || Some((page.today.year().checked_sub(1)?, to)).filter(|_| is_last_year(page, at));
    match named.or_else(last) {
        Some((year, to)) => Read::date(Date::new(year, month.number, day.number).ok(), to),
        None => Read::date(page.next(month.number, day.number), to),
    }
}

/// "Last year" behind a date.
fn relative_year(page: &Page<'_>, to: usize) -> Option<(i16, usize)> {
    let to = page.words(page.skip(to, "of"), &["last", "year"])?;
    Some((page.today.year().checked_sub(1)?, to))
}

/// "Last year you repaired my bike on 3 March": whether the clause before a date tells of last
/// year.
fn is_last_year(page: &Page<'_>, at: usize) -> bool {
    const REACH: usize = 12;
    let near = (at.saturating_sub(REACH)..at).rev();
    let mut clause = near.take_while(|&at| !turns(page, at));
    clause.any(|at| page.words(at, &["last", "year"]).is_some() || page.han(at, "去年").is_some())
}

fn turns(page: &Page<'_>, at: usize) -> bool {
    let ends = page.tokens.get(at).is_some_and(Token::ends_sentence);
    let word = page.word(at);
    let english = matches!(word, Some("and" | "but" | "so" | "now" | "this"));
    ends || english || page.han_any(at, &["今年", "但", "现在", "想"]).is_some()
}

/// A year behind a date, behind a comma or not.
fn year(page: &Page<'_>, to: usize) -> Option<(i16, usize)> {
    let at = to + usize::from(page.is_mark(to, ','));
    let year = page.digits(at).filter(|year| YEARS.contains(year))?;
    page.ends_number(at + 1).then_some((year, at + 1))
}

/// `12月1日`, `2026年12月1日`, `明年三月五号`, `12月底`.
pub(super) fn chinese(page: &Page<'_>, at: usize) -> Option<Read> {
    let (year, at_month) = chinese_year(page, at).unzip();
    let month_at = at_month.unwrap_or(at);
    // 每年12月1日, 1850年12月1日.
    let other_year = page.han_ends(at, &["年"]);
    if other_year || !page.starts_number(month_at) || page.count_crosses(at) {
        return None;
    }
    let (month, to) = page.count(month_at)?;
    let to = page.han(to, "月")?;
    let month = i8::try_from(month).ok()?;
    if let Some(to) = page.han_any(to, &["底", "末"]) {
        let last = match year {
            Some(year) => Date::new(year, month, 1).ok().map(Date::last_of_month),
            None => page.next_end(month),
        };
        return Some(Read::date(last, to));
    }
    let (day, to) = page.count(to)?;
    let day = i8::try_from(day).ok()?;
    let to = page
        .han_any(to, &["日", "号"])
        .or_else(|| ends(page, to).then_some(to))?;
    let date = match year {
        Some(year) => Date::new(year, month, day).ok(),
        None if is_last_year(page, at) => {
            let year = page.today.year().checked_sub(1)?;
            Date::new(year, month, day).ok()
        }
        None => page.next(month, day),
    };
    Some(Read::date(date, to))
}

/// The year that stands here, and the token behind it.
fn chinese_year(page: &Page<'_>, at: usize) -> Option<(i16, usize)> {
    let today = page.today.year();
    for (name, years) in [("今年", 0), ("明年", 1), ("后年", 2), ("去年", -1)] {
        if let Some(to) = page.han(at, name) {
            let to = page.han(to, "的").unwrap_or(to);
            return Some((today.checked_add(years)?, to));
        }
    }
    let (year, to) = page.year(at)?;
    let to = page.han(to, "年")?;
    let year = if YEARS.contains(&year) {
        year
    } else {
        short_year(page, year)?
    };
    Some((year, to))
}

/// `12月25` needs no 日 where the sentence ends behind it, and `12月25个` is no date.
fn ends(page: &Page<'_>, at: usize) -> bool {
    page.tokens
        .get(at)
        .is_none_or(|token| token.ends_clause() && page.ends_number(at))
}
