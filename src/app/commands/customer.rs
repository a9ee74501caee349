//! `consultant customer`: hand a customer all that is kept, or forget it.

use std::{process::ExitCode, sync::Arc};

use consultant_core::{
    Address, ConversationId, ConversationRecord,
    ports::{MediaStore, WholeStore},
};
use consultant_store::MediaFolder;

use crate::{
    cli::CustomerCommand,
    clock::SystemClock,
    config::Config,
    failure::{Failure, because},
    house::open_store,
    output,
};

use super::store::{all, unreadable};

/// Carries out one of the customer commands.
pub async fn run(command: CustomerCommand, config: &Config) -> Result<ExitCode, Failure> {
    let store = open_store(config, Arc::new(SystemClock)).await?;
    match command {
        CustomerCommand::Export { who } => {
            let record = record_of(&*store, &who).await?;
            output::print_json(&record);
        }
        CustomerCommand::Erase { who, yes } => {
            let record = record_of(&*store, &who).await?;
            if !yes {
                return Err(ask_first(&record));
            }
            let files = MediaFolder::new(config.data_dir.join("media"));
            erase(&*store, &files, &record).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Files first: if the process ends in between, the record still names what is to be erased.
async fn erase(
    store: &dyn WholeStore,
    files: &dyn MediaStore,
    record: &ConversationRecord,
) -> Result<(), Failure> {
    let mut erased = 0;
    for address in &record.addresses {
        let gone = files.erase(address).await;
        erased += gone.map_err(|error| because("files", &error, "run it again"))?;
    }
    store.erase(record.conversation).await.map_err(unreadable)?;
    output::note(&format!(
        "erased: conversation {} with {} ledger events and {erased} files\n",
        record.conversation,
        record.ledger.len()
    ));
    Ok(())
}

fn ask_first(record: &ConversationRecord) -> Failure {
    let places: Vec<String> = record.addresses.iter().map(Address::to_string).collect();
    Failure::usage(
        format!(
            "this would forget conversation {} at {} with {} ledger events, for ever",
            record.conversation,
            places.join(", "),
            record.ledger.len()
        ),
        "add --yes to do it; `consultant customer export` shows what it is first",
    )
}

/// A conversation by its id, or by one of its addresses (`telegram:7`).
async fn record_of(store: &dyn WholeStore, who: &str) -> Result<ConversationRecord, Failure> {
    let id = match who.parse() {
        Ok(uuid) => Some(ConversationId(uuid)),
        Err(_) => at(store, who).await?,
    };
    let record = match id {
        Some(id) => store.export(id).await.map_err(unreadable)?,
        None => None,
    };
    record.ok_or_else(|| {
        Failure::new(
            format!("nothing is kept of `{who}`"),
            "give a conversation's id, or an address as the log shows it, for example telegram:7",
        )
    })
}

async fn at(store: &dyn WholeStore, address: &str) -> Result<Option<ConversationId>, Failure> {
    for id in all(store).await? {
        let addresses = store.addresses(id).await.map_err(unreadable)?;
        if addresses.iter().any(|it| it.to_string() == address) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}
