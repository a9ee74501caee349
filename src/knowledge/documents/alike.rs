//! Passages that say the same in two documents: when one is mended, customers may still be told the
//! other.
//!
//! Comparing each with each would take long, so only those are compared that share a part of their
//! signature (min-wise hashing, Broder 1997): of passages that have nine in ten words in common, all
//! but a few of a thousand do.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use consultant_core::{Document, Documents, Place};

use crate::retrieve::features;

/// Telling words that a passage has at the least to be compared.
const TELLING: usize = 6;

/// From this share of words in common on, two passages say the same.
const ALIKE: f64 = 0.85;

/// The parts of a signature, and how many hashes each has.
const PARTS: u64 = 4;
const HASHES: u64 = 2;

/// Passages with the same part of a signature that are compared at the most.
const COMPARED: usize = 8;

/// Two documents that have passages alike.
pub(super) struct Alike<'a> {
    /// The one, and where its first such passage stands.
    pub(super) one: (&'a Document, &'a Place),
    /// The other one.
    pub(super) other: (&'a Document, &'a Place),
    /// How many such passages there are.
    pub(super) passages: usize,
}

struct Read<'a> {
    document: &'a Document,
    place: &'a Place,
    words: BTreeSet<String>,
}

/// Documents that have passages alike, each two once. Those that never hold for the same customer on
/// the same day may say the same, and so may two languages.
pub(super) fn alike(documents: &Documents) -> Vec<Alike<'_>> {
    let read: Vec<Read<'_>> = documents.documents.iter().flat_map(|it| read(it)).collect();
    let mut by_part: HashMap<(u64, Vec<u64>), Vec<usize>> = HashMap::new();
    let mut found: Vec<Alike<'_>> = Vec::new();
    for (at, passage) in read.iter().enumerate() {
        let mut near: BTreeSet<usize> = BTreeSet::new();
        for part in signature(&passage.words) {
            let same = by_part.entry(part).or_default();
            near.extend(same.iter().take(COMPARED));
            same.push(at);
        }
        let mut near = near.into_iter().filter_map(|it| read.get(it));
        if let Some(other) = near.find(|other| other.is_like(passage)) {
            note(&mut found, other, passage);
        }
    }
    found
}

fn read(document: &Document) -> impl Iterator<Item = Read<'_>> {
    let used = document.passages.iter().filter(|it| !it.is_withheld);
    let read = used.map(move |passage| Read {
        document,
        place: &passage.place,
        words: features(&passage.text),
    });
    read.filter(|it| it.words.len() >= TELLING)
}

impl Read<'_> {
    fn is_like(&self, other: &Self) -> bool {
        let (one, two) = (self.document, other.document);
        if one.key == two.key || one.language != two.language || !one.scope.meets(&two.scope) {
            return false;
        }
        let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let shared = count(self.words.intersection(&other.words).count());
        shared >= ALIKE * count(self.words.union(&other.words).count())
    }
}

fn note<'a>(found: &mut Vec<Alike<'a>>, one: &Read<'a>, other: &Read<'a>) {
    let same = |it: &&mut Alike<'_>| {
        it.one.0.key == one.document.key && it.other.0.key == other.document.key
    };
    match found.iter_mut().find(same) {
        Some(known) => known.passages += 1,
        None => found.push(Alike {
            one: (one.document, one.place),
            other: (other.document, other.place),
            passages: 1,
        }),
    }
}

/// The smallest hashes of some words, part by part.
fn signature(words: &BTreeSet<String>) -> Vec<(u64, Vec<u64>)> {
    let smallest = |seed: u64| {
        let hashes = words.iter().map(|word| {
            let mut hasher = DefaultHasher::new();
            (seed, word).hash(&mut hasher);
            hasher.finish()
        });
        hashes.min().unwrap_or_default()
    };
    let part = |part: u64| (part * HASHES..(part + 1) * HASHES).map(smallest).collect();
    (0..PARTS).map(|it| (it, part(it))).collect()
}
