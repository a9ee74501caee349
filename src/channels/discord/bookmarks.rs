//! Until where each place was heard, kept in the store: what was said behind that is asked for
//! after a lost session and after a restart.
//!
//! The first note of a place is written before its first message is handed in. Later ones are
//! written at most about once a second a place, and only after the store accepted what
//! was said there; so it may be behind, never ahead. What is heard again for that reason carries
//! its old key, which the store refuses.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use consultant_core::ports::Places;
use futures::{StreamExt, stream};
use serenity::all::{ChannelId, GuildId};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::place::snowflake;

const NAME: &str = "discord:heard:";
/// How often notes are written.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// How many notes are written at the same time.
const WRITES_AT_ONCE: usize = 16;
/// How many places are remembered: those heard last. Discord allows some 50 requests a second,
/// so that all of them are asked within a minute.
const PLACES_REMEMBERED: usize = 2_000;
/// The pause before a store that is away is asked again.
const PAUSE: Duration = Duration::from_secs(2);
/// Events may come out of order, and one may be missing without a word: after a session that was
/// lost, what is up to an hour older than the newest message is asked for again. In most places
/// that is one request, as without it. An id counts milliseconds above its lowest 22 bits.
const OVERLAP: u64 = 3_600_000 << 22;

/// The same after a restart, when a stop may have come between two messages that were told out of
/// order. Shorter, because the store may have been changed by hand while nothing ran.
const OVERLAP_OF_A_RESTART: u64 = 60_000 << 22;

/// Until where a place was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The newest message that was heard.
    pub(super) message: u64,
    /// REST leaves out the guild, so it is remembered here.
    pub(super) guild: Option<GuildId>,
    /// A thread in which the bot was addressed: there it listens to everything.
    pub(super) joined: bool,
    /// Where the place was first listened to, at least: what was said before is not for the bot.
    floor: u64,
}

impl Mark {
    /// A place that was first heard at this message.
    pub(super) fn at(message: u64, guild: Option<GuildId>) -> Self {
        Self {
            message,
            guild,
            joined: false,
            floor: message.saturating_sub(1),
        }
    }

    /// Behind which message to ask.
    pub(super) fn ask_after(&self) -> u64 {
        self.message.saturating_sub(OVERLAP).max(self.floor)
    }

    fn text(&self) -> String {
        let guild = self
            .guild
            .map_or_else(|| "-".to_owned(), |it| it.to_string());
        let joined = if self.joined { "joined" } else { "-" };
        format!("{}/{guild}/{joined}/{}", self.message, self.floor)
    }

    fn of(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let message = snowflake(parts.next()?)?;
        let guild = match parts.next()? {
            "-" => None,
            guild => Some(GuildId::new(snowflake(guild)?)),
        };
        let joined = parts.next() == Some("joined");
        // Earlier versions did not write it.
        let floor = parts.next().and_then(snowflake).unwrap_or(message);
        Some(Self {
            message,
            guild,
            joined,
            floor: floor.max(message.saturating_sub(OVERLAP_OF_A_RESTART)),
        })
    }
}

/// All places that were heard.
pub(super) struct Bookmarks {
    store: Arc<dyn Places>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    marks: HashMap<ChannelId, Mark>,
    unwritten: HashSet<ChannelId>,
}

impl Bookmarks {
    /// What earlier processes noted. A store that is away is waited for; without the notes
    /// nothing could be caught up with.
    pub(super) async fn load(store: Arc<dyn Places>, stop: &CancellationToken) -> Self {
        let notes = loop {
            match store.bookmarks(NAME).await {
                Ok(notes) => break notes,
                Err(error) => warn!(channel = "discord", %error, "the bookmarks cannot be read"),
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => break Vec::new(),
            }
        };
        let read = notes.iter().filter_map(|(name, value)| {
            let channel = snowflake(name.strip_prefix(NAME)?)?;
            Some((ChannelId::new(channel), Mark::of(value)?))
        });
        let mut known = Known {
            marks: read.collect(),
            unwritten: HashSet::new(),
        };
        known.forget_the_quietest();
        Self {
            store,
            known: Mutex::new(known),
        }
    }

    /// A message is about to be taken. The first one of a place notes the place at once, up to
    /// just before it: a process that is killed within the next second would otherwise leave a
    /// place behind that nobody knows to ask.
    pub(super) async fn meet(&self, channel: ChannelId, message: u64, guild: Option<GuildId>) {
        if self.mark(channel).is_some() {
            return;
        }
        self.heard(channel, message.saturating_sub(1), guild);
        self.write().await;
    }

