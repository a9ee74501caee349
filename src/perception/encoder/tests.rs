//! The encoder over a model of one layer, written on the spot.

use safetensors::{Dtype, tensor::TensorView};
use serde_json::{Value, json};

use super::*;

const HIDDEN: usize = 8;
const INNER: usize = 16;
const WORDS: [&str; 8] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "lamp", "desk", "how", "much",
];

/// A folder with an encoder of one layer, whose weights are numbers that look like chance.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("config.json", config().to_string().as_bytes());
        folder.write("tokenizer.json", tokenizer().to_string().as_bytes());
        folder.write("model.safetensors", &weights());
        folder
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    fn load(&self) -> Result<SentenceEncoder, PerceptionError> {
        SentenceEncoder::load("tiny", self.0.path())
    }

    #[track_caller]
    fn refused(&self) -> String {
        let error = self.load().unwrap_err().to_string();
        error.replace(&self.0.path().display().to_string(), "FOLDER")
    }
}

fn config() -> Value {
    json!({
        "vocab_size": WORDS.len(), "hidden_size": HIDDEN, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": INNER, "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1, "max_position_embeddings": 16, "type_vocab_size": 2,
        "initializer_range": 0.02, "layer_norm_eps": 1e-12, "pad_token_id": 0,
        "position_embedding_type": "absolute", "model_type": "bert",
    })
}

fn tokenizer() -> Value {
    let vocabulary: BTreeMap<&str, usize> = WORDS.iter().copied().zip(0..).collect();
    json!({
        "version": "1.0", "added_tokens": [],
        "normalizer": { "type": "Lowercase" },
        "pre_tokenizer": { "type": "Whitespace" },
        "post_processor": { "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2] },
        "model": {
            "type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]",
        },
    })
}

fn weights() -> Vec<u8> {
    let layer = "encoder.layer.0";
    let mut shapes = vec![
        (
            "embeddings.word_embeddings.weight".to_owned(),
            vec![WORDS.len(), HIDDEN],
        ),
        (
            "embeddings.position_embeddings.weight".to_owned(),
            vec![16, HIDDEN],
        ),
        (
            "embeddings.token_type_embeddings.weight".to_owned(),
            vec![2, HIDDEN],
        ),
    ];
    for (name, from, to) in [
        ("attention.self.query", HIDDEN, HIDDEN),
        ("attention.self.key", HIDDEN, HIDDEN),
        ("attention.self.value", HIDDEN, HIDDEN),
        ("attention.output.dense", HIDDEN, HIDDEN),
        ("intermediate.dense", HIDDEN, INNER),
        ("output.dense", INNER, HIDDEN),
    ] {
        shapes.push((format!("{layer}.{name}.weight"), vec![to, from]));
        shapes.push((format!("{layer}.{name}.bias"), vec![to]));
    }
    for name in [
        "embeddings.LayerNorm".to_owned(),
        format!("{layer}.attention.output.LayerNorm"),
        format!("{layer}.output.LayerNorm"),
    ] {
        shapes.push((format!("{name}.weight"), vec![HIDDEN]));
        shapes.push((format!("{name}.bias"), vec![HIDDEN]));
    }
    let mut state = 1_u32;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(state >> 16).unwrap()) / 65536.0 - 0.5
    };
    let data: Vec<(String, Vec<usize>, Vec<u8>)> = shapes
        .into_iter()
        .map(|(name, shape)| {
            let numbers = 0..shape.iter().product();
            let bytes = numbers.flat_map(|_| number().to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = data.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (name.as_str(), view)
    });
    safetensors::serialize(views.collect::<Vec<_>>(), None).unwrap()
}

/// How near two vectors of length 1 are.
fn near(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[test]
fn a_text_becomes_a_vector_of_length_one() {
    let encoder = Folder::new().load().unwrap();
    assert_eq!((encoder.name(), encoder.dimensions()), ("tiny", HIDDEN));
    for text in ["how much lamp", "", "something unknown"] {
        let vector = &encoder.encode(&[text]).unwrap()[0];
        assert_eq!(vector.len(), HIDDEN);
        assert!((near(vector, vector) - 1.0).abs() < 1e-5, "{text}");
    }
}

#[test]
fn texts_are_encoded_together_as_they_are_alone_and_in_their_order() {
    let encoder = Folder::new().load().unwrap();
    let mut texts = vec!["lamp", "how much desk", "", "lamp lamp", "how much lamp"];
    texts.extend(["desk"; BATCH + 3]);
    let together = encoder.encode(&texts).unwrap();
    for (text, vector) in texts.iter().zip(&together) {
        let alone = &encoder.encode(&[text]).unwrap()[0];
        assert!(near(alone, vector) > 0.9999, "{text}");
    }
    assert!(near(&together[0], &together[1]) < 0.999);
    assert!(encoder.encode(&[]).unwrap().is_empty());
}

#[test]
fn only_the_beginning_of_a_long_text_counts() {
    let encoder = Folder::new().load().unwrap();
    let long = "lamp ".repeat(10_000);
    let longer = format!("{long} desk");
    let vectors = encoder.encode(&[&long, &longer]).unwrap();
    assert_eq!(vectors[0], vectors[1]);
}

#[test]
fn a_missing_file_is_named() {
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        let folder = Folder::new();
        fs::remove_file(folder.0.path().join(name)).unwrap();
        assert_eq!(folder.refused(), format!("cannot read `FOLDER/{name}`"));
    }
}

#[test]
fn a_wrong_file_is_named_with_what_is_wrong() {
    let refused = |name: &str, content: &[u8]| {
        let folder = Folder::new();
        folder.write(name, content);
        let refused = folder.refused();
        let beginning = format!("`FOLDER/{name}` cannot be used: ");
        assert!(refused.starts_with(&beginning), "{refused}");
        refused
    };
    refused("config.json", b"{}");
    refused("tokenizer.json", b"nothing");
    refused("model.safetensors", b"nothing");
    refused("model.safetensors", &weights()[..200]);
    let mut wider = config();
    wider["hidden_size"] = json!(HIDDEN * 2);
    let folder = Folder::new();
    folder.write("config.json", wider.to_string().as_bytes());
    assert!(
        folder
            .refused()
            .starts_with("`FOLDER/model.safetensors` cannot be used: ")
    );
    let mut fewer = config();
    fewer["vocab_size"] = json!(4);
    folder.write("config.json", fewer.to_string().as_bytes());
    assert_eq!(
        folder.refused(),
        "`FOLDER/tokenizer.json` cannot be used: it makes 8 kinds of tokens, and the model knows 4"
    );
}
