//! The way in: our own `getUpdates` loop, because a stock one moves the offset as soon as it has
//! queued a batch. Here the offset moves past an update only after the intake stored it, so what a
//! crash or a sick store leaves undone is handed out again. What waits is in [`queue`](super::queue);
//! while it does, Telegram is asked again all the same, for everybody else.

use std::{collections::HashMap, time::Duration};

use consultant_core::{ChannelName, ports::StoreError};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{
    TelegramChannel,
    api::{ApiFailure, TOKEN_HINT},
    hand_in::{Ports, Stored},
    log,
    queue::{Line, Queue, Ticket},
    update::Read,
};
use crate::ChannelError;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a store that is there may refuse an update.
const TRIES: u32 = 3;

/// While something waits to be stored, Telegram hands it out again at once, so it is asked seldom.
const PAUSE_BESIDE_WORK: Duration = Duration::from_millis(300);

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

    /// At least `least`, and twice as long each time.
    fn take(&mut self, least: Duration) -> Duration {
        let pause = self.next.max(least);
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        pause
    }
}

type Polled = Result<Vec<Value>, ApiFailure>;

/// A step of an update on its way into the store.
enum Step {
    /// It is whole.
    Had(Ticket, Read),
    /// The first of this line is stored, or the store refused it.
    Stored((Line, i64), Result<Stored, StoreError>),
    /// A customer was told that a press arrived.
    Told,
}

/// How often a store that could be reached refused an update.
struct Refusals {
    count: u32,
    /// How often it had taken something before.
    taken_before: u64,
}

/// What the loop remembers from one poll to the next.
struct Loop<'a> {
    channel: &'a TelegramChannel,
    ports: &'a Ports,
    queue: Queue,
    /// How to give up the files that are being had.
    fetching: HashMap<Ticket, CancellationToken>,
    refusals: HashMap<i64, Refusals>,
    /// How often the store has taken something.
    taken_by_store: u64,
    steps: FuturesUnordered<BoxFuture<'a, Step>>,
    poll: Option<BoxFuture<'a, Polled>>,
    /// When to poll next, where no poll is open.
    poll_at: Instant,
    pause: Pause,
    /// Whether the last poll failed, so that an outage is logged once and its end too.
    failing: bool,
}

/// Polls until asked to stop. What is not stored then comes again at the next start.
pub(super) async fn run(
    channel: &TelegramChannel,
    ports: &Ports,
    stop: &CancellationToken,
) -> Result<(), ChannelError> {
    let mut state = Loop {
        channel,
        ports,
        queue: Queue::default(),
        fetching: HashMap::new(),
        refusals: HashMap::new(),
        taken_by_store: 0,
        steps: FuturesUnordered::new(),
        poll: None,
        poll_at: Instant::now(),
        pause: Pause::new(),
        failing: false,
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            Some(step) = state.steps.next() => state.go_on(step),
            polled = open(&mut state.poll) => state.polled(polled)?,
            () = sleep_until(state.poll_at), if state.poll.is_none() => state.begin_to_poll(),
        }
    }
}

/// The answer to the open poll; never where none is open.
async fn open(poll: &mut Option<BoxFuture<'_, Polled>>) -> Polled {
    match poll {
        Some(poll) => poll.await,
        None => std::future::pending().await,
    }
}

