//! Months and their ends: `next month`, `end of December`, `下个月5号`, `月底`.

use jiff::civil::Date;

use super::{
    page::{Page, Read},
    week::is_vague_before,
    words::{day, month},
};

/// `next month`, `the 5th of next month`, `end of the month`, `end of the year`.
pub(super) fn english(page: &Page<'_>, at: usize) -> Option<Read> {
    end_of(page, at)
        .or_else(|| month_end(page, at))
        .or_else(|| day_of_month(page, at))
        .or_else(|| day_alone(page, at))
        .or_else(|| next(page, at))
}

/// `by the 15th`: of this month or, where that is over, of the next one that has such a day. What
/// the number may count instead is named behind it: "on the 15th floor".
fn day_alone(page: &Page<'_>, at: usize) -> Option<Read> {
    const BEFORE: [&str; 6] = ["on", "by", "until", "till", "before", "from"];
    const BEHIND: [&str; 8] = ["at", "or", "and", "please", "if", "would", "is", "works"];
    let led = page.back(at, 1) == Some("the") && BEFORE.contains(&page.back(at, 2)?);
    let day = day(page, at).filter(|day| led && !day.letters && day.to == at + 2)?;
    let alone = page.word(day.to).is_none_or(|word| BEHIND.contains(&word));
    (alone && page.ends_number(day.to)).then(|| Read::date(next_day(page, day.number), day.to))
}

fn next_day(page: &Page<'_>, day: i8) -> Option<Date> {
    (0..=2)
        .filter_map(|months| day_in(page.first_of_month(months), day))
        .find(|date| *date >= page.today)
}

/// `end of the month`, `end of next month`, `end of May`, `end of the year`.
fn end_of(page: &Page<'_>, at: usize) -> Option<Read> {
    let at = page.words(at, &["end", "of"])?;
    let at = page.skip(page.skip(at, "the"), "this");
    if let Some(named) = month(page, at) {
        let year = page
            .digits(named.to)
            .filter(|year| (1900..2200).contains(year));
        let date = match year {
            Some(year) => Date::new(year, named.number, 1)
                .ok()
                .map(Date::last_of_month),
            None => page.next_end(named.number),
        };
        return Some(Read::date(date, named.to + usize::from(year.is_some())));
    }
    let later = usize::from(page.is(at, "next"));
    let to = at + later + 1;
    let date = match page.word(at + later)? {
        "month" => page
            .first_of_month(i64::try_from(later).ok()?)
            .map(Date::last_of_month),
        "year" => page
            .first_of_month(12 * i64::try_from(later).ok()?)
            .map(Date::last_of_year),
        _ => return None,
    };
    Some(Read::date(date, to))
}

/// `month end`, `at the month's end`.
fn month_end(page: &Page<'_>, at: usize) -> Option<Read> {
    let first = page.word(at)?;
    let mut to = at + 1;
    if page.is_mark(to, '\'') {
        to = page.words(to + 1, &["s"])?;
    } else if page.is_mark(to, '-') {
        to += 1;
    }
    let to = page.words(to, &["end"])?;
    let date = match first {
        "month" => page.today.last_of_month(),
        "year" => page.today.last_of_year(),
        _ => return None,
    };
    Some(Read::date(Some(date), to))
}

/// `the 5th of next month`, `15th of this month`.
fn day_of_month(page: &Page<'_>, at: usize) -> Option<Read> {
    let day = day(page, at)?;
    let at_month = page.words(day.to, &["of"])?;
    let months = match page.word(at_month)? {
        "next" => 1,
        "this" | "the" => 0,
        _ => return None,
    };
    let to = page.words(at_month + 1, &["month"])?;
    let date = day_in(page.first_of_month(months), day.number);
    Some(Read::date(date.filter(|_| page.starts_number(at)), to))
}

fn day_in(month: Option<Date>, day: i8) -> Option<Date> {
    let month = month?;
    Date::new(month.year(), month.month(), day).ok()
}

