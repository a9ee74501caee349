//! The Gaussian error linear unit (Hendrycks and Gimpel 2016): a number by the chance that a normal
//! one is lower.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{numbers, values};

/// Numbers that one core takes at a time.
const PIECE: usize = 4096;

/// Each number of `rows` through the unit.
pub(crate) fn gelu(rows: &Tensor) -> Result<Tensor> {
    rows.apply_op1(Gelu)
}

struct Gelu;

impl CustomOp1 for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn cpu_fwd(&self, rows: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut all = numbers(rows, layout)?.to_vec();
        all.par_chunks_mut(PIECE).for_each(|piece| {
            for number in piece {
                *number *= lower(*number).0;
            }
        });
        Ok((CpuStorage::F32(all), layout.shape().clone()))
    }

    fn bwd(&self, rows: &Tensor, _result: &Tensor, slope: &Tensor) -> Result<Option<Tensor>> {
        let numbers = values(rows)?;
        let mut slopes = values(slope)?;
        let pieces = slopes.par_chunks_mut(PIECE).zip(numbers.par_chunks(PIECE));
        pieces.for_each(|(slopes, numbers)| {
            for (slope, number) in slopes.iter_mut().zip(numbers) {
                let (chance, density) = lower(*number);
                *slope *= chance + number * density;
            }
        });
        Ok(Some(Tensor::from_vec(slopes, rows.shape(), rows.device())?))
    }
}

/// The chance that a standard normal number is lower than this, to 1e-7 (Abramowitz and Stegun
/// 7.1.26), and the density here.
fn lower(number: f32) -> (f32, f32) {
    const SPREAD: f32 = 0.398_942_3;
    let bell = exp(-0.5 * number * number);
    let at = 1.0 / (1.0 + 0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2 * number.abs());
    let sum = 1.061_405_4_f32.mul_add(at, -1.453_152_1);
    let sum = sum.mul_add(at, 1.421_413_8).mul_add(at, -0.284_496_72);
    let tail = 0.5 * sum.mul_add(at, 0.254_829_6) * at * bell;
    let chance = if number < 0.0 { tail } else { 1.0 - tail };
    (chance, SPREAD * bell)
}

/// e to a power, to the last digits of an `f32`, in steps that compilers turn into vector
/// instructions: 2 to a whole power by its bits, and a polynomial for the rest (Cephes).
pub(super) fn exp(power: f32) -> f32 {
    /// Adding it leaves the nearest whole number in the lowest bits.
    const ROUNDING: f32 = 12_582_912.0;
    let power = power.clamp(-87.0, 87.0);
    let shifted = power.mul_add(std::f32::consts::LOG2_E, ROUNDING);
    let whole = shifted - ROUNDING;
    let rest = whole.mul_add(-0.693_359_4, power);
    let rest = whole.mul_add(2.121_944_4e-4, rest);
    let sum = 1.987_569_1e-4_f32.mul_add(rest, 1.398_199_9e-3);
    let sum = sum
        .mul_add(rest, 8.333_452e-3)
        .mul_add(rest, 4.166_579_5e-2);
    let sum = sum.mul_add(rest, 0.166_666_65).mul_add(rest, 0.5);
    let sum = sum.mul_add(rest * rest, rest) + 1.0;
    sum * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_e_are_right_to_the_last_digits() {
        for step in -860..=860_i16 {
            let power = f32::from(step) / 10.0;
            let right = f64::from(power).exp();
            let error = (f64::from(exp(power)) - right).abs() / right;
            assert!(error < 3e-7, "{power}: {error}");
        }
        assert!(exp(-1e9) < 1e-37 && exp(1e9).is_finite());
    }

    #[test]
    fn half_of_all_normal_numbers_are_below_zero() {
        for (number, chance) in [(0.0, 0.5), (1.0, 0.841_344_7), (-1.96, 0.024_997_9)] {
            assert!((lower(number).0 - chance).abs() < 2e-7, "{number}");
        }
        assert!((lower(0.0).1 - 0.398_942_3).abs() < 1e-7);
    }
}
