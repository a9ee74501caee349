//! One linear layer under a softmax: its logits, and the loss over many examples with its gradient.

use std::{panic::resume_unwind, thread};

/// The examples are cut into so many parts whatever the machine: sums of floating-point numbers
/// depend on their order, and the same data are to give the same head however many cores there are.
const PARTS: usize = 8;

/// Weights from features to categories.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layer {
    /// A row of one weight a category for each feature: those of the vector, those of the words,
    /// and one more row for what holds without any feature.
    pub(super) weights: Vec<f32>,
    /// How many categories there are.
    pub(super) categories: usize,
    /// How many numbers a vector has: where the rows of the words begin.
    pub(super) dimensions: usize,
}

/// What is known of one text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Features<'a> {
    /// As many as the layer's dimensions.
    pub(super) vector: &'a [f32],
    /// Words by their places, with their numbers.
    pub(super) words: &'a [(usize, f32)],
}

/// A text of which the category is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Example<'a> {
    pub(super) features: Features<'a>,
    /// Which category it is.
    pub(super) category: usize,
    /// How much it counts.
    pub(super) weight: f64,
}

impl Layer {
    /// A layer that knows nothing yet.
    pub(super) fn new(dimensions: usize, words: usize, categories: usize) -> Self {
        Self {
            weights: vec![0.0; (dimensions + words + 1) * categories],
            categories,
            dimensions,
        }
    }

    /// What each category gets for a text.
    pub(super) fn logits(&self, features: Features<'_>) -> Vec<f64> {
        let mut sums = vec![0.0; self.categories];
        self.add_up(features, &mut sums);
        sums.iter().map(|it| f64::from(*it)).collect()
    }

