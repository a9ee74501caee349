//! Versions of the playbook: kept ones, what was decided about them, and which one serves whom.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{ConversationId, KeptVersion, PlaybookVersion, ReleaseEvent};

use super::{Playbook, StoreError};

/// Versions that ever served anybody, and every decision about them. Implemented by every store.
/// Nothing here is ever changed or forgotten: a conversation of last year can be explained.
#[async_trait]
pub trait ReleaseLog: Send + Sync {
    /// Keeps a version under its id. One that is kept already stays as it is, and one of a format
    /// that this build does not know is [`StoreError::Corrupt`].
    async fn keep_version(&self, version: &KeptVersion) -> Result<(), StoreError>;

    /// A kept version.
    async fn kept_version(&self, id: &PlaybookVersion) -> Result<Option<KeptVersion>, StoreError>;

    /// The ids of all kept versions, in order.
    async fn kept_versions(&self) -> Result<Vec<PlaybookVersion>, StoreError>;

    /// Adds a decision under its number. Whether it was added: where the number is given already,
    /// somebody else was first, and nothing is changed. A number that cannot be given, and a format
    /// that this build does not know, is [`StoreError::Corrupt`].
    async fn add_release(&self, event: &ReleaseEvent) -> Result<bool, StoreError>;

    /// The decisions behind this number, in order; 0 for all of them. One that cannot be read makes
    /// the whole list an error that names it: without it, another version would seem to be live.
    async fn releases(&self, after: u64) -> Result<Vec<ReleaseEvent>, StoreError>;
}

/// Which playbook serves whom, as the engine asks for it.
#[async_trait]
pub trait Playbooks: Send + Sync {
    /// The one with which this conversation would begin now. Never waits.
    fn current(&self, conversation: ConversationId) -> Arc<dyn Playbook>;

    /// Whether the current one may take over conversations that began with another version, if its
    /// `migrate` says so. Never waits.
    fn takes_over(&self, to: &PlaybookVersion, from: &PlaybookVersion) -> bool;

    /// The one of a version with which a conversation began before.
    async fn pinned(&self, version: &PlaybookVersion) -> Result<Pinned, StoreError>;
}

/// The playbook of a version with which a conversation began.
#[derive(Clone)]
pub enum Pinned {
    /// It goes on with it.
    Serves(Arc<dyn Playbook>),
    /// No conversation is to go on with it.
    Recalled,
    /// It is not kept, or no longer runs.
    Gone,
}

/// One playbook for everybody, whatever they began with.
pub struct OnePlaybook(pub Arc<dyn Playbook>);

#[async_trait]
impl Playbooks for OnePlaybook {
    fn current(&self, _conversation: ConversationId) -> Arc<dyn Playbook> {
        Arc::clone(&self.0)
    }

    fn takes_over(&self, _to: &PlaybookVersion, _from: &PlaybookVersion) -> bool {
        true
    }

    async fn pinned(&self, _version: &PlaybookVersion) -> Result<Pinned, StoreError> {
        Ok(Pinned::Gone)
    }
}
