//! What is kept of a head: a safetensors file, which any tool of the field can open.

use std::collections::{BTreeMap, HashMap};

use consultant_core::Language;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use super::{IntentHead, softmax::Layer, words::Words};

/// The form of the file, with its version.
const FORMAT: &str = "consultant-intent-head-1";
/// The only key of the file's metadata.
const KEY: &str = "head";

/// What numbers of a head are within. Larger ones, although each is a number, would make none of
/// their sums.
const LARGEST: f32 = 1e6;
const TEMPERATURES: std::ops::RangeInclusive<f64> = 1e-3..=1e3;
const WORDS_LENGTHS: std::ops::RangeInclusive<f32> = 0.0..=1e3;

/// All that is no tensor.
#[derive(Serialize, Deserialize)]
struct About {
    format: String,
    labels: Vec<String>,
    encoder: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    languages: Vec<Language>,
    dimensions: usize,
    words: Vec<String>,
    words_length: f32,
    temperature: f64,
    threshold: f64,
}

/// Why bytes are no head.
#[derive(Debug, thiserror::Error)]
#[error("this is no intent head: {0}")]
pub struct NotAHead(String);

impl NotAHead {
    fn because(reason: impl std::fmt::Display) -> Self {
        Self(format!("{reason}"))
    }
}

impl IntentHead {
    /// The head as a file. The same head gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotAHead> {
        let about = About {
            format: FORMAT.to_owned(),
            labels: self.labels.clone(),
            encoder: self.encoder.clone(),
            languages: self.languages.clone(),
            dimensions: self.dimensions,
            words: self.words.places.keys().cloned().collect(),
            words_length: self.words.length,
            temperature: self.temperature,
            threshold: self.threshold,
        };
        let about = serde_json::to_string(&about).map_err(NotAHead::because)?;
        let categories = self.layer.categories;
        let rows = self.layer.weights.len() / categories;
        let (weights, words) = (bytes(&self.layer.weights), bytes(&self.words.weights));
        let tensor = |shape: Vec<usize>, data| TensorView::new(Dtype::F32, shape, data);
        let tensors = [
            ("weights", tensor(vec![rows, categories], &weights)),
            (
                "word_weights",
                tensor(vec![self.words.weights.len()], &words),
            ),
        ];
        let tensors: BTreeMap<&str, TensorView<'_>> = tensors
            .into_iter()
            .map(|(name, tensor)| Ok((name, tensor.map_err(NotAHead::because)?)))
            .collect::<Result<_, NotAHead>>()?;
        let metadata = HashMap::from([(KEY.to_owned(), about)]);
        safetensors::serialize(tensors, Some(metadata)).map_err(NotAHead::because)
    }

    /// The head that a file holds.
    pub fn from_bytes(file: &[u8]) -> Result<Self, NotAHead> {
        let (_, metadata) = SafeTensors::read_metadata(file).map_err(NotAHead::because)?;
        let metadata = metadata.metadata().as_ref().and_then(|it| it.get(KEY));
        let about = metadata.ok_or_else(|| NotAHead::because("its metadata has no `head`"))?;
        let about: About = serde_json::from_str(about).map_err(NotAHead::because)?;
        if about.format != FORMAT {
            let message = format!(
                "its format is `{}`, and this program reads `{FORMAT}`",
                about.format
            );
            return Err(NotAHead::because(message));
        }
        let tensors = SafeTensors::deserialize(file).map_err(NotAHead::because)?;
        let (categories, words) = (about.labels.len(), about.words.len());
        let rows = about.dimensions.saturating_add(words).saturating_add(1);
        let weights = numbers(&tensors, "weights", &[rows, categories])?;
        let word_weights = numbers(&tensors, "word_weights", &[words])?;
        let is_sane = TEMPERATURES.contains(&about.temperature)
            && WORDS_LENGTHS.contains(&about.words_length)
            && categories > 0;
        if !is_sane {
            let reason = "it has no categories, or a temperature or a length beyond all measure";
            return Err(NotAHead::because(reason));
        }
        let places = about
            .words
            .into_iter()
            .enumerate()
            .map(|(place, word)| (word, place));
        Ok(Self {
            labels: about.labels,
            encoder: about.encoder,
            languages: about.languages,
            dimensions: about.dimensions,
            words: Words {
                places: places.collect(),
                weights: word_weights,
                length: about.words_length,
            },
            layer: Layer {
                weights,
                categories,
                dimensions: about.dimensions,
            },
            temperature: about.temperature,
            threshold: about.threshold,
        })
    }
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// A tensor's numbers, if it is of this shape.
fn numbers(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, NotAHead> {
    let tensor = tensors.tensor(name).map_err(NotAHead::because)?;
    if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
        let (dtype, found) = (tensor.dtype(), tensor.shape());
        let message = format!("`{name}` is {dtype:?} {found:?}, not F32 {shape:?}");
        return Err(NotAHead::because(message));
    }
    let (numbers, _) = tensor.data().as_chunks::<4>();
    let numbers: Vec<f32> = numbers.iter().map(|it| f32::from_le_bytes(*it)).collect();
    if !numbers.iter().all(|it| it.abs() <= LARGEST) {
        let message = format!("`{name}` holds a number beyond all measure");
        return Err(NotAHead::because(message));
    }
    Ok(numbers)
}
