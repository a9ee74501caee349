//! Reviewed questions and answers, as an immutable snapshot with a content hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Audience, FaqId, Language, LocalText, Scope, documents::without};

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
    /// For whom and when it holds.
    #[serde(default, skip_serializing_if = "Scope::is_everyone")]
    pub scope: Scope,
    /// The answer before prices were filled in, where it has any: somebody else's may differ.
    #[serde(skip)]
    pub template: Option<LocalText>,
}

impl Faq {
    /// The entry with this key.
    pub fn entry(&self, id: &FaqId) -> Option<&FaqEntry> {
        self.entries.iter().find(|entry| &entry.id == id)
    }

    /// Whether every entry holds for everybody and always.
    pub fn is_for_everyone(&self) -> bool {
        self.entries.iter().all(|it| it.scope.is_everyone())
    }

    /// The entries that hold for somebody on a day.
    #[must_use]
    pub fn holding_for(&self, audience: &Audience) -> Self {
        let (entries, left_out): (Vec<_>, Vec<_>) = self
            .entries
            .iter()
            .cloned()
            .partition(|it| it.scope.holds_for(audience));
        let left_out = left_out.iter().map(|it| it.id.as_str());
        Self {
            entries,
            hash: without(&self.hash, left_out),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_entry_that_does_not_hold_is_left_out_and_the_hash_says_so() {
        let entry = |id: &str, groups: &[&str]| FaqEntry {
            id: id.into(),
            questions: BTreeMap::new(),
            answer: LocalText::one(Language::EN, "Yes."),
            template: None,
            scope: Scope {
                groups: groups.iter().map(|it| (*it).to_owned()).collect(),
                ..Scope::default()
            },
        };
        let faq = Faq {
            entries: vec![entry("all", &[]), entry("some", &["wholesale"])],
            hash: "1f".to_owned(),
        };
        let mut audience = Audience::on(date(2026, 12, 1));
        let seen = faq.holding_for(&audience);
        assert_eq!(seen.entries.len(), 1);
        assert_ne!(seen.hash, faq.hash);
        audience.who.group = Some("wholesale".to_owned());
        assert_eq!(faq.holding_for(&audience), faq);
    }
}
