//! What can go wrong on the way to the REST API, and the gate that every request passes: token,
//! injected fault, schema check, handler, and once more the fault.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, MatchedPath, Request, State as Shared},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::time::Instant;

use super::{
    Inner, rest,
    state::{Flood, Snowflake, State},
};
use crate::wire::Cut;

/// The largest request body that the double reads, in bytes.
const LARGEST_BODY: usize = 10_000_000;

/// A route of the REST API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// GET /gateway and /gateway/bot.
    Gateway,
    /// GET /users/@me.
    Me,
    /// GET /applications/@me and /oauth2/applications/@me.
    Application,
    /// PUT /applications/{id}/commands.
    Commands,
    /// GET /channels/{id}.
    Place,
    /// POST /users/@me/channels.
    OpenDirect,
    /// POST /channels/{id}/messages.
    Send,
    /// GET /channels/{id}/messages and one message.
    Read,
    /// PATCH /channels/{id}/messages/{id}.
    Edit,
    /// POST /channels/{id}/typing.
    Typing,
    /// POST /interactions/{id}/{token}/callback.
    Callback,
    /// PATCH and GET /webhooks/{id}/{token}/messages/@original.
    EditOriginal,
    /// POST /webhooks/{id}/{token}.
    FollowUp,
    /// POST /channels/{id}/messages/{id}/threads.
    Thread,
    /// GET /files/{id}: what customers sent, which Discord keeps on servers of its own.
    File,
}

impl Route {
    fn of(method: &Method, path: &str) -> Option<Self> {
        let path = path.strip_prefix("/api/v10").unwrap_or(path);
        Some(match (method.as_str(), path) {
            (_, "/gateway" | "/gateway/bot") => Self::Gateway,
            (_, "/users/@me") => Self::Me,
            (_, "/applications/@me" | "/oauth2/applications/@me") => Self::Application,
            (_, "/applications/{application}/commands") => Self::Commands,
            (_, "/channels/{place}") => Self::Place,
            (_, "/users/@me/channels") => Self::OpenDirect,
            ("POST", "/channels/{place}/messages") => Self::Send,
            ("PATCH", "/channels/{place}/messages/{message}") => Self::Edit,
            (_, "/channels/{place}/messages/{message}/threads") => Self::Thread,
            (_, "/files/{file}") => Self::File,
            ("GET", _) if path.starts_with("/channels/{place}/messages") => Self::Read,
            (_, "/channels/{place}/typing") => Self::Typing,
            (_, "/interactions/{interaction}/{token}/callback") => Self::Callback,
            (_, "/webhooks/{application}/{token}/messages/@original") => Self::EditOriginal,
            (_, "/webhooks/{application}/{token}") => Self::FollowUp,
            _ => return None,
        })
    }

    /// Routes that carry their right in the path, or need none.
    const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Gateway | Self::Callback | Self::EditOriginal | Self::FollowUp | Self::File
        )
    }
}

/// What goes wrong with the next request to a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// 429 with `retry_after`, and no effect.
    Flood {
        /// How long the client is asked to wait.
        retry_after: Duration,
    },
    /// This status with a body of HTML, and no effect.
    NotJson {
        /// For example 502.
        status: u16,
    },
    /// This status with an error of Discord's own, and no effect.
    Refused {
        /// For example 403.
        status: u16,
        /// Discord's error code, for example `50_001`.
        code: u32,
    },
    /// The connection closes before anything happened.
    ResetBefore,
    /// The request takes effect, then the connection closes without an answer.
    ResetAfter,
    /// The request takes effect and is answered 200, with half of the body.
    Truncated,
    /// The request takes effect, and its answer comes this late.
    Late(Duration),
}

pub(super) async fn gate(
    Shared(double): Shared<Arc<Inner>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    if double.read(|state| state.trouble.down) {
        cut.now();
        return StatusCode::OK.into_response();
    }
    let Some(route) = Route::of(request.method(), path.as_str()) else {
        return rest::error(StatusCode::METHOD_NOT_ALLOWED, 0, "405: Method Not Allowed")
            .into_response();
    };
    if !route.is_open() && !authorised(&double, &request) {
        return rest::error(StatusCode::UNAUTHORIZED, 0, "401: Unauthorized").into_response();
    }
    let place = place_in(request.uri().path());
    if let Some((rest, global)) = double.change(|state| told_to_wait(state, route, place)) {
        return flood(rest, global);
    }
    let left = match double.change(|state| spend(state, route, place)) {
        Err(rest) => return flood(rest, false),
        Ok(left) => left,
    };
    let (call, named) = watched(route, request.uri().path());
    let planned = double.watched.before(call, &named).await;
    let fault = double.take_fault(route);
    let fault = planned.or(fault);
    if let Some(response) = fault.and_then(|fault| refuse(fault, &cut)) {
        return response;
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_BODY).await else {
        return rest::error(
            StatusCode::PAYLOAD_TOO_LARGE,
            40005,
            "Request entity too large",
        )
        .into_response();
    };
    double.check_body(route, &bytes);
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut response = next.run(request).await;
    double.watched.after(call, &named).await;
    if let Some((left, reset)) = left {
        let headers = response.headers_mut();
        headers.insert("x-ratelimit-remaining", HeaderValue::from(left));
        let reset = HeaderValue::from_str(&format!("{:.3}", reset.as_secs_f64()));
        headers.insert(
            "x-ratelimit-reset-after",
            reset.unwrap_or_else(|_| HeaderValue::from(1)),
        );
    }
    spoil(fault, response, &cut).await
}

