//! Calling the bot's webhook over connections that stay open, as Telegram does.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::sleep,
};

use super::Light;
use crate::telegram::state::Webhook;

/// The pause before a call is repeated.
const PAUSE: Duration = Duration::from_millis(100);

/// One task a connection; they end with this value.
pub(super) struct Callers(JoinSet<()>);

impl Callers {
    pub(super) fn start(light: &Arc<Light>, webhook: &Webhook) -> Self {
        let mut tasks = JoinSet::new();
        // Only a webhook on this machine is ever called.
        if webhook.url.starts_with("http://127.0.0.1:") {
            for _ in 0..webhook.connections {
                tasks.spawn(run(Arc::downgrade(light), webhook.clone()));
            }
        }
        Self(tasks)
    }
}

impl std::fmt::Debug for Callers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} callers", self.0.len())
    }
}

async fn run(light: std::sync::Weak<Light>, webhook: Webhook) {
    let mut connection = None;
    while let Some(light) = light.upgrade() {
        let Some(update) = light.desk().take() else {
            light.news.notified().await;
            continue;
        };
        let called = call(&mut connection, &webhook, &update.1).await;
        if !called.is_ok_and(|status| (200..300).contains(&status)) {
            connection = None;
            light.desk().put_back(update);
            sleep(PAUSE).await;
        }
    }
}

async fn call(
    connection: &mut Option<TcpStream>,
    webhook: &Webhook,
    body: &str,
) -> io::Result<u16> {
    let rest = webhook.url.trim_start_matches("http://");
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    if connection.is_none() {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        *connection = Some(stream);
    }
    let stream = connection.as_mut().ok_or(io::ErrorKind::NotConnected)?;
    let secret = &webhook.secret;
    let request = format!(
        "POST /{path} HTTP/1.1\r\nhost: {address}\r\n\
         x-telegram-bot-api-secret-token: {secret}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    status(stream).await
}

/// The status of an answer without a body.
async fn status(stream: &mut TcpStream) -> io::Result<u16> {
    let mut answer = Vec::with_capacity(512);
    while !answer.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
