//! Layer normalisation (Ba et al. 2016): each row with mean 0 and variance 1, scaled and shifted.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{numbers, values};

/// `rows` `[n, width]`, normalised; `scale` and `shift` are `[width]`.
pub(crate) fn normalise(
    rows: &Tensor,
    scale: &Tensor,
    shift: &Tensor,
    epsilon: f32,
) -> Result<Tensor> {
    rows.apply_op3(scale, shift, Norm { epsilon })
}

struct Norm {
    /// Keeps a row of equal numbers from being divided by nothing.
    epsilon: f32,
}

impl Norm {
    /// A row's mean, and one over its standard deviation.
    fn moments(&self, row: &[f32]) -> (f32, f32) {
        let share = 1.0 / count(row.len());
        let mean = row.iter().sum::<f32>() * share;
        let squares: f32 = row.iter().map(|it| (it - mean) * (it - mean)).sum();
        (mean, 1.0 / (squares * share + self.epsilon).sqrt())
    }
}

impl CustomOp3 for Norm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        rows: &CpuStorage,
        rows_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let mut normal = numbers(rows, rows_layout)?.to_vec();
        let scale = numbers(scale, scale_layout)?;
        let shift = numbers(shift, shift_layout)?;
        normal.par_chunks_mut(scale.len()).for_each(|row| {
            let (mean, inverse) = self.moments(row);
            for ((number, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
                *number = (*number - mean) * inverse * scale + shift;
            }
        });
        Ok((CpuStorage::F32(normal), rows_layout.shape().clone()))
    }

    fn bwd(
        &self,
        rows: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        _result: &Tensor,
        slope: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (numbers, weights) = (values(rows)?, values(scale)?);
        let mut slopes = values(slope)?;
        let width = weights.len();
        let mut of_scale = vec![0.0_f32; width];
        let mut of_shift = vec![0.0_f32; width];
        let share = 1.0 / count(width);
        let mut normal = vec![0.0_f32; width];
        let rows_and_slopes = numbers
            .chunks_exact(width)
            .zip(slopes.chunks_exact_mut(width));
        for (row, slope) in rows_and_slopes {
            let (mean, inverse) = self.moments(row);
            let (mut sum, mut along) = (0.0, 0.0);
            for at in 0..width {
                normal[at] = (row[at] - mean) * inverse;
                of_scale[at] += slope[at] * normal[at];
                of_shift[at] += slope[at];
                slope[at] *= weights[at];
                sum += slope[at];
                along += slope[at] * normal[at];
            }
            let (sum, along) = (sum * share, along * share);
            for (slope, normal) in slope.iter_mut().zip(&normal) {
                *slope = inverse * (*slope - sum - normal * along);
            }
        }
        let device = rows.device();
        Ok((
            Some(Tensor::from_vec(slopes, rows.shape(), device)?),
            Some(Tensor::from_vec(of_scale, scale.shape(), device)?),
            Some(Tensor::from_vec(of_shift, shift.shape(), device)?),
        ))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a layer has far fewer than 2^24 numbers"
)]
const fn count(numbers: usize) -> f32 {
    numbers as f32
}
