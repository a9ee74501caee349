//! A Redis store as the first release left it, upgraded in place.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use consultant_core::{
    ConversationId, InboundEvent, SESSION_FORMAT,
    ports::{Accepted, Clock},
};
use consultant_tests::{
    contract::store::{Setup, decided, decision, exported, message, place, version},
    redis::RedisServer,
};

const ANN: &str = "019b7c5e-0000-7000-8000-000000000001";
const SESSION: &str = include_str!("../../../src/store/session-1.json");
const WAITING: &str = r#"{"key":"telegram:7:101","address":{"channel":"telegram","place":"42"},"sent_at":"2026-01-02T03:04:05Z","locale":"en","event":{"kind":"message","text":"still there?"}}"#;
const ENTRY: &str = r#"{"id":"o1","conversation":"019b7c5e-0000-7000-8000-000000000001","address":{"channel":"telegram","place":"42"},"sequence":1,"text":"Hello","state":"ready","shown":[]}"#;
const SHOWN: &str = r#"{"receipt":"9","text":"Hello"}"#;
const EVENT: &str = r#"{"at":"2026-01-02T03:04:05Z","what":"escalated","reason":"asked"}"#;

/// Sends commands as the protocol has them, and reads one line of answer each.
pub(super) fn send(server: &RedisServer, commands: &[&[&str]]) {
    answers(server, commands);
}

/// The line that answers one command.
pub(super) fn ask(server: &RedisServer, command: &[&str]) -> String {
    answers(server, &[command]).remove(0)
}

fn answers(server: &RedisServer, commands: &[&[&str]]) -> Vec<String> {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut stream = stream;
    let send = |words: &&[&str]| {
        let mut command = vec![format!("*{}\r\n", words.len())];
        for word in *words {
            command.push(format!("${}\r\n{word}\r\n", word.len()));
        }
        stream.write_all(command.concat().as_bytes()).unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert!(!answer.starts_with('-'), "{words:?}: {answer}");
        answer
    };
    commands.iter().map(send).collect()
}

fn write_old_store(server: &RedisServer, now: i64) {
    let key = |what: &str| format!("old:{{{ANN}}}:{what}");
    let (now, later) = (now.to_string(), (now + 1000).to_string());
    let waiting = format!("2 019b7c5e-0000-7000-8000-00000000000f {WAITING}");
    let (two_days, ended) = ("176400000", ENTRY.replace("o1", "o2"));
    let words: &[&[&str]] = &[
        &["SET", "old:format", "1"],
        &["ZADD", "old:active", &now, ANN],
        &["SET", "old:address:telegram:42", ANN],
        &["SET", "old:inbound:telegram:7:100", "telegram:42"],
        &["SET", "old:inbound:telegram:7:101", "telegram:42"],
        &[
            "HSET",
            &key("state"),
            "version",
            "3",
            "sequence",
            "2",
            "commit",
            "x",
        ],
        &[
            "HSET",
            &key("session"),
            "body",
            SESSION,
            "expires_at",
            &later,
        ],
        &["HSET", &key("inbox"), "telegram:7:101", &waiting],
        &["ZADD", &key("known"), &now, "telegram:7:100"],
        &["ZADD", &key("known"), &now, "telegram:7:101"],
        &["SADD", &key("pending"), "o1"],
        &["HSET", &key("outbox:o1"), "entry", ENTRY, "state", "ready"],
        &["HSET", &key("outbox:o1"), "shown:0", SHOWN, "parts", "1"],
        &[
            "HSET",
            &key("outbox:o2"),
            "entry",
            &ended,
            "state",
            "delivered",
        ],
        &["PEXPIRE", &key("outbox:o2"), two_days],
        &["RPUSH", &key("ledger"), EVENT],
    ];
    send(server, words);
}

#[tokio::test]
async fn a_store_of_the_first_format_is_upgraded_in_place_and_reads_right() {
    let server = RedisServer::start();
    let moment = Setup::open("memory:", "unused", ()).await.clock.now();
    write_old_store(&server, moment.as_millisecond());
    let ann = ConversationId(ANN.parse().unwrap());
    let mut world = Setup::open(&server.url(), "old", ()).await;
    for _ in 0..2 {
        let opened = world.opened(ann).await;
        let session = opened.session.unwrap();
        assert_eq!(
            (opened.version, session.format, session.turns),
            (3, SESSION_FORMAT, 3)
        );
        let backlog = world.store.backlog().await.unwrap();
        assert_eq!(backlog.inbox.len(), 1);
        assert_eq!(
            backlog.inbox[0].inbound.event,
            InboundEvent::says("still there?")
        );
        assert_eq!(backlog.outbox[0].shown[0].text, "Hello");
        for key in ["telegram:7:100", "telegram:7:101"] {
            let again = world.store.accept(message(key, "42", "hi")).await;
            assert_eq!(again.unwrap(), Accepted::Duplicate, "{key}");
        }
        assert_eq!(world.store.conversations(None, 9).await.unwrap(), [ann]);
        assert_eq!(world.store.addresses(ann).await.unwrap(), [place("42")]);
        let record = world.store.export(ann).await.unwrap().unwrap();
        assert_eq!((record.inbox.len(), record.ledger.len()), (2, 1));
        let ended = record.outbox.iter().filter_map(|it| it.ended_at);
        let ended: Vec<_> = ended.collect();
        assert_eq!(ended.len(), 1, "the delivered entry is found too");
        assert!(moment.duration_since(ended[0]).as_secs().abs() < 60);
        world.reopen().await;
    }
    assert_eq!(decided(world.store.as_ref(), 0).await, []);
    world.keep(&version("a", "")).await;
    world.decide(&decision(1, "ann")).await;
    let key = "telegram:7:101".into();
    assert_eq!(world.store.count_failure(ann, &key).await.unwrap(), 1);
    assert!(world.store.erase(ann).await.unwrap());
    world.clock.advance(Duration::from_secs(1));
    let anew = world.accept(message("telegram:7:101", "42", "hi")).await;
    assert!(anew.conversation != ann, "nothing leads there any more");
}

/// All that format 2 wrote stands where it stood, and a program that knows no more is kept away.
#[tokio::test]
async fn a_store_of_the_second_format_is_upgraded_in_place() {
    let server = RedisServer::start();
    let mut world = Setup::open(&server.url(), "old", ()).await;
    let ann = world.a_full_conversation().await;
    let record = exported(world.store.as_ref(), ann).await;
    send(&server, &[&["SET", "old:format", "2"]]);
    world.reopen().await;
    assert_eq!(exported(world.store.as_ref(), ann).await, record);
    assert_eq!(decided(world.store.as_ref(), 0).await, []);
    world.decide(&decision(1, "ann")).await;
    assert_eq!(ask(&server, &["INCRBY", "old:format", "0"]), ":3");
}
