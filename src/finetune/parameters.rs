//! What is learned: plain numbers, with the state of the optimiser beside them.

use std::collections::BTreeMap;

/// One tensor that is learned.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// Its shape.
    pub(crate) shape: Vec<usize>,
    /// Its numbers, row after row.
    pub(crate) numbers: Vec<f32>,
    /// The running mean of its slopes.
    pub(crate) momentum: Vec<f32>,
    /// The running mean of their squares.
    pub(crate) squares: Vec<f32>,
    /// How fast it learns, as a share of the usual rate.
    pub(crate) pace: f64,
    /// Whether large numbers cost something: those that multiply do; biases, scales and the vectors
    /// of words and places do not.
    pub(crate) decays: bool,
}

impl Parameter {
    /// One that knows nothing of slopes yet.
    pub(crate) fn new(shape: Vec<usize>, numbers: Vec<f32>, pace: f64, decays: bool) -> Self {
        Self {
            momentum: vec![0.0; numbers.len()],
            squares: vec![0.0; numbers.len()],
            shape,
            numbers,
            pace,
            decays,
        }
    }

    /// How many numbers a row of it has.
    pub(crate) fn width(&self) -> usize {
        self.shape.last().copied().unwrap_or(1).max(1)
    }
}

/// All that is learned, by name.
pub(crate) type Parameters = BTreeMap<String, Parameter>;
