//! Everything moves from one store into another, and what cannot be read keeps nobody else from it.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use consultant_core::{
    ConversationRecord, Language, PlaybookVersion, Session,
    ports::{Clock, Commit, SessionChange, WholeStore},
};
use consultant_store::StoreSettings;
use consultant_tests::{
    binary::Operator,
    contract::{
        clock::FrozenClock,
        store::{Setup, decided, decision, exported, kept, kept_ids, version},
    },
    redis::RedisServer,
};
use secrecy::SecretString;

use super::{super::redis_upgrade::send, json, operator, sends_a_voice_note, store, verify};

/// What stands behind the last command that a test looks at.
const MARK: &str = "the test's mark";

const BOOKMARKS: [(&str, &str); 3] = [
    ("discord:heard:7", "70/-"),
    ("inbox:revived", "3"),
    ("客户", "é\n\""),
];

async fn bookmark_all(store: &dyn WholeStore) {
    for (name, value) in BOOKMARKS {
        store.bookmark(name, value).await.unwrap();
    }
}

async fn check_bookmarks(store: &dyn WholeStore) {
    let found = store.bookmarks("").await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(found, BOOKMARKS);
}

/// Two versions, of which one was published before the other.
async fn publish_all(store: &dyn WholeStore) {
    for id in ["b", "a"] {
        store.keep_version(&version(id, "客户")).await.unwrap();
    }
    for number in [1, 2] {
        let added = store.add_release(&decision(number, "ann")).await;
        assert!(added.unwrap());
    }
}

async fn check_playbooks(store: &dyn WholeStore) {
    assert_eq!(kept_ids(store).await, ["a".into(), "b".into()]);
    for id in ["a", "b"] {
        assert_eq!(kept(store, id).await, Some(version(id, "客户")));
    }
    let both = [1, 2].map(|number| decision(number, "ann"));
    assert_eq!(decided(store, 0).await, both);
}

async fn at_url(url: &str) -> Arc<dyn WholeStore> {
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::default());
    let url = SecretString::from(url);
    let opened = consultant_store::open(&url, StoreSettings::default(), clock).await;
    opened.unwrap()
}

/// An operator of the same folder whose `store.url` is this.
fn of_store(operator: Operator, url: &str) -> Operator {
    operator.with("CONSULTANT__STORE__URL", url)
}

async fn everything(store: &dyn WholeStore) -> Vec<ConversationRecord> {
    let mut records = Vec::new();
    for id in store.conversations(None, 9).await.unwrap() {
        records.push(exported(store, id).await);
    }
    records
}

