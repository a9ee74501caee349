//! What tells categories apart while the encoder learns: the angle between a text's vector and one
//! direction for each category. It is thrown away afterwards; the head that serves is trained anew
//! on what the encoder has learned.

use candle_core::{D, Device, Result, Tensor};

use crate::{adamw::narrowed, parameters::Parameter};

/// Cosines are from -1 to 1; so many times more are logits that can be sure.
const SHARPNESS: f64 = 20.0;

/// The names of its tensors among the parameters, which no encoder's file has.
pub(crate) const DIRECTIONS: &str = "classifier.directions";
pub(crate) const BIAS: &str = "classifier.bias";

/// Directions that begin where the texts of each category are: the mean of their vectors.
/// `vectors` are rows of `width` numbers, `categories` says whose they are.
pub(crate) fn directions(
    vectors: &[f32],
    width: usize,
    categories: &[u32],
    all: usize,
) -> Parameter {
    let mut sums = vec![0.0_f32; all * width];
    for (vector, category) in vectors.chunks_exact(width).zip(categories) {
        let from = usize::try_from(*category).unwrap_or(usize::MAX) * width;
        for (sum, number) in sums[from..from + width].iter_mut().zip(vector) {
            *sum += number;
        }
    }
    for sum in sums.chunks_exact_mut(width) {
        let length = sum.iter().map(|it| it * it).sum::<f32>().sqrt().max(1e-6);
        for number in sum {
            *number /= length;
        }
    }
    Parameter::new(vec![all, width], sums, PACE, false)
}

/// The usual slope of a direction is small, because it is shared by all texts of its category; so
/// it learns faster than the encoder.
pub(crate) const PACE: f64 = 100.0;

/// The logits of texts for all categories: `[texts, categories]`.
pub(crate) fn logits(vectors: &Tensor, directions: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let length = directions.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
    let directions = directions.broadcast_div(&length)?;
    let cosines = vectors.matmul(&directions.t()?)?;
    (cosines * SHARPNESS)?.broadcast_add(bias)
}

/// How unlikely the right categories are: the mean cross-entropy, with a share of `smoothing` of
/// each text's certainty spread over all categories (Szegedy et al. 2016).
pub(crate) fn loss(logits: &Tensor, categories: &[u32], smoothing: f64) -> Result<Tensor> {
    let (texts, all) = logits.dims2()?;
    let spread = narrowed(smoothing / whole(all));
    let mut wanted = vec![spread; texts * all];
    for (row, category) in wanted.chunks_exact_mut(all).zip(categories) {
        if let Some(right) = row.get_mut(usize::try_from(*category).unwrap_or(usize::MAX)) {
            *right += narrowed(1.0 - smoothing);
        }
    }
    let wanted = Tensor::from_vec(wanted, (texts, all), &Device::Cpu)?;
    let logarithms = candle_nn::ops::log_softmax(logits, D::Minus1)?;
    (logarithms * wanted)?.sum_all()? * (-1.0 / whole(texts))
}

#[expect(clippy::cast_precision_loss, reason = "texts are counted")]
const fn whole(number: usize) -> f64 {
    number as f64
}
