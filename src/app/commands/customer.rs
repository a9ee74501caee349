//! `consultant customer`: find a customer's conversations, hand out all that is kept of them, or
//! forget them.

mod erase;
mod export;

use std::process::ExitCode;

use consultant_core::{Address, ConversationId, ports::WholeStore};
use serde::Serialize;

use crate::{
    cli::{CustomerCommand, JsonArgs},
    config::Config,
    erasure::words,
    failure::Failure,
    house::open_kept_store,
    output,
};

use super::store::{all, files, unreadable};

/// Carries out one of the customer commands.
pub async fn run(command: CustomerCommand, config: &Config) -> Result<ExitCode, Failure> {
    let store = open_kept_store(config).await?;
    match command {
        CustomerCommand::List { who, args } => list(&*store, who.as_deref(), args).await,
        CustomerCommand::Export { who, to } => {
            let ids = conversations(&*store, &who).await?;
            export::run((&*store, &files(config)), &ids, to.as_deref()).await
        }
        CustomerCommand::Erase { who, yes, args } => {
            let ids = conversations(&*store, &who).await?;
            let found = erase::look(&*store, &ids).await?;
            if !yes {
                return Err(erase::ask_first(&found));
            }
            erase::run((&*store, &files(config)), &found, args.json).await
        }
    }
}

/// A conversation and where it takes place.
#[derive(Serialize)]
struct Listed {
    conversation: ConversationId,
    addresses: Vec<Address>,
}

async fn list(
    store: &dyn WholeStore,
    who: Option<&str>,
    args: JsonArgs,
) -> Result<ExitCode, Failure> {
    let mut found = Vec::new();
    for conversation in all(store).await? {
        let addresses = store.addresses(conversation).await.map_err(unreadable)?;
        let meant = |who| addresses.iter().any(|address| names(address, who));
        if who.is_none_or(meant) {
            found.push(Listed {
                conversation,
                addresses,
            });
        }
    }
    if args.json {
        output::print_json(&found);
    } else {
        output::print(&found.iter().map(line).collect::<String>());
    }
    Ok(ExitCode::SUCCESS)
}

fn line(listed: &Listed) -> String {
    let addresses: Vec<String> = listed.addresses.iter().map(Address::to_string).collect();
    format!("{}  {}\n", listed.conversation, addresses.join("  "))
}

/// Whether this stands in an address: as the whole of it, or as one of its numbers or names.
fn names(address: &Address, who: &str) -> bool {
    address.to_string() == who || address.place == who || words(&address.place).any(|it| it == who)
}

/// Conversations by their ids or addresses, each once. One that is not there fails them all, so
/// that nobody thinks it was dealt with.
pub(super) async fn conversations(
    store: &dyn WholeStore,
    who: &[String],
) -> Result<Vec<ConversationId>, Failure> {
    let mut found = Vec::new();
    for who in who {
        let id = match (who.parse(), who.parse::<Address>()) {
            (Ok(uuid), _) => Some(ConversationId(uuid)),
            (_, Ok(address)) => store.at(&address).await.map_err(unreadable)?,
            _ => None,
        };
        let id = id.ok_or_else(|| nothing_of(who))?;
        if !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(found)
}

fn nothing_of(who: impl std::fmt::Display) -> Failure {
    Failure::new(
        format!("nothing is kept of `{who}`"),
        "`consultant customer list` names what there is; give a conversation's id, or an address \
         such as telegram:7",
    )
}

#[cfg(test)]
mod tests {
    use consultant_core::ChannelName;

    use super::*;

    #[track_caller]
    fn check(place: &str, who: &str, expect: bool) {
        let address = Address::new(ChannelName::Telegram, place);
        assert_eq!(names(&address, who), expect, "{place} {who}");
    }

    #[test]
    fn an_address_names_its_chat_its_thread_and_its_customer_and_no_part_of_a_number() {
        check("7", "7", true);
        check("7", "telegram:7", true);
        check("-100#5/7", "7", true);
        check("-100#5/7", "-100", true);
        check("-100#5/77", "7", false);
        check("-100", "100", false);
        check("8", "", false);
    }
}
