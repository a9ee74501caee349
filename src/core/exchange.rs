//! A question with its answer, as it was recorded, and the reviewed answer that it could become.
//!
//! FAQ rules are a function from the one to the other. What gathers exchanges out of the records
//! and keeps drafts for review comes with the learning loop; these are the values that it hands
//! over and gets back.

use std::collections::BTreeSet;

use crate::{FaqHit, Language, Source};

/// A question that a customer asked, and what was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The customer's words, cleaned.
    pub question: String,
    /// What was answered, as the customer read it.
    pub answer: String,
    /// The language of both.
    pub language: Language,
    /// How often it was asked, in these or similar words, this time included; at least 1.
    pub asked_times: u32,
    /// Where the answer came from.
    pub source: AnswerSource,
    /// The reviewed answer that fits the question best, if any fits at all.
    pub nearest: Option<FaqHit>,
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnswerSource {
    /// A colleague wrote it.
    Person,
    /// The language model wrote it, under the guard.
    Model,
    /// A reviewed answer.
    Faq,
    /// The catalogue.
    Catalog,
    /// A document.
    Document,
    /// A text of the playbook.
    Playbook,
    /// The product's own wording.
    Wording,
}

impl AnswerSource {
    /// Every source with the name that FAQ rules use for it.
    pub const NAMES: [(Self, &'static str); 7] = [
        (Self::Person, "person"),
        (Self::Model, "model"),
        (Self::Faq, "faq"),
        (Self::Catalog, "catalog"),
        (Self::Document, "document"),
        (Self::Playbook, "playbook"),
        (Self::Wording, "wording"),
    ];

    /// The name that FAQ rules use, for example `person`.
    pub fn name(self) -> &'static str {
        let mut names = Self::NAMES.iter();
        let found = names.find(|(source, _)| *source == self);
        found.map_or("wording", |(_, name)| name)
    }

    /// The source of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.iter();
        names
            .find(|(_, known)| *known == name)
            .map(|(source, _)| *source)
    }
}

impl From<&Source> for AnswerSource {
    fn from(source: &Source) -> Self {
        match source {
            Source::Wording(_) => Self::Wording,
            Source::Playbook => Self::Playbook,
            Source::Catalog(_) => Self::Catalog,
            Source::Faq(_) => Self::Faq,
            Source::Document(_) => Self::Document,
            Source::Model => Self::Model,
        }
    }
}

/// A reviewed answer to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaqDraft {
    /// How customers ask.
    pub question: String,
    /// What is to be answered.
    pub answer: String,
    /// The language of both.
    pub language: Language,
    /// What it is about, for whoever reviews it.
    pub tags: BTreeSet<String>,
    /// Whether somebody has to read it before a customer does.
    pub review: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_a_name_of_its_own() {
        for (source, name) in AnswerSource::NAMES {
            assert_eq!(
                (source.name(), AnswerSource::named(name)),
                (name, Some(source))
            );
        }
        assert_eq!(AnswerSource::named("persn"), None);
    }

    #[test]
    fn what_the_ledger_says_of_a_reply_is_a_source() {
        let of = |source: Source| AnswerSource::from(&source);
        assert_eq!(of(Source::Faq("returns".to_owned())), AnswerSource::Faq);
        assert_eq!(of(Source::Model), AnswerSource::Model);
    }
}
