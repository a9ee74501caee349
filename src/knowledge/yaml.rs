//! YAML as a tree that keeps every scalar's literal text.
//!
//! Deserialising straight into structs would stop at the first problem and would read `49.90` as
//! a float. So the file is read twice: once for its shape, once for the text of its scalars, and
//! a third time, up to one node only, when the place of a problem is asked for (see [`locate`]).

mod locate;
mod shape;

pub(crate) use locate::{Place, locate};

use serde::de::DeserializeSeed;

use shape::{Shape, ShapeSeed, TextSeed};

/// The largest file that is read: a bound on memory, far above any real catalogue.
pub(crate) const MAX_FILE_BYTES: usize = 32 << 20;

/// The most values in a file after its aliases are expanded: what stops a "billion laughs".
const MAX_NODES: usize = 4_000_000;

/// A node of the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// Keys and values in the order of the file.
    Map(Vec<(String, Node)>),
    /// Items in the order of the file.
    Seq(Vec<Node>),
    /// A value, as it is written.
    Scalar(String),
    /// Nothing, `~` or `null`.
    Null,
}

impl Node {
    /// What it is, for a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Map(_) => "a group of keys",
            Self::Seq(_) => "a list",
            Self::Scalar(_) => "a single value",
            Self::Null => "nothing",
        }
    }
}

/// Why a text is no tree.
pub(crate) struct NotYaml {
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// Reads a text as one YAML document.
pub(crate) fn parse(text: &str) -> Result<Node, NotYaml> {
    if text.len() > MAX_FILE_BYTES {
        return Err(NotYaml {
            place: Place::START,
            message: format!(
                "the file has {} bytes; at most {MAX_FILE_BYTES} are read",
                text.len()
            ),
        });
    }
    let count = std::cell::Cell::new(MAX_NODES);
    let shape = ShapeSeed { left: &count }
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| not_yaml(&error, text))?;
    if shape == Shape::Null {
        return Ok(Node::Null);
    }
    TextSeed(&shape)
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| not_yaml(&error, text))
}

fn not_yaml(error: &serde_yaml::Error, text: &str) -> NotYaml {
    let full = error.to_string();
    // The parser repeats the place at the end of its message; here it stands in front.
    let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
    NotYaml {
        place: Place::of(error, text),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_keeps_its_literal_text() {
        let tree = parse("a: 49.90\nb: [0x10, '1', yes, ~]\n").ok().unwrap();
        let scalar = |text: &str| Node::Scalar(text.to_owned());
        let list = vec![scalar("0x10"), scalar("1"), scalar("yes"), Node::Null];
        assert_eq!(
            tree,
            Node::Map(vec![
                ("a".into(), scalar("49.90")),
                ("b".into(), Node::Seq(list))
            ])
        );
    }

    #[test]
    fn broken_yaml_says_where() {
        let broken = parse("a: 1\nb: [1, 2\nc: 3\n").err().unwrap();
        assert!(broken.place.line >= 2, "line {}", broken.place.line);
    }

    #[test]
    fn what_is_missing_at_the_end_is_told_at_the_end() {
        for (text, line, column) in [("{a", 1, 3), ("a: [1\n", 2, 1), ("a: \"x\r\ny", 2, 2)] {
            let place = parse(text).err().unwrap().place;
            assert_eq!((place.line, place.column), (line, column), "{text:?}");
        }
    }

    #[test]
    fn a_billion_laughs_are_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let refs = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &[
                "a",
                &level.to_string(),
                ": &a",
                &level.to_string(),
                " [",
                &refs,
                "]\n",
            ]
            .concat();
        }
        assert!(parse(&text).is_err());
    }

    #[test]
    fn a_deep_nest_and_a_huge_file_are_refused() {
        assert!(parse(&format!("a: {}{}", "[".repeat(5000), "]".repeat(5000))).is_err());
        assert!(parse(&"#".repeat(MAX_FILE_BYTES + 1)).is_err());
    }

    #[test]
    fn an_empty_file_is_nothing() {
        assert_eq!(parse("").ok(), Some(Node::Null));
        assert_eq!(parse("# only a comment\n").ok(), Some(Node::Null));
    }
}
