//! Where a key stands in a YAML file.
//!
//! The parser knows the place of every node but tells it only with errors. So the text is read
//! once more, down to the node in question, and refused there on purpose: the error's place is
//! the node's. Only done for problems, so its cost does not matter.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::problem::Place;

/// Which end of `key: value` is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Key,
    Value,
}

/// The place of a key or of its value; `None` if there is no such key.
pub(super) fn locate(text: &str, path: &[&str], side: Side) -> Option<Place> {
    let mut found = false;
    let probe = Probe {
        path,
        side,
        found: &mut found,
    };
    let error = probe
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .err()?;
    if found { place(text, &error) } else { None }
}

/// The place of a parser's error.
pub(super) fn place(text: &str, error: &serde_yaml::Error) -> Option<Place> {
    let location = error.location()?;
    Some(
        Place {
            line: location.line(),
            column: location.column(),
        }
        .within(text),
    )
}

impl Place {
    /// The end of a file is reported one line past its last; an editor has no such line.
    fn within(self, text: &str) -> Self {
        let lines = text.lines().count().max(1);
        if self.line <= lines {
            return self;
        }
        let width = text.lines().last().map_or(0, |line| line.chars().count());
        Self {
            line: lines,
            column: width + 1,
        }
    }
}

struct Probe<'a> {
    path: &'a [&'a str],
    side: Side,
    found: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for Probe<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, node: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            *self.found = true;
            return node.deserialize_any(Refuse);
        }
        node.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Probe<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Some((name, rest)) = self.path.split_first() else {
            return Ok(());
        };
        let refuse = rest.is_empty() && self.side == Side::Key;
        while let Some(here) = map.next_key_seed(KeyProbe {
            name,
            refuse,
            found: &mut *self.found,
        })? {
            if here {
                let next = Probe {
                    path: rest,
                    side: self.side,
                    found: &mut *self.found,
                };
                return map.next_value_seed(next);
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

struct KeyProbe<'a> {
    name: &'a str,
    refuse: bool,
    found: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for KeyProbe<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<bool, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyProbe<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        let here = key == self.name;
        if here && self.refuse {
            *self.found = true;
            return Err(E::custom("here"));
        }
        Ok(here)
    }
}

/// Refuses whatever it meets: every `visit_*` that is not overridden is an error.
struct Refuse;

impl Visitor<'_> for Refuse {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing: this is where the problem is")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# 评论\nstore:\n  url: \"sqlite:a\"\nmodel: {path: x,\n  seed: [1, 2]}\nlog:\n";

    #[track_caller]
    fn check(path: &[&str], side: Side, expected: Option<(usize, usize)>) {
        let place = locate(TEXT, path, side).map(|place| (place.line, place.column));
        assert_eq!(place, expected, "{path:?}");
    }

    #[test]
    fn keys_and_values_are_found_at_any_depth() {
        check(&["store"], Side::Key, Some((2, 1)));
        check(&["store"], Side::Value, Some((3, 3)));
        check(&["store", "url"], Side::Key, Some((3, 3)));
        check(&["store", "url"], Side::Value, Some((3, 8)));
        check(&["model", "seed"], Side::Key, Some((5, 3)));
        check(&["model", "seed"], Side::Value, Some((5, 9)));
        check(&["log"], Side::Key, Some((6, 1)));
    }

    #[test]
    fn what_is_not_there_has_no_place() {
        check(&["nothing"], Side::Key, None);
        check(&["store", "nothing"], Side::Value, None);
        check(&["store", "url", "deeper"], Side::Key, None);
    }
}
