//! The encoder to begin with: its files, read and looked over.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, Tensor, safetensors};
use consultant_core::ports::TuningError;
use tokenizers::{Tokenizer, TruncationParams};

use crate::{
    adamw::narrowed,
    bert::{Shape, WORDS, names},
    error::{failed, unreadable, unusable},
    ops::values,
    parameters::{Parameter, Parameters},
};

/// Tokens of a text that are learned from. Customers' messages are shorter.
const MAX_TOKENS: usize = 64;

/// An encoder as it stands in its folder.
pub(crate) struct Base {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// What it computes with.
    pub(crate) shape: Shape,
    tokenizer: Tokenizer,
    /// All tensors of its file, whether they are computed with or not.
    tensors: BTreeMap<String, Tensor>,
    /// What stands before the names of those that are.
    prefix: String,
}

impl Base {
    /// Reads `config.json`, `tokenizer.json` and `model.safetensors`.
    pub(crate) fn read(folder: &Path) -> Result<Self, TuningError> {
        let config = folder.join("config.json");
        let shape: Shape =
            serde_json::from_slice(&bytes(&config)?).map_err(|error| unusable(&config, error))?;
        check(&config, &shape)?;
        let weights = folder.join("model.safetensors");
        let tensors = tensors(&weights)?;
        let prefix = tensors.keys().find_map(|name| name.strip_suffix(WORDS));
        let prefix = prefix
            .ok_or_else(|| unusable(&weights, format!("it has no tensor `{WORDS}`")))?
            .to_owned();
        for (name, _) in names(&shape) {
            fits(&tensors, &format!("{prefix}{name}"), &shape.of(&name))
                .map_err(|reason| unusable(&weights, reason))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            tokenizer: tokenizer(&folder.join("tokenizer.json"), &shape)?,
            shape,
            tensors,
            prefix,
        })
    }

    /// The tokens of texts.
    pub(crate) fn tokens(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, TuningError> {
        let encoded = self.tokenizer.encode_batch_fast(texts.to_vec(), true);
        let encoded = encoded.map_err(TuningError::Failed)?;
        Ok(encoded.iter().map(|it| it.get_ids().to_vec()).collect())
    }

    /// What is to be learned, each layer by so much slower than the one above it.
    pub(crate) fn parameters(&self, layer_decay: f64) -> Result<Parameters, TuningError> {
        let names = names(&self.shape);
        let layers = self.shape.num_hidden_layers;
        let mut parameters = Parameters::new();
        for (name, layer) in names {
            let Some(tensor) = self.tensors.get(&format!("{}{name}", self.prefix)) else {
                continue;
            };
            let below = i32::try_from(layers.saturating_sub(layer)).unwrap_or(i32::MAX);
            let decays = layer > 0 && tensor.rank() == 2;
            let numbers = values(tensor).map_err(failed)?;
            let shape = tensor.dims().to_vec();
            let parameter = Parameter::new(shape, numbers, layer_decay.powi(below), decays);
            parameters.insert(name, parameter);
        }
        Ok(parameters)
    }

    /// All tensors of the file, each moved by a share of the way to what was learned (Wortsman et
    /// al. 2022).
    pub(crate) fn moved(
        &self,
        learned: &BTreeMap<String, Vec<f32>>,
        share: f64,
    ) -> Result<BTreeMap<String, Tensor>, TuningError> {
        let mut all = self.tensors.clone();
        for (name, numbers) in learned {
            if let Some(tensor) = all.get_mut(&format!("{}{name}", self.prefix)) {
                *tensor = moved(tensor, numbers, narrowed(share)).map_err(failed)?;
            }
        }
        Ok(all)
    }
}

/// Whether a tensor is there, and of this shape: one that is not would be found out deep in the
/// computation, or never.
fn fits(tensors: &BTreeMap<String, Tensor>, name: &str, expected: &[usize]) -> Result<(), String> {
    let Some(tensor) = tensors.get(name) else {
        return Err(format!("it has no tensor `{name}`"));
    };
    let found = tensor.dims();
    if found != expected || tensor.dtype() != DType::F32 {
        return Err(format!("`{name}` is {found:?}, not {expected:?}"));
    }
    Ok(())
}

/// A tensor, moved by a share of the way to other numbers.
fn moved(from: &Tensor, to: &[f32], share: f32) -> candle_core::Result<Tensor> {
    let numbers = values(from)?;
    let numbers = numbers.iter().zip(to);
    let numbers: Vec<f32> = numbers
        .map(|(from, to)| from + share * (to - from))
        .collect();
    Tensor::from_vec(numbers, from.shape(), &Device::Cpu)
}

fn bytes(file: &Path) -> Result<Vec<u8>, TuningError> {
    fs::read(file).map_err(|error| unreadable(file, &error))
}

/// Whether it is an encoder that can be computed here.
fn check(config: &Path, shape: &Shape) -> Result<(), TuningError> {
    let refuse = |reason: String| Err(unusable(config, reason));
    if shape.hidden_act != "gelu" {
        return refuse(format!(
            "its activation is `{}`, and only `gelu` is trained here",
            shape.hidden_act
        ));
    }
    if shape
        .position_embedding_type
        .as_deref()
        .unwrap_or("absolute")
        != "absolute"
    {
        return refuse("only absolute places are trained here".to_owned());
    }
    let (hidden, heads) = (shape.hidden_size, shape.num_attention_heads);
    if heads == 0 || hidden == 0 || !hidden.is_multiple_of(heads) {
        return refuse(format!(
            "{hidden} numbers cannot be shared by {heads} heads"
        ));
    }
    Ok(())
}

/// All tensors of a file; those that are learned as `f32`, whatever they are kept as.
fn tensors(file: &Path) -> Result<BTreeMap<String, Tensor>, TuningError> {
    let bytes = bytes(file)?;
    let tensors = safetensors::load_buffer(&bytes, &Device::Cpu);
    let tensors = tensors.map_err(|error| unusable(file, error))?;
    let floats = tensors.into_iter().map(|(name, tensor)| {
        let is_float = tensor.dtype().is_float();
        let tensor = if is_float {
            tensor.to_dtype(DType::F32)
        } else {
            Ok(tensor)
        };
        Ok((name, tensor.map_err(|error| unusable(file, error))?))
    });
    floats.collect()
}

fn tokenizer(file: &Path, shape: &Shape) -> Result<Tokenizer, TuningError> {
    let mut tokenizer =
        Tokenizer::from_bytes(bytes(file)?).map_err(|error| unusable(file, error))?;
    let (made, known) = (tokenizer.get_vocab_size(true), shape.vocab_size);
    if made > known {
        let reason = format!("it makes {made} kinds of tokens, and the model knows {known}");
        return Err(unusable(file, reason));
    }
    tokenizer.with_padding(None);
    let truncation = TruncationParams {
        max_length: MAX_TOKENS.min(shape.max_position_embeddings),
        ..TruncationParams::default()
    };
    tokenizer
        .with_truncation(Some(truncation))
        .map_err(|error| unusable(file, error))?;
    Ok(tokenizer)
}
