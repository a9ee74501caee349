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
    Tuning(Pass, TuningProgress, Duration),
}

/// An encoder learns twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Without the texts that are held back, which judge it.
    Judged,
    /// From all texts, as long as was good.
    Whole,
}

/// The share of the time that the first pass may take. The second one has more texts.
const FIRST_SHARE: f64 = 0.45;

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
            "{} was fine-tuned in {:.0} s; of {rounds} rounds{why} number {} was good{right}",
            self.tuned.name, self.seconds, self.tuned.round
        )
    }
}

/// Encoders that were fine-tuned to the same texts.
pub struct TunedEncoders {
    /// Learned without the texts that a head holds back: by it is found how sure the head may be.
    pub judged: Arc<dyn Encoder>,
    /// Learned from all texts: this one serves.
    pub whole: Arc<dyn Encoder>,
    /// What came of it.
    pub told: TunedTold,
}

/// What came of the first pass.
struct FirstPass {
    judged: Arc<dyn Encoder>,
    tuned: Tuned,
}

/// How long one pass may take.
struct Limit {
    began: Instant,
    allowed: Duration,
    pass: Pass,
    /// How many times as long as this pass all takes that comes after it.
    after_it: f64,
}

impl Tuner<'_> {
    /// Fine-tunes an encoder into a folder that is not there yet. It learns twice: the first time
    /// without the examples that the head will hold back, which tell how many rounds are good and
    /// by which the head finds how sure it may be; then from all of them, so many rounds.
    pub fn tune(
        &self,
        examples: &[Labelled<'_>],
        training: &Training,
        out: &Path,
        tell: Tell<'_>,
    ) -> Result<TunedEncoders, Failure> {
        let all: Vec<TunedText<'_>> = examples.iter().map(text).collect();
        let back = held_back(examples, training);
        let settings = TuningSettings {
            seed: training.seed,
            ..self.settings.clone()
        };
        let began = Instant::now();
        let first = self.first(parts(&all, &back), settings.clone(), tell)?;
        let rounds = first.as_ref().map(|it| it.tuned.round.max(1));
        let limit = Limit {
            began: Instant::now(),
            allowed: self.allowed.saturating_sub(began.elapsed()),
            pass: Pass::Whole,
            after_it: 0.0,
        };
        let settings = TuningSettings {
            rounds: rounds.unwrap_or(settings.rounds),
            ..settings
        };
        let tuned = self.pass((&all, &[]), settings, out, (limit, tell))?;
        let whole = self.load(out)?;
        let (judged, tuned) = match first {
            Some(first) => (first.judged, joined(tuned, first.tuned)),
            None => (Arc::clone(&whole), tuned),
        };
        Ok(TunedEncoders {
            judged,
            whole,
            told: TunedTold {
                seconds: began.elapsed().as_secs_f64(),
                tuned,
            },
        })
    }

    /// The first pass, where there are texts that judge it.
    fn first(
        &self,
        (learned, judges): (Vec<TunedText<'_>>, Vec<TunedText<'_>>),
        settings: TuningSettings,
        tell: Tell<'_>,
    ) -> Result<Option<FirstPass>, Failure> {
        if judges.is_empty() {
            return Ok(None);
        }
        let beside = tempfile::tempdir()
            .map_err(|error| because("there is no place for an encoder", &error, ""))?;
        let out = beside.path().join("encoder");
        let limit = Limit {
            began: Instant::now(),
            allowed: self.allowed.mul_f64(FIRST_SHARE),
            pass: Pass::Judged,
            after_it: 1.0 + share(judges.len(), learned.len()),
        };
        let tuned = self.pass((&learned, &judges), settings, &out, (limit, tell))?;
        let judged = self.load(&out)?;
        Ok(Some(FirstPass { judged, tuned }))
    }

    fn pass(
        &self,
        (learned, held_back): (&[TunedText<'_>], &[TunedText<'_>]),
        settings: TuningSettings,
        out: &Path,
        (limit, tell): (Limit, Tell<'_>),
    ) -> Result<Tuned, Failure> {
        let task = Tuning {
            base: &self.base,
            out,
            learned,
            held_back,
            settings,
        };
        let tuned = self.trainer.tune(&task, &mut |progress| {
            let (pace, whole, left) = pace(limit.began.elapsed(), limit.allowed, *progress);
            let left = left + whole.mul_f64(limit.after_it);
            tell(Progress::Tuning(limit.pass, *progress, left));
            pace
        });
        tuned.map_err(failure)
    }

    fn load(&self, folder: &Path) -> Result<Arc<dyn Encoder>, Failure> {
        meaning::load(folder, self.backends, "this is a bug")
    }
}

/// What came of both passes: the second one's encoder, and how good each round of the first was.
fn joined(whole: Tuned, first: Tuned) -> Tuned {
    let ended = match whole.ended {
        TuningEnd::Stopped => TuningEnd::Stopped,
        TuningEnd::AllRounds | TuningEnd::NothingBetter => first.ended,
    };
    Tuned {
        name: whole.name,
        ended,
        ..first
    }
}

fn text<'a>(example: &Labelled<'a>) -> TunedText<'a> {
    TunedText {
        text: example.text,
        category: example.label,
    }
}

/// Which texts to learn from at first, and which are held back; `back` is in order.
fn parts<'a>(all: &[TunedText<'a>], back: &[usize]) -> (Vec<TunedText<'a>>, Vec<TunedText<'a>>) {
    let (judges, learned): (Vec<_>, Vec<_>) = all
        .iter()
        .enumerate()
        .partition(|(at, _)| back.binary_search(at).is_ok());
    let only = |some: Vec<(usize, &TunedText<'a>)>| some.into_iter().map(|it| *it.1).collect();
    (only(learned), only(judges))
}

/// How to go on after so long; how long all of it takes, and what of that is yet to come.
fn pace(
    gone: Duration,
    allowed: Duration,
    progress: TuningProgress,
) -> (TuningPace, Duration, Duration) {
    let left = allowed.saturating_sub(gone);
    let done = share(progress.batches_done, progress.batches);
    let whole = gone.as_secs_f64() / done.max(1e-6);
    let whole = Duration::try_from_secs_f64(whole).unwrap_or(allowed);
    let pace = if left.is_zero() {
        TuningPace::Stop
    } else {
        TuningPace::GoOn(gone.as_secs_f64() / allowed.as_secs_f64())
    };
    let whole = whole.min(allowed);
    (pace, whole, whole.saturating_sub(gone))
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
            let (told, _, to_come) = pace(second(gone), second(allowed), progress);
            assert_eq!(told, expect);
            assert!((to_come.as_secs_f64() - left).abs() < 1e-6, "{to_come:?}");
        };
        check(10, 200, TuningPace::GoOn(0.05), 90.0);
        check(10, 20, TuningPace::GoOn(0.5), 10.0);
        check(20, 20, TuningPace::Stop, 0.0);
    }
}
