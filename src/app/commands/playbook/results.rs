//! `consultant playbook results`.

use std::process::ExitCode;

use consultant_core::{
    ChannelName, LedgerEvent,
    ports::{Clock, StoreError, WholeStore},
};

use crate::{
    cli::PlaybookResultsArgs,
    clock::SystemClock,
    commands::store::{all, unreadable},
    config::Config,
    failure::Failure,
    house::open_kept_store,
    output, places,
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

/// The ledgers of customers. Talks in the terminal are the manager's own, who tries what lies there:
/// they would decide a trial without a single customer.
async fn ledgers(store: &dyn WholeStore) -> Result<Vec<Vec<LedgerEvent>>, Failure> {
    let (mut ledgers, mut lost) = (Vec::new(), 0_usize);
    for conversation in all(store).await? {
        let addresses = store.addresses(conversation).await.map_err(unreadable)?;
        let ledger = match store.ledger(conversation).await {
            Ok(ledger) => ledger,
            Err(StoreError::Corrupt { .. }) => {
                lost += 1;
                continue;
            }
            Err(error) => return Err(unreadable(error)),
        };
        let place = places::of_customer(&addresses, &ledger);
        if place.is_none_or(|it| it.channel != ChannelName::Terminal) {
            ledgers.push(ledger);
        }
    }
    if lost > 0 {
        output::note(&format!(
            "{lost} conversations cannot be read and are left out; `consultant store verify` names \
             them\n"
        ));
    }
    Ok(ledgers)
}
