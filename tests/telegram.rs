//! A double of Telegram's Bot API: stateful, over real sockets, as strict as the platform, and
//! breakable on purpose. A test talks to it as people talk:
//!
//! ```text
//! let telegram = TelegramDouble::start().await;
//! let ann = telegram.customer("Ann");
//! ann.says("how much is Pro?");
//! ann.wait_for("the price", |seen| seen.len() == 1).await;
//! ```
//!
//! It outlives any bot that connects to it, so a restart in a test is simply a second bot. Requests
//! and updates are checked against the published schema; a violation fails the test when the double
//! is dropped. Start reading at [`TelegramDouble`] and [`Customer`].

mod call;
mod callback;
mod calling;
mod content;
mod desks;
mod documents;
mod faults;
mod files;
mod html;
mod light;
mod methods;
mod people;
mod polling;
mod schema;
mod sending;
mod server;
mod state;
mod text;
mod topics;

use std::{fmt, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::timeout};

use self::state::{Chat, Shared, State, Webhook};
pub use self::{
    content::Content,
    desks::{Shown, Topic},
    documents::Received,
    faults::Fault,
    files::{File, FileFault},
    light::{LightTelegram, Reply},
    people::{Customer, Group, Seen},
    topics::Right,
};
use crate::watch::Watcher;

/// The bot's name, without the at sign.
pub const BOT_NAME: &str = "ConsultantDoubleBot";

/// How long a test waits for something to show before it fails.
pub const WAIT_LIMIT: Duration = Duration::from_secs(10);

const TOKEN: &str = "7000000001:AADoubleDoubleDoubleDoubleDouble";

/// The platform.
pub struct TelegramDouble {
    shared: Arc<Shared>,
    url: String,
    server: JoinHandle<()>,
    calling: JoinHandle<()>,
}

