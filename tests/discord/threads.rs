//! Threads that the bot opens, names, closes and removes, and pins in them, with Discord's own rules
//! (the reference's "Threads", "Start Thread without Message", "Start Thread in Forum").

use axum::{
    Json,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::IntoResponse,
};
use serde_json::{Value, json};

use super::{
    body::Sent,
    card, payload,
    rest::{
        Answer, Double, Refusal, check_rights, error, not_found, open_place, post_as_bot_with,
        show, text_of,
    },
    state::{Closed, PlaceKind, Right, Snowflake, State},
};

/// The longest name of a thread, in characters.
const LONGEST_NAME: usize = 100;
/// The times after which a silent thread is archived, in minutes.
const ARCHIVED_AFTER: [u64; 4] = [60, 1_440, 4_320, 10_080];
/// The message in a channel that tells of a thread (message type `THREAD_CREATED`).
const THREAD_CREATED: u8 = 18;
const PUBLIC_THREAD: u8 = 11;

/// A thread has the id of the message that it was opened under.
pub(super) async fn under_a_message(
    Shared(double): Double,
    Path((place, message)): Path<(Snowflake, Snowflake)>,
    Json(body): Json<Value>,
) -> Answer {
    double.change(|state| {
        open_place(state, place)?;
        let name = body["name"].as_str().unwrap_or_default().to_owned();
        let room = state.places.get(&place);
        let is_text = room.is_some_and(|room| room.kind == PlaceKind::Text);
        if !is_text || !(1..=100).contains(&name.chars().count()) {
            return Err(error(StatusCode::BAD_REQUEST, 50035, "Invalid Form Body"));
        }
        show(state, place, message)?;
        if state.places.contains_key(&message) {
            let status = StatusCode::BAD_REQUEST;
            let words = "A thread has already been created for this message";
            return Err(error(status, 160_004, words));
        }
        state.add_place_as(message, &name, PlaceKind::Thread { parent: place });
        let json = payload::channel(state, message);
        state.dispatch("THREAD_CREATE", &json, payload::GUILDS);
        Ok((StatusCode::CREATED, Json(json)).into_response())
    })
}

/// A thread under no message, or a forum's post.
pub(super) async fn open(
    Shared(double): Double,
    Path(parent): Path<Snowflake>,
    mut sent: Sent,
) -> Answer {
    double.change(|state| {
        open_place(state, parent)?;
        check_right(state, parent, Right::CreateThreads)?;
        let name = name_of(&sent.body)?;
        let minutes = sent.body["auto_archive_duration"].as_u64();
        if !minutes.is_none_or(|it| ARCHIVED_AFTER.contains(&it)) {
            return Err(invalid());
        }
        let kind = state.places.get(&parent).map(|place| place.kind);
        let thread = match kind {
            Some(PlaceKind::Text) => open_in_text(state, parent, &name, &sent.body)?,
            Some(PlaceKind::Forum) => {
                let message = sent.body["message"].take();
                let tags = std::mem::replace(&mut sent.body, message)["applied_tags"].take();
                sent.keep(state, &double.origin())?;
                open_post(state, parent, (&name, tags), &sent.body)?
            }
            _ => {
                let words = "Cannot execute action on this channel type";
                return Err(error(StatusCode::BAD_REQUEST, 50024, words));
            }
        };
        Ok((StatusCode::CREATED, Json(payload::channel(state, thread))).into_response())
    })
}

/// Without a type the reference makes a private thread, which nobody at a desk would see.
fn open_in_text(
    state: &mut State,
    parent: Snowflake,
    name: &str,
    body: &Value,
) -> Result<Snowflake, Refusal> {
    if body["type"] != PUBLIC_THREAD || body.get("message").is_some() {
        return Err(invalid());
    }
    let thread = add(state, parent, name);
    tell(state, "THREAD_CREATE", thread);
    let told = state.mint();
    post_as_bot_with(told, state, (parent, name), Some(&json!({})));
    let messages = state.places.get_mut(&parent).map(|room| &mut room.messages);
    if let Some(told) = messages.and_then(|messages| messages.last_mut()) {
        told.json["type"] = json!(THREAD_CREATED);
    }
    Ok(thread)
}

fn open_post(
    state: &mut State,
    parent: Snowflake,
    (name, tags): (&str, Value),
    message: &Value,
) -> Result<Snowflake, Refusal> {
    let known = state.places.get(&parent).into_iter();
    let known = known.flat_map(|place| &place.tags);
    let known: Vec<String> = known.map(ToString::to_string).collect();
    let given = tags.as_array().map_or(&[][..], Vec::as_slice);
    if !known.is_empty() && given.is_empty() {
        let words = "A tag is required to create a forum post in this channel";
        return Err(error(StatusCode::BAD_REQUEST, 40067, words));
    }
    let is_known = |tag: &Value| known.iter().any(|known| tag == known);
    if !given.iter().all(is_known) {
        return Err(invalid());
    }
    check_rights(state, parent, message)?;
    card::check(message)?;
    let text = text_of(message)?.to_owned();
    let thread = add(state, parent, name);
    if let Some(place) = state.places.get_mut(&thread) {
        place.thread.tags = tags;
    }
    tell(state, "THREAD_CREATE", thread);
    post_as_bot_with(thread, state, (thread, &text), Some(message));
    Ok(thread)
}

fn add(state: &mut State, parent: Snowflake, name: &str) -> Snowflake {
    let thread = state.add_place(name, PlaceKind::Thread { parent });
    if let Some(place) = state.places.get_mut(&thread) {
        place.thread.by_bot = true;
    }
    thread
}

