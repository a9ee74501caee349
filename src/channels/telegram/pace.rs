//! How fast we write: about one message a second in a chat, 20 a minute in a group, 30 a second in
//! all (Telegram's FAQ for bots, "My bot is hitting limits"). Edits count. Each chat waits for itself
//! alone, and a wait longer than a moment is handed back to the caller instead of slept.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep};

/// The longest wait that is slept here; a longer one is the caller's to plan.
const WAIT_HERE_LIMIT: Duration = Duration::from_secs(1);

/// So many messages within so long.
struct Window(usize, Duration);

/// A short burst is taken well, as long as the mean stays at one a second.
const CHAT: Window = Window(3, Duration::from_secs(3));
const GROUP: Window = Window(20, Duration::from_mins(1));
const ALL: Window = Window(30, Duration::from_secs(1));

/// In groups edits keep this distance, so that previews leave room for the final message.
const GROUP_EDIT_DISTANCE: Duration = Duration::from_secs(3);

/// Chats that are remembered before idle ones are forgotten.
const CHATS_REMEMBERED: usize = 10_000;

/// What is about to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A new message.
    Send,
    /// A change of one.
    Edit,
}

/// Who wrote when.
pub(super) struct Pace {
    book: Mutex<Book>,
    /// Whether turns are counted at all. Where they are not, a chat that Telegram asks to wait
    /// still does.
    counts: bool,
}

#[derive(Default)]
struct Book {
    chats: HashMap<i64, Chat>,
    all: VecDeque<Instant>,
}

#[derive(Default)]
struct Chat {
    written: VecDeque<Instant>,
    held_until: Option<Instant>,
}

impl Pace {
    pub(super) fn new(counts: bool) -> Self {
        Self {
            book: Mutex::default(),
            counts,
        }
    }

    /// Waits for this chat's next turn. `Err` tells how long it would be when that is no moment.
    pub(super) async fn turn(&self, chat: i64, kind: Kind) -> Result<(), Duration> {
        if !self.counts {
            return self.held(chat).map_or(Ok(()), Err);
        }
        let give_up = Instant::now() + WAIT_HERE_LIMIT;
        loop {
            let now = Instant::now();
            let wait = self.lock().take(chat, kind, now);
            if wait.is_zero() {
                return Ok(());
            }
            if now + wait > give_up {
                return Err(wait);
            }
            sleep(wait).await;
        }
    }

    /// Telegram asked this chat to wait; nobody else does.
    pub(super) fn hold(&self, chat: i64, wait: Duration) {
        let until = Instant::now() + wait;
        self.lock().chats.entry(chat).or_default().held_until = Some(until);
    }

    /// How long this chat still has to be silent on Telegram's wish.
    pub(super) fn held(&self, chat: i64) -> Option<Duration> {
        let now = Instant::now();
        let book = self.lock();
        let until = book.chats.get(&chat)?.held_until?;
        until
            .checked_duration_since(now)
            .filter(|wait| !wait.is_zero())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Takes a turn now (zero), or tells how long to wait for one.
    fn take(&mut self, chat: i64, kind: Kind, now: Instant) -> Duration {
        self.forget_idle(now);
        let wait = self
            .chats
            .entry(chat)
            .or_default()
            .wait(chat < 0, kind, now)
            .max(ALL.wait(&self.all, now));
        if wait.is_zero() {
            note(&mut self.all, ALL.0, now);
            let written = &mut self.chats.entry(chat).or_default().written;
            note(written, GROUP.0.max(CHAT.0), now);
        }
        wait
    }

    fn forget_idle(&mut self, now: Instant) {
        if self.chats.len() >= CHATS_REMEMBERED {
            self.chats.retain(|_, chat| !chat.is_idle(now));
        }
    }
}

impl Chat {
    fn wait(&self, group: bool, kind: Kind, now: Instant) -> Duration {
        let mut ready = CHAT.ready(&self.written).max(self.held_until);
        if group {
            ready = ready.max(GROUP.ready(&self.written));
        }
        if group && kind == Kind::Edit {
            let last = self.written.back();
            ready = ready.max(last.map(|last| *last + GROUP_EDIT_DISTANCE));
        }
        ready.map_or(Duration::ZERO, |ready| ready.saturating_duration_since(now))
    }

