//! When people are there: a week of opening times in the company's own time zone, and the days
//! on which it is closed.

use std::collections::BTreeSet;

use jiff::{
    Span, Timestamp, ZonedDateTime,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

/// A company's week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessHours {
    /// The company's time zone.
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub zone: TimeZone,
    /// The opening times, each within one day; a day may have several or none.
    pub open: Vec<OpenFor>,
    /// Days on which nobody is there.
    pub closed: BTreeSet<Date>,
}

/// An opening time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFor {
    /// The day of the week: 1 is Monday, 7 is Sunday.
    pub weekday: i8,
    /// When somebody comes.
    pub from: Time,
    /// When they leave.
    pub until: Time,
}

/// How many days ahead an opening is looked for.
const DAYS_AHEAD: i32 = 366;

impl BusinessHours {
    /// Whether somebody is there.
    pub fn is_open_at(&self, now: Timestamp) -> bool {
        let now = now.to_zoned_datetime(self.zone.clone());
        let time = now.time();
        self.of(now.date())
            .any(|it| it.from <= time && time < it.until)
    }

    /// When somebody comes next: after `now`, within a year.
    pub fn next_opening(&self, now: Timestamp) -> Option<ZonedDateTime> {
        let now = now.to_zoned_datetime(self.zone.clone());
        (0..=DAYS_AHEAD).find_map(|days| {
            let day = now.date().checked_add(Span::new().days(days)).ok()?;
            let at = |time| {
                let opening = day.to_datetime(time);
                opening.to_zoned_datetime(self.zone.clone()).ok()
            };
            let openings = self.of(day).filter_map(|it| at(it.from));
            openings.filter(|opening| *opening > now).min()
        })
    }

    /// Whether somebody is there at some time of a day.
    pub fn opens_on(&self, day: Date) -> bool {
        self.of(day).next().is_some()
    }

    fn of(&self, day: Date) -> impl Iterator<Item = &OpenFor> {
        let weekday = day.weekday();
        let closed = self.closed.contains(&day);
        let on_day = move |it: &&OpenFor| {
            Weekday::from_monday_one_offset(it.weekday).is_ok_and(|it| it == weekday)
        };
        self.open.iter().filter(on_day).filter(move |_| !closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two hours before UTC in summer, one in winter.
    fn hours() -> BusinessHours {
        let weekdays = (1..=5).map(|weekday| OpenFor {
            weekday,
            from: Time::constant(9, 0, 0, 0),
            until: Time::constant(18, 0, 0, 0),
        });
        let saturday = OpenFor {
            weekday: 6,
            from: Time::constant(10, 0, 0, 0),
            until: Time::constant(14, 0, 0, 0),
        };
        BusinessHours {
            zone: TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap(),
            open: weekdays.chain([saturday]).collect(),
            closed: BTreeSet::from(["2026-12-25".parse().unwrap()]),
        }
    }

    #[track_caller]
    fn check(now: &str, open: bool, next: &str) {
        let now: Timestamp = now.parse().unwrap();
        assert_eq!(hours().is_open_at(now), open, "{now}");
        let opening = hours().next_opening(now).unwrap();
        assert_eq!(opening.timestamp().to_string(), next, "{now}");
    }

    #[test]
    fn a_week_has_opening_times_in_the_companys_own_zone() {
        // A Monday in winter.
        check("2026-11-23T07:59:59Z", false, "2026-11-23T08:00:00Z");
        check("2026-11-23T08:00:00Z", true, "2026-11-24T08:00:00Z");
        check("2026-11-23T16:59:59Z", true, "2026-11-24T08:00:00Z");
        check("2026-11-23T17:00:00Z", false, "2026-11-24T08:00:00Z");
        // A Saturday, and the Sunday after it.
        check("2026-11-28T12:00:00Z", true, "2026-11-30T08:00:00Z");
        check("2026-11-29T12:00:00Z", false, "2026-11-30T08:00:00Z");
        // In summer the same hour begins an hour earlier in UTC.
        check("2026-07-01T07:00:00Z", true, "2026-07-02T07:00:00Z");
    }

    #[test]
    fn a_closed_day_is_passed_over() {
        // Christmas is a Friday.
        check("2026-12-25T12:00:00Z", false, "2026-12-26T09:00:00Z");
        let days = ["2026-12-24", "2026-12-25", "2026-12-26", "2026-12-27"];
        let opens = days.map(|day| hours().opens_on(day.parse().unwrap()));
        assert_eq!(opens, [true, false, true, false]);
    }

    #[test]
    fn a_company_that_never_opens_has_no_next_opening() {
        let never = BusinessHours {
            open: Vec::new(),
            ..hours()
        };
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        assert!(!never.is_open_at(now));
        assert!(never.next_opening(now).is_none());
    }
}
