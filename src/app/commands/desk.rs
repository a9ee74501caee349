//! `consultant desk`: the desk in this terminal, and the figures of the people who answer,
//! and what they proposed.

mod connect;
mod drafts;
mod open;
mod report;
mod screen;
mod talk;
mod typed;

use std::process::ExitCode;

use consultant_core::{
    ConversationId, LedgerEvent,
    ports::{StoreError, WholeStore},
};

use crate::{
    cli::{DeskArgs, DeskCommand},
    commands::store::{all, unreadable},
    config::Config,
    failure::Failure,
    output,
};

/// Opens the desk, or carries out one of its commands. `login` is who sits at this terminal, as the
/// machine calls them.
pub(super) async fn run(args: DeskArgs, config: &Config, login: &str) -> Result<ExitCode, Failure> {
    match args.command {
        Some(DeskCommand::Report(args)) => report::run(&args, config).await,
        Some(DeskCommand::Drafts(args)) => drafts::run(&args, config).await,
        None => Box::pin(open::run(&args.open, config, login)).await,
    }
}

/// Looks at the ledger of every conversation. How many cannot be read is told.
async fn each_ledger(
    store: &dyn WholeStore,
    mut look: impl FnMut(ConversationId, Vec<LedgerEvent>),
) -> Result<(), Failure> {
    let mut lost = 0_usize;
    for conversation in all(store).await? {
        match store.ledger(conversation).await {
            Ok(ledger) => look(conversation, ledger),
            Err(StoreError::Corrupt { .. }) => lost += 1,
            Err(error) => return Err(unreadable(error)),
        }
    }
    if lost > 0 {
        output::note(&format!(
            "{lost} conversations cannot be read; `consultant store verify` names them\n"
        ));
    }
    Ok(())
}
