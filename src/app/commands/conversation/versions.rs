//! The versions of the playbook that answered a conversation, each compiled to be watched.

use std::{collections::BTreeMap, sync::Arc};

use consultant_core::{PlaybookVersion, ports::WholeStore};
use consultant_knowledge::SmallModels;
use consultant_playbook::Trace;

use crate::{
    commands::store::unreadable,
    company::{self, Company},
    config::CompanyFiles,
    explain::KeptTurn,
    failure::Failure,
};

/// Versions by their ids.
pub(super) struct Versions(BTreeMap<PlaybookVersion, Watched>);

/// A version with the facts of today.
pub(super) struct Watched {
    pub(super) company: Company,
    pub(super) trace: Trace,
}

impl Versions {
    /// Those that answered these turns, as far as the store or the working files hold them and
    /// they still compile.
    pub(super) async fn of(
        turns: &[KeptTurn],
        (files, models): (&CompanyFiles, &SmallModels),
        store: &dyn WholeStore,
    ) -> Result<Self, Failure> {
        let mut versions = Self::working(files, models);
        // Without facts nothing can be played again; what was recorded can be told all the same.
        let Ok(facts) = company::load_facts(files, models) else {
            return Ok(versions);
        };
        for id in turns.iter().map(|turn| &turn.playbook) {
            if versions.0.contains_key(id) {
                continue;
            }
            let kept = store.kept_version(id).await.map_err(unreadable)?;
            let loaded = kept.map(|kept| company::load_version_traced(&kept, Arc::clone(&facts)));
            if let Some(Ok((company, trace))) = loaded {
                versions.0.insert(id.clone(), Watched { company, trace });
            }
        }
        Ok(versions)
    }

    /// The version of the working files, which is kept nowhere before it is published.
    fn working(files: &CompanyFiles, models: &SmallModels) -> Self {
        let working = company::load_traced(files, models).ok();
        let working = working.map(|(company, trace)| {
            let id = company.playbook.version().clone();
            (id, Watched { company, trace })
        });
        Self(working.into_iter().collect())
    }

    /// A version, if it could be had.
    pub(super) fn get(&self, id: &PlaybookVersion) -> Option<&Watched> {
        self.0.get(id)
    }

    /// Any of them, for its facts.
    pub(super) fn any(&self) -> Option<&Watched> {
        self.0.values().next()
    }
}
