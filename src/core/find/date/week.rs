//! Weekdays and weeks: `on Friday`, `next week`, `下周一`.

use jiff::civil::{Date, Weekday};

use super::{
    page::{Page, Read, Unit},
    words::{chinese_weekday, weekday, weekday_or_short},
};

/// Words before a week or a month that make it no day.
pub(super) fn is_vague_before(page: &Page<'_>, at: usize) -> bool {
    let at = if page.back(at, 1) == Some("of") {
        at - 1
    } else {
        at
    };
    let at = if at > 0 && page.is_mark(at - 1, '-') {
        at - 1
    } else {
        at
    };
    let vague = ["middle", "mid", "late", "later", "half", "end", "early"];
    page.back(at, 1).is_some_and(|word| vague.contains(&word))
}

/// `Friday`, `next Monday`, `this Friday`, `Friday next week`, `Friday week`, `next week`, `end of the week`.
pub(super) fn english(page: &Page<'_>, at: usize) -> Option<Read> {
    end_of_week(page, at)
        .or_else(|| week(page, at))
        .or_else(|| day(page, at))
}

/// `next week`, `next week on Friday`, `the week after next`.
fn week(page: &Page<'_>, at: usize) -> Option<Read> {
    let after_next = page.words(at, &["week", "after", "next"]).map(|to| (2, to));
    let (weeks, to) = after_next.or_else(|| Some((1, page.words(at, &["next", "week"])?)))?;
    let day_at = page.skip(to, "on");
    if let Some(day) = weekday(page, day_at) {
        return Some(Read::weekday(day_of_week(page, weeks, day), day_at + 1));
    }
    let monday = page.monday(weeks).filter(|_| !is_vague_before(page, at));
    Some(Read::date(monday, to))
}

/// `end of the week`, `end of next week`: its Sunday.
fn end_of_week(page: &Page<'_>, at: usize) -> Option<Read> {
    let at = page.words(at, &["end", "of"])?;
    let at = page.skip(page.skip(at, "the"), "this");
    let weeks = i64::from(page.is(at, "next"));
    let to = page.words(page.skip(at, "next"), &["week"])?;
    Some(Read::date(day_of_week(page, weeks, Weekday::Sunday), to))
}

/// A weekday, with what stands before and behind it.
fn day(page: &Page<'_>, at: usize) -> Option<Read> {
    let first = page.word(at)?;
    let led = matches!(first, "next" | "this" | "coming" | "last" | "past");
    let coming = first == "this" && page.is(at + 1, "coming");
    let name_at = at + usize::from(led) + usize::from(coming);
    let short = led && first != "this" || follows_preposition(page, at);
    let day = if short {
        weekday_or_short(page, name_at)
    } else {
        weekday(page, name_at)
    }?;
    let to = name_at + 1;
    if !led && is_no_single_day(page, at) {
        return Some(Read::nothing(to));
    }
    if let Some(to) = page.words(to, &["next", "week"]).filter(|_| !led) {
        return Some(Read::weekday(day_of_week(page, 1, day), to));
    }
    if !led && page.is(to, "week") {
        let day = page.today.nth_weekday(2, day).ok();
        return Some(Read::weekday(day, to + 1));
    }
    let this = first == "this" && !coming;
    let nth = if matches!(first, "last" | "past") {
        -1
    } else {
        1
    };
    let date = match page.today {
        today if this && today.weekday() == day => Some(today),
        today => today.nth_weekday(nth, day).ok(),
    };
    Some(Read::weekday(date, to))
}

/// Short names are words of their own ("the sun", "I sat"), but not behind these.
fn follows_preposition(page: &Page<'_>, at: usize) -> bool {
    let before = ["on", "by", "until", "till", "before"];
    page.back(at, 1).is_some_and(|word| before.contains(&word))
}

/// `every Friday`, `Black Friday`.
fn is_no_single_day(page: &Page<'_>, at: usize) -> bool {
    let before = [
        "every", "each", "black", "cyber", "good", "easter", "ash", "any", "most",
    ];
    page.back(at, 1).is_some_and(|word| before.contains(&word))
}

/// `下周`, `下周五`, `这个星期天`, `周五`, `上周三`.
pub(super) fn chinese(page: &Page<'_>, at: usize) -> Option<Read> {
    const LEADS: [(&str, i64); 7] = [
        ("下下", 2),
        ("下", 1),
        ("上上", -2),
        ("上", -1),
        ("这", 0),
        ("本", 0),
        ("", 0),
    ];
    let (lead, weeks) = LEADS
        .into_iter()
        .find(|(lead, _)| page.han(at, lead).is_some())?;
    let led = !lead.is_empty();
    let at_week = page.han(at, lead)?;
    let at_week = page.han(at_week, "个").filter(|_| led).unwrap_or(at_week);
    let to = page.han_any(at_week, &["周", "星期", "礼拜"])?;
    if let Some(day) = chinese_weekday(page, to) {
        let counted = !led && is_counted(page, at);
        let date = if led {
            day_of_week(page, weeks, day)
        } else {
            page.today.nth_weekday(1, day).ok()
        };
        return Some(Read::weekday(date.filter(|_| !counted), to + 1));
    }
    if let Some(to) = page.han_any(to, &["末", "中"]) {
        return Some(Read::nothing(to));
    }
    (weeks > 0).then(|| Read::date(page.monday(weeks), to))
}

/// 两周一次, 每个周五: a number of weeks, or a day that comes again.
fn is_counted(page: &Page<'_>, at: usize) -> bool {
    let before = ["每", "几", "个", "半", "整", "数", "后的", "前的"];
    page.count_ends(at) || page.han_ends(at, &before)
}

fn day_of_week(page: &Page<'_>, weeks: i64, day: Weekday) -> Option<Date> {
    let days = i64::from(day.to_monday_zero_offset());
    Page::shift(page.monday(weeks)?, days, Unit::Day)
}
