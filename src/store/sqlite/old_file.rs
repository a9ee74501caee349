//! A file as the first release left it, upgraded in place: every row still reads right.

use std::{path::Path, sync::Arc};

use consultant_core::{
    Address, ChannelName, ConversationId, InboundEvent, SESSION_FORMAT,
    ports::{Accepted, Clock, DeadLetters, Places, Records, ReleaseLog, Store, Timers},
};
use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::{SqliteStore, StoreSettings};

const ANN: &str = "019b7c5e-0000-7000-8000-000000000001";
const SESSION: &str = include_str!("../session-1.json");
const WAITING: &str = r#"{"key":"telegram:7:101","address":{"channel":"telegram","place":"42"},"sent_at":"2026-01-02T03:04:05Z","locale":"en","event":{"kind":"message","text":"still there?"}}"#;
const ENTRY: &str = r#"{"id":"telegram:7:100/0","conversation":"019b7c5e-0000-7000-8000-000000000001","address":{"channel":"telegram","place":"42"},"sequence":1,"text":"Hello","state":"ready","shown":[]}"#;
const SHOWN: &str = r#"{"receipt":"9","text":"Hello"}"#;
const EVENT: &str = r#"{"at":"2026-01-02T03:04:05Z","what":"escalated","reason":"asked"}"#;

/// 2026-01-02T03:05:00Z.
const NOW: i64 = 1_767_323_100_000;

struct Then;

impl Clock for Then {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(NOW).unwrap()
    }
}

fn write_old_file(file: &Path) {
    let old = Connection::open(file).unwrap();
    old.execute_batch(include_str!("schema/1.sql")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.pragma_update(None, "application_id", 0x436e_736c)
        .unwrap();
    let add = |row: &str, values: &[&dyn rusqlite::ToSql]| {
        assert_eq!(old.execute(row, values).unwrap(), 1, "{row}");
    };
    add("INSERT INTO conversation VALUES (?1, 3, 2)", params![ANN]);
    add(
        "INSERT INTO address VALUES ('telegram', '42', ?1)",
        params![ANN],
    );
    let row = "INSERT INTO session VALUES (?1, ?2, ?3)";
    add(row, params![ANN, SESSION, NOW + 1000]);
    let row = "INSERT INTO inbox VALUES (?1, ?2, ?3, ?4, ?5)";
    let none: Option<&str> = None;
    add(row, params!["telegram:7:100", ANN, 1, NOW - 9, none]);
    add(row, params!["telegram:7:101", ANN, 2, NOW - 5, WAITING]);
    let row = "INSERT INTO outbox VALUES (?1, 'telegram:7:100/0', 1, 'ready', ?2, NULL)";
    add(row, params![ANN, ENTRY]);
    let row = "INSERT INTO shown VALUES (?1, 'telegram:7:100/0', 0, ?2)";
    add(row, params![ANN, SHOWN]);
    let row = "INSERT INTO ledger (conversation, body) VALUES (?1, ?2)";
    add(row, params![ANN, EVENT]);
}

async fn upgraded(file: &Path) -> SqliteStore {
    let settings = StoreSettings::default();
    let opened = SqliteStore::open(file.to_owned(), &settings, Arc::new(Then)).await;
    opened.unwrap()
}

#[tokio::test]
async fn a_file_of_the_first_schema_is_upgraded_in_place_and_reads_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    write_old_file(&file);
    let ann = ConversationId(ANN.parse().unwrap());
    for _ in 0..2 {
        let store = upgraded(&file).await;
        let opened = store.open(ann).await.unwrap();
        let session = opened.session.unwrap();
        assert_eq!(
            (opened.version, session.format, session.turns),
            (3, SESSION_FORMAT, 3)
        );
        assert_eq!(
            (session.last_said_at, session.follow_up_pending),
            (None, false)
        );
        assert_eq!(session.history.len(), 2);

        let backlog = store.backlog().await.unwrap();
        let [envelope] = backlog.inbox.as_slice() else {
            unreachable!("one waits: {:?}", backlog.inbox)
        };
        assert_eq!(envelope.sequence, 2);
        assert_eq!(envelope.inbound.event, InboundEvent::says("still there?"));
        assert_eq!(backlog.outbox[0].shown[0].text, "Hello");
        assert_eq!(store.ledger(ann).await.unwrap().len(), 1);

        let mut again = envelope.inbound.clone();
        again.key = "telegram:7:100".into();
        assert_eq!(store.accept(again).await.unwrap(), Accepted::Duplicate);
        let record = store.export(ann).await.unwrap().unwrap();
        assert_eq!(
            record.addresses,
            [Address::new(ChannelName::Telegram, "42")]
        );
        assert_eq!((record.inbox.len(), record.outbox.len()), (2, 1));
        assert_eq!(store.kept_versions().await.unwrap(), []);
        assert_eq!(store.releases(0).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_an_old_file_holds_takes_part_in_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    write_old_file(&file);
    let (store, ann) = (upgraded(&file).await, ConversationId(ANN.parse().unwrap()));
    let key = "telegram:7:101".into();
    assert_eq!(store.count_failure(ann, &key).await.unwrap(), 1);
    assert_eq!(store.next_due().await.unwrap(), None);
    let place = |place| Address::new(ChannelName::Telegram, place);
    store.moved(&place("42"), &place("-100")).await.unwrap();
    let backlog = store.backlog().await.unwrap();
    assert_eq!(backlog.outbox[0].address, place("-100"));
    assert!(store.erase(ann).await.unwrap());
    assert_eq!(store.export(ann).await.unwrap(), None);
}
