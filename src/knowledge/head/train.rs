//! Learning a head from examples.
//!
//! A share of the examples is held back. On it is seen when to stop, how sure the head may be, and
//! how far a text may be from all categories; then the head learns from all examples, as many steps
//! as were good. Steps are good while what was held back is judged no worse than chance explains, one
//! standard error: a few held back texts like one step better than another for no reason. The same
//! examples and the same seed make the same head again; another processor may round otherwise.

use std::{cmp::Reverse, collections::BTreeMap};

use consultant_core::Language;
use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use crate::language;

use super::{
    IntentHead,
    calibrate::{self, share_of},
    minimise::minimise,
    most,
    softmax::{Example, Features, Layer, log_sum_exp},
    words::Words,
};

/// Texts of a category from which on its words count in full. With fewer, words that are there by
/// chance would be believed.
const TEXTS_FOR_WORDS: f32 = 40.0;
/// A language is learned where one text of so many is in it.
const USUAL_LANGUAGE: usize = 10;
/// Steps that are not good, after which learning stops.
const PATIENCE: usize = 15;

/// A text of a known category.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// What somebody writes.
    pub text: &'a str,
    /// What the encoder makes of it; empty without one.
    pub vector: &'a [f32],
    /// Its category.
    pub label: &'a str,
    /// Whether it may be held back to judge what was learned. What nobody writes so, as the name
    /// of a category, only teaches.
    pub judges: bool,
}

/// How to learn.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// The encoder of the vectors; `None` where there are none.
    pub encoder: Option<String>,
    /// What is drawn by chance follows from it: what is held back.
    pub seed: u64,
    /// What large weights cost, against the loss summed over all examples.
    pub l2: f64,
    /// How much words count beside the vector, which counts 1, where there are enough texts.
    pub words: f32,
    /// Whether a rare category counts as much as a usual one.
    pub balanced: bool,
    /// The share of each category that is held back.
    pub held_back: f64,
    /// The share of the categories' own texts that is to count as theirs.
    pub kept: f64,
    /// The most steps.
    pub max_steps: usize,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            encoder: None,
            seed: 1,
            l2: 0.05,
            words: 0.6,
            balanced: false,
            held_back: 0.15,
            kept: 0.95,
            max_steps: 200,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The head.
    pub head: IntentHead,
    /// How many examples it learned from, without those that never judge.
    pub examples: usize,
    /// How many of them were held back at first.
    pub held_back: usize,
    /// The share of those that it got right: 0 to 1. `None` where none were held back.
    pub accuracy: Option<f64>,
    /// How many steps it took.
    pub steps: usize,
}

/// Why nothing was learned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTrained {
    /// There must be something to tell apart.
    #[error("there are {0} categories in the examples; at least two are needed")]
    TooFewCategories(usize),
    /// One encoder makes vectors of one length.
    #[error(
        "the vector of example {example} has {found} numbers, and the first one has {expected}"
    )]
    UnevenVectors {
        /// Which, from 1.
        example: usize,
        /// What it has.
        found: usize,
        /// What it should have.
        expected: usize,
    },
}