    /// A place was heard until here.
    pub(super) fn heard(&self, channel: ChannelId, message: u64, guild: Option<GuildId>) {
        let mut known = self.known();
        let mark = known
            .marks
            .entry(channel)
            .or_insert_with(|| Mark::at(message, guild));
        mark.message = mark.message.max(message);
        known.unwritten.insert(channel);
        if known.marks.len() > PLACES_REMEMBERED {
            known.forget_the_quietest();
        }
    }

    /// The newest message that was heard anywhere: until then somebody listened. Less a minute,
    /// because what is told does not come in order.
    pub(super) fn listened_until(&self) -> Option<u64> {
        let known = self.known();
        let newest = known.marks.values().map(|mark| mark.message).max()?;
        Some(newest.saturating_sub(OVERLAP_OF_A_RESTART).max(1))
    }

    /// A place in which nothing was heard until this message, because nothing was said there: what
    /// was said since is still to be heard. Whether there is anything to ask for that nobody asks
    /// for anyway.
    pub(super) fn listen_from(&self, channel: ChannelId, message: u64, guild: GuildId) -> bool {
        let mut known = self.known();
        let is_heard = known.marks.get(&channel).is_some_and(|mark| {
            // What was said in a thread before somebody addressed the bot is not for it.
            mark.joined || mark.floor <= message
        });
        if !is_heard {
            known.marks.insert(channel, Mark::at(message, Some(guild)));
            known.unwritten.insert(channel);
        }
        !is_heard
    }

    /// From now on everything in this place is meant for the bot.
    pub(super) fn join(&self, thread: ChannelId, message: u64, guild: Option<GuildId>) {
        self.heard(thread, message, guild);
        if let Some(mark) = self.known().marks.get_mut(&thread)
            && !mark.joined
        {
            // What people said to each other before that stays between them.
            mark.floor = mark.floor.max(message.saturating_sub(1));
            mark.joined = true;
        }
    }

    /// A thread that was opened for this message before anybody here knew of it: all that was said
    /// there is still to be heard.
    pub(super) fn join_from_its_beginning(
        &self,
        thread: ChannelId,
        message: u64,
        guild: Option<GuildId>,
    ) {
        let mut known = self.known();
        let mark = Mark {
            joined: true,
            ..Mark::at(message, guild)
        };
        known.marks.insert(thread, mark);
        known.unwritten.insert(thread);
    }

    pub(super) fn is_joined(&self, thread: ChannelId) -> bool {
        self.mark(thread).is_some_and(|mark| mark.joined)
    }

    pub(super) fn mark(&self, channel: ChannelId) -> Option<Mark> {
        self.known().marks.get(&channel).copied()
    }

    /// The place is gone.
    pub(super) fn forget(&self, channel: ChannelId) {
        self.known().marks.remove(&channel);
    }

    /// Every place, the one heard last first.
    pub(super) fn places(&self) -> Vec<ChannelId> {
        self.known().newest_first()
    }

