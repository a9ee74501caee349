//! Reviewed questions and answers, as an immutable snapshot with a content hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{FaqId, Language, LocalText};

/// All entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faq {
    /// Entries in the order of the file.
    pub entries: Vec<FaqEntry>,
    /// SHA-256 of the content, hexadecimal.
    pub hash: String,
}

/// One reviewed answer and the questions that it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaqEntry {
    /// Its key.
    pub id: FaqId,
    /// Wordings of the question, per language; the first is the one to show.
    pub questions: BTreeMap<Language, Vec<String>>,
    /// The answer, word for word as a customer reads it.
    pub answer: LocalText,
    /// The answer before prices were filled in, where it has any: somebody else's may differ.
    #[serde(skip)]
    pub template: Option<LocalText>,
}

impl Faq {
    /// The entry with this key.
    pub fn entry(&self, id: &FaqId) -> Option<&FaqEntry> {
        self.entries.iter().find(|entry| &entry.id == id)
    }
}
