//! Answers that mean what a question means, whatever its words are.
//!
//! An entry stands where its wordings stand on average, and where each sentence of its answer
//! stands: customers ask for what an answer says more often than in the words of its question.

use consultant_core::{
    Catalog, Faq, FaqEntry, Language, Product,
    ports::{Encoder, EncoderError},
    sentences::SentenceStream,
};

use super::vectors::{Bytes, Vectors, middle};
use crate::text::tokens;

/// Entries that are looked at closely: those with the nearest wordings.
const CANDIDATES: usize = 64;

/// The middle of an entry's wordings and the best of its sentences count the same.
const OF_WORDINGS: f32 = 0.5;

/// The entries of an FAQ as points in the space of an encoder.
pub(super) struct ByMeaning {
    /// For each entry, the middle of its wordings.
    middles: Vectors,
    /// The sentences of all answers, entry after entry …
    sentences: Vectors,
    /// … and where those of each entry begin; one more at the end.
    begins: Vec<usize>,
    /// What is said of the goods, sentence by sentence.
    goods: Vectors,
}

/// What is near to a question.
pub(super) struct Near {
    /// The nearest entries, nearest first: from -1 to 1, which only a text that is wording and
    /// answer at once would reach.
    pub(super) entries: Vec<(usize, f64)>,
    /// How near anything comes that is said of the goods.
    pub(super) goods: f64,
}

/// How near goods are taken to be where there are none.
const NO_GOODS: f32 = 0.35;

impl ByMeaning {
    /// Encodes what an FAQ says in these languages. An entry that says nothing in them is never
    /// found by meaning.
    pub(super) fn new(
        (faq, catalog): (&Faq, &Catalog),
        languages: &[Language],
        encoder: &dyn Encoder,
    ) -> Result<Self, EncoderError> {
        let said: Vec<Said> = faq
            .entries
            .iter()
            .map(|it| Said::of(it, languages))
            .collect();
        let of_goods: Vec<String> = catalog
            .products
            .iter()
            .flat_map(|it| of_product(it, languages))
            .collect();
        let texts = said.iter().flat_map(Said::texts);
        let texts: Vec<&str> = texts.chain(of_goods.iter().map(String::as_str)).collect();
        let mut vectors = encoder.encode(&texts)?.into_iter();
        let mut this = Self {
            middles: Vectors::new(encoder.dimensions()),
            sentences: Vectors::new(encoder.dimensions()),
            begins: vec![0],
            goods: Vectors::new(encoder.dimensions()),
        };
        for entry in &said {
            let wordings: Vec<_> = vectors.by_ref().take(entry.wordings.len()).collect();
            this.middles.push(&middle(&wordings, encoder.dimensions()));
            for sentence in vectors.by_ref().take(entry.sentences.len()) {
                this.sentences.push(&sentence);
            }
            this.begins.push(this.sentences.len());
        }
        vectors.for_each(|vector| this.goods.push(&vector));
        Ok(this)
    }

    /// What is near to a vector: of those entries that hold whose wordings are nearest, and of these
    /// others.
    pub(super) fn near<'a>(
        &self,
        vector: &[f32],
        others: impl Iterator<Item = &'a usize>,
        holds: impl Fn(usize) -> bool,
    ) -> Near {
        let asked = Bytes::of(vector);
        let mut middles: Vec<(usize, f32)> = self.middles.all_near(&asked).enumerate().collect();
        let others: Vec<(usize, f32)> = others
            .filter_map(|entry| middles.get(*entry).copied())
            .collect();
        middles.retain(|(entry, _)| holds(*entry));
        let by_nearness = |a: &(usize, f32), b: &(usize, f32)| b.1.total_cmp(&a.1);
        if middles.len() > CANDIDATES {
            middles.select_nth_unstable_by(CANDIDATES, by_nearness);
            middles.truncate(CANDIDATES);
        }
        middles.extend(others);
        middles.sort_by_key(|(entry, _)| *entry);
        middles.dedup_by_key(|(entry, _)| *entry);
        let mut near: Vec<(usize, f32)> = middles
            .into_iter()
            .map(|(entry, middle)| (entry, self.nearness(entry, middle, &asked)))
            .collect();
        near.sort_by(|a, b| by_nearness(a, b).then(a.0.cmp(&b.0)));
        Near {
            entries: near
                .into_iter()
                .map(|(entry, nearness)| (entry, f64::from(nearness)))
                .collect(),
            goods: self.goods_near(&asked),
        }
    }

    /// How near anything comes that is said of the goods.
    pub(super) fn goods_near(&self, asked: &Bytes) -> f64 {
        let goods = self.goods.all_near(asked).reduce(f32::max);
        f64::from(goods.unwrap_or(NO_GOODS))
    }

    fn nearness(&self, entry: usize, middle: f32, asked: &Bytes) -> f32 {
        let sentences = self.begins[entry]..self.begins[entry + 1];
        let best = sentences
            .map(|at| self.sentences.near(at, asked))
            .fold(f32::NEG_INFINITY, f32::max);
        if best == f32::NEG_INFINITY {
            return middle;
        }
        OF_WORDINGS * middle + (1.0 - OF_WORDINGS) * best
    }
}

/// What an entry says in some languages.
struct Said {
    wordings: Vec<String>,
    sentences: Vec<String>,
}

impl Said {
    fn of(entry: &FaqEntry, languages: &[Language]) -> Self {
        let read = |language: &Language| languages.contains(language);
        let wordings = entry.questions.iter().filter(|(it, _)| read(it));
        let answers = entry.answer.0.iter().filter(|(it, _)| read(it));
        Self {
            wordings: wordings.flat_map(|(_, texts)| texts.clone()).collect(),
            sentences: answers.flat_map(|(_, text)| sentences(text)).collect(),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.wordings
            .iter()
            .chain(&self.sentences)
            .map(String::as_str)
    }
}

/// What is said of a product, each sentence with its name.
fn of_product(product: &Product, languages: &[Language]) -> Vec<String> {
    let read = product.description.0.iter();
    let read = read.filter(|(language, _)| languages.contains(language));
    read.flat_map(|(language, text)| {
        let name = product.name.get(*language);
        sentences(text)
            .into_iter()
            .map(move |it| format!("{name}: {it}"))
    })
    .collect()
}

/// Words of a sentence at the least: a bare "No." is near to every no.
const WORDS: usize = 3;

/// The sentences of a text that say enough to mean something.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut stream = SentenceStream::new();
    let mut sentences = stream.push(text);
    sentences.extend(stream.finish());
    sentences.retain(|it| tokens(it).len() >= WORDS);
    sentences
}
