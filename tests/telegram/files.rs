//! Files that customers sent: what their messages say of them, `getFile`, and handing them out,
//! also wrongly.

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};

use super::{
    content::words,
    server::{Outcome, refuse},
    state::{Shared, State},
};
use crate::wire::Cut;

/// The longest file that the Bot API hands out.
const LONGEST: usize = 20 * 1024 * 1024;

/// A file as a customer sends it.
#[derive(Clone, Debug)]
pub struct File {
    key: &'static str,
    name: String,
    content: Vec<u8>,
    caption: Option<String>,
    claimed_bytes: Option<usize>,
    fault: Option<FileFault>,
    /// What tells it from others of its name.
    number: Option<i64>,
}

/// What can go wrong with a file, each time that it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// Its beginning comes, and then nothing.
    Hang,
    /// It is not there any more.
    Missing,
    /// The connection is reset, and once more works.
    ResetOnce,
    /// The server sends the client elsewhere.
    Redirect,
}

impl File {
    /// A file under the key that its kind has in a message (`photo`, `voice`, `document`…). The
    /// name has to be the only one of its kind in a test.
    pub fn new(key: &'static str, name: &str, content: impl Into<Vec<u8>>) -> Self {
        Self {
            key,
            name: name.to_owned(),
            content: content.into(),
            caption: None,
            claimed_bytes: None,
            fault: None,
            number: None,
        }
    }

    /// The same with a number, so that others may have its name too.
    pub(super) fn numbered(mut self, number: i64) -> Self {
        self.number = Some(number);
        self
    }

    /// The same with words under it.
    #[must_use]
    pub fn saying(mut self, caption: &str) -> Self {
        self.caption = Some(caption.to_owned());
        self
    }

    /// The same, of which Telegram says another length.
    #[must_use]
    pub fn claiming(mut self, bytes: usize) -> Self {
        self.claimed_bytes = Some(bytes);
        self
    }

    /// The same, with which something goes wrong.
    #[must_use]
    pub fn with(mut self, fault: FileFault) -> Self {
        self.fault = Some(fault);
        self
    }

    fn id(&self) -> String {
        let number = self.number.map(|number| format!("-{number}"));
        format!("{}-{}{}", self.key, self.name, number.unwrap_or_default())
    }

    fn bytes(&self) -> usize {
        self.claimed_bytes.unwrap_or(self.content.len())
    }

    fn json(&self) -> Value {
        json!({
            "file_id": self.id(),
            "file_unique_id": format!("unique-{}", self.id()),
            "file_size": self.bytes(),
        })
    }

    pub(super) fn key(&self) -> &'static str {
        self.key
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn content(&self) -> &[u8] {
        &self.content
    }

    /// The fields of the message.
    pub(super) fn fields(&self) -> Value {
        let mut fields = match &self.caption {
            Some(caption) => words("caption", "caption_entities", caption),
            None => json!({}),
        };
        let mut file = self.json();
        let sizes = [("width", json!(320)), ("height", json!(240))];
        let extra: Vec<(&str, Value)> = match self.key {
            "photo" => sizes.into(),
            "voice" | "audio" => vec![("duration", json!(2))],
            "video_note" => vec![("duration", json!(2)), ("length", json!(240))],
            "video" | "animation" => [sizes.as_slice(), &[("duration", json!(2))]].concat(),
            _ => vec![("file_name", json!(self.name))],
        };
        for (key, value) in extra {
            file[key] = value;
        }
        let small = json!({
            "file_id": "small", "file_unique_id": "small", "width": 90, "height": 60,
        });
        fields[self.key] = match self.key {
            "photo" => json!([small, file]),
            _ => file,
        };
        fields
    }
}

impl State {
    /// Keeps a file, to be handed out.
    pub(super) fn keep(&mut self, file: &File) {
        self.files.insert(file.id(), file.clone());
    }
}

pub(super) fn get(state: &State, parameters: &Map<String, Value>) -> Outcome {
    let id = parameters.get("file_id").and_then(Value::as_str);
    let Some(file) = id.and_then(|id| state.files.get(id)) else {
        return refuse(400, "Bad Request: invalid file_id");
    };
    if file.bytes() > LONGEST {
        return refuse(400, "Bad Request: file is too big");
    }
    let mut json = file.json();
    json["file_path"] = json!(format!("{}s/{}", file.key, file.name));
    Ok(json)
}

/// Without its percent signs.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = (*first == b'%').then_some(after).and_then(|it| it.get(..2));
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = after
            .get(if byte.is_some() { 2 } else { 0 }..)
            .unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Hands out `bot<token>/<path>`; the path may come as one encoded segment, as some clients send it.
pub(super) fn serve(shared: &Shared, path: &str, cut: &Cut) -> Response {
    let path = decoded(path);
    let Some((token, path)) = path.strip_prefix("bot").and_then(|it| it.split_once('/')) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if token != shared.token || shared.look().revoked {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let file = shared.change(|state| {
        let named = |file: &&mut File| format!("{}s/{}", file.key, file.name) == path;
        let file = state.files.values_mut().find(named)?;
        let now = file.clone();
        file.fault.take_if(|fault| *fault == FileFault::ResetOnce);
        Some(now)
    });
    let Some(file) = file else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match file.fault {
        None => file.content.into_response(),
        Some(FileFault::Missing) => StatusCode::NOT_FOUND.into_response(),
        Some(FileFault::Redirect) => {
            let elsewhere = [("location", "http://127.0.0.1:9/elsewhere")];
            (StatusCode::FOUND, elsewhere).into_response()
        }
        Some(FileFault::ResetOnce) => {
            cut.now();
            StatusCode::OK.into_response()
        }
        Some(FileFault::Hang) => {
            let begun = Bytes::from(file.content).slice(..1);
            let begun = stream::iter([Ok::<_, std::io::Error>(begun)]);
            Response::new(Body::from_stream(begun.chain(stream::pending())))
        }
    }
}
