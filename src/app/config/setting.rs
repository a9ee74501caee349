//! How one value is read from YAML or from an environment variable's text.

use std::{fmt::Display, ops::RangeInclusive, path::Path};

use consultant_core::{Language, LocalText};
use serde_yaml::Value;

use super::{problem::Wrong, secret::Secret};

/// A value as it was given, and the folder at which a relative path starts.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a> {
    pub(super) given: RawValue<'a>,
    pub(super) base: &'a Path,
}

/// Files carry types, the environment only text.
#[derive(Clone, Copy)]
pub(super) enum RawValue<'a> {
    Yaml(&'a Value),
    Text(&'a str),
}

/// A type that a setting can have.
pub(super) trait Setting: Sized {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong>;
}

impl<'a> Raw<'a> {
    pub(super) fn is_null(self) -> bool {
        matches!(self.given, RawValue::Yaml(Value::Null))
    }

    /// The text of a value that must be text, without white space around it.
    pub(super) fn text(self) -> Result<&'a str, Wrong> {
        let text: &str = match self.given {
            RawValue::Text(text) => text,
            RawValue::Yaml(Value::String(text)) => text,
            RawValue::Yaml(value @ (Value::Number(_) | Value::Bool(_))) => {
                let message = format!("must be text, but is {}", kind(value));
                return Err(Wrong::new(message, "put it in quotes"));
            }
            RawValue::Yaml(value) => return Err(wrong_kind("text", value)),
        };
        Some(text.trim())
            .filter(|text| !text.is_empty())
            .ok_or_else(empty)
    }
}

fn empty() -> Wrong {
    Wrong::new(
        "is empty",
        "give it a value, or leave the key out to keep the default",
    )
}

fn wrong_kind(wanted: &str, value: &Value) -> Wrong {
    if value.is_null() {
        return empty();
    }
    let hint = "see config/example.yaml for how it is written";
    Wrong::new(format!("must be {wanted}, but is {}", kind(value)), hint)
}

/// What kind of value this is; never the value, which may be a secret.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a section",
        Value::Tagged(_) => "a value with a YAML tag",
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        if raw.is_null() {
            Ok(None)
        } else {
            T::read(raw).map(Some)
        }
    }
}

impl Setting for bool {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        match raw.given {
            RawValue::Yaml(Value::Bool(value)) => Ok(*value),
            RawValue::Text("true") => Ok(true),
            RawValue::Text("false") => Ok(false),
            RawValue::Yaml(Value::Null) => Err(empty()),
            _ => Err(Wrong::new(
                "must be true or false",
                "write `true` or `false`, without quotes",
            )),
        }
    }
}

macro_rules! whole_number {
    ($($Number:ty)*) => {$(
        impl Setting for $Number {
            fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
                let number = match raw.given {
                    RawValue::Text(text) => text.trim().parse().ok(),
                    RawValue::Yaml(Value::Number(number)) => {
                        number.as_u64().and_then(|number| number.try_into().ok())
                    }
                    RawValue::Yaml(value) => return Err(wrong_kind("a whole number", value)),
                };
                let hint = format!("write a whole number from 0 to {}", Self::MAX);
                number.ok_or_else(|| Wrong::new("is not a whole number in range", hint))
            }
        }
    )*};
}

whole_number!(u32 u64 usize);

impl Setting for f64 {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let number = match raw.given {
            RawValue::Text(text) => text.trim().parse().ok(),
            RawValue::Yaml(Value::Number(number)) => number.as_f64(),
            RawValue::Yaml(value) => return Err(wrong_kind("a number", value)),
        };
        number
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| Wrong::new("is not a number", "write a number such as 0.7"))
    }
}

/// Words as they stand, without white space around them.
impl Setting for String {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        raw.text().map(|text| text.trim().to_owned())
    }
}

impl Setting for Language {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let hint = "write two letters, such as en or zh (ISO 639-1)";
        raw.text()?
            .parse()
            .map_err(|_| Wrong::new("is not a language code", hint))
    }
}

/// A list in YAML, or text separated by commas in the environment.
impl<T: Setting> Setting for Vec<T> {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let item = |(at, given): (usize, RawValue<'_>)| {
            T::read(Raw {
                given,
                base: raw.base,
            })
            .map_err(|wrong| Wrong {
                message: format!("item {} {}", at + 1, wrong.message),
                hint: wrong.hint,
            })
        };
        match raw.given {
            RawValue::Text(text) => text
                .split(',')
                .map(RawValue::Text)
                .enumerate()
                .map(item)
                .collect(),
            RawValue::Yaml(Value::Sequence(items)) => items
                .iter()
                .map(RawValue::Yaml)
                .enumerate()
                .map(item)
                .collect(),
            RawValue::Yaml(value) => Err(wrong_kind("a list", value)),
        }
    }
}

