//! A tiny Llama of random numbers in a folder of Hugging Face form, made on the spot. It writes
//! noise, so it shows whether a model source works and nothing about wit.

#![expect(
    clippy::expect_used,
    reason = "a harness fails its test where it stands"
)]

use std::{fs, path::Path};

use safetensors::{Dtype, tensor::TensorView};
use serde_json::{Value, json};

/// Numbers a token. Quantisations work on blocks of 32 and of 256 numbers, so it is a multiple.
const WIDTH: usize = 256;
const LAYERS: usize = 2;
const HEADS: usize = 4;
const KEY_VALUE_HEADS: usize = 2;
/// The width of the layers' inner part.
const INNER: usize = 512;

/// The largest weight. So large, each layer says more than the token that it reads, and the next
/// token is never just the last one again.
const LARGEST: f32 = 0.2;

/// What a folder takes over from a model that is there, since a tokenizer cannot be made up.
const TAKEN_OVER: [&str; 3] = [
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
];

/// Makes the model in `folder`, with the tokenizer of the one in `shelf`.
pub fn make_model(folder: &Path, shelf: &Path) {
    fs::create_dir_all(folder).expect("the folder is made");
    for name in TAKEN_OVER {
        fs::copy(shelf.join(name), folder.join(name)).expect(name);
    }
    let vocabulary = vocabulary(&folder.join("tokenizer.json"));
    let config = config(vocabulary).to_string();
    fs::write(folder.join("config.json"), config).expect("the config is written");
    write_weights(&folder.join("model.safetensors"), vocabulary);
}

/// How many tokens there are.
fn vocabulary(tokenizer: &Path) -> usize {
    let text = fs::read_to_string(tokenizer).expect("the tokenizer");
    let tokenizer: Value = serde_json::from_str(&text).expect("the tokenizer is JSON");
    let tokens = tokenizer["model"]["vocab"].as_object();
    tokens.expect("the tokenizer has a vocabulary").len()
}

fn config(vocabulary: usize) -> Value {
    json!({
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KEY_VALUE_HEADS,
        "vocab_size": vocabulary,
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": true,
        "torch_dtype": "float32",
    })
}

/// The tensors' names and shapes, as the Llama models of Hugging Face have them.
fn shapes(vocabulary: usize) -> Vec<(String, Vec<usize>)> {
    let head = WIDTH / HEADS;
    let narrow = KEY_VALUE_HEADS * head;
    let mut shapes = vec![
        (
            "model.embed_tokens.weight".to_owned(),
            vec![vocabulary, WIDTH],
        ),
        ("model.norm.weight".to_owned(), vec![WIDTH]),
    ];
    for layer in 0..LAYERS {
        let of_layer = [
            ("input_layernorm", vec![WIDTH]),
            ("self_attn.q_proj", vec![WIDTH, WIDTH]),
            ("self_attn.k_proj", vec![narrow, WIDTH]),
            ("self_attn.v_proj", vec![narrow, WIDTH]),
            ("self_attn.o_proj", vec![WIDTH, WIDTH]),
            ("post_attention_layernorm", vec![WIDTH]),
            ("mlp.gate_proj", vec![INNER, WIDTH]),
            ("mlp.up_proj", vec![INNER, WIDTH]),
            ("mlp.down_proj", vec![WIDTH, INNER]),
        ];
        let named = |(name, shape)| (format!("model.layers.{layer}.{name}.weight"), shape);
        shapes.extend(of_layer.map(named));
    }
    shapes
}

fn write_weights(file: &Path, vocabulary: usize) {
    let mut random = Random(7);
    let tensors = shapes(vocabulary).into_iter().map(|(name, shape)| {
        let count = shape.iter().product();
        // The norms of a fresh model change nothing.
        let bytes: Vec<u8> = match shape.as_slice() {
            [_] => 1_f32.to_le_bytes().repeat(count),
            _ => (0..count)
                .flat_map(|_| random.next().to_le_bytes())
                .collect(),
        };
        (name, shape, bytes)
    });
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = tensors.collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        (name.as_str(), view.expect("a tensor's bytes fit its shape"))
    });
    safetensors::serialize_to_file(views, None, file).expect("the weights are written");
}

/// Numbers between `-LARGEST` and `LARGEST` that are the same in every run (`SplitMix64`).
struct Random(u64);

impl Random {
    #[expect(clippy::cast_precision_loss, reason = "23 bits fit an f32")]
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let part = (mixed >> 41) as f32 / (1_u64 << 23) as f32;
        (part * 2.0 - 1.0) * LARGEST
    }
}
