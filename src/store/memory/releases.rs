//! Versions of the playbook, and what was decided about them.

use std::{collections::btree_map::Entry, ops::Bound};

use async_trait::async_trait;
use consultant_core::{
    KeptVersion, PlaybookVersion, ReleaseEvent,
    ports::{ReleaseLog, StoreError},
};

use super::MemoryStore;
use crate::release::{encode_release, encode_version};

#[async_trait]
impl ReleaseLog for MemoryStore {
    /// Encoded only to be refused where the other two stores would refuse it.
    async fn keep_version(&self, version: &KeptVersion) -> Result<(), StoreError> {
        encode_version(version)?;
        let mut state = self.state();
        let kept = state.versions.entry(version.id.clone());
        kept.or_insert_with(|| version.clone());
        Ok(())
    }

    async fn kept_version(&self, id: &PlaybookVersion) -> Result<Option<KeptVersion>, StoreError> {
        Ok(self.state().versions.get(id).cloned())
    }

    async fn kept_versions(&self) -> Result<Vec<PlaybookVersion>, StoreError> {
        Ok(self.state().versions.keys().cloned().collect())
    }

    async fn add_release(&self, event: &ReleaseEvent) -> Result<bool, StoreError> {
        encode_release(event)?;
        match self.state().releases.entry(event.number) {
            Entry::Occupied(_) => Ok(false),
            Entry::Vacant(free) => {
                free.insert(event.clone());
                Ok(true)
            }
        }
    }

    async fn releases(&self, after: u64) -> Result<Vec<ReleaseEvent>, StoreError> {
        let state = self.state();
        let behind = (Bound::Excluded(after), Bound::Unbounded);
        Ok(state
            .releases
            .range(behind)
            .map(|(_, event)| event.clone())
            .collect())
    }
}
