//! Which playbook serves whom, as the engine asks for it: the live version, the one on trial, and
//! whatever older ones conversations still go on with.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use consultant_core::{
    ConversationId, KeptVersion, PlaybookVersion, ReleaseEvent, Releases,
    ports::{Knowledge, Pinned, Playbook, Playbooks, StoreError, WholeStore},
};

use crate::{
    company::{self, Company},
    diagnostics::Diagnostic,
    log,
};

/// Older versions that are held compiled; one takes about a megabyte.
const MOST_COMPILED: usize = 32;

/// Which playbook serves whom.
pub struct Served {
    store: Arc<dyn WholeStore>,
    facts: Arc<dyn Knowledge>,
    now: ArcSwap<Now>,
    /// Versions that were needed so far; `None` for one that does not run.
    compiled: Mutex<HashMap<PlaybookVersion, Option<Arc<dyn Playbook>>>>,
    /// Held while decisions are taken in: one at a time.
    following: tokio::sync::Mutex<()>,
}

/// What serves those who begin now.
struct Now {
    releases: Releases,
    live: Arc<dyn Playbook>,
    trial: Option<Arc<dyn Playbook>>,
}

#[async_trait]
impl Playbooks for Served {
    fn current(&self, conversation: ConversationId) -> Arc<dyn Playbook> {
        let now = self.now.load();
        let trial = now.releases.trial();
        let tried = trial.is_some_and(|trial| trial.includes(conversation));
        let tried = now.trial.as_ref().filter(|_| tried);
        Arc::clone(tried.unwrap_or(&now.live))
    }

    fn takes_over(&self, to: &PlaybookVersion, from: &PlaybookVersion) -> bool {
        self.now.load().releases.takes_over(to, from)
    }

    async fn pinned(&self, version: &PlaybookVersion) -> Result<Pinned, StoreError> {
        let now = self.now.load_full();
        if now.releases.is_recalled(version) {
            return Ok(Pinned::Recalled);
        }
        let serving = [Some(&now.live), now.trial.as_ref()];
        let serving = serving.into_iter().flatten();
        if let Some(playbook) = serving.clone().find(|it| it.version() == version) {
            return Ok(Pinned::Serves(Arc::clone(playbook)));
        }
        let playbook = self.playbook(version).await?;
        Ok(playbook.map_or(Pinned::Gone, Pinned::Serves))
    }
}

impl Served {
    /// What serves after these decisions. `None` where nothing is live, or what is live does not
    /// run with this program. `files` are compiled already, and need not be once more.
    pub async fn open(
        store: Arc<dyn WholeStore>,
        facts: Arc<dyn Knowledge>,
        releases: Releases,
        files: Option<Company>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(version) = releases.live().cloned() else {
            return Ok(None);
        };
        let files = files.filter(|files| files.kept.id == version);
        let live = match files {
            Some(files) => Some(files.playbook),
            None => playbook(&*store, &facts, &version).await?,
        };
        let Some(live) = live else {
            return Ok(None);
        };
        let compiled = HashMap::from([(version, Some(Arc::clone(&live)))]);
        let served = Self {
            store,
            facts,
            now: ArcSwap::from_pointee(Now {
                releases: releases.clone(),
                live,
                trial: None,
            }),
            compiled: Mutex::new(compiled),
            following: tokio::sync::Mutex::default(),
        };
        served.bring(releases).await?;
        Ok(Some(served))
    }

    /// Takes in what was decided since the last time; says what.
    pub async fn follow(&self) -> Result<Vec<ReleaseEvent>, StoreError> {
        let _one_at_a_time = self.following.lock().await;
        let mut releases = self.now.load().releases.clone();
        let events = self.store.releases(releases.next_number() - 1).await?;
        if !events.is_empty() {
            for event in &events {
                releases.apply(event);
            }
            self.bring(releases).await?;
        }
        Ok(events)
    }

    /// The version that is live here.
    pub fn live(&self) -> PlaybookVersion {
        self.now.load().live.version().clone()
    }

    /// Has these decisions hold from the next turn on. What does not run takes nobody's place.
    async fn bring(&self, releases: Releases) -> Result<(), StoreError> {
        let before = self.now.load_full();
        let live = match releases.live() {
            Some(version) => self.fitting(version, &before).await?,
            None => None,
        };
        let trial = match releases.trial() {
            Some(trial) => self.fitting(&trial.version, &before).await?,
            None => None,
        };
        let live = live.unwrap_or_else(|| Arc::clone(&before.live));
        self.now.store(Arc::new(Now {
            releases,
            live,
            trial,
        }));
        Ok(())
    }

