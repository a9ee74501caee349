//! Reviewed answers that fit a question.
//!
//! BM25 ranks the wordings; its scores have no upper bound, so what is reported is how much of
//! the question the wording covers and the other way round, weighed by how telling each word is
//! (the harmonic mean of both, as in an F-measure). A near-verbatim question comes near 1.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bm25::{Embedder, EmbedderBuilder, Scorer, Tokenizer};
use consultant_core::{Faq, FaqHit, FaqId};

use crate::text::{is_han, singular, tokens};

/// Wordings that are looked at closely.
const CANDIDATES: usize = 24;

/// Entries that are reported.
const REPORTED: usize = 3;

/// A second entry this near to the first makes the first doubtful …
const RIVAL: f64 = 0.9;
/// … unless it is nearly verbatim.
const VERBATIM: f64 = 0.95;
/// What doubt leaves of a score: never sure.
const DOUBTED: f64 = 0.59;

/// A pair of telling words is as much as a verbatim match of less is worth.
const LONE_FEATURE: f64 = 0.8;

/// Words that carry no topic. `how`, `long`, `when`, `where` do and stay.
const STOP: [&str; 75] = [
    "a", "an", "the", "is", "are", "am", "be", "do", "does", "did", "can", "could", "may", "will",
    "would", "i", "im", "id", "ill", "you", "your", "my", "me", "we", "our", "us", "it", "its",
    "this", "that", "these", "those", "there", "to", "of", "for", "in", "on", "at", "and", "or",
    "if", "with", "from", "by", "as", "what", "whats", "which", "please", "have", "has", "got",
    "get", "any", "some", "so", "hi", "hello", "hey", "thanks", "just", "want", "like", "need",
    "should", "shall", "tell", "know", "about", "also", "then", "much", "many", "how",
];

/// Words that mean the same here.
const SAME: [(&str, &str); 28] = [
    ("shipping", "deliver"),
    ("ship", "deliver"),
    ("shipped", "deliver"),
    ("shipment", "deliver"),
    ("delivery", "deliver"),
    ("delivered", "deliver"),
    ("delivering", "deliver"),
    ("delivery", "deliver"),
    ("cost", "price"),
    ("costs", "price"),
    ("paying", "pay"),
    ("payment", "pay"),
    ("paid", "pay"),
    ("returning", "return"),
    ("returned", "return"),
    ("guarantee", "warranty"),
    ("opening", "open"),
    ("hours", "open"),
    ("assembled", "assemble"),
    ("assembly", "assemble"),
    ("assembling", "assemble"),
    ("parcel", "package"),
    ("colour", "color"),
    ("cancelling", "cancel"),
    ("cancellation", "cancel"),
    ("installments", "instalment"),
    ("installment", "instalment"),
    ("fee", "price"),
];

/// Chinese words that carry no topic; cut out before a text is cut into pieces.
const STOP_ZH: [&str; 23] = [
    "请问",
    "你们",
    "您们",
    "我们",
    "一下",
    "什么",
    "可以",
    "能不能",
    "是否",
    "有没有",
    "的",
    "吗",
    "呢",
    "了",
    "吧",
    "啊",
    "我",
    "你",
    "您",
    "是",
    "有",
    "能",
    "会",
];

/// The wordings, ready to be searched.
pub(crate) struct Answers {
    entries: Vec<FaqId>,
    /// The entry and the features of each wording.
    wordings: Vec<(usize, BTreeSet<String>)>,
    /// The entry of each wording, letter by letter.
    verbatim: HashMap<Vec<String>, usize>,
    weights: HashMap<String, f64>,
    /// What a word weighs that no wording has.
    unknown: f64,
    embedder: Embedder<u32, Features>,
    scorer: Scorer<usize>,
}

