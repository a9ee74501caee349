//! A call's parameters and files, in each of the forms that the Bot API reads: the query, JSON, a
//! form, form data. Which one a client takes is its own business; start at [`Call::read`].

use std::collections::{BTreeMap, HashMap};

use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Query, Request},
    http::{HeaderMap, HeaderValue, Uri, header::CONTENT_TYPE},
};
use serde_json::{Map, Value};

use super::{
    server::{Refusal, refuse},
    state::Shared,
};

/// Parameters that are texts even if they look like numbers or JSON. The schema knows them too,
/// but the double also runs without it.
const TEXTS: [&str; 16] = [
    "action",
    "audio",
    "photo",
    "video",
    "voice",
    "callback_query_id",
    "caption",
    "document",
    "file_id",
    "language_code",
    "parse_mode",
    "secret_token",
    "text",
    "url",
    "name",
    "description",
];

/// Parameters that are files.
pub(super) const FILES: [&str; 5] = ["document", "photo", "voice", "audio", "video"];

/// What a client asks for.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) parameters: Map<String, Value>,
    /// Uploads, by the name of their part.
    pub(super) files: BTreeMap<String, Upload>,
}

/// A file that came with a call.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

impl Call {
    /// Reads the query, and the body in the form that its type names.
    pub(super) async fn read(
        shared: &Shared,
        method: &'static str,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Self, Refusal> {
        let mut call = Self {
            method,
            parameters: Map::new(),
            files: BTreeMap::new(),
        };
        if let Ok(Query(query)) = Query::<HashMap<String, String>>::try_from_uri(uri) {
            call.add_texts(shared, query);
        }
        if body.is_empty() {
            return Ok(call);
        }
        let kind = headers.get(CONTENT_TYPE).cloned();
        let kind = kind.unwrap_or_else(|| HeaderValue::from_static(""));
        match kind.to_str().unwrap_or_default().split(';').next() {
            Some("application/json") => call.add_json(&body)?,
            Some("application/x-www-form-urlencoded") => {
                let form = Form::from_request(posted(kind, body), &()).await;
                let Form(texts) = form.map_err(|_| unreadable())?;
                call.add_texts(shared, texts);
            }
            Some("multipart/form-data") => call.add_parts(shared, posted(kind, body)).await?,
            _ => shared.complain(vec![format!(
                "{method}: the double reads no body of type {kind:?}"
            )]),
        }
        Ok(call)
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(values)) => self.parameters.extend(values),
            Ok(Value::Null) => {}
            _ => return refuse(400, "Bad Request: can't parse the JSON object"),
        }
        Ok(())
    }

    fn add_texts(&mut self, shared: &Shared, texts: HashMap<String, String>) {
        for (name, text) in texts {
            let value = read_text(shared, self.method, &name, text);
            self.parameters.insert(name, value);
        }
    }

    /// A part with a file name is an upload, which a parameter names as `attach://<part>`; a part
    /// that is named as a parameter is that parameter's file.
    async fn add_parts(&mut self, shared: &Shared, request: Request) -> Result<(), Refusal> {
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| unreadable())?;
        while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(|_| unreadable())?;
            if let Some(file) = file {
                let upload = Upload { name: file, bytes };
                self.files.insert(name, upload);
            } else {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let value = read_text(shared, self.method, &name, text);
                self.parameters.insert(name, value);
            }
        }
        for key in FILES
            .into_iter()
            .filter(|key| self.files.contains_key(*key))
        {
            let own = Value::from(format!("attach://{key}"));
            self.parameters.entry(key).or_insert(own);
        }
        Ok(())
    }
}

fn unreadable() -> Refusal {
    Refusal::new(400, "Bad Request: can't parse the request body")
}

/// The request once more, for one of axum's readers.
fn posted(kind: HeaderValue, body: Bytes) -> Request {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = axum::http::Method::POST;
    request.headers_mut().insert(CONTENT_TYPE, kind);
    // The whole body has come already.
    DefaultBodyLimit::disable().apply(&mut request);
    request
}

/// A value that came as text: what the schema takes it for, and without one what it looks like.
fn read_text(shared: &Shared, method: &str, name: &str, text: String) -> Value {
    match &shared.schema {
        Some(schema) => schema.read_text(method, name, text),
        None if TEXTS.contains(&name) => Value::String(text),
        None => serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}
