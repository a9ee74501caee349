//! The order of calls that come side by side. Two messages of one place can overtake each other on
//! their way, or while a file is had, so a call waits for what came before it: while that is in
//! hand, and for a moment where a number is missing altogether. What was refused comes again, and
//! what came after it in its place is refused until then.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// How long a missing number is waited for: longer than calls overtake each other by.
const GAP_PATIENCE: Duration = Duration::from_millis(500);

/// For how long a refused update holds up its place. Telegram repeats a call within seconds; one
/// that it gave up must not hold up a customer for ever.
const OWED_FOR: Duration = Duration::from_mins(1);

/// Which updates have come, and which of them are not stored yet.
#[derive(Default)]
pub(super) struct Lineup {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// The lowest number that has not come; none before the first call.
    next: Option<i64>,
    /// What has come above it.
    ahead: BTreeSet<i64>,
    /// Whether no more calls come.
    is_closed: bool,
    unstored: BTreeMap<i64, Unstored>,
}

struct Unstored {
    place: String,
    /// When it was refused; none while it is in hand.
    refused_at: Option<Instant>,
}

/// What an update has to wait for.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Now,
    /// Another one of its place is in hand.
    Others,
    /// A lower number has not come yet.
    Gap,
    /// Another one of its place has to come again first.
    Refused,
}

/// An update in hand. Dropped before it is stored, it counts as refused.
pub(super) struct Held<'a> {
    lineup: &'a Lineup,
    number: i64,
    since: Instant,
    is_stored: bool,
}

impl Lineup {
    /// Notes that an update has come.
    pub(super) fn see(&self, number: i64) {
        self.lock().see(number);
        self.changed.notify_waiters();
    }

    /// Takes an update of this place in hand.
    pub(super) fn hold(&self, number: i64, place: &str) -> Held<'_> {
        let unstored = Unstored {
            place: place.to_owned(),
            refused_at: None,
        };
        let now = Instant::now();
        let mut state = self.lock();
        state.unstored.retain(|_, it| !it.is_given_up(now));
        state.unstored.insert(number, unstored);
        Held {
            lineup: self,
            number,
            since: now,
            is_stored: false,
        }
    }

    /// No more calls come, so no gap will be filled: what waits behind one has to come again.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held<'_> {
    /// Waits until it may be stored; `false` when it must not be, because what came before it in
    /// its place was refused and has to come again first.
    pub(super) async fn turn(&self) -> bool {
        loop {
            let mut changed = pin!(self.lineup.changed.notified());
            // Registered before looking, so that no change between the two is missed.
            changed.as_mut().enable();
            let turn = self.lineup.lock().turn(self.number, Instant::now());
            match turn {
                Turn::Now => return true,
                Turn::Refused => return false,
                Turn::Others => changed.await,
                Turn::Gap if timeout_at(self.since + GAP_PATIENCE, changed).await.is_ok() => {}
                Turn::Gap => self.lineup.lock().pass_over_gap(self.number),
            }
        }
    }

    /// It is stored.
    pub(super) fn stored(mut self) {
        self.is_stored = true;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let unstored = &mut self.lineup.lock().unstored;
        if self.is_stored {
            unstored.remove(&self.number);
        } else if let Some(it) = unstored.get_mut(&self.number) {
            it.refused_at = Some(Instant::now());
        }
        self.lineup.changed.notify_waiters();
    }
}

impl State {
    fn see(&mut self, number: i64) {
        self.ahead.insert(number);
        self.close_ranks();
    }

    /// What is missing below this number is not waited for any more.
    fn pass_over_gap(&mut self, number: i64) {
        let after = number.saturating_add(1);
        self.next = self.next.max(Some(after));
        self.close_ranks();
    }

    fn close_ranks(&mut self) {
        let Some(mut next) = self.next else { return };
        self.ahead = self.ahead.split_off(&next);
        while self.ahead.remove(&next) {
            next = next.saturating_add(1);
        }
        self.next = Some(next);
    }

