//! Whole conversations, out of this world. What lies outside the conversation's hash tag goes
//! first: its names are only known from within, so a crash must not leave them behind.

use consultant_core::{ConversationId, ports::StoreError};

use super::{RedisStore, scripts::Call};

const ERASING: &str = "erasing a conversation";

/// Attempts to erase a conversation that goes on meanwhile.
const ROUNDS: usize = 16;

/// Keys that are deleted in one round trip.
const CHUNK: usize = 500;

/// What a conversation names: its addresses, its known, waiting and buried inbound keys, and its
/// pending and ended entries.
type Names = (
    Vec<String>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
);

impl RedisStore {
    pub(super) async fn erase_conversation(
        &self,
        home: ConversationId,
    ) -> Result<bool, StoreError> {
        for _ in 0..ROUNDS {
            let (addresses, known, waiting, buried, pending, ended) = self.names(home).await?;
            let inbounds = [known, waiting, buried].concat();
            self.forget_outside(home, &addresses, &inbounds).await?;
            let ids = [pending, ended].concat();
            if let Some(existed) = self.erase_inside(home, &ids).await? {
                self.unlist(home).await?;
                return Ok(existed);
            }
        }
        Err(StoreError::Conflict(home))
    }

    async fn names(&self, home: ConversationId) -> Result<Names, StoreError> {
        let keys = self.keys.of(home);
        let mut pipeline = ::redis::pipe();
        pipeline.atomic();
        pipeline.cmd("SMEMBERS").arg(&keys.addresses);
        pipeline.cmd("ZRANGE").arg(&keys.known).arg(0).arg(-1);
        pipeline.cmd("HKEYS").arg(&keys.inbox);
        pipeline.cmd("HKEYS").arg(&keys.buried);
        pipeline.cmd("SMEMBERS").arg(&keys.pending);
        pipeline.cmd("ZRANGE").arg(&keys.ended).arg(0).arg(-1);
        self.link.send(ERASING, &pipeline).await
    }

    /// Forgets addresses that lead to this conversation, and where inbound keys came first.
    async fn forget_outside(
        &self,
        home: ConversationId,
        addresses: &[String],
        inbounds: &[String],
    ) -> Result<(), StoreError> {
        for chunk in addresses.chunks(CHUNK) {
            let mut pipeline = ::redis::pipe();
            for address in chunk {
                let call = Call::forget().key(self.keys.address(address));
                let call = call.arg(home.to_string());
                pipeline.add_command(call.command()).ignore();
            }
            self.link.send::<()>(ERASING, &pipeline).await?;
        }
        for chunk in inbounds.chunks(CHUNK) {
            let mut pipeline = ::redis::pipe();
            for inbound in chunk {
                let pin = self.keys.pin(&inbound.as_str().into());
                pipeline.cmd("DEL").arg(pin).ignore();
            }
            self.link.send::<()>(ERASING, &pipeline).await?;
        }
        Ok(())
    }

    /// Whether the conversation was there; `None` where it has got another entry meanwhile.
    async fn erase_inside(
        &self,
        home: ConversationId,
        ids: &[String],
    ) -> Result<Option<bool>, StoreError> {
        let keys = self.keys.of(home);
        let entries = ids.iter().map(|id| keys.entry(&id.as_str().into()));
        let mut call = Call::erase().keys(keys.all().into_iter().cloned());
        call = call.keys(entries);
        for id in ids {
            call = call.arg(id);
        }
        let mut pipeline = ::redis::pipe();
        pipeline.add_command(call.command());
        let (outcome,): (i8,) = self.link.send(ERASING, &pipeline).await?;
        Ok((outcome >= 0).then_some(outcome == 1))
    }

    /// Takes the conversation off the list, unless somebody has written to it again.
    async fn unlist(&self, home: ConversationId) -> Result<(), StoreError> {
        let (list, id) = (self.keys.conversations(), home.to_string());
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("ZREM").arg(&list).arg(&id).ignore();
        for other in [self.keys.due(), self.keys.buried()] {
            pipeline.cmd("ZREM").arg(other).arg(&id).ignore();
        }
        pipeline.cmd("EXISTS").arg(self.keys.of(home).state);
        let (is_back,): (bool,) = self.link.send(ERASING, &pipeline).await?;
        if !is_back {
            return Ok(());
        }
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("ZADD").arg(&list).arg(0).arg(&id).ignore();
        self.list_due(&mut pipeline, home, Some(0));
        self.link.send(ERASING, &pipeline).await
    }
}
