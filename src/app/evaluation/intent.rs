//! How well texts are put into categories: rows are learned from, others are judged, and what came
//! of it is told.

mod report;
mod rows;

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use consultant_core::ports::Encoder;
use consultant_knowledge::{Labelled, Trained, Training, train};
use consultant_learning::{Classified, Doubts, Figures, Parts, Row};

pub use report::IntentReport;
pub use rows::read;

use crate::{
    evaluation::latency::Latency,
    failure::{Failure, because},
};

/// Texts that the encoder is given at a time, so that progress shows.
const BATCH: usize = 128;
/// Texts whose time is taken, one after another, as customers' messages come.
const TIMED: usize = 200;

/// How to learn.
#[derive(Clone, Copy)]
pub struct Learner<'a> {
    /// Makes vectors; without it words are all there is.
    pub encoder: Option<&'a dyn Encoder>,
    /// The rest.
    pub training: &'a Training,
    /// The category of texts that belong to none.
    pub out_of_scope: Option<&'a str>,
}

/// What the encoder makes of each text.
type Vectors = HashMap<String, Vec<f32>>;

impl Learner<'_> {
    /// Learns from rows. Of those that belong to no category nothing is learned.
    pub fn learn(
        &self,
        rows: &[Row],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Trained, Failure> {
        let vectors = self.encode(rows.iter(), progress)?;
        self.learn_from(rows, &vectors)
    }

    fn learn_from(&self, rows: &[Row], vectors: &Vectors) -> Result<Trained, Failure> {
        let inside = rows.iter().filter(|row| !self.is_outside(row));
        let texts = inside.map(|row| (row.text.as_str(), row.category.as_str(), true));
        // The name of a category tells something of it, too.
        let names = self.names(rows);
        let named = names
            .iter()
            .map(|(name, category)| (name.as_str(), *category, false));
        let examples: Vec<Labelled<'_>> = texts
            .chain(named)
            .map(|(text, label, judges)| Labelled {
                text,
                vector: vector_of(text, vectors),
                label,
                judges,
            })
            .collect();
        train(&examples, self.training)
            .map_err(|error| because("nothing can be learned from these rows", &error, ""))
    }

    /// The categories that are learned, each with its name as people would say it.
    fn names<'a>(&self, rows: &'a [Row]) -> Vec<(String, &'a str)> {
        let inside = rows.iter().filter(|row| !self.is_outside(row));
        let categories: BTreeSet<&str> = inside.map(|row| row.category.as_str()).collect();
        let named = categories.into_iter();
        named.map(|category| (spoken(category), category)).collect()
    }

    fn is_outside(&self, row: &Row) -> bool {
        self.out_of_scope == Some(&row.category)
    }

    /// Encodes each text once, however many rows have it, and the names of the categories.
    fn encode<'a>(
        &self,
        rows: impl Iterator<Item = &'a Row>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vectors, Failure> {
        let rows: Vec<&Row> = rows.collect();
        let categories = rows.iter().map(|row| spoken(&row.category));
        let texts = rows.iter().map(|row| row.text.clone()).chain(categories);
        let texts: BTreeSet<String> = texts.collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut vectors = HashMap::new();
        for batch in texts.chunks(BATCH) {
            let encoded = self.vectors(batch)?;
            let named = batch.iter().map(|text| (*text).to_owned());
            vectors.extend(named.zip(encoded));
            progress(vectors.len(), texts.len());
        }
        Ok(vectors)
    }

    fn vectors(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Failure> {
        let Some(encoder) = self.encoder else {
            return Ok(vec![Vec::new(); texts.len()]);
        };
        encoder
            .encode(texts)
            .map_err(|error| because("the texts cannot be encoded", &error, ""))
    }

    /// Learns from each draw's first part and judges its second.
    pub fn measure(
        &self,
        draws: &[Parts],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<IntentReport, Failure> {
        let all = draws
            .iter()
            .flat_map(|(train, test)| train.iter().chain(test));
        let vectors = self.encode(all, progress)?;
        let mut measured = Measured::default();
        for (train, test) in draws {
            let began = Instant::now();
            let trained = self.learn_from(train, &vectors)?;
            measured.learning += began.elapsed();
            measured.judge(self, &trained, (test, &vectors));
            measured.last = Some(trained);
        }
        if let (Some((train, test)), Some(trained)) = (draws.first(), &measured.last) {
            let inside = test.iter().filter(|row| !self.is_outside(row)).cloned();
            measured.doubts = Doubts::about(train, &inside.collect::<Vec<_>>());
            measured.latency = self.latency(trained, test)?;
        }
        measured.report(self)
    }

    /// How long one text takes, encoded and judged, as a customer's message is.
    fn latency(&self, trained: &Trained, rows: &[Row]) -> Result<Latency, Failure> {
        let mut times = Vec::new();
        for row in rows.iter().take(TIMED) {
            let began = Instant::now();
            let vectors = self.vectors(&[row.text.as_str()])?;
            let vector = vectors.first().map(Vec::as_slice).unwrap_or_default();
            std::hint::black_box(trained.head.judge(&row.text, vector));
            times.push(began.elapsed());
        }
        Ok(Latency::of(times))
    }
}

/// A category's name as people would say it.
fn spoken(category: &str) -> String {
    category.replace(['_', '-', '.'], " ")
}

fn vector_of<'a>(text: &str, vectors: &'a Vectors) -> &'a [f32] {
    vectors.get(text).map(Vec::as_slice).unwrap_or_default()
}

/// What was measured so far.
#[derive(Default)]
struct Measured {
    classified: Vec<Classified>,
    accuracies: Vec<f64>,
    last: Option<Trained>,
    learning: Duration,
    latency: Latency,
    doubts: Doubts,
}

impl Measured {
    fn judge(
        &mut self,
        learner: &Learner<'_>,
        trained: &Trained,
        (test, vectors): (&[Row], &Vectors),
    ) {
        let from = self.classified.len();
        for row in test {
            let vector = vector_of(&row.text, vectors);
            let judged = trained.head.judge(&row.text, vector);
            self.classified.push(Classified {
                expected: (!learner.is_outside(row)).then(|| row.category.clone()),
                found: judged.label.to_owned(),
                confidence: judged.confidence,
                score: judged.energy,
                in_scope: judged.in_scope,
            });
        }
        let figures = Figures::of(&self.classified[from..]);
        self.accuracies.extend(figures.map(|it| it.accuracy));
    }

    fn report(self, learner: &Learner<'_>) -> Result<IntentReport, Failure> {
        let nothing = || Failure::new("there is nothing to test with", "give it more rows");
        let figures = Figures::of(&self.classified).ok_or_else(nothing)?;
        let last = self.last.ok_or_else(nothing)?;
        let draws = self.accuracies.len().max(1);
        Ok(IntentReport {
            figures,
            encoder: learner.encoder.map(|it| it.name().to_owned()),
            accuracies: self.accuracies,
            train_texts: last.examples,
            test_texts: self.classified.len() / draws,
            steps: last.steps,
            learning_s: self.learning.as_secs_f64() / f64::from(u32::try_from(draws).unwrap_or(1)),
            latency: self.latency,
            doubts: self.doubts,
        })
    }
}
