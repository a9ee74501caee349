//! What every Redis key begins with.

use serde::Serialize;

use super::{
    problem::Wrong,
    setting::{Raw, Setting},
};

/// Letters, digits, `-`, `_` and `.`: nothing that has a meaning in a key or in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct KeyPrefix(String);

impl KeyPrefix {
    /// The prefix as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for KeyPrefix {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let text = raw.text()?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.chars().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(Wrong::new(
            "has more than letters, digits, `-`, `_` and `.`",
            "write for example `consultant` or `shop-two`",
        ))
    }
}
