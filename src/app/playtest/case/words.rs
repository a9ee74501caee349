//! What a reply must hold: written as a text, as several, or in detail.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, de::Error};

/// The largest regular expression, once it is made ready: `\w{1000}` is larger.
const MOST_PATTERN_BYTES: usize = 1 << 20;

/// What a text must hold: written as a text, as several, or in detail.
#[derive(Clone, Debug, Default)]
pub(in crate::playtest) struct Words(pub(in crate::playtest) Detailed);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = serde_yaml::Value::deserialize(from)?;
        if value.is_mapping() {
            let detailed = serde_yaml::from_value(value).map_err(D::Error::custom)?;
            return Ok(Self(detailed));
        }
        let contains = texts(value)?;
        Ok(Self(Detailed {
            contains,
            ..Detailed::default()
        }))
    }
}

/// What a text must hold, in detail.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::playtest) struct Detailed {
    /// Nothing but this.
    pub(in crate::playtest) is: Option<String>,
    /// All of these.
    #[serde(default, deserialize_with = "one_or_many")]
    pub(in crate::playtest) contains: Vec<String>,
    /// None of these.
    #[serde(default, deserialize_with = "one_or_many")]
    pub(in crate::playtest) lacks: Vec<String>,
    /// Something that fits each of these regular expressions.
    #[serde(default, deserialize_with = "patterns")]
    pub(in crate::playtest) matches: Vec<Regex>,
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    texts(serde_yaml::Value::deserialize(from)?)
}

fn patterns<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Regex>, D::Error> {
    let texts: Vec<String> = texts(serde_yaml::Value::deserialize(from)?)?;
    texts.iter().map(|text| pattern(text)).collect()
}

fn pattern<E: Error>(text: &str) -> Result<Regex, E> {
    let made = RegexBuilder::new(text)
        .size_limit(MOST_PATTERN_BYTES)
        .build();
    made.map_err(|error| {
        // Its first lines show the expression, its last one says what is wrong.
        let told = error.to_string();
        let why = told.lines().last().unwrap_or_default();
        let why = why.trim_start_matches("error: ");
        E::custom(format!("`{text}`{IS_NONE}: {why}"))
    })
}

/// What is said of a wrong one.
const IS_NONE: &str = " is no regular expression";

/// Line and column of the wrong expression that a message is about. The YAML reader knows where
/// its `expect` begins, from which line on it is looked for.
pub(super) fn place(text: &str, from_line: usize, message: &str) -> Option<(usize, usize)> {
    let (before, _) = message.split_once(IS_NONE)?;
    let pattern = before.split_once('`')?.1.trim_end_matches('`');
    let mut lines = text.lines().enumerate().skip(from_line.saturating_sub(1));
    lines.find_map(|(number, line)| {
        let (before, _) = line.split_once(pattern)?;
        Some((number + 1, before.chars().count() + 1))
    })
}

/// A text or several. A number is refused, because `49.90` would be read as `49.9`.
pub(super) fn texts<E: Error>(value: serde_yaml::Value) -> Result<Vec<String>, E> {
    let values = match value {
        serde_yaml::Value::Sequence(values) => values,
        one => vec![one],
    };
    let text = |value| match value {
        serde_yaml::Value::String(text) => Ok(text),
        _ => Err(E::custom(
            "words are wanted here; put a number in quotes, \"49.90\"",
        )),
    };
    values.into_iter().map(text).collect()
}
