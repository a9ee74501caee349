//! What serenity hears, into one queue that keeps the order of arrival.
//!
//! serenity runs a task for each event, which loses the order; its collectors run in the
//! connection's own loop, which keeps it, but one can only be added once READY was seen. So both
//! listen: the collector decides about the order, the raw handler fills the moment before it
//! stands, and whoever comes second is dropped by the message's id.

use std::{
    collections::{HashMap, HashSet},
    future::ready,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::StreamExt;
use jiff::Timestamp;
use serenity::{
    all::{
        ChannelId, ChannelType, Context, Event, Guild, GuildId, Interaction, Message, MessageId,
        MessageUpdateEvent, RawEventHandler, RoleId, UserId,
    },
    collector::collect,
};
use tokio::{
    runtime::Handle,
    sync::{
        mpsc::{self, error::TrySendError},
        watch,
    },
    time::{Instant, timeout_at},
};
use tracing::{debug, error, warn};

use super::{
    acks::{Acks, Pending, Shows},
    api::Api,
    asked::{Asked, repaired},
    desk_rooms::{DeskRooms, Standing},
    reading::{Names, is_from_a_person},
    recent::{Name, Recent},
};

/// How many events may wait while the store is down. Messages beyond it are fetched later, from
/// Discord, which keeps them for us; it keeps no commands and no pressed buttons.
pub(super) const QUEUE_BOUND: usize = 4_096;

/// How long a session's guilds are waited for; Discord tells of them right after its beginning.
const GUILDS_TOLD: Duration = Duration::from_secs(5);

/// Which state of a message it is that it was taken back; no edit is as old.
const TAKEN_BACK: i64 = -1;

/// What the clerk has to deal with, in order.
pub(super) enum Heard {
    /// A person wrote somewhere that the bot can see.
    Message(Box<Message>),
    /// A person changed a message.
    Edited(Box<MessageUpdateEvent>),
    /// Somebody took a message back where a desk may be; Discord does not tell who.
    TakenBack(TakenBack),
    /// A person gave a slash command or pressed a button, and is told should it be dropped.
    Asked(Box<Asked>, Pending),
    /// A session began, and whatever the one before did not hear is lost.
    NewSession,
    /// A guild told of its channels and threads, each with its newest message.
    Guild(GuildId, Vec<(ChannelId, u64)>),
    /// A room of the desk was opened.
    Room(ChannelId, GuildId),
}

/// A message that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TakenBack {
    pub(super) message: MessageId,
    pub(super) channel: ChannelId,
    pub(super) guild: Option<GuildId>,
}

impl Heard {
    /// The place in whose order it stands, and its guild; `None` for what is of no place.
    pub(super) fn place(&self) -> Option<(ChannelId, Option<GuildId>)> {
        match self {
            Self::Message(message) => Some((message.channel_id, message.guild_id)),
            Self::Edited(edit) => Some((edit.channel_id, edit.guild_id)),
            Self::TakenBack(it) => Some((it.channel, it.guild)),
            Self::Asked(asked, _) => Some((asked.place.channel, asked.guild)),
            Self::NewSession | Self::Guild(..) | Self::Room(..) => None,
        }
    }
}

/// The hearing side, shared by all clients that are built one after another.
pub(super) struct Ears {
    api: Arc<Api>,
    acks: Arc<Acks>,
    /// The program's runtime: serenity runs on threads of its own.
    runtime: Handle,
    queue: mpsc::Sender<Heard>,
    recent: Mutex<Recent>,
    threads: Mutex<HashSet<ChannelId>>,
    desk: Arc<DeskRooms>,
    bot: UserId,
    /// The role that each guild made for the bot, if it did.
    roles: watch::Sender<HashMap<GuildId, Option<RoleId>>>,
    session_began: Mutex<Instant>,
    pulse: Mutex<Instant>,
    overflowed: AtomicBool,
    /// What guilds told while the queue was full.
    untold: Mutex<Vec<Heard>>,
    unreadable: Arc<AtomicU64>,
}

impl Ears {
    pub(super) fn new(
        (api, acks): (Arc<Api>, Arc<Acks>),
        (bot, desk): (UserId, Arc<DeskRooms>),
        unreadable: Arc<AtomicU64>,
        queue: mpsc::Sender<Heard>,
    ) -> Self {
        Self {
            api,
            acks,
            runtime: Handle::current(),
            queue,
            recent: Mutex::default(),
            threads: Mutex::default(),
            desk,
            bot,
            roles: watch::Sender::default(),
            session_began: Mutex::new(Instant::now()),
            pulse: Mutex::new(Instant::now()),
            overflowed: AtomicBool::new(false),
            untold: Mutex::default(),
            unreadable,
        }
    }

    /// The gateway gave a sign of life.
    pub(super) fn feel_pulse(&self) {
        *lock(&self.pulse) = Instant::now();
    }

    /// How long the gateway has been silent.
    pub(super) fn silent_for(&self) -> Duration {
        lock(&self.pulse).elapsed()
    }

