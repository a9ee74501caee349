//! The requests of Discord's REST API that conversations need, over a client of our own: it has
//! time limits, sees `retry_after`, and is the same for Discord and for any other origin.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use consultant_core::ports::{Cause, PostedFile};
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
    multipart::Part,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Value, json};
use serenity::{
    all::{ApplicationId, ChannelId, MessageId},
    constants::USER_AGENT,
};
use tokio::time::Instant;

use super::{
    DiscordSettings,
    pace::{Bucket, Kind, Paces},
    reference::Interaction,
    rest::{Failure, origin},
};
use crate::upload;

/// The whole of a request and its answer.
const CALL_LIMIT: Duration = Duration::from_secs(20);
/// The whole of a request that carries a file.
const UPLOAD_LIMIT: Duration = Duration::from_mins(2);
/// The most messages that Discord returns at once.
pub(super) const PAGE: usize = 100;
/// A reply of its own.
const REPLY: u8 = 4;
/// A deferred reply: "thinking…" is shown until it is rewritten.
const DEFERRED_REPLY: u8 = 5;
/// Nothing is shown: the message under which a button was pressed may change later.
const DEFERRED_CHANGE: u8 = 6;
/// Shown to nobody but whoever gave the command or pressed the button (message flag `EPHEMERAL`).
pub(super) const ONLY_FOR_ONE: u64 = 1 << 6;
/// After a day of silence a thread leaves the list of open ones; it can still be written in.
const THREAD_OPEN_MINUTES: u32 = 1_440;

/// Discord's REST API.
#[derive(Debug)]
pub(super) struct Api {
    client: Client,
    root: String,
    token: SecretString,
    application: ApplicationId,
    paces: Mutex<Paces>,
}

/// One request. Without a bucket it carries its right in its path and has no common limit.
struct Ask {
    method: Method,
    path: String,
    body: Option<Value>,
    file: Option<Part>,
    bucket: Option<Bucket>,
}

/// A channel, as far as it matters to who wants a room in it or takes it for one.
#[derive(Debug, Deserialize)]
pub(super) struct Looked {
    #[serde(rename = "type")]
    pub(super) kind: u8,
    #[serde(default)]
    pub(super) flags: u64,
    #[serde(default)]
    pub(super) available_tags: Vec<Tag>,
    /// The channel of a thread, or the category of a channel.
    #[serde(default)]
    pub(super) parent_id: Option<ChannelId>,
}

/// What a forum sorts its posts by.
#[derive(Debug, Deserialize)]
pub(super) struct Tag {
    pub(super) id: String,
    /// Whether only moderators may give it.
    #[serde(default)]
    pub(super) moderated: bool,
}

/// A thread that was opened.
#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    pub(super) id: ChannelId,
}

/// A message as Discord shows it in its answer.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    pub(super) id: MessageId,
    #[serde(default)]
    content: String,
    #[serde(default)]
    embeds: Vec<Embed>,
    #[serde(default)]
    components: Vec<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Embed {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// An error of Discord's own. Whatever stands before Discord has another form, or none.
#[derive(Deserialize)]
struct Refusal {
    code: isize,
    #[serde(default)]
    message: String,
}

impl Shown {
    /// Whether this is the message that was to be sent. Discord trims a text, and adds embeds of
    /// its own kinds for the links in it.
    pub(super) fn is(&self, message: &Value) -> bool {
        let count = |field: &str| message[field].as_array().map_or(0, Vec::len);
        let text = message["content"].as_str().unwrap_or_default();
        let cards = self.embeds.iter().filter(|embed| embed.is_a_card()).count();
        self.content.trim() == text.trim()
            && cards == count("embeds")
            && self.components.len() == count("components")
    }
}

impl Embed {
    fn is_a_card(&self) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == "rich")
    }
}

impl Api {
    pub(super) fn new(
        settings: &DiscordSettings,
        application: ApplicationId,
    ) -> Result<Self, Cause> {
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .timeout(CALL_LIMIT)
            .build()?;
        Ok(Self {
            client,
            root: format!("{}/api/v10", origin(settings)),
            token: settings.token.clone(),
            application,
            paces: Mutex::default(),
        })
    }

    /// Posts a message; returns what is shown now: this message, or an earlier one of the same
    /// nonce.
    pub(super) async fn send(
        &self,
        to: ChannelId,
        message: Value,
        file: Option<PostedFile<'_>>,
    ) -> Result<Shown, Failure> {
        let path = format!("/channels/{to}/messages");
        let ask = Ask::of(Method::POST, path, Some(message), (Kind::Send, to));
        self.read(ask.with(file)?).await
    }

