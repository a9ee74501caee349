//! Texts and tokens.
//!
//! The tokenizer's own type is not named, since it belongs to a crate of mistral.rs: what is
//! needed of it is kept as two functions, built by the macro `words!`.

use std::cmp::Reverse;

/// The tokens of a text.
type Encode = Box<dyn Fn(&str) -> Option<Vec<u32>> + Send + Sync>;
/// The text of tokens, with or without control tokens.
type Decode = Box<dyn Fn(&[u32], bool) -> Option<String> + Send + Sync>;

/// A tokenizer.
pub(crate) struct Words {
    encode: Encode,
    decode: Decode,
    /// What steers the model when it stands in a text, longest first.
    controls: Vec<String>,
}

/// Keeps what is needed of a shared tokenizer.
macro_rules! words {
    ($tokenizer:expr) => {{
        let tokenizer = $tokenizer;
        let added = tokenizer.get_added_tokens_decoder();
        let controls = added.into_values().filter(|token| token.special);
        let controls = controls.map(|token| token.content).collect();
        let encoder = Arc::clone(&tokenizer);
        $crate::words::Words::new(
            Box::new(move |text: &str| {
                let encoding = encoder.encode_fast(text, false).ok()?;
                Some(encoding.get_ids().to_vec())
            }),
            Box::new(move |tokens: &[u32], controls: bool| {
                tokenizer.decode(tokens, !controls).ok()
            }),
            controls,
        )
    }};
}
pub(crate) use words;

impl Words {
    pub(crate) fn new(encode: Encode, decode: Decode, mut controls: Vec<String>) -> Self {
        controls.retain(|control| !control.is_empty());
        controls.sort_by_key(|control| Reverse(control.len()));
        Self {
            encode,
            decode,
            controls,
        }
    }

    /// The tokens of a text; control tokens within it count as the characters that they are.
    pub(crate) fn encode(&self, text: &str) -> Option<Vec<u32>> {
        (self.encode)(&self.disarm(text))
    }

    /// The text of tokens, control tokens left out.
    pub(crate) fn decode(&self, tokens: &[u32]) -> Option<String> {
        (self.decode)(tokens, false)
    }

    /// One token as text, also a control token.
    pub(crate) fn spell(&self, token: u32) -> String {
        (self.decode)(&[token], true).unwrap_or_default()
    }

    /// The text with every control token broken up, so that nobody can end a message or begin
    /// another role's by writing one. What is broken still reads the same.
    pub(crate) fn disarm(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for control in &self.controls {
            if !text.contains(control.as_str()) {
                continue;
            }
            let mut letters = control.chars();
            let first: String = letters.by_ref().take(1).collect();
            let broken = format!("{first}{ZERO_WIDTH_SPACE}{}", letters.as_str());
            text = text.replace(control.as_str(), &broken);
        }
        text
    }
}

const ZERO_WIDTH_SPACE: char = '\u{200B}';
