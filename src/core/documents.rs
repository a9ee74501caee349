//! What the company states in documents: an immutable snapshot with a content hash. A document is
//! read in passages, each with its place, so that whatever rests on one can be looked up.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Audience, DocumentKey, Language, Scope};

/// All documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// In the order of their keys.
    pub documents: Vec<Arc<Document>>,
    /// SHA-256 of all that they state, hexadecimal; with a mark of what is left out where they are
    /// for somebody. Empty where there are none.
    pub hash: String,
}

/// One document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Its key.
    pub key: DocumentKey,
    /// What customers know it as.
    pub title: String,
    /// The language that it is written in.
    pub language: Language,
    /// For whom and when it holds.
    pub scope: Scope,
    /// What it says, in its order.
    pub passages: Vec<Passage>,
    /// SHA-256 of the files that it was read from, hexadecimal.
    pub hash: String,
}

/// A few whole sentences of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// Where they stand.
    pub place: Place,
    /// The sentences, without control and invisible characters.
    pub text: String,
    /// Whether nobody is told it, because it contradicts the catalogue or speaks to a model.
    pub is_withheld: bool,
}

/// Where in a document something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The headings above it, the outermost first.
    pub headings: Vec<String>,
    /// Its line or page, where there are such.
    pub at: Option<At>,
}

/// A line or a page, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// A line of the file.
    Line(usize),
    /// A page.
    Page(usize),
}

/// A passage that may answer a question.
#[derive(Clone, Debug, PartialEq)]
pub struct PassageHit {
    /// In which document.
    pub document: DocumentKey,
    /// Which of its passages, from 0.
    pub passage: usize,
    /// Which of the passage's sentences fits best, from 0.
    pub sentence: usize,
    /// Where the passage stands.
    pub place: Place,
    /// How well it fits: 0 to 1. From [`PassageHit::SURE`] it is quoted word for word.
    pub score: f64,
}

impl PassageHit {
    /// From this score a passage is quoted without asking the model.
    pub const SURE: f64 = 0.7;
    /// From this score a passage is worth showing to the model as a fact.
    pub const USEFUL: f64 = 0.3;
}

impl Documents {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// How many passages all of them have.
    pub fn passages(&self) -> usize {
        self.documents.iter().map(|it| it.passages.len()).sum()
    }

    /// The document with this key.
    pub fn document(&self, key: &DocumentKey) -> Option<&Arc<Document>> {
        self.documents.iter().find(|it| it.key == *key)
    }

    /// The document and the passage that were found.
    pub fn found(&self, hit: &PassageHit) -> Option<(&Document, &Passage)> {
        let document = self.document(&hit.document)?;
        Some((document, document.passages.get(hit.passage)?))
    }

    /// Those that hold for somebody on a day.
    #[must_use]
    pub fn holding_for(&self, audience: &Audience) -> Self {
        let (held, left_out): (Vec<_>, Vec<_>) = self
            .documents
            .iter()
            .cloned()
            .partition(|it| it.scope.holds_for(audience));
        let left_out = left_out.iter().map(|it| it.key.as_str());
        Self {
            documents: held,
            hash: without(&self.hash, left_out),
        }
    }

    /// Whether every document holds for everybody and always.
    pub fn are_for_everyone(&self) -> bool {
        self.documents.iter().all(|it| it.scope.is_everyone())
    }
}

/// The hash of facts of which some are left out; the same where none is.
pub(crate) fn without<'a>(hash: &str, left_out: impl Iterator<Item = &'a str>) -> String {
    let mut marked = hash.to_owned();
    for key in left_out {
        // Neither keys nor hashes have a line end in them.
        marked.push('\n');
        marked.push_str(key);
    }
    marked
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headings = self.headings.join(" > ");
        match (self.at, headings.is_empty()) {
            (None, _) => f.write_str(&headings),
            (Some(at), true) => at.fmt(f),
            (Some(at), false) => write!(f, "{headings}, {at}"),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Page(page) => write!(f, "page {page}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn document(key: &str, until: Option<jiff::civil::Date>) -> Arc<Document> {
        Arc::new(Document {
            key: key.into(),
            title: key.to_owned(),
            language: Language::EN,
            scope: Scope {
                until,
                ..Scope::default()
            },
            passages: vec![Passage {
                place: Place::default(),
                text: "We are here.".to_owned(),
                is_withheld: false,
            }],
            hash: String::new(),
        })
    }

    #[test]
    fn a_document_that_no_longer_holds_is_left_out_and_the_hash_says_so() {
        let all = Documents {
            documents: vec![
                document("a.md", None),
                document("b.md", Some(date(2026, 12, 24))),
            ],
            hash: "1f".to_owned(),
        };
        let before = all.holding_for(&Audience::on(date(2026, 12, 24)));
        assert_eq!(before, all);
        let after = all.holding_for(&Audience::on(date(2026, 12, 25)));
        assert_eq!(after.passages(), 1);
        assert!(after.document(&"b.md".into()).is_none());
        assert_ne!(after.hash, all.hash);
    }

    #[test]
    fn a_place_is_told_by_its_headings_and_its_line_or_page() {
        let place = |headings: &[&str], at| Place {
            headings: headings.iter().map(|it| (*it).to_owned()).collect(),
            at,
        };
        for (place, expect) in [
            (
                place(&["Returns", "Costs"], Some(At::Line(7))),
                "Returns > Costs, line 7",
            ),
            (place(&[], Some(At::Page(2))), "page 2"),
            (place(&["Returns"], None), "Returns"),
            (Place::default(), ""),
        ] {
            assert_eq!(place.to_string(), expect);
        }
    }
}