    /// Changes a message.
    pub(super) async fn edit(
        &self,
        place: ChannelId,
        message: MessageId,
        changed: Value,
    ) -> Result<(), Failure> {
        let path = format!("/channels/{place}/messages/{message}");
        let ask = Ask::of(Method::PATCH, path, Some(changed), (Kind::Edit, place));
        self.ask(ask).await.map(drop)
    }

    /// Takes a message back.
    pub(super) async fn delete(&self, place: ChannelId, message: MessageId) -> Result<(), Failure> {
        let path = format!("/channels/{place}/messages/{message}");
        let ask = Ask::of(Method::DELETE, path, None, (Kind::Edit, place));
        self.ask(ask).await.map(drop)
    }

    /// Shows typing.
    pub(super) async fn typing(&self, place: ChannelId) -> Result<(), Failure> {
        let path = format!("/channels/{place}/typing");
        let ask = Ask::of(Method::POST, path, None, (Kind::Typing, place));
        self.ask(ask).await.map(drop)
    }

    /// The oldest messages behind this one, at most [`PAGE`]. Each is read on its own, so that a
    /// strange one does not hide the others.
    pub(super) async fn messages_after(
        &self,
        place: ChannelId,
        after: u64,
    ) -> Result<Vec<Value>, Failure> {
        let path = format!("/channels/{place}/messages?after={after}&limit={PAGE}");
        self.read(Ask::of(Method::GET, path, None, (Kind::Read, place)))
            .await
    }

    /// Opens a thread under a message; its id is the message's.
    pub(super) async fn open_thread(
        &self,
        place: ChannelId,
        message: MessageId,
        name: &str,
    ) -> Result<(), Failure> {
        let path = format!("/channels/{place}/messages/{message}/threads");
        let thread = json!({ "name": name, "auto_archive_duration": THREAD_OPEN_MINUTES });
        let ask = Ask::of(Method::POST, path, Some(thread), (Kind::Thread, place));
        self.ask(ask).await.map(drop)
    }

    /// What sort of channel it is.
    pub(super) async fn look(&self, place: ChannelId) -> Result<Looked, Failure> {
        let path = format!("/channels/{place}");
        self.read(Ask::of(Method::GET, path, None, (Kind::Look, place)))
            .await
    }

    /// Opens a thread under no message, or a forum's post.
    pub(super) async fn open_room(
        &self,
        desk: ChannelId,
        opening: Value,
        file: Option<PostedFile<'_>>,
    ) -> Result<Opened, Failure> {
        let path = format!("/channels/{desk}/threads");
        let ask = Ask::of(Method::POST, path, Some(opening), (Kind::Thread, desk));
        self.read(ask.with(file)?).await
    }

    /// Changes a thread.
    pub(super) async fn change_room(&self, room: ChannelId, change: Value) -> Result<(), Failure> {
        let path = format!("/channels/{room}");
        let kind = change.get("name").map_or(Kind::Change, |_| Kind::Name);
        let ask = Ask::of(Method::PATCH, path, Some(change), (kind, room));
        self.ask(ask).await.map(drop)
    }

    /// Deletes a thread with all that stands in it.
    pub(super) async fn delete_room(&self, room: ChannelId) -> Result<(), Failure> {
        let path = format!("/channels/{room}");
        let ask = Ask::of(Method::DELETE, path, None, (Kind::Change, room));
        self.ask(ask).await.map(drop)
    }

    /// Pins a message.
    pub(super) async fn pin(&self, place: ChannelId, message: MessageId) -> Result<(), Failure> {
        let path = format!("/channels/{place}/messages/pins/{message}");
        let ask = Ask::of(Method::PUT, path, None, (Kind::Pin, place));
        self.ask(ask).await.map(drop)
    }

    /// Tells the customer that the answer is on its way.
    pub(super) async fn defer(&self, given: &Interaction) -> Result<(), Failure> {
        self.call_back(given, json!({ "type": DEFERRED_REPLY }))
            .await
    }

    /// Tells whoever gave a command, and nobody else, that the answer is on its way.
    pub(super) async fn defer_unseen(&self, given: &Interaction) -> Result<(), Failure> {
        let unseen = json!({ "type": DEFERRED_REPLY, "data": { "flags": ONLY_FOR_ONE } });
        self.call_back(given, unseen).await
    }

    /// Tells that a press arrived, and shows nothing.
    pub(super) async fn defer_change(&self, given: &Interaction) -> Result<(), Failure> {
        self.call_back(given, json!({ "type": DEFERRED_CHANGE }))
            .await
    }

    /// Says something else, behind the first answer.
    pub(super) async fn follow_up(&self, given: &Interaction, words: Value) -> Result<(), Failure> {
        let (application, token) = (self.application, given.token.expose_secret());
        let path = format!("/webhooks/{application}/{token}");
        self.ask(Ask::free(Method::POST, path, words))
            .await
            .map(drop)
    }

