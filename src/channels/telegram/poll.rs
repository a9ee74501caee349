//! The way in: our own `getUpdates` loop, because a stock one moves the offset as soon as it has
//! queued a batch. Here the offset moves past an update only after the intake stored it, so what a
//! crash or a sick store leaves undone is handed out again.

use std::time::Duration;

use consultant_core::{ChannelName, ports::Intake};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    TelegramChannel,
    api::{ApiFailure, TOKEN_HINT},
    log,
    update::{self, Read},
};
use crate::ChannelError;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A growing pause between tries.
struct Pause {
    next: Duration,
}

impl Pause {
    const fn new() -> Self {
        Self { next: FIRST_PAUSE }
    }

    fn reset(&mut self) {
        self.next = FIRST_PAUSE;
    }

    /// Waits at least `least`, twice as long each time, and ends early when asked to stop.
    async fn wait(&mut self, least: Duration, stop: &CancellationToken) {
        let pause = self.next.max(least);
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What the loop remembers from one poll to the next.
struct Loop {
    /// The first update that is not stored yet; none until one was seen.
    offset: Option<i64>,
    pause: Pause,
    /// Whether the last poll failed, so that an outage is logged once and its end too.
    failing: bool,
}

/// Polls until asked to stop. An update in hand is finished first.
pub(super) async fn run(
    channel: &TelegramChannel,
    intake: &dyn Intake,
    stop: &CancellationToken,
) -> Result<(), ChannelError> {
    let mut state = Loop {
        offset: None,
        pause: Pause::new(),
        failing: false,
    };
    while !stop.is_cancelled() {
        let patience = channel.poll_patience;
        let polled = tokio::select! {
            () = stop.cancelled() => break,
            polled = channel.api.updates(state.offset, patience) => polled,
        };
        match polled {
            Ok(updates) => state.take(channel, intake, updates, stop).await,
            Err(failure) => state.outage(channel, &failure, stop).await?,
        }
    }
    Ok(())
}

impl Loop {
    /// Hands in a batch, and pauses where the same one would come again at once.
    async fn take(
        &mut self,
        channel: &TelegramChannel,
        intake: &dyn Intake,
        mut updates: Vec<Value>,
        stop: &CancellationToken,
    ) {
        if std::mem::take(&mut self.failing) {
            log::back_again();
        }
        updates.sort_by_key(number);
        let before = self.offset;
        let stuck = !self.hand_in_all(channel, intake, &updates, stop).await;
        let moved = updates.is_empty() || self.offset != before;
        if moved {
            self.pause.reset();
        }
        if stuck || !moved {
            self.pause.wait(Duration::ZERO, stop).await;
        }
    }

    /// In order, up to the first update that the intake does not take. Whether it took all.
    async fn hand_in_all(
        &mut self,
        channel: &TelegramChannel,
        intake: &dyn Intake,
        updates: &[Value],
        stop: &CancellationToken,
    ) -> bool {
        for update in updates {
            if stop.is_cancelled() {
                return true;
            }
            let Some(update_id) = number(update) else {
                channel.count_unreadable();
                log::without_number();
                continue;
            };
            if !hand_in(channel, intake, update, update_id).await {
                return false;
            }
            self.offset = self.offset.max(Some(update_id + 1));
        }
        true
    }

    async fn outage(
        &mut self,
        channel: &TelegramChannel,
        failure: &ApiFailure,
        stop: &CancellationToken,
    ) -> Result<(), ChannelError> {
        if failure.refuses_token() {
            return Err(token_refused());
        }
        if !std::mem::replace(&mut self.failing, true) {
            tell(channel, failure);
        }
        let least = match failure {
            ApiFailure::Refused { retry_after, .. } => retry_after.unwrap_or_default(),
            ApiFailure::Broken { .. } => Duration::ZERO,
        };
        self.pause.wait(least, stop).await;
        Ok(())
    }
}

/// Whether the update is done with, so that the offset may move past it.
async fn hand_in(
    channel: &TelegramChannel,
    intake: &dyn Intake,
    update: &Value,
    update_id: i64,
) -> bool {
    match update::read(update, update_id, &channel.me) {
        Read::Inbound(inbound, message) => {
            channel.remember_question(&inbound.address.place, message);
            let stored = intake.accept(*inbound).await;
            if let Err(error) = &stored {
                log::not_stored(update_id, error);
            }
            stored.is_ok()
        }
        Read::Ignored => true,
        Read::Unreadable => {
            channel.count_unreadable();
            log::unreadable(update_id);
            true
        }
    }
}

/// Logs the beginning of an outage. A second poller needs a person; the rest passes.
fn tell(channel: &TelegramChannel, failure: &ApiFailure) {
    if matches!(failure, ApiFailure::Refused { code: 409, .. }) {
        log::second_poller();
    } else {
        log::outage(channel.api.origin(), failure);
    }
}

/// The token was refused, and what to do about it.
pub(super) fn token_refused() -> ChannelError {
    ChannelError::TokenRefused {
        channel: ChannelName::Telegram,
        hint: TOKEN_HINT,
    }
}

fn number(update: &Value) -> Option<i64> {
    update.get("update_id")?.as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pauses_grow_to_a_limit_and_end_at_once_when_asked_to_stop() {
        let stop = CancellationToken::new();
        stop.cancel();
        let mut pause = Pause::new();
        for _ in 0..20 {
            pause.wait(Duration::from_hours(1), &stop).await;
        }
        assert_eq!(pause.next, LONGEST_PAUSE);
        pause.reset();
        assert_eq!(pause.next, FIRST_PAUSE);
    }

    #[test]
    fn updates_are_taken_in_the_order_of_their_numbers() {
        let mut updates = [
            serde_json::json!({"update_id": 6}),
            serde_json::json!({"no": "number"}),
            serde_json::json!({"update_id": 5}),
        ];
        updates.sort_by_key(number);
        let numbers: Vec<_> = updates.iter().map(number).collect();
        assert_eq!(numbers, [None, Some(5), Some(6)]);
    }
}
