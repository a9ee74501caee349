//! What can go wrong on the way to the REST API, and the gate that every request passes: token,
//! injected fault, schema check, handler, and once more the fault.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, MatchedPath, Request, State as Shared},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    Inner, body,
    limits::{flood, place_in, spend, told_to_wait},
    rest,
};
use crate::wire::Cut;

/// The largest request body that the double reads, in bytes.
const LARGEST_BODY: usize = 30_000_000;

/// A route of the REST API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// GET /gateway.
    Gateway,
    /// GET /gateway/bot.
    GatewayBot,
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
    /// DELETE /channels/{id}/messages/{id}.
    Delete,
    /// POST /channels/{id}/typing.
    Typing,
    /// POST /interactions/{id}/{token}/callback.
    Callback,
    /// PATCH and GET /webhooks/{id}/{token}/messages/@original, or another answer's id.
    EditOriginal,
    /// POST /webhooks/{id}/{token}.
    FollowUp,
    /// POST /channels/{id}/messages/{id}/threads.
    Thread,
    /// POST /channels/{id}/threads.
    Room,
    /// PATCH /channels/{id}.
    Change,
    /// DELETE /channels/{id}.
    Remove,
    /// PUT /channels/{id}/messages/pins/{id}, and the older form of it.
    Pin,
    /// GET /files/{id}: what customers sent, which Discord keeps on servers of its own.
    File,
}

impl Route {
    fn of(method: &Method, path: &str) -> Option<Self> {
        let path = path.strip_prefix("/api/v10").unwrap_or(path);
        Some(match (method.as_str(), path) {
            (_, "/gateway") => Self::Gateway,
            (_, "/gateway/bot") => Self::GatewayBot,
            (_, "/users/@me") => Self::Me,
            (_, "/applications/@me" | "/oauth2/applications/@me") => Self::Application,
            (_, "/applications/{application}/commands") => Self::Commands,
            ("PATCH", "/channels/{place}") => Self::Change,
            ("DELETE", "/channels/{place}") => Self::Remove,
            (_, "/channels/{place}") => Self::Place,
            (_, "/channels/{place}/threads") => Self::Room,
            (
                _,
                "/channels/{place}/messages/pins/{message}" | "/channels/{place}/pins/{message}",
            ) => Self::Pin,
            (_, "/users/@me/channels") => Self::OpenDirect,
            ("POST", "/channels/{place}/messages") => Self::Send,
            ("PATCH", "/channels/{place}/messages/{message}") => Self::Edit,
            ("DELETE", "/channels/{place}/messages/{message}") => Self::Delete,
            (_, "/channels/{place}/messages/{message}/threads") => Self::Thread,
            (_, "/files/{file}") => Self::File,
            ("GET", _) if path.starts_with("/channels/{place}/messages") => Self::Read,
            (_, "/channels/{place}/typing") => Self::Typing,
            (_, "/interactions/{interaction}/{token}/callback") => Self::Callback,
            (_, "/webhooks/{application}/{token}/messages/{message}") => Self::EditOriginal,
            (_, "/webhooks/{application}/{token}") => Self::FollowUp,
            _ => return None,
        })
    }

    /// Routes that carry their right in the path, or need none.
    pub(super) const fn is_open(self) -> bool {
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
    double.check_body(route, &body::json_of(&parts.headers, &bytes).await);
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut response = next.run(request).await;
    double.watched.after(call, &named).await;
    if let Some(left) = left {
        left.tell(response.headers_mut());
    }
    spoil(fault, response, &cut).await
}

/// What a watcher is told: the call, and the channel that its path names.
fn watched(route: Route, path: &str) -> (&'static str, String) {
    let call = match route {
        Route::Send => "send",
        Route::Edit => "edit",
        Route::Room => "room",
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