    fn turn(&self, number: i64, now: Instant) -> Turn {
        let Some(this) = self.unstored.get(&number) else {
            return Turn::Now;
        };
        let before = self.unstored.range(..number).map(|(_, it)| it);
        let before = before.filter(|it| it.place == this.place && !it.is_given_up(now));
        let mut turn = Turn::Now;
        for it in before {
            if it.refused_at.is_some() {
                return Turn::Refused;
            }
            turn = Turn::Others;
        }
        if turn == Turn::Now && self.next.is_none_or(|next| next <= number) {
            return if self.is_closed {
                Turn::Refused
            } else {
                Turn::Gap
            };
        }
        turn
    }
}

impl Unstored {
    fn is_given_up(&self, now: Instant) -> bool {
        self.refused_at.is_some_and(|at| now >= at + OWED_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line-up that has stored this number of some other place.
    async fn after(number: i64) -> Lineup {
        let lineup = Lineup::default();
        lineup.see(number);
        let held = lineup.hold(number, "elsewhere");
        assert!(held.turn().await);
        held.stored();
        lineup
    }

    #[tokio::test(start_paused = true)]
    async fn what_overtook_on_the_way_waits_for_what_it_overtook() {
        let lineup = after(10).await;
        lineup.see(12);
        let second = lineup.hold(12, "ann");
        assert_eq!(lineup.lock().turn(12, Instant::now()), Turn::Gap);
        lineup.see(11);
        let first = lineup.hold(11, "ann");
        assert_eq!(lineup.lock().turn(12, Instant::now()), Turn::Others);
        assert!(first.turn().await);
        first.stored();
        assert!(second.turn().await);
        assert_eq!(second.since.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_number_that_never_comes_is_waited_for_once_and_briefly() {
        let lineup = after(10).await;
        for (number, wait) in [(12, GAP_PATIENCE), (13, Duration::ZERO)] {
            lineup.see(number);
            let held = lineup.hold(number, "ann");
            assert!(held.turn().await);
            assert_eq!(held.since.elapsed(), wait);
            held.stored();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_file_holds_up_its_own_place_only() {
        let lineup = after(10).await;
        for number in [11, 12, 13] {
            lineup.see(number);
        }
        let _with_file = lineup.hold(11, "ann");
        let (anns, bobs) = (lineup.hold(12, "ann"), lineup.hold(13, "bob"));
        assert!(bobs.turn().await);
        let waited = timeout_at(Instant::now() + OWED_FOR, anns.turn()).await;
        assert!(waited.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_follows_a_refused_update_is_refused_until_that_came_again() {
        let lineup = after(10).await;
        lineup.see(11);
        lineup.see(12);
        drop(lineup.hold(11, "ann"));
        assert!(!lineup.hold(12, "ann").turn().await);
        lineup.see(11);
        let again = lineup.hold(11, "ann");
        assert!(again.turn().await);
        again.stored();
        assert!(lineup.hold(12, "ann").turn().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_update_that_never_comes_again_is_given_up() {
        let lineup = after(10).await;
        lineup.see(11);
        lineup.see(12);
        drop(lineup.hold(11, "ann"));
        tokio::time::advance(OWED_FOR).await;
        assert!(lineup.hold(12, "ann").turn().await);
    }

    #[tokio::test(start_paused = true)]
    async fn at_a_stop_nothing_overtakes_what_cannot_come_any_more() {
        let lineup = after(10).await;
        lineup.see(12);
        let held = lineup.hold(12, "ann");
        lineup.close();
        assert!(!held.turn().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_repeated_update_waits_for_nothing() {
        let lineup = after(10).await;
        lineup.see(7);
        let held = lineup.hold(7, "ann");
        assert!(held.turn().await);
        assert_eq!(held.since.elapsed(), Duration::ZERO);
    }
}
