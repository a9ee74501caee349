//! Learning: round after round of batches, and after each round a look at the texts that are held
//! back, so that a good state is what is kept.

use std::collections::BTreeMap;

use candle_core::Tensor;
use consultant_core::ports::{
    TunedRound, TuningEnd, TuningError, TuningPace, TuningProgress, TuningSettings,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{
    adamw::{Slope, Slopes, Step},
    batches,
    bert::{Batch, Bert, Shape, WORDS},
    classifier::{self, BIAS, DIRECTIONS},
    error::failed,
    ops::values,
    parameters::{Parameter, Parameters},
};

/// Texts that are judged together.
const JUDGED: usize = 64;
/// How much of the loss that is told stays with each batch.
const TOLD: f64 = 0.95;

/// Texts as tokens, with their categories.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    /// The tokens of each.
    pub(crate) tokens: Vec<Vec<u32>>,
    /// The category of each.
    pub(crate) categories: Vec<u32>,
}

impl Texts {
    fn batch(&self, which: &[usize]) -> (Batch, Vec<u32>) {
        let batch = Batch::of(which.iter().map(|at| self.tokens[*at].as_slice()));
        (batch, which.iter().map(|at| self.categories[*at]).collect())
    }
}

/// What is told the caller, and what it answers.
pub(crate) type Watch<'a> = &'a mut dyn FnMut(&TuningProgress) -> TuningPace;

/// What came of it.
pub(crate) struct Learned {
    /// The best state, by the names of the parameters.
    pub(crate) numbers: BTreeMap<String, Vec<f32>>,
    /// After which round it was reached, from 1.
    pub(crate) round: u16,
    /// What each round brought.
    pub(crate) rounds: Vec<TunedRound>,
    /// Why it ended.
    pub(crate) ended: TuningEnd,
    /// How many categories there were.
    pub(crate) categories: usize,
}

/// One run of learning.
pub(crate) struct Course<'a> {
    shape: &'a Shape,
    settings: &'a TuningSettings,
    texts: &'a Texts,
    held_back: &'a Texts,
    parameters: Parameters,
    chance: ChaCha8Rng,
    progress: TuningProgress,
    step: i32,
    used_up: f64,
    categories: usize,
    /// The most texts that were right, of those that are held back: 0 to 1.
    most_right: f64,
    /// The last round that was as good as any.
    best: u16,
    numbers: BTreeMap<String, Vec<f32>>,
    rounds: Vec<TunedRound>,
}

impl<'a> Course<'a> {
    /// Begins with an encoder's parameters.
    pub(crate) fn new(
        (shape, settings): (&'a Shape, &'a TuningSettings),
        (texts, held_back): (&'a Texts, &'a Texts),
        parameters: Parameters,
        categories: usize,
    ) -> Result<Self, TuningError> {
        let batch = usize::from(settings.batch.max(1));
        let each_round = texts.tokens.len().div_ceil(batch);
        let mut course = Self {
            shape,
            settings,
            texts,
            held_back,
            parameters,
            chance: ChaCha8Rng::seed_from_u64(settings.seed),
            progress: TuningProgress {
                batches: each_round * usize::from(settings.rounds),
                ..TuningProgress::default()
            },
            step: 0,
            used_up: 0.0,
            categories,
            most_right: 0.0,
            best: 0,
            numbers: BTreeMap::new(),
            rounds: Vec::new(),
        };
        let vectors = course.vectors(texts).map_err(failed)?;
        let of = &texts.categories;
        let directions = classifier::directions(&vectors, shape.hidden_size, of, categories);
        let bias = vec![0.0; categories];
        let bias = Parameter::new(vec![categories], bias, classifier::PACE, false);
        course.parameters.insert(DIRECTIONS.to_owned(), directions);
        course.parameters.insert(BIAS.to_owned(), bias);
        Ok(course)
    }

    /// Learns until all rounds are played, nothing gets better or `watch` says so.
    pub(crate) fn run(mut self, watch: Watch<'_>) -> Result<Learned, TuningError> {
        let mut ended = TuningEnd::AllRounds;
        for round in 1..=self.settings.rounds {
            self.progress.round = round;
            let (loss, was_stopped) = self.round(watch)?;
            self.look(round, loss)?;
            if was_stopped {
                ended = TuningEnd::Stopped;
                break;
            }
            if round - self.best >= self.settings.patience {
                ended = TuningEnd::NothingBetter;
                break;
            }
        }
        Ok(Learned {
            round: self.best,
            numbers: self.numbers,
            rounds: self.rounds,
            ended,
            categories: self.categories,
        })
    }

    /// Learns from each text once; the mean loss, and whether the caller wants no more.
    fn round(&mut self, watch: Watch<'_>) -> Result<(f64, bool), TuningError> {
        let batch = usize::from(self.settings.batch.max(1));
        let batches = batches::round(self.texts.tokens.len(), batch, &mut self.chance);
        let (mut sum, mut done) = (0.0, 0_u32);
        for batch in batches {
            let loss = self.batch(&batch)?;
            (sum, done) = (sum + loss, done + 1);
            self.progress.batches_done += 1;
            self.progress.loss = match self.progress.batches_done {
                1 => loss,
                _ => TOLD * self.progress.loss + (1.0 - TOLD) * loss,
            };
            match watch(&self.progress) {
                TuningPace::GoOn(used_up) => self.used_up = used_up,
                TuningPace::Stop => return Ok((sum / f64::from(done), true)),
            }
        }
        Ok((sum / f64::from(done.max(1)), false))
    }