/// `next month`, `next year`: the first day.
fn next(page: &Page<'_>, at: usize) -> Option<Read> {
    let at_unit = page.words(at, &["next"])?;
    let months = match page.word(at_unit)? {
        "month" => 1,
        "year" => 12,
        _ => return None,
    };
    let first = page.first_of_month(months);
    let first = if months == 12 {
        first.map(Date::first_of_year)
    } else {
        first
    };
    Some(Read::date(
        first.filter(|_| !is_vague_before(page, at)),
        at_unit + 1,
    ))
}

/// `下个月`, `下个月5号`, `下月底`, `这个月底`, `月底`, `年底`.
pub(super) fn chinese(page: &Page<'_>, at: usize) -> Option<Read> {
    chinese_month(page, at)
        .or_else(|| chinese_month_end(page, at))
        .or_else(|| chinese_year_end(page, at))
        .or_else(|| chinese_day_alone(page, at))
}

/// `15号之前`, `15号下午`; 15号 alone may be a size, a table or a house.
fn chinese_day_alone(page: &Page<'_>, at: usize) -> Option<Read> {
    const BEHIND: [&str; 9] = [
        "之前", "以前", "前", "上午", "下午", "早上", "晚上", "之后", "以后",
    ];
    let (day, to) = page.count(at)?;
    let to = page.han(to, "号")?;
    let behind = page.han_any(to, &BEHIND).is_some();
    let whole = page.starts_number(at) && !page.count_crosses(at);
    let other = page.han_ends(at, &["月", "第", "每月", "上", "下"]);
    let date = next_day(page, i8::try_from(day).ok()?);
    (behind && whole && !other).then(|| Read::date(date, to))
}

fn chinese_month(page: &Page<'_>, at: usize) -> Option<Read> {
    const NAMES: [(&str, i64); 11] = [
        ("下下个月", 2),
        ("下下月", 2),
        ("下个月", 1),
        ("下月", 1),
        ("上个月", -1),
        ("上月", -1),
        ("这个月", 0),
        ("这月", 0),
        ("本月", 0),
        ("当月", 0),
        ("次月", 1),
    ];
    let (name, months) = NAMES
        .into_iter()
        .find(|(name, _)| page.han(at, name).is_some())?;
    let to = page.han(at, name)?;
    let first = page.first_of_month(months);
    if let Some(to) = page.han_any(to, &["底", "末"]) {
        return Some(Read::date(first.map(Date::last_of_month), to));
    }
    if let Some(to) = page.han_any(to, &["初"]) {
        return Some(Read::date(first, to));
    }
    if let Some(to) = page.han_any(to, &["中旬", "上旬", "下旬", "中"]) {
        return Some(Read::nothing(to));
    }
    let day = page.count(to).and_then(|(day, to)| {
        let to = page.han_any(to, &["号", "日"])?;
        Some((i8::try_from(day).ok()?, to))
    });
    match day {
        Some((day, to)) => Some(Read::date(day_in(first, day), to)),
        None => (months > 0).then(|| Read::date(first, to)),
    }
}

/// `月底`, `月末`; not `每月底`.
fn chinese_month_end(page: &Page<'_>, at: usize) -> Option<Read> {
    let to = page.han_any(at, &["月底", "月末"])?;
    let again = page.han_ends(at, &["每", "每个", "个"]);
    Some(Read::date(
        Some(page.today.last_of_month()).filter(|_| !again),
        to,
    ))
}

/// `年底`, `今年底`, `明年年底`.
fn chinese_year_end(page: &Page<'_>, at: usize) -> Option<Read> {
    const NAMES: [(&str, i64); 6] = [
        ("明年年底", 12),
        ("明年底", 12),
        ("今年年底", 0),
        ("今年底", 0),
        ("年底", 0),
        ("年末", 0),
    ];
    let (to, months) = NAMES
        .into_iter()
        .find_map(|(name, months)| Some((page.han(at, name)?, months)))?;
    let other = page.han_ends(at, &["每", "去", "前", "后", "这", "那"]) || page.count_ends(at);
    let last = page.first_of_month(months).map(Date::last_of_year);
    Some(Read::date(last.filter(|_| !other), to))
}
