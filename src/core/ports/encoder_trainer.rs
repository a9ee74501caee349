//! What teaches a sentence encoder to put texts of one category near to one another.

use std::path::Path;

use serde::Serialize;

use super::Cause;

/// Fine-tunes sentence encoders. Computation that takes minutes and all cores: call it where
/// waiting blocks nobody.
pub trait EncoderTrainer: Send + Sync {
    /// Learns from texts and writes a folder that is an encoder like the one it began with. Nothing
    /// is written before all is learned, and then all of the folder or nothing of it.
    ///
    /// `watch` is told after each batch what came of it, and says whether to go on: the clock is
    /// the caller's.
    fn tune(
        &self,
        task: &Tuning<'_>,
        watch: &mut dyn FnMut(&TuningProgress) -> TuningPace,
    ) -> Result<Tuned, TuningError>;
}

/// The file in a tuned encoder's folder that tells how it came about: JSON, with the encoder's name
/// as `name`.
pub const TUNED_RECORD: &str = "training.json";

/// A text of a known category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TunedText<'a> {
    /// What somebody writes.
    pub text: &'a str,
    /// Its category.
    pub category: &'a str,
}

/// What to learn, from what and how.
#[derive(Clone, Debug)]
pub struct Tuning<'a> {
    /// The folder of the encoder to begin with, which is left as it is.
    pub base: &'a Path,
    /// The folder to write. It must not be there.
    pub out: &'a Path,
    /// Texts to learn from, of at least two categories.
    pub learned: &'a [TunedText<'a>],
    /// Texts that are never learned from: after each round those tell how good it is. The last state
    /// is kept that is as good as the best one, as far as so few texts can tell; without any it is
    /// the last one of all.
    pub held_back: &'a [TunedText<'a>],
    /// How.
    pub settings: TuningSettings,
}

/// How to learn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TuningSettings {
    /// What chance follows from: the order of texts, and what is left out.
    pub seed: u64,
    /// How often each text is learned from.
    pub rounds: u16,
    /// Texts of one step.
    pub batch: u16,
    /// How far the last layer goes in a step, at the most. It is reached after a tenth of the steps
    /// and goes down to nothing.
    pub rate: f64,
    /// What each layer below learns, as a share of the one above it.
    pub layer_decay: f64,
    /// What large numbers cost.
    pub weight_decay: f64,
    /// The share of numbers that are left out while learning: 0 to 1.
    pub dropout: f64,
    /// The share of each text's certainty that is spread over all categories: 0 to 1.
    pub smoothing: f64,
    /// The longest slope; a longer one is cut short.
    pub longest_slope: f64,
    /// Texts of a category that are believed half: of what was learned from so many half is kept,
    /// from nine times as many nine tenths; the rest stays as it was. Few texts move an encoder
    /// where chance says, too.
    pub doubt: f64,
    /// Rounds without a state as good as the best one after which learning ends.
    pub patience: u16,
}

impl Default for TuningSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            rounds: 4,
            batch: 32,
            rate: 1e-4,
            layer_decay: 0.9,
            weight_decay: 0.01,
            dropout: 0.1,
            smoothing: 0.1,
            longest_slope: 1.0,
            doubt: 10.0,
            patience: 3,
        }
    }
}

/// How far learning is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TuningProgress {
    /// The round in hand, from 1.
    pub round: u16,
    /// Batches that are done, of all rounds.
    pub batches_done: usize,
    /// Batches of all rounds.
    pub batches: usize,
    /// The loss, over about the last twenty batches.
    pub loss: f64,
    /// The share of texts held back that were right after the last whole round: 0 to 1.
    pub accuracy: Option<f64>,
}

/// How the caller wants it to go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TuningPace {
    /// Go on. The number is the share of the time that is used up, 0 to 1: where it is further than
    /// the share of batches, steps become smaller sooner, so that learning is done when the time is.
    GoOn(f64),
    /// End with the last good state so far.
    Stop,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tuned {
    /// What the encoder is to be called: the name of what it began with and some of the SHA-256 of
    /// its weights, so that no two encoders have one name.
    pub name: String,
    /// Which round's state it is.
    pub round: u16,
    /// What each round brought.
    pub rounds: Vec<TunedRound>,
    /// Why learning ended.
    pub ended: TuningEnd,
}

/// What one round brought.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TunedRound {
    /// The mean loss of its batches.
    pub loss: f64,
    /// The mean loss of the texts that were held back.
    pub held_back_loss: Option<f64>,
    /// The share of them that were right: 0 to 1.
    pub accuracy: Option<f64>,
}

/// Why learning ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TuningEnd {
    /// All rounds were played.
    AllRounds,
    /// Some rounds were all worse than one before.
    NothingBetter,
    /// The caller said so.
    Stopped,
}

/// Why nothing was learned. Nothing was written either.
#[derive(Debug, thiserror::Error)]
pub enum TuningError {
    /// The encoder to begin with, or the folder to write, cannot be used.
    #[error("{message}")]
    Unusable {
        /// What is wrong, with the file's name.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// There must be something to tell apart.
    #[error("there are {0} categories among the texts; at least two are needed")]
    TooFewCategories(usize),
    /// The loss, or a slope, is no number any more.
    #[error("learning went astray: after batch {batch} the loss is no number")]
    Astray {
        /// Which, from 1.
        batch: usize,
    },
    /// The computation itself failed.
    #[error("the encoder could not be trained")]
    Failed(#[source] Cause),
}
