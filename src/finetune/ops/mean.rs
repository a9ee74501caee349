//! Which rows belong to which text, and the mean of each text's rows.

use std::{ops::Range, sync::Arc};

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::{attention::add, numbers, values};

/// Texts of a batch that stand one after another: whose rows are whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spans(Arc<[Range<usize>]>);

impl Spans {
    /// Of texts with so many tokens each.
    pub(crate) fn of(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut from = 0;
        let spans = lengths.into_iter().map(|length| {
            let span = from..from + length;
            from = span.end;
            span
        });
        Self(spans.collect())
    }

    /// Each text's rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = Range<usize>> {
        self.0.iter().cloned()
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

/// The mean of each text's rows: `[texts, width]`.
pub(crate) fn means(rows: &Tensor, spans: &Spans) -> Result<Tensor> {
    rows.apply_op1(Means(spans.clone()))
}

struct Means(Spans);

impl CustomOp1 for Means {
    fn name(&self) -> &'static str {
        "means"
    }

    fn cpu_fwd(&self, rows: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, width) = layout.shape().dims2()?;
        let all = numbers(rows, layout)?;
        let mut means = vec![0.0_f32; self.0.len() * width];
        for (mean, span) in means.chunks_exact_mut(width).zip(self.0.iter()) {
            let share = share_of(&span);
            for row in all[span.start * width..span.end * width].chunks_exact(width) {
                add(mean, row, share);
            }
        }
        Ok((CpuStorage::F32(means), (self.0.len(), width).into()))
    }

    fn bwd(&self, rows: &Tensor, _result: &Tensor, slope: &Tensor) -> Result<Option<Tensor>> {
        let (_, width) = rows.dims2()?;
        let mut slopes = Vec::with_capacity(rows.elem_count());
        let slope = values(slope)?;
        for (of_text, span) in slope.chunks_exact(width).zip(self.0.iter()) {
            let share = share_of(&span);
            for _ in span {
                slopes.extend(of_text.iter().map(|it| it * share));
            }
        }
        Ok(Some(Tensor::from_vec(slopes, rows.shape(), rows.device())?))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a text has some tokens")]
fn share_of(span: &Range<usize>) -> f32 {
    1.0 / span.len().max(1) as f32
}
