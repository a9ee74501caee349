//! Phrases found in a text: the one matcher behind intents, products, categories and variants.
//!
//! A phrase is a row of tokens. A long word may be misspelt a little and still count; a short
//! one may not, because short words are too near to each other (`desk`, `dusk`).

use std::collections::HashMap;

use crate::text::{singular, tokens};

/// From this many letters on, one slip is forgiven; from [`LONG_LETTERS`] on, two.
const TYPO_LETTERS: usize = 5;
const LONG_LETTERS: usize = 9;

/// Words that are one slip away from a word of the trade but are words themselves.
const NOT_TYPOS: [&str; 34] = [
    "chart",
    "charm",
    "champ",
    "share",
    "house",
    "month",
    "prize",
    "pride",
    "there",
    "where",
    "these",
    "those",
    "stack",
    "stick",
    "shell",
    "shelf",
    "table",
    "tables",
    "cable",
    "cables",
    "light",
    "right",
    "night",
    "stand",
    "board",
    "stool",
    "stood",
    "paper",
    "order",
    "older",
    "three",
    "price",
    "compliant",
    "compliance",
];

/// Phrases, each with what it stands for.
pub(crate) struct PhraseBook<T> {
    entries: Vec<(Vec<String>, T)>,
    by_first_char: HashMap<char, Vec<usize>>,
}

/// A phrase that was found.
#[derive(Clone, Debug)]
pub(crate) struct Match<'a, T> {
    /// The first token.
    pub(crate) start: usize,
    /// The token after the last.
    pub(crate) end: usize,
    /// What the phrase stands for.
    pub(crate) value: &'a T,
    /// Slips that were forgiven.
    pub(crate) typos: u32,
}

impl<T> PhraseBook<T> {
    /// No phrases yet.
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            by_first_char: HashMap::new(),
        }
    }

    /// Adds a phrase; one without words or characters to match is left out.
    pub(crate) fn add(&mut self, phrase: &str, value: T) {
        let row = tokens(phrase);
        let Some(first) = row.first().and_then(|word| word.chars().next()) else {
            return;
        };
        let position = self.entries.len();
        self.by_first_char.entry(first).or_default().push(position);
        self.entries.push((row, value));
    }

    /// Every place where a phrase stands, without those inside a longer one.
    pub(crate) fn find(&self, text: &[String]) -> Vec<Match<'_, T>> {
        let mut found: Vec<Match<'_, T>> = Vec::new();
        for start in 0..text.len() {
            found.extend(self.at(text, start));
        }
        found.sort_by_key(|hit| (std::cmp::Reverse(hit.end - hit.start), hit.typos, hit.start));
        let mut taken = vec![None; text.len()];
        found.retain(|hit| {
            let span = (hit.start, hit.end);
            let free = taken[hit.start..hit.end]
                .iter()
                .all(|owner| owner.is_none_or(|owner| owner == span));
            if free {
                taken[hit.start..hit.end].fill(Some(span));
            }
            free
        });
        found
    }

    fn at<'a>(&'a self, text: &[String], start: usize) -> Vec<Match<'a, T>> {
        let first = text[start].chars().next();
        let candidates = first.and_then(|c| self.by_first_char.get(&c));
        candidates
            .into_iter()
            .flatten()
            .filter_map(|&position| {
                let (row, value) = &self.entries[position];
                let (length, typos) = fit(row, &text[start..])?;
                Some(Match {
                    start,
                    end: start + length,
                    value,
                    typos,
                })
            })
            .collect()
    }
}

/// How many tokens of the text the phrase takes, and with how many slips.
fn fit(row: &[String], text: &[String]) -> Option<(usize, u32)> {
    if text.len() >= row.len() {
        let slips = row.iter().zip(text).map(|(want, have)| slips(want, have));
        if let Some(typos) = slips.sum::<Option<u32>>() {
            return Some((row.len(), typos));
        }
    }
    // `desklamp` is the desk lamp.
    let joined = row.len() > 1 && row.iter().all(|word| word.chars().count() > 2);
    (joined && singular(text.first()?) == row.concat()).then_some((1, 0))
}

/// How many slips make one word of the other; `None` if they are different words.
fn slips(want: &str, have: &str) -> Option<u32> {
    if want == have || singular(want) == singular(have) {
        return Some(0);
    }
    let letters = want.chars().count();
    let allowed = match letters {
        0..TYPO_LETTERS => return None,
        TYPO_LETTERS..LONG_LETTERS => 1,
        _ => 2,
    };
    let other = have.chars().count();
    let alike = letters.abs_diff(other) <= allowed && want.chars().next() == have.chars().next();
    if !alike || other < TYPO_LETTERS - 1 || NOT_TYPOS.contains(&have) {
        return None;
    }
    let distance = strsim::osa_distance(singular(want), singular(have));
    if distance > allowed {
        return None;
    }
    u32::try_from(distance).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(phrases: &[&str], text: &str, expect: &[&str]) {
        let mut book = PhraseBook::new();
        for phrase in phrases {
            book.add(phrase, *phrase);
        }
        let mut found = book.find(&tokens(text));
        found.sort_by_key(|hit| hit.start);
        let found: Vec<_> = found.iter().map(|hit| *hit.value).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn phrases_are_found_at_word_bounds_with_plurals_and_slips() {
        check(&["desk lamp"], "two Desk-Lamps please", &["desk lamp"]);
        check(&["desk lamp"], "a desklamp", &["desk lamp"]);
        check(&["bookcase"], "a bookcsae", &["bookcase"]);
        check(&["no"], "I know nothing", &[]);
        check(&["desk"], "from dusk", &[]);
        check(&["chair"], "a chart", &[]);
        check(&["台灯"], "要两盏台灯", &["台灯"]);
    }

    #[test]
    fn a_longer_phrase_takes_the_words_of_a_shorter_one() {
        check(
            &["desk", "desk lamp"],
            "a desk lamp for my desk",
            &["desk lamp", "desk"],
        );
        check(&["no", "no problem"], "no problem", &["no problem"]);
    }
}
