//! `consultant conversation list`.

use std::process::ExitCode;

use consultant_core::{
    Address, ConversationId, Happening, LedgerEvent, PlaybookVersion,
    ports::{StoreError, WholeStore},
};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    cli::ConversationListArgs,
    commands::store::{all, unreadable},
    failure::Failure,
    output,
};

/// A conversation in the list.
#[derive(Debug, Serialize)]
struct Listed {
    conversation: ConversationId,
    addresses: Vec<Address>,
    began_at: Option<Timestamp>,
    last_turn_at: Option<Timestamp>,
    turns: usize,
    /// Where its session has not expired.
    stage: Option<String>,
    playbook: Option<PlaybookVersion>,
    escalated: bool,
}

/// Lists them, the one that spoke last first.
pub(super) async fn run(
    args: &ConversationListArgs,
    store: &dyn WholeStore,
) -> Result<ExitCode, Failure> {
    let (mut found, mut lost) = (Vec::new(), 0_usize);
    for conversation in all(store).await? {
        match look(conversation, store).await {
            Ok(listed) => found.push(listed),
            Err(StoreError::Corrupt { .. }) => lost += 1,
            Err(error) => return Err(unreadable(error)),
        }
    }
    if lost > 0 {
        output::note(&format!(
            "{lost} conversations cannot be read; `consultant store verify` names them\n"
        ));
    }
    found.sort_by_key(|listed| std::cmp::Reverse(listed.last_turn_at));
    let left_out = found.len().saturating_sub(args.limit as usize);
    found.truncate(args.limit as usize);
    if args.json.json {
        output::print_json(&found);
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        output::note("nobody has written yet\n");
    }
    output::print(&found.iter().map(told).collect::<String>());
    if left_out > 0 {
        output::note(&format!("{left_out} more; see them with --limit\n"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn look(id: ConversationId, store: &dyn WholeStore) -> Result<Listed, StoreError> {
    let ledger = store.ledger(id).await?;
    let session = store.open(id).await?.session;
    let answered = |event: &&LedgerEvent| matches!(event.what, Happening::Answered { .. });
    Ok(Listed {
        conversation: id,
        addresses: store.addresses(id).await?,
        began_at: ledger.first().map(|event| event.at),
        last_turn_at: ledger.iter().rev().find(answered).map(|event| event.at),
        turns: ledger.iter().filter(answered).count(),
        stage: session.as_ref().map(|session| session.stage.clone()),
        playbook: session.as_ref().map(|session| session.playbook.clone()),
        escalated: session.is_some_and(|session| session.escalation.is_some()),
    })
}

fn told(listed: &Listed) -> String {
    let addresses: Vec<String> = listed.addresses.iter().map(Address::to_string).collect();
    let time = |time: Option<Timestamp>| match time {
        Some(time) => format!("{time:.0}"),
        None => "never".to_owned(),
    };
    let state = match (&listed.stage, &listed.playbook) {
        (Some(stage), Some(playbook)) => format!("{stage}, version {playbook}"),
        _ => "session over".to_owned(),
    };
    let person = if listed.escalated {
        ", a person was called"
    } else {
        ""
    };
    let plural = if listed.turns == 1 { "" } else { "s" };
    format!(
        "{}  {}\n    began {}, {} turn{plural}, last {}; {state}{person}\n",
        listed.conversation,
        addresses.join("  "),
        time(listed.began_at),
        listed.turns,
        time(listed.last_turn_at),
    )
}
