//! Whether a row of digits that nothing marks as something else can be a telephone number: dates,
//! ranges, times and amounts have a look of their own.

use super::phone::Run;

/// The longest national number that is written without its leading zero.
const MAX_BARE: usize = 12;

/// Whether this can be a telephone number by its look alone.
pub(super) fn is_plausible(run: &Run) -> bool {
    if run.is_international() {
        return true;
    }
    let digits = run.digits();
    let odd = is_date(run) || is_decimal(run) || is_times(run) || is_range(run);
    if odd {
        return false;
    }
    digits.starts_with('0') || is_chinese_mobile(&digits) || is_bare(run, &digits)
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or(u32::MAX)
}

/// 11 digits that start with 13 to 19, with the country's 86 before them or not.
fn is_chinese_mobile(digits: &str) -> bool {
    let digits = digits.strip_prefix("86").unwrap_or(digits);
    let mut chars = digits.chars();
    let head = (chars.next(), chars.next());
    digits.len() == 11 && matches!(head, (Some('1'), Some('3'..='9')))
}

/// Digits without a leading zero: no compact date, no round amount, no grouped thousands.
fn is_bare(run: &Run, digits: &str) -> bool {
    let solid = run.groups.len() == 1;
    let amount = solid && digits.ends_with("0000") || is_grouped(run);
    digits.len() <= MAX_BARE && !amount && !(solid && is_compact_date(digits))
}

/// `1 000 000`, `612.345.678`: thousands in groups. `612 345 678` may be a number in Spain.
fn is_grouped(run: &Run) -> bool {
    let [first, rest @ ..] = run.groups.as_slice() else {
        return false;
    };
    let thousands =
        !rest.is_empty() && first.len() <= 3 && rest.iter().all(|group| group.len() == 3);
    let spaced = first.len() == 3 && run.marks.iter().all(|mark| mark != ".");
    let round = rest.iter().all(|group| group == "000");
    thousands && (!spaced || round)
}

/// `01.12.2026`, `2026-12-01`, also with a time behind it.
fn is_date(run: &Run) -> bool {
    run.groups.windows(3).any(|groups| match groups {
        [year, month, day] if year.len() == 4 => is_year(year) && is_month_day(month, day),
        [day, month, year] if year.len() == 4 => {
            is_year(year) && (is_month_day(month, day) || is_month_day(day, month))
        }
        [day, month, year] => run.groups.len() == 3 && year.len() == 2 && is_month_day(month, day),
        _ => false,
    })
}

fn is_year(text: &str) -> bool {
    (1900..2200).contains(&number(text))
}

fn is_month_day(month: &str, day: &str) -> bool {
    let short = month.len() <= 2 && day.len() <= 2;
    short && (1..=12).contains(&number(month)) && (1..=31).contains(&number(day))
}

/// `20261201`.
fn is_compact_date(digits: &str) -> bool {
    let parts = digits.get(..4).zip(digits.get(4..6)).zip(digits.get(6..));
    digits.len() == 8
        && parts.is_some_and(|((year, month), day)| is_year(year) && is_month_day(month, day))
}

/// `1234567.89`, `52.5200066`; but `030.1234567`.
fn is_decimal(run: &Run) -> bool {
    let area = run
        .groups
        .first()
        .is_some_and(|first| first.starts_with('0') && first.len() > 2);
    run.groups.len() == 2 && run.marks.iter().any(|mark| mark == ".") && !area
}

/// `09.00-17.30`.
fn is_times(run: &Run) -> bool {
    let marks: Vec<&str> = run.marks.iter().map(String::as_str).collect();
    let short = run.groups.iter().all(|group| group.len() <= 2);
    marks == [".", "-", "."] && short
}

/// `1000-2000`, `2026/2027`.
fn is_range(run: &Run) -> bool {
    let [from, to] = run.groups.as_slice() else {
        return false;
    };
    let joined = run.marks.iter().any(|mark| mark == "-" || mark == "/");
    let round = from.ends_with('0') && to.ends_with('0');
    let years = is_year(from) && is_year(to);
    joined && !from.starts_with('0') && (round && from.len().abs_diff(to.len()) <= 1 || years)
}
