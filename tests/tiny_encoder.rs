//! A BERT of one small layer in a folder of Hugging Face form, made on the spot of numbers that
//! look like chance. It knows the words that it is given and means nothing by them.

#![expect(
    clippy::expect_used,
    reason = "a harness fails its test where it stands"
)]

use std::{collections::BTreeMap, fs, path::Path};

use safetensors::{Dtype, tensor::TensorView};
use serde_json::{Value, json};

const HIDDEN: usize = 16;
const INNER: usize = 32;
const PLACES: usize = 32;
const SPECIAL: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

/// Makes the encoder in `folder`.
pub fn make_encoder(folder: &Path, words: &[&str]) {
    fs::create_dir_all(folder).expect("the folder is made");
    let known = SPECIAL.iter().chain(words);
    let vocabulary: BTreeMap<&str, usize> = known.copied().zip(0..).collect();
    let write = |name: &str, content: &[u8]| {
        fs::write(folder.join(name), content).expect("the folder can be written");
    };
    write(
        "config.json",
        config(vocabulary.len()).to_string().as_bytes(),
    );
    write(
        "tokenizer.json",
        tokenizer(&vocabulary).to_string().as_bytes(),
    );
    write("model.safetensors", &weights(vocabulary.len()));
}

fn config(words: usize) -> Value {
    json!({
        "vocab_size": words, "hidden_size": HIDDEN, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": INNER, "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1, "max_position_embeddings": PLACES, "type_vocab_size": 2,
        "initializer_range": 0.02, "layer_norm_eps": 1e-12, "pad_token_id": 0,
        "position_embedding_type": "absolute", "model_type": "bert",
    })
}

fn tokenizer(vocabulary: &BTreeMap<&str, usize>) -> Value {
    json!({
        "version": "1.0", "added_tokens": [],
        "normalizer": { "type": "Lowercase" },
        "pre_tokenizer": { "type": "Whitespace" },
        "post_processor": { "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2] },
        "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]" },
    })
}

/// The tensors' names and shapes.
fn shapes(words: usize) -> Vec<(String, Vec<usize>)> {
    let embeddings = [("word", words), ("position", PLACES), ("token_type", 2)];
    let embeddings = embeddings.map(|(kind, rows)| {
        (
            format!("embeddings.{kind}_embeddings.weight"),
            vec![rows, HIDDEN],
        )
    });
    let layer = "encoder.layer.0";
    let maps = [
        ("attention.self.query", HIDDEN, HIDDEN),
        ("attention.self.key", HIDDEN, HIDDEN),
        ("attention.self.value", HIDDEN, HIDDEN),
        ("attention.output.dense", HIDDEN, HIDDEN),
        ("intermediate.dense", HIDDEN, INNER),
        ("output.dense", INNER, HIDDEN),
    ];
    let maps = maps.into_iter().flat_map(|(name, from, to)| {
        let name = format!("{layer}.{name}");
        [
            (format!("{name}.weight"), vec![to, from]),
            (format!("{name}.bias"), vec![to]),
        ]
    });
    let norms = [
        "embeddings.LayerNorm".to_owned(),
        format!("{layer}.attention.output.LayerNorm"),
        format!("{layer}.output.LayerNorm"),
    ];
    let norms = norms
        .into_iter()
        .flat_map(|name| ["weight", "bias"].map(|part| (format!("{name}.{part}"), vec![HIDDEN])));
    embeddings.into_iter().chain(maps).chain(norms).collect()
}

fn weights(words: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(state >> 16).unwrap_or_default()) / 65_536.0 - 0.5
    };
    let data: Vec<(String, Vec<usize>, Vec<u8>)> = shapes(words)
        .into_iter()
        .map(|(name, shape)| {
            let numbers = 0..shape.iter().product();
            let bytes = numbers.flat_map(|_| number().to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = data.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a tensor");
        (name.as_str(), view)
    });
    safetensors::serialize(views.collect::<Vec<_>>(), None).expect("tensors")
}
