//! `consultant playbook`: what a sales manager does with a playbook before customers meet it.

mod definitions;
mod docs;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::{
    cli::{PlaybookCommand, PlaybookTestArgs},
    company,
    config::{CompanyFiles, Config},
    failure::{Failure, because},
    house::engine_settings,
    output,
    playtest::{self, Report, Stage, Tests},
};

/// Carries out one of the playbook commands.
pub async fn run(command: PlaybookCommand, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        PlaybookCommand::Test(args) => test(args, config).await,
        PlaybookCommand::Docs(args) => docs::run(&args),
        PlaybookCommand::Definitions(args) => definitions::run(&args),
    }
}

async fn test(args: PlaybookTestArgs, config: &Config) -> Result<ExitCode, Failure> {
    let stage = Stage {
        company: company::load(&config.company)?,
        settings: engine_settings(config),
        languages: config.model.languages.clone(),
    };
    let folder = args.folder.clone().or_else(|| beside(&config.company));
    let tests = folder.as_deref().map_or(Tests::Demo, Tests::Folder);
    let report = playtest::run(tests, &args.words, stage).await?;
    if report.is_empty() {
        return Err(nothing_to_play(&args, folder.as_deref()));
    }
    if let Some(file) = &args.junit {
        write(file, &report)?;
    }
    if args.json.json {
        output::print_json(&report.json());
    } else {
        output::print(&report.render());
    }
    Ok(if report.failed() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `scripts/tests` for a playbook in `scripts/playbooks`; none for the demo, whose conversations
/// are compiled in.
fn beside(company: &CompanyFiles) -> Option<PathBuf> {
    match company {
        CompanyFiles::Embedded => None,
        CompanyFiles::Files { playbook, .. } => {
            let scripts = playbook.parent().and_then(Path::parent);
            Some(scripts.unwrap_or(Path::new("")).join("tests"))
        }
    }
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

fn write(file: &Path, report: &Report) -> Result<(), Failure> {
    std::fs::write(file, report.junit()).map_err(|error| {
        let what = format!("{} cannot be written", file.display());
        because(&what, &error, "name a file in a folder that is there")
    })
}
