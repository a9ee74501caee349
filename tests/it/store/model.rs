//! Any sequence of steps has the same visible outcome on SQLite as in memory, which is the model.

use std::{collections::HashMap, time::Duration};

use consultant_core::{
    ConversationId, LedgerEvent, OutboxEntry, OutboxState, Session,
    ports::{Accepted, Commit, DeliveryStep, SessionChange, StoreError},
};
use consultant_tests::contract::store::{Setup, commit, delivery, entry, event, message, shown};
use proptest::{collection::vec, prelude::*};

/// One step, over few customers, keys and entries, so that steps meet each other.
#[derive(Clone, Debug)]
enum Step {
    Accept { key: u8, who: u8 },
    Commit(Turn),
    Shown { who: u8, id: u8, part: usize },
    Ended { who: u8, id: u8, state: OutboxState },
    Wait { minutes: u64 },
}

#[derive(Clone, Debug)]
struct Turn {
    who: u8,
    /// How far the expected version lies behind.
    behind: u64,
    session: Option<bool>,
    entries: Vec<(u8, u64, OutboxState)>,
    answered: Vec<u8>,
}

fn state() -> impl Strategy<Value = OutboxState> {
    prop_oneof![
        Just(OutboxState::Open),
        Just(OutboxState::Ready),
        Just(OutboxState::Delivered),
        Just(OutboxState::Undeliverable),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    let behind = prop_oneof![4 => Just(0_u64), 1 => 1_u64..3];
    let entries = vec((0_u8..4, 0_u64..20, state()), 0..4);
    let answered = vec(0_u8..12, 0..4);
    let session = any::<Option<bool>>();
    (0_u8..3, behind, session, entries, answered).prop_map(
        |(who, behind, session, entries, answered)| Turn {
            who,
            behind,
            session,
            entries,
            answered,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u8..12, 0_u8..3).prop_map(|(key, who)| Step::Accept { key, who }),
        3 => turn().prop_map(Step::Commit),
        1 => (0_u8..3, 0_u8..4, 0_usize..3)
            .prop_map(|(who, id, part)| Step::Shown { who, id, part }),
        1 => (0_u8..3, 0_u8..4, state()).prop_map(|(who, id, state)| Step::Ended { who, id, state }),
        1 => (1_u64..90).prop_map(|minutes| Step::Wait { minutes }),
    ]
}

/// A store under test, with the conversations as it named them.
struct Player {
    world: Setup,
    conversations: HashMap<u8, ConversationId>,
}

/// All that can be seen of a store, with conversations by their customers' numbers.
type View = (
    Vec<(u8, u64, String)>,
    Vec<(u8, OutboxEntry)>,
    Vec<(u8, Option<Session>, u64, Vec<LedgerEvent>)>,
);

const NIL: ConversationId = ConversationId(uuid::Uuid::nil());

impl Player {
    fn new(world: Setup) -> Self {
        Self {
            world,
            conversations: HashMap::new(),
        }
    }

    /// Takes a step; its outcome in words.
    async fn take(&mut self, step: &Step) -> String {
        match step {
            Step::Accept { key, who } => self.accept(*key, *who).await,
            Step::Commit(turn) => self.commit(turn).await,
            Step::Shown { who, id, part } => {
                let shown = shown(&format!("m{part}"), "text");
                let what = DeliveryStep::Shown { part: *part, shown };
                self.record(*who, *id, what).await
            }
            Step::Ended { who, id, state } => {
                self.record(*who, *id, DeliveryStep::Ended(*state)).await
            }
            Step::Wait { minutes } => {
                let span = Duration::from_mins(*minutes);
                self.world.clock.advance(span);
                String::new()
            }
        }
    }

    async fn accept(&mut self, key: u8, who: u8) -> String {
        let inbound = message(&key.to_string(), &who.to_string(), "text");
        match self.world.store.accept(inbound).await.unwrap() {
            Accepted::Duplicate => "duplicate".to_owned(),
            Accepted::New(envelope) => {
                let known = self.conversations.entry(who);
                assert_eq!(
                    *known.or_insert(envelope.conversation),
                    envelope.conversation
                );
                format!("new {}", envelope.sequence)
            }
        }
    }

    async fn commit(&self, turn: &Turn) -> String {
        let Some(id) = self.conversations.get(&turn.who) else {
            return String::new();
        };
        let opened = self.world.opened(*id).await;
        let version = opened.version.saturating_sub(turn.behind);
        let session = match turn.session {
            None => SessionChange::Keep,
            Some(false) => SessionChange::Forget,
            Some(true) => SessionChange::Put(Box::new(self.world.session("hi"))),
        };
        let entries = turn.entries.iter();
        let outbox = entries.map(|(name, sequence, state)| OutboxEntry {
            state: *state,
            ..entry(*id, &name.to_string(), *sequence)
        });
        let step = Commit {
            session,
            outbox: outbox.collect(),
            ledger: vec![event(&format!("{turn:?}"))],
            answered: turn
                .answered
                .iter()
                .map(|key| key.to_string().into())
                .collect(),
            ..commit(*id, version)
        };
        match self.world.store.commit(step).await {
            Ok(version) => format!("version {version}"),
            Err(StoreError::Conflict(_)) => "conflict".to_owned(),
            Err(StoreError::Answered(key)) => format!("{key} is answered"),
            Err(other) => unreachable!("{other}"),
        }
    }

    async fn record(&self, who: u8, id: u8, what: DeliveryStep) -> String {
        let Some(conversation) = self.conversations.get(&who) else {
            return String::new();
        };
        let record = delivery(*conversation, &id.to_string(), what);
        match self.world.store.record(record).await {
            Ok(()) => "recorded".to_owned(),
            Err(StoreError::Unknown(what)) => format!("unknown {what}"),
            Err(other) => unreachable!("{other}"),
        }
    }

    async fn view(&self) -> View {
        let names = self.conversations.iter();
        let names: HashMap<_, _> = names.map(|(who, id)| (*id, *who)).collect();
        let backlog = self.world.store.backlog().await.unwrap();
        let inbox = backlog.inbox.into_iter();
        let mut inbox: Vec<_> = inbox
            .map(|e| (names[&e.conversation], e.sequence, e.inbound.key.0))
            .collect();
        inbox.sort_by_key(|(who, ..)| *who);
        let outbox = backlog.outbox.into_iter().map(|entry| {
            let who = names[&entry.conversation];
            let conversation = NIL;
            let entry = OutboxEntry {
                conversation,
                ..entry
            };
            (who, entry)
        });
        let mut outbox: Vec<_> = outbox.collect();
        outbox.sort_by_key(|(who, _)| *who);
        let mut sessions = Vec::new();
        for (who, id) in &self.conversations {
            let opened = self.world.opened(*id).await;
            let ledger = self.world.store.ledger(*id).await.unwrap();
            sessions.push((*who, opened.session, opened.version, ledger));
        }
        sessions.sort_by_key(|(who, ..)| *who);
        (inbox, outbox, sessions)
    }
}

async fn play(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("a.db").display());
    let mut model = Player::new(Setup::open("memory:", "unused", ()).await);
    let mut sqlite = Player::new(Setup::open(&file, "unused", ()).await);
    for step in &steps {
        let (expect, outcome) = (model.take(step).await, sqlite.take(step).await);
        assert_eq!(outcome, expect, "{step:?}");
    }
    assert_eq!(sqlite.view().await, model.view().await);
    sqlite.world.reopen().await;
    assert_eq!(sqlite.view().await, model.view().await);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_behaves_as_the_model_in_memory(steps in vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(steps));
    }
}