/// Learns a head from examples.
pub fn train(examples: &[Labelled<'_>], training: &Training) -> Result<Trained, NotTrained> {
    let labels = labels(examples)?;
    let dimensions = dimensions(examples)?;
    let (learned, held_back) = parts(examples, training);
    let set =
        |which: &[usize]| -> Vec<Labelled<'_>> { which.iter().map(|at| examples[*at]).collect() };
    let first = Course::new(&set(&learned), &labels, dimensions, training);
    let judges = first.examples(&set(&held_back), &labels);
    let judges: Vec<Example<'_>> = judges.iter().map(Known::example).collect();
    let tried = first.run(training.max_steps, Some(&judges));
    let judged: Vec<(Vec<f64>, usize)> = judges
        .iter()
        .map(|it| (tried.layer.logits(it.features), it.category))
        .collect();
    let temperature = calibrate::temperature(&judged);
    let energies: Vec<f64> = judged
        .iter()
        .map(|(logits, _)| log_sum_exp(logits))
        .collect();
    let right = judged
        .iter()
        .filter(|(logits, right)| most(logits) == *right);
    let accuracy = share(right.count(), judged.len());

    let (words, run) = if held_back.is_empty() {
        (first.words, tried)
    } else {
        let all = Course::new(examples, &labels, dimensions, training);
        let run = all.run(tried.enough(training.max_steps), None);
        (all.words, run)
    };
    Ok(Trained {
        head: IntentHead {
            labels,
            encoder: training.encoder.clone(),
            languages: languages(examples),
            dimensions,
            words,
            layer: run.layer,
            temperature,
            threshold: calibrate::threshold(&energies, training.kept),
        },
        examples: examples.iter().filter(|it| it.judges).count(),
        held_back: held_back.len(),
        accuracy,
        steps: run.steps,
    })
}

/// Learns the same examples once more, on vectors of an encoder that has learned from all of them,
/// those that were held back too: as many steps as were good at `first`, and as sure as it was. No
/// example could tell either any more.
pub fn train_again(
    examples: &[Labelled<'_>],
    training: &Training,
    first: &Trained,
) -> Result<Trained, NotTrained> {
    let labels = labels(examples)?;
    let dimensions = dimensions(examples)?;
    let all = Course::new(examples, &labels, dimensions, training);
    let run = all.run(first.steps, None);
    Ok(Trained {
        head: IntentHead {
            labels,
            encoder: training.encoder.clone(),
            dimensions,
            words: all.words,
            layer: run.layer,
            ..first.head.clone()
        },
        steps: run.steps,
        ..first.clone()
    })
}

fn labels(examples: &[Labelled<'_>]) -> Result<Vec<String>, NotTrained> {
    let mut labels: Vec<String> = examples.iter().map(|it| it.label.to_owned()).collect();
    labels.sort();
    labels.dedup();
    if labels.len() < 2 {
        return Err(NotTrained::TooFewCategories(labels.len()));
    }
    Ok(labels)
}

/// The languages that the texts are in, as far as it can be told, those of most texts first. What
/// hardly a text is in is chance.
fn languages(examples: &[Labelled<'_>]) -> Vec<Language> {
    let mut texts_in: BTreeMap<Language, usize> = BTreeMap::new();
    let told = examples.iter().filter(|it| it.judges);
    for language in told.filter_map(|it| language::of(it.text)) {
        *texts_in.entry(language).or_default() += 1;
    }
    let all: usize = texts_in.values().sum();
    let mut usual: Vec<(Language, usize)> = texts_in.into_iter().collect();
    usual.retain(|(_, texts)| texts * USUAL_LANGUAGE >= all);
    usual.sort_by_key(|(language, texts)| (Reverse(*texts), *language));
    usual.into_iter().map(|(language, _)| language).collect()
}

fn dimensions(examples: &[Labelled<'_>]) -> Result<usize, NotTrained> {
    let expected = examples.first().map_or(0, |it| it.vector.len());
    let uneven = examples.iter().position(|it| it.vector.len() != expected);
    match uneven {
        None => Ok(expected),
        Some(at) => Err(NotTrained::UnevenVectors {
            example: at + 1,
            found: examples[at].vector.len(),
            expected,
        }),
    }
}

/// Which examples, lowest first, [`train()`] holds back to judge what it learned and how sure it may
/// be. What makes their vectors must not have learned from them either, or the head would take
/// itself for surer than it is.
pub fn held_back(examples: &[Labelled<'_>], training: &Training) -> Vec<usize> {
    parts(examples, training).1
}

/// Which examples to learn from at first, and which to hold back: of each category its share, and
/// always some to learn from.
fn parts(examples: &[Labelled<'_>], training: &Training) -> (Vec<usize>, Vec<usize>) {
    let mut by_label: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let (mut learned, mut held_back) = (Vec::new(), Vec::new());
    for (at, example) in examples.iter().enumerate() {
        if example.judges {
            by_label.entry(example.label).or_default().push(at);
        } else {
            learned.push(at);
        }
    }
    let mut chance = ChaCha8Rng::seed_from_u64(training.seed);
    for mut of_label in by_label.into_values() {
        of_label.shuffle(&mut chance);
        let back = share_of(of_label.len(), training.held_back);
        held_back.extend(of_label.drain(..back));
        learned.extend(of_label);
    }
    learned.sort_unstable();
    held_back.sort_unstable();
    (learned, held_back)
}

/// What is known of one example, ready to be learned from.
struct Known<'a> {
    vector: &'a [f32],
    words: Vec<(usize, f32)>,
    category: usize,
    weight: f64,
}

impl Known<'_> {
    fn example(&self) -> Example<'_> {
        Example {
            features: Features {
                vector: self.vector,
                words: &self.words,
            },
            category: self.category,
            weight: self.weight,
        }
    }
}

/// Learning from one set of examples.
struct Course<'a> {
    words: Words,
    known: Vec<Known<'a>>,
    start: Layer,
    l2: f64,
}

impl<'a> Course<'a> {
    fn new(
        examples: &[Labelled<'a>],
        labels: &[String],
        dimensions: usize,
        training: &Training,
    ) -> Self {
        let texts_each = count(examples.len()) / count(labels.len());
        let trust = (texts_each / TEXTS_FOR_WORDS).min(1.0).sqrt();
        let texts = examples.iter().map(|it| it.text);
        let words = Words::of(texts, training.words * trust);
        let mut course = Self {
            start: Layer::new(dimensions, words.weights.len(), labels.len()),
            words,
            known: Vec::new(),
            l2: training.l2,
        };
        course.known = course.examples(examples, labels);
        if training.balanced {
            balance(&mut course.known, labels.len());
        }
        course
    }

    /// Examples as numbers. A category that is not among the labels cannot be learned or judged.
    fn examples<'b>(&self, examples: &[Labelled<'b>], labels: &[String]) -> Vec<Known<'b>> {
        let known = |it: &Labelled<'b>| {
            Some(Known {
                vector: it.vector,
                words: self.words.features(it.text),
                category: labels.iter().position(|label| label == it.label)?,
                weight: 1.0,
            })
        };
        examples.iter().filter_map(known).collect()
    }

    /// Learns. With judges, steps are good while those find them so; without, all are.
    fn run(&self, max_steps: usize, judges: Option<&[Example<'_>]>) -> Run {
        let judges = judges.filter(|it| !it.is_empty());
        let examples: Vec<Example<'_>> = self.known.iter().map(Known::example).collect();
        let layer_of = |weights: &[f32]| Layer {
            weights: weights.to_vec(),
            ..self.start
        };
        let mut steps = 0;
        let mut limit = f64::INFINITY;
        let mut least = f64::INFINITY;
        let mut good = (self.start.clone(), 0);
        minimise(
            self.start.weights.clone(),
            max_steps,
            |weights| layer_of(weights).loss(&examples, self.l2),
            |weights| {
                steps += 1;
                let layer = layer_of(weights);
                let (loss, error) = judges.map_or((0.0, 0.0), |it| layer.mean_loss(it));
                if loss < least {
                    (least, limit) = (loss, loss + error);
                }
                if loss <= limit {
                    good = (layer, steps);
                }
                steps - good.1 < PATIENCE
            },
        );
        Run {
            layer: good.0,
            steps: good.1,
            was_stopped: good.1 < steps,
        }
    }
}

/// What came of a course.
struct Run {
    /// The last good layer.
    layer: Layer,
    /// After how many steps it was reached.
    steps: usize,
    /// Whether later steps were worse.
    was_stopped: bool,
}

impl Run {
    /// How many steps to take with more examples.
    const fn enough(&self, most: usize) -> usize {
        if self.was_stopped { self.steps } else { most }
    }
}

/// Lets each category count as much as any other.
fn balance(known: &mut [Known<'_>], categories: usize) {
    let mut counts = vec![0_usize; categories];
    for it in known.iter() {
        counts[it.category] += 1;
    }
    let all = known.len();
    for it in known {
        it.weight = ratio(all, categories * counts[it.category]);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "examples are counted, and far fewer than 2^24"
)]
const fn count(number: usize) -> f32 {
    number as f32
}

fn share(part: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| ratio(part, all))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "examples are counted, and far fewer than 2^52"
)]
fn ratio(part: usize, all: usize) -> f64 {
    part as f64 / all as f64
}
