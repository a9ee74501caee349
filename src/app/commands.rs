//! One file a verb. The dispatcher below is all that they share.

pub mod catalog;
pub mod chat;
pub mod check;
pub mod config;
pub mod conversation;
pub mod customer;
mod desk;
pub mod doctor;
pub mod eval;
pub mod health;
pub mod inbox;
pub mod manual;
pub mod model;
pub mod new;
pub mod playbook;
pub mod read_documents;
pub mod serve;
pub mod store;
pub mod train;

use std::process::ExitCode;

use crate::{
    cli::{Cli, Command},
    config::{Config, Environment, Sources, load},
    diagnostics::Diagnostic,
    failure::{Failure, because},
    model::Backends,
    output,
    supervisor::Supervisor,
    telemetry,
};

/// Runs one command to its end. Whatever fails is told on standard error here, once.
pub async fn run(cli: Cli, environment: Environment, backends: &dyn Backends) -> ExitCode {
    match dispatch(cli, environment, backends).await {
        Ok(code) => code,
        Err(failure) => {
            output::note(&failure.render());
            failure.exit_code()
        }
    }
}

async fn dispatch(
    cli: Cli,
    environment: Environment,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let sources = sources(&cli, environment)?;
    match cli.command {
        Command::Completions { shell } => Ok(manual::completions(shell)),
        Command::Man { folder } => manual::pages(&folder),
        Command::Config(args) => config::run(args, &sources),
        Command::New(args) => new::run(&args),
        Command::Check(args) => check::run(&args, &sources),
        Command::Doctor(args) => Ok(doctor::run(args, &sources, backends).await),
        Command::Health(args) => health::run(args, &configured(&sources, false)?),
        Command::Inbox(args) => inbox::run(args, &configured(&sources, true)?).await,
        Command::Store(args) => store::run(args, &configured(&sources, true)?).await,
        Command::Conversation(args) => {
            conversation::run(args, &configured(&sources, true)?, backends).await
        }
        Command::Desk(args) => {
            let login = operator(&sources.environment);
            desk::run(args, &configured(&sources, true)?, &login).await
        }
        Command::Customer(args) => customer::run(args, &configured(&sources, true)?).await,
        Command::Playbook(args) => {
            let operator = operator(&sources.environment);
            let config = configured(&sources, true)?;
            playbook::run(args, (&config, &operator), backends).await
        }
        Command::Catalog(args) => catalog::run(args, &configured(&sources, true)?).await,
        Command::Eval(args) => {
            let config = configured(&sources, true)?;
            Box::pin(eval::run(args, &config, backends)).await
        }
        Command::Train(args) => train::run(args, &configured(&sources, true)?, backends),
        Command::Model(args) => model::run(args, &configured(&sources, true)?, backends).await,
        Command::Chat(args) => {
            let config = configured(&sources, true)?;
            Box::pin(chat::run(args, &config, backends)).await
        }
        Command::ReadDocuments => read_documents::run(),
        Command::Serve => {
            let supervisor = Supervisor::default();
            supervisor
                .stop_on_signals()
                .map_err(|error| because("signals", &error, ""))?;
            let config = configured(&sources, false)?;
            Box::pin(serve::run(&config, backends, supervisor)).await
        }
    }
}

/// Who gives commands, as this machine calls them.
fn operator(environment: &Environment) -> String {
    let names = ["USER", "LOGNAME", "USERNAME"];
    let mut names = names.iter().filter_map(|name| environment.get(name));
    names.next().unwrap_or("somebody").to_owned()
}

fn sources(cli: &Cli, environment: Environment) -> Result<Sources, Failure> {
    let working_dir = std::env::current_dir().map_err(|error| {
        Failure::new(
            format!("the working directory cannot be read: {error}"),
            "change to another",
        )
    })?;
    Ok(Sources {
        environment,
        config_file: cli.config.clone(),
        working_dir,
    })
}

/// The configuration, with logging started as it says.
fn configured(sources: &Sources, in_conversation: bool) -> Result<Config, Failure> {
    let config = load(sources).map_err(Diagnostic::from_config)?;
    telemetry::start(&config.log, in_conversation);
    Ok(config)
}