    fn is_idle(&self, now: Instant) -> bool {
        let wrote = self
            .written
            .back()
            .is_some_and(|last| now < *last + GROUP.1);
        !wrote && self.held_until.is_none_or(|until| until <= now)
    }
}

impl Window {
    /// When the next message fits; `None` where it always does.
    fn ready(&self, written: &VecDeque<Instant>) -> Option<Instant> {
        let oldest = written.len().checked_sub(self.0)?;
        written.get(oldest).map(|time| *time + self.1)
    }

    fn wait(&self, written: &VecDeque<Instant>, now: Instant) -> Duration {
        self.ready(written)
            .map_or(Duration::ZERO, |ready| ready.saturating_duration_since(now))
    }
}

fn note(written: &mut VecDeque<Instant>, keep: usize, now: Instant) {
    written.push_back(now);
    while written.len() > keep {
        written.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks every tenth of a second for a turn, and counts those that were given.
    fn taken(book: &mut Book, chat: i64, kind: Kind, start: Instant, seconds: u64) -> usize {
        (0..seconds * 10)
            .filter(|tick| {
                let now = start + Duration::from_millis(tick * 100);
                book.take(chat, kind, now).is_zero()
            })
            .count()
    }

    #[test]
    fn a_chat_gets_one_message_a_second_on_average() {
        let mut book = Book::default();
        assert_eq!(taken(&mut book, 7, Kind::Send, Instant::now(), 60), 60);
    }

    #[test]
    fn a_group_gets_twenty_a_minute() {
        let mut book = Book::default();
        assert_eq!(taken(&mut book, -7, Kind::Send, Instant::now(), 60), 20);
    }

    #[test]
    fn edits_in_a_group_leave_room_for_the_final_message() {
        let start = Instant::now();
        let mut book = Book::default();
        assert_eq!(taken(&mut book, -7, Kind::Edit, start, 59), 20);
        let end = start + Duration::from_mins(1);
        assert!(book.take(-7, Kind::Send, end).is_zero());
    }

    #[test]
    fn all_chats_together_get_thirty_a_second() {
        let start = Instant::now();
        let mut book = Book::default();
        let given = (0..100).filter(|chat| book.take(*chat, Kind::Send, start).is_zero());
        assert_eq!(given.count(), 30);
        let later = start + Duration::from_secs(1);
        assert!(book.take(99, Kind::Send, later).is_zero());
    }

    #[tokio::test]
    async fn a_chat_on_hold_keeps_nobody_else_waiting() {
        let pace = Pace::new(true);
        pace.hold(7, Duration::from_mins(1));
        assert!(pace.turn(7, Kind::Send).await.unwrap_err() > Duration::from_secs(50));
        assert!(pace.held(7).is_some());
        assert_eq!(pace.turn(8, Kind::Send).await, Ok(()));
        assert_eq!(pace.held(8), None);
    }

    #[tokio::test]
    async fn without_a_pace_only_a_chat_on_hold_waits() {
        let pace = Pace::new(false);
        for _ in 0..100 {
            assert_eq!(pace.turn(7, Kind::Send).await, Ok(()));
        }
        pace.hold(7, Duration::from_mins(1));
        assert!(pace.turn(7, Kind::Send).await.unwrap_err() > Duration::from_secs(50));
    }

    #[test]
    fn idle_chats_are_forgotten() {
        let start = Instant::now();
        let mut book = Book::default();
        for chat in 0..i64::try_from(CHATS_REMEMBERED).unwrap() {
            book.chats.insert(chat, Chat::default());
        }
        book.take(-1, Kind::Send, start);
        assert_eq!(book.chats.len(), 1);
    }
}
