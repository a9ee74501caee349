//! A text's words and pairs of words as numbers: term frequency by inverse document frequency
//! (Spärck Jones 1972), brought to one length. Han characters are words of their own, so pairs of
//! them are the usual character bigrams.

use std::collections::{BTreeMap, BTreeSet};

use crate::text;

/// A word or pair counts if it stands in so many texts: what stands in one teaches only that one.
const MIN_TEXTS: usize = 2;

/// The words that count, with what each weighs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words {
    /// Each with its place among the features.
    pub(super) places: BTreeMap<String, usize>,
    /// Of each place, how much it tells: the inverse document frequency.
    pub(super) weights: Vec<f32>,
    /// The length of a text's numbers, beside the encoder's vector with its length of 1.
    pub(super) length: f32,
}

impl Words {
    /// The words of some texts.
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>, length: f32) -> Self {
        let mut texts_with: BTreeMap<String, usize> = BTreeMap::new();
        let mut all_texts = 0_usize;
        for text in texts {
            all_texts += 1;
            let once: BTreeSet<String> = grams(text).collect();
            for gram in once {
                *texts_with.entry(gram).or_default() += 1;
            }
        }
        let kept = texts_with
            .into_iter()
            .filter(|(_, in_texts)| *in_texts >= MIN_TEXTS);
        let mut words = Self {
            length,
            ..Self::default()
        };
        for (place, (gram, in_texts)) in kept.enumerate() {
            words.places.insert(gram, place);
            words.weights.push(weight(all_texts, in_texts));
        }
        words
    }

    /// A text's features: places, lowest first, with their numbers.
    pub(super) fn features(&self, text: &str) -> Vec<(usize, f32)> {
        let mut counts: BTreeMap<usize, f32> = BTreeMap::new();
        for gram in grams(text) {
            if let Some(place) = self.places.get(&gram) {
                *counts.entry(*place).or_default() += 1.0;
            }
        }
        let mut features: Vec<(usize, f32)> = counts
            .into_iter()
            .map(|(place, count)| (place, (1.0 + count.ln()) * self.weights[place]))
            .collect();
        let squares: f32 = features.iter().map(|(_, number)| number * number).sum();
        for (_, number) in &mut features {
            *number *= self.length / squares.sqrt();
        }
        features
    }
}

/// How much a word tells that stands in so many of all texts.
#[expect(
    clippy::cast_precision_loss,
    reason = "texts are counted, and far fewer than 2^24"
)]
fn weight(all_texts: usize, in_texts: usize) -> f32 {
    ((1 + all_texts) as f32 / (1 + in_texts) as f32).ln() + 1.0
}

/// The words of a text, and every two that stand together.
fn grams(text: &str) -> impl Iterator<Item = String> {
    let tokens = text::tokens(text);
    let pairs: Vec<String> = tokens.windows(2).map(|two| two.join(" ")).collect();
    tokens.into_iter().chain(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_in_two_texts_count_and_rare_ones_tell_more() {
        let texts = ["the lamp", "the lamp", "the desk", "the desk", "the chair"];
        let words = Words::of(texts.into_iter(), 0.5);
        let known: Vec<&str> = words.places.keys().map(String::as_str).collect();
        assert_eq!(known, ["desk", "lamp", "the", "the desk", "the lamp"]);
        let features = words.features("The LAMP!");
        let number = |gram: &str| {
            let place = words.places[gram];
            let found = features.iter().find(|(at, _)| *at == place);
            found.map_or(0.0, |(_, number)| *number)
        };
        assert!(number("lamp") > number("the"));
        let squares: f32 = features.iter().map(|(_, number)| number * number).sum();
        assert!((squares.sqrt() - 0.5).abs() < 1e-6);
        assert_eq!(words.features("nothing of it"), []);
        assert_eq!(words.features(""), []);
    }

    #[test]
    fn han_characters_and_their_pairs_are_words() {
        let words = Words::of(["多少钱", "多少钱"].into_iter(), 1.0);
        let known: Vec<&str> = words.places.keys().map(String::as_str).collect();
        assert_eq!(known, ["多", "多 少", "少", "少 钱", "钱"]);
    }
}
