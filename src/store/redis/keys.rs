//! Every key that this program has in Redis. All keys of a conversation share its id as hash
//! tag, so that a cluster keeps them together and one script can change them at once.

use consultant_core::{ConversationId, InboundKey, OutboxId};

/// The format of what stands under these keys.
pub(super) const FORMAT: u32 = 1;

/// The keys under one prefix.
pub(super) struct Keys {
    prefix: String,
}

/// The keys of one conversation.
pub(super) struct ConversationKeys {
    /// Hash: `version`, `sequence`, and `commit`, the token of the last commit. Never expires.
    pub(super) state: String,
    /// Hash: `body` (JSON) and `expires_at` (milliseconds since 1970).
    pub(super) session: String,
    /// Hash: inbound key to `sequence token JSON`, of what is not answered.
    pub(super) inbox: String,
    /// Sorted set: inbound keys by the time of their acceptance.
    pub(super) known: String,
    /// Set: ids of entries that are not delivered.
    pub(super) pending: String,
    /// List: events as JSON, oldest first. Never expires.
    pub(super) ledger: String,
    outbox: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
        }
    }

    /// String: [`FORMAT`].
    pub(super) fn format(&self) -> String {
        format!("{}:format", self.prefix)
    }

    /// Sorted set: conversations that may have a backlog, by the time of their last change.
    pub(super) fn active(&self) -> String {
        format!("{}:active", self.prefix)
    }

    /// String: the conversation of an address. Never expires.
    pub(super) fn address(&self, address: &str) -> String {
        format!("{}:address:{address}", self.prefix)
    }

    /// String: the address at which an inbound key came first.
    pub(super) fn pin(&self, key: &InboundKey) -> String {
        format!("{}:inbound:{key}", self.prefix)
    }

    /// The keys of a conversation.
    pub(super) fn of(&self, conversation: ConversationId) -> ConversationKeys {
        let key = |what| format!("{}:{{{conversation}}}:{what}", self.prefix);
        ConversationKeys {
            state: key("state"),
            session: key("session"),
            inbox: key("inbox"),
            known: key("known"),
            pending: key("pending"),
            ledger: key("ledger"),
            outbox: key("outbox"),
        }
    }
}

impl ConversationKeys {
    /// Hash: `entry` (JSON), `state`, `parts`, and `shown:N` (JSON) for each part.
    pub(super) fn entry(&self, id: &OutboxId) -> String {
        format!("{}:{id}", self.outbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_a_decision_and_one_conversations_keys_share_a_hash_tag() {
        let keys = Keys::new("consultant");
        let own = keys.of(ConversationId(uuid::Uuid::nil()));
        let names = [
            keys.format(),
            keys.active(),
            keys.address("telegram:42"),
            keys.pin(&InboundKey::from("telegram:7:100")),
            own.state.clone(),
            own.session.clone(),
            own.inbox.clone(),
            own.known.clone(),
            own.pending.clone(),
            own.ledger.clone(),
            own.entry(&OutboxId::from("telegram:7:100/0")),
        ];
        insta::assert_snapshot!(names.join("\n"), @r"
        consultant:format
        consultant:active
        consultant:address:telegram:42
        consultant:inbound:telegram:7:100
        consultant:{00000000-0000-0000-0000-000000000000}:state
        consultant:{00000000-0000-0000-0000-000000000000}:session
        consultant:{00000000-0000-0000-0000-000000000000}:inbox
        consultant:{00000000-0000-0000-0000-000000000000}:known
        consultant:{00000000-0000-0000-0000-000000000000}:pending
        consultant:{00000000-0000-0000-0000-000000000000}:ledger
        consultant:{00000000-0000-0000-0000-000000000000}:outbox:telegram:7:100/0
        ");
    }
}
