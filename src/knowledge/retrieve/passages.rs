//! Passages of documents that answer a question.
//!
//! An answer is found by the wordings of its question; a passage has none. So what counts is how much
//! of the question stands in it, where what its heading names counts as well; and, with a sentence
//! encoder, how near its best sentence comes in meaning. How the thresholds came to be is told in
//! `docs/documents.md`.

use std::collections::{BTreeSet, HashMap};

use consultant_core::{
    Document, Documents, Language, Passage, PassageHit,
    ports::{Encoder, EncoderError},
};

use super::{
    Asked,
    bm25::Bm25,
    features::features,
    meaning::sentences as telling_sentences,
    vectors::{Bytes, Vectors},
};
use crate::{documents::sentences, text::is_han};

/// Passages that are found at the most.
const HITS: usize = 3;

/// Passages that are looked at closely, by their words and by their meaning.
const CANDIDATES: usize = 48;

/// What the words of the document's title count where those of the passage and its heading count 1:
/// all passages of a document have them.
const OF_TITLE: f64 = 0.5;

/// What is left of a score where one word is all that is in common: that is a topic.
const LONE: f64 = 0.6;

/// Words that ask and that no answer repeats, as [`features`] has them.
const ASKING: [&str; 17] = [
    "long", "when", "where", "why", "who", "whom", "whose", "hows", "wheres", "happen", "work",
    "possible", "there", "come", "mean", "going", "take",
];

/// The same in Chinese; cut out before the rest is cut into pieces.
const ASKING_ZH: [&str; 18] = [
    "为什么",
    "什么时候",
    "怎么办",
    "怎么样",
    "可不可以",
    "要不要",
    "多少钱",
    "多少",
    "多久",
    "多长时间",
    "几天",
    "怎么",
    "怎样",
    "如何",
    "哪里",
    "哪些",
    "何时",
    "谁",
];

/// What is left of a score for which nothing is sure: not quoted, and a fact for the model.
const UNSURE: f64 = PassageHit::SURE - 0.01;

/// A second passage this near to the first makes the first doubtful, unless nearly all of the question
/// stands in it.
const RIVAL: f64 = 0.93;
const NEARLY_ALL: f64 = 0.95;

/// From this nearness on, a sentence is about what was asked; at this one it surely answers.
const NEAR: f64 = 0.3;
const VERY_NEAR: f64 = 0.75;

/// Meaning and words count the same.
const OF_MEANING: f64 = 0.5;

/// All passages, ready to be searched.
pub(crate) struct Passages {
    found_in: Vec<Found>,
    ranking: Bm25,
    by_meaning: Option<Meanings>,
}

/// A passage, and what of it counts.
struct Found {
    document: usize,
    passage: usize,
    /// The words of the passage and its headings.
    own: BTreeSet<String>,
    /// Those of the title that it has not.
    of_title: BTreeSet<String>,
}

/// The sentences of all passages as points.
struct Meanings {
    sentences: Vectors,
    /// Where those of each passage begin; one more at the end.
    begins: Vec<usize>,
    /// Which sentence of its passage each is.
    which: Vec<usize>,
}

/// How well a passage fits.
struct Fit {
    at: usize,
    score: f64,
    /// The share of the question that stands in it.
    coverage: f64,
    /// The sentence that comes nearest in meaning.
    sentence: Option<usize>,
}

impl Passages {
    /// The passages of these documents, found by their words.
    pub(crate) fn new(documents: &Documents) -> Self {
        let documents = documents.documents.iter().enumerate();
        let found_in: Vec<Found> = documents.flat_map(|(at, it)| found(at, it)).collect();
        let words: Vec<BTreeSet<String>> = found_in
            .iter()
            .map(|it| it.own.union(&it.of_title).cloned().collect())
            .collect();
        Self {
            ranking: Bm25::new(words.iter()),
            found_in,
            by_meaning: None,
        }
    }

