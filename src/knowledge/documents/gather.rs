//! From single documents to one snapshot of all: bounded, with what is unfit withheld, and with what
//! looks wrong told.

use std::{collections::BTreeMap, sync::Arc};

use consultant_core::{Catalog, Document, DocumentKey, Documents, Passage};

use super::{
    NotRead,
    alike::{Alike, alike},
    told,
    unfit::unfit,
};
use crate::{
    load::content_hash,
    mention::Names,
    problem::{Problem, suggest},
};

/// Documents that are used at the most.
pub const MOST_DOCUMENTS: usize = 1_000;

/// Passages of all documents that are used at the most.
pub const MOST_PASSAGES: usize = 10_000;

/// All documents, and what looks wrong about them.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The snapshot.
    pub documents: Documents,
    /// What looks wrong, and what did not fit.
    pub problems: Vec<Problem>,
}

/// Makes a snapshot of documents, each with what people call its file.
pub fn gather(read: Vec<(Arc<Document>, String)>, catalog: &Catalog) -> Gathered {
    let mut problems = Vec::new();
    let mut read = within_bounds(read, &mut problems);
    read.sort_by(|(one, _), (other, _)| one.key.cmp(&other.key));
    let names = Names::new(catalog, &[]);
    let mut files = BTreeMap::new();
    let mut documents = Documents::default();
    for (document, file) in read {
        problems.extend(for_nobody(&document, &file, catalog));
        let document = with_unfit_withheld(document, &file, (catalog, &names), &mut problems);
        files.insert(document.key.clone(), file);
        documents.documents.push(document);
    }
    if !documents.is_empty() {
        let all: Vec<&Document> = documents.documents.iter().map(|it| &**it).collect();
        documents.hash = content_hash(&all);
    }
    let alike = alike(&documents).into_iter();
    problems.extend(alike.map(|it| says_the_same(&it, &files)));
    Gathered {
        documents,
        problems,
    }
}

fn within_bounds(
    read: Vec<(Arc<Document>, String)>,
    problems: &mut Vec<Problem>,
) -> Vec<(Arc<Document>, String)> {
    let (mut kept, mut passages) = (Vec::new(), 0);
    for (document, file) in read {
        let more = passages + document.passages.len();
        let wrong = if kept.len() >= MOST_DOCUMENTS {
            format!("is not used: there are more than {MOST_DOCUMENTS} documents")
        } else if more > MOST_PASSAGES {
            format!("is not used: all documents together have more than {MOST_PASSAGES} passages")
        } else {
            passages = more;
            kept.push((document, file));
            continue;
        };
        let hint = "remove what customers do not ask for";
        problems.push(told::not_read(&file, NotRead::new(wrong, hint)));
    }
    kept
}

/// The document with its unfit passages marked; the same one where it is marked already.
fn with_unfit_withheld(
    document: Arc<Document>,
    file: &str,
    (catalog, names): (&Catalog, &Names),
    problems: &mut Vec<Problem>,
) -> Arc<Document> {
    let mut withheld = Vec::with_capacity(document.passages.len());
    for passage in &document.passages {
        let unfit = unfit(passage, catalog, names);
        withheld.push(unfit.is_some());
        let told = unfit.map(|it| told::warning_at(file, &passage.place, &it.message, it.hint));
        problems.extend(told);
    }
    let is_marked = |(passage, withheld): (&Passage, &bool)| passage.is_withheld == *withheld;
    if document.passages.iter().zip(&withheld).all(is_marked) {
        return document;
    }
    let mut marked = Document::clone(&document);
    for (passage, withheld) in marked.passages.iter_mut().zip(withheld) {
        passage.is_withheld = withheld;
    }
    Arc::new(marked)
}

/// Groups and regions that a document is for and that nobody belongs to.
fn for_nobody(document: &Document, file: &str, catalog: &Catalog) -> Vec<Problem> {
    let groups: Vec<&str> = catalog.groups.iter().map(|it| it.id.as_str()).collect();
    let regions: Vec<&str> = catalog.regions.iter().map(String::as_str).collect();
    let scope = &document.scope;
    let of = |kind, named: &[String], declared: &[&str]| -> Vec<Problem> {
        let unknown = named.iter().filter(|it| !declared.contains(&it.as_str()));
        let told = unknown.map(|it| Problem {
            hint: Some(suggest(it, declared.iter().copied())),
            ..told::warning(
                file,
                1,
                format!("is for the {kind} `{it}`, which the catalogue does not declare"),
            )
        });
        told.collect()
    };
    let mut problems = of("group", &scope.groups, &groups);
    problems.extend(of("region", &scope.regions, &regions));
    problems
}

fn says_the_same(alike: &Alike<'_>, files: &BTreeMap<DocumentKey, String>) -> Problem {
    let ((one, place), (other, other_place)) = (alike.one, alike.other);
    let file = |document: &Document| files.get(&document.key).map_or("", String::as_str);
    let whole = alike.passages >= one.passages.len() && alike.passages >= other.passages.len();
    let at = place.to_string();
    let at = if whole || at.is_empty() {
        String::new()
    } else {
        format!(" at {at}")
    };
    let passages = match alike.passages {
        1 => "a passage says".to_owned(),
        many => format!("{many} passages say"),
    };
    let message = format!("{passages} nearly what `{}` says{at}", file(one));
    let hint = "keep one of them: when one is mended, customers may be told the other".to_owned();
    told::warning_at(file(other), other_place, &message, hint)
}
