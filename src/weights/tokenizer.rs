//! The tokenizer of a GGUF file as `tokenizer.json`, with what a chat needs beside it.
//!
//! The engine would build one itself, but ignores `tokenizer.ggml.pre` and splits texts as
//! Llama 3 does; `SmolLM` splits digits one by one and then as GPT-2 does. The wrong split costs
//! nothing visible and makes prices tokens that the model never learned.

use std::path::Path;

use candle_core::quantized::gguf_file::{Content, Value};
use serde_json::{Map, Value as Json, json};

use crate::{WeightsError, files::write_text, gguf};

/// `tokenizer.ggml.token_type` of a control token.
const CONTROL: i64 = 3;
/// `tokenizer.ggml.token_type` of a token that was added by hand.
const USER_DEFINED: i64 = 4;

/// Writes `tokenizer.json`, `tokenizer_config.json` and `generation_config.json` of a GGUF file
/// into a folder. Returns the names of the files.
pub fn write_tokenizer(source: &Path, folder: &Path) -> Result<[&'static str; 3], WeightsError> {
    let (_, content) = gguf::open(source)?;
    let vocabulary = Vocabulary::read(&content).map_err(|e| WeightsError::gguf(source, &e))?;
    let files = [
        ("tokenizer.json", vocabulary.tokenizer()),
        ("tokenizer_config.json", vocabulary.config()),
        ("generation_config.json", vocabulary.generation()),
    ];
    for (name, content) in &files {
        write_text(&folder.join(name), &content.to_string())?;
    }
    Ok(files.map(|(name, _)| name))
}

struct Vocabulary<'a> {
    tokens: Vec<&'a str>,
    merges: Vec<&'a str>,
    /// Ids of the tokens that are no text, with whether they steer the model.
    added: Vec<(usize, bool)>,
    begin: Option<usize>,
    end: Option<usize>,
    unknown: Option<usize>,
    chat_template: Option<&'a str>,
    context_tokens: Option<usize>,
}

impl<'a> Vocabulary<'a> {
    fn read(content: &'a Content) -> Result<Self, String> {
        let kind = text(content, "tokenizer.ggml.model").unwrap_or("none");
        if kind != "gpt2" {
            return Err(format!(
                "its tokenizer is `{kind}`; only byte-level BPE (`gpt2`) is known"
            ));
        }
        let split = text(content, "tokenizer.ggml.pre").unwrap_or("none");
        if split != "smollm" {
            return Err(format!(
                "it splits texts as `{split}`; only `smollm` is known"
            ));
        }
        let architecture = text(content, "general.architecture").unwrap_or_default();
        Ok(Self {
            tokens: texts(content, "tokenizer.ggml.tokens")?,
            merges: texts(content, "tokenizer.ggml.merges")?,
            added: added(content)?,
            begin: number(content, "tokenizer.ggml.bos_token_id"),
            end: number(content, "tokenizer.ggml.eos_token_id"),
            unknown: number(content, "tokenizer.ggml.unknown_token_id"),
            chat_template: text(content, "tokenizer.chat_template"),
            context_tokens: number(content, &format!("{architecture}.context_length")),
        })
    }

    fn tokenizer(&self) -> Json {
        let vocabulary: Map<String, Json> = self
            .tokens
            .iter()
            .enumerate()
            .map(|(id, token)| ((*token).to_owned(), json!(id)))
            .collect();
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": self.added_tokens(),
            "normalizer": null,
            "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
                { "type": "Digits", "individual_digits": true },
                { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                  "use_regex": true },
            ]},
            "post_processor": null,
            "decoder": { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                         "use_regex": true },
            "model": {
                "type": "BPE", "dropout": null, "unk_token": self.token(self.unknown),
                "continuing_subword_prefix": null, "end_of_word_suffix": null,
                "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": vocabulary, "merges": self.merges,
            },
        })
    }

    fn added_tokens(&self) -> Vec<Json> {
        let token = |(id, special): &(usize, bool)| {
            json!({
                "id": id, "content": self.token(Some(*id)), "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false, "special": special,
            })
        };
        self.added.iter().map(token).collect()
    }

    fn config(&self) -> Json {
        json!({
            "add_bos_token": false,
            "bos_token": self.token(self.begin),
            "chat_template": self.chat_template,
            "clean_up_tokenization_spaces": false,
            "eos_token": self.token(self.end),
            "model_max_length": self.context_tokens,
            "tokenizer_class": "GPT2Tokenizer",
            "unk_token": self.token(self.unknown),
        })
    }

    /// A chat ends with its own end token, but a model may also end as plain texts do.
    fn generation(&self) -> Json {
        let end_of_text = self
            .tokens
            .iter()
            .position(|token| *token == "<|endoftext|>");
        let ends: Vec<usize> = self
            .end
            .into_iter()
            .chain(end_of_text.filter(|id| Some(*id) != self.end))
            .collect();
        json!({ "bos_token_id": self.begin, "eos_token_id": ends })
    }

    fn token(&self, id: Option<usize>) -> Option<&'a str> {
        self.tokens.get(id?).copied()
    }
}

