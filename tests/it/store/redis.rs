//! The store on a real Redis server.

use std::{path::PathBuf, sync::Arc, time::Duration};

use consultant_core::{
    TimerChange,
    ports::{Accepted, Clock, Commit, Store, StoreError, WholeStore},
};
use consultant_store::{OpenError, Opening, StoreSettings};
use consultant_tests::{
    contract::{
        clock::FrozenClock,
        store::{NOBODY, Setup, commit, decided, decision, entry, kept, keys, message, version},
    },
    redis::{RedisServer, fresh_prefix},
};
use secrecy::SecretString;

use super::redis_upgrade::{ask, send};

async fn setup() -> Setup {
    let server = RedisServer::shared();
    let url = server.url();
    Setup::open(&url, &fresh_prefix(), server).await
}

consultant_tests::store_contract!(setup);
consultant_tests::durable_store_contract!(setup);

async fn open(url: &str, password: Option<&str>) -> Result<Arc<dyn WholeStore>, OpenError> {
    let settings = StoreSettings {
        redis_password: password.map(SecretString::from),
        ..StoreSettings::default()
    };
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::default());
    consultant_store::open(&SecretString::from(url), settings, clock).await
}

#[tokio::test]
async fn a_password_opens_the_door_from_the_url_and_from_the_settings() {
    let server = RedisServer::with_password("hunter2@/:é");
    let host = format!("127.0.0.1:{}", server.port());
    let encoded = "hunter2%40%2F%3A%C3%A9";
    let by_url = open(&format!("redis://:{encoded}@{host}"), None).await;
    let ann = message("k1", "ann", "hi");
    by_url.unwrap().accept(ann.clone()).await.unwrap();
    let by_settings = open(&server.url(), Some("hunter2@/:é")).await.unwrap();
    let again = by_settings.accept(ann).await.unwrap();
    assert_eq!(again, Accepted::Duplicate);

    for (url, password) in [
        (server.url(), None),
        (server.url(), Some("hunter3")),
        (format!("redis://:hunter3@{host}"), None),
        (format!("redis://nobody:hunter3@{host}"), None),
    ] {
        let error = open(&url, password).await.err().unwrap();
        assert!(matches!(error, OpenError::Refused { .. }), "{error:?}");
        let text = format!("{error} {error:?} {}", error.hint());
        assert!(text.contains(&host), "{text}");
        assert!(!text.contains("hunter"), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let mut server = RedisServer::start();
    server.stop();
    let host = format!("127.0.0.1:{}", server.port());
    for scheme in ["redis", "rediss"] {
        let url = format!("{scheme}://:hunter2@{host}");
        let error = open(&url, None).await.err().unwrap();
        assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
        let text = format!("{error} {error:?} {}", error.hint());
        assert!(text.contains(&host), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn a_restart_of_the_server_is_survived_by_the_same_process() {
    let mut server = RedisServer::start();
    let world = Setup::open(&server.url(), "restart", ()).await;
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let version = world.commit(world.put(ann, 0, "hi")).await;

    server.stop();
    let refused = world.store.accept(message("k2", "ann", "there?")).await;
    let error = refused.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&server.port().to_string()), "{text}");
    assert!(!text.contains("there?"), "{text}");
    let refused = world.store.commit(commit(ann, version)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })));

    assert!(server.start_again());
    until_reachable(world.store.as_ref()).await;
    let opened = world.opened(ann).await;
    assert_eq!(opened.session, Some(world.session("hi")));
    assert_eq!(opened.version, version);
    // What was refused is repeated, and succeeds as if for the first time.
    world.accept(message("k2", "ann", "there?")).await;
    let after = world.commit(commit(ann, version)).await;
    assert_eq!(after, version + 1);
    assert_eq!(world.backlog().await.0, ["k1", "k2"]);
}

/// Asks until the store answers, as whoever is told `Unavailable` does.
async fn until_reachable(store: &dyn Store) {
    let asking = async {
        while store.open(NOBODY).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asking)
        .await
        .expect("the store recovers within 10 s");
}

#[tokio::test]
async fn a_quiet_conversation_with_a_backlog_is_never_tidied_away() {
    let world = setup().await;
    let ann = world
        .accept(message("k0", "ann", "waiting"))
        .await
        .conversation;
    let bob = world.accept(message("b0", "bob", "hi")).await.conversation;
    let mut reply = commit(bob, 0);
    reply.outbox = vec![entry(bob, "o1", 1)];
    reply.answered = vec!["b0".into()];
    world.commit(reply).await;
    for round in 0..3 {
        world.clock.advance(Duration::from_hours(100));
        for number in 0..600 {
            let key = format!("cid {round} {number}");
            let envelope = world.accept(message(&key, &key, "hi")).await;
            let mut answer = commit(envelope.conversation, 0);
            answer.answered = vec![key.as_str().into()];
            world.commit(answer).await;
        }
    }
    let (inbox, outbox) = keys(world.store.as_ref()).await;
    assert_eq!(inbox, ["k0"]);
    assert_eq!(outbox, [entry(bob, "o1", 1)]);
    assert_ne!(ann, bob);
}

