//! The people who answer, where they work, and what they do there. A desk is a place on a platform
//! with a room for each conversation that needs a person; whoever writes into a room is one of the
//! [`Agent`]s of the config, or nobody.

mod attendance;
mod command;
mod team;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};

use serde::{Deserialize, Serialize};

use crate::{Address, AgentId, Attachment, ChannelName, MessageId, Unsupported};

pub use attendance::{Attendance, Away, Board, NobodyIn};
pub use command::{Said, UnknownCommand, WhyNot, read};
pub use team::{NextTeam, Team};

/// Who answers customers besides the bot, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desks {
    /// Where people work. The first one is for whatever belongs to no team of another.
    pub places: Vec<Address>,
    /// Who works there.
    pub agents: Vec<Agent>,
    /// Teams by their names.
    pub teams: BTreeMap<String, Team>,
    /// How agents are named to customers.
    pub shown_as: ShownAs,
    /// What becomes of customers who wait.
    pub waiting: Waiting,
    /// Whether the company states that its customers agreed to being learned from.
    pub customers_agreed: bool,
}

/// What becomes of customers who wait for a person. Only time in which people are there counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// After how many minutes the desk is reminded; never where it is none.
    pub remind_after_minutes: Option<u32>,
    /// After how many minutes nobody is waited for any more; never where it is none.
    pub give_up_after_minutes: Option<u32>,
    /// What happens then.
    pub then: InVain,
}

/// What a customer is offered who waited in vain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InVain {
    /// The bot goes on with an apology.
    #[default]
    Bot,
    /// They leave a message, and go on waiting for the answer.
    Message,
    /// They say when and under which number they can be called, and go on waiting for the call.
    Callback,
}

impl InVain {
    /// Every one with the name that the config uses for it.
    pub const NAMES: [(Self, &'static str); 3] = [
        (Self::Bot, "bot"),
        (Self::Message, "message"),
        (Self::Callback, "callback"),
    ];
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            remind_after_minutes: Some(10),
            give_up_after_minutes: Some(60),
            then: InVain::Bot,
        }
    }
}

/// Who answers, as it is known now. Clones are one book: what is exchanged in one counts in all, from
/// the next event on.
#[derive(Clone, Debug, Default)]
pub struct DeskBook(Arc<RwLock<Arc<Desks>>>);

impl DeskBook {
    /// A book of these.
    pub fn of(desks: Desks) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(desks))))
    }

    /// Who answers now.
    pub fn now(&self) -> Arc<Desks> {
        let Self(book) = self;
        Arc::clone(&book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these answer.
    pub fn exchange(&self, desks: Desks) {
        let Self(book) = self;
        *book.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(desks);
    }
}

/// A person who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The name in the config, the ledger and the figures.
    pub id: AgentId,
    /// The name that colleagues and, if the config says so, customers read.
    pub name: String,
    /// The platforms' own ids of this person.
    pub accounts: BTreeMap<ChannelName, String>,
    /// What this person may do.
    pub may: BTreeSet<Right>,
    /// The teams that they belong to; all of them where none is said.
    pub teams: BTreeSet<String>,
}

/// What an agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Take a conversation, hand it back, close it.
    Take,
    /// Write to customers.
    Reply,
    /// Make reviewed answers of what was said.
    Publish,
    /// Erase what is kept of a customer.
    Erase,
}

impl Right {
    /// Every right with the name that the config uses for it.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::Take, "take"),
        (Self::Reply, "reply"),
        (Self::Publish, "publish"),
        (Self::Erase, "erase"),
    ];
}

/// How agents are named to customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownAs {
    /// By their name.
    #[default]
    Name,
    /// As a colleague, without a name.
    Colleague,
}

/// Somebody did something in a room of a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtDesk {
    /// The platform's own id of who did it. Whether it is an agent shows when it is looked at, so
    /// that whoever was taken off the list can do nothing from then on.
    pub user: String,
    /// What the platform calls them, for the log and for hints.
    pub name: String,
    /// Whether it was where all of the team talk although that has the address of a room.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub among_all: bool,
    /// What they did.
    #[serde(flatten)]
    pub what: DeskEvent,
}

/// What somebody did in a room of a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "desk")]
pub enum DeskEvent {
    /// Wrote.
    Wrote {
        /// The text, as the platform delivered it.
        text: String,
        /// What hangs on it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
        /// The message of the room that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quotes: Option<MessageId>,
    },
    /// Changed a message.
    Rewrote {
        /// The new text.
        text: String,
    },
    /// Sent what cannot be carried over.
    Other {
        /// What it was.
        what: Unsupported,
    },
    /// Took a message back.
    TookBack,
    /// Pressed a button under one of the bot's messages.
    Pressed {
        /// What the button carries.
        press: String,
    },
}

impl Desks {
    /// Whether anybody can take a conversation over.
    pub fn are_there(&self) -> bool {
        !self.places.is_empty()
    }

    /// Where a team works; the first place for no team, or for one without a place of its own.
    pub fn place_of(&self, team: Option<&str>) -> Option<&Address> {
        let own = team.and_then(|team| self.teams.get(team));
        own.map(|team| &team.place).or_else(|| self.places.first())
    }

    /// The place of the desk on a platform, if it has one.
    pub fn place_on(&self, channel: ChannelName) -> Option<&str> {
        let place = self.places.iter().find(|it| it.channel == channel);
        place.map(|it| it.place.as_str())
    }

    /// The agent with this account.
    pub fn agent_of(&self, channel: ChannelName, user: &str) -> Option<&Agent> {
        let has = |agent: &&Agent| agent.accounts.get(&channel).is_some_and(|it| it == user);
        self.agents.iter().find(has)
    }

    /// The agent of this id.
    pub fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == *id)
    }
}

impl Agent {
    /// Whether this person may do that.
    pub fn may(&self, right: Right) -> bool {
        self.may.contains(&right)
    }
}
