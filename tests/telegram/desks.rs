//! A desk as the people have it who work there: a forum whose topics are rooms. They see what
//! stands in a topic, open, close, rename and delete topics, and take the bot's rights away.
//! What they write in a topic, they write as any [`Customer`] does ([`Customer::in_room`]).

use std::{fmt, sync::Arc};

use serde_json::{Value, json};

use super::{
    Customer, Group, Received, WAIT_LIMIT, callback, documents,
    people::{GENERAL, text},
    state::{self, BOT_ID, FIRST_DATE, Shared, State},
    topics::{self, Right},
    wait,
};

/// A topic of a forum.
#[derive(Clone)]
pub struct Topic {
    shared: Arc<Shared>,
    chat: i64,
    number: i64,
}

/// A message as it is shown in a topic now, whoever wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its number in the chat.
    pub message_id: i64,
    /// The first name of who wrote it.
    pub from: String,
    /// Whether the bot did.
    pub by_bot: bool,
    /// Its words, or those under its file.
    pub text: String,
    /// How its words look, as sent.
    pub entities: Vec<Value>,
    /// Its file.
    pub file: Option<Received>,
    /// The message that it shows itself as an answer to. In a topic every message answers the one
    /// that opened it; that one does not count.
    pub reply_to: Option<i64>,
    /// The buttons under it: what stands on each, and what each carries.
    pub buttons: Vec<(String, String)>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// How often it was changed.
    pub edits: usize,
}

/// On one line, for snapshots: `Ann: hello`, `Consultant: look [photo lamp.png] {Take over} (pinned)`.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.from)?;
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        }
        if let Some(file) = &self.file {
            write!(f, " [{} {}]", file.kind, file.name)?;
        }
        for (label, _) in &self.buttons {
            write!(f, " {{{label}}}")?;
        }
        let pinned = if self.pinned { " (pinned)" } else { "" };
        f.write_str(pinned)
    }
}

impl Topic {
    /// Its number.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// Its address, as the bot writes it.
    pub fn address(&self) -> String {
        format!("{}#{}", self.chat, self.number)
    }

    /// Its name now. Fails the test when it was deleted.
    pub fn name(&self) -> String {
        let name = self.look(|topic| topic.name.clone());
        assert!(name.is_some(), "topic {} was deleted", self.number);
        name.unwrap_or_default()
    }

    /// Whether people may write in it.
    pub fn is_open(&self) -> bool {
        self.look(|topic| topic.open).unwrap_or_default()
    }

    /// Whether it is still there.
    pub fn exists(&self) -> bool {
        self.look(|_| ()).is_some()
    }

    /// What stands in it now, oldest first; without what tells of the topic itself.
    pub fn shows(&self) -> Vec<Shown> {
        self.shown_in(&self.shared.look())
    }

    /// The same on a line each.
    pub fn reads(&self) -> String {
        let lines: Vec<String> = self.shows().iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    /// Waits until it shows what it should, and returns that.
    pub async fn wait_for(&self, what: &str, ready: impl Fn(&[Shown]) -> bool) -> Vec<Shown> {
        let find = |state: &State| Some(self.shown_in(state)).filter(|shown| ready(shown));
        wait(&self.shared, what, WAIT_LIMIT, find).await
    }

    /// Waits until it shows a message with these words in it, and returns the newest such message.
    pub async fn wait_for_words(&self, words: &str) -> Shown {
        let find = |state: &State| {
            let shown = self.shown_in(state).into_iter().rev();
            shown.into_iter().find(|shown| shown.text.contains(words))
        };
        let what = format!("{words:?} in a topic");
        wait(&self.shared, &what, WAIT_LIMIT, find).await
    }

    /// Waits until it is open, or closed.
    pub async fn wait_until_open(&self, open: bool) {
        let find = |state: &State| {
            let topic = state.chats.get(&self.chat)?.topics.get(&self.number)?;
            (topic.open == open).then_some(())
        };
        let what = format!("a topic whose being open is {open}");
        wait(&self.shared, &what, WAIT_LIMIT, find).await;
    }

    /// Somebody closes it, which the bot is told.
    pub fn is_closed_by(&self, who: &Customer) {
        self.is_set_by(who, false);
    }

    /// Somebody opens it again, which the bot is told.
    pub fn is_reopened_by(&self, who: &Customer) {
        self.is_set_by(who, true);
    }

    /// Somebody gives it another name, which the bot is told.
    pub fn is_named_by(&self, who: &Customer, name: &str) {
        let told = self.shared.change(|state| {
            if let Some(topic) = topic_of(state, self) {
                name.clone_into(&mut topic.name);
            }
            let change = ("forum_topic_edited", json!({ "name": name }));
            topics::tell(state, (self.chat, self.number), &who.user, change)
        });
        self.shared.inject("message", told);
    }

    /// Somebody deletes it with all that stands in it. Telegram tells a bot nothing of it.
    pub fn is_deleted(&self) {
        drop(self.is_taken_down());
    }

    /// The same; returns what stood in it.
    pub fn is_taken_down(&self) -> Vec<Shown> {
        let (stood, deleted) = self.shared.change(|state| {
            let stood = self.shown_in(state);
            (stood, topics::remove(state, self.chat, self.number))
        });
        assert!(deleted, "there is no topic {}", self.number);
        stood
    }

    fn is_set_by(&self, who: &Customer, open: bool) {
        let told = self.shared.change(|state| {
            if let Some(topic) = topic_of(state, self) {
                topic.open = open;
            }
            let change = topics::told_of(open);
            topics::tell(state, (self.chat, self.number), &who.user, change)
        });
        self.shared.inject("message", told);
    }

    fn look<T>(&self, look: impl Fn(&state::Topic) -> T) -> Option<T> {
        let state = self.shared.look();
        let topic = state.chats.get(&self.chat)?.topics.get(&self.number)?;
        Some(look(topic))
    }

    fn shown_in(&self, state: &State) -> Vec<Shown> {
        shown(state, self.chat, Some(self.number))
    }
}

impl Group {
    /// Its number.
    pub fn chat_id(&self) -> i64 {
        self.chat
    }

