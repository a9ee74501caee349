//! `consultant inbox`: messages that could not be answered, and what to do with them.

use std::process::ExitCode;

use consultant_core::{
    InboundKey,
    ports::{Clock, DeadLetter, StoreError, WholeStore},
};
use serde::Serialize;

use crate::{
    cli::{InboxCommand, JsonArgs},
    clock::SystemClock,
    config::Config,
    failure::{Failure, because},
    house::open_kept_store,
    output,
    timekeeper::REVIVED,
};

/// Carries out one of the inbox commands.
pub async fn run(command: InboxCommand, config: &Config) -> Result<ExitCode, Failure> {
    let store = open_kept_store(config).await?;
    let letters = store.dead_letters().await.map_err(unreadable)?;
    match command {
        InboxCommand::List(args) => list(args, &letters),
        InboxCommand::Show { key } => output::print_json(find(&letters, &key)?),
        InboxCommand::Retry { keys, args } => {
            for key in &keys {
                let key = &find(&letters, key)?.envelope.inbound.key;
                store.revive(key).await.map_err(unreadable)?;
            }
            mark(&*store).await?;
            let words = "back in the inbox; a running `serve` takes up";
            output::tell(
                args.json,
                &Done {
                    retried: Some(&keys),
                    ..Done::default()
                },
                &tell(keys.len(), words),
            );
        }
        InboxCommand::Drop { keys, args } => {
            for key in &keys {
                let key = &find(&letters, key)?.envelope.inbound.key;
                store.drop_letter(key).await.map_err(unreadable)?;
            }
            output::tell(
                args.json,
                &Done {
                    dropped: Some(&keys),
                    ..Done::default()
                },
                &tell(keys.len(), "forgotten:"),
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a running process look at the inbox again.
async fn mark(store: &dyn WholeStore) -> Result<(), Failure> {
    let now = SystemClock.now().to_string();
    store.bookmark(REVIVED, &now).await.map_err(unreadable)
}

fn find<'a>(letters: &'a [DeadLetter], key: &InboundKey) -> Result<&'a DeadLetter, Failure> {
    letters
        .iter()
        .find(|letter| letter.envelope.inbound.key == *key)
        .ok_or_else(|| {
            Failure::new(
                format!("there is no dead letter `{key}`"),
                "`consultant inbox list` names those that there are",
            )
        })
}

fn list(args: JsonArgs, letters: &[DeadLetter]) {
    if args.json {
        return output::print_json(&letters);
    }
    if letters.is_empty() {
        return output::print("no dead letters: every message was answered\n");
    }
    output::print(&letters.iter().map(line).collect::<String>());
}

fn line(letter: &DeadLetter) -> String {
    format!(
        "{}  {}  failed {} times  {}\n",
        letter.envelope.inbound.key, letter.buried_at, letter.failures, letter.reason
    )
}

/// What was done, for programs.
#[derive(Default, Serialize)]
struct Done<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    retried: Option<&'a [InboundKey]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<&'a [InboundKey]>,
}

fn tell(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{what} {count} message{plural}\n")
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: StoreError) -> Failure {
    because("the inbox", &error, "run `consultant store verify`")
}
