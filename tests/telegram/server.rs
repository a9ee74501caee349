//! The double's HTTP side: token, method, parameters, faults, and the answer's form.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    serve::Listener,
};
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::wire::{Cut, Wires};

use super::{call::Call, faults::Fault, files, methods, polling, state::Shared};

/// The largest body that the double reads: a file beyond the platform's limit gets the platform's
/// answer, and not axum's.
const LARGEST_BODY: usize = 60 * 1024 * 1024;

/// A refusal in the Bot API's form.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) description: String,
    pub(super) retry_after: Option<u64>,
    pub(super) moved_to: Option<i64>,
}

impl Refusal {
    pub(super) fn new(code: u16, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            retry_after: None,
            moved_to: None,
        }
    }
}

/// What a method gives.
pub(super) type Outcome = Result<Value, Refusal>;

/// A refusal with nothing to add.
pub(super) fn refuse<T>(code: u16, description: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(code, description))
}

/// Serves on a free port of this machine.
#[expect(clippy::expect_used, reason = "without a port there is no test")]
pub(super) async fn serve(shared: Arc<Shared>) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let wires = Wires(listener);
    let address = wires.local_addr().expect("a bound port");
    let service = Router::new()
        .fallback(handle)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
        .into_make_service_with_connect_info::<Cut>();
    let server = tokio::spawn(async move {
        axum::serve(wires, service)
            .await
            .expect("the double serves");
    });
    (address, server)
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(file) = uri.path().strip_prefix("/file/") {
        return files::serve(&shared, file, &cut);
    }
    let Some((token, method)) = route(uri.path()) else {
        return answer(refuse(404, "Not Found"));
    };
    if token != shared.token || shared.look().revoked {
        return answer(refuse(401, "Unauthorized"));
    }
    let Some(method) = methods::known(method).filter(|it| shared.look().knows(it)) else {
        let real = shared
            .schema
            .as_ref()
            .and_then(|schema| schema.method(method));
        let old = methods::known(method).is_some();
        let real = real.filter(|_| !old);
        shared.complain(
            real.map(|real| format!("the double has no {real} yet"))
                .into_iter()
                .collect(),
        );
        return answer(refuse(404, "Not Found"));
    };
    let call = match Call::read(&shared, method, &uri, &headers, body).await {
        Ok(call) => call,
        Err(refusal) => return answer(Err(refusal)),
    };
    if let Some(schema) = &shared.schema {
        shared.complain(schema.check_call(method, &call.parameters));
    }
    let place = place(&call.parameters);
    let planned = shared.watched.before(method, &place).await;
    let fault = shared.change(|state| {
        let noted = (method.to_owned(), Value::Object(call.parameters.clone()));
        state.calls.push(noted);
        let next = |state: &mut super::state::State| state.faults.get_mut(method)?.pop_front();
        planned.or_else(|| next(state))
    });
    let response = match fault {
        None => answer(perform(&shared, &call).await),
        Some(fault) => fail(&shared, &call, fault, &cut).await,
    };
    shared.watched.after(method, &place).await;
    response
}

/// The chat that a call names, and behind a `#` the topic, as text.
fn place(parameters: &Map<String, Value>) -> String {
    let named = |name: &str| {
        parameters.get(name).map(|value| match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        })
    };
    let chat = named("chat_id").unwrap_or_default();
    match named("message_thread_id") {
        Some(topic) => format!("{chat}#{topic}"),
        None => chat,
    }
}

async fn perform(shared: &Shared, call: &Call) -> Outcome {
    if call.method == "getUpdates" {
        return polling::get_updates(shared, &call.parameters).await;
    }
    let outcome = methods::perform(shared, call);
    let object = result_of(call.method);
    if let (Ok(result), Some(schema), Some(object)) = (&outcome, &shared.schema, object) {
        shared.complain(schema.check_object(object, result));
    }
    outcome
}

/// The object that a method answers with.
fn result_of(method: &str) -> Option<&'static str> {
    match method {
        "sendMessage" | "sendDocument" | "sendPhoto" | "sendVoice" | "sendAudio" | "sendVideo"
        | "editMessageText" | "editMessageCaption" => Some("Message"),
        "createForumTopic" => Some("ForumTopic"),
        _ => None,
    }
}

async fn fail(shared: &Shared, call: &Call, fault: Fault, cut: &Cut) -> Response {
    match fault {
        Fault::FloodControl { retry_after } => answer(flooded(retry_after.as_secs())),
        Fault::Refusal { code, description } => answer(refuse(code, description)),
        Fault::BadGateway => (
            StatusCode::BAD_GATEWAY,
            "<html><h1>502 Bad Gateway</h1></html>",
        )
            .into_response(),
        Fault::ResetBefore => {
            cut.now();
            StatusCode::OK.into_response()
        }
        Fault::ResetAfter => {
            let _unseen = perform(shared, call).await;
            cut.now();
            StatusCode::OK.into_response()
        }
        Fault::CutAnswer => {
            let response = answer(perform(shared, call).await);
            halve(response).await
        }
        Fault::Hang => std::future::pending().await,
    }
}

/// Flood control in Telegram's words.
pub(super) fn flooded(seconds: u64) -> Outcome {
    Err(Refusal {
        retry_after: Some(seconds),
        ..Refusal::new(429, format!("Too Many Requests: retry after {seconds}"))
    })
}

/// The same answer with the first half of its body.
async fn halve(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    parts.headers.remove("content-length");
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}

fn answer(outcome: Outcome) -> Response {
    let (status, body) = match outcome {
        Ok(result) => (StatusCode::OK, success_body(&result)),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.code);
            let body = refusal_body(&refusal).to_string();
            (status.unwrap_or(StatusCode::BAD_REQUEST), body)
        }
    };
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// As the real server writes it: `ok` first, and a message's or a topic's number before all its
/// other fields. Clients that meet a cut answer rely on that order.
fn success_body(result: &Value) -> String {
    let rest = result.as_object().cloned().and_then(|mut fields| {
        let mut names = ["message_id", "message_thread_id"].into_iter();
        let (name, number) = names.find_map(|name| Some((name, fields.remove(name)?)))?;
        let rest = Value::Object(fields).to_string();
        let rest = rest.strip_prefix('{')?.to_owned();
        Some(format!(r#"{{"{name}":{number},{rest}"#))
    });
    let result = rest.unwrap_or_else(|| result.to_string());
    format!(r#"{{"ok":true,"result":{result}}}"#)
}

fn refusal_body(refusal: &Refusal) -> Value {
    let mut body = json!({
        "ok": false,
        "error_code": refusal.code,
        "description": refusal.description,
    });
    if let Some(chat) = refusal.moved_to {
        body["parameters"] = json!({"migrate_to_chat_id": chat});
    }
    if let Some(seconds) = refusal.retry_after {
        body["parameters"] = json!({"retry_after": seconds});
    }
    body
}

/// Token and method of `/bot<token>/<method>`.
fn route(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("/bot")?.split_once('/')
}
