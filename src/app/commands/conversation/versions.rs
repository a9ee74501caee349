//! The versions of the playbook that answered a conversation, each compiled to be watched.

use std::collections::BTreeMap;

use consultant_core::PlaybookVersion;
use consultant_playbook::Trace;

use crate::{
    company::{self, Company},
    config::CompanyFiles,
};

/// Versions by their ids.
pub(super) struct Versions(BTreeMap<PlaybookVersion, Watched>);

/// A version with the facts of today.
pub(super) struct Watched {
    pub(super) company: Company,
    pub(super) trace: Trace,
}

impl Versions {
    /// The version of the working files, which may be none of those that are wanted.
    pub(super) fn of(files: &CompanyFiles) -> Self {
        let working = company::load_traced(files).ok();
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
