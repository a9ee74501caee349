//! A BERT of two small layers with a tokenizer of a few words, written on the spot.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use candle_core::{Device, Tensor, safetensors};
use serde_json::{Value, json};

use crate::bert::{Shape, names};

const HIDDEN: usize = 16;
const INNER: usize = 32;
const PLACED: usize = 16;

/// The words that it knows.
pub(crate) const KNOWN: [&str; 16] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "lamp", "desk", "chair", "how", "much", "cost", "price",
    "when", "deliver", "send", "arrive", "the",
];

pub(crate) fn config() -> Value {
    json!({
        "vocab_size": KNOWN.len(), "hidden_size": HIDDEN, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": INNER, "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1, "max_position_embeddings": PLACED, "type_vocab_size": 2,
        "initializer_range": 0.02, "layer_norm_eps": 1e-12, "pad_token_id": 0,
        "position_embedding_type": "absolute", "model_type": "bert",
    })
}

fn tokenizer() -> Value {
    let vocabulary: BTreeMap<&str, usize> = KNOWN.iter().copied().zip(0..).collect();
    json!({
        "version": "1.0", "added_tokens": [],
        "normalizer": { "type": "Lowercase" },
        "pre_tokenizer": { "type": "Whitespace" },
        "post_processor": { "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2] },
        "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]" },
    })
}

/// Writes the encoder. Beside what is computed with it has a tensor that nobody uses, as the
/// default encoder has.
pub(crate) fn write(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("config.json"), config().to_string()).unwrap();
    fs::write(folder.join("tokenizer.json"), tokenizer().to_string()).unwrap();
    let shape: Shape = serde_json::from_value(config()).unwrap();
    let mut state = 1_u32;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(state >> 16).unwrap()) / 65_536.0 - 0.5
    };
    let mut tensors: HashMap<String, Tensor> = names(&shape)
        .into_iter()
        .map(|(name, _)| {
            let shape = shape.of(&name);
            let scales = name.ends_with("LayerNorm.weight");
            let base = if scales { 1.0 } else { 0.0 };
            let numbers = (0..shape.iter().product()).map(|_| base + number());
            let numbers: Vec<f32> = numbers.collect();
            (
                name,
                Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap(),
            )
        })
        .collect();
    let unused = Tensor::ones((3, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
    tensors.insert("pooler.dense.weight".to_owned(), unused);
    safetensors::save(&tensors, folder.join("model.safetensors")).unwrap();
}
