//! Where people work in a schedule, as they have it: the rooms, what stands in each, and what they
//! write there. Which room is whose they read in it, as people do.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use consultant_core::ChannelName;
use consultant_tests::{
    discord::{self, DiscordDouble},
    telegram::{self, TelegramDouble},
};

use super::{fault::Away, plan::DeskPlan};

/// Where people work.
pub(super) struct Desk {
    place: Place,
    state: Mutex<State>,
}

enum Place {
    Telegram {
        group: telegram::Group,
        agents: [telegram::Customer; 2],
    },
    Discord {
        channel: discord::Room,
        agents: [discord::Customer; 2],
    },
}

#[derive(Default)]
struct State {
    /// Whose each room is, as the process has told.
    rooms: HashMap<String, usize>,
    /// What stood in rooms that were deleted, by customer.
    gone: HashMap<usize, Vec<String>>,
    /// What was done last in the room of each customer.
    newest: HashMap<usize, Written>,
}

/// A room.
#[derive(Clone)]
pub(super) enum Room {
    Telegram(telegram::Topic),
    Discord(discord::Room),
}

/// What an agent wrote, as it is changed later.
#[derive(Clone)]
pub(super) struct Written {
    room: Room,
    agent: usize,
    name: Name,
}

#[derive(Clone)]
enum Name {
    Update(i64),
    Message(String),
}

impl Desk {
    /// A desk with two agents.
    pub(super) fn open(
        plan: &DeskPlan,
        telegram: &TelegramDouble,
        discord: &DiscordDouble,
    ) -> Self {
        let names = ["Mia", "Tom"];
        let place = match plan.channel {
            ChannelName::Discord => Place::Discord {
                channel: discord.guild_channel("team"),
                agents: names.map(|name| discord.customer(name)),
            },
            _ => Place::Telegram {
                group: telegram.forum("Team"),
                agents: names.map(|name| telegram.customer(name)),
            },
        };
        Self {
            place,
            state: Mutex::default(),
        }
    }

    /// Writes down who answers, as an operator does.
    pub(super) fn write(&self, folder: &Path) -> std::io::Result<()> {
        let (place, accounts) = match &self.place {
            Place::Telegram { group, agents } => (
                format!("telegram: {}", group.chat_id()),
                agents
                    .each_ref()
                    .map(|it| format!("telegram: {}", it.user_id())),
            ),
            Place::Discord { channel, agents } => (
                format!("discord: {}", channel.id()),
                agents
                    .each_ref()
                    .map(|it| format!("discord: {}", it.user())),
            ),
        };
        let [mia, tom] = accounts;
        let yaml = format!(
            "desks: {{{place}}}\nagents:\n  mia: {{name: Mia, {mia}}}\n  tom: {{name: Tom, {tom}}}\n"
        );
        std::fs::create_dir_all(folder.join("config"))?;
        std::fs::write(folder.join("config/desk.yaml"), yaml)
    }

    pub(super) const fn is_on_telegram(&self) -> bool {
        matches!(self.place, Place::Telegram { .. })
    }

    /// Whether a platform's place is here.
    pub(super) fn holds(&self, place: &str) -> bool {
        let own = match &self.place {
            Place::Telegram { group, .. } => format!("telegram:{}", group.chat_id()),
            Place::Discord { channel, .. } => format!("discord:{}", channel.id()),
        };
        place.split('#').next() == Some(&own) || self.state().rooms.contains_key(place)
    }

    /// The process leads a room to a customer's conversation.
    pub(super) fn leads(&self, room: &str, customer: usize) {
        let mut state = self.state();
        // Discord itself names a thread without the channel that it is in.
        if let (false, Some((_, thread))) = (self.is_on_telegram(), room.split_once('#')) {
            state.rooms.insert(format!("discord:{thread}"), customer);
        }
        state.rooms.insert(room.to_owned(), customer);
    }

    /// The customer whose conversation is led to a room.
    pub(super) fn customer_of(&self, room: &str) -> Option<usize> {
        self.state().rooms.get(room).copied()
    }

    /// The newest room in which a customer's words stand.
    pub(super) fn room_of(&self, customer: usize) -> Option<Room> {
        let mut rooms = self.rooms().into_iter().rev();
        rooms.find(|room| room.is_of(customer))
    }

    /// All that people read of a customer's conversation, message by message, also in rooms that are
    /// gone.
    pub(super) fn reads(&self, customer: usize) -> Vec<String> {
        let gone = self.state().gone.get(&customer).cloned();
        let rooms = self.rooms();
        let own = rooms.iter().filter(|it| it.is_of(customer));
        let stands = own.flat_map(Room::reads);
        gone.unwrap_or_default().into_iter().chain(stands).collect()
    }

