//! `consultant train`: what understands customers, from examples.

use std::{io::Write as _, path::Path, process::ExitCode, sync::Arc};

use consultant_core::ports::Encoder;
use consultant_knowledge::Training;
use consultant_learning::{Columns, Row};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::playbook::bar;
use crate::{
    cli::{IntentArgs, TrainCommand, TrainIntentArgs},
    config::Config,
    evaluation::intent::{Learner, read},
    failure::{Failure, because},
    meaning,
    model::{Backends, encoder_folder},
    output,
};

/// Trains.
pub async fn run(
    command: TrainCommand,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    match command {
        TrainCommand::Intent(args) => intent(args, config, backends).await,
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
}

async fn intent(
    args: TrainIntentArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let rows = read(&args.data, columns(&args.intent))?;
    check_out_of_scope(&args.intent, rows.iter())?;
    let how = (&args.intent, args.json.json);
    let trained = at_work(how, (config, backends), move |learner, progress| {
        learner.learn(&rows, progress)
    })
    .await?;
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
    };
    output::tell(args.json.json, &learned, &in_words(&learned));
    Ok(ExitCode::SUCCESS)
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
    format!(
        "{}: {} categories from {} texts in {} steps{accuracy}\n",
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
    if args.words_only {
        return Ok(None);
    }
    let fetched = encoder_folder(&config.models_dir);
    let folder = args.encoder.as_ref().unwrap_or(&fetched);
    let way_out = "run `consultant model fetch`, or learn from words alone with --words-only";
    meaning::load(folder, backends, way_out).map(Some)
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
pub(super) async fn at_work<T: Send + 'static>(
    (args, json): (&IntentArgs, bool),
    (config, backends): (&Config, &dyn Backends),
    work: impl FnOnce(&Learner<'_>, &mut dyn FnMut(usize, usize)) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let encoder = encoder(args, config, backends)?;
    let training = training(args, encoder.as_deref());
    let out_of_scope = args.out_of_scope.clone();
    let bar = bar(json);
    let working = tokio::task::spawn_blocking(move || {
        let learner = Learner {
            encoder: encoder.as_deref(),
            training: &training,
            out_of_scope: out_of_scope.as_deref(),
        };
        let done = work(&learner, &mut |done, all| {
            bar.set_length(u64::try_from(all).unwrap_or_default());
            bar.set_position(u64::try_from(done).unwrap_or_default());
        });
        bar.finish_and_clear();
        done
    });
    working
        .await
        .map_err(|error| because("the work broke off", &error, "this is a bug"))?
}
