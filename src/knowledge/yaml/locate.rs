//! Where a node stands. The parser knows the place of every event but tells it only in errors,
//! so the walker goes to the node, fails there, and reads the place off its own error.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
}

impl Place {
    /// The first character of a file.
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// The place in a text that a parser's error names; its start where it names none.
    pub(crate) fn of(error: &serde_yaml::Error, text: &str) -> Self {
        error.location().map_or(Self::START, |at| {
            let told = Self {
                line: at.line().max(1),
                column: at.column().max(1),
            };
            told.within(text)
        })
    }

    /// The same, at the end of its line or of the text where it lies behind that: what is missing
    /// at the end is missed on a line that is not there, and YAML breaks lines where no editor
    /// does.
    fn within(self, text: &str) -> Self {
        let lines = text.split('\n').count();
        let line = text.split('\n').nth(self.line - 1);
        let last = line.or_else(|| text.rsplit('\n').next());
        let end = last.map_or(1, |line| line.chars().count() + 1);
        Self {
            line: self.line.min(lines),
            column: if line.is_some() {
                self.column.min(end)
            } else {
                end
            },
        }
    }
}

/// The place of a node: `steps` are positions in maps and lists from the root. With `on_key`,
/// the place of the last step's key instead of its value.
pub(crate) fn locate(text: &str, steps: &[usize], on_key: bool) -> Place {
    Walk { steps, on_key }
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .err()
        .map_or(Place::START, |error| Place::of(&error, text))
}

#[derive(Clone, Copy)]
struct Walk<'s> {
    steps: &'s [usize],
    on_key: bool,
}

const HERE: &str = "here";

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HERE)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some((&position, rest)) = self.steps.split_first() else {
            return Err(de::Error::custom(HERE));
        };
        for _ in 0..position {
            seq.next_element::<IgnoredAny>()?;
        }
        let on_key = self.on_key;
        seq.next_element_seed(Walk {
            steps: rest,
            on_key,
        })?;
        Err(de::Error::custom(HERE))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((&position, rest)) = self.steps.split_first() else {
            return Err(de::Error::custom(HERE));
        };
        for _ in 0..position {
            map.next_entry::<IgnoredAny, IgnoredAny>()?;
        }
        let on_key = self.on_key;
        if on_key && rest.is_empty() {
            map.next_key_seed(Walk { steps: &[], on_key })?;
        } else {
            map.next_key::<IgnoredAny>()?;
            map.next_value_seed(Walk {
                steps: rest,
                on_key,
            })?;
        }
        Err(de::Error::custom(HERE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: 1\nb:\n  - c: x\n    d: {e: 2, f: 3}\n  - 语: 好\n";

    #[track_caller]
    fn check(steps: &[usize], on_key: bool, line: usize, column: usize) {
        assert_eq!(locate(TEXT, steps, on_key), Place { line, column });
    }

    #[test]
    fn every_node_has_its_line_and_column() {
        check(&[0], false, 1, 4);
        check(&[0], true, 1, 1);
        check(&[1, 0, 0], false, 3, 8);
        check(&[1, 0, 1, 1], true, 4, 15);
        check(&[1, 0, 1, 1], false, 4, 18);
        check(&[1, 1, 0], false, 5, 8);
    }
}
