//! `consultant playbook replay`.

use std::{collections::btree_map::Entry, process::ExitCode, sync::Arc};

use consultant_core::{
    PlaybookVersion, Releases,
    ports::{Clock, Knowledge, StoreError, WholeStore},
};
use consultant_knowledge::SmallModels;
use jiff::Timestamp;

use super::bar;
use crate::{
    cli::PlaybookReplayArgs,
    clock::SystemClock,
    commands::store::{all, unreadable},
    company::{self, Company},
    config::Config,
    diagnostics::Diagnostic,
    failure::Failure,
    house::{engine_settings, model_languages, open_kept_store, session_timeout},
    meaning,
    model::Backends,
    output, places,
    playtest::{Base, Recorded, Replay, Replayer, Sides, Stage, Versions, replay_all},
    release::{Named, releases, resolve},
};

/// What `--base` calls what answered before.
const RECORDED: &str = "recorded";

/// Runs what is kept once more and tells what comes out otherwise. Only reads.
pub(super) async fn run(
    args: PlaybookReplayArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let store = open_kept_store(config).await?;
    let now = SystemClock.now();
    let since = args.since.before(now);
    let models = meaning::open(config, backends)?;
    let shelf = Shelf::open(&*store, config, &models).await?;
    let (tried, after) = shelf.named(&args.against).await?;
    let mut kept = Kept::read(&*store, since).await?;
    kept.limit(args.limit);
    let (base, before) = shelf.base(&args.base, &kept, since).await?;
    let stage = Stage {
        company: tried,
        settings: engine_settings(config),
        languages: model_languages(config),
        session_timeout: session_timeout(config),
        trace: None,
        model: None,
    };
    let replayer = Arc::new(Replayer::new(base, stage, (since, now)));
    let bar = bar(args.json.json);
    bar.set_length(u64::try_from(kept.conversations.len()).unwrap_or_default());
    let mut replayed = replay_all(&replayer, kept.conversations, || bar.inc(1)).await;
    bar.finish_and_clear();
    replayed.extend((0..kept.unreadable).map(|_| None));
    let replay = Replay::new(since, Sides { before, after }).of(replayed);
    if args.json.json {
        output::print_json(&replay.json());
    } else {
        output::print(&replay.render());
    }
    Ok(ExitCode::SUCCESS)
}

/// The conversations that are kept.
struct Kept {
    conversations: Vec<Recorded>,
    /// How many could not be read.
    unreadable: usize,
}

impl Kept {
    /// Those that began since then, the newest first.
    async fn read(store: &dyn WholeStore, since: Timestamp) -> Result<Self, Failure> {
        let mut kept = Self {
            conversations: Vec::new(),
            unreadable: 0,
        };
        for conversation in all(store).await? {
            let ledger = match store.ledger(conversation).await {
                Err(StoreError::Corrupt { .. }) => {
                    kept.unreadable += 1;
                    continue;
                }
                read => read.map_err(unreadable)?,
            };
            let addresses = store.addresses(conversation).await.map_err(unreadable)?;
            let Some(address) = places::of_customer(&addresses, &ledger).cloned() else {
                continue;
            };
            let recorded = Recorded {
                conversation,
                address,
                ledger,
            };
            if recorded.began_last().is_some_and(|began| began >= since) {
                kept.conversations.push(recorded);
            }
        }
        if kept.conversations.is_empty() && kept.unreadable == 0 {
            return Err(Failure::new(
                "no conversation that is kept began since then",
                "name an earlier time: `--since 365d`",
            ));
        }
        let newest = |it: &Recorded| std::cmp::Reverse(it.began_last());
        kept.conversations.sort_by_cached_key(newest);
        Ok(kept)
    }

    fn limit(&mut self, limit: Option<u32>) {
        let limit = limit.and_then(|it| usize::try_from(it).ok());
        self.conversations.truncate(limit.unwrap_or(usize::MAX));
    }
}

/// Where playbooks are: the files, and the versions that are kept.
struct Shelf<'a> {
    store: &'a dyn WholeStore,
    releases: Releases,
    facts: Arc<dyn Knowledge>,
    files: Result<Company, Vec<Diagnostic>>,
}

impl<'a> Shelf<'a> {
    async fn open(
        store: &'a dyn WholeStore,
        config: &Config,
        models: &SmallModels,
    ) -> Result<Self, Failure> {
        let releases = releases(store).await.map_err(unreadable)?;
        Ok(Self {
            store,
            releases,
            facts: company::load_facts(&config.company, models)?,
            files: company::load(&config.company, models),
        })
    }

    /// The company with the playbook of this name, and what people call that.
    async fn named(&self, name: &str) -> Result<(Company, String), Failure> {
        let Named::Version(version) = resolve(name, self.store, &self.releases).await? else {
            let company = self.files.clone()?;
            let version = company.playbook.version().clone();
            return Ok((company, format!("the files as they are now ({version})")));
        };
        let company = self.company(&version).await?.ok_or_else(|| {
            Failure::new(
                format!("the version {version} no longer runs"),
                "name another one; `consultant playbook history` shows what there was",
            )
        })?;
        Ok((company, format!("version {version}")))
    }

    /// What the conversations are compared with, and what people call that.
    async fn base(
        &self,
        name: &str,
        kept: &Kept,
        since: Timestamp,
    ) -> Result<(Base, String), Failure> {
        if name != RECORDED {
            let (company, told) = self.named(name).await?;
            return Ok((Base::One(company.playbook), told));
        }
        let mut versions = Versions::new();
        let conversations = kept.conversations.iter();
        for version in conversations.flat_map(|it| it.versions(since)) {
            if let Entry::Vacant(place) = versions.entry(version) {
                let company = self.company(place.key()).await?;
                place.insert(company.map(|it| it.playbook));
            }
        }
        let told = "the version that answered each of them".to_owned();
        Ok((Base::Recorded(versions), told))
    }

    /// The company with the playbook of a version, where that still runs.
    async fn company(&self, version: &PlaybookVersion) -> Result<Option<Company>, Failure> {
        let files = self.files.as_ref().ok();
        if let Some(company) = files.filter(|it| it.playbook.version() == version) {
            return Ok(Some(company.clone()));
        }
        let kept = self.store.kept_version(version).await.map_err(unreadable)?;
        Ok(kept.and_then(|kept| {
            let facts = Arc::clone(&self.facts);
            company::load_version(&kept, facts).ok()
        }))
    }
}
