//! The encoder as `consultant-perception` computes it, with slopes: embeddings, layers of attention
//! and of two linear maps, and the mean over a text's tokens, brought to length 1.

use std::collections::BTreeMap;

use candle_core::{D, Device, Result, Tensor, Var};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use crate::{
    ops::{Spans, attend, drop_some, gelu, linear, means, normalise},
    parameters::{Parameter, Parameters},
};

/// What must be known of an encoder to compute it: its `config.json`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Shape {
    /// Numbers of a token's vector.
    pub(crate) hidden_size: usize,
    /// Layers.
    pub(crate) num_hidden_layers: usize,
    /// Heads of attention in each.
    pub(crate) num_attention_heads: usize,
    /// Words that it knows.
    pub(crate) vocab_size: usize,
    /// Numbers between the two linear maps of a layer.
    pub(crate) intermediate_size: usize,
    /// Kinds of text that it tells apart; here all are of the first.
    pub(crate) type_vocab_size: usize,
    /// The most tokens of a text.
    pub(crate) max_position_embeddings: usize,
    /// Keeps a row of equal numbers from being divided by nothing.
    pub(crate) layer_norm_eps: f64,
    /// What is between the two linear maps.
    pub(crate) hidden_act: String,
    /// How places are told: `absolute`, or nothing is said.
    #[serde(default)]
    pub(crate) position_embedding_type: Option<String>,
}

impl Shape {
    /// The shape of a tensor, by its name.
    pub(crate) fn of(&self, name: &str) -> Vec<usize> {
        let (wide, inner) = (self.hidden_size, self.intermediate_size);
        match name {
            WORDS => vec![self.vocab_size, wide],
            PLACES => vec![self.max_position_embeddings, wide],
            KINDS => vec![self.type_vocab_size, wide],
            _ if name.ends_with("intermediate.dense.weight") => vec![inner, wide],
            _ if name.ends_with("intermediate.dense.bias") => vec![inner],
            _ if name.ends_with("LayerNorm.weight") || name.ends_with("bias") => vec![wide],
            _ if name.contains("attention") => vec![wide, wide],
            _ => vec![wide, inner],
        }
    }
}

/// Names of tensors, behind whatever the file puts before all of them.
pub(crate) const WORDS: &str = "embeddings.word_embeddings.weight";
pub(crate) const PLACES: &str = "embeddings.position_embeddings.weight";
pub(crate) const KINDS: &str = "embeddings.token_type_embeddings.weight";
const EMBEDDED: &str = "embeddings.LayerNorm";

/// The linear maps and norms of a layer.
const MAPS: [&str; 6] = [
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
];
const NORMS: [&str; 2] = ["attention.output.LayerNorm", "output.LayerNorm"];

/// The names of all tensors that are computed with, each with its layer: 0 for the embeddings.
pub(crate) fn names(shape: &Shape) -> Vec<(String, usize)> {
    let both = |name: &str| ["weight", "bias"].map(|part| format!("{name}.{part}"));
    let mut names: Vec<(String, usize)> = [WORDS, PLACES, KINDS]
        .map(|name| (name.to_owned(), 0))
        .into();
    names.extend(both(EMBEDDED).map(|name| (name, 0)));
    for layer in 0..shape.num_hidden_layers {
        let parts = MAPS.iter().chain(&NORMS);
        let parts = parts.flat_map(|part| both(&format!("encoder.layer.{layer}.{part}")));
        names.extend(parts.map(|name| (name, layer + 1)));
    }
    names
}

/// Texts as tokens, packed one after another.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// The different words, lowest first.
    pub(crate) words: Vec<u32>,
    /// Of each token, which of those words it is.
    pub(crate) tokens: Vec<u32>,
    /// Of each token, its place in its text.
    pub(crate) places: Vec<u32>,
    /// Which tokens are whose.
    pub(crate) spans: Spans,
}

impl Batch {
    /// Packs texts.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let texts: Vec<&[u32]> = texts.into_iter().collect();
        let all = texts.concat();
        let mut words = all.clone();
        words.sort_unstable();
        words.dedup();
        let at: BTreeMap<u32, u32> = words.iter().copied().zip(0..).collect();
        Self {
            tokens: all
                .iter()
                .filter_map(|word| at.get(word))
                .copied()
                .collect(),
            places: texts
                .iter()
                .flat_map(|text| (0..).take(text.len()))
                .collect(),
            spans: Spans::of(texts.iter().map(|text| text.len())),
            words,
        }
    }
}

/// An encoder's weights as tensors, for one batch: of the vectors of words only those that stand in
/// it, because all of them are half of the encoder.
pub(crate) struct Bert {
    shape: Shape,
    tensors: BTreeMap<String, Tensor>,
    /// Whether slopes will be asked for.
    pub(crate) variables: BTreeMap<String, Var>,
}

