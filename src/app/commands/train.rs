//! `consultant train`: what understands customers, from examples.

mod shown;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use consultant_core::ports::{Encoder, TuningSettings};
use consultant_knowledge::Training;
use consultant_learning::{Columns, Row};
use serde::Serialize;
use tempfile::NamedTempFile;

use self::shown::Shown;
use crate::{
    cli::{IntentArgs, TrainCommand, TrainIntentArgs},
    config::Config,
    evaluation::intent::{Learner, Tell, TunedTold, Tuner, read},
    failure::{Failure, because},
    meaning,
    model::{Backends, encoder_folder},
    output,
};

/// Trains.
pub fn run(
    command: TrainCommand,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    match command {
        TrainCommand::Intent(args) => intent(&args, config, backends),
    }
}

/// What was learned.
#[derive(Serialize)]
struct Learned {
    file: String,
    bytes: usize,
    categories: Vec<String>,
    texts: usize,
    held_back: usize,
    /// Of the texts that were held back.
    accuracy: Option<f64>,
    steps: usize,
    encoder: Option<String>,
    /// Where a fine-tuned encoder is, and what tuning brought.
    encoder_folder: Option<String>,
    tuned: Option<TunedTold>,
}

fn intent(
    args: &TrainIntentArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let rows = read(&args.data, columns(&args.intent))?;
    check_out_of_scope(&args.intent, rows.iter())?;
    check_place(&args.out)?;
    let how = (&args.intent, args.json.json);
    let house = (config, backends);
    let (trained, tuned) = match &args.encoder_out {
        Some(out) if args.intent.fine_tune => {
            check_free(out)?;
            at_work(how, house, |learner, tell| {
                let tuner = tuner(&args.intent, house)?;
                let tuned = learner.learn_tuned(&tuner, &rows, out, tell)?;
                Ok((tuned.trained, Some(tuned.told)))
            })?
        }
        _ if args.intent.fine_tune => return Err(no_folder()),
        _ => at_work(how, house, |learner, tell| {
            Ok((learner.learn(&rows, tell)?, None))
        })?,
    };
    let kept = trained.head.to_bytes();
    let kept = kept.map_err(|error| because("what was learned", &error, "this is a bug"))?;
    write(&args.out, &kept)?;
    let learned = Learned {
        file: args.out.display().to_string(),
        bytes: kept.len(),
        categories: trained.head.labels().to_vec(),
        texts: trained.examples,
        held_back: trained.held_back,
        accuracy: trained.accuracy,
        steps: trained.steps,
        encoder: trained.head.encoder().map(str::to_owned),
        encoder_folder: args
            .encoder_out
            .as_deref()
            .map(|it| it.display().to_string()),
        tuned,
    };
    output::tell(args.json.json, &learned, &in_words(&learned));
    Ok(ExitCode::SUCCESS)
}

/// What is learned in minutes is not lost for want of a folder.
fn check_place(file: &Path) -> Result<(), Failure> {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let is_place = folder.is_none_or(Path::is_dir) && !file.is_dir();
    is_place.then_some(()).ok_or_else(|| {
        let what = format!("{} is no place for a file", file.display());
        Failure::usage(what, "name a file in a folder that is there")
    })
}

/// All of the new file or all of the old one; for its owner alone, because it holds words of customers.
fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let written = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).and_then(|mut beside| {
        beside.write_all(bytes)?;
        beside.persist(file)?;
        Ok(())
    });
    written.map_err(|error| {
        let what = format!("{} cannot be written", file.display());
        because(&what, &error, "name a file in a folder that is there")
    })
}

fn in_words(learned: &Learned) -> String {
    let accuracy = learned.accuracy.map_or_else(String::new, |accuracy| {
        let held_back = learned.held_back;
        format!(
            "; {:.1}% right of {held_back} that were held back at first",
            accuracy * 100.0
        )
    });
    let tuned = learned.tuned.as_ref().map_or_else(String::new, |it| {
        let folder = learned.encoder_folder.as_deref().unwrap_or_default();
        format!("{folder}: {}\n", it.in_words())
    });
    format!(
        "{tuned}{}: {} categories from {} texts in {} steps{accuracy}\n",
        learned.file,
        learned.categories.len(),
        learned.texts,
        learned.steps,
    )
}

/// The columns that were named.
pub(super) fn columns(args: &IntentArgs) -> Columns<'_> {
    Columns {
        text: &args.text_column,
        category: &args.category_column,
    }
}

/// The encoder that was asked for, in memory.
fn encoder(
    args: &IntentArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<Option<Arc<dyn Encoder>>, Failure> {
    // One that is to be fine-tuned is read by who tunes it.
    if args.words_only || args.fine_tune {
        return Ok(None);
    }
    meaning::load(&named(args, config), backends, WAY_OUT).map(Some)
}

/// What to do without an encoder.
const WAY_OUT: &str = "run `consultant model fetch`, or learn from words alone with --words-only";

/// The folder of the encoder that was asked for.
fn named(args: &IntentArgs, config: &Config) -> PathBuf {
    let fetched = || encoder_folder(&config.models_dir);
    args.encoder.clone().unwrap_or_else(fetched)
}

/// What fine-tunes, as was asked for.
pub(super) fn tuner<'a>(
    args: &IntentArgs,
    (config, backends): (&Config, &'a dyn Backends),
) -> Result<Tuner<'a>, Failure> {
    let base = named(args, config);
    meaning::check(&base, WAY_OUT)?;
    Ok(Tuner {
        backends,
        trainer: backends.encoder_trainer(),
        base,
        settings: TuningSettings {
            rounds: args.tune.rounds,
            ..TuningSettings::default()
        },
        allowed: Duration::from_secs(u64::from(args.tune.minutes) * 60),
    })
}

/// Told before anything is learned, because learning takes long.
fn check_free(out: &Path) -> Result<(), Failure> {
    if out.exists() {
        return Err(Failure::usage(
            format!("{} is there already", out.display()),
            "name a folder with --encoder-out that is not there yet",
        ));
    }
    Ok(())
}

fn no_folder() -> Failure {
    Failure::usage(
        "--fine-tune makes a sentence encoder, and nobody said where it goes",
        "name a folder with --encoder-out",
    )
}

/// How to learn.
fn training(args: &IntentArgs, encoder: Option<&dyn Encoder>) -> Training {
    Training {
        encoder: encoder.map(|it| it.name().to_owned()),
        seed: args.seed,
        balanced: args.balanced,
        ..Training::default()
    }
}

/// A category that is named as the one of texts that belong to none, and that no row has, is a slip.
pub(super) fn check_out_of_scope<'a>(
    args: &IntentArgs,
    mut rows: impl Iterator<Item = &'a Row>,
) -> Result<(), Failure> {
    match &args.out_of_scope {
        Some(named) if !rows.any(|row| row.category == *named) => Err(Failure::usage(
            format!("no row has the category `{named}` of --out-of-scope"),
            "name it as it stands in the rows, or leave the option out",
        )),
        _ => Ok(()),
    }
}

/// Has a learner work where waiting blocks nobody, with a bar for people.
pub(super) fn at_work<T>(
    (args, json): (&IntentArgs, bool),
    (config, backends): (&Config, &dyn Backends),
    work: impl FnOnce(&Learner<'_>, Tell<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let encoder = encoder(args, config, backends)?;
    let learner = Learner {
        training: training(args, encoder.as_deref()),
        encoder,
        out_of_scope: args.out_of_scope.as_deref(),
    };
    let mut shown = Shown::new(json);
    let done = meaning::aside(|| work(&learner, &mut |progress| shown.tell(progress)));
    shown.end();
    done
}
