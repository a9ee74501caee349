//! What is wrong with the configuration, said so that it can be put right.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong. Never holds a value that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, or the name of the environment variable.
    pub source: String,
    /// Where in the file.
    pub place: Option<Place>,
    /// The key's path, for example `store.url`.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to try.
    pub hint: String,
}

/// A place in a file, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some(Place { line, column }) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        if let Some(key) = &self.key {
            write!(f, ": {key}")?;
        }
        write!(f, ": {}", self.message)?;
        if self.hint.is_empty() {
            return Ok(());
        }
        write!(f, "\n  hint: {}", self.hint)
    }
}

impl std::error::Error for Problem {}

/// All problems as plain text, one block each, with a closing count.
pub fn render(problems: &[Problem]) -> String {
    let plural = if problems.len() == 1 { "" } else { "s" };
    let count = format!("{} problem{plural} in the configuration\n", problems.len());
    problems
        .iter()
        .map(ToString::to_string)
        .chain([count])
        .collect::<Vec<_>>()
        .join("\n")
}

/// A step was given up, and its problem is told already.
pub(super) struct Told;

/// Why one value cannot be used; the reader adds where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) hint: String,
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// A name that somebody wrote, if it is plain. Else a word in its stead: it may be a secret in the
/// wrong place, or hold control characters.
pub(super) fn shown_name(name: &str) -> &str {
    const LONGEST_NAME_SHOWN: usize = 60;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !name.is_empty() && name.len() <= LONGEST_NAME_SHOWN && name.chars().all(plain) {
        name
    } else {
        "(a name that is not shown)"
    }
}

/// The candidate that was probably meant.
pub(super) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const LEAST_LIKENESS: f64 = 0.6;
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::normalized_damerau_levenshtein(name, candidate),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_like_a_compiler_message() {
        let problem = Problem {
            source: "config/consultant.yaml".to_owned(),
            place: Some(Place { line: 3, column: 8 }),
            key: Some("store.url".to_owned()),
            message: "is a number".to_owned(),
            hint: "put it in quotes".to_owned(),
        };
        insta::assert_snapshot!(problem, @r"
        config/consultant.yaml:3:8: store.url: is a number
          hint: put it in quotes
        ");
        assert!(render(&[problem]).ends_with("1 problem in the configuration\n"));
    }

    #[test]
    fn what_is_no_plain_name_is_not_repeated() {
        assert_eq!(shown_name("tokn"), "tokn");
        for odd in ["", "12345:AAH\u{1b}[31m", "a b", &"x".repeat(61)] {
            assert_eq!(shown_name(odd), "(a name that is not shown)", "{odd:?}");
        }
    }

    #[test]
    fn the_closest_name_is_offered_only_when_it_is_close() {
        assert_eq!(closest("tokne", ["token", "api_url"]), Some("token"));
        assert_eq!(closest("zebra", ["token", "api_url"]), None);
    }
}
