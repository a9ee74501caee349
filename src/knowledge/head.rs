//! Which of some categories a text is, learned from examples: one linear layer over a sentence
//! encoder's vector and over the words themselves.
//!
//! A head without an encoder judges by words alone; that is how it serves languages that no
//! configured encoder reads. It says how sure it is (calibrated, so that of the texts it is 80%
//! sure of it gets 80% right), and whether a text belongs to any of its categories at all.
//! [`train()`] makes one, [`IntentHead::to_bytes`] is what is kept of it.

mod calibrate;
mod file;
mod minimise;
mod softmax;
mod train;
mod words;

pub use file::NotAHead;
pub use train::{Labelled, NotTrained, Trained, Training, held_back, train, train_again};

use consultant_core::Language;

use softmax::{Features, Layer, log_sum_exp};
use words::Words;

/// A trained head.
#[derive(Clone, Debug, PartialEq)]
pub struct IntentHead {
    /// The categories, in the order of the layer's outputs.
    labels: Vec<String>,
    /// The encoder whose vectors it takes, by its name; `None` where words are all it looks at.
    encoder: Option<String>,
    /// The languages that it learned from; none where it is not known, as of older files.
    languages: Vec<Language>,
    /// How many numbers such a vector has.
    dimensions: usize,
    words: Words,
    layer: Layer,
    /// Logits are divided by it before they become probabilities.
    temperature: f64,
    /// Texts with a lower free energy belong to no category.
    threshold: f64,
}

/// What a head makes of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged<'a> {
    /// The likeliest category.
    pub label: &'a str,
    /// How likely it is: 0 to 1.
    pub confidence: f64,
    /// How much the text looks like any of the categories: the logarithm of the sum of the
    /// exponents of all logits. Comparable between texts of one head only.
    pub energy: f64,
    /// Whether that is as much as nearly all texts of the categories do.
    pub in_scope: bool,
}

impl IntentHead {
    /// The categories.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The encoder whose vectors it takes; `None` where it takes none.
    pub fn encoder(&self) -> Option<&str> {
        self.encoder.as_deref()
    }

    /// The languages that it learned from, those of most texts first; none where it is not known.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Whether it learned from texts in this language, as far as is known.
    pub fn reads(&self, language: Language) -> bool {
        self.languages.is_empty() || self.languages.contains(&language)
    }

    /// How many numbers it expects in a vector; 0 without an encoder.
    pub const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// What a text is. `vector` is what the head's encoder makes of it. A vector of another length
    /// counts as nothing, so that a text is still judged by its words.
    pub fn judge(&self, text: &str, vector: &[f32]) -> Judged<'_> {
        let fits = vector.len() == self.dimensions;
        let silence = vec![0.0; if fits { 0 } else { self.dimensions }];
        let features = Features {
            vector: if fits { vector } else { &silence },
            words: &self.words.features(text),
        };
        let logits = self.layer.logits(features);
        let cooled: Vec<f64> = logits.iter().map(|it| it / self.temperature).collect();
        let best = most(&logits);
        let energy = log_sum_exp(&logits);
        Judged {
            label: self.labels.get(best).map_or("", String::as_str),
            confidence: cooled
                .get(best)
                .map_or(0.0, |it| (it - log_sum_exp(&cooled)).exp()),
            energy,
            in_scope: energy >= self.threshold,
        }
    }
}

/// Where the largest number stands; of several the first.
fn most(numbers: &[f64]) -> usize {
    let mut best = 0;
    for (at, number) in numbers.iter().enumerate() {
        if *number > numbers[best] {
            best = at;
        }
    }
    best
}

#[cfg(test)]
mod tests;
