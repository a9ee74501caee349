//! A tiny random Llama with a byte-level tokenizer, written on the spot, and a wheel around it.

use std::{
    fs::File,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use candle_core::{
    Device, Tensor,
    quantized::{
        GgmlDType, QTensor,
        gguf_file::{self, Value},
    },
};

use crate::{
    KnownModel, Member, ModelKind,
    files::{copy_hashed, hash_file},
};

pub(crate) const WIDTH: usize = 64;
pub(crate) const SPECIAL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
pub(crate) const MERGES: [&str; 5] = ["h e", "l l", "he ll", "hell o", "Ġ hello"];

/// The character that stands for a byte in a byte-level vocabulary.
pub(crate) fn byte_char(byte: u8) -> char {
    let plain = |b: u8| matches!(b, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    if plain(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|b| !plain(*b)).count();
    char::from_u32(256 + u32::try_from(before).unwrap()).unwrap()
}

/// Special tokens, then the 256 bytes, then the merges.
pub(crate) fn vocabulary() -> Vec<String> {
    let special = SPECIAL.iter().map(ToString::to_string);
    let bytes = (0..=255).map(|b| byte_char(b).to_string());
    let merged = MERGES.iter().map(|m| m.replace(' ', ""));
    special.chain(bytes).chain(merged).collect()
}

/// Writes the tiny model and returns its path.
pub(crate) fn gguf(folder: &Path) -> PathBuf {
    let path = folder.join("tiny.Q4_1.gguf");
    let vocabulary = vocabulary();
    let mut tensors = vec![
        (
            "token_embd.weight".to_owned(),
            matrix(vocabulary.len(), WIDTH),
        ),
        ("output_norm.weight".to_owned(), vector(WIDTH)),
    ];
    for layer in 0..2 {
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        tensors.push((name("attn_norm"), vector(WIDTH)));
        tensors.push((name("attn_q"), matrix(WIDTH, WIDTH)));
        tensors.push((name("attn_k"), matrix(WIDTH / 2, WIDTH)));
        tensors.push((name("ffn_down"), matrix(WIDTH, 2 * WIDTH)));
    }
    let metadata = metadata(&vocabulary);
    let metadata: Vec<_> = metadata.iter().map(|(k, v)| (*k, v)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(k, v)| (k.as_str(), v)).collect();
    let mut file = File::create(&path).unwrap();
    gguf_file::write(&mut file, &metadata, &tensors).unwrap();
    path
}

fn metadata(vocabulary: &[String]) -> Vec<(&'static str, Value)> {
    let strings = |texts: Vec<String>| Value::Array(texts.into_iter().map(Value::String).collect());
    let kind = |i: usize| Value::I32(if i < SPECIAL.len() { 3 } else { 1 });
    vec![
        ("general.architecture", Value::String("llama".into())),
        ("general.file_type", Value::U32(3)),
        ("llama.block_count", Value::U32(2)),
        ("llama.context_length", Value::U32(512)),
        ("tokenizer.ggml.model", Value::String("gpt2".into())),
        ("tokenizer.ggml.pre", Value::String("smollm".into())),
        ("tokenizer.ggml.tokens", strings(vocabulary.to_vec())),
        (
            "tokenizer.ggml.token_type",
            Value::Array((0..vocabulary.len()).map(kind).collect()),
        ),
        (
            "tokenizer.ggml.merges",
            strings(MERGES.map(String::from).to_vec()),
        ),
        ("tokenizer.ggml.bos_token_id", Value::U32(1)),
        ("tokenizer.ggml.eos_token_id", Value::U32(2)),
        ("tokenizer.ggml.unknown_token_id", Value::U32(0)),
        (
            "tokenizer.chat_template",
            Value::String("{{ messages[0]['content'] }}".into()),
        ),
    ]
}

fn matrix(rows: usize, columns: usize) -> QTensor {
    let random = Tensor::randn(0_f32, 0.3, (rows, columns), &Device::Cpu).unwrap();
    QTensor::quantize(&random, GgmlDType::Q4_1).unwrap()
}

fn vector(length: usize) -> QTensor {
    let random = Tensor::randn(1_f32, 0.1, length, &Device::Cpu).unwrap();
    QTensor::quantize(&random, GgmlDType::F32).unwrap()
}

/// A zip archive of these files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Writes a wheel around the tiny model, and returns its path and pinned description.
pub(crate) fn wheel(folder: &Path) -> (PathBuf, KnownModel) {
    let content = std::fs::read(gguf(folder)).unwrap();
    let member = "tiny_model/tiny.Q4_1.gguf";
    let path = folder.join("tiny_model-1.0-py3-none-any.whl");
    std::fs::write(
        &path,
        zip(&[("METADATA", b"Name: tiny"), (member, &content)]),
    )
    .unwrap();
    let wheel = hash_file(&path, &mut |_| ()).unwrap();
    let inner = copy_hashed(&mut &content[..], &mut std::io::sink(), &mut |_| ()).unwrap();
    let model = KnownModel {
        name: "tiny".into(),
        package: "tiny-model".into(),
        version: "1.0".into(),
        wheel_file: "tiny_model-1.0-py3-none-any.whl".into(),
        wheel_bytes: wheel.bytes,
        wheel_sha256: wheel.sha256,
        members: vec![Member {
            path: member.into(),
            bytes: inner.bytes,
            sha256: inner.sha256,
        }],
        kind: ModelKind::Chat,
        licence: "Apache-2.0".into(),
        languages: vec!["en".into()],
    };
    (path, model)
}

/// Writes a wheel around an encoder's files, which are no encoder, and returns its path and pinned
/// description.
pub(crate) fn encoder_wheel(folder: &Path) -> (PathBuf, KnownModel) {
    let files: [(&str, &[u8]); 2] = [
        ("tiny_encoder/model.safetensors", b"weights"),
        ("tiny_encoder/config.json", b"{}"),
    ];
    let path = folder.join("tiny_encoder-1.0-py3-none-any.whl");
    std::fs::write(&path, zip(&files)).unwrap();
    let wheel = hash_file(&path, &mut |_| ()).unwrap();
    let members = files.map(|(path, mut content)| {
        let hashed = copy_hashed(&mut content, &mut std::io::sink(), &mut |_| ()).unwrap();
        Member {
            path: path.into(),
            bytes: hashed.bytes,
            sha256: hashed.sha256,
        }
    });
    let model = KnownModel {
        name: "tiny-encoder".into(),
        package: "tiny-encoder".into(),
        version: "1.0".into(),
        wheel_file: "tiny_encoder-1.0-py3-none-any.whl".into(),
        wheel_bytes: wheel.bytes,
        wheel_sha256: wheel.sha256,
        members: members.into(),
        kind: ModelKind::Encoder,
        licence: "Apache-2.0".into(),
        languages: vec!["en".into()],
    };
    (path, model)
}
