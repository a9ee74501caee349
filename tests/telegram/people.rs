//! Those who talk to the bot, and the groups in which they do.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    BOT_NAME, Content, WAIT_LIMIT, callback,
    sending::without_reply,
    state::{BOT_ID, Chat, FIRST_DATE, Shared, State, bot},
    topics, wait,
};

/// The number of the General topic, which messages never carry.
pub(super) const GENERAL: i64 = 1;

/// A person in one place: the private chat, a group, or a topic of a forum.
#[derive(Clone)]
pub struct Customer {
    pub(super) shared: Arc<Shared>,
    pub(super) user: Value,
    pub(super) chat: i64,
    topic: Option<i64>,
}

/// A supergroup.
#[derive(Clone)]
pub struct Group {
    pub(super) shared: Arc<Shared>,
    pub(super) chat: i64,
}

/// One of the bot's messages as it is shown now.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Its number in the chat.
    pub message_id: i64,
    /// Its words.
    pub text: String,
    /// Its entities, as sent.
    pub entities: Vec<Value>,
    /// The message that it replies to.
    pub reply_to: Option<i64>,
    /// How often it was changed.
    pub edits: usize,
    /// The buttons under it: what stands on each, and what each carries.
    pub buttons: Vec<(String, String)>,
    /// The picture under it.
    pub picture: Option<String>,
}

impl Customer {
    pub(super) fn private(shared: &Arc<Shared>, name: &str) -> Self {
        let user = shared.change(|state| person(state, name));
        let chat = user["id"].as_i64().unwrap_or_default();
        Self {
            shared: Arc::clone(shared),
            user,
            chat,
            topic: None,
        }
    }

    /// The same person with this app language, for example `zh-hans`.
    #[must_use]
    pub fn speaking(mut self, language_code: &str) -> Self {
        self.user["language_code"] = json!(language_code);
        self
    }

    /// The same person in a group.
    #[must_use]
    pub fn in_group(&self, group: &Group) -> Self {
        let mut there = self.clone();
        there.chat = group.chat;
        there.topic = None;
        there
    }

    /// The same person in a forum's topic.
    #[must_use]
    pub fn in_topic(&self, group: &Group, topic: i64) -> Self {
        let mut there = self.in_group(group);
        there.topic = Some(topic);
        there
    }

    /// The same person in a forum's General topic.
    #[must_use]
    pub fn in_general(&self, group: &Group) -> Self {
        self.in_topic(group, GENERAL)
    }

    /// The number of the chat.
    pub fn chat_id(&self) -> i64 {
        self.chat
    }

    /// The person's number.
    pub fn user_id(&self) -> i64 {
        self.user["id"].as_i64().unwrap_or_default()
    }

    /// Writes. Returns the update's number.
    pub fn says(&self, text: &str) -> i64 {
        self.sends(text)
    }

    /// Writes with the bot's name in front.
    pub fn mentions_bot(&self, text: &str) -> i64 {
        self.says(&format!("@{BOT_NAME} {text}"))
    }

    /// Sends anything. Returns the update's number.
    pub fn sends(&self, content: impl Into<Content>) -> i64 {
        self.write(&content.into(), None)
    }

    /// Replies to a message of this chat. Returns the update's number.
    pub fn replies_to(&self, message_id: i64, text: &str) -> i64 {
        self.write(&Content::from(text), Some(message_id))
    }

    /// Replies to a message of this chat with anything. Returns the update's number.
    pub fn replies_with(&self, message_id: i64, content: impl Into<Content>) -> i64 {
        self.write(&content.into(), Some(message_id))
    }

    /// Changes an own message, named by the update that brought it. Returns the new update's number.
    pub fn edits(&self, update: i64, text: &str) -> i64 {
        let message = self.shared.change(|state| {
            let mut message = state.made.get(&update)?.get("message")?.clone();
            let fields = Content::from(text).fields();
            merge(&mut message, &fields);
            message["edit_date"] = message["date"].clone();
            state.store(self.chat, &message);
            Some(message)
        });
        assert!(message.is_some(), "update {update} brought no message");
        self.shared
            .inject("edited_message", message.unwrap_or_default())
    }

