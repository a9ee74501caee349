//! `consultant playbook`: what a sales manager does with a playbook before customers meet it, how
//! it comes to them, and how it is taken back.

mod back;
mod definitions;
mod diff;
mod docs;
mod history;
mod publish;
mod recall;
mod record;
mod releases;
mod replay;
mod results;
mod simulate;
mod status;

use std::{io::IsTerminal, path::Path, process::ExitCode, sync::Arc};

use consultant_core::ports::LanguageModel;
use indicatif::ProgressBar;

use crate::{
    cli::{PlaybookCommand, PlaybookTestArgs, TestModel},
    company,
    config::Config,
    failure::{Failure, because},
    house::{engine_settings, session_timeout},
    meaning,
    model::{self, Backends},
    output,
    playtest::{self, Report, Stage, Tests, folder_of_tests},
};

/// Carries out one of the playbook commands. `operator` is who gives it, as their machine calls
/// them.
pub async fn run(
    command: PlaybookCommand,
    (config, operator): (&Config, &str),
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    match command {
        PlaybookCommand::Test(args) => test(args, config, backends).await,
        PlaybookCommand::Simulate(args) => simulate::run(args, config, backends).await,
        PlaybookCommand::Record(args) => record::run(args, config, backends).await,
        PlaybookCommand::Status(args) => status::run(args, config).await,
        PlaybookCommand::Diff(args) => diff::run(args, config).await,
        PlaybookCommand::Publish(args) => {
            let models = meaning::open(config, backends)?;
            publish::run(args, (config, &models), operator).await
        }
        PlaybookCommand::Promote(args) => back::promote(args, config, operator).await,
        PlaybookCommand::Stop(args) => back::stop(args, config, operator).await,
        PlaybookCommand::Rollback(args) => back::rollback(args, config, operator).await,
        PlaybookCommand::Recall(args) => recall::run(args, config, operator).await,
        PlaybookCommand::History(args) => history::run(args, config).await,
        PlaybookCommand::Replay(args) => replay::run(args, config, backends).await,
        PlaybookCommand::Results(args) => results::run(args, config).await,
        PlaybookCommand::Docs(args) => docs::run(&args),
        PlaybookCommand::Definitions(args) => definitions::run(&args),
    }
}

async fn test(
    args: PlaybookTestArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let models = meaning::open(config, backends)?;
    let (company, trace) = company::load_traced(&config.company, &models)?;
    let stage = Stage {
        company,
        trace: Some(Arc::new(trace)),
        settings: engine_settings(config),
        languages: config.model.languages.clone(),
        session_timeout: session_timeout(config),
        model: match args.model {
            TestModel::Scripted => None,
            TestModel::Real => Some(real_model(config, backends).await?),
        },
    };
    let folder = args
        .folder
        .clone()
        .or_else(|| folder_of_tests(&config.company));
    let tests = folder.as_deref().map_or(Tests::Demo, Tests::Folder);
    let report = playtest::run(tests, &args.words, stage).await?;
    if report.is_empty() {
        return Err(nothing_to_play(&args, folder.as_deref()));
    }
    tell(&args, &report)?;
    Ok(if report.failed() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The report, wherever it was asked for; and a failure where too few branches ran.
fn tell(args: &PlaybookTestArgs, report: &Report) -> Result<(), Failure> {
    if let Some(file) = &args.junit {
        write(file, &report.junit())?;
    }
    if let Some(file) = &args.coverage {
        write(file, &report.lcov())?;
    }
    if args.json.json {
        output::print_json(&report.json());
    } else if args.words.is_empty() {
        output::print(&report.render());
    } else {
        output::print(&report.render_chosen());
    }
    let least = args.least_branches.unwrap_or(0);
    let Some(percent) = report.branches_below(least) else {
        return Ok(());
    };
    Err(Failure::new(
        format!("only {percent} % of the branches ran; --least-branches wants {least} %"),
        "write conversations that take the branches that are told as never run",
    ))
}

/// The configured model, loaded.
pub(super) async fn real_model(
    config: &Config,
    backends: &dyn Backends,
) -> Result<Arc<dyn LanguageModel>, Failure> {
    let Some(choice) = model::choose(config)? else {
        return Err(Failure::usage(
            "a model is wanted, and model.enabled is false",
            "set model.enabled to true, or leave the option out that asks for the model",
        ));
    };
    Ok(backends.load(choice).await?.model)
}

fn nothing_to_play(args: &PlaybookTestArgs, folder: Option<&Path>) -> Failure {
    let place = folder.map_or("the demo".to_owned(), |it| it.display().to_string());
    if args.words.is_empty() {
        let hint = "write one: `consultant playbook test --help` shows the form";
        return Failure::new(format!("there is no conversation in {place}"), hint);
    }
    let what = format!(
        "no conversation in {place} has {:?} in its name",
        args.words
    );
    Failure::new(what, "leave the words out to play all of them")
}

pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(|error| {
        let what = format!("{} cannot be written", file.display());
        because(&what, &error, "name a file in a folder that is there")
    })
}

/// Shown to people who wait, and to nobody else.
pub(super) fn bar(json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(0)
    }
}