fn place_in(path: &str) -> Option<Snowflake> {
    let (_, rest) = path.split_once("/channels/")?;
    rest.split('/').next()?.parse().ok()
}

/// How long this request has to wait, and whether everybody has to.
fn told_to_wait(
    state: &mut State,
    route: Route,
    place: Option<Snowflake>,
) -> Option<(Duration, bool)> {
    let now = Instant::now();
    let State {
        floods, disobeyed, ..
    } = state;
    floods.retain(|flood| flood.until > now);
    let concerns = |flood: &&mut Flood| match flood.place {
        Some(of) => place == Some(of),
        None => !route.is_open(),
    };
    let flood = floods.iter_mut().find(concerns)?;
    *disobeyed += usize::from(flood.told);
    flood.told = true;
    Some((flood.until - now, flood.place.is_none()))
}

/// Counts a request against its limit: what is left and when it begins anew, or how long to wait.
fn spend(
    state: &mut State,
    route: Route,
    place: Option<Snowflake>,
) -> Result<Option<(usize, Duration)>, Duration> {
    let (Some(limits), Some(place)) = (&mut state.limits, place) else {
        return Ok(None);
    };
    let now = Instant::now();
    let spent = limits.spent.entry((route, place)).or_insert((now, 0));
    if now - spent.0 >= limits.window {
        *spent = (now, 0);
    }
    let rest = (spent.0 + limits.window) - now;
    if spent.1 >= limits.requests {
        state.disobeyed += 1;
        return Err(rest);
    }
    spent.1 += 1;
    Ok(Some((limits.requests - spent.1, rest)))
}

/// What a watcher is told: the call, and the channel that its path names.
fn watched(route: Route, path: &str) -> (&'static str, String) {
    let call = match route {
        Route::Send => "send",
        Route::Edit => "edit",
        _ => "other",
    };
    let mut rest = path.split('/').skip_while(|part| *part != "channels");
    (call, rest.nth(1).unwrap_or_default().to_owned())
}

fn authorised(double: &Inner, request: &Request) -> bool {
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    given.is_some_and(|token| double.read(|state| state.token_is_good(token)))
}

/// The answer to a request that has no effect, if the fault is of that kind.
fn refuse(fault: Fault, cut: &Cut) -> Option<Response> {
    match fault {
        Fault::Flood { retry_after } => Some(flood(retry_after, false)),
        Fault::NotJson { status } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            Some((status, "<html><h1>error code: 1020</h1></html>").into_response())
        }
        Fault::Refused { status, code } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Some(rest::error(status, code, "refused by the test").into_response())
        }
        Fault::ResetBefore => {
            cut.now();
            Some(StatusCode::OK.into_response())
        }
        Fault::ResetAfter | Fault::Truncated | Fault::Late(_) => None,
    }
}

fn flood(retry_after: Duration, global: bool) -> Response {
    let seconds = retry_after.as_secs_f64();
    let body = json!({
        "message": "You are being rate limited.", "retry_after": seconds, "global": global,
    });
    let mut response = (StatusCode::TOO_MANY_REQUESTS, axum::Json(body)).into_response();
    let headers = response.headers_mut();
    let whole = HeaderValue::from(retry_after.as_secs().max(1));
    headers.insert(header::RETRY_AFTER, whole.clone());
    headers.insert("x-ratelimit-reset-after", whole);
    let scope = if global { "global" } else { "user" };
    headers.insert("x-ratelimit-scope", HeaderValue::from_static(scope));
    if global {
        headers.insert("x-ratelimit-global", HeaderValue::from_static("true"));
    }
    response
}

/// What is left of the answer to a request that took effect.
async fn spoil(fault: Option<Fault>, response: Response, cut: &Cut) -> Response {
    match fault {
        Some(Fault::ResetAfter) => cut.now(),
        Some(Fault::Late(by)) => tokio::time::sleep(by).await,
        Some(Fault::Truncated) => {
            let whole = to_bytes(response.into_body(), LARGEST_BODY).await;
            let whole = whole.unwrap_or_default();
            let half: Bytes = whole.slice(..whole.len() / 2);
            return ([(header::CONTENT_TYPE, "application/json")], half).into_response();
        }
        _ => {}
    }
    response
}
