//! How an inbound finds its conversation and is stored there.

use consultant_core::{
    ConversationId, Envelope, Inbound,
    ports::{Accepted, StoreError},
};

use super::{RedisStore, scripts::Call};
use crate::{
    record::{decode_conversation, encode},
    times::Stamp,
};

impl RedisStore {
    /// The conversation that decides about this inbound: its address's, or the one to which the
    /// same key came before; with the address that leads to it. Both lookups write once and for ever, so two tasks agree. A crash
    /// after them leaves nothing that a repetition would not finish.
    async fn resolve(&self, inbound: &Inbound) -> Result<(ConversationId, String), StoreError> {
        const WHAT: &str = "resolving an address";
        let address = inbound.address.to_string();
        let (home, pin) = (self.keys.address(&address), self.keys.pin(&inbound.key));
        let mut lookup = ::redis::pipe();
        lookup
            .cmd("SET")
            .arg(&home)
            .arg(self.times.mint().to_string())
            .arg("NX")
            .ignore();
        lookup.cmd("GET").arg(&home);
        lookup
            .cmd("SET")
            .arg(&pin)
            .arg(&address)
            .arg("NX")
            .arg("PX")
            .arg(self.keep())
            .ignore();
        lookup.cmd("GET").arg(&pin);
        let (conversation, pinned): (String, String) = self.link.send(WHAT, &lookup).await?;
        if pinned != address {
            let mut other = ::redis::pipe();
            other.cmd("GET").arg(self.keys.address(&pinned));
            let (found,): (Option<String>,) = self.link.send(WHAT, &other).await?;
            if let Some(found) = found {
                return Ok((decode_conversation(&found)?, pinned));
            }
        }
        Ok((decode_conversation(&conversation)?, address))
    }

    pub(super) async fn accept_once(
        &self,
        inbound: Inbound,
        token: &str,
        stamp: Stamp,
    ) -> Result<Accepted, StoreError> {
        let (conversation, address) = self.resolve(&inbound).await?;
        let keys = self.keys.of(conversation);
        let call = Call::accept()
            .key(&keys.state)
            .key(&keys.inbox)
            .key(&keys.known)
            .key(&keys.buried)
            .key(&keys.addresses)
            .arg(inbound.key.as_str())
            .arg(token)
            .arg(encode("an inbound", &inbound)?)
            .arg(stamp.now)
            .arg(stamp.forget_before)
            .arg(self.keep())
            .arg(address);
        let mut pipeline = self.listed(conversation, stamp);
        pipeline.add_command(call.command());
        let (sequence,): (u64,) = self.link.send("storing an inbound", &pipeline).await?;
        Ok(match sequence {
            0 => Accepted::Duplicate,
            sequence => Accepted::New(Envelope {
                conversation,
                sequence,
                inbound,
            }),
        })
    }
}
