//! What is wrong with a file that a sales manager edits. All problems of a file are reported at
//! once, each with its place and a way out, so a problem is a value and not an `Err` chain.

use std::fmt;

/// One problem in `catalog.yaml` or `faq.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// How many characters of the line are meant; at least 1.
    pub width: usize,
    /// The path of the key, for example `products[3].price`; empty for the whole file.
    pub key: String,
    /// What is wrong, with the value that is.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
    /// Whether it only looks wrong, and the file can be used.
    pub is_warning: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// The likeliest word that was meant, if one is near enough.
pub(crate) fn did_you_mean<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const NEAR_ENOUGH: f64 = 0.55;
    known
        .into_iter()
        .map(|word| (strsim::normalized_damerau_levenshtein(wrong, word), word))
        .filter(|(likeness, _)| *likeness >= NEAR_ENOUGH)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

/// `did you mean …?`, or else the list of what there is.
pub(crate) fn suggest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    const SHOWN: usize = 12;
    if let Some(word) = did_you_mean(wrong, known.clone()) {
        return format!("did you mean `{word}`?");
    }
    let names: Vec<_> = known.into_iter().take(SHOWN).collect();
    if names.is_empty() {
        "there is none yet".to_owned()
    } else {
        format!("known: {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        let known = ["lighting", "desks", "storage"];
        assert_eq!(did_you_mean("ligthing", known), Some("lighting"));
        assert_eq!(did_you_mean("flowers", known), None);
        assert_eq!(suggest("flowers", known), "known: lighting, desks, storage");
        assert_eq!(suggest("x", []), "there is none yet");
    }
}
