//! What the double remembers: places, messages, sessions, open interactions. Plain data behind
//! one lock; whoever changes it bumps the version that waiting tests watch.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;
use tokio::{sync::mpsc::UnboundedSender, time::Instant};

use super::{Fault, Route, gateway::Outgoing, payload};

/// 2015-01-01, from which Discord's ids count milliseconds (Discord's reference, "Snowflakes").
const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;
/// Where this double's time begins: every id is one millisecond after the one before.
const FIRST_ID_MS: u64 = 1_790_000_000_000;
/// How long a nonce is remembered: Discord's reference says "a few minutes".
const NONCE_LIFE: Duration = Duration::from_mins(3);

/// Discord's names for its things: 64-bit numbers that grow with time.
pub(super) type Snowflake = u64;

/// Where people write.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) kind: PlaceKind,
    pub(super) closed: Option<Closed>,
    /// What the bot may not do here, although it may write.
    pub(super) missing: Vec<Right>,
    pub(super) typing: usize,
    pub(super) messages: Vec<Message>,
    pub(super) thread: ThreadState,
    /// What a forum sorts its posts by; a post must have one if there is any.
    pub(super) tags: Vec<Snowflake>,
}

/// How a thread is.
#[derive(Clone, Debug, Default)]
pub(super) struct ThreadState {
    pub(super) archived: bool,
    pub(super) locked: bool,
    /// Whether the bot opened it, so that it may name, close and open it.
    pub(super) by_bot: bool,
    pub(super) tags: Value,
}

/// What sort of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlaceKind {
    /// A direct message channel with this user.
    Direct { user: Snowflake },
    /// A text channel of the guild.
    Text,
    /// A forum channel of the guild.
    Forum,
    /// A public thread under a text channel, or a forum's post.
    Thread { parent: Snowflake },
}

/// Why the bot may not write in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// It was deleted.
    Deleted,
    /// The bot lost its rights there.
    NoAccess,
    /// The user takes no direct messages from the bot.
    Blocked,
}

/// What a place may forbid to a bot that may write there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// *Read Message History*.
    ReadHistory,
    /// *Embed Links*.
    EmbedLinks,
    /// *Attach Files*.
    AttachFiles,
    /// *Create Public Threads*, which a forum calls *Create Posts*.
    CreateThreads,
    /// *Manage Threads*.
    ManageThreads,
    /// *Pin Messages*.
    PinMessages,
}

/// A message in a place, the bot's or a customer's.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: Snowflake,
    pub(super) by_bot: bool,
    pub(super) content: String,
    /// A deferred reply that still reads "thinking…".
    pub(super) loading: bool,
    /// As it stands on the wire.
    pub(super) json: Value,
}

/// A gateway session; it outlives its connection.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) intents: u64,
    pub(super) sequence: u64,
    pub(super) sent: Vec<(u64, String)>,
    pub(super) connection: Option<UnboundedSender<Outgoing>>,
}

/// A slash command that waits for, or had, its answer.
#[derive(Clone, Debug)]
pub(super) struct OpenInteraction {
    pub(super) id: Snowflake,
    pub(super) place: Snowflake,
    /// The message with the button that was pressed.
    pub(super) under: Option<Snowflake>,
    pub(super) given_at: Instant,
    /// The message that the interaction's token edits, once it was answered.
    pub(super) reply: Option<Snowflake>,
    /// Milliseconds until the first answer.
    pub(super) answered_after_ms: Option<u128>,
}

/// Somebody was told to wait.
#[derive(Clone, Debug)]
pub(super) struct Flood {
    /// In one place, or everywhere.
    pub(super) place: Option<Snowflake>,
    pub(super) until: Instant,
    pub(super) told: bool,
}

/// Rate limits as Discord has them: so many requests of a kind in a place in a time.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) requests: usize,
    pub(super) window: Duration,
    pub(super) spent: HashMap<(Route, Snowflake), (Instant, usize)>,
}

/// What is wrong with Discord as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trouble {
    /// Nothing answers.
    pub(super) down: bool,
    /// Events are lost on their way.
    pub(super) loses_events: bool,
    /// The gateway takes connections and never speaks.
    pub(super) hangs_on_upgrade: bool,
    /// Guilds are told so much later than the session's beginning.
    pub(super) guilds_late: Option<Duration>,
    /// How many connections hang so.
    pub(super) hanging: usize,
}

/// How much is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// Everything.
    Whole,
    /// The newest message of a place, and no event for a RESUME.
    Newest,
}

