//! Answers to slash commands and pressed buttons: the first within three seconds, and what the
//! interaction's token is good for afterwards (the reference's "Receiving and Responding").

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    body::Sent,
    card,
    rest::{
        Answer, Double, FOR_ONE, LOADING, Refusal, error, not_found, post_as_bot, rewrite, show,
        text_of,
    },
    state::{OpenInteraction, Snowflake, State},
};

/// How long an interaction waits for its first answer.
const INTERACTION_PATIENCE: Duration = Duration::from_secs(3);
/// How long an interaction's token is good.
const TOKEN_LIFE: Duration = Duration::from_mins(15);

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    with_response: bool,
}

pub(super) async fn callback(
    Shared(double): Double,
    Path((id, token)): Path<(Snowflake, String)>,
    Query(wanted): Query<Wanted>,
    Json(body): Json<Value>,
) -> Answer {
    double.change(|state| {
        let unknown = || not_found(10062, "Unknown interaction");
        let open = state.interactions.get(&token).ok_or_else(unknown)?.clone();
        if open.reply.is_some() {
            let message = "Interaction has already been acknowledged.";
            return Err(error(StatusCode::BAD_REQUEST, 40060, message));
        }
        let waited = open.given_at.elapsed();
        if open.id != id || waited > INTERACTION_PATIENCE {
            return Err(unknown());
        }
        let reply = first_answer(state, &open, &body)?;
        if let Some(open) = state.interactions.get_mut(&token) {
            open.reply = Some(reply);
            open.answered_after_ms = Some(waited.as_millis());
        }
        if wanted.with_response {
            return Ok(Json(response(state, &open, reply, &body)).into_response());
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// Carries out an interaction response, and gives the message that the token edits from now on.
fn first_answer(
    state: &mut State,
    open: &OpenInteraction,
    body: &Value,
) -> Result<Snowflake, Refusal> {
    let data = &body["data"];
    match (body["type"].as_u64(), open.under) {
        (Some(4), _) => {
            card::check(data)?;
            let text = text_of(data)?;
            Ok(post_as_bot(state, open.place, text, Some(data)))
        }
        (Some(5), _) => {
            let id = post_as_bot(state, open.place, "", None);
            let flags = data["flags"].as_u64().unwrap_or_default() & FOR_ONE;
            let room = state.places.get_mut(&open.place);
            let newest = room.and_then(|room| room.messages.last_mut());
            if let Some(newest) = newest.filter(|_| flags != 0) {
                newest.json["flags"] = json!(LOADING | flags);
            }
            Ok(id)
        }
        (Some(6), Some(message)) => Ok(message),
        (Some(7), Some(message)) => {
            rewrite(state, open.place, message, data)?;
            Ok(message)
        }
        _ => Err(error(StatusCode::BAD_REQUEST, 50035, "Invalid Form Body")),
    }
}

/// What `with_response` asks for (the reference's "Interaction Callback Response Object").
fn response(state: &State, open: &OpenInteraction, reply: Snowflake, body: &Value) -> Value {
    let room = state.places.get(&open.place);
    let message = room.and_then(|room| room.messages.iter().find(|known| known.id == reply));
    let loading = message.is_some_and(|message| message.loading);
    json!({
        "interaction": {
            "id": open.id.to_string(),
            "type": if open.under.is_some() { 3 } else { 2 },
            "response_message_id": reply.to_string(),
            "response_message_loading": loading,
            "response_message_ephemeral": false,
        },
        "resource": { "type": body["type"], "message": message.map(|message| &message.json) },
    })
}

/// Where an interaction was given, and the message that its token edits.
fn replied(state: &State, token: &str) -> Result<(Snowflake, Snowflake), Refusal> {
    let open = state.interactions.get(token);
    let fresh = open.filter(|open| open.given_at.elapsed() < TOKEN_LIFE);
    fresh
        .and_then(|open| open.reply.map(|reply| (open.place, reply)))
        .ok_or_else(|| not_found(10015, "Unknown Webhook"))
}

/// A message of the interaction's: `@original`, which clients may also percent-encode, or the id of
/// a later answer.
fn named(state: &State, token: &str, message: &str) -> Result<(Snowflake, Snowflake), Refusal> {
    let (place, original) = replied(state, token)?;
    match message {
        "@original" => Ok((place, original)),
        id => {
            let id = id.parse().map_err(|_| not_found(10008, "Unknown Message"));
            id.map(|id| (place, id))
        }
    }
}

pub(super) async fn edit(
    Shared(double): Double,
    Path((_, token, message)): Path<(Snowflake, String, String)>,
    mut sent: Sent,
) -> Answer {
    double.change(|state| {
        let (place, message) = named(state, &token, &message)?;
        sent.keep(state, &double.origin())?;
        rewrite(state, place, message, &sent.body)
    })
}

pub(super) async fn read(
    Shared(double): Double,
    Path((_, token, message)): Path<(Snowflake, String, String)>,
) -> Answer {
    double.read(|state| {
        let (place, message) = named(state, &token, &message)?;
        show(state, place, message)
    })
}

pub(super) async fn follow_up(
    Shared(double): Double,
    Path((_, token)): Path<(Snowflake, String)>,
    Json(body): Json<Value>,
) -> Answer {
    double.change(|state| {
        let (place, _) = replied(state, &token)?;
        card::check(&body)?;
        let id = post_as_bot(state, place, text_of(&body)?, Some(&body));
        show(state, place, id)
    })
}