    /// Learns from one batch; its loss.
    fn batch(&mut self, which: &[usize]) -> Result<f64, TuningError> {
        let (batch, categories) = self.texts.batch(which);
        let (loss, mut slopes) = self.slopes(&batch, &categories).map_err(failed)?;
        let steepness = slopes.cut(self.settings.longest_slope);
        if !loss.is_finite() || !steepness.is_finite() {
            let batch = self.progress.batches_done + 1;
            return Err(TuningError::Astray { batch });
        }
        let gone = share(self.progress.batches_done + 1, self.progress.batches);
        self.step += 1;
        let step = Step {
            number: self.step,
            rate: self.settings.rate * batches::pace(gone.max(self.used_up)),
            decay: self.settings.weight_decay,
        };
        step.take(&mut self.parameters, &slopes);
        Ok(loss)
    }

    fn slopes(&mut self, batch: &Batch, categories: &[u32]) -> candle_core::Result<(f64, Slopes)> {
        let bert = Bert::new(self.shape, &self.parameters, batch, true)?;
        let dropped = dropped(self.settings.dropout);
        let vectors = bert.forward(batch, Some((dropped, &mut self.chance)))?;
        let logits = classified(&bert, &vectors)?;
        let loss = classifier::loss(&logits, categories, self.settings.smoothing)?;
        let found = loss.backward()?;
        let mut slopes = Slopes::default();
        for (name, variable) in &bert.variables {
            if let Some(slope) = found.get(variable) {
                let rows = (name == WORDS).then(|| batch.words.clone());
                let numbers = values(slope)?;
                slopes.of.insert(name.clone(), Slope { numbers, rows });
            }
        }
        Ok((f64::from(loss.to_scalar::<f32>()?), slopes))
    }

    /// Judges the texts that are held back, and remembers the state if it is the best one.
    fn look(&mut self, round: u16, loss: f64) -> Result<(), TuningError> {
        let (held_back_loss, accuracy) = self.judged().map_err(failed)?.unzip();
        let now = TunedRound {
            loss,
            held_back_loss,
            accuracy,
        };
        self.rounds.push(now);
        self.progress.accuracy = accuracy;
        self.most_right = accuracy.unwrap_or_default().max(self.most_right);
        let limit = limit(self.most_right, self.held_back.tokens.len());
        if accuracy.is_none_or(|right| right >= limit) {
            self.best = round;
            self.numbers = self
                .parameters
                .iter()
                .map(|(name, it)| (name.clone(), it.numbers.clone()))
                .collect();
        }
        Ok(())
    }

    /// The mean loss of the texts that are held back, and the share of them that is right.
    fn judged(&self) -> candle_core::Result<Option<(f64, f64)>> {
        let all: Vec<usize> = (0..self.held_back.tokens.len()).collect();
        if all.is_empty() {
            return Ok(None);
        }
        let (mut sum, mut right) = (0.0, 0_usize);
        for some in all.chunks(JUDGED) {
            let (batch, categories) = self.held_back.batch(some);
            let bert = Bert::new(self.shape, &self.parameters, &batch, false)?;
            let logits = classified(&bert, &bert.forward(&batch, None)?)?;
            let loss = classifier::loss(&logits, &categories, 0.0)?;
            sum += f64::from(loss.to_scalar::<f32>()?) * share(some.len(), all.len());
            let found = logits.argmax(1)?.to_vec1::<u32>()?;
            right += found
                .iter()
                .zip(&categories)
                .filter(|(a, b)| a == b)
                .count();
        }
        Ok(Some((sum, share(right, all.len()))))
    }

    /// What the encoder makes of texts, row after row.
    fn vectors(&self, texts: &Texts) -> candle_core::Result<Vec<f32>> {
        let all: Vec<usize> = (0..texts.tokens.len()).collect();
        let mut vectors = Vec::new();
        for some in all.chunks(JUDGED) {
            let (batch, _) = texts.batch(some);
            let bert = Bert::new(self.shape, &self.parameters, &batch, false)?;
            vectors.extend(values(&bert.forward(&batch, None)?)?);
        }
        Ok(vectors)
    }
}

fn classified(bert: &Bert, vectors: &Tensor) -> candle_core::Result<Tensor> {
    classifier::logits(vectors, bert.tensor(DIRECTIONS)?, bert.tensor(BIAS)?)
}

/// How many of the texts that are held back must be right for a state to be as good as the best one,
/// as far as so few texts can tell: one standard error fewer. Of such states the last one is kept,
/// because steps become smaller and smaller, and settle what larger ones have found.
fn limit(best: f64, texts: usize) -> f64 {
    best - (best * (1.0 - best) / whole(texts.max(1))).sqrt()
}

/// A share, as so many of 65,536.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to 65,535"
)]
fn dropped(share: f64) -> u16 {
    (share.clamp(0.0, 0.9) * 65_536.0) as u16
}

fn share(part: usize, all: usize) -> f64 {
    whole(part) / whole(all.max(1))
}

#[expect(clippy::cast_precision_loss, reason = "texts and batches are counted")]
const fn whole(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_texts_tell_less_than_many() {
        for (best, texts, expect) in [(0.9, 100, 0.87), (0.9, 10_000, 0.897), (1.0, 5, 1.0)] {
            assert!((limit(best, texts) - expect).abs() < 1e-9, "{best} {texts}");
        }
    }
}