    /// Whether events were dropped since this was last asked.
    pub(super) fn take_overflow(&self) -> bool {
        self.overflowed.swap(false, Ordering::Relaxed)
    }

    /// Remembers a message that came another way; false if it was heard before.
    pub(super) fn is_news(&self, id: u64) -> bool {
        lock(&self.recent).insert((id, 0))
    }

    pub(super) fn is_in_a_thread(&self, message: &Message) -> bool {
        message.position.is_some() || lock(&self.threads).contains(&message.channel_id)
    }

    /// What the bot is called there, as far as the guild has told.
    pub(super) fn names_in(&self, guild: Option<GuildId>) -> Names {
        let role = guild.and_then(|guild| self.roles.borrow().get(&guild).copied());
        Names {
            user: self.bot,
            role: role.flatten(),
        }
    }

    /// Waits until a guild has told what the bot is called there, at the beginning of a session:
    /// before that a name would be overheard in what was missed.
    pub(super) async fn wait_for_names_in(&self, guild: GuildId) {
        let give_up = *lock(&self.session_began) + GUILDS_TOLD;
        let mut roles = self.roles.subscribe();
        let told = roles.wait_for(|roles| roles.contains_key(&guild));
        // A guild that the bot was shown out of tells nothing.
        drop(timeout_at(give_up, told).await);
    }

    fn hear(&self, event: &Event) {
        self.feel_pulse();
        match event {
            Event::MessageCreate(event) if is_from_a_person(&event.message) => {
                let message = &event.message;
                let heard = || Heard::Message(Box::new(message.clone()));
                self.queue_once((message.id.get(), 0), heard);
            }
            Event::MessageUpdate(event) => {
                if let Some(time) = edited_at(event) {
                    let heard = || Heard::Edited(Box::new(event.clone()));
                    self.queue_once((event.id.get(), time.as_microsecond()), heard);
                }
            }
            Event::MessageDelete(event) => {
                let place = (event.channel_id, event.guild_id);
                self.hear_taken_back(&[event.message_id], place);
            }
            Event::MessageDeleteBulk(event) => {
                self.hear_taken_back(&event.ids, (event.channel_id, event.guild_id));
            }
            Event::InteractionCreate(event) => self.hear_interaction(&event.interaction),
            Event::Unknown(event) => {
                if let Some(interaction) = repaired(event) {
                    self.hear_interaction(&interaction);
                }
            }
            other => self.hear_of_places(other),
        }
    }

    /// Where things stand is noted before anybody is told that the guild told of it.
    fn hear_of_places(&self, event: &Event) {
        let opened = self.desk.hear(event);
        if let Some((room, guild)) = opened
            && self.queue.try_send(Heard::Room(room, guild)).is_err()
        {
            debug!(
                channel = "discord",
                "a room is noted when somebody speaks there"
            );
        }
        if let Event::GuildCreate(event) = event {
            self.note_own_role(&event.guild);
            self.hear_of_channels(&event.guild);
        }
        self.note_threads(event);
    }

    /// What customers take back stays answered.
    fn hear_taken_back(
        &self,
        messages: &[MessageId],
        (channel, guild): (ChannelId, Option<GuildId>),
    ) {
        if self.desk.standing(channel, guild) == Standing::Elsewhere {
            return;
        }
        for message in messages {
            let taken_back = TakenBack {
                message: *message,
                channel,
                guild,
            };
            let name = (message.get(), TAKEN_BACK);
            self.queue_once(name, || Heard::TakenBack(taken_back));
        }
    }

    fn hear_interaction(&self, interaction: &Interaction) {
        let Some(asked) = Asked::of(interaction) else {
            return;
        };
        // A channel that stands below none is named by its guild, too.
        if let Some(channel) = asked.channel.as_ref().filter(|it| it.parent_id.is_some()) {
            self.desk.is_below(channel.id, channel.parent_id);
        }
        let shows = self.shows(&asked);
        let mut recent = lock(&self.recent);
        if !recent.insert((asked.given.id, 0)) {
            return;
        }
        let given = (&asked.given, asked.locale.as_deref(), shows);
        let pending = self.acks.open(&self.api, given, &self.runtime);
        let heard = Heard::Asked(Box::new(asked), pending);
        // One that finds no room is dropped, which tells its customer.
        drop(self.queue.try_send(heard));
    }

    fn shows(&self, asked: &Asked) -> Shows {
        match self.desk.standing(asked.place.channel, asked.guild) {
            Standing::AtDesk(_) if asked.under.is_some() => Shows::Nothing,
            Standing::AtDesk(_) => Shows::Mark,
            Standing::Elsewhere | Standing::Unknown => Shows::Thinking,
        }
    }

