//! Fine-tuning of the sentence encoder, before anything else is learned on it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use consultant_core::ports::{
    Encoder, EncoderTrainer, Tuned, TunedText, Tuning, TuningEnd, TuningError, TuningPace,
    TuningProgress, TuningSettings,
};
use consultant_knowledge::{Labelled, Training, held_back};
use serde::Serialize;

use crate::{
    failure::{Failure, because},
    meaning,
    model::Backends,
};

/// What is told while it learns.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// So many texts of so many are encoded.
    Encoded(usize, usize),
    /// The encoder learns: how far it is, and how long it will yet take at the most.
    Tuning(TuningProgress, Duration),
}

/// Who is told.
pub type Tell<'a> = &'a mut dyn FnMut(Progress);

/// Has encoders fine-tuned.
pub struct Tuner<'a> {
    /// Loads what was trained.
    pub backends: &'a dyn Backends,
    /// Trains.
    pub trainer: Arc<dyn EncoderTrainer>,
    /// The folder of the encoder to begin with.
    pub base: PathBuf,
    /// How.
    pub settings: TuningSettings,
    /// How long it may take.
    pub allowed: Duration,
}

/// What fine-tuning brought.
#[derive(Clone, Debug, Serialize)]
pub struct TunedTold {
    /// What it took, in seconds.
    pub seconds: f64,
    /// The encoder, and each round.
    #[serde(flatten)]
    pub tuned: Tuned,
}

impl TunedTold {
    /// For people.
    pub fn in_words(&self) -> String {
        let rounds = self.tuned.rounds.len();
        let best = self
            .tuned
            .rounds
            .get(usize::from(self.tuned.round).saturating_sub(1));
        let right = best
            .and_then(|it| it.accuracy)
            .map_or_else(String::new, |it| {
                format!(
                    ", with {:.1}% right of those that were held back",
                    it * 100.0
                )
            });
        let why = match self.tuned.ended {
            TuningEnd::AllRounds => "",
            TuningEnd::NothingBetter => "; the last ones made it worse",
            TuningEnd::Stopped => "; then its time was up",
        };
        format!(
            "{} was fine-tuned in {:.0} s and {rounds} rounds{why}; it is from round {}{right}",
            self.tuned.name, self.seconds, self.tuned.round
        )
    }
}

impl Tuner<'_> {
    /// Fine-tunes an encoder into a folder that is not there yet, and loads it. The examples that
    /// the head will hold back are never learned from: they tell which round was best, and the head
    /// finds by them how sure it may be.
    pub fn tune(
        &self,
        examples: &[Labelled<'_>],
        training: &Training,
        out: &Path,
        tell: Tell<'_>,
    ) -> Result<(TunedTold, Arc<dyn Encoder>), Failure> {
        let back = held_back(examples, training);
        let text = |at: usize| TunedText {
            text: examples[at].text,
            category: examples[at].label,
        };
        let is_back = |at: &usize| back.binary_search(at).is_ok();
        let learned: Vec<TunedText<'_>> = (0..examples.len())
            .filter(|at| !is_back(at))
            .map(text)
            .collect();
        let held_back: Vec<TunedText<'_>> = back.iter().map(|at| text(*at)).collect();
        let settings = TuningSettings {
            seed: training.seed,
            ..self.settings.clone()
        };
        let task = Tuning {
            base: &self.base,
            out,
            learned: &learned,
            held_back: &held_back,
            settings,
        };
        let began = Instant::now();
        let tuned = self.trainer.tune(&task, &mut |progress| {
            let (pace, left) = pace(began.elapsed(), self.allowed, *progress);
            tell(Progress::Tuning(*progress, left));
            pace
        });
        let told = TunedTold {
            tuned: tuned.map_err(failure)?,
            seconds: began.elapsed().as_secs_f64(),
        };
        let encoder = meaning::load(out, self.backends, "this is a bug")?;
        Ok((told, encoder))
    }
}

/// How to go on after so long, and how long it will yet take.
fn pace(gone: Duration, allowed: Duration, progress: TuningProgress) -> (TuningPace, Duration) {
    let left = allowed.saturating_sub(gone);
    let done = share(progress.batches_done, progress.batches);
    let whole = gone.as_secs_f64() / done.max(1e-6);
    let to_come = Duration::try_from_secs_f64(whole * (1.0 - done)).unwrap_or(left);
    let pace = if left.is_zero() {
        TuningPace::Stop
    } else {
        TuningPace::GoOn(gone.as_secs_f64() / allowed.as_secs_f64())
    };
    (pace, to_come.min(left))
}

#[expect(clippy::cast_precision_loss, reason = "batches are counted")]
fn share(part: usize, all: usize) -> f64 {
    part as f64 / all.max(1) as f64
}

fn failure(error: TuningError) -> Failure {
    match error {
        TuningError::Unusable { message, hint } => Failure::new(message, hint),
        TuningError::TooFewCategories(_) => because(
            "the encoder cannot be fine-tuned",
            &error,
            "give it more rows",
        ),
        TuningError::Astray { .. } => because(
            "the encoder cannot be fine-tuned",
            &error,
            "look for odd rows, try another --seed, or learn without --fine-tune",
        ),
        TuningError::Failed(_) => because("the encoder cannot be fine-tuned", &error, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_is_up_ends_it_and_time_that_is_short_is_told() {
        let progress = TuningProgress {
            batches_done: 10,
            batches: 100,
            ..TuningProgress::default()
        };
        let check = |gone, allowed, expect, left: f64| {
            let second = Duration::from_secs;
            let (told, to_come) = pace(second(gone), second(allowed), progress);
            assert_eq!(told, expect);
            assert!((to_come.as_secs_f64() - left).abs() < 1e-6, "{to_come:?}");
        };
        check(10, 200, TuningPace::GoOn(0.05), 90.0);
        check(10, 20, TuningPace::GoOn(0.5), 10.0);
        check(20, 20, TuningPace::Stop, 0.0);
    }
}
