//! Wordings that have words in common with a question.
//!
//! BM25 ranks the wordings; its scores have no upper bound, so what is reported is how much of
//! the question the wording covers and the other way round, weighed by how telling each word is
//! (the harmonic mean of both, as in an F-measure). A near-verbatim question comes near 1.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use consultant_core::Faq;

use super::{Holds, bm25::Bm25, features::features};
use crate::text::{is_han, tokens};

/// Wordings that are looked at closely.
const CANDIDATES: usize = 24;

/// How many times more where not all entries hold for whoever asks: the same question may be answered
/// for many.
const CANDIDATES_OF_SOME: usize = 8;

/// What is left to other entries where one has the question word for word: what differs only in
/// small words is near, but it is not this question.
const BESIDE_VERBATIM: f64 = 0.9;

/// A pair of telling words is as much as a verbatim match of less is worth.
const LONE_FEATURE: f64 = 0.8;

/// The wordings, ready to be searched.
pub(super) struct ByWords {
    /// The entry and the features of each wording.
    wordings: Vec<(usize, BTreeSet<String>)>,
    /// The entries of each wording, letter by letter.
    verbatim: HashMap<Vec<String>, Vec<usize>>,
    ranking: Bm25,
}

impl ByWords {
    /// The wordings of an FAQ, in all its languages.
    pub(super) fn new(faq: &Faq) -> Self {
        let texts: Vec<(usize, &str)> = faq
            .entries
            .iter()
            .enumerate()
            .flat_map(|(position, entry)| {
                let texts = entry.questions.values().flatten();
                texts.map(move |text| (position, text.as_str()))
            })
            .collect();
        let wordings: Vec<_> = texts
            .iter()
            .map(|(position, text)| (*position, features(text)))
            .collect();
        let mut verbatim: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for (position, text) in &texts {
            verbatim.entry(tokens(text)).or_default().push(*position);
        }
        Self {
            ranking: Bm25::new(wordings.iter().map(|(_, features)| features)),
            verbatim,
            wordings,
        }
    }

    /// How much each entry has in common with a text: 0 to 1, and 1 only word for word. Entries
    /// that have nothing in common with it, or do not hold, are left out.
    pub(super) fn likely(&self, text: &str, holds: Holds<'_>) -> BTreeMap<usize, f64> {
        let asked = features(text);
        let mut best: BTreeMap<usize, f64> = BTreeMap::new();
        let does_hold = |entry: &usize| holds.is_none_or(|holds| holds(*entry));
        let most = CANDIDATES * holds.map_or(1, |_| CANDIDATES_OF_SOME);
        for candidate in self.ranking.best(&asked, most) {
            let (entry, wording) = &self.wordings[candidate];
            if !does_hold(entry) {
                continue;
            }
            let score = self.likeness(&asked, wording);
            let so_far = best.entry(*entry).or_default();
            *so_far = so_far.max(score);
        }
        let verbatim = self.verbatim.get(&tokens(text));
        if let Some(entry) = verbatim.and_then(|it| it.iter().rev().find(|it| does_hold(it))) {
            for score in best.values_mut() {
                *score *= BESIDE_VERBATIM;
            }
            best.insert(*entry, 1.0);
        }
        best
    }

    /// How much two texts have in common: 0 to 1.
    fn likeness(&self, asked: &BTreeSet<String>, wording: &BTreeSet<String>) -> f64 {
        let weigh = |set: &mut dyn Iterator<Item = &String>| -> f64 {
            set.map(|feature| self.weight(feature)).sum()
        };
        let shared = weigh(&mut asked.intersection(wording));
        let (all_asked, all_worded) = (weigh(&mut asked.iter()), weigh(&mut wording.iter()));
        if shared <= 0.0 {
            return 0.0;
        }
        let likeness = 2.0 * shared / (all_asked + all_worded);
        // One word in common is a topic, not a question.
        let lone =
            asked.intersection(wording).take(2).count() < 2 && asked.len().max(wording.len()) > 1;
        if lone {
            likeness * LONE_FEATURE
        } else {
            likeness
        }
    }

    fn weight(&self, feature: &str) -> f64 {
        let weight = self.ranking.weight(feature);
        // Three characters hold two pairs that count already.
        let triple = feature.starts_with(is_han) && feature.chars().count() == 3;
        if triple { weight * 0.5 } else { weight }
    }
}
