//! `consultant playbook results`.

use std::process::ExitCode;

use consultant_core::{
    LedgerEvent,
    ports::{Clock, WholeStore},
};

use crate::{
    cli::PlaybookResultsArgs,
    clock::SystemClock,
    commands::store::{all, unreadable},
    config::Config,
    failure::Failure,
    house::open_kept_store,
    output,
    trial::Results,
};

/// Tells what became of each version's conversations, and how a trial stands.
pub(super) async fn run(args: PlaybookResultsArgs, config: &Config) -> Result<ExitCode, Failure> {
    let store = open_kept_store(config).await?;
    let now = SystemClock.now();
    let since = args.since.before(now);
    let releases = store.releases(0).await.map_err(unreadable)?;
    let results = Results::of(&ledgers(&*store).await?, &releases, (since, now));
    if args.json.json {
        output::print_json(&results.json());
    } else {
        output::print(&results.render());
    }
    Ok(ExitCode::SUCCESS)
}

async fn ledgers(store: &dyn WholeStore) -> Result<Vec<Vec<LedgerEvent>>, Failure> {
    let mut ledgers = Vec::new();
    for conversation in all(store).await? {
        ledgers.push(store.ledger(conversation).await.map_err(unreadable)?);
    }
    Ok(ledgers)
}
