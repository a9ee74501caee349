//! `AdamW` (Loshchilov and Hutter 2019) with what candle's own lacks: a rate of its own for each
//! tensor, a price of large numbers only where they multiply, slopes that are cut short, and rows
//! that are left alone while no text has their word.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::parameters::{Parameter, Parameters};

/// How much of the running means of slopes and of their squares stays with each step.
const KEPT: (f32, f32) = (0.9, 0.999);
/// Keeps a step from being divided by nothing.
const EPSILON: f32 = 1e-8;
/// Numbers that one core takes at a time.
const PIECE: usize = 1 << 16;

/// The slopes of one batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slopes {
    /// By the parameter's name.
    pub(crate) of: BTreeMap<String, Slope>,
}

/// The slope of one parameter.
#[derive(Clone, Debug)]
pub(crate) struct Slope {
    /// Row after row.
    pub(crate) numbers: Vec<f32>,
    /// Which rows they are; `None` for all of them.
    pub(crate) rows: Option<Vec<u32>>,
}

impl Slopes {
    /// How steep it is in all, before it was cut short to at most `longest`. Not a number where any
    /// slope is none.
    pub(crate) fn cut(&mut self, longest: f64) -> f64 {
        let squares = self.of.values().map(|slope| {
            let pieces = slope.numbers.par_chunks(PIECE);
            let sums: Vec<f64> = pieces
                .map(|piece| f64::from(piece.iter().map(|it| it * it).sum::<f32>()))
                .collect();
            sums.iter().sum::<f64>()
        });
        let length = squares.sum::<f64>().sqrt();
        if length > longest {
            let by = narrowed(longest / length);
            for slope in self.of.values_mut() {
                slope.numbers.par_iter_mut().for_each(|it| *it *= by);
            }
        }
        length
    }
}

/// One step of learning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Which, from 1.
    pub(crate) number: i32,
    /// How far parameters of the usual pace go.
    pub(crate) rate: f64,
    /// What large numbers cost.
    pub(crate) decay: f64,
}

impl Step {
    /// Goes downhill. A slope without a parameter, and a parameter without a slope, are left alone.
    pub(crate) fn take(self, parameters: &mut Parameters, slopes: &Slopes) {
        for (name, slope) in &slopes.of {
            if let Some(parameter) = parameters.get_mut(name) {
                match &slope.rows {
                    None => self.all(parameter, &slope.numbers),
                    Some(rows) => self.some(parameter, rows, &slope.numbers),
                }
            }
        }
    }

    fn all(self, parameter: &mut Parameter, slope: &[f32]) {
        let factors = self.factors(parameter);
        let numbers = parameter.numbers.par_chunks_mut(PIECE);
        let momentum = parameter.momentum.par_chunks_mut(PIECE);
        let squares = parameter.squares.par_chunks_mut(PIECE);
        let pieces = numbers
            .zip(momentum)
            .zip(squares)
            .zip(slope.par_chunks(PIECE));
        pieces.for_each(|(((numbers, momentum), squares), slope)| {
            factors.go((numbers, momentum, squares), slope);
        });
    }

    /// As for all, but each row in turn. The state of rows that are left out stands still: a word
    /// that is rare keeps the momentum that it had, as it would not in plain `AdamW`.
    fn some(self, parameter: &mut Parameter, rows: &[u32], slope: &[f32]) {
        let factors = self.factors(parameter);
        let width = parameter.width();
        for (row, slope) in rows.iter().zip(slope.chunks_exact(width)) {
            let from = usize::try_from(*row).unwrap_or(usize::MAX) * width;
            let part = from..from + width;
            factors.go(
                (
                    &mut parameter.numbers[part.clone()],
                    &mut parameter.momentum[part.clone()],
                    &mut parameter.squares[part],
                ),
                slope,
            );
        }
    }

    fn factors(self, parameter: &Parameter) -> Factors {
        let warm = |kept: f32| 1.0 - f64::from(kept).powi(self.number);
        let rate = self.rate * parameter.pace;
        let decay = if parameter.decays { self.decay } else { 0.0 };
        Factors {
            rate: narrowed(rate / warm(KEPT.0)),
            squares: narrowed(1.0 / warm(KEPT.1)),
            kept: narrowed(1.0 - rate * decay),
        }
    }
}

/// What a step is for one parameter.
#[derive(Clone, Copy)]
struct Factors {
    /// How far to go, for a momentum that began at nothing.
    rate: f32,
    /// How much more the squares are, for the same reason.
    squares: f32,
    /// How much of each number stays.
    kept: f32,
}

impl Factors {
    fn go(self, (numbers, momentum, squares): (&mut [f32], &mut [f32], &mut [f32]), slope: &[f32]) {
        let state = momentum.iter_mut().zip(squares);
        for ((number, (momentum, square)), slope) in numbers.iter_mut().zip(state).zip(slope) {
            *momentum = KEPT.0 * *momentum + (1.0 - KEPT.0) * slope;
            *square = KEPT.1 * *square + (1.0 - KEPT.1) * slope * slope;
            let spread = (*square * self.squares).sqrt() + EPSILON;
            *number = *number * self.kept - self.rate * *momentum / spread;
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the learned numbers have no more digits"
)]
pub(crate) const fn narrowed(number: f64) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Step = Step {
        number: 1,
        rate: 0.1,
        decay: 0.5,
    };

    fn parameters(decays: bool) -> Parameters {
        let numbers = vec![1.0, -1.0, 2.0, 0.0];
        let one = Parameter::new(vec![2, 2], numbers, 1.0, decays);
        Parameters::from([("one".to_owned(), one)])
    }

    fn slopes(numbers: &[f32], rows: Option<&[u32]>) -> Slopes {
        let slope = Slope {
            numbers: numbers.to_vec(),
            rows: rows.map(<[u32]>::to_vec),
        };
        Slopes {
            of: BTreeMap::from([("one".to_owned(), slope)]),
        }
    }

    #[track_caller]
    fn check(parameters: &Parameters, expect: [f32; 4]) {
        let numbers = &parameters["one"].numbers;
        let near = numbers
            .iter()
            .zip(expect)
            .all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near, "{numbers:?}");
    }

    #[test]
    fn the_first_step_goes_as_far_as_the_rate_whatever_the_slope() {
        let mut all = parameters(false);
        STEP.take(&mut all, &slopes(&[3.0, -0.01, 500.0, 0.0], None));
        check(&all, [0.9, -0.9, 1.9, 0.0]);
    }

    #[test]
    fn large_numbers_cost_something_where_they_multiply() {
        let mut all = parameters(true);
        STEP.take(&mut all, &slopes(&[0.0; 4], None));
        check(&all, [0.95, -0.95, 1.9, 0.0]);
    }

    #[test]
    fn only_the_rows_with_slopes_are_moved() {
        let mut all = parameters(false);
        STEP.take(&mut all, &slopes(&[1.0, 1.0], Some(&[1])));
        check(&all, [1.0, -1.0, 1.9, -0.1]);
        assert!(all["one"].momentum[0].abs() < f32::EPSILON);
    }

    #[test]
    fn a_slope_that_is_too_steep_is_cut_and_one_that_is_none_is_told() {
        let mut steep = slopes(&[3.0, 4.0], Some(&[0]));
        assert!((steep.cut(1.0) - 5.0).abs() < 1e-6);
        assert!((steep.cut(10.0) - 1.0).abs() < 1e-6);
        assert!(slopes(&[f32::NAN, 4.0], Some(&[0])).cut(1.0).is_nan());
    }
}