fn text<'a>(content: &'a Content, key: &str) -> Option<&'a str> {
    content
        .metadata
        .get(key)?
        .to_string()
        .ok()
        .map(String::as_str)
}

fn number(content: &Content, key: &str) -> Option<usize> {
    let number = content.metadata.get(key)?.to_u64().ok()?;
    usize::try_from(number).ok()
}

fn array<'a>(content: &'a Content, key: &str) -> Result<&'a Vec<Value>, String> {
    let value = content
        .metadata
        .get(key)
        .ok_or_else(|| format!("it has no `{key}`"))?;
    value.to_vec().map_err(|_| format!("`{key}` is not a list"))
}

fn texts<'a>(content: &'a Content, key: &str) -> Result<Vec<&'a str>, String> {
    let texts = array(content, key)?.iter().map(|value| match value {
        Value::String(text) => Ok(text.as_str()),
        _ => Err(format!("`{key}` is not a list of texts")),
    });
    texts.collect()
}

fn added(content: &Content) -> Result<Vec<(usize, bool)>, String> {
    let kinds = array(content, "tokenizer.ggml.token_type")?
        .iter()
        .enumerate();
    let kinds = kinds.filter_map(|(id, kind)| match whole(kind) {
        Some(CONTROL) => Some((id, true)),
        Some(USER_DEFINED) => Some((id, false)),
        _ => None,
    });
    Ok(kinds.collect())
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::I32(number) => Some(i64::from(*number)),
        other => other
            .to_u64()
            .ok()
            .and_then(|number| i64::try_from(number).ok()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokenizers::Tokenizer;

    use super::*;
    use crate::fixture;

    fn tokenizer() -> Tokenizer {
        let folder = tempfile::tempdir().unwrap();
        let source = fixture::gguf(folder.path());
        write_tokenizer(&source, folder.path()).unwrap();
        Tokenizer::from_file(folder.path().join("tokenizer.json")).unwrap()
    }

    #[track_caller]
    fn check_tokens(text: &str, tokens: &[&str]) {
        let encoded = tokenizer().encode(text, false).unwrap();
        assert_eq!(encoded.get_tokens(), tokens);
    }

    #[test]
    fn texts_are_split_as_the_model_learned_them() {
        check_tokens("hello hello", &["hello", "Ġhello"]);
        check_tokens("29.90", &["2", "9", ".", "9", "0"]);
        check_tokens(" 12", &["Ġ", "1", "2"]);
        check_tokens(
            "<|im_start|>hello<|im_end|>",
            &["<|im_start|>", "hello", "<|im_end|>"],
        );
        check_tokens("é", &["Ã", "©"]);
    }

    #[test]
    fn ids_are_the_places_in_the_vocabulary() {
        let encoded = tokenizer().encode("<|im_end|>hello!", false).unwrap();
        let bytes_begin = 3;
        let merges_begin = bytes_begin + 256;
        assert_eq!(
            encoded.get_ids(),
            [2, merges_begin + 3, bytes_begin + u32::from(b'!')]
        );
    }

    #[test]
    fn control_tokens_are_left_out_of_texts() {
        let tokenizer = tokenizer();
        let encoded = tokenizer
            .encode("<|im_start|>hello<|im_end|>", false)
            .unwrap();
        assert_eq!(tokenizer.decode(encoded.get_ids(), true).unwrap(), "hello");
    }

    #[test]
    fn a_chat_can_end_in_both_ways_and_has_its_template() {
        let folder = tempfile::tempdir().unwrap();
        let source = fixture::gguf(folder.path());
        write_tokenizer(&source, folder.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        insta::assert_snapshot!(
            read("generation_config.json"),
            @r#"{"bos_token_id":1,"eos_token_id":[2,0]}"#
        );
        insta::assert_snapshot!(read("tokenizer_config.json"));
    }

    #[test]
    fn a_tokenizer_of_another_kind_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let source = fixture::gguf(folder.path());
        let bytes = std::fs::read(&source).unwrap();
        let at = bytes.windows(6).position(|w| w == b"smollm").unwrap();
        let mut bytes = bytes;
        bytes[at..at + 6].copy_from_slice(b"qwen-2");
        std::fs::write(&source, bytes).unwrap();
        let error = write_tokenizer(&source, folder.path()).unwrap_err();
        assert!(error.to_string().contains("`qwen-2`"), "{error}");
        assert!(!folder.path().join("tokenizer.json").exists());
    }

    proptest! {
        #[test]
        fn every_text_comes_back_as_it_was(text in "\\PC{0,40}|[0-9 .,€$]{0,20}|[\u{600}-\u{6ff}\u{4e00}-\u{4fff}👍🏽 \n]{0,20}") {
            thread_local!(static SHARED: Tokenizer = tokenizer());
            SHARED.with(|tokenizer| {
                let ids = tokenizer.encode(text.as_str(), false).unwrap().get_ids().to_vec();
                prop_assert_eq!(tokenizer.decode(&ids, false).unwrap(), text);
                Ok(())
            })?;
        }
    }
}
