//! A BERT that was trained to put texts of one meaning near to one another, as `MiniLM-L6-v2` was:
//! the mean of its last layer over all tokens, brought to length 1.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use candle_core::{D, DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use consultant_core::ports::{Encoder, EncoderError};
use tokenizers::{Encoding, Tokenizer, TruncationParams};

use crate::PerceptionError;

/// Tokens of a text that count, as the encoder was trained.
const MAX_TOKENS: usize = 256;
/// Characters of a text that are looked at. No 256 tokens are longer, but for words that are one
/// unknown token however long they are.
const MAX_CHARS: usize = 4096;
/// Texts that are computed together. More gain nothing on a processor.
const BATCH: usize = 32;

/// A sentence encoder in memory.
pub struct SentenceEncoder {
    name: String,
    dimensions: usize,
    tokenizer: Tokenizer,
    model: BertModel,
}

impl std::fmt::Debug for SentenceEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SentenceEncoder")
            .field("name", &self.name)
            .field("dimensions", &self.dimensions)
            .finish_non_exhaustive()
    }
}

impl SentenceEncoder {
    /// Loads `config.json`, `tokenizer.json` and `model.safetensors` from a folder. `name` is what
    /// the encoder is called in what is made with it.
    pub fn load(name: &str, folder: &Path) -> Result<Self, PerceptionError> {
        let config_file = folder.join("config.json");
        let config: Config = serde_json::from_slice(&read(&config_file)?)
            .map_err(|error| PerceptionError::unusable(&config_file, error))?;
        Ok(Self {
            name: name.to_owned(),
            dimensions: config.hidden_size,
            tokenizer: tokenizer(&folder.join("tokenizer.json"), &config)?,
            model: model(&folder.join("model.safetensors"), &config)?,
        })
    }

    fn vectors(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Failed> {
        let shortened: Vec<&str> = texts.iter().map(|text| beginning(text)).collect();
        let encodings = self.tokenizer.encode_batch_fast(shortened, true)?;
        // Texts of one length need no padding, and none is computed.
        let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, encoding) in encodings.iter().enumerate() {
            by_length.entry(encoding.len()).or_default().push(at);
        }
        let batches = by_length.values().flat_map(|all| all.chunks(BATCH));
        let mut vectors = vec![Vec::new(); texts.len()];
        for batch in batches {
            for (at, vector) in batch.iter().zip(self.batch(&encodings, batch)?) {
                vectors[*at] = vector;
            }
        }
        Ok(vectors)
    }

    /// The vectors of texts that have the same number of tokens.
    fn batch(&self, encodings: &[Encoding], batch: &[usize]) -> candle_core::Result<Vec<Vec<f32>>> {
        let tokens = batch.iter().flat_map(|at| encodings[*at].get_ids());
        let tokens: Vec<u32> = tokens.copied().collect();
        let shape = (batch.len(), tokens.len() / batch.len());
        let tokens = Tensor::from_vec(tokens, shape, &Device::Cpu)?;
        let types = tokens.zeros_like()?;
        let last_layer = self.model.forward(&tokens, &types, None)?;
        let mean = last_layer.mean(1)?;
        let length = mean.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        mean.broadcast_div(&length)?.to_vec2()
    }
}

/// What the tokenizer or the model says.
type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Encoder for SentenceEncoder {
    fn name(&self) -> &str {
        &self.name
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncoderError> {
        self.vectors(texts).map_err(|cause| EncoderError { cause })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, PerceptionError> {
    fs::read(path).map_err(|source| PerceptionError::Unreadable {
        path: PathBuf::from(path),
        source,
    })
}

fn tokenizer(path: &Path, config: &Config) -> Result<Tokenizer, PerceptionError> {
    let bytes = read(path)?;
    let unusable = |error: Failed| PerceptionError::unusable(path, error);
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(unusable)?;
    let tokens = tokenizer.get_vocab_size(true);
    if tokens > config.vocab_size {
        let known = config.vocab_size;
        let reason = format!("it makes {tokens} kinds of tokens, and the model knows {known}");
        return Err(PerceptionError::unusable(path, reason));
    }
    tokenizer.with_padding(None);
    let truncation = TruncationParams {
        max_length: MAX_TOKENS.min(config.max_position_embeddings),
        ..TruncationParams::default()
    };
    tokenizer
        .with_truncation(Some(truncation))
        .map_err(unusable)?;
    Ok(tokenizer)
}

fn model(path: &Path, config: &Config) -> Result<BertModel, PerceptionError> {
    let bytes = read(path)?;
    let unusable = |error| PerceptionError::unusable(path, error);
    let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu);
    BertModel::load(weights.map_err(unusable)?, config).map_err(unusable)
}

/// As much of a text as is looked at.
fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(MAX_CHARS);
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
