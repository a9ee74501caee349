//! Dropout (Srivastava et al. 2014): while a network learns, some of its numbers are left out, drawn
//! anew for each batch.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rand::RngCore as _;
use rand_chacha::ChaCha8Rng;

use super::{numbers, values};

/// Leaves out so many of 65,536 numbers, drawn from a generator that follows from a seed (candle's
/// own on a processor cannot be seeded); the others are raised, so that their sum stays as it is.
pub(crate) fn drop_some(rows: &Tensor, dropped: u16, chance: &mut ChaCha8Rng) -> Result<Tensor> {
    if dropped == 0 {
        return Ok(rows.clone());
    }
    let raised = 65_536.0 / (65_536.0 - f32::from(dropped));
    let mut bytes = vec![0_u8; rows.elem_count() * 2];
    chance.fill_bytes(&mut bytes);
    let (drawn, _) = bytes.as_chunks::<2>();
    let factors = drawn.iter().map(|it| {
        let is_dropped = u16::from_le_bytes(*it) < dropped;
        if is_dropped { 0.0 } else { raised }
    });
    rows.apply_op1(Dropout {
        factors: factors.collect(),
    })
}

struct Dropout {
    factors: Vec<f32>,
}

impl Dropout {
    fn times(&self, numbers: &[f32]) -> Vec<f32> {
        let pairs = numbers.iter().zip(&self.factors);
        pairs.map(|(number, factor)| number * factor).collect()
    }
}

impl CustomOp1 for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, rows: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let kept = self.times(numbers(rows, layout)?);
        Ok((CpuStorage::F32(kept), layout.shape().clone()))
    }

    fn bwd(&self, rows: &Tensor, _result: &Tensor, slope: &Tensor) -> Result<Option<Tensor>> {
        let slopes = self.times(&values(slope)?);
        Ok(Some(Tensor::from_vec(slopes, rows.shape(), rows.device())?))
    }
}
