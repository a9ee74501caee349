//! What cannot be read stops nobody else, and what is damaged is found.

use std::{path::Path, sync::Arc};

use consultant_core::{
    Address, ChannelName, ConversationId, Inbound, InboundEvent, KeptVersion, OutboxEntry,
    OutboxState, Purpose, RELEASE_FORMAT, ReleaseEvent, ReleaseStep, Timer, TimerChange,
    ports::{
        Accepted, Burial, Clock, Commit, DeadLetters, Places, Records, ReleaseLog, Store,
        StoreError, Timers, Upkeep,
    },
};
use jiff::Timestamp;
use rusqlite::Connection;

use crate::{SqliteStore, StoreSettings};

struct Epoch;

impl Clock for Epoch {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

async fn open(file: &Path) -> SqliteStore {
    let settings = StoreSettings::default();
    SqliteStore::open(file.to_owned(), &settings, Arc::new(Epoch))
        .await
        .unwrap()
}

fn place(name: &str) -> Address {
    Address::new(ChannelName::Telegram, name)
}

/// A conversation with a waiting message, and a timer that is due.
async fn begin(store: &SqliteStore, name: &str) -> ConversationId {
    let now = Timestamp::UNIX_EPOCH;
    let inbound = Inbound::new(name, place(name), now, InboundEvent::says("hi"));
    let Accepted::New(envelope) = store.accept(inbound).await.unwrap() else {
        panic!("{name} is new");
    };
    let conversation = envelope.conversation;
    let timer = Timer {
        id: "t".into(),
        conversation,
        address: place(name),
        set_at: now,
        due: now,
        purpose: Purpose::FollowUp {
            text: "still there?".to_owned(),
        },
    };
    let set = Commit {
        timers: vec![TimerChange::Set(timer)],
        ..Commit::of(conversation, 0)
    };
    store.commit(set).await.unwrap();
    conversation
}

fn spoil(file: &Path, change: &str) {
    let spoiler = Connection::open(file).unwrap();
    spoiler.pragma_update(None, "foreign_keys", false).unwrap();
    let changed = spoiler.execute(change, []);
    assert!(changed.unwrap() > 0, "{change}");
}

#[tokio::test]
async fn what_cannot_be_read_stops_nobody_else_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let store = open(&file).await;
    let ann = begin(&store, "ann").await;
    let bob = begin(&store, "bob").await;
    spoil(&file, "UPDATE inbox SET body = '{' WHERE key = 'ann'");
    spoil(
        &file,
        &format!("UPDATE timer SET body = '?' WHERE conversation = '{ann}'"),
    );
    let entry = "INSERT INTO outbox (conversation, id, sequence, state, body)
                 SELECT id, 'o1', 1, 'ready', 'gone' FROM conversation";
    spoil(&file, entry);

    let backlog = store.backlog().await.unwrap();
    let waiting: Vec<_> = backlog.inbox.iter().map(|it| it.conversation).collect();
    assert_eq!((waiting, backlog.outbox.len()), (vec![bob], 0));
    // The spoilt timer is the oldest, and only one is asked for.
    let fired = store.fire_due(Timestamp::UNIX_EPOCH, 1).await.unwrap();
    let fired: Vec<_> = fired.iter().map(|it| it.conversation).collect();
    assert_eq!(fired, [bob]);

    let error = store.export(ann).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().starts_with("inbound ann "), "{error}");
    assert!(
        store.erase(ann).await.unwrap(),
        "it can be erased all the same"
    );
    assert_eq!(store.damage().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_read_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let store = open(&file).await;
    for name in ["ann", "bob"] {
        let conversation = begin(&store, name).await;
        let told = OutboxEntry {
            id: "sorry".into(),
            conversation,
            address: place(name),
            sequence: 1,
            text: "sorry".to_owned(),
            card: None,
            reply_to: None,
            state: OutboxState::Ready,
            shown: Vec::new(),
            relayed: None,
        };
        let burial = Burial {
            conversation,
            key: name.into(),
            reason: "it failed".to_owned(),
            told,
        };
        store.bury(burial).await.unwrap();
    }
    spoil(&file, "UPDATE inbox SET body = '{' WHERE key = 'ann'");
    let letters = store.dead_letters().await.unwrap();
    let keys = letters.iter().map(|it| it.envelope.inbound.key.as_str());
    assert_eq!(keys.collect::<Vec<_>>(), ["bob"]);
}

#[tokio::test]
async fn a_version_and_a_decision_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let store = open(&file).await;
    for id in ["a", "b"] {
        let version = KeptVersion {
            format: RELEASE_FORMAT,
            id: id.into(),
            scripts: Vec::new(),
        };
        store.keep_version(&version).await.unwrap();
    }
    for number in 1..=3 {
        let event = ReleaseEvent {
            format: RELEASE_FORMAT,
            number,
            at: Timestamp::UNIX_EPOCH,
            author: "ann".to_owned(),
            note: None,
            what: ReleaseStep::TrialPromoted {
                version: "a".into(),
            },
        };
        assert!(store.add_release(&event).await.unwrap());
    }
    spoil(
        &file,
        "UPDATE playbook_version SET body = '{' WHERE id = 'a'",
    );
    let newer = r#"UPDATE release SET body = '{"format":999,"who":"knows"}' WHERE number = 2"#;
    spoil(&file, newer);

    let named = |error: StoreError, name: &str| {
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        assert!(error.to_string().starts_with(name), "{error}");
    };
    let error = store.kept_version(&"a".into()).await.unwrap_err();
    named(error, "playbook version a ");
    assert!(store.kept_version(&"b".into()).await.unwrap().is_some());
    let ids = store.kept_versions().await.unwrap();
    assert_eq!(ids, ["a".into(), "b".into()]);
    let error = store.releases(0).await.unwrap_err();
    named(error, "decision 2 about playbooks ");
    assert_eq!(store.releases(2).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_damaged_page_and_a_row_of_nobody_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let store = open(&file).await;
    begin(&store, "ann").await;
    assert_eq!(store.damage().await.unwrap(), [""; 0]);
    spoil(
        &file,
        "INSERT INTO ledger (conversation, body) VALUES ('nobody', '{}')",
    );
    let found = store.damage().await.unwrap();
    assert_eq!(found, ["a row of the table ledger belongs to nothing"]);
    let schema = "PRAGMA writable_schema = ON;
                  DELETE FROM sqlite_schema WHERE name = 'timer_due'";
    Connection::open(&file)
        .unwrap()
        .execute_batch(schema)
        .unwrap();
    let found = open(&file).await.damage().await.unwrap();
    assert!(found.len() > 1, "a page that nothing uses: {found:?}");
}

#[tokio::test]
async fn an_address_is_looked_up_and_a_bookmark_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("a.db")).await;
    let ann = begin(&store, "ann").await;
    assert_eq!(store.at(&place("ann")).await.unwrap(), Some(ann));
    assert_eq!(store.at(&place("bob")).await.unwrap(), None);
    for name in ["b1", "b2"] {
        store.bookmark(name, "1").await.unwrap();
    }
    for _ in 0..2 {
        store.forget_bookmark("b1").await.unwrap();
    }
    let left = store.bookmarks("").await.unwrap();
    assert_eq!(left, [("b2".to_owned(), "1".to_owned())]);
}
