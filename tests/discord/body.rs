//! The body of a request: JSON alone, or as `payload_json` beside files (the reference's "Uploading
//! Files").

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    rest::{Refusal, error},
    state::State,
};

/// The largest file that Discord takes where nobody paid for more.
const LARGEST_FILE: usize = 10 * 1024 * 1024;

/// What a client sends.
pub(super) struct Sent {
    pub(super) body: Value,
    files: Vec<Part>,
}

/// `files[n]`.
struct Part {
    number: String,
    name: String,
    content_type: String,
    bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if is_form(request.headers()) {
            let sent = read_form(request).await;
            return sent.ok_or_else(|| StatusCode::BAD_REQUEST.into_response());
        }
        let body = Json::from_request(request, state).await;
        let Json(body) = body.map_err(IntoResponse::into_response)?;
        let files = Vec::new();
        Ok(Self { body, files })
    }
}

impl Sent {
    /// Keeps the files. The body then names them as a message does.
    pub(super) fn keep(&mut self, state: &mut State, address: &str) -> Result<(), Refusal> {
        let large = |part: &Part| part.bytes.len() > LARGEST_FILE;
        if self.files.iter().any(large) {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(error(status, 40005, "Request entity too large"));
        }
        let named = self.body["attachments"].take();
        let mut attachments = named.as_array().cloned().unwrap_or_default();
        for part in self.files.drain(..) {
            let kept = part.keep(state, address);
            let own = attachments
                .iter_mut()
                .find(|it| is_numbered(it, &part.number));
            match own {
                Some(own) => *own = kept,
                None => attachments.push(kept),
            }
        }
        // What names no file of this request stays only if the message has it already.
        if !named.is_null() || !attachments.is_empty() {
            self.body["attachments"] = json!(attachments);
        } else if let Some(fields) = self.body.as_object_mut() {
            fields.remove("attachments");
        }
        Ok(())
    }
}

impl Part {
    fn keep(&self, state: &mut State, address: &str) -> Value {
        let id = state.mint();
        state.files.insert(id, self.bytes.to_vec());
        let url = format!("{address}/api/v10/files/{id}");
        json!({
            "id": id.to_string(), "filename": self.name, "content_type": self.content_type,
            "size": self.bytes.len(), "url": url, "proxy_url": url,
        })
    }
}

fn is_numbered(attachment: &Value, number: &str) -> bool {
    let id = &attachment["id"];
    let of_number = id.as_u64().map(|id| id.to_string());
    id == number || of_number.as_deref() == Some(number)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/form-data"))
}

/// The JSON in a body, as the schema describes it.
pub(super) async fn json_of(headers: &HeaderMap, bytes: &Bytes) -> Bytes {
    if !is_form(headers) {
        return bytes.clone();
    }
    let mut request = Request::new(Body::from(bytes.clone()));
    let kind = headers.get(CONTENT_TYPE).cloned();
    let kind = kind.unwrap_or(HeaderValue::from_static(""));
    request.headers_mut().insert(CONTENT_TYPE, kind);
    let sent = read_form(request).await;
    sent.map_or_else(Bytes::new, |sent| Bytes::from(sent.body.to_string()))
}

/// `None` for a form that cannot be read.
async fn read_form(mut request: Request) -> Option<Sent> {
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut body = json!({});
    let mut files = Vec::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let content_type = part.content_type().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.ok()?;
        let number = name
            .strip_prefix("files[")
            .and_then(|it| it.strip_suffix(']'));
        match (number, file) {
            (Some(number), Some(file)) => files.push(Part {
                number: number.to_owned(),
                name: file,
                content_type,
                bytes,
            }),
            _ if name == "payload_json" => body = serde_json::from_slice(&bytes).ok()?,
            _ => return None,
        }
    }
    Some(Sent { body, files })
}
