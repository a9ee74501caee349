//! How well texts are put into categories: rows are learned from, others are judged, and what came
//! of it is told.

mod report;
mod rows;
mod tuning;

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use consultant_core::ports::Encoder;
use consultant_knowledge::{Labelled, NotTrained, Trained, Training, train, train_again};
use consultant_learning::{Classified, Doubts, Figures, Parts, Row};

pub use report::IntentReport;
pub use rows::read;
pub use tuning::{Pass, Progress, Tell, TunedTold, Tuner};

use crate::{
    evaluation::latency::Latency,
    failure::{Failure, because},
};

/// Texts that the encoder is given at a time, so that progress shows.
const BATCH: usize = 128;
/// Texts whose time is taken, one after another, as customers' messages come.
const TIMED: usize = 200;

/// How to learn.
#[derive(Clone)]
pub struct Learner<'a> {
    /// Makes vectors; without it words are all there is.
    pub encoder: Option<Arc<dyn Encoder>>,
    /// The rest.
    pub training: Training,
    /// The category of texts that belong to none.
    pub out_of_scope: Option<&'a str>,
}

/// What the encoder makes of each text.
type Vectors = HashMap<String, Vec<f32>>;

impl Learner<'_> {
    /// Learns from rows. Of those that belong to no category nothing is learned.
    pub fn learn(&self, rows: &[Row], tell: Tell<'_>) -> Result<Trained, Failure> {
        let vectors = self.encode(rows.iter(), tell)?;
        self.learn_from(rows, &vectors)
    }

    /// Has an encoder fine-tuned to rows, into a folder that is not there yet, and learns on it.
    pub fn learn_tuned(
        &self,
        tuner: &Tuner<'_>,
        rows: &[Row],
        out: &Path,
        tell: Tell<'_>,
    ) -> Result<LearnedTuned<'_>, Failure> {
        let nothing = Vectors::new();
        let names = self.names(rows);
        let examples = self.examples(rows, &names, &nothing);
        let encoders = tuner.tune(&examples, &self.training, out, tell)?;
        let judged = self.with(encoders.judged);
        let first = judged.learn(rows, tell)?;
        let learner = self.with(encoders.whole);
        let vectors = learner.encode(rows.iter(), tell)?;
        let examples = learner.examples(rows, &names, &vectors);
        let trained = train_again(&examples, &learner.training, &first).map_err(not_learned)?;
        Ok(LearnedTuned {
            learner,
            trained,
            told: encoders.told,
        })
    }

    /// The same on another encoder.
    fn with(&self, encoder: Arc<dyn Encoder>) -> Learner<'_> {
        Learner {
            training: Training {
                encoder: Some(encoder.name().to_owned()),
                ..self.training.clone()
            },
            encoder: Some(encoder),
            out_of_scope: self.out_of_scope,
        }
    }

    fn learn_from(&self, rows: &[Row], vectors: &Vectors) -> Result<Trained, Failure> {
        let names = self.names(rows);
        train(&self.examples(rows, &names, vectors), &self.training).map_err(not_learned)
    }

    /// What is learned from rows, and from the names of their categories.
    fn examples<'b>(
        &self,
        rows: &'b [Row],
        names: &'b [(String, &'b str)],
        vectors: &'b Vectors,
    ) -> Vec<Labelled<'b>> {
        let inside = rows.iter().filter(|row| !self.is_outside(row));
        let texts = inside.map(|row| (row.text.as_str(), row.category.as_str(), true));
        // The name of a category tells something of it, too.
        let named = names
            .iter()
            .map(|(name, category)| (name.as_str(), *category, false));
        let examples = texts.chain(named);
        examples
            .map(|(text, label, judges)| Labelled {
                text,
                vector: vector_of(text, vectors),
                label,
                judges,
            })
            .collect()
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
        tell: Tell<'_>,
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
            tell(Progress::Encoded(vectors.len(), texts.len()));
        }
        Ok(vectors)
    }

    fn vectors(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Failure> {
        let Some(encoder) = &self.encoder else {
            return Ok(vec![Vec::new(); texts.len()]);
        };
        encoder
            .encode(texts)
            .map_err(|error| because("the texts cannot be encoded", &error, ""))
    }

    /// Learns from each draw's first part and judges its second.
    pub fn measure(&self, draws: &[Parts], tell: Tell<'_>) -> Result<IntentReport, Failure> {
        let all = draws
            .iter()
            .flat_map(|(train, test)| train.iter().chain(test));
        let vectors = self.encode(all, tell)?;
        let mut measured = Measured::default();
        for draw in draws {
            measured.draw(self, draw, &vectors)?;
        }
        measured.look(self, draws)?;
        measured.report()
    }

    /// The same, with an encoder that is fine-tuned to each draw's first part before.
    pub fn measure_tuned(
        &self,
        tuner: &Tuner<'_>,
        draws: &[Parts],
        tell: Tell<'_>,
    ) -> Result<IntentReport, Failure> {
        let mut measured = Measured::default();
        for draw in draws {
            let beside = tempfile::tempdir()
                .map_err(|error| because("there is no place for an encoder", &error, ""))?;
            let out = beside.path().join("encoder");
            let tuned = self.learn_tuned(tuner, &draw.0, &out, tell)?;
            let learner = &tuned.learner;
            let vectors = learner.encode(draw.1.iter(), tell)?;
            measured.judge(learner, &tuned.trained, (&draw.1, &vectors));
            measured.learning += Duration::from_secs_f64(tuned.told.seconds);
            measured.last = Some(tuned.trained);
            measured.look(learner, std::slice::from_ref(draw))?;
            measured.tuned = Some(tuned.told);
        }
        measured.report()
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

#[expect(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
fn not_learned(error: NotTrained) -> Failure {
    because("nothing can be learned from these rows", &error, "")
}

/// What was learned on an encoder that was fine-tuned to the same rows.
pub struct LearnedTuned<'a> {
    /// Learns and judges with that encoder.
    pub learner: Learner<'a>,
    /// The head on it.
    pub trained: Trained,
    /// What fine-tuning brought.
    pub told: TunedTold,
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
    encoder: Option<String>,
    tuned: Option<TunedTold>,
}

impl Measured {
    /// Learns from the first part of a draw and judges the second.
    fn draw(
        &mut self,
        learner: &Learner<'_>,
        (train, test): &Parts,
        vectors: &Vectors,
    ) -> Result<(), Failure> {
        let began = Instant::now();
        let trained = learner.learn_from(train, vectors)?;
        self.learning += began.elapsed();
        self.judge(learner, &trained, (test, vectors));
        self.last = Some(trained);
        Ok(())
    }

    /// What is odd about the rows of the first draw, and how long one text takes.
    fn look(&mut self, learner: &Learner<'_>, draws: &[Parts]) -> Result<(), Failure> {
        self.encoder = learner.encoder.as_ref().map(|it| it.name().to_owned());
        if let (Some((train, test)), Some(trained)) = (draws.first(), &self.last) {
            let inside = test.iter().filter(|row| !learner.is_outside(row)).cloned();
            self.doubts = Doubts::about(train, &inside.collect::<Vec<_>>());
            self.latency = learner.latency(trained, test)?;
        }
        Ok(())
    }

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

    fn report(self) -> Result<IntentReport, Failure> {
        let nothing = || Failure::new("there is nothing to test with", "give it more rows");
        let figures = Figures::of(&self.classified).ok_or_else(nothing)?;
        let last = self.last.ok_or_else(nothing)?;
        let draws = self.accuracies.len().max(1);
        Ok(IntentReport {
            figures,
            encoder: self.encoder,
            tuned: self.tuned,
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
