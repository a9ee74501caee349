//! Phrases found in a text: the one matcher behind intents, products, categories and variants.
//!
//! A phrase is a row of tokens. A long word may be misspelt a little and still count; a short
//! one may not, because short words are too near to each other (`desk`, `dusk`).

use std::collections::{BTreeSet, HashMap};

use crate::text::{singular, tokens};

/// From this many letters on, one slip is forgiven; from [`LONG_LETTERS`] on, two.
const TYPO_LETTERS: usize = 5;
const LONG_LETTERS: usize = 9;
/// In a longer word no slip is looked for: there are too many places for two.
const MOST_LETTERS: usize = 24;
/// The most slips that are forgiven in a word.
const MOST_SLIPS: usize = 2;

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
    index: Index,
}

/// Where phrases are whose first word a word of a text may be: of thousands of names only these are
/// compared with it.
#[derive(Default)]
struct Index {
    /// Where the phrases of each first word are.
    positions: Vec<Vec<usize>>,
    /// The place of a first word among them.
    words: HashMap<String, usize>,
    /// First words by their singular.
    exact: HashMap<String, Vec<usize>>,
    /// First words by what is left of them without as many letters as slips are forgiven in them, and
    /// without fewer: two words that are so many slips apart have something left in common (symmetric
    /// deletion, W. Garbe 2012).
    forgiving: HashMap<String, Vec<usize>>,
    /// Where phrases are, by all their words written as one.
    joined: HashMap<String, Vec<usize>>,
}

impl Index {
    fn add(&mut self, row: &[String], position: usize) {
        let Some(first) = row.first() else { return };
        if is_joinable(row) {
            self.joined.entry(row.concat()).or_default().push(position);
        }
        let word = match self.words.get(first) {
            Some(word) => *word,
            None => self.add_word(first),
        };
        self.positions[word].push(position);
    }

    fn add_word(&mut self, first: &str) -> usize {
        let word = self.positions.len();
        self.positions.push(Vec::new());
        self.words.insert(first.to_owned(), word);
        let whole = singular(first);
        self.exact.entry(whole.to_owned()).or_default().push(word);
        let letters = first.chars().count();
        if let Some(slips) = slips_allowed(letters).filter(|_| letters <= MOST_LETTERS) {
            for left in without_letters(whole, slips) {
                self.forgiving.entry(left).or_default().push(word);
            }
        }
        word
    }

    /// Where phrases are that may begin with this word, in the order in which they were added.
    fn candidates(&self, word: &str) -> Vec<usize> {
        let whole = singular(word);
        let exact = self.exact.get(whole);
        let mut words: BTreeSet<usize> = exact.into_iter().flatten().copied().collect();
        let may_slip = (TYPO_LETTERS - 1..=MOST_LETTERS).contains(&word.chars().count());
        if may_slip && !self.forgiving.is_empty() {
            let left = without_letters(whole, MOST_SLIPS);
            let alike = left.iter().filter_map(|it| self.forgiving.get(it));
            words.extend(alike.flatten());
        }
        let positions = words.into_iter().filter_map(|it| self.positions.get(it));
        let joined = self.joined.get(whole).into_iter();
        let mut found: Vec<usize> = positions.chain(joined).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// A word, and all that is left of it without up to so many letters; its first letter stays.
fn without_letters(word: &str, most: usize) -> BTreeSet<String> {
    let mut all = BTreeSet::from([word.to_owned()]);
    let mut last = all.clone();
    for _ in 0..most {
        let shorter = last.iter().flat_map(|it| {
            (1..it.chars().count()).map(move |left_out| {
                let letters = it.chars().enumerate();
                let others = letters.filter(|(at, _)| *at != left_out);
                others.map(|(_, letter)| letter).collect()
            })
        });
        last = shorter.collect();
        all.extend(last.iter().cloned());
    }
    all
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
            index: Index::default(),
        }
    }

    /// Adds a phrase; one without words or characters to match is left out.
    pub(crate) fn add(&mut self, phrase: &str, value: T) {
        let row = tokens(phrase);
        if row.first().is_none_or(String::is_empty) {
            return;
        }
        self.index.add(&row, self.entries.len());
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
        let candidates = self.index.candidates(&text[start]).into_iter();
        candidates
            .filter_map(|position| {
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
    (is_joinable(row) && singular(text.first()?) == row.concat()).then_some((1, 0))
}

/// Whether people write these words as one.
fn is_joinable(row: &[String]) -> bool {
    row.len() > 1 && row.iter().all(|word| word.chars().count() > 2)
}

/// How many slips are forgiven in a word of so many letters; none in a short one.
const fn slips_allowed(letters: usize) -> Option<usize> {
    match letters {
        0..TYPO_LETTERS => None,
        TYPO_LETTERS..LONG_LETTERS => Some(1),
        _ => Some(MOST_SLIPS),
    }
}

/// How many slips make one word of the other; `None` if they are different words.
fn slips(want: &str, have: &str) -> Option<u32> {
    if want == have || singular(want) == singular(have) {
        return Some(0);
    }
    let letters = want.chars().count();
    let allowed = slips_allowed(letters)?;
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

    proptest::proptest! {
        #[test]
        fn no_phrase_is_missed_that_a_comparison_with_all_would_find(
            want in "[ab][abcs]{2,11}( [ab][abc]{1,6})?",
            have in "[ab][abcs]{2,11}",
        ) {
            let mut book = PhraseBook::new();
            book.add(&want, ());
            let (row, text) = (tokens(&want), tokens(&have));
            let expect = text.iter().position(|it| fit(&row, std::slice::from_ref(it)).is_some());
            let found = book.find(&text).first().map(|hit| hit.start);
            proptest::prop_assert_eq!(found, expect);
        }
    }
}