#[tokio::test]
async fn a_store_moves_from_sqlite_to_redis_and_back_with_its_bookmarks_and_playbooks() {
    let operator = operator();
    let (old, new) = ("data/sessions.sqlite", "data/back.sqlite");
    let url = |file: &str| format!("sqlite:{}", operator.folder().join(file).display());
    let (old, new) = (url(old), url(new));
    let world = Setup::open(&old, "unused", ()).await;
    world.a_full_conversation().await;
    for place in ["7", "8"] {
        sends_a_voice_note(&operator, place, &format!("k-{place}")).await;
    }
    bookmark_all(world.store.as_ref()).await;
    publish_all(world.store.as_ref()).await;
    let before = everything(world.store.as_ref()).await;
    assert_eq!(before.len(), 3);

    let server = RedisServer::start();
    let to_redis = ["store", "migrate", "--to", &server.url(), "--json"];
    let done = json(&operator.runs(&to_redis, "").well());
    assert_eq!(
        (&done["conversations"], &done["left_out"]),
        (&3.into(), &serde_json::json!([]))
    );
    assert_eq!(
        (&done["playbook_versions"], &done["decisions"]),
        (&2.into(), &2.into())
    );
    let redis = at_url(&server.url()).await;
    assert_eq!(everything(redis.as_ref()).await, before);
    check_bookmarks(redis.as_ref()).await;
    check_playbooks(redis.as_ref()).await;

    let operator = of_store(operator, &server.url());
    let back = ["store", "migrate", "--to", "sqlite:back.sqlite"];
    let told = operator.runs(&back, "").well().stderr();
    assert!(told.contains("3 conversations copied"), "{told}");
    let sqlite = at_url(&new).await;
    assert_eq!(everything(sqlite.as_ref()).await, before);
    check_bookmarks(sqlite.as_ref()).await;
    check_playbooks(sqlite.as_ref()).await;
    assert_eq!(everything(redis.as_ref()).await, before, "left as it was");
    let operator = of_store(operator, &new);
    assert_eq!(verify(&operator).1["conversations"], 3);
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_keeps_nobody_else_from_moving() {
    let operator = operator();
    let mut spoilt = Vec::new();
    for (place, key) in [("7", "k1"), ("8", "k2"), ("9", "k3")] {
        spoilt.push(sends_a_voice_note(&operator, place, key).await);
    }
    let spoilt = spoilt[1];
    let version = PlaybookVersion::from("0");
    let now = FrozenClock::default().now();
    let mut session = Session::new(now, Language::EN, "greet", version);
    session.format = u16::MAX;
    let newer = Commit {
        session: SessionChange::Put(Box::new(session)),
        ..Commit::of(spoilt, 1)
    };
    let old = store(&operator).await;
    old.commit(newer).await.unwrap();
    bookmark_all(old.as_ref()).await;

    let server = RedisServer::start();
    let ran = operator.runs(&["store", "migrate", "--to", &server.url(), "--json"], "");
    let done = json(&ran);
    assert_eq!((ran.code(), &done["conversations"]), (1, &2.into()));
    let left_out = done["left_out"].to_string();
    assert!(left_out.contains(&spoilt.to_string()), "{left_out}");
    assert!(left_out.contains("its format is 65535"), "{left_out}");
    let redis = at_url(&server.url()).await;
    assert_eq!(everything(redis.as_ref()).await.len(), 2);
    assert_eq!(redis.export(spoilt).await.unwrap(), None);
    check_bookmarks(redis.as_ref()).await;

    let ran = operator.runs(&["store", "migrate", "--to", "sqlite:two.sqlite"], "");
    let told = ran.stderr();
    assert_eq!(ran.code(), 1, "{told}");
    assert!(
        told.contains(&format!("left out: conversation {spoilt}")),
        "{told}"
    );
    assert!(told.contains("2 conversations copied"), "{told}");
}

/// On a store that is served meanwhile a bookmark that is read later may be ahead of what was
/// copied, and what lies between would never be asked for again.
#[tokio::test]
async fn bookmarks_are_copied_as_they_were_before_the_conversations() {
    let server = RedisServer::start();
    let world = Setup::open(&server.url(), "consultant", ()).await;
    world.a_full_conversation().await;
    bookmark_all(world.store.as_ref()).await;
    let operator = of_store(operator(), &server.url());
    for command in [
        &["store", "backup", "all.jsonl"][..],
        &["store", "migrate", "--to", "sqlite:two.sqlite"],
    ] {
        let watched = watch(&server);
        drop(operator.runs(command, "").well());
        send(&server, &[&["ECHO", MARK]]);
        let seen = until_mark(watched);
        let first = |key: &str| seen.iter().position(|line| line.contains(key));
        let bookmarks = first(r#""consultant:bookmarks""#).expect("they are read");
        let conversations = first(r#""consultant:conversations""#).expect("they are read");
        assert!(bookmarks < conversations, "{command:?}: {seen:#?}");
    }
}

/// What the server is told from now on, one line a command.
fn watch(server: &RedisServer) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream.write_all(b"MONITOR\r\n").unwrap();
    let mut watched = BufReader::new(stream);
    let mut answer = String::new();
    watched.read_line(&mut answer).unwrap();
    assert_eq!(answer, "+OK\r\n");
    watched
}

fn until_mark(watched: BufReader<TcpStream>) -> Vec<String> {
    let lines = watched.lines().map(Result::unwrap);
    lines.take_while(|line| !line.contains(MARK)).collect()
}

/// A list of decisions with a hole in it would say that another version is live.
#[tokio::test]
async fn a_version_that_cannot_be_read_is_left_out_and_a_decision_takes_all_with_it() {
    let server = RedisServer::start();
    let redis = at_url(&server.url()).await;
    publish_all(redis.as_ref()).await;
    send(
        &server,
        &[
            &["HSET", "consultant:versions", "b", "{"],
            &["HSET", "consultant:releases", "1", "token {"],
        ],
    );
    let operator = of_store(operator(), &server.url());
    let (code, found) = verify(&operator);
    let problems = found["problems"].to_string();
    for name in ["playbook version b ", "decision 1 about playbooks "] {
        assert!(code == 1 && problems.contains(name), "{code} {problems}");
    }
    for command in [
        &["store", "backup", "all.jsonl", "--json"][..],
        &["store", "migrate", "--to", "sqlite:two.sqlite", "--json"],
    ] {
        let ran = operator.runs(command, "");
        let done = json(&ran);
        assert_eq!((ran.code(), &done["playbook_versions"]), (1, &1.into()));
        let left_out = done["left_out"].to_string();
        assert!(left_out.contains("playbook version b "), "{left_out}");
        let decisions = "all decisions about playbooks: decision 1 ";
        assert!(left_out.contains(decisions), "{left_out}");
    }
}

#[tokio::test]
async fn a_store_in_which_something_was_decided_is_no_target() {
    let operator = operator();
    sends_a_voice_note(&operator, "7", "k1").await;
    drop(operator.runs(&["store", "backup", "all.jsonl"], "").well());
    let two = operator.folder().join("data/two.sqlite");
    let two = at_url(&format!("sqlite:{}", two.display())).await;
    publish_all(two.as_ref()).await;
    let migrate = operator.runs(&["store", "migrate", "--to", "sqlite:two.sqlite"], "");
    let operator = of_store(operator, "sqlite:two.sqlite");
    let restore = operator.runs(&["store", "restore", "all.jsonl"], "");
    for ran in [migrate, restore] {
        assert_eq!(ran.code(), 1, "{}", ran.stdout());
        let told = ran.stderr();
        assert!(told.contains("holds decisions about playbooks"), "{told}");
    }
    assert_eq!(two.conversations(None, 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_backup_carries_versions_and_decisions() {
    let operator = operator();
    publish_all(store(&operator).await.as_ref()).await;
    let ran = operator.runs(&["store", "backup", "all.jsonl"], "");
    let told = ran.well().stderr();
    let words = "2 playbook versions, 2 decisions about them";
    assert!(told.contains(words), "{told}");
    let other = self::operator();
    let archive = operator.folder().join("all.jsonl").display().to_string();
    let ran = other.runs(&["store", "restore", &archive], "");
    let told = ran.well().stderr();
    assert!(told.contains(words), "{told}");
    check_playbooks(store(&other).await.as_ref()).await;
    let (code, found) = verify(&other);
    assert_eq!((code, &found["decisions"]), (0, &2.into()));
}

/// It would serve nobody, and no conversation that it answered could be explained.
#[tokio::test]
async fn a_version_that_was_published_and_is_not_kept_is_named() {
    let operator = operator();
    let store = store(&operator).await;
    store.add_release(&decision(1, "ann")).await.unwrap();
    let (code, found) = verify(&operator);
    let problems = found["problems"].to_string();
    let expect = "playbook version a, about which decision 1 is, is not kept";
    assert!(code == 1 && problems.contains(expect), "{code} {problems}");
}
