//! `consultant conversation`: what conversations there are, and why a turn of one came out as it
//! did.

mod explain;
mod list;
mod versions;

use std::process::ExitCode;

use crate::{
    cli::ConversationCommand, config::Config, failure::Failure, house::open_kept_store,
    model::Backends,
};

/// Carries out one of the conversation commands.
pub async fn run(
    command: ConversationCommand,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let store = open_kept_store(config).await?;
    match command {
        ConversationCommand::List(args) => list::run(&args, &*store).await,
        ConversationCommand::Explain(args) => explain::run(&args, &*store, config, backends).await,
    }
}
