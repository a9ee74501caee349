//! The double's light form, for measuring: it takes the same calls and gives the same answers, but
//! checks nothing, remembers no message and no call, and never looks through a list. What it costs
//! is the same for one chat and for a hundred thousand. Faults, groups, files and buttons are the
//! whole double's.

mod callers;
mod desk;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{extract::Query, http::Uri};
use serde_json::{Map, Value, json};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use self::{callers::Callers, desk::Desk};
use super::{TOKEN, methods, state::Webhook};
use crate::lean::{self, Answer, Request};

/// The first chat's number; the others follow.
const FIRST_CHAT: i64 = 1_000_000;

/// A reply as the platform took it.
#[derive(Clone, Copy, Debug)]
pub struct Reply {
    /// Whose chat, counted from 0.
    pub customer: usize,
    /// When.
    pub at: Instant,
}

/// The platform, with any number of customers.
pub struct LightTelegram {
    light: Arc<Light>,
    url: String,
    server: JoinHandle<()>,
}

struct Light {
    desk: Mutex<Desk>,
    /// Told when an update waits.
    news: Notify,
    replies: mpsc::UnboundedSender<Reply>,
    callers: Mutex<Option<Callers>>,
    webhook_url: Mutex<String>,
}

impl LightTelegram {
    /// Starts on a free port of this machine. Every reply of the bot comes through the receiver.
    pub async fn start() -> (Self, mpsc::UnboundedReceiver<Reply>) {
        let (replies, seen) = mpsc::unbounded_channel();
        let light = Arc::new(Light {
            desk: Mutex::default(),
            news: Notify::new(),
            replies,
            callers: Mutex::default(),
            webhook_url: Mutex::default(),
        });
        let (address, server) = lean::serve(Arc::new(Served(Arc::clone(&light)))).await;
        let url = format!("http://{address}");
        let double = Self { light, url, server };
        (double, seen)
    }

    /// The origin to use instead of the real one.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bot's token.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// A customer, counted from 0, writes in the private chat with the bot.
    pub fn says(&self, customer: usize, text: &str) {
        self.light.desk().write(chat_of(customer), text);
        self.light.news.notify_one();
    }
}

impl Drop for LightTelegram {
    fn drop(&mut self) {
        self.server.abort();
        self.light.call(None);
    }
}

impl fmt::Debug for LightTelegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LightTelegram")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

fn chat_of(customer: usize) -> i64 {
    FIRST_CHAT + i64::try_from(customer).unwrap_or_default()
}

impl Light {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls this webhook from now on, or none.
    fn call(self: &Arc<Self>, webhook: Option<Webhook>) {
        let url = webhook.as_ref().map(|it| it.url.clone());
        *self.webhook_url() = url.unwrap_or_default();
        let callers = webhook.map(|webhook| Callers::start(self, &webhook));
        *self.callers.lock().unwrap_or_else(PoisonError::into_inner) = callers;
    }

    /// Where the bot is called; empty while it polls.
    fn webhook_url(&self) -> MutexGuard<'_, String> {
        self.webhook_url
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn get_updates(&self, parameters: &Map<String, Value>) -> String {
        let number = |name: &str| number(parameters.get(name));
        let offset = number("offset").unwrap_or(0);
        let limit = number("limit").and_then(|limit| usize::try_from(limit).ok());
        let patience = number("timeout").and_then(|seconds| u64::try_from(seconds).ok());
        let deadline = Instant::now() + Duration::from_secs(patience.unwrap_or(0));
        loop {
            let updates = self.desk().after(offset, limit);
            if updates.is_some() || Instant::now() >= deadline {
                return format!("[{}]", updates.unwrap_or_default());
            }
            // Whether by news or by the deadline: the next round finds out.
            let _woken = timeout_at(deadline, self.news.notified()).await;
        }
    }

    /// The message as it is in the chat now. Telegram has it, so the customer sees it.
    fn send(&self, parameters: &Map<String, Value>) -> Option<String> {
        let at = Instant::now();
        let chat = number(parameters.get("chat_id"))?;
        let text = parameters.get("text")?.as_str()?;
        let message = self.desk().message(chat, text);
        let customer = usize::try_from(chat - FIRST_CHAT).ok()?;
        // Nobody measures any more when the receiver is gone.
        self.replies.send(Reply { customer, at }).ok();
        Some(message)
    }

    fn set_webhook(self: &Arc<Self>, parameters: &Map<String, Value>) {
        let text = |name: &str| parameters.get(name).and_then(Value::as_str);
        let connections = number(parameters.get("max_connections"));
        self.call(text("url").filter(|url| !url.is_empty()).map(|url| {
            Webhook {
                url: url.to_owned(),
                secret: text("secret_token").unwrap_or_default().to_owned(),
                connections: connections
                    .and_then(|it| usize::try_from(it).ok())
                    .unwrap_or(40),
            }
        }));
    }
}

/// The server's side of it.
struct Served(Arc<Light>);

impl Answer for Served {
    async fn answer(&self, request: Request) -> (u16, String) {
        let Self(light) = self;
        let method = request.path.split('?').next().unwrap_or_default();
        let method = method
            .strip_prefix("/bot")
            .and_then(|rest| rest.strip_prefix(TOKEN)?.strip_prefix('/'));
        let Some(method) = method.and_then(methods::known) else {
            return refused(404, "Not Found");
        };
        let parameters = parameters(&request);
        let result = match method {
            "getUpdates" => light.get_updates(&parameters).await,
            "getMe" => methods::me().to_string(),
            "getWebhookInfo" => json!({"url": *light.webhook_url(),
                "has_custom_certificate": false, "pending_update_count": 0})
            .to_string(),
            "sendMessage" => match light.send(&parameters) {
                Some(message) => message,
                None => return refused(400, "Bad Request: chat_id or text is missing"),
            },
            "setWebhook" => {
                light.set_webhook(&parameters);
                "true".to_owned()
            }
            "deleteWebhook" => {
                light.call(None);
                "true".to_owned()
            }
            _ => "true".to_owned(),
        };
        (200, format!(r#"{{"ok":true,"result":{result}}}"#))
    }
}

fn refused(code: u16, description: &str) -> (u16, String) {
    let body = json!({"ok": false, "error_code": code, "description": description});
    (code, body.to_string())
}

/// Numbers come as such, or as text in a form.
fn number(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Parameters come as JSON, as a form or in the query.
fn parameters(request: &Request) -> Map<String, Value> {
    if request.content_type.starts_with("application/json") {
        return serde_json::from_slice(&request.body).unwrap_or_default();
    }
    let text = match request.path.split_once('?') {
        Some((_, query)) => query.to_owned(),
        None => String::from_utf8_lossy(&request.body).into_owned(),
    };
    let uri = format!("/?{text}").parse::<Uri>().unwrap_or_default();
    let found = Query::<Vec<(String, String)>>::try_from_uri(&uri);
    let found = found.map(|Query(found)| found).unwrap_or_default();
    let texts = found.into_iter();
    texts
        .map(|(name, text)| (name, Value::String(text)))
        .collect()
}