    /// Its address, as the bot writes it.
    pub fn address(&self) -> String {
        self.chat.to_string()
    }

    /// The topics that are there now, oldest first, without General.
    pub fn topics(&self) -> Vec<Topic> {
        self.topics_in(&self.shared.look())
    }

    /// What stands in no topic, or in General, oldest first.
    pub fn shows(&self) -> Vec<Shown> {
        shown(&self.shared.look(), self.chat, None)
    }

    /// Waits until there are so many topics, and returns them.
    pub async fn wait_for_topics(&self, count: usize) -> Vec<Topic> {
        let find = |state: &State| Some(self.topics_in(state)).filter(|it| it.len() >= count);
        let what = format!("{count} topics");
        wait(&self.shared, &what, WAIT_LIMIT, find).await
    }

    /// Waits until there is a topic whose name holds these words, and returns the newest one.
    pub async fn wait_for_topic(&self, words: &str) -> Topic {
        let find = |state: &State| {
            let named = |topic: &Topic| {
                let topics = state.chats.get(&self.chat).map(|chat| &chat.topics);
                let topic = topics.and_then(|topics| topics.get(&topic.number));
                topic.is_some_and(|topic| topic.name.contains(words))
            };
            self.topics_in(state).into_iter().rev().find(named)
        };
        let what = format!("a topic named {words:?}");
        wait(&self.shared, &what, WAIT_LIMIT, find).await
    }

    /// Takes one of the bot's rights away, which the bot is told; it may still write.
    pub fn forbids_the_bot(&self, right: Right, told_by: &Customer) {
        self.change_rights(told_by, |missing| missing.push(right));
    }

    /// Gives the bot all rights again, which the bot is told.
    pub fn allows_the_bot_all(&self, told_by: &Customer) {
        self.change_rights(told_by, Vec::clear);
    }

    /// Is deleted: nobody finds it any more.
    pub fn is_deleted(&self) {
        self.shared
            .change(|state| drop(state.chats.remove(&self.chat)));
    }

    fn change_rights(&self, told_by: &Customer, change: impl FnOnce(&mut Vec<Right>)) {
        let told = self.shared.change(|state| {
            let chat = state.chats.get_mut(&self.chat)?;
            let old = administrator(&chat.missing);
            change(&mut chat.missing);
            Some(json!({
                "chat": chat.json, "from": told_by.user, "date": FIRST_DATE,
                "old_chat_member": old, "new_chat_member": administrator(&chat.missing),
            }))
        });
        if let Some(told) = told {
            self.shared.inject("my_chat_member", told);
        }
    }

    fn topics_in(&self, state: &State) -> Vec<Topic> {
        let chat = state.chats.get(&self.chat);
        let numbers = chat.into_iter().flat_map(|chat| chat.topics.keys());
        let topic = |number: &i64| Topic {
            shared: Arc::clone(&self.shared),
            chat: self.chat,
            number: *number,
        };
        numbers.map(topic).collect()
    }
}

impl Customer {
    /// The same person in a topic.
    #[must_use]
    pub fn in_room(&self, room: &Topic) -> Self {
        let group = Group {
            shared: Arc::clone(&self.shared),
            chat: room.chat,
        };
        self.in_topic(&group, room.number)
    }

