//! The double's REST API, version 10: the routes that a chat bot uses, with Discord's own limits
//! and its own error codes (the reference's "JSON error codes").

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, patch, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    Inner, Posted,
    body::Sent,
    card,
    desks::tell_deleted,
    faults::gate,
    interactions, payload,
    state::{Closed, Message, PlaceKind, Right, Snowflake, State, intent_of, timestamp_of},
    threads,
};

/// The longest message, in Unicode code points.
const LONGEST_MESSAGE: usize = 2_000;
/// Links show no pictures (message flag `SUPPRESS_EMBEDS`).
const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// Nobody sees it but who gave the command or pressed the button (message flag EPHEMERAL).
pub(super) const FOR_ONE: u64 = 1 << 6;
/// "Thinking…" (message flag LOADING).
pub(super) const LOADING: u64 = 1 << 7;

pub(super) type Double = Shared<Arc<Inner>>;
pub(super) type Answer = Result<Response, Refusal>;

pub(super) fn routes(double: &Arc<Inner>) -> Router {
    let api = Router::new()
        .route("/gateway", get(gateway))
        .route("/gateway/bot", get(gateway))
        .route("/users/@me", get(me))
        .route("/users/@me/channels", post(open_direct))
        .route("/applications/@me", get(application))
        .route("/oauth2/applications/@me", get(application))
        .route("/applications/{application}/commands", put(commands))
        .route(
            "/channels/{place}",
            get(place).patch(threads::change).delete(threads::remove),
        )
        .route("/channels/{place}/threads", post(threads::open))
        .route(
            "/channels/{place}/messages/pins/{message}",
            put(threads::pin),
        )
        .route("/channels/{place}/pins/{message}", put(threads::pin))
        .route("/channels/{place}/messages", post(send).get(read))
        .route(
            "/channels/{place}/messages/{message}",
            patch(edit).get(read_one).delete(delete),
        )
        .route(
            "/channels/{place}/messages/{message}/threads",
            post(threads::under_a_message),
        )
        .route("/files/{file}", get(file))
        .route("/channels/{place}/typing", post(typing))
        .route(
            "/interactions/{interaction}/{token}/callback",
            post(interactions::callback),
        )
        .route(
            "/webhooks/{application}/{token}",
            post(interactions::follow_up),
        )
        .route(
            "/webhooks/{application}/{token}/messages/{message}",
            patch(interactions::edit).get(interactions::read),
        )
        .route_layer(middleware::from_fn_with_state(Arc::clone(double), gate));
    Router::new()
        .nest("/api/v10", api)
        .route("/", get(super::gateway::connect))
        .with_state(Arc::clone(double))
}

/// An error as Discord words it.
pub(super) struct Refusal {
    status: StatusCode,
    code: u32,
    message: &'static str,
    /// What is wrong with the field `content`, in Discord's own code and words.
    content: Option<(&'static str, &'static str)>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some((code, message)) = self.content {
            let errors = json!([{ "code": code, "message": message }]);
            body["errors"] = json!({ "content": { "_errors": errors } });
        }
        (self.status, Json(body)).into_response()
    }
}

pub(super) const fn error(status: StatusCode, code: u32, message: &'static str) -> Refusal {
    Refusal {
        status,
        code,
        message,
        content: None,
    }
}

pub(super) const fn not_found(code: u32, what: &'static str) -> Refusal {
    error(StatusCode::NOT_FOUND, code, what)
}

