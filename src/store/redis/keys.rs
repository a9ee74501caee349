//! Every key that this program has in Redis. All keys of a conversation share its id as hash
//! tag, so that a cluster keeps them together and one script can change them at once.

use consultant_core::{ConversationId, InboundKey, OutboxId};

/// The format of what stands under these keys.
///
/// 2: what belongs to a conversation is listed (its addresses, its ended entries), and so are the
/// conversations; with timers, dead letters and bookmarks.
///
/// 3: with versions of the playbook and decisions about them. Nothing that stood there before is
/// otherwise, and still an older program has to be kept away: it would serve whom these decisions
/// are about without knowing of them, and leave them out of its backups.
///
/// Older formats are upgraded in place.
pub(super) const FORMAT: u32 = 3;

/// The keys under one prefix.
pub(super) struct Keys {
    prefix: String,
}

/// The keys of one conversation.
pub(super) struct ConversationKeys {
    /// Hash: `version`, `sequence`, and the tokens of the last `commit`, of the last `dropped` dead
    /// letter and of being `imported`. Never expires.
    pub(super) state: String,
    /// Hash: `body` (JSON) and `expires_at` (milliseconds since 1970).
    pub(super) session: String,
    /// Hash: inbound key to `sequence token time JSON`, of what is not answered. Format 1 wrote no
    /// time of acceptance.
    pub(super) inbox: String,
    /// Sorted set: inbound keys by the time of their acceptance.
    pub(super) known: String,
    /// Set: ids of entries that are not delivered.
    pub(super) pending: String,
    /// List: events as JSON, oldest first. Never expires.
    pub(super) ledger: String,
    /// Hash: inbound key to `count token`, of unanswered inbounds whose turns failed.
    pub(super) failures: String,
    /// Hash: inbound key to dead letter, in the three lines that `bury.lua` writes.
    pub(super) buried: String,
    /// Hash: timer id to JSON.
    pub(super) timers: String,
    /// Sorted set: timer ids by their due time.
    pub(super) due: String,
    /// Sorted set: ids of ended entries that are remembered, by the time of their end.
    pub(super) ended: String,
    /// Set: the addresses that lead here.
    pub(super) addresses: String,
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

    /// Sorted set: every conversation, all with score 0 and so in the order of their ids. Some that
    /// it lists may not be there.
    pub(super) fn conversations(&self) -> String {
        format!("{}:conversations", self.prefix)
    }

    /// Sorted set: conversations that may have timers, by a time before which none is due.
    pub(super) fn due(&self) -> String {
        format!("{}:due", self.prefix)
    }

    /// Sorted set: conversations that may have dead letters, by the time of their last burial.
    pub(super) fn buried(&self) -> String {
        format!("{}:buried", self.prefix)
    }

    /// Hash: bookmarks by name. Never expires.
    pub(super) fn bookmarks(&self) -> String {
        format!("{}:bookmarks", self.prefix)
    }

    /// Hash: versions of the playbook as JSON, by their id. Never changes, never expires.
    pub(super) fn versions(&self) -> String {
        format!("{}:versions", self.prefix)
    }

    /// Hash: number to `token JSON`, of decisions about versions; the token is of the call that
    /// added it. Never changes, never expires.
    pub(super) fn releases(&self) -> String {
        format!("{}:releases", self.prefix)
    }

    /// What every key begins with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
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
        // Written once: every step of a turn needs these.
        let base = format!("{}:{{{conversation}}}:", self.prefix);
        let key = |what| [base.as_str(), what].concat();
        ConversationKeys {
            state: key("state"),
            session: key("session"),
            inbox: key("inbox"),
            known: key("known"),
            pending: key("pending"),
            ledger: key("ledger"),
            failures: key("failures"),
            buried: key("buried"),
            timers: key("timers"),
            due: key("due"),
            ended: key("ended"),
            addresses: key("addresses"),
            outbox: key("outbox"),
        }
    }
}

impl ConversationKeys {
    /// Every key that is no entry's; state, pending and ended stand first, as `erase.lua` wants.
    pub(super) fn all(&self) -> [&String; 12] {
        [
            &self.state,
            &self.pending,
            &self.ended,
            &self.session,
            &self.inbox,
            &self.known,
            &self.ledger,
            &self.failures,
            &self.buried,
            &self.timers,
            &self.due,
            &self.addresses,
        ]
    }

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
            keys.versions(),
            keys.releases(),
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
        consultant:versions
        consultant:releases
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
