//! `consultant playbook results` and `consultant playbook replay`: what became of conversations,
//! and what would become of them.

use std::str::FromStr;

use clap::Args;
use jiff::{Span, SpanRelativeTo, Timestamp, civil::Date, tz::TimeZone};

use super::JsonArgs;

/// Options of `playbook results`.
#[derive(Debug, Args)]
pub struct PlaybookResultsArgs {
    /// Only conversations that began since then: `30d`, `12h`, or a day, `2026-11-01` (UTC).
    #[arg(long, value_name = "WHEN", default_value = "30d")]
    pub since: Since,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `playbook replay`.
#[derive(Debug, Args)]
pub struct PlaybookReplayArgs {
    /// Only conversations that began since then: `30d`, `12h`, or a day, `2026-11-01` (UTC).
    #[arg(long, value_name = "WHEN", default_value = "30d")]
    pub since: Since,

    /// What is tried: `files`, `live`, `before`, `trial`, or digits of a version.
    #[arg(long, value_name = "VERSION", default_value = "files")]
    pub against: String,

    /// What it is compared with: `recorded`, the version that answered each conversation; or one
    /// for all of them, by a name as above.
    #[arg(long, value_name = "VERSION", default_value = "recorded")]
    pub base: String,

    /// Only so many conversations, those that began last.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// A time in the past, as people write it.
#[derive(Clone, Copy, Debug)]
pub enum Since {
    /// So long ago.
    Ago(Span),
    /// Since the beginning of a day, in UTC.
    Day(Date),
}

impl Since {
    /// The moment that is meant.
    pub fn before(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(span) => {
                let time = span.to_duration(SpanRelativeTo::days_are_24_hours());
                let then = time.ok().and_then(|it| now.checked_sub(it.abs()).ok());
                then.unwrap_or(Timestamp::MIN)
            }
            Self::Day(day) => {
                let begin = day.at(0, 0, 0, 0).to_zoned_datetime(TimeZone::UTC);
                begin.map_or(Timestamp::MIN, |begin| begin.timestamp())
            }
        }
    }
}

/// It is no time that people write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write `30d`, `12h`, or a day such as `2026-11-01`")]
pub struct NotATime;

impl FromStr for Since {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        if let Ok(day) = text.parse() {
            return Ok(Self::Day(day));
        }
        let span: Span = text.parse().map_err(|_| NotATime)?;
        // Months have no length of their own.
        let sure = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .is_ok();
        sure.then_some(Self::Ago(span)).ok_or(NotATime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let now = "2026-11-30T12:00:00Z".parse().unwrap();
        let since: Since = text.parse().unwrap();
        assert_eq!(since.before(now).to_string(), expect);
    }

    #[test]
    fn a_time_ago_and_a_day_are_understood() {
        check("30d", "2026-10-31T12:00:00Z");
        check("2w", "2026-11-16T12:00:00Z");
        check("12h", "2026-11-30T00:00:00Z");
        check("2026-11-01", "2026-11-01T00:00:00Z");
        for wrong in ["", "yesterday", "1mo", "30"] {
            assert_eq!(wrong.parse::<Since>().err(), Some(NotATime), "{wrong}");
        }
    }
}
