//! The way in: our own `getUpdates` loop, because a stock one moves the offset as soon as it has
//! queued a batch. Here the offset moves past an update only after the intake stored it, so what a
//! crash or a sick store leaves undone is handed out again.

use std::{
    collections::{HashMap, hash_map::Entry},
    pin::pin,
    time::Duration,
};

use consultant_core::{Address, ChannelName};
use futures::{
    FutureExt, StreamExt,
    future::{BoxFuture, join_all},
    stream::{FuturesOrdered, FuturesUnordered},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    TelegramChannel,
    api::{ApiFailure, TOKEN_HINT},
    hand_in::{Ports, Stored},
    log,
    update::Read,
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
struct Loop<'a> {
    channel: &'a TelegramChannel,
    ports: &'a Ports,
    /// The first update that is not stored yet; none until one was seen.
    offset: Option<i64>,
    pause: Pause,
    /// Whether the last poll failed, so that an outage is logged once and its end too.
    failing: bool,
    /// Telling customers that their presses arrived, while the next poll is open.
    errands: FuturesUnordered<BoxFuture<'a, ()>>,
}

/// Polls until asked to stop. An update that is being stored is finished first.
pub(super) async fn run(
    channel: &TelegramChannel,
    ports: &Ports,
    stop: &CancellationToken,
) -> Result<(), ChannelError> {
    let mut state = Loop {
        channel,
        ports,
        offset: None,
        pause: Pause::new(),
        failing: false,
        errands: FuturesUnordered::new(),
    };
    while !stop.is_cancelled() {
        let polled = tokio::select! {
            () = stop.cancelled() => break,
            polled = state.poll() => polled,
        };
        match polled {
            Ok(updates) => state.take(updates, stop).await,
            Err(failure) => state.outage(&failure, stop).await?,
        }
    }
    // Each has a short time limit of its own.
    while state.errands.next().await.is_some() {}
    Ok(())
}