impl TelegramDouble {
    /// Starts on a free port of this machine, with a bot and nobody else.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::new(TOKEN));
        let (address, server) = server::serve(Arc::clone(&shared)).await;
        let calling = tokio::spawn(calling::run(Arc::clone(&shared)));
        Self {
            calling,
            shared,
            url: format!("http://{address}"),
            server,
        }
    }

    /// The origin to use instead of the real one.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bot's token.
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// The bot's user id.
    pub fn bot_id(&self) -> i64 {
        state::BOT_ID
    }

    /// Somebody in their private chat with the bot. The same name is the same person.
    pub fn customer(&self, name: &str) -> Customer {
        Customer::private(&self.shared, name)
    }

    /// A new supergroup that the bot is in and may read.
    pub fn group(&self, title: &str) -> Group {
        Group::create(&self.shared, title, false)
    }

    /// A new supergroup with topics; General is one of them.
    pub fn forum(&self, title: &str) -> Group {
        Group::create(&self.shared, title, true)
    }

    /// From now on the token is refused, also to a poll that is open.
    pub fn revoke_token(&self) {
        self.shared.change(|state| state.revoked = true);
    }

    /// The token works again.
    pub fn restore_token(&self) {
        self.shared.change(|state| state.revoked = false);
    }

    /// Lets a call of a method go wrong. Several faults for one method happen one after another.
    pub fn fail_next(&self, method: &str, fault: Fault) {
        let known = methods::known(method);
        assert!(known.is_some(), "the double has no method `{method}`");
        let method = known.unwrap_or_default().to_owned();
        self.shared.change(|state| {
            state.faults.entry(method).or_default().push_back(fault);
        });
    }

    /// Lets somebody watch every call that names a chat, and every poll (its place is empty).
    pub fn watch(&self, watcher: Arc<dyn Watcher<Fault>>) {
        self.shared.watched.by(watcher);
    }

    /// Allows so many messages and edits within a time in each chat, and answers 429 beyond.
    pub fn limit_chats(&self, messages: usize, within: Duration) {
        self.shared
            .change(|state| state.flood = Some((messages, within)));
    }

    /// Sets a webhook, which keeps `getUpdates` from working until it is deleted.
    pub fn set_webhook(&self, url: &str) {
        let webhook = Webhook {
            url: url.to_owned(),
            secret: String::new(),
            connections: 1,
        };
        self.shared.change(|state| state.webhook = Some(webhook));
    }

    /// The address that the bot wants to be called at; empty while it polls.
    pub fn webhook_url(&self) -> String {
        let state = self.shared.look();
        let webhook = state.webhook.as_ref();
        webhook.map_or_else(String::new, |webhook| webhook.url.clone())
    }

    /// What the bot answered to each call so far, 0 where it did not.
    pub fn webhook_statuses(&self) -> Vec<u16> {
        self.shared.look().webhook_statuses.clone()
    }

    /// From now on the server is too old for drafts.
    pub fn without_drafts(&self) {
        self.shared.change(|state| state.draftless = true);
    }

    /// Presses that the bot has not answered.
    pub fn unanswered_presses(&self) -> usize {
        let state = self.shared.look();
        state
            .presses
            .values()
            .filter(|answered| !**answered)
            .count()
    }

    /// Hands out an update once more, although it was confirmed.
    pub fn repeat_update(&self, number: i64) {
        self.shared.change(|state| {
            let update = state.made.get(&number).cloned();
            assert!(update.is_some(), "there was no update {number}");
            state.repeats.extend(update);
        });
    }

    /// The next update is overtaken by those after it: called with so late, or the last one of its
    /// batch.
    pub fn reorder_next(&self, late: Duration) {
        self.shared.change(|state| state.late = Some(late));
    }

    /// Queues an update as it is, not checked; a missing `update_id` is added. Returns its number.
    pub fn inject(&self, mut update: Value) -> i64 {
        self.shared.change(|state| {
            let fresh = state.update_number();
            let number = update["update_id"].as_i64().unwrap_or(fresh);
            update["update_id"] = json!(number);
            state.made.insert(number, update.clone());
            state.queue.push_back(update);
            number
        })
    }

    /// Hands out an update once, as it is.
    pub fn inject_once(&self, update: Value) {
        self.shared.change(|state| state.repeats.push(update));
    }

    /// Updates that the bot has not confirmed.
    pub fn unconfirmed_updates(&self) -> usize {
        self.shared.look().queue.len()
    }

    /// How often a method was called with the right token.
    pub fn calls(&self, method: &str) -> usize {
        let state = self.shared.look();
        let same = |name: &str| name.eq_ignore_ascii_case(method);
        state.calls.iter().filter(|(name, _)| same(name)).count()
    }

    /// The parameters of every call of a method, oldest first.
    pub fn parameters(&self, method: &str) -> Vec<Value> {
        let state = self.shared.look();
        let calls = state.calls.iter();
        calls
            .filter(|(name, _)| name.eq_ignore_ascii_case(method))
            .map(|(_, parameters)| parameters.clone())
            .collect()
    }

    /// The command menu of a language; an empty code is everybody else's.
    pub fn menu(&self, language: &str) -> Vec<String> {
        let state = self.shared.look();
        state.menus.get(language).cloned().unwrap_or_default()
    }

    /// What the bot did against the schema or the limits so far, taken off the list. Whatever is
    /// left when the double is dropped fails the test.
    pub fn take_violations(&self) -> Vec<String> {
        self.shared
            .change(|state| std::mem::take(&mut state.violations))
    }

    /// Waits until the bot has a poll open.
    pub async fn wait_until_polled(&self) {
        self.wait_until_polled_within(WAIT_LIMIT).await;
    }

    /// Like [`TelegramDouble::wait_until_polled`], with a limit of its own.
    pub async fn wait_until_polled_within(&self, limit: Duration) {
        let polled = |state: &State| (state.polling > 0).then_some(());
        wait(&self.shared, "the bot to poll", limit, polled).await;
    }

    /// Waits until the bot has confirmed every update.
    pub async fn wait_until_confirmed(&self) {
        let confirmed = |state: &State| state.queue.is_empty().then_some(());
        wait(
            &self.shared,
            "all updates to be confirmed",
            WAIT_LIMIT,
            confirmed,
        )
        .await;
    }

    /// Waits until a method was called so often.
    pub async fn wait_for_calls(&self, method: &str, times: usize) {
        let called = |state: &State| {
            let calls = state.calls.iter();
            let calls = calls.filter(|(name, _)| name.eq_ignore_ascii_case(method));
            (calls.count() >= times).then_some(())
        };
        let what = format!("{times} calls of {method}");
        wait(&self.shared, &what, WAIT_LIMIT, called).await;
    }
}

impl Drop for TelegramDouble {
    fn drop(&mut self) {
        self.server.abort();
        self.calling.abort();
        let violations = self.take_violations();
        // A test that fails already shall show its own reason.
        if !std::thread::panicking() {
            assert!(
                violations.is_empty(),
                "the Bot API was used wrongly: {violations:#?}"
            );
        }
    }
}