    /// The version that was decided to be live. It serves where it fits the facts.
    pub fn decided(&self) -> Option<PlaybookVersion> {
        self.now.load().releases.live().cloned()
    }

    /// Has renewed facts serve, and whatever version fits them: what serves has to fit, or what was
    /// decided to serve and did not fit the old ones. Else it says what is lacking and changes nothing.
    pub async fn renew(
        &self,
        facts: &dyn Knowledge,
        renew: impl FnOnce(),
    ) -> Result<Vec<Diagnostic>, StoreError> {
        let _one_at_a_time = self.following.lock().await;
        let now = self.now.load_full();
        let mut misfits = self.lacking(now.live.version(), facts).await?;
        if let (false, Some(decided)) = (misfits.is_empty(), now.releases.live())
            && decided != now.live.version()
        {
            misfits = self.lacking(decided, facts).await?;
        }
        if let Some(trial) = &now.trial {
            misfits.extend(self.lacking(trial.version(), facts).await?);
        }
        if misfits.is_empty() {
            renew();
            self.bring(now.releases.clone()).await?;
        }
        Ok(misfits)
    }

    /// What a version lacks of these facts; nothing where it fits.
    async fn lacking(
        &self,
        version: &PlaybookVersion,
        facts: &dyn Knowledge,
    ) -> Result<Vec<Diagnostic>, StoreError> {
        let kept = kept(&*self.store, version).await?;
        Ok(kept.map_or_else(Vec::new, |kept| company::misfits(&kept, facts)))
    }

    /// The playbook of a version that is to serve those who begin: where it serves already, or fits
    /// the facts with which this process answers. It was proven with those that lay there when it was
    /// published, and what lies there now may have been refused.
    async fn fitting(
        &self,
        version: &PlaybookVersion,
        before: &Now,
    ) -> Result<Option<Arc<dyn Playbook>>, StoreError> {
        let serving = [Some(&before.live), before.trial.as_ref()];
        let mut serving = serving.into_iter().flatten();
        if let Some(playbook) = serving.find(|it| it.version() == version) {
            return Ok(Some(Arc::clone(playbook)));
        }
        let Some(kept) = kept(&*self.store, version).await? else {
            return Ok(None);
        };
        let misfits = company::misfits(&kept, &*self.facts);
        if misfits.is_empty() {
            return self.playbook(version).await;
        }
        log::version_does_not_fit(version, &misfits);
        Ok(None)
    }

    /// The playbook of a version, compiled once.
    async fn playbook(
        &self,
        version: &PlaybookVersion,
    ) -> Result<Option<Arc<dyn Playbook>>, StoreError> {
        if let Some(known) = self.compiled().get(version) {
            return Ok(known.clone());
        }
        let found = playbook(&*self.store, &self.facts, version).await?;
        let mut compiled = self.compiled();
        if compiled.len() >= MOST_COMPILED {
            compiled.clear();
        }
        compiled.insert(version.clone(), found.clone());
        Ok(found)
    }

    fn compiled(&self) -> MutexGuard<'_, HashMap<PlaybookVersion, Option<Arc<dyn Playbook>>>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The playbook of a kept version; `None`, and a line in the log, where it is not kept or does not
/// run with this program.
async fn playbook(
    store: &dyn WholeStore,
    facts: &Arc<dyn Knowledge>,
    version: &PlaybookVersion,
) -> Result<Option<Arc<dyn Playbook>>, StoreError> {
    let Some(kept) = kept(store, version).await? else {
        return Ok(None);
    };
    match company::load_version(&kept, Arc::clone(facts)) {
        Ok(company) => Ok(Some(company.playbook)),
        Err(problems) => {
            log::version_does_not_run(version, &problems);
            Ok(None)
        }
    }
}

/// A kept version; `None`, and a line in the log, where it is not kept or cannot be read.
async fn kept(
    store: &dyn WholeStore,
    version: &PlaybookVersion,
) -> Result<Option<KeptVersion>, StoreError> {
    match store.kept_version(version).await {
        Ok(Some(kept)) => Ok(Some(kept)),
        Ok(None) => {
            log::version_not_kept(version);
            Ok(None)
        }
        Err(error @ StoreError::Corrupt { .. }) => {
            log::version_unread(version, &error);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