async fn gateway(Shared(double): Double) -> Json<Value> {
    Json(json!({
        "url": double.gateway_url(), "shards": 1,
        "session_start_limit":
            { "total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1 },
    }))
}

async fn me(Shared(double): Double) -> Json<Value> {
    Json(double.read(payload::bot))
}

async fn application(Shared(double): Double) -> Json<Value> {
    Json(double.read(payload::application))
}

async fn commands(Shared(double): Double, Json(wanted): Json<Value>) -> Json<Value> {
    let registered = double.change(|state| {
        let mut registered = wanted.as_array().cloned().unwrap_or_default();
        for command in &mut registered {
            let given = std::mem::take(command);
            *command = json!({ "type": 1, "default_member_permissions": null, "nsfw": false });
            for (field, value) in given.as_object().into_iter().flatten() {
                command[field] = value.clone();
            }
            command["id"] = json!(state.mint().to_string());
            command["version"] = json!(state.mint().to_string());
            command["application_id"] = json!(state.application.to_string());
        }
        state.commands = Value::Array(registered);
        state.commands.clone()
    });
    Json(registered)
}

async fn place(Shared(double): Double, Path(place): Path<Snowflake>) -> Answer {
    double.read(|state| {
        open_place(state, place)?;
        Ok(Json(payload::channel(state, place)).into_response())
    })
}

async fn open_direct(Shared(double): Double, Json(body): Json<Value>) -> Answer {
    let user = body["recipient_id"].as_str().and_then(|id| id.parse().ok());
    double.change(|state| {
        let known = user.filter(|id| state.users.values().any(|user| user == id));
        let user = known.ok_or_else(|| not_found(10013, "Unknown User"))?;
        let place = state.direct_place(user);
        Ok(Json(payload::channel(state, place)).into_response())
    })
}

/// The place, if the bot may see and write there.
pub(super) fn open_place(state: &State, place: Snowflake) -> Result<(), Refusal> {
    let unknown = || not_found(10003, "Unknown Channel");
    let forbidden = |code, message| Err(error(StatusCode::FORBIDDEN, code, message));
    match state.places.get(&place).ok_or_else(unknown)?.closed {
        None => Ok(()),
        Some(Closed::Deleted) => Err(unknown()),
        Some(Closed::NoAccess) => forbidden(50001, "Missing Access"),
        Some(Closed::Blocked) => forbidden(50007, "Cannot send messages to this user"),
    }
}

/// Whether the bot may write this there: naming the message that it answers, and with embeds.
pub(super) fn check_rights(state: &State, place: Snowflake, body: &Value) -> Result<(), Refusal> {
    let forbidden = |code, message| Err(error(StatusCode::FORBIDDEN, code, message));
    let replies = body["message_reference"]["message_id"].is_string();
    if replies && !state.allows(place, Right::ReadHistory) {
        let message = "Cannot reply without permission to read message history";
        return forbidden(160_002, message);
    }
    let embeds = body["embeds"].as_array().is_some_and(|it| !it.is_empty());
    if embeds && !state.allows(place, Right::EmbedLinks) {
        return forbidden(50013, "Missing Permissions");
    }
    let files = body["attachments"]
        .as_array()
        .is_some_and(|it| !it.is_empty());
    if files && !state.allows(place, Right::AttachFiles) {
        return forbidden(50013, "Missing Permissions");
    }
    Ok(())
}

/// The text of a message, within Discord's limits. Only an embed or a file makes up for a missing
/// one.
pub(super) fn text_of(body: &Value) -> Result<&str, Refusal> {
    let text = body["content"].as_str().unwrap_or_default().trim();
    let has = |field: &str| body[field].as_array().is_some_and(|it| !it.is_empty());
    if text.is_empty() && !has("embeds") && !has("attachments") {
        let status = StatusCode::BAD_REQUEST;
        return Err(error(status, 50006, "Cannot send an empty message"));
    }
    if text.chars().count() > LONGEST_MESSAGE {
        return Err(Refusal {
            content: Some(("BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")),
            ..error(StatusCode::BAD_REQUEST, 50035, "Invalid Form Body")
        });
    }
    Ok(text)
}

async fn send(Shared(double): Double, Path(place): Path<Snowflake>, mut sent: Sent) -> Answer {
    double.change(|state| {
        open_place(state, place)?;
        sent.keep(state, &double.origin())?;
        let body = sent.body;
        check_rights(state, place, &body)?;
        threads::wake(state, place)?;
        let text = text_of(&body)?;
        card::check(&body)?;
        let nonce = body["nonce"]
            .as_str()
            .map(|nonce| (place, nonce.to_owned()));
        let enforced = nonce.filter(|_| body["enforce_nonce"] == json!(true));
        if let Some(nonce) = &enforced
            && let Some(earlier) = state.of_nonce(nonce)
        {
            return show(state, place, earlier);
        }
        let id = post_as_bot(state, place, text, Some(&body));
        if let Some(nonce) = enforced {
            state.nonces.insert(nonce, (id, Instant::now()));
        }
        if let Some(load) = &double.load {
            let at = Instant::now();
            // Nobody measures any more when the receiver is gone.
            load.send(Posted { place, at }).ok();
        }
        show(state, place, id)
    })
}

/// Posts a message; without a body it is one that only says "thinking…".
pub(super) fn post_as_bot(
    state: &mut State,
    place: Snowflake,
    text: &str,
    body: Option<&Value>,
) -> Snowflake {
    let id = state.mint();
    post_as_bot_with(id, state, (place, text), body);
    id
}

/// The same with this id.
pub(super) fn post_as_bot_with(
    id: Snowflake,
    state: &mut State,
    (place, text): (Snowflake, &str),
    body: Option<&Value>,
) {
    let author = payload::bot(state);
    let mut json = payload::message(state, place, id, &author, text);
    let flags = body.map(|body| body["flags"].as_u64().unwrap_or_default());
    let loading = body.is_none();
    json["flags"] = json!(flags.unwrap_or(LOADING));
    for field in ["embeds", "components", "attachments"] {
        if let Some(value) = body.and_then(|body| body.get(field)) {
            json[field] = value.clone();
        }
    }
    let to = body.map(|body| &body["message_reference"]["message_id"]);
    if let Some(to) = to.filter(|to| to.is_string()) {
        json["type"] = json!(19);
        json["message_reference"] = json!({
            "type": 0, "message_id": to, "channel_id": place.to_string(),
            "guild_id": state.guild.to_string(),
        });
    }
    let content = text.to_owned();
    let message = Message {
        id,
        by_bot: true,
        content,
        loading,
        json,
    };
    state.post(place, message);
}

/// One message as REST shows it.
pub(super) fn show(state: &State, place: Snowflake, message: Snowflake) -> Answer {
    let room = state.places.get(&place);
    let found = room.and_then(|room| room.messages.iter().find(|known| known.id == message));
    let found = found.ok_or_else(|| not_found(10008, "Unknown Message"))?;
    Ok(Json(as_rest_shows(&found.json)).into_response())
}

/// Whether nobody sees a message but one.
pub(super) fn is_for_one(message: &Value) -> bool {
    message["flags"].as_u64().unwrap_or_default() & FOR_ONE != 0
}

fn as_rest_shows(message: &Value) -> Value {
    let mut json = message.clone();
    if let Some(fields) = json.as_object_mut() {
        fields.retain(|name, _| !payload::GATEWAY_ONLY.contains(&name.as_str()));
    }
    json
}

#[derive(Deserialize)]
struct Page {
    after: Option<Snowflake>,
    before: Option<Snowflake>,
    limit: Option<usize>,
}

/// Newest first, none without the right to them; with `after`, the oldest ones behind it are chosen.
async fn read(
    Shared(double): Double,
    Path(place): Path<Snowflake>,
    Query(page): Query<Page>,
) -> Answer {
    double.read(|state| {
        open_place(state, place)?;
        let limit = page.limit.unwrap_or(50).clamp(1, 100);
        let room = state.places.get(&place);
        let all = room
            .filter(|_| state.allows(place, Right::ReadHistory))
            .into_iter()
            .flat_map(|room| &room.messages)
            .filter(|message| !is_for_one(&message.json));
        let wanted = all.filter(|message| {
            page.after.is_none_or(|after| message.id > after)
                && page.before.is_none_or(|before| message.id < before)
        });
        let mut found: Vec<Value> = wanted.map(|message| as_rest_shows(&message.json)).collect();
        if page.after.is_some() {
            found.truncate(limit);
        }
        found.reverse();
        found.truncate(limit);
        Ok(Json(found).into_response())
    })
}

async fn read_one(
    Shared(double): Double,
    Path((place, message)): Path<(Snowflake, Snowflake)>,
) -> Answer {
    double.read(|state| {
        open_place(state, place)?;
        show(state, place, message)
    })
}

async fn edit(
    Shared(double): Double,
    Path((place, message)): Path<(Snowflake, Snowflake)>,
    mut sent: Sent,
) -> Answer {
    double.change(|state| {
        open_place(state, place)?;
        threads::must_be_active(state, place)?;
        sent.keep(state, &double.origin())?;
        check_rights(state, place, &sent.body)?;
        rewrite(state, place, message, &sent.body)
    })
}

pub(super) fn rewrite(
    state: &mut State,
    place: Snowflake,
    message: Snowflake,
    body: &Value,
) -> Answer {
    card::check(body)?;
    let room = state.places.get_mut(&place);
    let room = room.ok_or_else(|| not_found(10003, "Unknown Channel"))?;
    let intent = intent_of(room.kind);
    let found = room.messages.iter_mut().find(|known| known.id == message);
    let found = found.ok_or_else(|| not_found(10008, "Unknown Message"))?;
    // What an edit does not name stays as it is.
    let mut whole = found.json.clone();
    let attachments = body.get("attachments");
    let attachments = attachments.map(|named| left_of(named, &found.json["attachments"]));
    for field in ["content", "embeds"] {
        if let Some(value) = body.get(field) {
            whole[field] = value.clone();
        }
    }
    if let Some(left) = &attachments {
        whole["attachments"] = left.clone();
    }
    let text = text_of(&whole)?;
    if !found.by_bot {
        let status = StatusCode::FORBIDDEN;
        return Err(error(
            status,
            50005,
            "Cannot edit a message by another user",
        ));
    }
    text.clone_into(&mut found.content);
    found.loading = false;
    found.json["content"] = json!(text);
    for field in ["embeds", "components"] {
        if let Some(value) = body.get(field) {
            found.json[field] = value.clone();
        }
    }
    if let Some(left) = attachments {
        found.json["attachments"] = left;
    }
    // Whether links show pictures is all that an edit can change in them.
    let before = found.json["flags"].as_u64().unwrap_or_default();
    let flags = body["flags"].as_u64().unwrap_or(before);
    found.json["flags"] = json!((flags & SUPPRESS_EMBEDS) | (before & FOR_ONE));
    found.json["edited_timestamp"] = json!(timestamp_of(found.id));
    let json = found.json.clone();
    state.dispatch("MESSAGE_UPDATE", &json, intent);
    show(state, place, message)
}

/// The files that an edit names: new ones, and those of before that it keeps.
fn left_of(named: &Value, before: &Value) -> Value {
    let named = named.as_array().into_iter().flatten();
    let left = named.filter_map(|file| {
        if file.get("url").is_some() {
            return Some(file.clone());
        }
        let mut before = before.as_array().into_iter().flatten();
        before.find(|known| known["id"] == file["id"]).cloned()
    });
    left.collect()
}

async fn delete(
    Shared(double): Double,
    Path((place, message)): Path<(Snowflake, Snowflake)>,
) -> Answer {
    double.change(|state| {
        open_place(state, place)?;
        let room = state.places.get_mut(&place);
        let room = room.ok_or_else(|| not_found(10003, "Unknown Channel"))?;
        let found = room.messages.iter().position(|known| known.id == message);
        let found = found.ok_or_else(|| not_found(10008, "Unknown Message"))?;
        room.messages.remove(found);
        let id = json!({ "id": message.to_string() });
        tell_deleted(state, place, "MESSAGE_DELETE", id);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

async fn typing(Shared(double): Double, Path(place): Path<Snowflake>) -> Answer {
    double.change(|state| {
        open_place(state, place)?;
        if let Some(room) = state.places.get_mut(&place) {
            room.typing += 1;
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// What a customer sent.
async fn file(Shared(double): Double, Path(file): Path<Snowflake>) -> Answer {
    let bytes = double.read(|state| state.files.get(&file).cloned());
    let bytes = bytes.ok_or_else(|| not_found(0, "404: Not Found"))?;
    Ok(bytes.into_response())
}

/// What a place's kind means to a reader of the double's state.
pub(super) const fn is_direct(kind: PlaceKind) -> bool {
    matches!(kind, PlaceKind::Direct { .. })
}