    /// Deletes a message of this chat, which brings no update.
    pub fn deletes(&self, message_id: i64) {
        let deleted = self.shared.change(|state| {
            let chat = state.chats.get_mut(&self.chat)?;
            chat.messages.remove(&message_id)
        });
        assert!(deleted.is_some(), "there is no message {message_id}");
    }

    /// Presses a button under one of the bot's messages. Returns the update's number.
    pub fn presses(&self, message_id: i64, press: &str) -> i64 {
        let (name, message) = self.shared.change(|state| {
            let name = state.number().to_string();
            state.presses.insert(name.clone(), false);
            let chat = state.chats.get(&self.chat);
            let message = chat.and_then(|chat| chat.messages.get(&message_id));
            (name, message.map(|stored| stored.json.clone()))
        });
        assert!(message.is_some(), "there is no message {message_id}");
        let callback = json!({
            "id": name, "from": self.user, "message": message, "data": press,
            "chat_instance": self.chat.to_string(),
        });
        self.shared.inject("callback_query", callback)
    }

    /// Blocks the bot; in a group: throws it out.
    pub fn blocks_bot(&self) {
        self.set_blocked(true);
    }

    /// Lets the bot write again.
    pub fn unblocks_bot(&self) {
        self.set_blocked(false);
    }

    /// The draft that is shown in this chat.
    pub fn draft(&self) -> Option<String> {
        let state = self.shared.look();
        let draft = state.chats.get(&self.chat)?.draft.as_ref()?;
        Some(draft.1.clone())
    }

    /// Waits until a draft is shown in this chat that holds these words.
    pub async fn wait_for_draft(&self, words: &str) {
        let find = |state: &State| {
            let draft = state.chats.get(&self.chat)?.draft.as_ref()?;
            draft.1.contains(words).then_some(())
        };
        let what = format!("a draft with {words:?}");
        wait(&self.shared, &what, WAIT_LIMIT, find).await;
    }

    /// Every text that a draft showed in this chat, oldest first.
    pub fn drafts_shown(&self) -> Vec<String> {
        let state = self.shared.look();
        let chat = state.chats.get(&self.chat);
        chat.map_or_else(Vec::new, |chat| chat.drafts_shown.clone())
    }

    /// The bot's messages in this place, oldest first, as they are shown now.
    pub fn sees(&self) -> Vec<Seen> {
        self.seen_in(&self.shared.look())
    }

    /// How often typing was shown in this chat.
    pub fn typing_shown(&self) -> usize {
        let state = self.shared.look();
        state.chats.get(&self.chat).map_or(0, |chat| chat.typing)
    }

    /// Waits until the bot's messages are as they should be, and returns them. Fails the test
    /// after [`WAIT_LIMIT`], naming what it waited for.
    pub async fn wait_for(&self, what: &str, ready: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        self.wait_within(WAIT_LIMIT, what, ready).await
    }

    /// Like [`Customer::wait_for`], with a limit of its own.
    pub async fn wait_within(
        &self,
        limit: Duration,
        what: &str,
        ready: impl Fn(&[Seen]) -> bool,
    ) -> Vec<Seen> {
        let find = |state: &State| Some(self.seen_in(state)).filter(|seen| ready(seen));
        wait(&self.shared, what, limit, find).await
    }

    fn seen_in(&self, state: &State) -> Vec<Seen> {
        let topic = self.topic.filter(|topic| *topic != GENERAL);
        let messages = state.chats.get(&self.chat).map(|chat| &chat.messages);
        let ours = messages.into_iter().flatten().filter(|(_, stored)| {
            stored.json["from"]["id"] == json!(BOT_ID)
                && stored.json.get("text").is_some()
                && stored.json["message_thread_id"].as_i64() == topic
        });
        ours.map(|(number, stored)| Seen {
            message_id: *number,
            text: stored.json["text"].as_str().unwrap_or_default().to_owned(),
            entities: stored.json["entities"]
                .as_array()
                .cloned()
                .unwrap_or_default(),
            reply_to: stored.json["reply_to_message"]["message_id"].as_i64(),
            edits: stored.edits,
            buttons: callback::buttons(&stored.json["reply_markup"])
                .map(|button| (text(&button["text"]), text(&button["callback_data"])))
                .collect(),
            picture: stored.json["link_preview_options"]["url"]
                .as_str()
                .map(str::to_owned),
        })
        .collect()
    }