/// One text for each language, as a section of language codes; in a variable, as YAML on one line.
impl Setting for LocalText {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let not_texts = || {
            let hint = "write it as `{en: …, zh: …}`, or in a file as one line for each language";
            Wrong::new("must be one text for each language", hint)
        };
        let texts = match raw.given {
            RawValue::Text(text) => serde_yaml::from_str(text).map_err(|_| not_texts())?,
            RawValue::Yaml(value) => value.clone(),
        };
        let one = |(language, text): (&Value, &Value)| {
            let read = |given| Raw {
                given: RawValue::Yaml(given),
                base: raw.base,
            };
            Ok((
                Language::read(read(language))?,
                read(text).text()?.to_owned(),
            ))
        };
        let texts = texts
            .as_mapping()
            .filter(|texts| !texts.is_empty())
            .ok_or_else(not_texts)?;
        texts.iter().map(one).collect::<Result<_, _>>().map(Self)
    }
}

/// Tokens and passwords travel in headers and URLs, so they are visible ASCII throughout.
impl Setting for Secret {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let text = raw.text()?;
        if text.chars().all(|c| c.is_ascii_graphic()) {
            return Ok(Self::new(text));
        }
        Err(Wrong::new(
            "has a space, a control character or a letter beyond ASCII in it",
            "copy the secret again, alone: without `Bot ` before it and without quotes",
        ))
    }
}

/// Refuses a number outside of its range.
pub(super) fn within<T>(number: T, range: &RangeInclusive<T>) -> Result<T, Wrong>
where
    T: PartialOrd + Display,
{
    if range.contains(&number) {
        return Ok(number);
    }
    let hint = format!("write a number from {} to {}", range.start(), range.end());
    Err(Wrong::new(
        format!("is {number}, which is out of range"),
        hint,
    ))
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    #[track_caller]
    fn check<T: Setting + Debug>(given: RawValue<'_>, expected: &str) {
        let read = match T::read(Raw {
            given,
            base: Path::new("/base"),
        }) {
            Ok(value) => format!("{value:?}"),
            Err(wrong) => wrong.message,
        };
        assert_eq!(read, expected);
    }

    #[track_caller]
    fn yaml<T: Setting + Debug>(text: &str, expected: &str) {
        check::<T>(
            RawValue::Yaml(&serde_yaml::from_str(text).unwrap()),
            expected,
        );
    }

    #[test]
    fn numbers_are_read_and_refused_alike_from_files_and_variables() {
        yaml::<u32>("5", "5");
        yaml::<u32>("-5", "is not a whole number in range");
        yaml::<u32>("5.5", "is not a whole number in range");
        yaml::<u32>("4294967296", "is not a whole number in range");
        yaml::<u32>("'5'", "must be a whole number, but is text");
        check::<u32>(RawValue::Text(" 5 "), "5");
        check::<u32>(RawValue::Text("five"), "is not a whole number in range");
        yaml::<f64>("1", "1.0");
        yaml::<f64>(".nan", "is not a number");
        check::<f64>(RawValue::Text("inf"), "is not a number");
    }

    #[test]
    fn yes_is_not_true() {
        yaml::<bool>("true", "true");
        yaml::<bool>("yes", "must be true or false");
        check::<bool>(RawValue::Text("false"), "false");
        check::<bool>(RawValue::Text("1"), "must be true or false");
    }

    #[test]
    fn lists_name_the_item_that_is_wrong() {
        yaml::<Vec<Language>>("[en, ZH]", "[en, zh]");
        yaml::<Vec<Language>>("[en, klingon]", "item 2 is not a language code");
        yaml::<Vec<Language>>("en", "must be a list, but is text");
        check::<Vec<Language>>(RawValue::Text("en, zh"), "[en, zh]");
    }

    #[test]
    fn a_text_for_each_language_needs_codes_and_texts() {
        yaml::<LocalText>("{en: Hi, zh: 你好}", r#"LocalText({en: "Hi", zh: "你好"})"#);
        yaml::<LocalText>("{english: Hi}", "is not a language code");
        yaml::<LocalText>("{en: 1}", "must be text, but is a number");
        yaml::<LocalText>("Hi", "must be one text for each language");
    }

    #[test]
    fn a_secret_is_one_visible_word() {
        yaml::<Secret>("'12345:AAH'", "[secret]");
        let odd = "has a space, a control character or a letter beyond ASCII in it";
        yaml::<Secret>("Bot abc", odd);
        yaml::<Secret>("\"a\\0b\"", odd);
        yaml::<Secret>("12345", "must be text, but is a number");
        yaml::<Secret>("''", "is empty");
    }

    #[test]
    fn the_ends_of_a_range_belong_to_it() {
        assert_eq!(within(1, &(1..=3)), Ok(1));
        assert_eq!(within(3, &(1..=3)), Ok(3));
        assert_eq!(
            within(4, &(1..=3)).unwrap_err().hint,
            "write a number from 1 to 3"
        );
    }
}