    /// From here on they are found by their meaning too, in the languages that the encoder reads.
    pub(crate) fn learn_meaning(
        &mut self,
        documents: &Documents,
        languages: &[Language],
        encoder: &dyn Encoder,
    ) -> Result<(), EncoderError> {
        let (mut texts, mut which, mut begins) = (Vec::new(), Vec::new(), vec![0]);
        for found in &self.found_in {
            let passage = found.passage(documents);
            let read = passage.filter(|(it, _)| languages.contains(&it.language));
            let sentences = read.flat_map(|(it, passage)| sentences_under_heading(it, passage));
            let (numbers, said): (Vec<usize>, Vec<String>) = sentences.unzip();
            which.extend(numbers);
            texts.extend(said);
            begins.push(texts.len());
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut points = Vectors::new(encoder.dimensions());
        for vector in encoder.encode(&texts)? {
            points.push(&vector);
        }
        self.by_meaning = Some(Meanings {
            sentences: points,
            begins,
            which,
        });
        Ok(())
    }

    /// The passages that may answer, best first: of documents that hold and are in a language that is
    /// read. `goods` is how near anything comes that is said of the goods, where that is known.
    pub(crate) fn find(
        &self,
        asked: Asked<'_>,
        documents: &Documents,
        goods: Option<f64>,
        is_meant: impl Fn(&Document) -> bool,
    ) -> Vec<PassageHit> {
        if self.found_in.is_empty() {
            return Vec::new();
        }
        let words = telling(asked.text);
        let is_meant = |at: &usize| {
            let mut passage = self.found_in[*at].passage(documents);
            passage
                .next()
                .is_some_and(|(document, _)| is_meant(document))
        };
        // What is for others takes nobody's place.
        let near = self.near(asked.meaning);
        let mut nearest: Vec<(usize, f64)> = near.iter().map(|(at, it)| (*at, it.0)).collect();
        nearest.retain(|(at, _)| is_meant(at));
        nearest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        nearest.truncate(CANDIDATES);
        let by_words = self.ranking.best(&words, self.found_in.len()).into_iter();
        let by_words = by_words.filter(is_meant).take(CANDIDATES);
        let nearest = nearest.into_iter().map(|(at, _)| at);
        let candidates: BTreeSet<usize> = by_words.chain(nearest).collect();
        let mut fits: Vec<Fit> = candidates
            .into_iter()
            .map(|at| self.fit(at, &words, near.get(&at).copied(), goods))
            .collect();
        fits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.at.cmp(&b.at)));
        doubt(&mut fits, asked);
        let best = fits.into_iter().filter(|fit| fit.score > 0.0).take(HITS);
        best.filter_map(|fit| self.hit(&fit, &words, documents))
            .collect()
    }

    /// How near each passage comes in meaning, and with which of its sentences.
    fn near(&self, meaning: Option<&[f32]>) -> HashMap<usize, (f64, usize)> {
        let (Some(index), Some(vector)) = (&self.by_meaning, meaning) else {
            return HashMap::new();
        };
        let nearness: Vec<f32> = index.sentences.all_near(&Bytes::of(vector)).collect();
        let mut best = HashMap::new();
        for (at, range) in index.begins.windows(2).enumerate() {
            let sentences = (range[0]..range[1]).filter_map(|it| Some((it, *nearness.get(it)?)));
            if let Some((it, near)) = sentences.max_by(|a, b| a.1.total_cmp(&b.1)) {
                let which = index.which.get(it).copied().unwrap_or_default();
                best.insert(at, (f64::from(near), which));
            }
        }
        best
    }

    fn fit(
        &self,
        at: usize,
        words: &BTreeSet<String>,
        near: Option<(f64, usize)>,
        goods: Option<f64>,
    ) -> Fit {
        let coverage = self.coverage(&self.found_in[at], words);
        let score = match (near, goods) {
            (Some((near, _)), goods) => {
                let about = ((near - NEAR) / (VERY_NEAR - NEAR)).clamp(0.0, 1.0);
                let both = OF_MEANING * about + (1.0 - OF_MEANING) * coverage;
                // What is said of the goods is nearer: the question is about them.
                let is_of_goods = goods.is_some_and(|goods| goods >= near);
                if is_of_goods { both.min(UNSURE) } else { both }
            }
            (None, _) => coverage,
        };
        Fit {
            at,
            score,
            coverage,
            sentence: near.map(|(_, sentence)| sentence),
        }
    }

    /// The share of the question that stands in a passage, weighed by how telling each word is.
    fn coverage(&self, found: &Found, words: &BTreeSet<String>) -> f64 {
        let weigh = |words: &mut dyn Iterator<Item = &String>| -> f64 {
            words.map(|word| self.weight(word)).sum()
        };
        let all = weigh(&mut words.iter());
        if all <= 0.0 {
            return 0.0;
        }
        let own = weigh(&mut words.intersection(&found.own));
        let of_title = weigh(&mut words.intersection(&found.of_title));
        let coverage = (own + OF_TITLE * of_title) / all;
        if words.intersection(&found.own).take(2).count() < 2 {
            coverage * LONE
        } else {
            coverage
        }
    }

    fn weight(&self, word: &str) -> f64 {
        let weight = self.ranking.weight(word);
        // Three characters hold two pairs that count already.
        let triple = word.starts_with(is_han) && word.chars().count() == 3;
        if triple { weight * 0.5 } else { weight }
    }

    fn hit(
        &self,
        fit: &Fit,
        words: &BTreeSet<String>,
        documents: &Documents,
    ) -> Option<PassageHit> {
        let found = &self.found_in[fit.at];
        let (document, passage) = found.passage(documents).next()?;
        let sentence = fit
            .sentence
            .unwrap_or_else(|| self.best_sentence(passage, words));
        Some(PassageHit {
            document: document.key.clone(),
            passage: found.passage,
            sentence,
            place: passage.place.clone(),
            score: fit.score,
        })
    }

    /// The sentence that has most of the question; of equals, the first.
    fn best_sentence(&self, passage: &Passage, words: &BTreeSet<String>) -> usize {
        let sentences = sentences(&passage.text);
        let scores = sentences.iter().map(|sentence| {
            let own = features(sentence);
            words
                .intersection(&own)
                .map(|it| self.weight(it))
                .sum::<f64>()
        });
        let best = scores
            .enumerate()
            .reduce(|best, it| if it.1 > best.1 { it } else { best });
        best.map_or(0, |(at, _)| at)
    }
}

