//! `consultant desk`: the desk in this terminal, and the figures of the people who answer.

mod connect;
mod open;
mod report;
mod screen;
mod talk;
mod typed;

use std::process::ExitCode;

use crate::{
    cli::{DeskArgs, DeskCommand},
    config::Config,
    failure::Failure,
};

/// Opens the desk, or carries out one of its commands. `login` is who sits at this terminal, as the
/// machine calls them.
pub(super) async fn run(args: DeskArgs, config: &Config, login: &str) -> Result<ExitCode, Failure> {
    match args.command {
        Some(DeskCommand::Report(args)) => report::run(&args, config).await,
        None => Box::pin(open::run(&args.open, config, login)).await,
    }
}