impl Loop<'_> {
    /// One poll, during which errands are run.
    async fn poll(&mut self) -> Result<Vec<Value>, ApiFailure> {
        let channel = self.channel;
        let updates = channel.api.updates(self.offset, channel.poll_patience);
        let mut updates = pin!(updates);
        loop {
            tokio::select! {
                polled = &mut updates => return polled,
                Some(()) = self.errands.next() => {}
            }
        }
    }

    /// Hands in a batch, and pauses where the same one would come again at once.
    async fn take(&mut self, mut updates: Vec<Value>, stop: &CancellationToken) {
        if std::mem::take(&mut self.failing) {
            log::back_again();
            self.channel.set_contested(false);
        }
        updates.sort_by_key(number);
        let before = self.offset;
        let stuck = !self.hand_in_all(&updates, stop).await;
        let moved = updates.is_empty() || self.offset != before;
        if moved {
            self.pause.reset();
        }
        if stuck || !moved {
            self.pause.wait(Duration::ZERO, stop).await;
        }
    }

    /// Up to the first update that the intake does not take; their files are had side by side.
    /// Whether it took all.
    async fn hand_in_all(&mut self, updates: &[Value], stop: &CancellationToken) -> bool {
        let mut whole = self.begin(updates);
        loop {
            let next = tokio::select! {
                biased;
                // What is not stored yet comes again at the next start.
                () = stop.cancelled() => return true,
                next = whole.next() => next,
            };
            let Some(first) = next else {
                return true;
            };
            let mut ready = vec![first];
            while let Some(Some(next)) = whole.next().now_or_never() {
                ready.push(next);
            }
            if !self.store_all(ready).await {
                return false;
            }
        }
    }

    /// Stores updates side by side, those of one place one after another. Whether all were stored;
    /// the offset moves up to the first that was not. What lies behind that one comes again, and
    /// the store knows its key.
    async fn store_all(&mut self, updates: Vec<(i64, Read)>) -> bool {
        let last = updates.last().map(|(update_id, _)| *update_id);
        let (channel, ports) = (self.channel, self.ports);
        let chains = chains(updates).into_iter();
        let chains = join_all(chains.map(|chain| store_chain(channel, ports, chain))).await;
        let mut failed = None;
        for Chain { stored, failed_at } in chains {
            for Stored { press } in stored {
                self.run_errand(press);
            }
            failed = [failed, failed_at].into_iter().flatten().min();
        }
        self.offset = self.offset.max(match failed {
            Some((_, before)) => before.map(|update_id| update_id + 1),
            None => last.map(|update_id| update_id + 1),
        });
        failed.is_none()
    }

    /// Reads a batch and begins to have its files.
    fn begin<'b>(&self, updates: &[Value]) -> FuturesOrdered<BoxFuture<'b, (i64, Read)>>
    where
        Self: 'b,
    {
        let (channel, ports) = (self.channel, self.ports);
        let mut whole = FuturesOrdered::new();
        for update in updates {
            let Some(update_id) = number(update) else {
                channel.count_unreadable();
                log::without_number();
                continue;
            };
            let read = channel.read(update, update_id);
            let with_file = async move { (update_id, channel.with_file(read, ports).await) };
            whole.push_back(with_file.boxed());
        }
        whole
    }

    fn run_errand(&mut self, press: Option<String>) {
        let channel = self.channel;
        if let Some(press) = press {
            self.errands.push(channel.answer_press(press).boxed());
        }
    }

    async fn outage(
        &mut self,
        failure: &ApiFailure,
        stop: &CancellationToken,
    ) -> Result<(), ChannelError> {
        if failure.refuses_token() {
            return Err(token_refused());
        }
        let first = !std::mem::replace(&mut self.failing, true);
        self.tell(failure, first);
        let least = match failure {
            ApiFailure::Refused { retry_after, .. } => retry_after.unwrap_or_default(),
            ApiFailure::Broken { .. } => Duration::ZERO,
        };
        self.pause.wait(least, stop).await;
        Ok(())
    }

    /// Logs the beginning of an outage. A second poller needs a person, and is told once, also
    /// in the middle of an outage; the rest passes.
    fn tell(&self, failure: &ApiFailure, first: bool) {
        if matches!(failure, ApiFailure::Refused { code: 409, .. }) {
            if !self.channel.set_contested(true) {
                log::second_poller();
            }
        } else if first {
            log::outage(self.channel.api.origin(), failure);
        }
    }
}

/// An update, and the one before it in its batch.
type Place = (i64, Option<i64>);

/// What became of updates that were stored one after another.
struct Chain {
    stored: Vec<Stored>,
    /// The first that was not stored.
    failed_at: Option<Place>,
}

/// The updates of each place, in order; whoever came first begins first. A group that moved changes places, so then all updates
/// wait for each other.
fn chains(updates: Vec<(i64, Read)>) -> Vec<Vec<(Place, Read)>> {
    let moves = |(_, read): &(i64, Read)| matches!(read, Read::Migrated { .. });
    let in_one = updates.iter().any(moves);
    let mut chains: Vec<Vec<(Place, Read)>> = Vec::new();
    let mut known: HashMap<Option<Address>, usize> = HashMap::new();
    let mut before = None;
    for (update_id, read) in updates {
        let place = match &read {
            Read::Heard(heard) if !in_one => Some(heard.inbound.address.clone()),
            _ => None,
        };
        let update = ((update_id, before), read);
        match known.entry(place) {
            Entry::Occupied(chain) => chains[*chain.get()].push(update),
            Entry::Vacant(new) => {
                new.insert(chains.len());
                chains.push(vec![update]);
            }
        }
        before = Some(update_id);
    }
    chains
}

async fn store_chain(channel: &TelegramChannel, ports: &Ports, chain: Vec<(Place, Read)>) -> Chain {
    let mut stored = Vec::new();
    for (place, read) in chain {
        match channel.store(read, place.0, ports).await {
            Ok(one) => stored.push(one),
            Err(_logged) => {
                let failed_at = Some(place);
                return Chain { stored, failed_at };
            }
        }
    }
    let failed_at = None;
    Chain { stored, failed_at }
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
