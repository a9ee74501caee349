//! How well texts are put into categories: rows are learned from, others are judged, and what came
//! of it is told.

mod report;
mod rows;

use std::time::{Duration, Instant};

use consultant_core::ports::Encoder;
use consultant_knowledge::{Labelled, Trained, Training, train};
use consultant_learning::{Classified, Doubts, Figures, Parts, Row};

pub use report::{IntentReport, Latency};
pub use rows::read;

use crate::failure::{Failure, because};

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

/// Rows with their vectors, in the same order.
struct Encoded {
    rows: Vec<Row>,
    vectors: Vec<Vec<f32>>,
}

impl Learner<'_> {
    /// Learns from rows. Of those that belong to no category nothing is learned.
    pub fn learn(
        &self,
        rows: Vec<Row>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Trained, Failure> {
        self.learn_from(&self.encode(rows, progress)?)
    }

    fn learn_from(&self, encoded: &Encoded) -> Result<Trained, Failure> {
        let examples = encoded.rows.iter().zip(&encoded.vectors);
        let examples: Vec<Labelled<'_>> = examples
            .filter(|(row, _)| self.out_of_scope != Some(&row.category))
            .map(|(row, vector)| Labelled {
                text: &row.text,
                vector,
                label: &row.category,
            })
            .collect();
        train(&examples, self.training)
            .map_err(|error| because("nothing can be learned from these rows", &error, ""))
    }

    fn encode(
        &self,
        rows: Vec<Row>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Encoded, Failure> {
        let mut vectors = Vec::with_capacity(rows.len());
        for batch in rows.chunks(BATCH) {
            let texts: Vec<&str> = batch.iter().map(|row| row.text.as_str()).collect();
            vectors.extend(self.vectors(&texts)?);
            progress(vectors.len(), rows.len());
        }
        Ok(Encoded { rows, vectors })
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
        draws: Vec<Parts>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<IntentReport, Failure> {
        let mut measured = Measured::default();
        for (train, test) in draws {
            measured.doubts.get_or_insert_with(|| {
                let inside = |row: &&Row| self.out_of_scope != Some(&row.category);
                let inside: Vec<Row> = test.iter().filter(inside).cloned().collect();
                Doubts::about(&train, &inside)
            });
            let (train, test) = (self.encode(train, progress)?, self.encode(test, progress)?);
            let began = Instant::now();
            let trained = self.learn_from(&train)?;
            measured.learning += began.elapsed();
            measured.judge(&trained, &test, self.out_of_scope);
            if measured.latency.is_none() {
                measured.latency = Some(self.latency(&trained, &test.rows)?);
            }
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

/// What was measured so far.
#[derive(Default)]
struct Measured {
    classified: Vec<Classified>,
    accuracies: Vec<f64>,
    last: Option<Trained>,
    test_texts: usize,
    learning: Duration,
    latency: Option<Latency>,
    doubts: Option<Doubts>,
}

impl Measured {
    fn judge(&mut self, trained: &Trained, test: &Encoded, out_of_scope: Option<&str>) {
        let from = self.classified.len();
        for (row, vector) in test.rows.iter().zip(&test.vectors) {
            let judged = trained.head.judge(&row.text, vector);
            let has_category = out_of_scope != Some(row.category.as_str());
            self.classified.push(Classified {
                expected: has_category.then(|| row.category.clone()),
                found: judged.label.to_owned(),
                confidence: judged.confidence,
                score: judged.energy,
                in_scope: judged.in_scope,
            });
        }
        let figures = Figures::of(&self.classified[from..]);
        self.accuracies.extend(figures.map(|it| it.accuracy));
        self.test_texts += test.rows.len();
        self.last = Some(trained.clone());
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
            test_texts: self.test_texts / draws,
            steps: last.steps,
            learning_s: self.learning.as_secs_f64() / f64::from(u32::try_from(draws).unwrap_or(1)),
            latency: self.latency.unwrap_or_default(),
            doubts: self.doubts.unwrap_or_default(),
        })
    }
}
