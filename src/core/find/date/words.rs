//! The names of months, weekdays, units and ordinals.

use jiff::civil::Weekday;

use super::page::{Page, Unit};

const MONTHS: [(&str, i8); 24] = [
    ("january", 1),
    ("jan", 1),
    ("february", 2),
    ("feb", 2),
    ("march", 3),
    ("mar", 3),
    ("april", 4),
    ("apr", 4),
    ("may", 5),
    ("june", 6),
    ("jun", 6),
    ("july", 7),
    ("jul", 7),
    ("august", 8),
    ("aug", 8),
    ("september", 9),
    ("sept", 9),
    ("sep", 9),
    ("october", 10),
    ("oct", 10),
    ("november", 11),
    ("nov", 11),
    ("december", 12),
    ("dec", 12),
];

const ORDINALS: [&str; 20] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

const DAYS: [(&str, &[&str]); 7] = [
    ("monday", &["mon"]),
    ("tuesday", &["tue", "tues"]),
    ("wednesday", &["wed", "weds"]),
    ("thursday", &["thu", "thur", "thurs"]),
    ("friday", &["fri"]),
    ("saturday", &["sat"]),
    ("sunday", &["sun"]),
];

/// Whether a word names a month, folded; an abbreviation too.
pub(crate) fn is_month(word: &str) -> bool {
    MONTHS.iter().any(|(name, _)| *name == word)
}

/// A month's name in a text.
pub(super) struct Month {
    /// 1 to 12.
    pub(super) number: i8,
    /// The token behind its name.
    pub(super) name_to: usize,
    /// The token behind it and the dot of its abbreviation.
    pub(super) to: usize,
    /// Whether it is a verb too: may, march.
    pub(super) verb: bool,
}

/// The month that is named here; an abbreviation takes its dot.
pub(super) fn month(page: &Page<'_>, at: usize) -> Option<Month> {
    let word = page.word(at)?;
    let (name, number) = *MONTHS.iter().find(|(name, _)| *name == word)?;
    let short = name == "sept" || name.len() == 3 && name != "may";
    let dot = short && page.is_mark(at + 1, '.') && page.tight(at + 1);
    Some(Month {
        number,
        name_to: at + 1,
        to: at + 1 + usize::from(dot),
        verb: matches!(name, "may" | "march"),
    })
}

/// A day of a month in a text.
pub(super) struct Day {
    /// 1 to 31.
    pub(super) number: i8,
    /// The token behind it.
    pub(super) to: usize,
    /// Whether it is written in letters: first.
    pub(super) letters: bool,
}

/// The day of a month that stands here: `1`, `1st`, `first`, `twenty-first`.
pub(super) fn day(page: &Page<'_>, at: usize) -> Option<Day> {
    if let Some(number) = page.digits(at) {
        let number = i8::try_from(number)
            .ok()
            .filter(|day| (1..=31).contains(day))?;
        let ordinal = matches!(page.word(at + 1), Some("st" | "nd" | "rd" | "th"));
        let to = at + 1 + usize::from(ordinal && page.tight(at + 1));
        return Some(Day {
            number,
            to,
            letters: false,
        });
    }
    let (number, to) = ordinal(page, at)?;
    Some(Day {
        number,
        to,
        letters: true,
    })
}

fn ordinal(page: &Page<'_>, at: usize) -> Option<(i8, usize)> {
    let word = page.word(at)?;
    let tens = match word {
        "twenty" => 20,
        "thirty" => 30,
        "thirtieth" => return Some((30, at + 1)),
        _ => return Some((small_ordinal(word)?, at + 1)),
    };
    let next = at + 1 + usize::from(page.is_mark(at + 1, '-'));
    let one = small_ordinal(page.word(next)?).filter(|one| *one < 10)?;
    Some((tens + one, next + 1)).filter(|(day, _)| *day <= 31)
}

fn small_ordinal(word: &str) -> Option<i8> {
    let index = ORDINALS.iter().position(|name| *name == word)?;
    i8::try_from(index + 1).ok()
}

/// The weekday that is named here in full.
pub(super) fn weekday(page: &Page<'_>, at: usize) -> Option<Weekday> {
    let word = page.word(at)?;
    nth_weekday(DAYS.iter().position(|(name, _)| *name == word)?)
}

/// The weekday that is named here in full or in short.
pub(super) fn weekday_or_short(page: &Page<'_>, at: usize) -> Option<Weekday> {
    let word = page.word(at)?;
    let short = || DAYS.iter().position(|(_, short)| short.contains(&word));
    weekday(page, at).or_else(|| nth_weekday(short()?))
}

/// The weekday that ends a Chinese name: 一 to 六, 日, 天.
pub(super) fn chinese_weekday(page: &Page<'_>, at: usize) -> Option<Weekday> {
    let c = page.han_char(at)?;
    nth_weekday(
        "一二三四五六日天"
            .chars()
            .position(|name| name == c)?
            .min(6),
    )
}

/// Counted from Monday, which is 0.
fn nth_weekday(index: usize) -> Option<Weekday> {
    Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
}

/// The unit that is named here, with how often: a fortnight is two weeks.
pub(super) fn unit(page: &Page<'_>, at: usize) -> Option<(Unit, i64)> {
    Some(match page.word(at)? {
        "day" | "days" => (Unit::Day, 1),
        "week" | "weeks" => (Unit::Week, 1),
        "fortnight" | "fortnights" => (Unit::Week, 2),
        "month" | "months" => (Unit::Month, 1),
        "year" | "years" => (Unit::Year, 1),
        _ => return None,
    })
}

/// The Chinese unit that is named here, and the token behind it. Months need their 个: 3月 is
/// March.
pub(super) fn chinese_unit(page: &Page<'_>, at: usize) -> Option<(Unit, usize)> {
    let units: [(&str, Unit); 10] = [
        ("天", Unit::Day),
        ("日", Unit::Day),
        ("个星期", Unit::Week),
        ("个礼拜", Unit::Week),
        ("星期", Unit::Week),
        ("礼拜", Unit::Week),
        ("周", Unit::Week),
        ("个周", Unit::Week),
        ("个月", Unit::Month),
        ("年", Unit::Year),
    ];
    units
        .iter()
        .find_map(|(name, unit)| Some((*unit, page.han(at, name)?)))
}