    /// As on Telegram, the bot is told.
    fn set_blocked(&self, blocked: bool) {
        let chat = self.shared.change(|state| {
            let chat = state.chats.get_mut(&self.chat)?;
            chat.blocked = blocked;
            Some(chat.json.clone())
        });
        if let Some(chat) = chat {
            let change = json!({
                "chat": chat, "from": self.user, "date": FIRST_DATE,
                "old_chat_member": membership(!blocked),
                "new_chat_member": membership(blocked),
            });
            self.shared.inject("my_chat_member", change);
        }
    }

    fn write(&self, content: &Content, reply_to: Option<i64>) -> i64 {
        let message = self.shared.change(|state| {
            let mut message = state.message(self.chat, &self.user);
            merge(&mut message, &content.fields());
            // What stands in General belongs to no topic (tdlib/telegram-bot-api, issue 356).
            let topic = self.topic.filter(|topic| *topic != GENERAL);
            if let Some(topic) = topic {
                message["message_thread_id"] = json!(topic);
                message["is_topic_message"] = json!(true);
            }
            // In a topic every message replies to the one that created it, unless to another.
            let replied = reply_to.or(topic);
            let chat = state.chats.get(&self.chat);
            let replied = chat.and_then(|chat| chat.messages.get(&replied?));
            if let Some(replied) = replied {
                message["reply_to_message"] = without_reply(&replied.json);
            }
            state.store(self.chat, &message);
            if let Some(file) = content.file() {
                state.keep(file);
            }
            message
        });
        self.shared.inject("message", message)
    }
}

impl Group {
    pub(super) fn create(shared: &Arc<Shared>, title: &str, forum: bool) -> Self {
        let chat = shared.change(|state| {
            let id = -1_000_000_000_000 - state.number();
            let mut chat = json!({"id": id, "type": "supergroup", "title": title});
            if forum {
                chat["is_forum"] = json!(true);
            }
            state.chats.insert(id, Chat::new(chat));
            id
        });
        Self {
            shared: Arc::clone(shared),
            chat,
        }
    }

    /// Becomes a supergroup with another number, as a plain group does when it grows. The bot is
    /// told in both chats. Returns the new one.
    #[must_use]
    pub fn migrates(&self, told_by: &Customer) -> Self {
        let (to, there, here) = self.shared.change(|state| {
            let to = -1_000_000_000_000 - state.number();
            let mut chat = state.chats.get(&self.chat).map(|chat| chat.json.clone());
            if let Some(chat) = &mut chat {
                chat["id"] = json!(to);
            }
            state.chats.insert(to, Chat::new(chat.unwrap_or_default()));
            state.migrated.insert(self.chat, to);
            let mut here = state.message(self.chat, &told_by.user);
            here["migrate_to_chat_id"] = json!(to);
            let mut there = state.message(to, &told_by.user);
            there["migrate_from_chat_id"] = json!(self.chat);
            (to, there, here)
        });
        self.shared.inject("message", here);
        self.shared.inject("message", there);
        Self {
            shared: Arc::clone(&self.shared),
            chat: to,
        }
    }

    /// Opens a topic, in the bot's name: the harder case, as every message in it then "replies"
    /// to the bot. Returns its number.
    pub fn topic(&self, name: &str) -> i64 {
        let (number, _) = self
            .shared
            .change(|state| topics::open(state, self.chat, name, &bot()));
        number
    }
}

/// The person of this name, met now or before, with a private chat.
fn person(state: &mut State, name: &str) -> Value {
    if let Some(user) = state.people.get(name) {
        return user.clone();
    }
    let id = state.number();
    let user = json!({"id": id, "is_bot": false, "first_name": name, "language_code": "en"});
    let chat = json!({"id": id, "type": "private", "first_name": name});
    state.people.insert(name.to_owned(), user.clone());
    state.chats.insert(id, Chat::new(chat));
    user
}

/// The bot as a `ChatMember`.
fn membership(is_out: bool) -> Value {
    if is_out {
        json!({"status": "kicked", "user": bot(), "until_date": 0})
    } else {
        json!({"status": "member", "user": bot()})
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn merge(message: &mut Value, fields: &Value) {
    for (key, value) in fields.as_object().into_iter().flatten() {
        message[key] = value.clone();
    }
}