impl Found {
    /// The passage in its document; none in other documents than those that were read.
    fn passage<'a>(
        &self,
        documents: &'a Documents,
    ) -> impl Iterator<Item = (&'a Document, &'a Passage)> + use<'a> {
        let document = documents.documents.get(self.document);
        let number = self.passage;
        document
            .into_iter()
            .filter_map(move |it| Some((&**it, it.passages.get(number)?)))
    }
}

fn found(at: usize, document: &Document) -> impl Iterator<Item = Found> {
    let title = features(&document.title);
    let passages = document.passages.iter().enumerate();
    let told = passages.filter(|(_, passage)| !passage.is_withheld);
    told.map(move |(number, passage)| {
        let mut own = features(&passage.text);
        let headings = passage.place.headings.iter();
        let headings = headings.filter(|it| **it != document.title);
        own.extend(headings.flat_map(|it| features(it)));
        Found {
            document: at,
            passage: number,
            of_title: title.difference(&own).cloned().collect(),
            own,
        }
    })
}

/// What of a question an answer to it can have.
fn telling(text: &str) -> BTreeSet<String> {
    let all = features(text);
    let mut parts = vec![text];
    if text.contains(is_han) {
        for asking in ASKING_ZH {
            parts = parts.into_iter().flat_map(|it| it.split(asking)).collect();
        }
    }
    let pieces: BTreeSet<String> = parts.into_iter().flat_map(features).collect();
    let telling: BTreeSet<String> = pieces
        .iter()
        .filter(|it| !ASKING.contains(&it.as_str()))
        .cloned()
        .collect();
    if telling.is_empty() { all } else { telling }
}

/// The telling sentences of a passage, each with its number and under its heading.
fn sentences_under_heading(document: &Document, passage: &Passage) -> Vec<(usize, String)> {
    let heading = passage.place.headings.last().unwrap_or(&document.title);
    let all = sentences(&passage.text).into_iter().enumerate();
    all.filter(|(_, sentence)| !telling_sentences(sentence).is_empty())
        .map(|(at, sentence)| (at, format!("{heading}: {}", sentence.trim())))
        .collect()
}

/// What fits best is not sure where another one fits as well, or where nothing is asked: a few words
/// that stand in a passage nearly all are a question too.
fn doubt(fits: &mut [Fit], asked: Asked<'_>) {
    let [first, others @ ..] = fits else {
        return;
    };
    let has_all = first.coverage >= NEARLY_ALL;
    let rival = others
        .first()
        .is_some_and(|it| it.score > first.score * RIVAL);
    if (rival || !asked.asks) && !has_all {
        first.score = first.score.min(UNSURE);
    }
    for other in others {
        other.score = other.score.min(first.score);
    }
}

#[cfg(test)]
mod tests;
