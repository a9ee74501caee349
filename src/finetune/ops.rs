//! The layers of a BERT as candle operations that have a backward pass: candle's own fused ones have
//! none, and composed of its small steps they take twice the time.
//!
//! Texts are packed, never padded: a batch is one matrix with a row for each token, and [`Spans`]
//! says whose rows are whose. Only attention and the mean look at that; all else sees rows.

mod attention;
mod dropout;
mod gelu;
mod linear;
mod mean;
mod norm;

use candle_core::{CpuStorage, Error, Layout, Result, Tensor};

pub(crate) use attention::attend;
pub(crate) use dropout::drop_some;
pub(crate) use gelu::gelu;
pub(crate) use linear::linear;
pub(crate) use mean::{Spans, means};
pub(crate) use norm::normalise;

/// The numbers that an operation is given.
fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (from, to) = layout
        .contiguous_offsets()
        .ok_or_else(|| Error::Msg("an operation was given numbers with gaps".to_owned()))?;
    let all = storage.as_slice::<f32>()?;
    all.get(from..to)
        .ok_or_else(|| Error::Msg("an operation was given fewer numbers than it has".to_owned()))
}

/// A tensor's numbers, row after row.
pub(crate) fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

#[cfg(test)]
mod tests;
