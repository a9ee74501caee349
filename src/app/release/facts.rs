//! Catalogue, FAQ and documents as their files have them: what is changed while the house serves is
//! read, checked and taken in without a restart. What is broken, or lacks what the live playbook
//! needs, is told, and the last good facts go on serving.

use std::{path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use consultant_core::{
    Audience, Catalog, Documents, Faq, Language, PlaybookVersion, Understanding,
    ports::{Knowledge, Offered, StoreError},
};
use consultant_knowledge::SmallModels;
use tokio_util::sync::CancellationToken;

use super::{
    Served,
    changes::{Changes, Look},
};
use crate::{
    company,
    config::{CompanyFiles, Config},
    diagnostics::Diagnostic,
    documents::files_in,
    log,
};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_millis(250);

/// How long what could not be taken in waits: it is read anew each time.
const PAUSE: Duration = Duration::from_secs(2);

/// The newest good facts.
pub struct FreshFacts(ArcSwap<Arc<dyn Knowledge>>);

impl FreshFacts {
    /// Facts that can be renewed.
    pub fn new(facts: Arc<dyn Knowledge>) -> Self {
        Self(ArcSwap::from_pointee(facts))
    }

    fn renew(&self, facts: Arc<dyn Knowledge>) {
        self.0.store(Arc::new(facts));
    }
}

impl Knowledge for FreshFacts {
    fn catalog(&self) -> Arc<Catalog> {
        self.0.load().catalog()
    }

    fn faq(&self) -> Arc<Faq> {
        self.0.load().faq()
    }

    fn documents(&self) -> Arc<Documents> {
        self.0.load().documents()
    }

    fn now(&self) -> Option<Arc<dyn Knowledge>> {
        Some(Arc::clone(&*self.0.load()))
    }

    fn offered(&self, audience: &Audience) -> Offered {
        self.0.load_full().offered(audience)
    }

    fn understand(
        &self,
        text: &str,
        previous: Option<Language>,
        audience: &Audience,
    ) -> Understanding {
        self.0.load_full().understand(text, previous, audience)
    }
}

/// How the files of catalogue, FAQ and documents looked before they were read, so that no change falls
/// between.
pub struct FactsLook {
    files: CompanyFiles,
    changes: Changes,
}

impl FactsLook {
    /// Looks at them now.
    pub fn new(config: &Config) -> Self {
        Self {
            files: config.company.clone(),
            changes: Changes::new(Look::of(&paths(&config.company))),
        }
    }

    /// What keeps facts up with the files from then on. What changes is read with `meaning`, where
    /// there is one.
    pub fn renewing(self, models: SmallModels, fresh: Arc<FreshFacts>) -> FactsWatcher {
        FactsWatcher {
            files: self.files,
            models,
            fresh,
            changes: self.changes,
            refused_by: None,
            pending: false,
        }
    }
}

/// Looks at the files of catalogue, FAQ and documents.
pub struct FactsWatcher {
    files: CompanyFiles,
    models: SmallModels,
    fresh: Arc<FreshFacts>,
    changes: Changes,
    /// The live playbook that refused what lies there, until another one is live.
    refused_by: Option<PlaybookVersion>,
    /// Whether what lies there has still to be taken in.
    pending: bool,
}

impl FactsWatcher {
    /// Watches until `stop`.
    pub async fn run(mut self, served: Arc<Served>, stop: CancellationToken) {
        if matches!(self.files, CompanyFiles::Embedded) {
            return;
        }
        let mut failing = false;
        let next = |after| stop.run_until_cancelled(tokio::time::sleep(after));
        while next(if failing { PAUSE } else { EVERY }).await.is_some() {
            let changed = self.changes.are_complete(Look::of(&paths(&self.files)));
            let was_refused = self.refused_by.as_ref();
            let may_fit_now = was_refused.is_some() && was_refused != served.decided().as_ref();
            self.pending |= changed || may_fit_now;
            if !self.pending {
                continue;
            }
            let taken_in = self.take_in(&served).await;
            if let (Err(error), false) = (&taken_in, failing) {
                log::facts_wait(error);
            }
            failing = taken_in.is_err();
            self.pending = failing;
        }
    }

    async fn take_in(&mut self, served: &Served) -> Result<(), StoreError> {
        let (files, models) = (self.files.clone(), self.models.clone());
        let before = self.fresh.documents();
        let loading = tokio::task::spawn_blocking(move || {
            company::load_facts_again(&files, &models, &before)
        });
        let loaded = match loading.await {
            Ok(loaded) => loaded,
            Err(error) => {
                log::facts_not_read(&error);
                return Ok(());
            }
        };
        self.refused_by = None;
        let facts = match loaded {
            Ok(facts) => facts,
            Err(problems) => {
                log::facts_broken(&problems);
                return Ok(());
            }
        };
        let counts = (facts.catalog().products.len(), facts.faq().entries.len());
        let documents = facts.documents().documents.len();
        let misfits = served.renew(&*facts, || self.fresh.renew(Arc::clone(&facts)));
        let misfits: Vec<Diagnostic> = misfits.await?;
        if misfits.is_empty() {
            log::facts_renewed(counts, documents);
            return Ok(());
        }
        log::facts_do_not_fit(&misfits, &served.live());
        self.refused_by = served.decided();
        Ok(())
    }
}

/// The files of catalogue, goods, FAQ and documents as they are now; none of the demo.
fn paths(files: &CompanyFiles) -> Vec<PathBuf> {
    match files {
        CompanyFiles::Embedded => Vec::new(),
        CompanyFiles::Files {
            catalog,
            faq,
            goods,
            documents,
            ..
        } => {
            let goods = goods.iter().map(|it| it.path.clone());
            let documents = documents.iter().flat_map(|it| files_in(it));
            let own = [catalog.clone(), faq.clone()].into_iter();
            own.chain(goods).chain(documents).collect()
        }
    }
}