    /// Somebody writes in a room.
    pub(super) fn writes(
        &self,
        room: &Room,
        (customer, agent): (usize, usize),
        text: &str,
    ) -> Written {
        let name = match (room, &self.place) {
            (Room::Telegram(topic), Place::Telegram { agents, .. }) => {
                Name::Update(agents[agent].in_room(topic).says(text))
            }
            (Room::Discord(thread), Place::Discord { agents, .. }) => {
                Name::Message(agents[agent].at(thread).says(text))
            }
            _ => unreachable!("a room is on the platform of its desk"),
        };
        let written = Written {
            room: room.clone(),
            agent,
            name,
        };
        self.state().newest.insert(customer, written.clone());
        written
    }

    /// Whoever wrote it changes it.
    pub(super) fn rewrites(&self, customer: usize, written: &Written, text: &str) {
        let agent = written.agent;
        let mut newest = written.clone();
        match (&written.room, &written.name, &self.place) {
            (Room::Telegram(topic), Name::Update(update), Place::Telegram { agents, .. }) => {
                let edited = agents[agent].in_room(topic).edits(*update, text);
                newest.name = Name::Update(edited);
            }
            (Room::Discord(thread), Name::Message(id), Place::Discord { agents, .. }) => {
                agents[agent].at(thread).edits(id, text);
            }
            _ => {}
        }
        self.state().newest.insert(customer, newest);
    }

    /// Hands out once more what was done last in a customer's room.
    pub(super) fn repeat_newest(&self, customer: usize, telegram: &TelegramDouble) {
        let Some(newest) = self.state().newest.get(&customer).cloned() else {
            return;
        };
        match (&newest.room, &newest.name, &self.place) {
            (_, Name::Update(update), _) => telegram.repeat_update(*update),
            (Room::Discord(thread), Name::Message(id), Place::Discord { agents, .. }) => {
                agents[newest.agent].at(thread).repeats(id);
            }
            _ => {}
        }
    }

    /// Somebody deletes a customer's room.
    pub(super) fn deletes(&self, room: &Room, customer: usize) {
        let mut state = self.state();
        let gone = state.gone.entry(customer).or_default();
        match room {
            Room::Telegram(topic) => {
                let stood = topic.is_taken_down();
                gone.extend(stood.into_iter().filter(|it| it.by_bot).map(|it| it.text));
            }
            Room::Discord(thread) => {
                thread.is_deleted();
                gone.extend(room.reads());
            }
        }
    }

    /// The bot can do nothing here, or not all.
    pub(super) fn goes_away(&self, how: Away) {
        match &self.place {
            Place::Telegram { group, agents } => match how {
                Away::Out => agents[0].in_group(group).blocks_bot(),
                _ => {
                    for right in [telegram::Right::ManageTopics, telegram::Right::PinMessages] {
                        group.forbids_the_bot(right, &agents[0]);
                    }
                }
            },
            Place::Discord { channel, .. } => match how {
                Away::Out => channel.locks_the_bot_out(),
                _ => channel.forbids_the_bot(discord::Right::CreateThreads),
            },
        }
    }

    /// It can do all again.
    pub(super) fn comes_back(&self) {
        match &self.place {
            Place::Telegram { group, agents } => {
                agents[0].in_group(group).unblocks_bot();
                group.allows_the_bot_all(&agents[0]);
            }
            Place::Discord { channel, .. } => channel.allows_the_bot_all(),
        }
    }

    fn rooms(&self) -> Vec<Room> {
        match &self.place {
            Place::Telegram { group, .. } => {
                group.topics().into_iter().map(Room::Telegram).collect()
            }
            Place::Discord { channel, .. } => {
                channel.threads().into_iter().map(Room::Discord).collect()
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// Its address, as the bot writes it; on Discord without the desk.
    pub(super) fn address(&self) -> String {
        match self {
            Self::Telegram(topic) => format!("telegram:{}", topic.address()),
            Self::Discord(thread) => format!("discord:{}", thread.id()),
        }
    }

    /// Whether a customer's words stand in it.
    fn is_of(&self, customer: usize) -> bool {
        let name = asked_by(customer);
        self.reads().iter().any(|it| it.contains(&name))
    }

    /// Whether it is still there.
    pub(super) fn exists(&self) -> bool {
        match self {
            Self::Telegram(topic) => topic.exists(),
            Self::Discord(thread) => thread.exists(),
        }
    }

    /// What the bot has written in it, message by message.
    pub(super) fn reads(&self) -> Vec<String> {
        match self {
            Self::Telegram(topic) => {
                let shown = topic.shows().into_iter().filter(|it| it.by_bot);
                shown.map(|it| it.text).collect()
            }
            Self::Discord(thread) => {
                let shown = thread.shows().into_iter().filter(|it| it.by_bot);
                shown.map(|it| it.text).collect()
            }
        }
    }
}

impl Written {
    /// Whether the room that it stands in is still there.
    pub(super) fn is_there(&self) -> bool {
        self.room.exists()
    }
}

/// How every name of a customer's words begins.
pub(super) fn asked_by(customer: usize) -> String {
    format!("ask{customer}x")
}
