//! Days counted from today: `tomorrow`, `in two weeks`, `a week from Friday`, `3天后`.

use jiff::civil::Date;

use super::{
    calendar,
    page::{Page, Read, Unit},
    words::{chinese_unit, unit, weekday},
};

/// A day that is named by its distance, in either language.
pub(super) fn any(page: &Page<'_>, at: usize) -> Option<Read> {
    let (date, to) = counted(page, at)
        .or_else(|| in_units(page, at))
        .or_else(|| named(page, at))
        .or_else(|| chinese_counted(page, at))
        .or_else(|| chinese_named(page, at))?;
    Some(Read::date(date, to))
}

/// A date, or none that exists, and the token behind its words.
type Place = (Option<Date>, usize);

/// `today`, `the day after tomorrow`.
fn named(page: &Page<'_>, at: usize) -> Option<Place> {
    let phrases: [(&[&str], i64); 18] = [
        (&["the", "day", "after", "tomorrow"], 2),
        (&["day", "after", "tomorrow"], 2),
        (&["overmorrow"], 2),
        (&["the", "day", "before", "yesterday"], -2),
        (&["day", "before", "yesterday"], -2),
        (&["today"], 0),
        (&["tonight"], 0),
        (&["this", "morning"], 0),
        (&["this", "afternoon"], 0),
        (&["this", "evening"], 0),
        (&["tomorrow"], 1),
        (&["tommorow"], 1),
        (&["tommorrow"], 1),
        (&["tomorow"], 1),
        (&["tmrw"], 1),
        (&["tmr"], 1),
        (&["yesterday"], -1),
        (&["last", "night"], -1),
    ];
    phrases.iter().find_map(|(words, days)| {
        let to = page.words(at, words)?;
        Some((Page::shift(page.today, *days, Unit::Day), to))
    })
}

/// `in 3 days`, `in a month`; "in a day or two" is too vague.
fn in_units(page: &Page<'_>, at: usize) -> Option<Place> {
    let at = page.words(at, &["in"])?;
    let (count, to) = page.count(at)?;
    let (unit, times) = unit(page, to)?;
    let vague = page.is(to + 1, "or");
    let date = Page::shift(page.today, count.checked_mul(times)?, unit);
    Some((date.filter(|_| !vague), to + 1))
}

/// `3 days from now`, `a week from Friday`, `two weeks ago`.
fn counted(page: &Page<'_>, at: usize) -> Option<Place> {
    let (count, to) = page.count(at)?;
    let (unit, times) = unit(page, to)?;
    let count = count.checked_mul(times)?;
    let (sign, base, to) = match page.word(to + 1)? {
        "ago" => (-1, Some(page.today), to + 2),
        "from" | "after" => base(page, to + 2).map(|(base, to)| (1, base, to))?,
        "before" => base(page, to + 2).map(|(base, to)| (-1, base, to))?,
        // "A week on Monday" is a week after it.
        "on" if matches!(unit, Unit::Week) => {
            weekday_base(page, to + 2).map(|(base, to)| (1, base, to))?
        }
        _ => return None,
    };
    let date = base.and_then(|base| Page::shift(base, sign * count, unit));
    let begins = page.starts_number(at) && page.back(at, 1) != Some("or");
    Some((date.filter(|_| begins), to))
}

/// The day from which days are counted.
fn base(page: &Page<'_>, at: usize) -> Option<Place> {
    if page.is(at, "now") {
        return Some((Some(page.today), at + 1));
    }
    let written = [
        calendar::numeric,
        calendar::day_and_month,
        calendar::month_and_day,
    ]
    .iter()
    .find_map(|reader| reader(page, at));
    named(page, at)
        .or_else(|| weekday_base(page, page.skip(at, "next")))
        .or_else(|| written.map(|read| (read.date, read.to)))
}

fn weekday_base(page: &Page<'_>, at: usize) -> Option<Place> {
    let day = weekday(page, at)?;
    Some((page.today.nth_weekday(1, day).ok(), at + 1))
}

/// `今天`, `大后天`; not within 以后天天, and not 明后天, which is two days.
fn chinese_named(page: &Page<'_>, at: usize) -> Option<Place> {
    const NAMES: [(&str, i64); 18] = [
        ("大后天", 3),
        ("大前天", -3),
        ("今天", 0),
        ("今日", 0),
        ("今晚", 0),
        ("今早", 0),
        ("明天", 1),
        ("明日", 1),
        ("明早", 1),
        ("明晚", 1),
        ("明儿", 1),
        ("后天", 2),
        ("后日", 2),
        ("昨天", -1),
        ("昨日", -1),
        ("昨晚", -1),
        ("前天", -2),
        ("前日", -2),
    ];
    let (name, days) = NAMES
        .iter()
        .find(|(name, _)| page.han(at, name).is_some())?;
    let to = page.han(at, name)?;
    let other = page.han_ends(at, &["以", "之", "然", "今", "聪", "明"]);
    (!other).then(|| (Page::shift(page.today, *days, Unit::Day), to))
}

/// `3天后`, `两周之后`, `过三天`, `5天前`.
fn chinese_counted(page: &Page<'_>, at: usize) -> Option<Place> {
    let other = page.han_ends(at, &["超", "不", "经", "通"]);
    let start = page.han_any(at, &["再过", "过"]).filter(|_| !other);
    let from = start.unwrap_or(at);
    let (count, to) = page.count(from)?;
    let (unit, to) = chinese_unit(page, to)?;
    let later = page.han_any(to, &["之后", "以后", "后"]);
    let earlier = page.han_any(to, &["之前", "以前", "前"]);
    let (sign, to) = match (later, earlier, start) {
        (Some(to), _, _) => (1, to),
        (None, None, Some(_)) => (1, to),
        (None, Some(to), None) => (-1, to),
        _ => return None,
    };
    let whole = page.starts_number(from) && !page.count_crosses(from);
    let begins = whole && !page.han_ends(from, &["第", "几", "月", "年"]);
    let date = Page::shift(page.today, sign * count, unit);
    Some((date.filter(|_| begins), to))
}