impl Answers {
    /// The wordings of an FAQ, in all its languages.
    pub(crate) fn new(faq: &Faq) -> Self {
        let texts: Vec<(usize, &str)> = faq
            .entries
            .iter()
            .enumerate()
            .flat_map(|(position, entry)| {
                let texts = entry.questions.values().flatten();
                texts.map(move |text| (position, text.as_str()))
            })
            .collect();
        let corpus: Vec<&str> = texts.iter().map(|(_, text)| *text).collect();
        let embedder = EmbedderBuilder::with_tokenizer_and_fit_to_corpus(Features, &corpus).build();
        let mut scorer = Scorer::new();
        for (number, text) in corpus.iter().enumerate() {
            scorer.upsert(&number, embedder.embed(text));
        }
        let wordings: Vec<_> = texts
            .iter()
            .map(|(position, text)| (*position, features(text)))
            .collect();
        let weights = weights(&wordings);
        Self {
            entries: faq.entries.iter().map(|entry| entry.id.clone()).collect(),
            unknown: weights.values().copied().fold(1.0, f64::max),
            verbatim: texts
                .iter()
                .map(|(position, text)| (tokens(text), *position))
                .collect(),
            wordings,
            weights,
            embedder,
            scorer,
        }
    }

    /// The answers that may fit, best first; at most three.
    pub(crate) fn find(&self, text: &str) -> Vec<FaqHit> {
        let asked = features(text);
        let mut ranked = self.scorer.matches(&self.embedder.embed(text));
        // Equal scores come in any order from a hash set.
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        let mut best: BTreeMap<usize, f64> = BTreeMap::new();
        for candidate in ranked.iter().take(CANDIDATES) {
            let (entry, wording) = &self.wordings[candidate.id];
            let score = self.likeness(&asked, wording);
            let so_far = best.entry(*entry).or_default();
            *so_far = so_far.max(score);
        }
        if let Some(entry) = self.verbatim.get(&tokens(text)) {
            // What differs only in small words is near, but it is not this question.
            for score in best.values_mut() {
                *score *= RIVAL;
            }
            best.insert(*entry, 1.0);
        }
        let mut hits: Vec<(usize, f64)> = best.into_iter().collect();
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        doubt(&mut hits);
        hits.iter()
            .take(REPORTED)
            .filter(|(_, score)| *score > 0.0)
            .map(|(entry, score)| FaqHit {
                entry: self.entries[*entry].clone(),
                score: *score,
            })
            .collect()
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
        let weight = self.weights.get(feature).copied().unwrap_or(self.unknown);
        // Three characters hold two pairs that count already.
        let triple = feature.starts_with(is_han) && feature.chars().count() == 3;
        if triple { weight * 0.5 } else { weight }
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

/// The inverse document frequency of each feature, as in BM25 (Robertson and Zaragoza 2009).
fn weights(wordings: &[(usize, BTreeSet<String>)]) -> HashMap<String, f64> {
    let mut seen: HashMap<&String, u32> = HashMap::new();
    for feature in wordings.iter().flat_map(|(_, features)| features) {
        *seen.entry(feature).or_default() += 1;
    }
    let all = f64::from(u32::try_from(wordings.len()).unwrap_or(u32::MAX));
    let weigh = |count: u32| {
        let count = f64::from(count);
        ((all - count + 0.5) / (count + 0.5)).ln_1p()
    };
    seen.into_iter()
        .map(|(feature, count)| (feature.clone(), weigh(count)))
        .collect()
}

/// Words, and pairs and triples of Han characters, each once and in order.
struct Features;

impl Tokenizer for Features {
    fn tokenize(&self, text: &str) -> Vec<String> {
        features(text).into_iter().collect()
    }
}

fn features(text: &str) -> BTreeSet<String> {
    let mut text = text.to_owned();
    if text.chars().count() <= crate::text::MAX_READ_CHARS {
        for stop in STOP_ZH {
            text = text.replace(stop, "");
        }
    }
    let tokens = tokens(&text);
    let mut features = BTreeSet::new();
    for run in tokens.chunk_by(|a, b| a.starts_with(is_han) && b.starts_with(is_han)) {
        if run[0].starts_with(is_han) {
            let sizes = if run.len() == 1 { 1..=1 } else { 2..=3 };
            features.extend(sizes.flat_map(|size| run.windows(size).map(<[String]>::concat)));
        } else if !STOP.contains(&run[0].as_str()) {
            features.insert(stem(&run[0]));
        }
    }
    features
}

fn stem(word: &str) -> String {
    let same = SAME
        .iter()
        .find(|(from, _)| *from == word || *from == singular(word));
    same.map_or_else(|| singular(word).to_owned(), |(_, to)| (*to).to_owned())
}

#[cfg(test)]
mod tests;