    /// Only one of the two listeners gets to queue an event. One that finds no room is not
    /// remembered, so that it can be fetched later.
    fn queue_once(&self, id: Name, heard: impl FnOnce() -> Heard) {
        let mut recent = lock(&self.recent);
        if recent.contains(id) {
            return;
        }
        match self.queue.try_reserve() {
            Ok(room) => {
                recent.insert(id);
                room.send(heard());
            }
            // The house is closing; what comes now is caught up with at the next start.
            Err(TrySendError::Closed(())) => {}
            Err(_) if self.overflowed.swap(true, Ordering::Relaxed) => {}
            Err(_) => warn!(
                channel = "discord",
                queue.bound = QUEUE_BOUND,
                "the queue is full; messages that come now are fetched later"
            ),
        }
    }

    fn note_own_role(&self, guild: &Guild) {
        let mut roles = guild.roles.values();
        let own = roles.find(|role| role.tags.bot_id == Some(self.bot));
        let own = own.map(|role| role.id);
        self.roles
            .send_if_modified(|roles| roles.insert(guild.id, own) != Some(own));
    }

    /// Both listeners may tell of it; the second time there is nothing left to do. One that finds no
    /// room waits for the catch-up that follows an overflow.
    fn hear_of_channels(&self, guild: &Guild) {
        let channels = guild.channels.values().chain(&guild.threads);
        let spoken_in = channels
            .filter(|channel| !matches!(channel.kind, ChannelType::Category | ChannelType::Forum));
        let spoken_in = spoken_in.filter_map(|channel| {
            let newest = channel.last_message_id?;
            Some((channel.id, newest.get()))
        });
        let heard = Heard::Guild(guild.id, spoken_in.collect());
        if let Err(TrySendError::Full(heard)) = self.queue.try_send(heard) {
            lock(&self.untold).push(heard);
            self.overflowed.store(true, Ordering::Relaxed);
        }
    }

    /// What guilds told when there was no room.
    pub(super) fn take_untold(&self) -> Vec<Heard> {
        std::mem::take(&mut *lock(&self.untold))
    }

    fn note_threads(&self, event: &Event) {
        let mut threads = lock(&self.threads);
        match event {
            Event::ThreadCreate(event) => {
                threads.insert(event.thread.id);
            }
            Event::ThreadUpdate(event) => {
                threads.insert(event.thread.id);
            }
            Event::ThreadDelete(event) => {
                threads.remove(&event.thread.id);
            }
            Event::ThreadListSync(event) => threads.extend(event.threads.iter().map(|t| t.id)),
            Event::GuildCreate(event) => threads.extend(event.guild.threads.iter().map(|t| t.id)),
            _ => {}
        }
    }

    /// serenity hides an event that lacks a field that it knows; a customer may be behind it.
    fn count_unreadable(&self, event: &Event) {
        const KNOWN: [&str; 5] = [
            "MESSAGE_CREATE",
            "MESSAGE_UPDATE",
            "INTERACTION_CREATE",
            "READY",
            "GUILD_CREATE",
        ];
        let Event::Unknown(event) = event else { return };
        let kind = event.kind.as_str();
        if !KNOWN.contains(&kind) || repaired(event).is_some() {
            return;
        }
        self.count_one_unreadable(kind);
    }

    /// Counts what could not be read; somebody is told once, not with every event.
    pub(super) fn count_one_unreadable(&self, kind: &str) {
        let before = self.unreadable.fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            alert_unreadable(kind);
        } else {
            debug!(
                channel = "discord",
                event.kind = kind,
                events.unreadable = before + 1,
                "one more event that cannot be read"
            );
        }
    }

    fn session_began(&self) {
        self.feel_pulse();
        *lock(&self.session_began) = Instant::now();
        if self.queue.try_send(Heard::NewSession).is_err() {
            // The catch-up that follows an overflow covers the lost session too.
            self.overflowed.store(true, Ordering::Relaxed);
        }
    }
}

fn alert_unreadable(kind: &str) {
    error!(
        channel = "discord",
        event.kind = kind,
        "an event lacks a field that the library needs; somebody may go unheard, and a newer \
         version may be needed"
    );
}

/// When a person changed these words. Everything else that Discord calls an update (a preview of
/// a link, a pin) changes no words and has no such time, or the one of the edit before.
pub(super) fn edited_at(event: &MessageUpdateEvent) -> Option<Timestamp> {
    let author = event.author.as_ref()?;
    let by_a_person = !author.bot && !author.system && event.webhook_id.flatten().is_none();
    event.content.as_ref().filter(|_| by_a_person)?;
    event.edited_timestamp?.to_string().parse().ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The raw handler of one client.
pub(super) struct Handler(pub(super) Arc<Ears>);

#[async_trait]
impl RawEventHandler for Handler {
    async fn raw_event(&self, context: Context, event: Event) {
        self.0.count_unreadable(&event);
        if !matches!(event, Event::Ready(_)) {
            return self.0.hear(&event);
        }
        self.0.session_began();
        let ears = Arc::clone(&self.0);
        let nothing = collect(&context.shard, move |event| {
            ears.hear(event);
            None::<()>
        });
        // The context keeps the connection's collectors alive; without it they, and with them
        // this stream, end with the connection.
        drop(context);
        nothing.for_each(|()| ready(())).await;
    }
}
