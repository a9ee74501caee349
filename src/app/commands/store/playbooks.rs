//! Versions of the playbook and decisions about them, on their way out of a store. They are the
//! company's: no customer's data is in them.

use std::vec;

use consultant_core::{
    KeptVersion, PlaybookVersion, ReleaseEvent, ReleaseStep,
    ports::{StoreError, WholeStore},
};
use serde::Serialize;

use super::unreadable;
use crate::failure::Failure;

/// How many were met.
#[derive(Debug, Default, Serialize)]
pub(super) struct Counts {
    pub(super) playbook_versions: usize,
    pub(super) decisions: usize,
}

impl Counts {
    pub(super) fn words(&self) -> String {
        format!(
            "{} playbook versions, {} decisions about them",
            self.playbook_versions, self.decisions
        )
    }
}

/// What a store keeps of playbooks, as far as it can be read.
pub(super) struct Kept<'a> {
    store: &'a dyn WholeStore,
    /// All of them or none: a list with a hole in it would say that another version is live.
    pub(super) decisions: Vec<ReleaseEvent>,
    /// Why there are none, where one cannot be read.
    pub(super) lost: Option<String>,
    ids: vec::IntoIter<PlaybookVersion>,
    /// Versions that cannot be read, so far.
    pub(super) unreadable: Vec<String>,
}

impl<'a> Kept<'a> {
    /// The decisions are read first: a version is kept before anything is decided about it, so all
    /// that they name is found, also while another process decides.
    pub(super) async fn of(store: &'a dyn WholeStore) -> Result<Self, Failure> {
        let (decisions, lost) = match store.releases(0).await {
            Ok(decisions) => (decisions, None),
            Err(error @ StoreError::Corrupt { .. }) => (Vec::new(), Some(error.to_string())),
            Err(error) => return Err(unreadable(error)),
        };
        let ids = store.kept_versions().await.map_err(unreadable)?;
        Ok(Self {
            store,
            decisions,
            lost,
            ids: ids.into_iter(),
            unreadable: Vec::new(),
        })
    }

    /// The next version that can be read. One at a time: together they may be large.
    pub(super) async fn next_version(&mut self) -> Result<Option<KeptVersion>, Failure> {
        for id in self.ids.by_ref() {
            match self.store.kept_version(&id).await {
                Ok(Some(version)) => return Ok(Some(version)),
                Ok(None) => {}
                Err(error @ StoreError::Corrupt { .. }) => self.unreadable.push(error.to_string()),
                Err(error) => return Err(unreadable(error)),
            }
        }
        Ok(None)
    }

    /// A problem for each version that was to serve somebody and is not kept.
    pub(super) fn missing(&self) -> Vec<String> {
        let ids = self.ids.as_slice();
        let served = self.decisions.iter().filter_map(served);
        let gone = served.filter(|(_, version)| !ids.contains(version));
        let problem = |(number, version)| {
            format!("playbook version {version}, about which decision {number} is, is not kept")
        };
        gone.map(problem).collect()
    }

    /// What a copy of it lacks.
    pub(super) fn left_out(self) -> impl Iterator<Item = String> {
        let lost = self.lost;
        let lost = lost.map(|why| format!("all decisions about playbooks: {why}"));
        lost.into_iter().chain(self.unreadable)
    }
}

/// The number of a decision after which a version serves somebody, and which one.
fn served(event: &ReleaseEvent) -> Option<(u64, &PlaybookVersion)> {
    let version = match &event.what {
        ReleaseStep::Published { version, .. }
        | ReleaseStep::TrialBegan { version, .. }
        | ReleaseStep::TrialPromoted { version }
        | ReleaseStep::RolledBack { to: version, .. } => version,
        ReleaseStep::TrialStopped { .. }
        | ReleaseStep::Recalled { .. }
        | ReleaseStep::Refused { .. } => return None,
    };
    Some((event.number, version))
}
