//! Sample values, and the few words in which the cases speak.

use std::time::Duration;

use consultant_core::{
    Address, ChannelName, ConversationId, Envelope, Happening, Inbound, InboundEvent, Language,
    LedgerEvent, OutboxEntry, OutboxId, OutboxState, PlaybookVersion, Priority, Purpose, Receipt,
    Session, Shown, Speaker, Timer, TimerChange,
    ports::{
        Accepted, Clock, Commit, DeliveryRecord, DeliveryStep, Opened, SessionChange, Store,
        StoreError,
    },
};
use jiff::Timestamp;
use uuid::Uuid;

use super::Setup;

/// Text that has broken stores before: NUL, quotes, emoji with joiners, right-to-left with
/// marks, Chinese, combining accents, separators of lines and of fields.
pub const NASTY: &str = "a\0b \"'\\ 👩‍👩‍👧‍👦🏳️‍🌈 \u{202e}שלום مرحبا\u{202c} 你好，多少钱？ e\u{301} \u{2028}\r\n\t{}:%s 🀄\u{10ffff}\u{feff}";

/// A conversation that no address leads to.
pub const NOBODY: ConversationId = ConversationId(Uuid::from_u128(7));

/// A customer's place.
pub fn place(name: &str) -> Address {
    Address::new(ChannelName::Telegram, name)
}

/// A message under a key.
pub fn message(key: &str, from: &str, text: &str) -> Inbound {
    let sent_at = Timestamp::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
    Inbound {
        locale: Some("zh-hans".to_owned()),
        ..Inbound::new(key, place(from), sent_at, InboundEvent::says(text))
    }
}

/// An entry that waits for delivery.
pub fn entry(conversation: ConversationId, id: &str, sequence: u64) -> OutboxEntry {
    OutboxEntry {
        id: OutboxId::from(id),
        conversation,
        address: place("ann"),
        sequence,
        text: format!("reply {id} {NASTY}"),
        card: None,
        reply_to: None,
        state: OutboxState::Ready,
        shown: Vec::new(),
        relayed: None,
    }
}

/// A part on the customer's screen.
pub fn shown(receipt: &str, text: &str) -> Shown {
    Shown {
        receipt: Receipt(receipt.to_owned()),
        text: text.to_owned(),
        carded: false,
    }
}

/// A delivery's step.
pub fn delivery(conversation: ConversationId, id: &str, what: DeliveryStep) -> DeliveryRecord {
    DeliveryRecord {
        conversation,
        entry: OutboxId::from(id),
        what,
    }
}

/// An event that can be told from others by its reason.
pub fn event(reason: &str) -> LedgerEvent {
    LedgerEvent {
        at: Timestamp::UNIX_EPOCH,
        what: Happening::Escalated {
            reason: reason.to_owned(),
            priority: Priority::Normal,
            team: None,
        },
    }
}

/// A follow-up that can be told from others by its text.
pub fn follow_up(id: &str) -> Purpose {
    Purpose::FollowUp {
        text: format!("{id} {NASTY}"),
    }
}

/// A commit that changes nothing but the version.
pub fn commit(conversation: ConversationId, expected_version: u64) -> Commit {
    Commit::of(conversation, expected_version)
}

impl Setup {
    /// A timer of a conversation that is due so many seconds from now.
    pub fn timer(&self, conversation: ConversationId, id: &str, seconds: u64) -> Timer {
        let set_at = self.clock.now();
        Timer {
            id: id.into(),
            conversation,
            address: place("ann"),
            set_at,
            due: set_at + Duration::from_secs(seconds),
            purpose: follow_up(id),
        }
    }

    /// Commits changes of timers to a conversation whatever its version.
    pub async fn change_timers(&self, conversation: ConversationId, timers: Vec<TimerChange>) {
        let version = self.opened(conversation).await.version;
        let change = Commit {
            timers,
            ..commit(conversation, version)
        };
        self.commit(change).await;
    }

    /// Fires what is due; the inbounds in their order.
    pub async fn fire(&self, limit: usize) -> Vec<Envelope> {
        let fired = self.store.fire_due(self.clock.now(), limit).await;
        fired.expect("the timers fire")
    }

    /// A session in which the customer said this.
    pub fn session(&self, said: &str) -> Session {
        let playbook = PlaybookVersion::from("0123456789abcdef");
        let mut session = Session::new(self.clock.now(), Language::EN, "greet", playbook);
        session.remember(Speaker::Customer, said);
        session
    }

    /// A commit that puts such a session.
    pub fn put(&self, conversation: ConversationId, version: u64, said: &str) -> Commit {
        Commit {
            session: SessionChange::Put(Box::new(self.session(said))),
            ..commit(conversation, version)
        }
    }

    /// Accepts an inbound that must be new.
    pub async fn accept(&self, inbound: Inbound) -> Envelope {
        let accepted = self.store.accept(inbound.clone()).await;
        match accepted.expect("the inbound is accepted") {
            Accepted::New(envelope) => {
                assert_eq!(envelope.inbound, inbound, "the envelope holds the inbound");
                envelope
            }
            Accepted::Duplicate => unreachable!("{} was never accepted before", inbound.key),
        }
    }

    /// Opens a session.
    pub async fn opened(&self, conversation: ConversationId) -> Opened {
        let opened = self.store.open(conversation).await;
        opened.expect("the session opens")
    }

    /// Commits what must succeed; the new version.
    pub async fn commit(&self, commit: Commit) -> u64 {
        let committed = self.store.commit(commit).await;
        committed.expect("the commit succeeds")
    }

    /// Records what must succeed.
    pub async fn record(&self, record: DeliveryRecord) {
        let recorded = self.store.record(record).await;
        recorded.expect("the delivery is recorded");
    }

    /// The keys of the unanswered inbounds and the undelivered entries.
    pub async fn backlog(&self) -> (Vec<String>, Vec<OutboxEntry>) {
        keys(self.store.as_ref()).await
    }

    /// A commit that must meet a conflict.
    pub async fn conflicts(&self, commit: Commit) {
        let conversation = commit.conversation;
        let outcome = self.store.commit(commit).await;
        assert!(
            matches!(outcome, Err(StoreError::Conflict(whose)) if whose == conversation),
            "{outcome:?} should be a conflict"
        );
    }
}

/// The keys of a store's unanswered inbounds and its undelivered entries.
pub async fn keys(store: &(impl Store + ?Sized)) -> (Vec<String>, Vec<OutboxEntry>) {
    let backlog = store.backlog().await.expect("the backlog can be read");
    let inbox = backlog.inbox.into_iter();
    let keys = inbox.map(|envelope| envelope.inbound.key.0).collect();
    (keys, backlog.outbox)
}
