//! `company.hours`: when people are there, day by day, in the company's own time zone.

use std::collections::BTreeSet;

use consultant_core::{BusinessHours, OpenFor};
use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use super::fields::{Report, Spot};

/// The days of a week, Monday first, as keys.
pub(crate) const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Days in `closed`, at the most.
const MAX_CLOSED: usize = 366;

/// The longest opening times of a day, in characters: three of them.
const MAX_CHARS: usize = 50;

pub(super) fn hours(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<BusinessHours> {
    let mut known = vec!["time_zone", "closed"];
    known.extend(WEEKDAYS);
    let fields = spot.fields(report, &known)?;
    let zone = fields.require(report, "time_zone");
    let zone = zone.and_then(|spot| time_zone(report, &spot));
    let mut open = Vec::new();
    for (day, weekday) in WEEKDAYS.iter().zip(1..) {
        if let Some(spot) = fields.get(day) {
            open.extend(day_of_week(report, &spot, weekday));
        }
    }
    let closed = fields.get("closed");
    let closed = closed.map(|spot| closed_days(report, &spot));
    Some(BusinessHours {
        zone: zone?,
        open,
        closed: closed.unwrap_or_default(),
    })
}

fn time_zone(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<TimeZone> {
    const CHARS: usize = 60;
    let name = spot.text(report, CHARS)?;
    let zone = TimeZone::get(&name).ok();
    if zone.is_none() {
        let message = format!("`{name}` is not a time zone");
        let hint = "write a name such as `Europe/Berlin` or `Asia/Shanghai` (IANA)";
        report.add(&spot.at, message, hint);
    }
    zone
}

/// `09:00-18:00`, or several with commas.
fn day_of_week(report: &mut Report<'_>, spot: &Spot<'_>, weekday: i8) -> Vec<OpenFor> {
    let Some(text) = spot.text(report, MAX_CHARS) else {
        return Vec::new();
    };
    let mut open: Vec<OpenFor> = Vec::new();
    for part in text.split(',') {
        let Some((from, until)) = opening(part) else {
            let message = format!("`{}` is no opening time", part.trim());
            let hint = "write `09:00-18:00`, or `09:00-12:00, 13:00-18:00`; leave a day out on \
                        which nobody is there";
            report.add(&spot.at, message, hint);
            return Vec::new();
        };
        if open.last().is_some_and(|before| from < before.until) {
            let hint = "write the opening times of a day one after another";
            report.add(&spot.at, "two opening times overlap", hint);
            return Vec::new();
        }
        open.push(OpenFor {
            weekday,
            from,
            until,
        });
    }
    open
}

fn opening(text: &str) -> Option<(Time, Time)> {
    let (from, until) = text.trim().split_once('-')?;
    let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
    let from = time(from)?;
    let until = match until.trim() {
        // There is no such time, and everybody knows what it means.
        "24:00" => Time::MAX,
        other => time(other)?,
    };
    (from < until).then_some((from, until))
}

fn closed_days(report: &mut Report<'_>, spot: &Spot<'_>) -> BTreeSet<Date> {
    const CHARS: usize = 20;
    let items = spot.items(report, MAX_CLOSED);
    let mut days = BTreeSet::new();
    for item in &items {
        let Some(text) = item.text(report, CHARS) else {
            continue;
        };
        match text.parse() {
            Ok(day) => drop(days.insert(day)),
            Err(_) => report.add(
                &item.at,
                format!("`{text}` is no day"),
                "write year, month and day: `2026-12-25`",
            ),
        }
    }
    days
}