    /// Writes the notes, until `done` and then once more.
    pub(super) async fn keep(&self, done: &CancellationToken) {
        while !done.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(WRITE_EVERY) => {}
                () = done.cancelled() => {}
            }
            self.write().await;
        }
        // What was heard while the last notes were being written.
        self.write().await;
    }

    async fn write(&self) {
        let notes: Vec<(ChannelId, Mark)> = {
            let mut known = self.known();
            let unwritten = std::mem::take(&mut known.unwritten);
            let marks = unwritten.into_iter();
            marks
                .filter_map(|channel| Some((channel, *known.marks.get(&channel)?)))
                .collect()
        };
        let writing = notes.into_iter().map(|(channel, mark)| async move {
            let name = format!("{NAME}{channel}");
            let written = self.store.bookmark(&name, &mark.text()).await;
            written.map_err(|error| (channel, error))
        });
        let mut writing = stream::iter(writing).buffer_unordered(WRITES_AT_ONCE);
        let mut last_error = None;
        while let Some(written) = writing.next().await {
            if let Err((channel, error)) = written {
                self.known().unwritten.insert(channel);
                last_error = Some(error);
            }
        }
        if let Some(error) = last_error {
            warn!(channel = "discord", %error, "bookmarks are not written; trying again");
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn newest_first(&self) -> Vec<ChannelId> {
        let mut places: Vec<ChannelId> = self.marks.keys().copied().collect();
        places.sort_by_key(|place| std::cmp::Reverse(self.marks.get(place).map(|it| it.message)));
        places
    }

    /// Forgets a tenth at once, so that a crowd does not cost a sort a message.
    fn forget_the_quietest(&mut self) {
        if self.marks.len() <= PLACES_REMEMBERED {
            return;
        }
        let kept = PLACES_REMEMBERED - PLACES_REMEMBERED / 10;
        for place in self.newest_first().into_iter().skip(kept) {
            self.marks.remove(&place);
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use consultant_core::{Address, ConversationId, ports::StoreError};

    use super::*;

    /// Keeps nothing.
    struct NoPlaces;

    #[async_trait]
    impl Places for NoPlaces {
        async fn moved(&self, _: &Address, _: &Address) -> Result<(), StoreError> {
            Ok(())
        }

        async fn lead(&self, _: &Address, _: ConversationId) -> Result<(), StoreError> {
            Ok(())
        }

        async fn part(&self, _: &Address, _: ConversationId) -> Result<(), StoreError> {
            Ok(())
        }

        async fn addresses(&self, _: ConversationId) -> Result<Vec<Address>, StoreError> {
            Ok(Vec::new())
        }

        async fn bookmark(&self, _: &str, _: &str) -> Result<(), StoreError> {
            Ok(())
        }

        async fn bookmarks(&self, _: &str) -> Result<Vec<(String, String)>, StoreError> {
            Ok(Vec::new())
        }
    }

    #[track_caller]
    fn check(text: &str) {
        assert_eq!(Mark::of(text).unwrap().text(), text);
    }

    #[test]
    fn notes_of_earlier_versions_are_read() {
        let reads = |text: &str| Mark::of(text).unwrap().text();
        assert_eq!(reads("77/-"), "77/-/-/77");
        assert_eq!(reads("77/5/joined"), "77/5/joined/77");
    }

    #[test]
    fn a_note_reads_as_it_was_written() {
        check("77/-/-/70");
        check("77/5/-/77");
        check("77/5/joined/70");
        for strange in ["", "77", "0/-", "77/0", "77/x", "x/-"] {
            assert_eq!(Mark::of(strange), None, "{strange}");
        }
    }

    #[test]
    fn only_what_this_process_heard_is_asked_for_again() {
        let mut mark = Mark::of(&format!("{}/-", 500 * OVERLAP)).unwrap();
        assert_eq!(mark.ask_after(), 500 * OVERLAP);
        mark.message = 502 * OVERLAP;
        assert_eq!(mark.ask_after(), 501 * OVERLAP);
        // The next process asks for the last minute of it.
        let next = Mark::of(&mark.text()).unwrap();
        assert_eq!(next.ask_after(), 502 * OVERLAP - OVERLAP_OF_A_RESTART);
    }

    #[test]
    fn a_place_that_was_silent_is_heard_from_when_somebody_listened() {
        let bookmarks = Bookmarks {
            store: Arc::new(NoPlaces),
            known: Mutex::default(),
        };
        assert_eq!(bookmarks.listened_until(), None, "nobody ever listened");
        let (guild, elsewhere, silent) = (GuildId::new(5), ChannelId::new(1), ChannelId::new(2));
        let newest = 10 * OVERLAP;
        bookmarks.heard(elsewhere, newest, Some(guild));
        let until = bookmarks.listened_until().unwrap();
        assert_eq!(until, newest - OVERLAP_OF_A_RESTART);
        assert!(!bookmarks.listen_from(elsewhere, newest, guild));
        // Somebody speaks there before its guild has told of it.
        bookmarks.heard(silent, newest + 7, Some(guild));
        assert!(bookmarks.listen_from(silent, until, guild));
        assert_eq!(bookmarks.mark(silent).unwrap().ask_after(), until - 1);
        assert!(!bookmarks.listen_from(silent, until, guild), "once");
        let thread = ChannelId::new(3);
        bookmarks.join(thread, newest + 9, Some(guild));
        assert!(!bookmarks.listen_from(thread, until, guild));
    }

    #[test]
    fn the_quietest_places_are_forgotten() {
        let mut known = Known::default();
        for id in 1..=PLACES_REMEMBERED as u64 + 1 {
            let mark = Mark::of(&format!("{id}/-")).unwrap();
            known.marks.insert(ChannelId::new(id), mark);
        }
        known.forget_the_quietest();
        assert_eq!(known.marks.len(), 1_800);
        assert!(!known.marks.contains_key(&ChannelId::new(201)));
        assert!(known.marks.contains_key(&ChannelId::new(202)));
    }
}
