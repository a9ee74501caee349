//! `getUpdates`: a true long poll, in which the offset confirms what came before it.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::{
    server::{Outcome, refuse},
    state::{Shared, State},
};

const MOST_UPDATES: usize = 100;

/// Counts a poll while it is open, also when its client goes away.
struct Open<'a>(&'a Shared);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.polling -= 1);
    }
}

/// Answers when there is an update, when the time is over, or when another poll takes its place.
pub(super) async fn get_updates(shared: &Shared, parameters: &Map<String, Value>) -> Outcome {
    let number = |name: &str| parameters.get(name).and_then(Value::as_i64);
    let offset = number("offset").unwrap_or(0);
    let limit = number("limit").and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(MOST_UPDATES).clamp(1, MOST_UPDATES);
    let patience = number("timeout").and_then(|seconds| u64::try_from(seconds).ok());
    let deadline = Instant::now() + Duration::from_secs(patience.unwrap_or(0));
    let mut changes = shared.subscribe();
    let poll = shared.change(|state| begin(state, parameters));
    let _open = Open(shared);
    loop {
        changes.borrow_and_update();
        {
            let mut state = shared.look();
            if state.revoked {
                return refuse(401, "Unauthorized");
            }
            if state.webhook.is_some() {
                return refuse(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; \
                     use deleteWebhook to delete the webhook first",
                );
            }
            if state.poll != poll {
                return refuse(
                    409,
                    "Conflict: terminated by other getUpdates request; \
                     make sure that only one bot instance is running",
                );
            }
            confirm(&mut state, offset);
            let updates = ready(&mut state, limit);
            if !updates.is_empty() || Instant::now() >= deadline {
                return Ok(Value::Array(updates));
            }
        }
        // Whether by a change or by the deadline: the next round finds out.
        let _woken = timeout_at(deadline, changes.changed()).await;
    }
}

fn begin(state: &mut State, parameters: &Map<String, Value>) -> u64 {
    if let Some(Value::Array(kinds)) = parameters.get("allowed_updates") {
        let kinds = kinds.iter().filter_map(Value::as_str);
        state.allowed = Some(kinds.map(str::to_owned).collect());
    }
    state.polling += 1;
    state.poll += 1;
    state.poll
}

/// Forgets what the offset confirms; a negative one keeps that many of the newest.
fn confirm(state: &mut State, offset: i64) {
    if let Ok(newest) = usize::try_from(offset.saturating_neg())
        && offset < 0
    {
        let excess = state.queue.len().saturating_sub(newest);
        state.queue.drain(..excess);
        return;
    }
    state
        .queue
        .retain(|update| update["update_id"].as_i64().is_none_or(|id| id >= offset));
}

fn ready(state: &mut State, limit: usize) -> Vec<Value> {
    let mut updates = std::mem::take(&mut state.repeats);
    updates.extend(state.queue.iter().take(limit).cloned());
    if updates.len() > 1 && state.late.take().is_some() {
        updates.reverse();
    }
    updates
}
