//! Being called instead of polling.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue},
};
use consultant_channels::telegram::{
    Ports, SECRET_HEADER, TelegramChannel, TelegramSettings, Verdict, Webhook,
};
use consultant_tests::{
    telegram::{TelegramDouble, WAIT_LIMIT},
    world::World,
};
use secrecy::SecretString;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    echo::{Bot, Memory, settings},
    sees,
};

const SECRET: &str = "a-secret-of-the-webhook";

type Called = (Arc<TelegramChannel>, Ports);

async fn call(
    State((channel, ports)): State<Called>,
    headers: HeaderMap,
    body: Bytes,
) -> axum::http::StatusCode {
    let secret = headers.get(SECRET_HEADER).map(HeaderValue::as_bytes);
    let verdict = channel.receive(&ports, secret, &body).await;
    axum::http::StatusCode::from_u16(verdict.status()).unwrap()
}

/// A bot that is called, on a port of its own.
struct Hooked {
    bot: Bot,
    server: JoinHandle<()>,
}

impl Hooked {
    async fn start(telegram: &TelegramDouble, memory: &Arc<Memory>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let webhook = Webhook {
            url,
            secret: SecretString::from(SECRET),
        };
        let settings = TelegramSettings {
            webhook: Some(webhook),
            ..settings(telegram)
        };
        let bot = Bot::start_with(settings, memory).await;
        let called = (Arc::clone(&bot.channel), bot.ports.clone());
        let routes = Router::new().fallback(call).with_state(called);
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { bot, server }
    }

    async fn stop(self) {
        self.server.abort();
        drop(self.server.await);
        self.bot.stop().await;
    }
}

#[tokio::test]
async fn updates_come_by_calls_and_nothing_is_polled() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let ann = telegram.customer("Ann");
    ann.says("before the bot came");
    let hooked = Hooked::start(&telegram, &memory).await;
    sees(&ann, &["You said: before the bot came"]).await;
    ann.says("now");
    sees(&ann, &["You said: before the bot came", "You said: now"]).await;
    telegram.wait_until_confirmed().await;
    assert_eq!(telegram.calls("getUpdates"), 0);
    let set = telegram.parameters("setWebhook");
    assert_eq!(set[0]["secret_token"], json!(SECRET));
    let kinds = [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ];
    assert_eq!(set[0]["allowed_updates"], json!(kinds));
    hooked.stop().await;
}

#[tokio::test]
async fn a_call_is_repeated_until_its_update_is_stored() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let hooked = Hooked::start(&telegram, &memory).await;
    memory.fail(2);
    let ann = telegram.customer("Ann");
    ann.says("one");
    sees(&ann, &["You said: one"]).await;
    telegram.wait_until_confirmed().await;
    assert_eq!(telegram.webhook_statuses(), [503, 503, 200]);
    hooked.stop().await;
}

#[tokio::test]
async fn a_call_that_comes_twice_is_answered_once() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let hooked = Hooked::start(&telegram, &memory).await;
    let ann = telegram.customer("Ann");
    let update = ann.says("one");
    sees(&ann, &["You said: one"]).await;
    telegram.wait_until_confirmed().await;
    telegram.repeat_update(update);
    ann.says("two");
    sees(&ann, &["You said: one", "You said: two"]).await;
    assert_eq!(memory.accepted().len(), 2);
    hooked.stop().await;
}

#[tokio::test]
async fn a_stranger_and_an_odd_call_change_nothing() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let hooked = Hooked::start(&telegram, &memory).await;
    let (channel, ports) = (&hooked.bot.channel, &hooked.bot.ports);
    let update = json!({"update_id": 1, "message": {
        "message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "hi",
        "from": {"id": 7, "is_bot": false, "first_name": "X"},
    }})
    .to_string();
    let update = update.as_bytes();
    for secret in [None, Some("wrong".as_bytes()), Some(b"")] {
        let verdict = channel.receive(ports, secret, update).await;
        assert_eq!(verdict, Verdict::Stranger);
    }
    let secret = Some(SECRET.as_bytes());
    for odd in [
        b"".as_slice(),
        b"{",
        b"[]",
        b"{\"message\":{}}",
        b"{\"update_id\":2,\"message\":1}",
    ] {
        assert_eq!(channel.receive(ports, secret, odd).await, Verdict::Taken);
    }
    assert_eq!(channel.unreadable_updates(), 5);
    assert_eq!(memory.tries(), 0);
    assert_eq!(channel.receive(ports, secret, update).await, Verdict::Taken);
    assert_eq!(memory.tries(), 1);
    hooked.stop().await;
}

#[tokio::test]
async fn a_bot_that_is_not_called_takes_no_calls() {
    let telegram = TelegramDouble::start().await;
    let bot = Bot::start(&telegram, &Arc::default()).await;
    let verdict = bot.channel.receive(&bot.ports, Some(b""), b"{}").await;
    assert_eq!(verdict, Verdict::Stranger);
    bot.stop().await;
}

#[tokio::test]
async fn a_webhook_that_another_program_took_is_taken_back() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let settings = TelegramSettings {
        webhook: Some(Webhook {
            url: url.clone(),
            secret: SecretString::from(SECRET),
        }),
        poll_patience: std::time::Duration::from_millis(100),
        ..settings(&telegram)
    };
    let bot = Bot::start_with(settings, &memory).await;
    telegram.set_webhook("https://example.org/another");
    telegram.wait_for_calls("setWebhook", 2).await;
    let back = async {
        while telegram.webhook_url() != url {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(WAIT_LIMIT, back).await.unwrap();
    telegram.revoke_token();
    let error = bot.ends().await;
    assert!(error.to_string().contains("token"), "{error}");
}

#[tokio::test]
async fn a_house_that_is_called_answers_as_one_that_polls() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut world = World::open().await;
    world.stop().await;
    world.webhook_port = Some(port);
    let ann = world.telegram.customer("Ann");
    ann.says("/start");
    world.start().await;
    ann.wait_for("a greeting", |seen| seen.len() == 1).await;
    world.telegram.wait_until_confirmed().await;
    let stranger = status_of(port, "/telegram").await;
    let nowhere = status_of(port, "/").await;
    assert_eq!((stranger, nowhere), (401, 404));
    assert_eq!(
        world.telegram.webhook_url(),
        format!("http://127.0.0.1:{port}/telegram")
    );
    world.settled().await;
    world.end().await;
}

/// The status that a call without the secret gets.
async fn status_of(port: u16, path: &str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
