//! The double's gateway: one websocket a connection, sessions that outlive their connection, and
//! everything that Discord's reference lets a gateway do to a client.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        Query, State as Shared, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    Inner, payload,
    state::{Session, State},
};

/// What goes out on one connection.
#[derive(Clone, Debug)]
pub(super) enum Outgoing {
    /// A frame, as text.
    Frame(String),
    /// A close frame with a code, or without one.
    Close(Option<u16>),
    /// The TCP connection goes away without a word.
    Drop,
}

/// What a client asks for in the gateway's URL.
#[derive(Deserialize)]
pub(super) struct Wanted {
    v: Option<String>,
    encoding: Option<String>,
    compress: Option<String>,
}

pub(super) async fn connect(
    Shared(double): Shared<Arc<Inner>>,
    Query(wanted): Query<Wanted>,
    upgrade: WebSocketUpgrade,
) -> Response {
    double.change(|state| state.violations.extend(unknown_to_the_double(&wanted)));
    if double.read(|state| state.trouble.down) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if double.read(|state| state.trouble.hangs_on_upgrade) {
        double.change(|state| state.trouble.hanging += 1);
        return std::future::pending().await;
    }
    upgrade.on_upgrade(|socket| serve(double, socket))
}

/// A client that got another version or form than it asked for would only fall silent.
fn unknown_to_the_double(wanted: &Wanted) -> Option<String> {
    let plain = wanted.compress.is_none()
        && wanted.v.as_deref() == Some("10")
        && wanted.encoding.as_deref().is_none_or(|it| it == "json");
    let Wanted {
        v,
        encoding,
        compress,
    } = wanted;
    (!plain).then(|| {
        format!("the double's gateway has no v={v:?} encoding={encoding:?} compress={compress:?}")
    })
}

/// One connection, from HELLO to its end.
struct Connection {
    double: Arc<Inner>,
    outgoing: UnboundedSender<Outgoing>,
    session: Option<String>,
}

async fn serve(double: Arc<Inner>, mut socket: WebSocket) {
    let (outgoing, mut queue) = unbounded_channel();
    let mut connection = Connection {
        double,
        outgoing,
        session: None,
    };
    connection.hello();
    while talk(&mut connection, &mut socket, &mut queue).await {}
    connection.detach();
}

