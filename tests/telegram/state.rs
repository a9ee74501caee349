//! What the double knows: chats, messages and waiting updates, behind one lock. Every change wakes
//! whoever waits, so nothing here polls or sleeps.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use super::{faults::Fault, files::File, schema::Schema, topics::Right};
use crate::watch::Watched;

/// The bot's user id.
pub(super) const BOT_ID: i64 = 7_000_000_001;

/// Message dates count on from here, so that no clock is read: 2026-10-02.
pub(super) const FIRST_DATE: i64 = 1_790_942_400;

/// Shared by the server and all handles.
pub(super) struct Shared {
    pub(super) token: String,
    pub(super) schema: Option<Schema>,
    pub(super) watched: Watched<Fault>,
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

/// Everything that can change.
#[derive(Default)]
pub(super) struct State {
    pub(super) revoked: bool,
    pub(super) webhook: Option<Webhook>,
    /// Updates that a call of the webhook is carrying just now.
    pub(super) calling: BTreeSet<i64>,
    /// What the bot answered to each call, 0 where it did not.
    pub(super) webhook_statuses: Vec<u16>,
    /// Whether the server is as old as if there were no drafts.
    pub(super) draftless: bool,
    /// The new number of a group, by its old one.
    pub(super) migrated: BTreeMap<i64, i64>,
    pub(super) files: BTreeMap<String, File>,
    /// Presses by their names; whether each was answered.
    pub(super) presses: BTreeMap<String, bool>,
    pub(super) menus: BTreeMap<String, Vec<String>>,
    pub(super) chats: BTreeMap<i64, Chat>,
    pub(super) people: BTreeMap<String, Value>,
    pub(super) queue: VecDeque<Value>,
    /// Updates to hand out once more, whatever the offset says.
    pub(super) repeats: Vec<Value>,
    /// Every update ever made, by its number.
    pub(super) made: BTreeMap<i64, Value>,
    pub(super) allowed: Option<Vec<String>>,
    /// The newest poll; an older one that still waits is terminated.
    pub(super) poll: u64,
    pub(super) polling: usize,
    pub(super) faults: HashMap<String, VecDeque<Fault>>,
    pub(super) flood: Option<(usize, Duration)>,
    pub(super) calls: Vec<(String, Value)>,
    pub(super) violations: Vec<String>,
    /// How late the next update is called with, so that later ones overtake it.
    pub(super) late: Option<Duration>,
    numbers: i64,
    update_numbers: i64,
}

/// Where the bot wants to be called.
#[derive(Clone)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) connections: usize,
}

/// A chat and what was written in it.
pub(super) struct Chat {
    pub(super) json: Value,
    pub(super) blocked: bool,
    pub(super) topics: BTreeMap<i64, Topic>,
    pub(super) pinned: Vec<i64>,
    /// What the bot may not do here, although it may write.
    pub(super) missing: Vec<Right>,
    pub(super) messages: BTreeMap<i64, Stored>,
    pub(super) typing: usize,
    /// The number and the text of the draft that is shown.
    pub(super) draft: Option<(i64, String)>,
    pub(super) drafts_shown: Vec<String>,
    pub(super) written: VecDeque<Instant>,
}

/// A forum's topic; a deleted one is not there any more.
pub(super) struct Topic {
    pub(super) name: String,
    pub(super) open: bool,
}

/// A message and its history.
pub(super) struct Stored {
    pub(super) json: Value,
    pub(super) edits: usize,
}

impl Shared {
    pub(super) fn new(token: &str) -> Self {
        Self {
            token: token.to_owned(),
            schema: Schema::load(),
            watched: Watched::default(),
            state: Mutex::new(State {
                numbers: 100,
                update_numbers: 5_000,
                ..State::default()
            }),
            changes: watch::Sender::new(0),
        }
    }

    /// Looks, without waking anybody.
    pub(super) fn look(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something and wakes whoever waits.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.look());
        self.changes.send_modify(|number| *number += 1);
        result
    }

    /// To be told of changes.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Notes what a request or the double itself did wrong.
    pub(super) fn complain(&self, complaints: Vec<String>) {
        if !complaints.is_empty() {
            self.change(|state| state.violations.extend(complaints));
        }
    }

    /// Puts an update into the queue, if the bot allows its kind, and returns its number.
    pub(super) fn inject(&self, kind: &str, message: Value) -> i64 {
        let (number, update) = self.change(|state| {
            let number = state.update_number();
            let mut update = json!({"update_id": number});
            update[kind] = message;
            state.made.insert(number, update.clone());
            if state.allows(kind) {
                state.queue.push_back(update.clone());
            }
            (number, update)
        });
        if let Some(schema) = &self.schema {
            self.complain(schema.check_object("Update", &update));
        }
        number
    }
}

impl State {
    /// A number that was not used before.
    pub(super) fn number(&mut self) -> i64 {
        self.numbers += 1;
        self.numbers
    }

    /// An update's number: one more than the last one's, as on Telegram.
    pub(super) fn update_number(&mut self) -> i64 {
        self.update_numbers += 1;
        self.update_numbers
    }

    /// A message's skeleton: number, date and chat.
    pub(super) fn message(&mut self, chat: i64, from: &Value) -> Value {
        let number = self.number();
        let chat = self.chats.get(&chat).map(|chat| chat.json.clone());
        json!({
            "message_id": number,
            "date": FIRST_DATE + number,
            "from": from,
            "chat": chat,
        })
    }

    /// Keeps a message in its chat.
    pub(super) fn store(&mut self, chat: i64, message: &Value) {
        let number = message["message_id"].as_i64().unwrap_or_default();
        if let Some(chat) = self.chats.get_mut(&chat) {
            let stored = Stored {
                json: message.clone(),
                edits: 0,
            };
            chat.messages.insert(number, stored);
        }
    }

    /// Whether the server is new enough for a method.
    pub(super) fn knows(&self, method: &str) -> bool {
        method != "sendMessageDraft" || !self.draftless
    }

    fn allows(&self, kind: &str) -> bool {
        let allowed = self.allowed.as_ref();
        allowed.is_none_or(|kinds| kinds.is_empty() || kinds.iter().any(|known| known == kind))
    }
}

impl Chat {
    pub(super) fn new(json: Value) -> Self {
        Self {
            json,
            blocked: false,
            topics: BTreeMap::new(),
            pinned: Vec::new(),
            missing: Vec::new(),
            messages: BTreeMap::new(),
            typing: 0,
            draft: None,
            drafts_shown: Vec::new(),
            written: VecDeque::new(),
        }
    }

    /// Whether the bot may do that here.
    pub(super) fn allows(&self, right: Right) -> bool {
        !self.missing.contains(&right)
    }

    pub(super) fn is_forum(&self) -> bool {
        self.json["is_forum"] == json!(true)
    }
}

/// The bot as a `User`.
pub(super) fn bot() -> Value {
    json!({
        "id": BOT_ID,
        "is_bot": true,
        "first_name": "Consultant",
        "username": super::BOT_NAME,
    })
}
