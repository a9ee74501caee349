//! Days and times as scripts see them, in the company's own time zone. There is no clock here: the
//! turn says when it is.

use consultant_core::{Language, wording};
use jiff::{ZonedDateTime, civil::Date};
use rhai::{Engine, EvalAltResult, NativeCallContext};

use super::{call::Call, lists::day};

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DateView(pub(crate) Date);

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimeView(pub(crate) ZonedDateTime);

/// The most days that are added: a hundred years.
const MAX_DAYS: i64 = 36_525;

pub(super) fn register(engine: &mut Engine) {
    register_date(engine);
    register_time(engine);
    refuse_texts(engine);
}

/// A day never equals a text, and without these a script would never hear of it.
fn refuse_texts(engine: &mut Engine) {
    for operator in ["==", "!=", "<", "<=", ">", ">="] {
        engine
            .register_fn(operator, |_: DateView, text: &str| no_day(text))
            .register_fn(operator, |text: &str, _: DateView| no_day(text));
    }
}

fn no_day(text: &str) -> Result<bool, Box<EvalAltResult>> {
    Err(format!("a day is compared with a day: write `date(\"{text}\")`").into())
}

fn register_date(engine: &mut Engine) {
    engine
        .register_type_with_name::<DateView>("Date")
        .register_fn("date", |text: &str| day("a date", text).map(DateView))
        .register_get("year", |it: &mut DateView| i64::from(it.0.year()))
        .register_get("month", |it: &mut DateView| i64::from(it.0.month()))
        .register_get("day", |it: &mut DateView| i64::from(it.0.day()))
        .register_get("weekday", |it: &mut DateView| weekday(it.0))
        .register_fn("plus_days", plus_days)
        .register_fn("days_until", |it: &mut DateView, other: DateView| {
            it.0.duration_until(other.0).as_hours() / 24
        })
        .register_fn("to_string", |it: &mut DateView| it.0.to_string())
        .register_fn("to_debug", |it: &mut DateView| it.0.to_string())
        .register_fn("written", |ctx: NativeCallContext<'_>, it: DateView| {
            let language = Call::turn_of(&ctx)?.understanding.language;
            Ok::<_, Box<EvalAltResult>>(wording::date(language, it.0))
        })
        .register_fn("written", |it: &mut DateView, language: &str| {
            let language: Language = language
                .parse()
                .map_err(|error: consultant_core::NotALanguage| error.to_string())?;
            Ok::<_, Box<EvalAltResult>>(wording::date(language, it.0))
        })
        .register_fn("==", |a: DateView, b: DateView| a == b)
        .register_fn("!=", |a: DateView, b: DateView| a != b)
        .register_fn("<", |a: DateView, b: DateView| a < b)
        .register_fn("<=", |a: DateView, b: DateView| a <= b)
        .register_fn(">", |a: DateView, b: DateView| a > b)
        .register_fn(">=", |a: DateView, b: DateView| a >= b);
}

fn register_time(engine: &mut Engine) {
    engine
        .register_type_with_name::<TimeView>("Time")
        .register_get("date", |it: &mut TimeView| DateView(it.0.date()))
        .register_get("hour", |it: &mut TimeView| i64::from(it.0.hour()))
        .register_get("minute", |it: &mut TimeView| i64::from(it.0.minute()))
        .register_get("weekday", |it: &mut TimeView| weekday(it.0.date()))
        .register_fn("minutes_until", |it: &mut TimeView, other: TimeView| {
            let seconds = other.0.timestamp().as_second() - it.0.timestamp().as_second();
            // What begins in half a minute begins in a minute, not now.
            seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0)
        })
        .register_fn("to_string", |it: &mut TimeView| {
            it.0.strftime("%H:%M").to_string()
        })
        .register_fn("to_debug", |it: &mut TimeView| it.0.to_string());
}

fn plus_days(it: &mut DateView, days: i64) -> Result<DateView, Box<EvalAltResult>> {
    let days = days.clamp(-MAX_DAYS, MAX_DAYS);
    let span = jiff::Span::new().days(i32::try_from(days).unwrap_or_default());
    it.0.checked_add(span)
        .map(DateView)
        .map_err(|_| format!("{} and {days} days are no date", it.0).into())
}

fn weekday(day: Date) -> &'static str {
    use jiff::civil::Weekday as W;
    match day.weekday() {
        W::Monday => "monday",
        W::Tuesday => "tuesday",
        W::Wednesday => "wednesday",
        W::Thursday => "thursday",
        W::Friday => "friday",
        W::Saturday => "saturday",
        W::Sunday => "sunday",
    }
}
