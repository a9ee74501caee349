//! The company's documents: which files there are ([`folder`]), and what they say. What has not
//! changed is not read again, and of a document that broke, what it said before goes on.

mod aside;
mod folder;

use std::{cell::RefCell, path::Path, sync::Arc};

use consultant_core::{Document, Documents};
use consultant_knowledge::{
    DocumentKind, NotRead, Outcome, Parse, Parsed, Problem, RawDocument, hash_of_document,
    parse_document, read_document, shown,
};

pub(crate) use aside::answer_aside;
pub(crate) use folder::files_in;

use aside::Aside;
use folder::{Found, NoContents};

/// What a folder of documents holds.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    /// The documents, each with what people call its file.
    pub(crate) read: Vec<(Arc<Document>, String)>,
    /// What is wrong, or looks wrong.
    pub(crate) problems: Vec<Problem>,
}

/// Reads a folder. `before` is what was read of it last. One that was never there holds nothing; of
/// one that is gone, all goes on that it held.
pub(crate) fn read(folder: &Path, before: &Documents) -> Shelf {
    if !folder.exists() {
        return Shelf::of_nowhere(folder, before);
    }
    let aside = RefCell::new(Aside::default());
    // A PDF or a page may be made to hang or to eat memory: it is read where it can be stopped.
    let parse = |kind: DocumentKind, bytes: &[u8]| -> Result<Parsed, NotRead> {
        if kind.is_risky() {
            aside.borrow_mut().parse(kind, bytes)
        } else {
            parse_document(kind, bytes)
        }
    };
    let (found, problems) = folder::look(folder);
    let mut shelf = Shelf {
        read: Vec::new(),
        problems,
    };
    for found in found {
        match found.bytes() {
            Ok((bytes, beside)) => {
                let raw = RawDocument {
                    path: &found.path,
                    file: &found.file,
                    bytes: &bytes,
                    beside: beside
                        .as_ref()
                        .map(|(file, text)| (file.as_str(), text.as_str())),
                };
                shelf.add(raw, before, &parse);
            }
            Err(NoContents::Unreadable(problem)) => {
                shelf.problems.push(*problem);
                shelf.keep(&found, before);
            }
            Err(NoContents::Unclear(problem)) => shelf.problems.push(*problem),
        }
    }
    shelf
}

impl Shelf {
    fn of_nowhere(folder: &Path, before: &Documents) -> Self {
        if before.is_empty() {
            return Self::default();
        }
        let (_, problems) = folder::look(folder);
        let kept = before.documents.iter();
        let kept = kept.map(|it| (Arc::clone(it), it.key.to_string()));
        Self {
            read: kept.collect(),
            problems,
        }
    }

    fn add(&mut self, raw: RawDocument<'_>, before: &Documents, parse: Parse<'_>) {
        let known = before.document(&shown(raw.path).into());
        let hash = hash_of_document(raw.bytes, raw.beside.map(|(_, text)| text));
        if let Some(known) = known.filter(|it| it.hash == hash) {
            self.read.push((Arc::clone(known), raw.file.to_owned()));
            return;
        }
        let read = read_document(raw, parse);
        self.problems.extend(read.problems);
        let document = match read.outcome {
            Outcome::Read(document) => Some(Arc::new(document)),
            // Whoever narrows a document and slips must not have it told to everybody meanwhile.
            Outcome::LeftOut | Outcome::Unclear => None,
            Outcome::Broken => known.cloned(),
        };
        self.read
            .extend(document.map(|it| (it, raw.file.to_owned())));
    }

    /// Keeps what a document said that cannot be read any more.
    fn keep(&mut self, found: &Found, before: &Documents) {
        let known = before.document(&shown(&found.path).into());
        self.read
            .extend(known.map(|it| (Arc::clone(it), found.file.clone())));
    }
}

#[cfg(test)]
mod tests;
