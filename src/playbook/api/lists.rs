//! Lists and numbers as scripts write them.

use crate::sandbox::as_written;
use jiff::civil::Date;
use rhai::{Array, Dynamic, EvalAltResult, ImmutableString};
use rust_decimal::Decimal;

/// Names in a list, at the most.
const MAX_NAMES: usize = 256;
/// The longest of them, in bytes of UTF-8.
const MAX_NAME_BYTES: usize = 256;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// A list of words or names in quotes; `what` says what they are.
pub(super) fn strings(what: &str, list: &Array) -> Outcome<Vec<String>> {
    let words = words(what, list)?;
    Ok(words.iter().map(ToString::to_string).collect())
}

fn words(what: &str, list: &Array) -> Outcome<Vec<ImmutableString>> {
    if list.len() > MAX_NAMES {
        return Err(format!("{what} are {MAX_NAMES} at the most, not {}", list.len()).into());
    }
    list.iter()
        .map(|item| match item.read_lock::<ImmutableString>() {
            Some(name) if name.trim().is_empty() => Err(format!("one of {what} is empty").into()),
            Some(name) if name.len() > MAX_NAME_BYTES => {
                Err(format!("one of {what} has more than {MAX_NAME_BYTES} bytes").into())
            }
            Some(name) => Ok(name.clone()),
            None => Err(format!("{what} are a list of names in quotes: `[\"…\", \"…\"]`").into()),
        })
        .collect()
}

/// One name in quotes, or a list of them.
pub(super) fn one_or_more(what: &str, value: &Dynamic) -> Outcome<Vec<ImmutableString>> {
    if let Some(list) = value.read_lock::<Array>() {
        return words(what, &list);
    }
    words(what, &Array::from([value.clone()]))
}

/// A number, whole or with decimals. What is written as `12.5` is taken as it is written.
pub(super) fn decimal(what: &str, value: &Dynamic) -> Outcome<Decimal> {
    if let Ok(number) = value.as_int() {
        return Ok(Decimal::from(number));
    }
    if let Ok(number) = value.as_decimal() {
        return Ok(number);
    }
    let number = value.as_float().ok();
    number
        .and_then(as_written)
        .ok_or_else(|| format!("{what} is a number, not {}", value.type_name()).into())
}

/// A day in quotes: `2026-12-31`.
pub(super) fn day(what: &str, text: &str) -> Outcome<Date> {
    text.parse().map_err(|_| {
        format!("{what} is a day such as `\"2026-12-31\"` (year, month, day), not `{text}`").into()
    })
}
