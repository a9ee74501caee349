//! The port on which Telegram calls, mounted here until there is a `web` crate that opens ports.
//! What a call means is `channels`' business; this only carries bytes in and a status out.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri},
};
use consultant_channels::telegram::{
    Ports, SECRET_HEADER, TelegramChannel, Verdict, WEBHOOK_BODY_BYTES,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, because};

/// Who answers a call, and on which path.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) channel: Arc<TelegramChannel>,
    pub(crate) ports: Ports,
    pub(crate) path: String,
}

/// Takes the port, so that a start fails where it is taken already.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let what = format!("{address} cannot be listened on");
        because(&what, &error, "set telegram.webhook_listen to a free port")
    })
}

/// Serves until `stop`; calls in hand are answered first.
pub(crate) async fn serve(listener: TcpListener, webhook: Webhook, stop: CancellationToken) {
    let routes = Router::new()
        .fallback(call)
        .layer(DefaultBodyLimit::max(WEBHOOK_BODY_BYTES))
        .with_state(webhook);
    let serving = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
    if let Err(error) = serving.await {
        tracing::error!(error = %error, "the port for Telegram's calls is closed");
    }
}

async fn call(
    State(webhook): State<Webhook>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if uri.path() != webhook.path || method != Method::POST {
        return StatusCode::NOT_FOUND;
    }
    let secret = headers.get(SECRET_HEADER).map(HeaderValue::as_bytes);
    let verdict = webhook.channel.receive(&webhook.ports, secret, &body).await;
    status(verdict)
}

fn status(verdict: Verdict) -> StatusCode {
    StatusCode::from_u16(verdict.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}