/// One frame in or out; false at the connection's end.
async fn talk(
    connection: &mut Connection,
    socket: &mut WebSocket,
    queue: &mut UnboundedReceiver<Outgoing>,
) -> bool {
    tokio::select! {
        biased;
        outgoing = queue.recv() => match outgoing {
            Some(Outgoing::Frame(text)) => socket.send(Message::text(text)).await.is_ok(),
            Some(Outgoing::Close(code)) => {
                let frame = code.map(|code| CloseFrame { code, reason: "".into() });
                socket.send(Message::Close(frame)).await.is_ok()
            }
            Some(Outgoing::Drop) | None => false,
        },
        incoming = socket.recv() => match incoming {
            Some(Ok(Message::Text(text))) => {
                connection.hear(&text);
                true
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => false,
            Some(Ok(_)) => true,
        },
    }
}

/// What an IDENTIFY lacks (the reference's "Identify Structure").
fn incomplete(data: &Value) -> Vec<String> {
    let needed = [
        "/intents",
        "/properties/os",
        "/properties/browser",
        "/properties/device",
    ];
    let lacking = needed
        .into_iter()
        .filter(|path| data.pointer(path).is_none());
    lacking
        .map(|path| format!("IDENTIFY lacks {path}"))
        .collect()
}

async fn tell_guild_late(double: Arc<Inner>, session: String, by: Duration) {
    tokio::time::sleep(by).await;
    double.change(|state| tell_guild(state, &session));
}

fn tell_guild(state: &mut State, session: &str) {
    let guild = payload::guild(state);
    let session = state.sessions.get_mut(session);
    if let Some(session) = session.filter(|it| it.intents & payload::GUILDS != 0) {
        session.push("GUILD_CREATE", &guild);
    }
}

impl Connection {
    fn say(&self, frame: &Value) {
        self.send(Outgoing::Frame(frame.to_string()));
    }

    fn send(&self, outgoing: Outgoing) {
        // The queue's other end lives as long as this connection.
        drop(self.outgoing.send(outgoing));
    }

    fn hello(&self) {
        let interval = self.double.read(|state| state.heartbeat_ms);
        self.say(&json!({ "op": 10, "d": { "heartbeat_interval": interval }, "s": null }));
    }

    fn hear(&mut self, text: &str) {
        let Ok(frame) = serde_json::from_str::<Value>(text) else {
            return self.send(Outgoing::Close(Some(4002)));
        };
        match frame["op"].as_u64() {
            Some(1) => self.acknowledge(),
            Some(2) => self.identify(&frame["d"]),
            Some(3 | 4 | 8) => {}
            Some(6) => self.resume(&frame["d"]),
            _ => self.send(Outgoing::Close(Some(4001))),
        }
    }

    fn acknowledge(&self) {
        if self.double.read(|state| state.acks) {
            self.say(&json!({ "op": 11, "d": null }));
            self.double.change(|state| state.acked += 1);
        }
    }

    fn identify(&mut self, data: &Value) {
        let intents = data["intents"].as_u64().unwrap_or_default();
        let token = data["token"].as_str().unwrap_or_default();
        let (good, forbidden) = self
            .double
            .read(|state| (state.token_is_good(token), state.content_forbidden));
        if !good {
            return self.send(Outgoing::Close(Some(4004)));
        }
        if forbidden && intents & payload::MESSAGE_CONTENT != 0 {
            return self.send(Outgoing::Close(Some(4014)));
        }
        if self.session.is_some() {
            return self.send(Outgoing::Close(Some(4005)));
        }
        self.double
            .change(|state| state.violations.extend(incomplete(data)));
        self.begin(intents);
    }

    fn begin(&mut self, intents: u64) {
        let url = self.double.gateway_url();
        let outgoing = self.outgoing.clone();
        let (name, late) = self.double.change(|state| {
            let name = format!("session-{}", state.mint());
            state.identifies += 1;
            let ready = payload::ready(state, &name, &url);
            let mut session = Session {
                intents,
                sequence: 0,
                sent: Vec::new(),
                connection: Some(outgoing),
            };
            session.push("READY", &ready);
            state.sessions.insert(name.clone(), session);
            let late = state.trouble.guilds_late;
            if late.is_none() {
                tell_guild(state, &name);
            }
            (name, late)
        });
        if let Some(by) = late {
            let double = Arc::clone(&self.double);
            drop(tokio::spawn(tell_guild_late(double, name.clone(), by)));
        }
        self.session = Some(name);
    }

    fn resume(&mut self, data: &Value) {
        let token = data["token"].as_str().unwrap_or_default();
        if !self.double.read(|state| state.token_is_good(token)) {
            return self.send(Outgoing::Close(Some(4004)));
        }
        let name = data["session_id"].as_str().unwrap_or_default().to_owned();
        let after = data["seq"].as_u64().unwrap_or_default();
        let outgoing = self.outgoing.clone();
        let resumed = self.double.change(|state| {
            let Some(session) = state.sessions.get_mut(&name) else {
                return false;
            };
            for (_, text) in session
                .sent
                .iter()
                .filter(|(sequence, _)| *sequence > after)
            {
                drop(outgoing.send(Outgoing::Frame(text.clone())));
            }
            session.connection = Some(outgoing);
            session.push("RESUMED", &json!({}));
            state.resumes += 1;
            true
        });
        if resumed {
            self.session = Some(name);
        } else {
            self.say(&json!({ "op": 9, "d": false, "s": null, "t": null }));
        }
    }

    /// The session lives on without this connection, unless it has a newer one already.
    fn detach(self) {
        let Self {
            double,
            outgoing,
            session,
        } = self;
        let Some(name) = session else { return };
        double.change(|state| {
            if let Some(session) = state.sessions.get_mut(&name)
                && let Some(current) = &session.connection
                && current.same_channel(&outgoing)
            {
                session.connection = None;
            }
        });
    }
}