impl Bert {
    /// For computing slopes if `learns`.
    pub(crate) fn new(
        shape: &Shape,
        parameters: &Parameters,
        batch: &Batch,
        learns: bool,
    ) -> Result<Self> {
        let (mut tensors, mut variables) = (BTreeMap::new(), BTreeMap::new());
        for (name, parameter) in parameters {
            let tensor = if name == WORDS {
                rows_of(parameter, &batch.words)?
            } else {
                Tensor::from_slice(&parameter.numbers, parameter.shape.as_slice(), &Device::Cpu)?
            };
            if learns {
                let variable = Var::from_tensor(&tensor)?;
                tensors.insert(name.clone(), variable.as_tensor().clone());
                variables.insert(name.clone(), variable);
            } else {
                tensors.insert(name.clone(), tensor);
            }
        }
        Ok(Self {
            shape: shape.clone(),
            tensors,
            variables,
        })
    }

    /// The vectors of a batch's texts, each of length 1: `[texts, hidden]`.
    pub(crate) fn forward(
        &self,
        batch: &Batch,
        mut dropout: Option<(u16, &mut ChaCha8Rng)>,
    ) -> Result<Tensor> {
        let mut drop = |rows: &Tensor| match &mut dropout {
            Some((dropped, chance)) => drop_some(rows, *dropped, chance),
            None => Ok(rows.clone()),
        };
        let mut rows = drop(&self.embedded(batch)?)?;
        for layer in 0..self.shape.num_hidden_layers {
            rows = self.layer(layer, &rows, &batch.spans, &mut drop)?;
        }
        let means = means(&rows, &batch.spans)?;
        let length = means.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        means.broadcast_div(&length)
    }

    fn embedded(&self, batch: &Batch) -> Result<Tensor> {
        let tokens = Tensor::new(batch.tokens.as_slice(), &Device::Cpu)?;
        let places = Tensor::new(batch.places.as_slice(), &Device::Cpu)?;
        let words = self.tensor(WORDS)?.index_select(&tokens, 0)?;
        let places = self.tensor(PLACES)?.index_select(&places, 0)?;
        let kind = self.tensor(KINDS)?.narrow(0, 0, 1)?;
        let sum = (words + places)?.broadcast_add(&kind)?;
        self.norm(EMBEDDED, &sum)
    }

    fn layer(
        &self,
        layer: usize,
        rows: &Tensor,
        spans: &Spans,
        drop: &mut impl FnMut(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        let map = |part: usize, rows: &Tensor| self.map(&name(MAPS[part]), rows);
        let (queries, keys, found) = (map(0, rows)?, map(1, rows)?, map(2, rows)?);
        let heads = self.shape.num_attention_heads;
        let taken = attend((&queries, &keys, &found), heads, spans)?;
        let rows = (drop(&map(3, &taken)?)? + rows)?;
        let rows = self.norm(&name(NORMS[0]), &rows)?;
        let inner = gelu(&map(4, &rows)?)?;
        let outer = (drop(&map(5, &inner)?)? + &rows)?;
        self.norm(&name(NORMS[1]), &outer)
    }

    fn map(&self, name: &str, rows: &Tensor) -> Result<Tensor> {
        let (weights, bias) = self.both(name)?;
        linear(rows, weights, bias)
    }

    fn norm(&self, name: &str, rows: &Tensor) -> Result<Tensor> {
        let (scale, shift) = self.both(name)?;
        normalise(rows, scale, shift, self.epsilon())
    }

    fn both(&self, name: &str) -> Result<(&Tensor, &Tensor)> {
        let weight = self.tensor(&format!("{name}.weight"))?;
        Ok((weight, self.tensor(&format!("{name}.bias"))?))
    }

    /// A tensor by its name.
    pub(crate) fn tensor(&self, name: &str) -> Result<&Tensor> {
        let tensor = self.tensors.get(name);
        tensor.ok_or_else(|| candle_core::Error::Msg(format!("there is no tensor `{name}`")))
    }

    #[expect(clippy::cast_possible_truncation, reason = "it only has to be small")]
    fn epsilon(&self) -> f32 {
        self.shape.layer_norm_eps as f32
    }
}

/// Some rows of a parameter.
fn rows_of(parameter: &Parameter, which: &[u32]) -> Result<Tensor> {
    let width = parameter.width();
    let mut rows = Vec::with_capacity(which.len() * width);
    for row in which {
        let at = usize::try_from(*row).unwrap_or(usize::MAX);
        let row = parameter.numbers.chunks_exact(width).nth(at);
        rows.extend_from_slice(
            row.ok_or_else(|| candle_core::Error::Msg(format!("the encoder knows no token {at}")))?,
        );
    }
    Tensor::from_vec(rows, (which.len(), width), &Device::Cpu)
}
