//! Reviewed answers that fit a question.
//!
//! By words alone, an entry fits as far as a wording of it has the question's words. With a
//! sentence encoder it fits as it has them or means the same. How likely its answer is the answer
//! depends on its lead: over the next entry, and over what the company says of its goods, because
//! a question about the goods has no answer here, however near an entry comes.

mod bm25;
mod features;
mod meaning;
mod passages;
mod vectors;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::{
    Catalog, Faq, FaqHit, FaqId, Language,
    ports::{Encoder, EncoderError},
};

use crate::text::is_han;
use meaning::{ByMeaning, Near};
use vectors::Bytes;
use words::ByWords;

pub(crate) use features::features;
pub(crate) use passages::Passages;

/// A second entry this near to the first makes the first doubtful …
const RIVAL: f64 = 0.9;
/// … unless it is nearly verbatim.
const VERBATIM: f64 = 0.95;
/// What doubt leaves of a score: never sure.
const DOUBTED: f64 = 0.59;

/// What the meaning weighs where the words weigh 1.
const MEANING: f64 = 4.0;

/// What the lead over the next entry, and the lead over what is sold, weigh in the chance that an
/// entry's answer is the answer. Fitted to the shipped FAQ as `docs/retrieval.md` tells.
const OVER_THE_NEXT: f64 = 1.7;
const OVER_THE_GOODS: f64 = 5.1;
const BIAS: f64 = -2.1;

/// What is farther than this from an entry is about something else: small talk comes near to this or
/// that entry too.
const AT_LEAST_NEAR: f64 = 0.35;
/// What is left of a chance there.
const FAR_CHANCE: f64 = 0.29;

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The folded text.
    pub(crate) text: &'a str,
    /// Its vector, where the encoder reads its language.
    pub(crate) meaning: Option<&'a [f32]>,
    /// Whether it asks something.
    pub(crate) asks: bool,
}

/// Which entries hold for whoever asks, by their places; all of them where nothing tells.
pub(crate) type Holds<'a> = Option<&'a dyn Fn(usize) -> bool>;

/// All entries, ready to be searched.
pub(crate) struct Answers {
    entries: Vec<FaqId>,
    by_words: ByWords,
    by_meaning: Option<ByMeaning>,
}

impl Answers {
    /// The entries of an FAQ, in all its languages, found by their words.
    pub(crate) fn new(faq: &Faq) -> Self {
        Self {
            entries: faq.entries.iter().map(|entry| entry.id.clone()).collect(),
            by_words: ByWords::new(faq),
            by_meaning: None,
        }
    }

    /// From here on they are found by their meaning too, in the languages that the encoder reads.
    pub(crate) fn learn_meaning(
        &mut self,
        (faq, catalog): (&Faq, &Catalog),
        languages: &[Language],
        encoder: &dyn Encoder,
    ) -> Result<(), EncoderError> {
        self.by_meaning = Some(ByMeaning::new((faq, catalog), languages, encoder)?);
        Ok(())
    }

    /// How near anything that is said of the goods comes to a question, where that is known.
    pub(crate) fn goods_near(&self, meaning: &[f32]) -> Option<f64> {
        let index = self.by_meaning.as_ref()?;
        Some(index.goods_near(&Bytes::of(meaning)))
    }

    /// The answers that may fit, best first, at most so many; of entries that hold, where `holds`
    /// tells which do.
    pub(crate) fn find(&self, asked: Asked<'_>, most: usize, holds: Holds<'_>) -> Vec<FaqHit> {
        let words = self.by_words.likely(asked.text, holds);
        let mut hits = match (&self.by_meaning, asked.meaning) {
            (Some(index), Some(vector)) => {
                let holds = |entry| holds.is_none_or(|holds| holds(entry));
                let near = index.near(vector, words.keys(), holds);
                let by_meaning = weigh(&words, &near, asked.asks);
                or_sure(by_meaning, &by_words_alone(asked.text, words))
            }
            _ => by_words_alone(asked.text, words),
        };
        sort(&mut hits);
        hits.truncate(most);
        hits.into_iter()
            .filter(|(_, score)| *score > 0.0)
            .map(|(entry, score)| FaqHit {
                entry: self.entries[entry].clone(),
                score,
            })
            .collect()
    }
}

/// Best first; of equals, the one that stands first in the FAQ.
fn sort(hits: &mut [(usize, f64)]) {
    hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
}

fn by_words_alone(text: &str, words: BTreeMap<usize, f64>) -> Vec<(usize, f64)> {
    let mut hits: Vec<(usize, f64)> = words.into_iter().collect();
    sort(&mut hits);
    doubt(&mut hits);
    for (_, score) in &mut hits {
        *score = chance_by_words(text, *score);
    }
    hits
}

/// The same chances, but for what is sure by its words alone.
fn or_sure(chances: Vec<(usize, f64)>, by_words: &[(usize, f64)]) -> Vec<(usize, f64)> {
    let sure = by_words
        .first()
        .filter(|(_, chance)| *chance >= FaqHit::SURE);
    let better = |(entry, chance): (usize, f64)| match sure {
        Some((sure, by_words)) if *sure == entry => (entry, chance.max(*by_words)),
        _ => (entry, chance),
    };
    chances.into_iter().map(better).collect()
}

/// How likely an answer is that has so much in common with the question. Of words, a few in common
/// are chance; of Han characters, whose pairs and triples are compared, few are.
fn chance_by_words(text: &str, in_common: f64) -> f64 {
    if text.contains(is_han) {
        in_common
    } else {
        in_common.min(in_common * in_common / FaqHit::SURE)
    }
}

/// Two entries that fit about equally well: neither is sure.
fn doubt(hits: &mut [(usize, f64)]) {
    if let [first, second, ..] = hits
        && first.1 < VERBATIM
        && second.1 > first.1 * RIVAL
    {
        first.1 = first.1.min(DOUBTED);
        second.1 = second.1.min(DOUBTED);
    }
}

/// The chance that each entry's answer is the answer, from its words and its meaning. What does not
/// ask is never sure: "cancel it, please" means what "what does it cost to cancel?" is about, and
/// wants something else.
fn weigh(words: &BTreeMap<usize, f64>, near: &Near, asks: bool) -> Vec<(usize, f64)> {
    let meaning: BTreeMap<usize, f64> = near.entries.iter().copied().collect();
    let of = |from: &BTreeMap<usize, f64>, entry| from.get(&entry).copied().unwrap_or_default();
    let entries: BTreeSet<usize> = words.keys().chain(meaning.keys()).copied().collect();
    let mut hits: Vec<(usize, f64)> = entries
        .into_iter()
        .map(|entry| (entry, of(words, entry) + MEANING * of(&meaning, entry)))
        .collect();
    sort(&mut hits);
    let best: Vec<f64> = hits.iter().take(2).map(|hit| hit.1).collect();
    for (rank, (entry, score)) in hits.iter_mut().enumerate() {
        let other = best.get(usize::from(rank == 0)).copied().unwrap_or(*score);
        let over_the_next = OVER_THE_NEXT * (*score - other);
        let over_the_goods = OVER_THE_GOODS * (of(&meaning, *entry) - near.goods);
        let likely = chance(BIAS + over_the_next + over_the_goods);
        let most = match () {
            () if of(&meaning, *entry) < AT_LEAST_NEAR => FAR_CHANCE,
            () if !asks => DOUBTED,
            () => 1.0,
        };
        *score = likely.min(most);
    }
    hits
}

/// The logistic function.
fn chance(evidence: f64) -> f64 {
    1.0 / (1.0 + (-evidence).exp())
}

#[cfg(test)]
mod tests;