impl fmt::Debug for TelegramDouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelegramDouble")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Waits until `find` finds something. Fails the test after `limit`, naming what was waited for.
async fn wait<T>(
    shared: &Shared,
    what: &str,
    limit: Duration,
    find: impl Fn(&State) -> Option<T>,
) -> T {
    let mut changes = shared.subscribe();
    let found = timeout(limit, async {
        loop {
            changes.borrow_and_update();
            let found = find(&shared.look());
            if let Some(found) = found {
                return found;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    });
    match found.await {
        Ok(found) => found,
        Err(_) => give_up(shared, what, limit),
    }
}

#[expect(clippy::panic, reason = "a harness fails its test by panicking")]
fn give_up(shared: &Shared, what: &str, limit: Duration) -> ! {
    let state = shared.look();
    let shown: Vec<String> = state.chats.values().flat_map(lines).collect();
    panic!(
        "waited {limit:?} in vain for {what}; violations: {:?}; messages:\n{}",
        state.violations,
        shown.join("\n")
    )
}

fn lines(chat: &Chat) -> Vec<String> {
    let line = |message: &Value| {
        let name = message["from"]["first_name"].as_str().unwrap_or("?");
        let text = message["text"].as_str().unwrap_or("(no words)");
        format!("  {}: {name}: {text}", chat.json["id"])
    };
    let messages = chat.messages.values();
    messages.map(|stored| line(&stored.json)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    /// Asks as any HTTP client would. Returns the status and the body.
    async fn ask(telegram: &TelegramDouble, path: &str, body: &str) -> (u16, Value) {
        let address = telegram.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    async fn call(telegram: &TelegramDouble, method: &str, body: &Value) -> (u16, String) {
        let path = format!("/bot{}/{method}", telegram.token());
        let (status, answer) = ask(telegram, &path, &body.to_string()).await;
        let description = answer["description"].as_str().unwrap_or_default();
        (status, description.to_owned())
    }

    #[tokio::test]
    async fn tokens_and_methods_are_checked() {
        let telegram = TelegramDouble::start().await;
        assert_eq!(call(&telegram, "GETme", &json!({})).await.0, 200);
        assert_eq!(call(&telegram, "getNothing", &json!({})).await.0, 404);
        let (status, answer) = ask(&telegram, "/bot1:wrong/getMe", "{}").await;
        assert_eq!((status, &answer["error_code"]), (401, &json!(401)));
        assert_eq!(ask(&telegram, "/", "{}").await.0, 404);
        telegram.revoke_token();
        assert_eq!(call(&telegram, "getMe", &json!({})).await.0, 401);
    }

    #[tokio::test]
    async fn limits_are_the_platforms_own() {
        let telegram = TelegramDouble::start().await;
        let ann = telegram.customer("Ann");
        let send = async |text: &str| {
            let body = json!({"chat_id": ann.chat_id(), "text": text});
            call(&telegram, "sendMessage", &body).await.0
        };
        assert_eq!(send(&"😀".repeat(2048)).await, 200);
        assert_eq!(send(&"😀".repeat(2049)).await, 400);
        assert_eq!(send(" \n").await, 400);
        ann.blocks_bot();
        assert_eq!(send("x").await, 403);
        let nobody = json!({"chat_id": 5, "text": "x"});
        assert_eq!(call(&telegram, "sendMessage", &nobody).await.0, 400);
        telegram.limit_chats(1, Duration::from_mins(1));
        ann.unblocks_bot();
        assert_eq!(send("x").await, 200);
        assert_eq!(send("y").await, 429);
    }

    #[tokio::test]
    async fn wrong_use_is_a_violation() {
        let telegram = TelegramDouble::start().await;
        let ann = telegram.customer("Ann");
        let outside = json!({
            "chat_id": ann.chat_id(), "text": "😀",
            "entities": [{"type": "bold", "offset": 1, "length": 1}],
        });
        assert_eq!(call(&telegram, "sendMessage", &outside).await.0, 400);
        assert_eq!(telegram.take_violations().len(), 1);
        let checked = telegram.shared.schema.is_some();
        let unknown = json!({"chat_id": ann.chat_id(), "text": "x", "colour": "red"});
        assert_eq!(call(&telegram, "sendMessage", &unknown).await.0, 200);
        let found = telegram.take_violations();
        assert!(
            !checked || found == ["sendMessage.colour is unknown"],
            "{found:?}"
        );
    }

    #[tokio::test]
    async fn a_second_poll_ends_the_first_and_an_offset_confirms() {
        let telegram = TelegramDouble::start().await;
        let ann = telegram.customer("Ann");
        let wait = json!({"timeout": 10});
        let second = async {
            telegram.wait_until_polled().await;
            call(&telegram, "getUpdates", &wait).await
        };
        let says = async {
            telegram.wait_for_calls("getUpdates", 2).await;
            ann.says("hello")
        };
        let first = call(&telegram, "getUpdates", &wait);
        let ((first, _), (second, _), update) = tokio::join!(first, second, says);
        assert_eq!((first, second), (409, 200));
        assert_eq!(telegram.unconfirmed_updates(), 1);
        let confirm = json!({"offset": update + 1});
        assert_eq!(call(&telegram, "getUpdates", &confirm).await.0, 200);
        assert_eq!(telegram.unconfirmed_updates(), 0);
    }

    #[tokio::test]
    async fn everything_that_a_customer_sends_satisfies_the_schema() {
        let telegram = TelegramDouble::start().await;
        let forum = telegram.forum("Lamps");
        let topic = forum.topic("Orders");
        let ann = telegram.customer("Ann").in_topic(&forum, topic);
        for content in [
            Content::Text("@someone /help 😀".into()),
            Content::Photo(Some("look".into())),
            Content::Sticker,
            Content::Voice,
            Content::Video,
            Content::Document,
            Content::Location,
            Content::Poll,
            Content::Contact,
            Content::Dice,
        ] {
            ann.sends(content);
        }
        let update = ann.says("first");
        ann.edits(update, "second");
        assert_eq!(telegram.take_violations(), Vec::<String>::new());
        assert_eq!(telegram.unconfirmed_updates(), 12);
    }
}
