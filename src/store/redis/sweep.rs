//! Housekeeping that Redis's own expiry cannot do: the list of conversations that may have a
//! backlog loses those that have had none for an hour. Rides along with every so many inbounds.

use std::sync::atomic::Ordering;

use consultant_core::{ConversationId, ports::StoreError};

use super::{GRACE, RedisStore, scripts::Call};
use crate::{record::decode_conversation, times::Stamp};

/// A sweep belongs to every so many inbounds: seldom enough to stay out of the figures.
const EVERY: usize = 512;

/// Conversations of one sweep: more than `EVERY` can add, so that the list shrinks.
const BATCH: usize = 1024;

const WHAT: &str = "tidying up";

impl RedisStore {
    /// Sweeps, if it is time. A failure is no reason to refuse the inbound at hand, which will
    /// meet the same trouble by itself.
    pub(super) async fn sweep_now_and_then(&self, stamp: Stamp) {
        let number = self.accepted.fetch_add(1, Ordering::Relaxed);
        if number % EVERY != EVERY - 1 {
            return;
        }
        if let Err(error) = self.sweep(stamp).await {
            tracing::debug!(error = %error, "the list of active conversations was not tidied");
        }
    }

    /// Takes idle conversations off the list. A change that happens meanwhile renews its time
    /// on the list first, which the script respects.
    pub(super) async fn sweep(&self, stamp: Stamp) -> Result<(), StoreError> {
        let idle_since = stamp.now.saturating_sub(GRACE);
        let mut pipeline = ::redis::pipe();
        pipeline
            .cmd("ZRANGEBYSCORE")
            .arg(self.keys.active())
            .arg("-inf")
            .arg(idle_since)
            .arg("LIMIT")
            .arg(0)
            .arg(BATCH);
        let (found,): (Vec<String>,) = self.link.send(WHAT, &pipeline).await?;
        if found.is_empty() {
            return Ok(());
        }
        let ids = found
            .iter()
            .map(|id| decode_conversation(id))
            .collect::<Result<Vec<_>, _>>()?;
        let backlogs = self.backlog_sizes(&ids).await?;
        self.unlist_or_renew(&ids, &backlogs, stamp).await
    }

    async fn backlog_sizes(&self, ids: &[ConversationId]) -> Result<Vec<u64>, StoreError> {
        let mut pipeline = ::redis::pipe();
        for id in ids {
            let keys = self.keys.of(*id);
            pipeline.cmd("HLEN").arg(&keys.inbox);
            pipeline.cmd("SCARD").arg(&keys.pending);
        }
        let sizes: Vec<u64> = self.link.send(WHAT, &pipeline).await?;
        Ok(sizes.chunks(2).map(|pair| pair.iter().sum()).collect())
    }

    async fn unlist_or_renew(
        &self,
        ids: &[ConversationId],
        backlogs: &[u64],
        stamp: Stamp,
    ) -> Result<(), StoreError> {
        let active = self.keys.active();
        let mut pipeline = ::redis::pipe();
        for (id, backlog) in ids.iter().zip(backlogs) {
            if *backlog == 0 {
                let call = Call::unlist().key(&active).arg(id.to_string());
                let call = call.arg(stamp.now.saturating_sub(GRACE));
                pipeline.add_command(call.command()).ignore();
            } else {
                let renew = pipeline.cmd("ZADD").arg(&active).arg("XX").arg("GT");
                renew.arg(stamp.now).arg(id.to_string()).ignore();
            }
        }
        self.link.send(WHAT, &pipeline).await
    }
}
