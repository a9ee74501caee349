//! Looks at the scripts of a running company. What was changed is checked and played; then it is
//! offered to whoever reads the log, or published, as the config says.
//!
//! Editors write a file in several steps, and some leave it half written for a moment. So a change
//! counts once all files have been quiet for a while, and only if the content became another one.
//! The files' sizes and times are asked for again and again, because the system tells of changes
//! on its own disks only: not of those in a folder that is mounted into a container.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use consultant_core::{
    PlaybookVersion,
    ports::{Clock, WholeStore},
};
use consultant_knowledge::SmallModels;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{
    Decisions, FactsWatcher, Refusal, Served, Wish,
    changes::{Changes, Look},
    follow::follow,
    prove, publish, releases,
};
use crate::{
    clock::SystemClock,
    company,
    config::{CompanyFiles, Config, OnChange},
    diagnostics::Diagnostic,
    log,
    playtest::folder_of_tests,
};

/// How often the files are looked at. They have to look the same twice in a row.
const EVERY: Duration = Duration::from_millis(100);

/// Who publishes what the watcher publishes.
const AUTHOR: &str = "file watcher";

/// What a process does that serves what is published.
pub struct Following {
    /// What it serves.
    pub served: Arc<Served>,
    /// Looks at the scripts.
    pub watcher: Watcher,
    /// Looks at catalogue and FAQ.
    pub facts: FactsWatcher,
}

impl Following {
    /// Takes in what is decided, and what becomes of the files, until `stop`.
    pub async fn run(self, store: Arc<dyn WholeStore>, stop: CancellationToken) {
        let following = follow(Arc::clone(&self.served), stop.clone());
        let facts = self.facts.run(Arc::clone(&self.served), stop.clone());
        tokio::join!(following, facts, self.watcher.run(store, self.served, stop));
    }
}

/// Looks at the files. Made before a process reads them, so that no change falls between.
pub struct Watcher {
    config: Config,
    models: SmallModels,
    folders: Vec<PathBuf>,
    changes: Changes,
    content: Content,
}

impl Watcher {
    /// Takes the first look, to which later ones are compared. What changes is played with
    /// `meaning`, where there is one.
    pub fn new(config: &Config, models: &SmallModels) -> Self {
        let folders = folders(&config.company);
        Self {
            config: config.clone(),
            models: models.clone(),
            changes: Changes::new(Look::at_scripts(&folders)),
            content: Content::of(&folders),
            folders,
        }
    }

    /// Watches until `stop`.
    pub async fn run(
        mut self,
        store: Arc<dyn WholeStore>,
        served: Arc<Served>,
        stop: CancellationToken,
    ) {
        if self.folders.is_empty() || self.config.publishing.on_change == OnChange::Nothing {
            return;
        }
        let mut watch = Watch {
            config: self.config,
            models: self.models,
            store,
            served,
            content: self.content,
        };
        while stop
            .run_until_cancelled(tokio::time::sleep(EVERY))
            .await
            .is_some()
        {
            if self.changes.are_complete(Look::at_scripts(&self.folders)) {
                watch.look(Content::of(&self.folders)).await;
            }
        }
    }
}

/// The folders that hold scripts and their conversations.
fn folders(files: &CompanyFiles) -> Vec<PathBuf> {
    let CompanyFiles::Files {
        playbook,
        escalation_rules,
        faq_rules,
        scripts_lib,
        ..
    } = files
    else {
        return Vec::new();
    };
    let own = Some(playbook.folder().to_owned());
    let scripts = playbook.folder().parent().map(Path::to_owned);
    let tests = folder_of_tests(files);
    let rules = [escalation_rules, faq_rules].map(|it| it.as_deref().and_then(Path::parent));
    let rules = rules.map(|it| it.map(Path::to_owned));
    let folders = [own, scripts, scripts_lib.clone(), tests];
    folders.into_iter().chain(rules).flatten().collect()
}

/// What stands in the files: a hash of names and bytes, so that a file which is only touched, or is
/// again what it was, is no change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Content(Vec<u8>);

impl Content {
    /// Of the scripts and conversations directly inside these folders.
    fn of(folders: &[PathBuf]) -> Self {
        let mut hash = Sha256::new();
        for path in Look::at_scripts(folders).into_paths() {
            let bytes = fs::read(&path).unwrap_or_default();
            hash.update(path.as_os_str().as_encoded_bytes());
            hash.update([0]);
            hash.update(Sha256::digest(&bytes));
        }
        Self(hash.finalize().to_vec())
    }
}

struct Watch {
    config: Config,
    models: SmallModels,
    store: Arc<dyn WholeStore>,
    served: Arc<Served>,
    /// What lay there at the last look.
    content: Content,
}

impl Watch {
    /// One look at what lies there. A conversation that is put right is a change too: perhaps a
    /// script was refused for it.
    async fn look(&mut self, content: Content) {
        if self.content == content {
            return;
        }
        self.content = content;
        let version = match company::load(&self.config.company, &SmallModels::default()) {
            Ok(company) => company.kept.id,
            Err(problems) => return self.refuse(problems).await,
        };
        if version == self.served.live() {
            return;
        }
        match self.config.publishing.on_change {
            OnChange::Nothing => {}
            OnChange::Offer => self.offer().await,
            OnChange::Publish => match self.why_not(&version).await {
                Some(why) => log::left_to_people(&version, why),
                None => self.publish().await,
            },
        }
    }

    /// Files without a version: whoever wants them published hears so from the history too.
    async fn refuse(&self, problems: Vec<Diagnostic>) {
        if self.config.publishing.on_change == OnChange::Publish {
            self.publish().await;
        } else {
            log::files_broken(&problems, &self.served.live());
        }
    }

    /// Why a version is not published without being asked for.
    async fn why_not(&self, version: &PlaybookVersion) -> Option<&'static str> {
        let releases = match releases(&*self.store).await {
            Ok(releases) => releases,
            Err(error) => {
                log::decisions_unread(&error);
                return Some("the decisions so far cannot be read");
            }
        };
        if releases.is_taken_back(version) {
            return Some("somebody took this version back");
        }
        releases.trial().map(|_| "a trial runs, and would end")
    }

    async fn offer(&self) {
        match prove((&self.config, &self.models)).await {
            Ok(proven) => log::version_offered(&proven.company.kept.id, &proven.proof),
            Err(problems) => log::files_broken(&problems, &self.served.live()),
        }
    }

    async fn publish(&self) {
        let decisions = Decisions {
            log: &*self.store,
            clock: &SystemClock as &dyn Clock,
            author: AUTHOR,
            note: None,
        };
        let files = (&self.config, &self.models);
        match publish(files, &decisions, &Wish::default()).await {
            Ok(_) => match self.served.follow().await {
                Ok(events) => events.iter().for_each(log::decided),
                Err(error) => log::decisions_unread(&error),
            },
            Err(Refusal::Broken(problems)) => log::files_broken(&problems, &self.served.live()),
            Err(refusal) => log::not_published(&refusal.to_string()),
        }
    }
}
