//! Forgetting a conversation for ever.

use async_trait::async_trait;

use crate::ConversationId;

use super::StoreError;

/// Forgets conversations.
#[async_trait]
pub trait Erasure: Send + Sync {
    /// Forgets all that is kept of a conversation, its files too, for ever. That there is none is no
    /// error: a repetition finishes what a crash interrupted.
    async fn erase(&self, conversation: ConversationId) -> Result<(), StoreError>;
}
