//! `consultant store`: verify, back up, restore, and move to another store. Start reading at
//! [`run`]; each verb has a file of its own, and here is what they share.

mod backup;
mod media;
mod migrate;
mod playbooks;
mod restore;
mod verify;

use std::process::ExitCode;

use consultant_core::{
    ConversationId, ReleaseEvent,
    ports::{StoreError, WholeStore},
};
use consultant_store::MediaFolder;

use crate::{
    cli::StoreCommand,
    config::Config,
    failure::{Failure, because},
    house::open_kept_store,
    output,
};

pub(super) use media::named;

/// Conversations that are asked for at once.
const PAGE: usize = 500;

/// Carries out one of the store commands.
pub async fn run(command: StoreCommand, config: &Config) -> Result<ExitCode, Failure> {
    let files = files(config);
    match command {
        StoreCommand::Verify(args) => {
            let store = open_kept_store(config).await?;
            verify::run(&*store, &files, args.json).await
        }
        StoreCommand::Backup { file, args } => {
            let store = open_kept_store(config).await?;
            backup::run((&*store, &files), &file, args.json).await
        }
        StoreCommand::Restore { file, args } => {
            restore::run(config, &files, &file, args.json).await
        }
        StoreCommand::Migrate { to, args } => {
            let store = open_kept_store(config).await?;
            migrate::run(&*store, &to, config, args.json).await
        }
    }
}

/// Customers' files.
pub(super) fn files(config: &Config) -> MediaFolder {
    MediaFolder::new(config.data_dir.join("media"))
}

/// Every conversation's id.
pub(super) async fn all(store: &dyn WholeStore) -> Result<Vec<ConversationId>, Failure> {
    let mut ids: Vec<ConversationId> = Vec::new();
    loop {
        let page = store.conversations(ids.last().copied(), PAGE).await;
        let page = page.map_err(unreadable)?;
        if page.is_empty() {
            return Ok(ids);
        }
        ids.extend(page);
    }
}

async fn refuse_if_used(store: &dyn WholeStore) -> Result<(), Failure> {
    let some = store.conversations(None, 1).await.map_err(unreadable)?;
    let decided = store.releases(0).await.map_err(unreadable)?;
    let what = match (some.is_empty(), decided.is_empty()) {
        (true, true) => return Ok(()),
        (false, _) => "the target store holds conversations already",
        (true, false) => "the target store holds decisions about playbooks already",
    };
    Err(Failure::new(what, ELSEWHERE))
}

/// What to do about a target that is not empty, which no command empties.
const ELSEWHERE: &str = "nothing that is there is ever overwritten: name another SQLite file or \
                         another Redis database; if it is what an interrupted run left, move that \
                         file away, or empty that database, and run it again";

fn progress(conversations: usize) {
    const EVERY: usize = 1000;
    if conversations.is_multiple_of(EVERY) {
        output::note(&format!("{conversations} conversations…\n"));
    }
}

/// Adds a decision to a target that had none.
async fn decide(target: &dyn WholeStore, decision: &ReleaseEvent) -> Result<(), Failure> {
    if target.add_release(decision).await.map_err(unwritable)? {
        return Ok(());
    }
    let what = format!("decision {} about playbooks", decision.number);
    Err(unwritable(StoreError::Exists(what)))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn unreadable(error: StoreError) -> Failure {
    because(
        "the store cannot be read",
        &error,
        "run `consultant store verify`",
    )
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unwritable(error: StoreError) -> Failure {
    because(
        "the target store cannot be written, and holds a part now",
        &error,
        ELSEWHERE,
    )
}
