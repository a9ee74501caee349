//! A linear layer: rows by weights, and a bias.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, backend::BackendStorage};
use rayon::prelude::*;

use super::{numbers, values};

/// `rows` `[n, in]` by `weights` `[out, in]`, plus `bias` `[out]`: `[n, out]`.
pub(crate) fn linear(rows: &Tensor, weights: &Tensor, bias: &Tensor) -> Result<Tensor> {
    rows.apply_op3(weights, bias, Linear)
}

/// Of candle's own product, the weights' gradient comes out transposed, and turning millions of
/// numbers takes as long as multiplying them.
struct Linear;

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        rows: &CpuStorage,
        rows_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (n, inner) = rows_layout.shape().dims2()?;
        let (outer, _) = weights_layout.shape().dims2()?;
        let turned = weights_layout.transpose(0, 1)?;
        let product = rows.matmul(weights, (1, n, outer, inner), rows_layout, &turned)?;
        let mut sums = product.as_slice::<f32>()?.to_vec();
        let bias = numbers(bias, bias_layout)?;
        sums.par_chunks_mut(outer).for_each(|row| {
            for (sum, number) in row.iter_mut().zip(bias) {
                *sum += number;
            }
        });
        Ok((CpuStorage::F32(sums), (n, outer).into()))
    }

    fn bwd(
        &self,
        rows: &Tensor,
        weights: &Tensor,
        bias: &Tensor,
        _result: &Tensor,
        slope: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rows, weights) = (rows.detach(), weights.detach());
        let slope = slope.contiguous()?;
        let of_rows = slope.matmul(&weights)?;
        let of_weights = slope.t()?.matmul(&rows)?;
        let mut of_bias = vec![0.0_f32; bias.elem_count()];
        for row in values(&slope)?.chunks_exact(of_bias.len()) {
            for (sum, number) in of_bias.iter_mut().zip(row) {
                *sum += number;
            }
        }
        let of_bias = Tensor::from_vec(of_bias, bias.shape(), bias.device())?;
        Ok((Some(of_rows), Some(of_weights), Some(of_bias)))
    }
}