    /// What stands in this chat now, whoever wrote it, oldest first; of a forum only what stands in
    /// no topic.
    pub fn reads_all(&self) -> Vec<Shown> {
        shown(&self.shared.look(), self.chat, None)
    }

    /// Opens a topic in a forum, which the bot is told.
    pub fn opens_topic(&self, group: &Group, name: &str) -> Topic {
        let (number, told) = self
            .shared
            .change(|state| topics::open(state, group.chat, name, &self.user));
        self.shared.inject("message", told);
        Topic {
            shared: Arc::clone(&self.shared),
            chat: group.chat,
            number,
        }
    }

    /// The number of the message that an update brought, as others reply to it.
    pub fn message_of(&self, update: i64) -> i64 {
        let state = self.shared.look();
        let message = &state
            .made
            .get(&update)
            .map(|made| &made["message"]["message_id"]);
        let number = message.and_then(Value::as_i64);
        assert!(number.is_some(), "update {update} brought no message");
        number.unwrap_or_default()
    }

    /// Presses the newest button here that reads so. Returns the update's number.
    pub fn presses_newest(&self, label: &str) -> i64 {
        let found = {
            let state = self.shared.look();
            let messages = state.chats.get(&self.chat).map(|chat| &chat.messages);
            let newest = messages.into_iter().flatten().rev();
            newest
                .flat_map(|(number, stored)| {
                    callback::buttons(&stored.json["reply_markup"]).map(|button| (*number, button))
                })
                .find(|(_, button)| button["text"] == label)
                .map(|(number, button)| (number, text(&button["callback_data"])))
        };
        assert!(found.is_some(), "no button reads {label:?}");
        let (number, press) = found.unwrap_or_default();
        self.presses(number, &press)
    }
}

fn topic_of<'a>(state: &'a mut State, topic: &Topic) -> Option<&'a mut state::Topic> {
    state
        .chats
        .get_mut(&topic.chat)?
        .topics
        .get_mut(&topic.number)
}

fn shown(state: &State, chat: i64, topic: Option<i64>) -> Vec<Shown> {
    let Some(chat) = state.chats.get(&chat) else {
        return Vec::new();
    };
    let there = chat.messages.iter().filter(|(_, stored)| {
        let thread = stored.json["message_thread_id"].as_i64();
        thread == topic.filter(|topic| *topic != GENERAL) && !tells_of_the_place(&stored.json)
    });
    there
        .map(|(number, stored)| {
            let message = &stored.json;
            let either = |one: &str, other: &str| {
                let value = message.get(one).or_else(|| message.get(other));
                value.cloned().unwrap_or_default()
            };
            let replied = message["reply_to_message"]["message_id"].as_i64();
            Shown {
                message_id: *number,
                from: text(&message["from"]["first_name"]),
                by_bot: message["from"]["id"] == json!(BOT_ID),
                text: text(&either("text", "caption")),
                entities: either("entities", "caption_entities")
                    .as_array()
                    .cloned()
                    .unwrap_or_default(),
                file: documents::received(state, message),
                reply_to: replied.filter(|replied| Some(*replied) != topic),
                buttons: callback::buttons(&message["reply_markup"])
                    .map(|button| (text(&button["text"]), text(&button["callback_data"])))
                    .collect(),
                pinned: chat.pinned.contains(number),
                edits: stored.edits,
            }
        })
        .collect()
}

fn tells_of_the_place(message: &Value) -> bool {
    let fields = message.as_object().into_iter().flatten();
    fields
        .into_iter()
        .any(|(name, _)| name.starts_with("forum_topic_"))
}

/// The bot as an administrator who lacks these rights.
fn administrator(missing: &[Right]) -> Value {
    let has = |right| !missing.contains(&right);
    json!({
        "status": "administrator", "user": state::bot(), "can_be_edited": false,
        "is_anonymous": false, "can_manage_chat": true,
        "can_delete_messages": has(Right::DeleteMessages), "can_manage_video_chats": false,
        "can_restrict_members": false, "can_promote_members": false, "can_change_info": false,
        "can_invite_users": false, "can_post_stories": false, "can_edit_stories": false,
        "can_delete_stories": false, "can_pin_messages": has(Right::PinMessages),
        "can_manage_topics": has(Right::ManageTopics),
    })
}