/// Tells the sessions how a thread is now.
pub(super) fn tell(state: &mut State, event: &'static str, thread: Snowflake) {
    let json = payload::channel(state, thread);
    state.dispatch(event, &json, payload::GUILDS);
}

pub(super) async fn change(
    Shared(double): Double,
    Path(thread): Path<Snowflake>,
    Json(body): Json<Value>,
) -> Answer {
    double.change(|state| {
        open_place(state, thread)?;
        may_change(state, thread, &body)?;
        let name = body.get("name").map(|_| name_of(&body)).transpose()?;
        let place = state.places.get_mut(&thread);
        let place = place.ok_or_else(|| not_found(10003, "Unknown Channel"))?;
        if place.thread.archived && name.is_some() && body["archived"] != json!(false) {
            return Err(archived());
        }
        place.name = name.unwrap_or_else(|| std::mem::take(&mut place.name));
        let set = |field: &str, now: bool| body[field].as_bool().unwrap_or(now);
        place.thread.archived = set("archived", place.thread.archived);
        place.thread.locked = set("locked", place.thread.locked);
        tell(state, "THREAD_UPDATE", thread);
        Ok(Json(payload::channel(state, thread)).into_response())
    })
}

/// Whoever opened a thread may name, close and open it; locking, and opening a locked one, need a
/// right.
fn may_change(state: &State, thread: Snowflake, body: &Value) -> Result<(), Refusal> {
    let place = state.places.get(&thread);
    let is_thread = place.is_some_and(|place| matches!(place.kind, PlaceKind::Thread { .. }));
    let Some(place) = place.filter(|_| is_thread) else {
        return Err(missing());
    };
    let locks = body.get("locked").is_some();
    let opens_locked = place.thread.locked && body["archived"] == json!(false);
    if !place.thread.by_bot || locks || opens_locked {
        return check_right(state, thread, Right::ManageThreads);
    }
    Ok(())
}

pub(super) async fn remove(Shared(double): Double, Path(thread): Path<Snowflake>) -> Answer {
    double.change(|state| {
        open_place(state, thread)?;
        check_right(state, thread, Right::ManageThreads)?;
        let json = payload::channel(state, thread);
        delete(state, thread);
        Ok(Json(json).into_response())
    })
}

/// Deletes a place, which the sessions are told.
pub(super) fn delete(state: &mut State, id: Snowflake) {
    let Some(place) = state.places.get_mut(&id) else {
        return;
    };
    place.closed = Some(Closed::Deleted);
    let kind = place.kind;
    if let PlaceKind::Thread { parent } = kind {
        let json = json!({
            "id": id.to_string(), "guild_id": state.guild.to_string(),
            "parent_id": parent.to_string(), "type": payload::type_of(kind),
        });
        state.dispatch("THREAD_DELETE", &json, payload::GUILDS);
    } else {
        let json = payload::channel(state, id);
        state.dispatch("CHANNEL_DELETE", &json, payload::GUILDS);
    }
}

pub(super) async fn pin(
    Shared(double): Double,
    Path((place, message)): Path<(Snowflake, Snowflake)>,
) -> Answer {
    double.change(|state| {
        open_place(state, place)?;
        check_right(state, place, Right::PinMessages)?;
        must_be_active(state, place)?;
        let unknown = || not_found(10008, "Unknown Message");
        let room = state.places.get_mut(&place).ok_or_else(unknown)?;
        let found = room.messages.iter_mut().find(|known| known.id == message);
        found.ok_or_else(unknown)?.json["pinned"] = json!(true);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// Whoever writes in an archived thread opens it; in a locked one only moderators write.
pub(super) fn wake(state: &mut State, place: Snowflake) -> Result<(), Refusal> {
    let is_moderator = state.allows(place, Right::ManageThreads);
    let Some(room) = state.places.get_mut(&place) else {
        return Ok(());
    };
    if room.kind == PlaceKind::Forum {
        let words = "Cannot send messages in a non-text channel";
        return Err(error(StatusCode::BAD_REQUEST, 50008, words));
    }
    if room.thread.locked && !is_moderator {
        return Err(error(StatusCode::FORBIDDEN, 160_005, "Thread is locked"));
    }
    if std::mem::take(&mut room.thread.archived) {
        tell(state, "THREAD_UPDATE", place);
    }
    Ok(())
}

/// In an archived thread nothing can be changed.
pub(super) fn must_be_active(state: &State, place: Snowflake) -> Result<(), Refusal> {
    let is_archived = |room: &super::state::Place| room.thread.archived;
    if state.places.get(&place).is_some_and(is_archived) {
        return Err(archived());
    }
    Ok(())
}

fn check_right(state: &State, place: Snowflake, right: Right) -> Result<(), Refusal> {
    if state.allows(place, right) {
        return Ok(());
    }
    Err(missing())
}

fn name_of(body: &Value) -> Result<String, Refusal> {
    let name = body["name"].as_str().unwrap_or_default().trim();
    if (1..=LONGEST_NAME).contains(&name.chars().count()) {
        return Ok(name.to_owned());
    }
    Err(invalid())
}

const fn archived() -> Refusal {
    error(StatusCode::BAD_REQUEST, 50083, "Thread is archived")
}

const fn missing() -> Refusal {
    error(StatusCode::FORBIDDEN, 50013, "Missing Permissions")
}

const fn invalid() -> Refusal {
    error(StatusCode::BAD_REQUEST, 50035, "Invalid Form Body")
}