    /// Answers what was not acknowledged yet.
    pub(super) async fn answer(&self, given: &Interaction, reply: Value) -> Result<(), Failure> {
        let answer = json!({ "type": REPLY, "data": reply });
        self.call_back(given, answer).await
    }

    async fn call_back(&self, given: &Interaction, body: Value) -> Result<(), Failure> {
        let Interaction { id, token } = given;
        let path = format!("/interactions/{id}/{}/callback", token.expose_secret());
        self.ask(Ask::free(Method::POST, path, body))
            .await
            .map(drop)
    }

    /// Writes the answer into the deferred reply; returns the id of its message.
    pub(super) async fn complete(
        &self,
        given: &Interaction,
        reply: Value,
        file: Option<PostedFile<'_>>,
    ) -> Result<MessageId, Failure> {
        let (application, token) = (self.application, given.token.expose_secret());
        let path = format!("/webhooks/{application}/{token}/messages/@original");
        let ask = Ask::free(Method::PATCH, path, reply).with(file)?;
        self.read::<Shown>(ask).await.map(|reply| reply.id)
    }

    async fn read<T: DeserializeOwned>(&self, ask: Ask) -> Result<T, Failure> {
        let body = self.ask(ask).await?;
        let body = body
            .bytes()
            .await
            .map_err(|error| Failure::NoAnswer(error.without_url().into()))?;
        serde_json::from_slice(&body).map_err(|error| Failure::NoAnswer(error.into()))
    }

    /// An answer of success. Its body is still on the way: where nobody reads it, it cannot fail.
    async fn ask(&self, ask: Ask) -> Result<Response, Failure> {
        if let Some(bucket) = ask.bucket
            && let Some(after) = self.paces().wait(bucket, Instant::now())
        {
            return Err(Failure::Wait(after));
        }
        let bucket = ask.bucket;
        let answer = self.request(ask)?.send().await;
        // The address of an interaction carries its token.
        let answer = answer.map_err(|error| Failure::NoAnswer(error.without_url().into()))?;
        if let Some(bucket) = bucket {
            self.paces().note(bucket, answer.headers(), Instant::now());
        }
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(self.refused(bucket, answer).await)
    }

    fn request(&self, ask: Ask) -> Result<RequestBuilder, Failure> {
        let url = format!("{}{}", self.root, ask.path);
        let has_length = matches!(ask.method, Method::POST | Method::PUT);
        let mut request = self.client.request(ask.method, url);
        if ask.bucket.is_some() {
            let token = format!("Bot {}", self.token.expose_secret());
            let token = HeaderValue::from_str(&token);
            let mut token = token.map_err(|error| Failure::NoAnswer(error.into()))?;
            token.set_sensitive(true);
            request = request.header(AUTHORIZATION, token);
        }
        Ok(match (ask.body, ask.file) {
            (Some(body), Some(file)) => {
                let body = Part::text(body.to_string()).mime_str("application/json");
                let body = body.map_err(|error| Failure::NoAnswer(error.into()))?;
                let form = upload::form().part("payload_json", body);
                let form = form.part("files[0]", file);
                request.timeout(UPLOAD_LIMIT).multipart(form)
            }
            (Some(body), None) => request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string()),
            // One without a length is refused by some who stand before an API.
            (None, _) if has_length => request.header(CONTENT_LENGTH, "0"),
            (None, _) => request,
        })
    }

    async fn refused(&self, bucket: Option<Bucket>, answer: Response) -> Failure {
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.unwrap_or_default();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let now = Instant::now();
            return Failure::Wait(self.paces().flooded(bucket, &headers, &body, now));
        }
        match serde_json::from_slice(&body) {
            Ok(Refusal { code, message }) => Failure::Answer(status, code, message),
            // Not Discord speaks, but a proxy or a firewall before it, which decides nothing.
            Err(_) => Failure::NoAnswer(format!("{status} without a word of Discord's").into()),
        }
    }

    fn paces(&self) -> std::sync::MutexGuard<'_, Paces> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ask {
    fn of(method: Method, path: String, body: Option<Value>, bucket: Bucket) -> Self {
        Self {
            method,
            path,
            body,
            file: None,
            bucket: Some(bucket),
        }
    }

    /// The same with a file.
    fn with(self, file: Option<PostedFile<'_>>) -> Result<Self, Failure> {
        let part = file.map(upload::part).transpose();
        let file = part.map_err(|error| Failure::NoAnswer(error.into()))?;
        Ok(Self { file, ..self })
    }

    fn free(method: Method, path: String, body: Value) -> Self {
        Self {
            method,
            path,
            body: Some(body),
            file: None,
            bucket: None,
        }
    }
}