impl Loop<'_> {
    fn begin_to_poll(&mut self) {
        let (channel, offset) = (self.channel, self.queue.offset());
        let updates = channel.api.updates(offset, channel.poll_patience);
        self.poll = Some(updates.boxed());
    }

    fn polled(&mut self, polled: Polled) -> Result<(), ChannelError> {
        self.poll = None;
        match polled {
            Ok(updates) => {
                self.take(updates);
                Ok(())
            }
            Err(failure) => self.outage(&failure),
        }
    }

    fn take(&mut self, mut updates: Vec<Value>) {
        if std::mem::take(&mut self.failing) {
            log::back_again();
            self.channel.set_contested(false);
            self.pause.reset();
        }
        updates.sort_by_key(number);
        for update in &updates {
            self.begin(update);
        }
        for ticket in self.queue.too_slow(Instant::now()) {
            self.fetching
                .remove(&ticket)
                .inspect(CancellationToken::cancel);
        }
        let wait = if self.queue.is_empty() {
            Duration::ZERO
        } else {
            PAUSE_BESIDE_WORK
        };
        self.poll_at = self.poll_at.max(Instant::now() + wait);
    }

    /// Reads an update and begins to have its file.
    fn begin(&mut self, update: &Value) {
        let (channel, ports) = (self.channel, self.ports);
        let Some(update_id) = number(update) else {
            channel.count_unreadable();
            return log::without_number();
        };
        if self.queue.knows(update_id) {
            return;
        }
        let read = channel.read(update, update_id);
        let Some(ticket) = self.queue.take(update_id, &read) else {
            return;
        };
        let give_up = CancellationToken::new();
        self.fetching.insert(ticket, give_up.clone());
        let had = async move {
            let read = channel.with_file(read, ports, &give_up).await;
            Step::Had(ticket, read)
        };
        self.steps.push(had.boxed());
    }

    fn go_on(&mut self, step: Step) {
        match step {
            Step::Had(ticket, read) => {
                self.fetching.remove(&ticket);
                self.queue.had(ticket, read);
                self.store_next(ticket.line);
            }
            Step::Stored((line, update_id), Ok(Stored { press, by_store })) => {
                self.refusals.remove(&update_id);
                self.taken_by_store += u64::from(by_store);
                self.queue.stored(line);
                self.pause.reset();
                self.tell(press);
                self.store_next(line);
            }
            Step::Stored((line, update_id), Err(error)) => self.refused(line, update_id, &error),
            Step::Told => {}
        }
        if self.queue.is_empty() && !self.failing {
            self.poll_at = self.poll_at.min(Instant::now());
        }
    }

    /// The store did not take it, so it comes again. What stands in the way of it alone no waiting
    /// cures: after a few tries it is left out, or nothing new would be heard from anybody. A store
    /// that takes nothing at all is another matter, and is waited for.
    fn refused(&mut self, line: Line, update_id: i64, error: &StoreError) {
        if !matches!(error, StoreError::Unavailable { .. }) {
            let first = Refusals {
                count: 0,
                taken_before: self.taken_by_store,
            };
            let refusals = self.refusals.entry(update_id).or_insert(first);
            refusals.count += 1;
            let others_are_taken = self.taken_by_store > refusals.taken_before;
            if refusals.count >= TRIES && others_are_taken {
                self.refusals.remove(&update_id);
                log::left_out(update_id, error);
                self.queue.stored(line);
                return self.store_next(line);
            }
        }
        let rest = self.pause.take(Duration::ZERO);
        self.queue.refused(line, Instant::now() + rest);
    }

    fn store_next(&mut self, line: Line) {
        let (channel, ports) = (self.channel, self.ports);
        if let Some((update_id, read)) = self.queue.next_to_store(line) {
            let storing = async move {
                let stored = channel.store(read, update_id, ports).await;
                Step::Stored((line, update_id), stored)
            };
            self.steps.push(storing.boxed());
        }
    }

    /// Tells a customer that a press arrived, while everything goes on.
    fn tell(&mut self, press: Option<String>) {
        let channel = self.channel;
        if let Some(press) = press {
            let told = channel.answer_press(press);
            self.steps.push(told.map(|()| Step::Told).boxed());
        }
    }

    fn outage(&mut self, failure: &ApiFailure) -> Result<(), ChannelError> {
        if failure.refuses_token() {
            return Err(token_refused());
        }
        let first = !std::mem::replace(&mut self.failing, true);
        self.log_outage(failure, first);
        let least = match failure {
            ApiFailure::Refused { retry_after, .. } => retry_after.unwrap_or_default(),
            ApiFailure::Broken { .. } => Duration::ZERO,
        };
        self.poll_at = Instant::now() + self.pause.take(least);
        Ok(())
    }

    /// Logs the beginning of an outage. A second poller needs a person, and is told once, also
    /// in the middle of an outage; the rest passes.
    fn log_outage(&self, failure: &ApiFailure, first: bool) {
        if matches!(failure, ApiFailure::Refused { code: 409, .. }) {
            if !self.channel.set_contested(true) {
                log::second_poller();
            }
        } else if first {
            log::outage(self.channel.api.origin(), failure);
        }
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

    #[test]
    fn pauses_grow_to_a_limit() {
        let mut pause = Pause::new();
        assert_eq!(pause.take(Duration::ZERO), FIRST_PAUSE);
        assert_eq!(pause.take(Duration::from_hours(1)), Duration::from_hours(1));
        for _ in 0..20 {
            pause.take(Duration::ZERO);
        }
        assert_eq!(pause.take(Duration::ZERO), LONGEST_PAUSE);
        pause.reset();
        assert_eq!(pause.take(Duration::ZERO), FIRST_PAUSE);
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