    fn add_up(&self, features: Features<'_>, sums: &mut [f32]) {
        let mut add = |row: &[f32], number: f32| {
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += number * weight;
            }
        };
        let (vector, rest) = self.weights.split_at(self.dimensions * self.categories);
        let rows = vector.chunks_exact(self.categories);
        for (row, number) in rows.zip(features.vector) {
            add(row, *number);
        }
        for (place, number) in features.words {
            add(row_of(rest, *place, self.categories), *number);
        }
        add(last_row(&self.weights, self.categories), 1.0);
    }

    /// The loss over all examples, with what large weights cost, and its gradient. The last row
    /// costs nothing: it says only how usual a category is.
    pub(super) fn loss(&self, examples: &[Example<'_>], l2: f64) -> (f64, Vec<f32>) {
        let part = examples.len().div_ceil(PARTS).max(1);
        let parts: Vec<(f64, Vec<f32>)> = thread::scope(|scope| {
            let parts = examples.chunks(part);
            let running: Vec<_> = parts
                .map(|part| scope.spawn(|| self.loss_of_part(part)))
                .collect();
            let finished = running.into_iter();
            finished
                .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        });
        let mut loss = 0.0;
        let mut gradient = vec![0.0_f32; self.weights.len()];
        for (part_loss, part_gradient) in parts {
            loss += part_loss;
            for (sum, number) in gradient.iter_mut().zip(part_gradient) {
                *sum += number;
            }
        }
        let costly = self.weights.len().saturating_sub(self.categories);
        let strength = narrowed(l2);
        for (slope, weight) in gradient.iter_mut().zip(&self.weights).take(costly) {
            *slope += strength * weight;
            loss += 0.5 * l2 * f64::from(*weight) * f64::from(*weight);
        }
        (loss, gradient)
    }

    fn loss_of_part(&self, examples: &[Example<'_>]) -> (f64, Vec<f32>) {
        let mut loss = 0.0;
        let mut gradient = vec![0.0_f32; self.weights.len()];
        let mut slopes = vec![0.0_f32; self.categories];
        for example in examples {
            let logits = self.logits(example.features);
            let all = log_sum_exp(&logits);
            loss += example.weight * (all - logits[example.category]);
            for (category, (slope, logit)) in slopes.iter_mut().zip(&logits).enumerate() {
                let wanted = f64::from(u8::from(category == example.category));
                *slope = narrowed(example.weight * ((logit - all).exp() - wanted));
            }
            self.pull(&mut gradient, example.features, &slopes);
        }
        (loss, gradient)
    }

    /// Adds one example's slopes to the gradient of every weight that it went through.
    fn pull(&self, gradient: &mut [f32], features: Features<'_>, slopes: &[f32]) {
        let add = |row: &mut [f32], number: f32| {
            for (sum, slope) in row.iter_mut().zip(slopes) {
                *sum += number * slope;
            }
        };
        let (vector, rest) = gradient.split_at_mut(self.dimensions * self.categories);
        let rows = vector.chunks_exact_mut(self.categories);
        for (row, number) in rows.zip(features.vector) {
            add(row, *number);
        }
        let words = rest.len() / self.categories - 1;
        for (place, number) in features.words.iter().copied().chain([(words, 1.0)]) {
            let from = place * self.categories;
            add(&mut rest[from..from + self.categories], number);
        }
    }

    /// The mean loss of some examples, without what weights cost, and its standard error.
    pub(super) fn mean_loss(&self, examples: &[Example<'_>]) -> (f64, f64) {
        let losses = examples.iter().map(|example| {
            let logits = self.logits(example.features);
            log_sum_exp(&logits) - logits[example.category]
        });
        let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for loss in losses {
            count += 1.0;
            sum += loss;
            squares += loss * loss;
        }
        let mean = sum / count;
        let variance: f64 = (squares / count - mean * mean).max(0.0);
        (mean, (variance / count).sqrt())
    }
}

fn row_of(rows: &[f32], place: usize, categories: usize) -> &[f32] {
    let from = place * categories;
    rows.get(from..from + categories).unwrap_or_default()
}

fn last_row(rows: &[f32], categories: usize) -> &[f32] {
    &rows[rows.len().saturating_sub(categories)..]
}

/// The logarithm of the sum of exponents, without overflow.
pub(super) fn log_sum_exp(numbers: &[f64]) -> f64 {
    let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most.is_infinite() {
        return most;
    }
    most + numbers.iter().map(|it| (it - most).exp()).sum::<f64>().ln()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a slope or a strength needs no more digits"
)]
const fn narrowed(number: f64) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three categories, two numbers a vector, two words.
    fn layer() -> Layer {
        let mut layer = Layer::new(2, 2, 3);
        for (weight, number) in layer
            .weights
            .iter_mut()
            .zip([0.3, -0.2, 0.5].iter().cycle())
        {
            *weight = *number;
        }
        layer
    }

    #[test]
    fn the_gradient_is_what_small_steps_show() {
        let words = [(1, 0.5)];
        let examples = [
            Example {
                features: Features {
                    vector: &[0.6, 0.8],
                    words: &words,
                },
                category: 2,
                weight: 1.5,
            },
            Example {
                features: Features {
                    vector: &[-0.6, 0.8],
                    words: &[],
                },
                category: 0,
                weight: 0.5,
            },
        ];
        let layer = layer();
        let (_, gradient) = layer.loss(&examples, 0.1);
        for (at, expected) in gradient.iter().enumerate() {
            let moved = |step: f32| {
                let mut moved = layer.clone();
                moved.weights[at] += step;
                moved.loss(&examples, 0.1).0
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            let expected = f64::from(*expected);
            assert!(
                (slope - expected).abs() < 1e-3,
                "{at}: {slope} and {expected}"
            );
        }
    }

    #[test]
    fn the_sum_of_exponents_does_not_overflow() {
        assert!((log_sum_exp(&[1000.0, 1000.0]) - (1000.0 + 2_f64.ln())).abs() < 1e-9);
        assert!(log_sum_exp(&[]).is_infinite());
    }
}