#[tokio::test]
async fn what_cannot_be_read_stops_nobody_else_and_is_named() {
    let server = RedisServer::start();
    let world = Setup::open(&server.url(), "spoilt", ()).await;
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let bob = world.accept(message("k2", "bob", "hi")).await.conversation;
    for whose in [ann, bob] {
        let timer = TimerChange::Set(world.timer(whose, "t1", 0));
        let turn = Commit {
            outbox: vec![entry(whose, "o1", 1)],
            timers: vec![timer],
            ..commit(whose, 0)
        };
        world.commit(turn).await;
    }
    let key = |what: &str| format!("spoilt:{{{ann}}}:{what}");
    send(
        &server,
        &[
            &["HSET", &key("inbox"), "k1", "1 token 5 {"],
            &["HSET", &key("outbox:o1"), "entry", "gone"],
            &["HSET", &key("timers"), "t1", "?"],
        ],
    );
    let (inbox, outbox) = keys(world.store.as_ref()).await;
    assert_eq!(
        (inbox, outbox),
        (vec!["k2".to_owned()], vec![entry(bob, "o1", 1)])
    );
    // The spoilt timer is as old, and only one is asked for.
    let fired = world.fire(1).await;
    assert_eq!(fired.len(), 1);
    assert_eq!(fired[0].conversation, bob);
    let error = world.store.export(ann).await.unwrap_err().to_string();
    assert!(
        error.contains("inbound k1") || error.contains("o1"),
        "{error}"
    );
    assert!(
        world.store.erase(ann).await.unwrap(),
        "it can be erased all the same"
    );
    assert_eq!(world.store.conversations(None, 9).await.unwrap(), [bob]);
}

#[tokio::test]
async fn a_version_and_a_decision_that_cannot_be_read_are_named() {
    let server = RedisServer::start();
    let world = Setup::open(&server.url(), "spoilt", ()).await;
    for id in ["a", "b"] {
        world.keep(&version(id, "")).await;
    }
    for number in 1..=3 {
        world.decide(&decision(number, "ann")).await;
    }
    let newer = r#"token {"format":999,"who":"knows"}"#;
    send(
        &server,
        &[
            &["HSET", "spoilt:versions", "a", "{"],
            &["HSET", "spoilt:releases", "2", newer],
        ],
    );
    let named = |error: StoreError, name: &str| {
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        assert!(error.to_string().starts_with(name), "{error}");
    };
    let store = world.store.as_ref();
    let error = store.kept_version(&"a".into()).await.unwrap_err();
    named(error, "playbook version a ");
    assert_eq!(kept(store, "b").await, Some(version("b", "")));
    let error = store.releases(0).await.unwrap_err();
    named(error, "decision 2 about playbooks ");
    assert_eq!(decided(store, 2).await.len(), 1);
    send(&server, &[&["HSET", "spoilt:releases", "next", "token {}"]]);
    named(store.releases(2).await.unwrap_err(), "a decision's number ");
}

/// A server that keeps them must not let them go: they have no time to live.
#[tokio::test]
async fn versions_and_decisions_never_expire() {
    let server = RedisServer::start();
    let world = Setup::open(&server.url(), "kept", ()).await;
    world.keep(&version("a", "")).await;
    world.decide(&decision(1, "ann")).await;
    for key in ["kept:versions", "kept:releases"] {
        assert_eq!(ask(&server, &["TTL", key]), ":-1", "{key}");
    }
}

#[tokio::test]
async fn over_tls_only_an_authority_that_is_named_is_believed() {
    let server = RedisServer::with_tls();
    let stranger = open(&server.url(), None).await.err().unwrap();
    assert!(
        matches!(stranger, OpenError::Unreachable { .. }),
        "{stranger:?}"
    );
    let plain = server.url().replace("rediss", "redis");
    assert!(open(&plain, None).await.is_err(), "it speaks TLS alone");

    let trusting = |file: PathBuf, url: String| async move {
        let settings = StoreSettings {
            redis_ca_file: Some(file),
            ..StoreSettings::default()
        };
        let clock: Arc<dyn Clock> = Arc::new(FrozenClock::default());
        consultant_store::open(&SecretString::from(url), settings, clock).await
    };
    let store = trusting(server.ca_file(), server.url()).await.unwrap();
    store.accept(message("k1", "ann", "hi")).await.unwrap();
    assert_eq!(keys(store.as_ref()).await.0, ["k1"]);
    let missing = server.ca_file().with_file_name("none.crt");
    for (file, url) in [(missing, server.url()), (server.ca_file(), plain)] {
        let error = trusting(file, url).await.err().unwrap();
        assert!(matches!(error, OpenError::Authority { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn as_it_is_an_empty_server_stays_empty() {
    let server = RedisServer::start();
    let settings = StoreSettings {
        opening: Opening::AsItIs,
        ..StoreSettings::default()
    };
    let url = SecretString::from(server.url());
    for _ in 0..2 {
        let clock: Arc<dyn Clock> = Arc::new(FrozenClock::default());
        let error = consultant_store::open(&url, settings.clone(), clock).await;
        let error = error.err().unwrap();
        assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
    }
    drop(open(&server.url(), None).await.unwrap());
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::default());
    consultant_store::open(&url, settings.clone(), clock)
        .await
        .unwrap();
    send(&server, &[&["SET", "consultant:format", "1"]]);
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::default());
    let older = consultant_store::open(&url, settings, clock).await.err();
    assert!(
        matches!(older, Some(OpenError::Older { found: 1, .. })),
        "{older:?}"
    );
}

#[tokio::test]
async fn two_prefixes_are_two_stores() {
    let (one, two) = (setup().await, setup().await);
    one.accept(message("k1", "ann", "hi")).await;
    assert_eq!(keys(two.store.as_ref()).await.0, [""; 0]);
    two.accept(message("k1", "ann", "hi")).await;
}
