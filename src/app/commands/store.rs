//! `consultant store`: verify, back up, restore, and move to another store.

use std::{
    fs::File,
    io::{BufReader, BufWriter},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use consultant_core::{
    ConversationId, ConversationRecord, Happening,
    ports::{Clock, MediaStore, StoreError, WholeStore},
};
use consultant_store::MediaFolder;
use secrecy::SecretString;
use serde::Serialize;

use crate::{
    archive::{ArchiveError, Item, Writer, read},
    cli::StoreCommand,
    clock::SystemClock,
    config::Config,
    failure::{Failure, because},
    house::{open_store, open_store_at},
    output,
};

mod media;

/// Conversations that are asked for at once.
const PAGE: usize = 500;

/// Carries out one of the store commands.
pub async fn run(command: StoreCommand, config: &Config) -> Result<ExitCode, Failure> {
    let store = open_store(config, Arc::new(SystemClock)).await?;
    match command {
        StoreCommand::Verify(args) => verify(&*store, config, args.json).await,
        StoreCommand::Backup { file } => backup(&*store, &file).await,
        StoreCommand::Restore { file } => restore(&*store, &file).await,
        StoreCommand::Migrate { to } => migrate(&*store, &to, config).await,
    }
}

/// What verifying found.
#[derive(Debug, Default, Serialize)]
struct Findings {
    conversations: usize,
    waiting: usize,
    dead_letters: usize,
    undelivered: usize,
    timers: usize,
    ledger_events: usize,
    problems: Vec<String>,
}

async fn verify(store: &dyn WholeStore, config: &Config, json: bool) -> Result<ExitCode, Failure> {
    let files: Arc<dyn MediaStore> = Arc::new(MediaFolder::new(config.data_dir.join("media")));
    let mut findings = Findings::default();
    for id in all(store).await? {
        findings.conversations += 1;
        match store.export(id).await {
            Ok(Some(record)) => {
                findings.count(&record);
                findings
                    .problems
                    .extend(media::missing(&*files, &record).await);
            }
            Ok(None) => {}
            Err(error) => findings
                .problems
                .push(format!("conversation {id}: {error}")),
        }
    }
    let sound = findings.problems.is_empty();
    if json {
        output::print_json(&findings);
    } else {
        output::print(&findings.render());
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Findings {
    fn count(&mut self, record: &ConversationRecord) {
        self.waiting += record
            .inbox
            .iter()
            .filter(|it| it.waiting.is_some())
            .count();
        self.dead_letters += record.dead_letters.len();
        self.undelivered += record
            .outbox
            .iter()
            .filter(|it| it.ended_at.is_none())
            .count();
        self.timers += record.timers.len();
        self.ledger_events += record.ledger.len();
        let failed = |it: &&consultant_core::LedgerEvent| {
            matches!(it.what, Happening::PlaybookFailed { .. })
        };
        let failed = record.ledger.iter().filter(failed).count();
        if failed > 0 {
            let id = record.conversation;
            let problem = format!("conversation {id}: the playbook failed in {failed} turns");
            self.problems.push(problem);
        }
    }

    fn render(&self) -> String {
        let problems = self.problems.iter();
        let problems = problems.fold(String::new(), |all, it| {
            all + "problem: " + it.as_str() + "\n"
        });
        format!(
            "{problems}{} conversations, {} messages waiting, {} dead letters, {} replies \
             undelivered, {} timers, {} ledger events: {}\n",
            self.conversations,
            self.waiting,
            self.dead_letters,
            self.undelivered,
            self.timers,
            self.ledger_events,
            if problems.is_empty() {
                "sound"
            } else {
                "not sound"
            }
        )
    }
}

/// Writes beside the file and renames, so that a backup is whole or not there.
async fn backup(store: &dyn WholeStore, path: &Path) -> Result<ExitCode, Failure> {
    let failed = |error: &dyn std::error::Error| {
        let what = format!("the backup {} cannot be written", path.display());
        because(&what, error, "choose a folder that you may write to")
    };
    if path.exists() {
        let what = format!("{} is there already", path.display());
        return Err(Failure::new(what, "choose another name, or move it away"));
    }
    let folder = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let part = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    let out = BufWriter::new(part);
    let mut writer = Writer::begin(out, SystemClock.now()).map_err(|error| failed(&error))?;
    let mut conversations = 0;
    for id in all(store).await? {
        if let Some(record) = store.export(id).await.map_err(unreadable)? {
            let item = Item::Conversation(Box::new(record));
            writer.add(item).map_err(|error| failed(&error))?;
            conversations += 1;
            progress(conversations);
        }
    }
    for (name, value) in store.bookmarks("").await.map_err(unreadable)? {
        let item = Item::Bookmark(name, value);
        writer.add(item).map_err(|error| failed(&error))?;
    }
    let out = writer.end().map_err(|error| failed(&error))?;
    let part = out
        .into_inner()
        .map_err(|error| failed(&error.into_error()))?;
    part.as_file().sync_all().map_err(|error| failed(&error))?;
    part.persist_noclobber(path)
        .map_err(|error| failed(&error.error))?;
    output::note(&format!(
        "{conversations} conversations in {}; customers' files lie in the media folder of \
         data_dir: copy it too\n",
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

async fn restore(store: &dyn WholeStore, path: &Path) -> Result<ExitCode, Failure> {
    let failed = |error: &ArchiveError| {
        let what = format!("the backup {} cannot be restored", path.display());
        because(&what, error, "take another backup; nothing was written")
    };
    let open = || {
        File::open(path)
            .map(BufReader::new)
            .map_err(ArchiveError::from)
    };
    open()
        .and_then(|file| read(file, |_| Ok(())))
        .map_err(|error| failed(&error))?;
    refuse_if_used(store).await?;
    let mut items = Vec::new();
    open()
        .and_then(|file| {
            read(file, |item| {
                items.push(item);
                Ok(())
            })
        })
        .map_err(|error| failed(&error))?;
    let mut conversations = 0;
    for item in items {
        match item {
            Item::Conversation(record) => {
                store.import(*record).await.map_err(unwritable)?;
                conversations += 1;
                progress(conversations);
            }
            Item::Bookmark(name, value) => {
                store.bookmark(&name, &value).await.map_err(unwritable)?;
            }
        }
    }
    output::note(&format!("{conversations} conversations restored\n"));
    Ok(ExitCode::SUCCESS)
}

async fn migrate(from: &dyn WholeStore, to: &str, config: &Config) -> Result<ExitCode, Failure> {
    let url = SecretString::from(to.to_owned());
    let target = open_store_at(&url, config, Arc::new(SystemClock)).await?;
    refuse_if_used(&*target).await?;
    let mut conversations = 0;
    for id in all(from).await? {
        if let Some(record) = from.export(id).await.map_err(unreadable)? {
            target.import(record).await.map_err(unwritable)?;
            conversations += 1;
            progress(conversations);
        }
    }
    for (name, value) in from.bookmarks("").await.map_err(unreadable)? {
        target.bookmark(&name, &value).await.map_err(unwritable)?;
    }
    output::note(&format!(
        "{conversations} conversations copied; set store.url to the new one before you start \
         `consultant serve` again (the old store was left as it is)\n"
    ));
    Ok(ExitCode::SUCCESS)
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
    if some.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        "the target store holds conversations already",
        "give an empty one: nothing that is there is ever overwritten",
    ))
}

fn progress(conversations: usize) {
    const EVERY: usize = 1000;
    if conversations.is_multiple_of(EVERY) {
        output::note(&format!("{conversations} conversations…\n"));
    }
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
        "the store cannot be written",
        &error,
        "empty the target and try again",
    )
}
