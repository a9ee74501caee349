//! Calling the bot's webhook: several calls side by side, each repeated until the bot takes it.

use std::{io, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::state::{Shared, State, Webhook};

/// The pause before a call is repeated.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a call may take.
const LIMIT: Duration = Duration::from_mins(1);

/// Calls whenever there is a webhook and something to tell.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut changes = shared.subscribe();
    let mut calls = JoinSet::new();
    loop {
        changes.borrow_and_update();
        while let Some(call) = begin(&mut shared.look()) {
            calls.spawn(carry(Arc::clone(&shared), call));
        }
        while calls.try_join_next().is_some() {}
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// A call, and how late it is made.
struct Call {
    webhook: Webhook,
    update: Value,
    late: Duration,
}

/// The next update that nobody carries, if one more call is allowed.
fn begin(state: &mut State) -> Option<Call> {
    let webhook = state.webhook.clone()?;
    // Only a webhook on this machine is ever called.
    let here = webhook.url.starts_with("http://127.0.0.1:");
    if !here || state.calling.len() >= webhook.connections {
        return None;
    }
    if let Some(update) = state.repeats.pop() {
        return Some(Call {
            webhook,
            update,
            late: Duration::ZERO,
        });
    }
    let number = |update: &Value| update["update_id"].as_i64().unwrap_or_default();
    let waiting = |update: &&Value| !state.calling.contains(&number(update));
    let update = state.queue.iter().find(waiting)?.clone();
    state.calling.insert(number(&update));
    let late = state.late.take().unwrap_or_default();
    Some(Call {
        webhook,
        update,
        late,
    })
}

async fn carry(shared: Arc<Shared>, it: Call) {
    sleep(it.late).await;
    let Call {
        webhook, update, ..
    } = it;
    let number = update["update_id"].as_i64().unwrap_or_default();
    let called = timeout(LIMIT, call(&webhook, &update.to_string())).await;
    let status = called.ok().and_then(Result::ok).unwrap_or(0);
    let taken = (200..300).contains(&status);
    shared.change(|state| {
        state.webhook_statuses.push(status);
        if taken {
            state
                .queue
                .retain(|it| it["update_id"].as_i64() != Some(number));
        }
    });
    if !taken {
        sleep(PAUSE).await;
    }
    shared.change(|state| state.calling.remove(&number));
}

async fn call(webhook: &Webhook, body: &str) -> io::Result<u16> {
    let rest = webhook.url.trim_start_matches("http://");
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    let secret = &webhook.secret;
    let request = format!(
        "POST /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         x-telegram-bot-api-secret-token: {secret}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
