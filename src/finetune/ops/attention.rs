//! Attention (Vaswani et al. 2017) within each text: every token takes what it is from the tokens
//! that its query finds.

use std::ops::Range;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{gelu::exp, mean::Spans, numbers, values};

/// `queries`, `keys` and `found` are `[tokens, width]`, where `width` holds `heads` heads side by
/// side; so is what comes of it.
pub(crate) fn attend(
    (queries, keys, found): (&Tensor, &Tensor, &Tensor),
    heads: usize,
    spans: &Spans,
) -> Result<Tensor> {
    let spans = spans.clone();
    queries.apply_op3(keys, found, Attention { heads, spans })
}

struct Attention {
    heads: usize,
    spans: Spans,
}

/// Numbers of all tokens, of which a head of a text is a part.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    numbers: &'a [f32],
    width: usize,
}

/// One head of one text.
#[derive(Clone, Debug)]
struct Head {
    tokens: Range<usize>,
    columns: Range<usize>,
}

impl Head {
    /// One over the square root of its width.
    #[expect(clippy::cast_precision_loss, reason = "a head is some numbers wide")]
    fn scale(&self) -> f32 {
        1.0 / (self.columns.len() as f32).sqrt()
    }
}

impl<'a> Matrix<'a> {
    fn row(self, token: usize, head: &Head) -> &'a [f32] {
        let from = token * self.width;
        &self.numbers[from + head.columns.start..from + head.columns.end]
    }
}

/// Queries, keys and what is found by them.
type Three<'a> = [Matrix<'a>; 3];

impl Attention {
    fn heads_of(&self, tokens: &Range<usize>, width: usize) -> impl Iterator<Item = Head> {
        let wide = width / self.heads;
        (0..self.heads).map(move |head| Head {
            tokens: tokens.clone(),
            columns: head * wide..(head + 1) * wide,
        })
    }

    /// How much of each token of the text one of them takes: shares that sum to 1.
    fn shares([queries, keys, _]: Three<'_>, token: usize, head: &Head) -> Vec<f32> {
        let (query, scale) = (queries.row(token, head), head.scale());
        let tokens = head.tokens.clone();
        let mut shares: Vec<f32> = tokens
            .map(|other| dot(query, keys.row(other, head)) * scale)
            .collect();
        let most = shares.iter().copied().fold(f32::MIN, f32::max);
        for share in &mut shares {
            *share = exp(*share - most);
        }
        let sum: f32 = shares.iter().sum();
        for share in &mut shares {
            *share /= sum;
        }
        shares
    }

    /// What the tokens of one text take.
    fn taken(&self, three: Three<'_>, tokens: &Range<usize>) -> Vec<f32> {
        let width = three[2].width;
        let mut taken = vec![0.0_f32; tokens.len() * width];
        for head in self.heads_of(tokens, width) {
            for (row, token) in taken.chunks_exact_mut(width).zip(tokens.clone()) {
                let shares = Self::shares(three, token, &head);
                let row = &mut row[head.columns.clone()];
                let others = tokens.clone().map(|other| three[2].row(other, &head));
                others
                    .zip(shares)
                    .for_each(|(other, share)| add(row, other, share));
            }
        }
        taken
    }

    /// The slopes of one text's queries, keys and what is found, from the slopes of what is taken.
    fn slopes(&self, three: Three<'_>, slope: Matrix<'_>, tokens: &Range<usize>) -> [Vec<f32>; 3] {
        let width = slope.width;
        let nothing = || vec![0.0_f32; tokens.len() * width];
        let mut slopes = [nothing(), nothing(), nothing()];
        for head in self.heads_of(tokens, width) {
            for token in tokens.clone() {
                add_slopes(three, slope.row(token, &head), (token, &head), &mut slopes);
            }
        }
        slopes
    }
}

/// Adds what one token's slope says to the slopes of its text.
fn add_slopes(
    three: Three<'_>,
    slope: &[f32],
    (token, head): (usize, &Head),
    [of_queries, of_keys, of_found]: &mut [Vec<f32>; 3],
) {
    let [queries, keys, found] = three;
    let shares = Attention::shares(three, token, head);
    let place = |token: usize| {
        let from = (token - head.tokens.start) * queries.width;
        from + head.columns.start..from + head.columns.end
    };
    let of_shares: Vec<f32> = head
        .tokens
        .clone()
        .map(|other| dot(slope, found.row(other, head)))
        .collect();
    let mean = dot(&shares, &of_shares);
    for ((share, of_share), other) in shares.iter().zip(&of_shares).zip(head.tokens.clone()) {
        let of_score = share * (of_share - mean) * head.scale();
        add(&mut of_found[place(other)], slope, *share);
        add(
            &mut of_queries[place(token)],
            keys.row(other, head),
            of_score,
        );
        add(
            &mut of_keys[place(other)],
            queries.row(token, head),
            of_score,
        );
    }
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    /// So many sums at a time fill a vector register.
    const WIDE: usize = 16;
    let (lefts, left_rest) = left.as_chunks::<WIDE>();
    let (rights, right_rest) = right.as_chunks::<WIDE>();
    let mut sums = [0.0_f32; WIDE];
    for (left, right) in lefts.iter().zip(rights) {
        for ((sum, left), right) in sums.iter_mut().zip(left).zip(right) {
            *sum += left * right;
        }
    }
    let rest = left_rest.iter().zip(right_rest);
    sums.iter().sum::<f32>() + rest.map(|(left, right)| left * right).sum::<f32>()
}

/// Adds a row, so many times, to another.
pub(super) fn add(to: &mut [f32], row: &[f32], by: f32) {
    for (sum, number) in to.iter_mut().zip(row) {
        *sum += number * by;
    }
}

impl CustomOp3 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        queries: &CpuStorage,
        queries_layout: &Layout,
        keys: &CpuStorage,
        keys_layout: &Layout,
        found: &CpuStorage,
        found_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, width) = found_layout.shape().dims2()?;
        let three = [
            numbers(queries, queries_layout)?,
            numbers(keys, keys_layout)?,
            numbers(found, found_layout)?,
        ];
        let three = three.map(|numbers| Matrix { numbers, width });
        let spans: Vec<_> = self.spans.iter().collect();
        let texts: Vec<_> = spans.par_iter().map(|it| self.taken(three, it)).collect();
        Ok((
            CpuStorage::F32(texts.concat()),
            found_layout.shape().clone(),
        ))
    }

    fn bwd(
        &self,
        queries: &Tensor,
        keys: &Tensor,
        found: &Tensor,
        _result: &Tensor,
        slope: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (_, width) = found.dims2()?;
        let three = [values(queries)?, values(keys)?, values(found)?];
        let three = three.each_ref().map(|numbers| Matrix { numbers, width });
        let slope = values(slope)?;
        let slope = Matrix {
            numbers: &slope,
            width,
        };
        let spans: Vec<_> = self.spans.iter().collect();
        let texts: Vec<[Vec<f32>; 3]> = spans
            .par_iter()
            .map(|it| self.slopes(three, slope, it))
            .collect();
        let joined = |which: usize| {
            let parts: Vec<&[f32]> = texts.iter().map(|it| it[which].as_slice()).collect();
            Tensor::from_vec(parts.concat(), found.shape(), found.device())
        };
        Ok((Some(joined(0)?), Some(joined(1)?), Some(joined(2)?)))
    }
}
