//! Which texts of many have a question's words, by BM25 (Robertson and Zaragoza 2009) over inverted
//! lists.
//!
//! The `bm25` crate, which was here before, visits every text that has any word of the question: 22 ms
//! among 100,000. Here a word that stands in many texts only adds to those that a rarer one has found,
//! so that a search costs what its telling words cost.

use std::collections::{BTreeSet, HashMap};

/// How soon a word's weight is used up, and how much long texts are held back.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// A word in more texts than this, and in more than one of [`COMMON_SHARE`], leads to none by itself.
const COMMON: usize = 1_000;
const COMMON_SHARE: usize = 20;

/// Texts by their words.
#[derive(Debug)]
pub(super) struct Bm25 {
    words: HashMap<String, Word>,
    /// What each text's length does to its words.
    lengths: Vec<f64>,
    /// From so many texts on, a word is a common one.
    common: usize,
}

/// A word, and the texts that have it, in their order.
#[derive(Debug, Default)]
struct Word {
    weight: f64,
    texts: Vec<u32>,
}

impl Bm25 {
    /// Over texts, each as the words that it has.
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a BTreeSet<String>>) -> Self {
        let mut words: HashMap<String, Word> = HashMap::new();
        let mut sizes = Vec::new();
        for (number, text) in (0_u32..).zip(texts) {
            for word in text {
                words.entry(word.clone()).or_default().texts.push(number);
            }
            sizes.push(count(text.len()));
        }
        let all = count(sizes.len());
        for word in words.values_mut() {
            word.weight = weight(word.texts.len(), all);
        }
        let mean = sizes.iter().sum::<f64>() / all.max(1.0);
        let length = |size: &f64| K1 * (1.0 - B + B * size / mean.max(1.0));
        Self {
            lengths: sizes.iter().map(length).collect(),
            common: COMMON.max(sizes.len() / COMMON_SHARE),
            words,
        }
    }

    /// How telling a word is: its inverse document frequency. One that no text has is as telling as
    /// the most telling one.
    pub(super) fn weight(&self, word: &str) -> f64 {
        let known = self.words.get(word).map(|word| word.weight);
        known.unwrap_or_else(|| weight(1, count(self.lengths.len())).max(1.0))
    }

    /// The texts that have most of these words, best first; of equals, the first ones. At most so
    /// many.
    pub(super) fn best(&self, asked: &BTreeSet<String>, most: usize) -> Vec<usize> {
        let mut words: Vec<&Word> = asked.iter().filter_map(|it| self.words.get(it)).collect();
        words.sort_by_key(|word| word.texts.len());
        let mut scores: HashMap<u32, f64> = HashMap::new();
        for word in words {
            if word.texts.len() <= self.common || scores.is_empty() {
                self.add(word, &mut scores);
            } else {
                self.add_to_found(word, &mut scores);
            }
        }
        let mut ranked: Vec<(u32, f64)> = scores.into_iter().collect();
        let by_score = |a: &(u32, f64), b: &(u32, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if ranked.len() > most {
            ranked.select_nth_unstable_by(most, by_score);
            ranked.truncate(most);
        }
        ranked.sort_by(by_score);
        let texts = ranked
            .into_iter()
            .filter_map(|(text, _)| usize::try_from(text).ok());
        texts.collect()
    }

    fn add(&self, word: &Word, scores: &mut HashMap<u32, f64>) {
        for text in &word.texts {
            *scores.entry(*text).or_default() += self.part(word, *text);
        }
    }

    /// Adds a common word to those texts alone that others have found.
    fn add_to_found(&self, word: &Word, scores: &mut HashMap<u32, f64>) {
        let found = scores.iter_mut();
        for (text, score) in found.filter(|(text, _)| word.texts.binary_search(text).is_ok()) {
            *score += self.part(word, *text);
        }
    }

    /// What a word adds to the score of a text that has it.
    fn part(&self, word: &Word, text: u32) -> f64 {
        let length = usize::try_from(text)
            .ok()
            .and_then(|it| self.lengths.get(it));
        word.weight * (K1 + 1.0) / (1.0 + length.copied().unwrap_or(K1))
    }
}

/// The inverse document frequency of a word in so many of all texts.
fn weight(texts: usize, all: f64) -> f64 {
    let texts = count(texts);
    ((all - texts + 0.5) / (texts + 0.5)).ln_1p()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> BTreeSet<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn index(texts: &[&str]) -> Bm25 {
        let texts: Vec<_> = texts.iter().map(|it| words(it)).collect();
        Bm25::new(texts.iter())
    }

    #[test]
    fn rare_words_and_short_texts_come_first() {
        let index = index(&["a b c d e", "a b", "a z", "q"]);
        assert_eq!(index.best(&words("a z"), 9), [2, 1, 0]);
        assert_eq!(index.best(&words("a b"), 2), [1, 0]);
        assert_eq!(index.best(&words("nothing"), 9), Vec::<usize>::new());
        assert!(index.weight("z") > index.weight("a"));
        assert!(index.weight("unknown") >= index.weight("z"));
    }

    #[test]
    fn nothing_is_searched_in_vain() {
        assert_eq!(index(&[]).best(&words("a"), 3), Vec::<usize>::new());
        assert_eq!(index(&["", "a"]).best(&words("a"), 3), [1]);
    }

    proptest! {
        #[test]
        fn common_words_only_add_to_what_rarer_ones_found(
            texts in proptest::collection::vec("[a-e]( [a-e]){0,4}", 1..40),
            asked in "[a-f]( [a-f]){0,3}",
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let exact = index(&texts);
            let asked = words(&asked);
            let mut quick = index(&texts);
            quick.common = 0;
            let all = exact.best(&asked, texts.len());
            let led = quick.best(&asked, texts.len());
            // The same order, without those that have common words alone.
            let kept: Vec<usize> = all.into_iter().filter(|it| led.contains(it)).collect();
            prop_assert_eq!(kept, led);
        }
    }
}
