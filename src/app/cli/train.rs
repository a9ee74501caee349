//! `consultant train`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::JsonArgs;

/// What to train.
#[derive(Debug, Subcommand)]
pub enum TrainCommand {
    /// Train what tells customers' intents apart, from texts with their categories.
    ///
    /// Takes seconds. The same rows and the same seed make the same file again on this machine.
    /// `consultant eval intent` measures how good such a thing is. With `--fine-tune` the sentence
    /// encoder learns too, which takes minutes.
    #[command(after_help = "\
Examples:
  consultant train intent --data intents.csv --out intents.safetensors
  consultant train intent --data intents.csv --fine-tune --encoder-out my-encoder \\
    --out intents.safetensors
  consultant train intent --data intents.csv --words-only --out intents.safetensors --json")]
    Intent(TrainIntentArgs),
}

/// Options of `train intent`.
#[derive(Debug, Args)]
pub struct TrainIntentArgs {
    /// Rows to learn from; may be given several times.
    #[arg(long, value_name = "FILE", required = true)]
    pub data: Vec<String>,

    /// Where to write what was learned.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// Where to write the sentence encoder that was fine-tuned: a folder that is not there yet.
    #[arg(long, value_name = "FOLDER", requires = "fine_tune")]
    pub encoder_out: Option<PathBuf>,

    /// How to read and to learn.
    #[command(flatten)]
    pub intent: IntentArgs,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// How to read rows and to learn from them.
#[derive(Debug, Args)]
pub struct IntentArgs {
    /// The column of the texts.
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub text_column: String,

    /// The column of the categories.
    #[arg(long, value_name = "NAME", default_value = "category")]
    pub category_column: String,

    /// The category of texts that belong to none: not learned, and to be refused.
    #[arg(long, value_name = "CATEGORY")]
    pub out_of_scope: Option<String>,

    /// The folder of the sentence encoder; that of `consultant model fetch` otherwise.
    #[arg(long, value_name = "FOLDER")]
    pub encoder: Option<PathBuf>,

    /// Learn from the words alone, without a sentence encoder.
    #[arg(long, conflicts_with = "encoder")]
    pub words_only: bool,

    /// Let a rare category count as much as a usual one.
    #[arg(long)]
    pub balanced: bool,

    /// What chance follows from.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// Let the sentence encoder learn from the rows, too, before the rest does.
    #[arg(long, conflicts_with = "words_only")]
    pub fine_tune: bool,

    /// How to fine-tune.
    #[command(flatten)]
    pub tune: TuneArgs,
}

/// How to fine-tune a sentence encoder.
#[derive(Clone, Copy, Debug, Args)]
pub struct TuneArgs {
    /// The most minutes that fine-tuning takes; it ends with the best that it had until then.
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 45,
        requires = "fine_tune",
        value_parser = clap::value_parser!(u16).range(1..=10_000)
    )]
    pub minutes: u16,

    /// How often fine-tuning learns from each row.
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 4,
        requires = "fine_tune",
        value_parser = clap::value_parser!(u16).range(1..=1_000)
    )]
    pub rounds: u16,
}
