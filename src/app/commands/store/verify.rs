//! `consultant store verify`: is all that is kept whole, and is nothing kept that nobody would
//! ever erase? Reads everything and changes nothing.

use std::{collections::BTreeSet, process::ExitCode};

use consultant_core::{Address, ConversationRecord, Happening, LedgerEvent, ports::WholeStore};
use consultant_store::MediaFolder;
use serde::Serialize;

use super::{
    all, media,
    playbooks::{Counts, Kept},
    unreadable,
};
use crate::{
    failure::{Failure, because},
    output,
};

/// What verifying found.
#[derive(Debug, Default, Serialize)]
struct Findings {
    conversations: usize,
    waiting: usize,
    dead_letters: usize,
    undelivered: usize,
    timers: usize,
    ledger_events: usize,
    #[serde(flatten)]
    playbooks: Counts,
    /// Turns whose playbook failed. They were answered by reviewed texts, so nothing that is kept
    /// is the worse for it.
    playbook_failures: usize,
    problems: Vec<String>,
}

/// Exits with 1 if anything is damaged, missing or left over.
pub(super) async fn run(
    store: &dyn WholeStore,
    files: &MediaFolder,
    json: bool,
) -> Result<ExitCode, Failure> {
    let mut findings = Findings {
        problems: store.damage().await.map_err(unreadable)?,
        ..Findings::default()
    };
    // Before the conversations: what arrives in between is then known by its conversation.
    let names = files.names().await;
    let names = names.map_err(|error| because("files", &error, "see who owns data_dir"))?;
    let mut addresses = BTreeSet::new();
    for id in all(store).await? {
        findings.conversations += 1;
        addresses.extend(store.addresses(id).await.map_err(unreadable)?);
        match store.export(id).await {
            Ok(Some(record)) => {
                findings.count(&record);
                let missing = media::missing(files, &record).await;
                findings.problems.extend(missing);
            }
            Ok(None) => {}
            Err(error) => findings
                .problems
                .push(format!("conversation {id}: {error}")),
        }
    }
    findings.problems.extend(left_over(&names, &addresses));
    findings.read_playbooks(store).await?;
    if json {
        output::print_json(&findings);
    } else {
        output::print(&findings.render());
    }
    Ok(if findings.problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Folders of addresses that lead to no conversation: erasing a customer would never reach them.
fn left_over(names: &[String], addresses: &BTreeSet<Address>) -> Vec<String> {
    let known: BTreeSet<String> = addresses.iter().map(MediaFolder::name).collect();
    let strays = names.iter().filter(|name| !known.contains(*name));
    let problem = |name| format!("the files in media/{name} belong to no conversation");
    strays.map(problem).collect()
}

impl Findings {
    fn count(&mut self, record: &ConversationRecord) {
        let waiting = record.inbox.iter().filter(|it| it.waiting.is_some());
        self.waiting += waiting.count();
        self.dead_letters += record.dead_letters.len();
        let undelivered = record.outbox.iter().filter(|it| it.ended_at.is_none());
        self.undelivered += undelivered.count();
        self.timers += record.timers.len();
        self.ledger_events += record.ledger.len();
        let failed = |it: &&LedgerEvent| matches!(it.what, Happening::PlaybookFailed { .. });
        self.playbook_failures += record.ledger.iter().filter(failed).count();
    }

    async fn read_playbooks(&mut self, store: &dyn WholeStore) -> Result<(), Failure> {
        let mut kept = Kept::of(store).await?;
        self.playbooks.decisions = kept.decisions.len();
        self.problems.extend(kept.missing());
        while kept.next_version().await?.is_some() {
            self.playbooks.playbook_versions += 1;
        }
        self.problems.extend(kept.lost);
        self.problems.extend(kept.unreadable);
        Ok(())
    }

    fn render(&self) -> String {
        let problems = self.problems.iter();
        let problems = problems.fold(String::new(), |all, it| {
            all + "problem: " + it.as_str() + "\n"
        });
        let failures = match self.playbook_failures {
            0 => String::new(),
            turns => format!("note: the playbook failed in {turns} turns; their log says why\n"),
        };
        format!(
            "{problems}{failures}{} conversations, {} messages waiting, {} dead letters, {} replies \
             undelivered, {} timers, {} ledger events, {}: {}\n",
            self.conversations,
            self.waiting,
            self.dead_letters,
            self.undelivered,
            self.timers,
            self.ledger_events,
            self.playbooks.words(),
            if problems.is_empty() {
                "sound"
            } else {
                "not sound"
            }
        )
    }
}