/// All that the double remembers.
pub(super) struct State {
    pub(super) token: String,
    pub(super) token_revoked: bool,
    pub(super) content_forbidden: bool,
    pub(super) acks: bool,
    /// How many heartbeats were acknowledged.
    pub(super) acked: usize,
    pub(super) heartbeat_ms: u64,
    pub(super) application: Snowflake,
    pub(super) bot: Snowflake,
    pub(super) guild: Snowflake,
    /// The role that the guild made for the bot when it came.
    pub(super) own_role: Snowflake,
    pub(super) places: BTreeMap<Snowflake, Place>,
    pub(super) users: BTreeMap<String, Snowflake>,
    /// Which message each nonce stands for, and since when.
    pub(super) nonces: HashMap<(Snowflake, String), (Snowflake, Instant)>,
    pub(super) nonce_life: Duration,
    pub(super) commands: Value,
    pub(super) interactions: HashMap<String, OpenInteraction>,
    pub(super) sessions: HashMap<String, Session>,
    pub(super) identifies: usize,
    pub(super) resumes: usize,
    pub(super) faults: VecDeque<(Route, Fault)>,
    pub(super) requests: Vec<Route>,
    pub(super) violations: Vec<String>,
    pub(super) last_event: Option<(&'static str, Value, u64)>,
    pub(super) files: BTreeMap<Snowflake, Vec<u8>>,
    pub(super) floods: Vec<Flood>,
    /// Requests that came although the client had been told to wait.
    pub(super) disobeyed: usize,
    pub(super) limits: Option<Limits>,
    pub(super) trouble: Trouble,
    /// Events that are held back, to come in another order.
    pub(super) held_back: Option<Vec<(&'static str, Value, u64)>>,
    pub(super) memory: Memory,
    /// The direct message channel of each user.
    direct: HashMap<Snowflake, Snowflake>,
    next: u64,
}

impl State {
    pub(super) fn new(token: &str) -> Self {
        let mut state = Self {
            token: token.to_owned(),
            token_revoked: false,
            content_forbidden: false,
            acks: true,
            acked: 0,
            heartbeat_ms: 41_250,
            application: 0,
            bot: 0,
            guild: 0,
            own_role: 0,
            places: BTreeMap::new(),
            users: BTreeMap::new(),
            nonces: HashMap::new(),
            nonce_life: NONCE_LIFE,
            commands: Value::Array(Vec::new()),
            interactions: HashMap::new(),
            sessions: HashMap::new(),
            identifies: 0,
            resumes: 0,
            faults: VecDeque::new(),
            requests: Vec::new(),
            violations: Vec::new(),
            last_event: None,
            files: BTreeMap::new(),
            floods: Vec::new(),
            disobeyed: 0,
            limits: None,
            trouble: Trouble::default(),
            held_back: None,
            memory: Memory::Whole,
            direct: HashMap::new(),
            next: 0,
        };
        state.application = state.mint();
        state.bot = state.application;
        state.guild = state.mint();
        state.own_role = state.mint();
        state
    }

    /// Whether the bot may do that in a place.
    pub(super) fn allows(&self, place: Snowflake, right: Right) -> bool {
        let Some(room) = self.places.get(&place) else {
            return true;
        };
        let above = match room.kind {
            PlaceKind::Thread { parent } => self.places.get(&parent),
            _ => None,
        };
        let allows = |room: &Place| !room.missing.contains(&right);
        allows(room) && above.is_none_or(allows)
    }

    /// The message that a nonce stands for, as long as it is remembered.
    pub(super) fn of_nonce(&self, nonce: &(Snowflake, String)) -> Option<Snowflake> {
        let (message, since) = self.nonces.get(nonce)?;
        (since.elapsed() < self.nonce_life).then_some(*message)
    }

    /// Time passes, which the next id shows.
    pub(super) fn pass(&mut self, time: Duration) {
        self.next += u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    }

    /// The next id.
    pub(super) fn mint(&mut self) -> Snowflake {
        self.next += 1;
        (FIRST_ID_MS - DISCORD_EPOCH_MS + self.next) << 22
    }

    /// Whether an `Authorization` header or an IDENTIFY carries the bot's token.
    pub(super) fn token_is_good(&self, given: &str) -> bool {
        !self.token_revoked && given.strip_prefix("Bot ").unwrap_or(given) == self.token
    }

    pub(super) fn user(&mut self, name: &str) -> Snowflake {
        if let Some(known) = self.users.get(name) {
            return *known;
        }
        let id = self.mint();
        self.users.insert(name.to_owned(), id);
        id
    }

    pub(super) fn direct_place(&mut self, user: Snowflake) -> Snowflake {
        if let Some(known) = self.direct.get(&user) {
            return *known;
        }
        let place = self.add_place("direct", PlaceKind::Direct { user });
        self.direct.insert(user, place);
        place
    }

    pub(super) fn add_place(&mut self, name: &str, kind: PlaceKind) -> Snowflake {
        let id = self.mint();
        self.add_place_as(id, name, kind)
    }

    pub(super) fn add_place_as(&mut self, id: Snowflake, name: &str, kind: PlaceKind) -> Snowflake {
        let place = Place {
            name: name.to_owned(),
            kind,
            closed: None,
            missing: Vec::new(),
            typing: 0,
            messages: Vec::new(),
            thread: ThreadState::default(),
            tags: Vec::new(),
        };
        self.places.insert(id, place);
        id
    }

    /// Sends an event to every session whose intents ask for it, and keeps it for a RESUME.
    pub(super) fn dispatch(&mut self, name: &'static str, data: &Value, intent: u64) {
        self.last_event = Some((name, data.clone(), intent));
        if self.trouble.loses_events {
            return;
        }
        if let Some(held_back) = &mut self.held_back {
            held_back.push((name, data.clone(), intent));
            return;
        }
        let wanted = |session: &&mut Session| session.intents & intent == intent;
        for session in self.sessions.values_mut().filter(wanted) {
            session.push(name, data);
            if self.memory == Memory::Newest {
                session.sent.clear();
            }
        }
    }

    /// Stores a message and tells the sessions.
    pub(super) fn post(&mut self, place: Snowflake, message: Message) {
        let json = message.json.clone();
        let Some(room) = self.places.get_mut(&place) else {
            return;
        };
        let intent = intent_of(room.kind);
        if self.memory == Memory::Newest {
            room.messages.clear();
        }
        room.messages.push(message);
        self.dispatch("MESSAGE_CREATE", &json, intent);
    }

    /// A customer's message reads so now. `edited` is when; without it only Discord changed it.
    pub(super) fn update(
        &mut self,
        (place, message): (Snowflake, Snowflake),
        edited: Option<(&str, Snowflake)>,
    ) {
        let Some(room) = self.places.get_mut(&place) else {
            return;
        };
        let intent = intent_of(room.kind);
        let found = room.messages.iter_mut().find(|known| known.id == message);
        let Some(found) = found else { return };
        if let Some((text, at)) = edited {
            text.clone_into(&mut found.content);
            found.json["content"] = Value::String(text.to_owned());
            found.json["edited_timestamp"] = Value::String(timestamp_of(at));
        } else {
            found.json["embeds"] = serde_json::json!([{ "type": "link", "title": "A preview" }]);
        }
        let json = found.json.clone();
        self.dispatch("MESSAGE_UPDATE", &json, intent);
    }
}

impl Session {
    pub(super) fn push(&mut self, name: &str, data: &Value) {
        self.sequence += 1;
        let data = self.censor(name, data);
        let frame = serde_json::json!({ "op": 0, "t": name, "s": self.sequence, "d": data });
        let text = frame.to_string();
        if let Some(connection) = &self.connection {
            // A connection that went away meanwhile gets it by RESUME.
            drop(connection.send(Outgoing::Frame(text.clone())));
        }
        self.sent.push((self.sequence, text));
    }

    /// Without the privileged intent, a guild message that does not mention the bot has no text.
    fn censor(&self, name: &str, data: &Value) -> Value {
        let mut data = data.clone();
        let readable = self.intents & payload::MESSAGE_CONTENT != 0
            || data.get("guild_id").is_none()
            || data["mentions"].as_array().is_some_and(|m| !m.is_empty());
        if name == "MESSAGE_CREATE" && !readable {
            data["content"] = Value::String(String::new());
        }
        data
    }
}

/// The intent that a place's messages need.
pub(super) const fn intent_of(kind: PlaceKind) -> u64 {
    match kind {
        PlaceKind::Direct { .. } => payload::DIRECT_MESSAGES,
        _ => payload::GUILD_MESSAGES,
    }
}

/// When an id was minted, in the form that Discord's JSON uses.
pub(super) fn timestamp_of(id: Snowflake) -> String {
    let millis = (id >> 22) + DISCORD_EPOCH_MS;
    i64::try_from(millis)
        .ok()
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .unwrap_or_default()
        .to_string()
}
