//! A desk as the people have it who work there: a text channel whose threads are rooms, or a forum
//! whose posts are. They see what stands in a room, close, open, rename and delete it. What they
//! write in it, they write as any [`Customer`] does ([`Customer::at`]).

use std::{fmt, sync::Arc};

use serde_json::{Value, json};

use super::{
    Customer, DiscordDouble, Room,
    customer::buttons_of,
    payload,
    rest::is_for_one,
    state::{Closed, Message, Place, PlaceKind, Snowflake, State},
    threads,
};

/// A message as it is shown in a room now, whoever wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// The name of who wrote it.
    pub from: String,
    /// Whether the bot did.
    pub by_bot: bool,
    /// Its words, with their Markdown as sent.
    pub text: String,
    /// Its files.
    pub files: Vec<Received>,
    /// The message that it shows itself as an answer to.
    pub reply_to: Option<String>,
    /// What stands above its embeds.
    pub titles: Vec<String>,
    /// The buttons under it: what stands on each, and what each carries.
    pub buttons: Vec<(String, String)>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it was changed.
    pub edited: bool,
    /// Its flags, in Discord's own numbers.
    pub flags: u64,
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its name.
    pub name: String,
    /// The type that its sender claims.
    pub content_type: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// On one line, for snapshots: `Ann: hello`, `consultant: look [lamp.png] {Take over} (pinned)`.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.from)?;
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        }
        for file in &self.files {
            write!(f, " [{}]", file.name)?;
        }
        for title in &self.titles {
            write!(f, " <{title}>")?;
        }
        for (label, _) in &self.buttons {
            write!(f, " {{{label}}}")?;
        }
        let pinned = if self.pinned { " (pinned)" } else { "" };
        f.write_str(pinned)
    }
}

impl DiscordDouble {
    /// A forum channel of the guild.
    pub fn forum_channel(&self, name: &str) -> Room {
        self.add_forum(name, 0)
    }

    /// A forum channel whose posts must have a tag.
    pub fn forum_that_wants_tags(&self, name: &str) -> Room {
        self.add_forum(name, 2)
    }

    fn add_forum(&self, name: &str, tags: usize) -> Room {
        let place = self.inner.change(|state| {
            let tags = (0..tags).map(|_| state.mint()).collect();
            let place = state.add_place(name, PlaceKind::Forum);
            if let Some(forum) = state.places.get_mut(&place) {
                forum.tags = tags;
            }
            let json = payload::channel(state, place);
            state.dispatch("CHANNEL_CREATE", &json, payload::GUILDS);
            place
        });
        let double = Arc::clone(&self.inner);
        Room { double, place }
    }
}

impl Room {
    /// Its id, which is its address as the bot writes it.
    pub fn id(&self) -> String {
        self.place.to_string()
    }

    /// Its name now.
    pub fn name(&self) -> String {
        let name = self.look(|place| place.name.clone());
        name.unwrap_or_default()
    }

    /// Whether it is a thread that is neither archived nor locked.
    pub fn is_open(&self) -> bool {
        let open = self.look(|place| !place.thread.archived && !place.thread.locked);
        open.unwrap_or_default()
    }

    /// Whether it is locked: only moderators write in it.
    pub fn is_locked(&self) -> bool {
        self.look(|place| place.thread.locked).unwrap_or_default()
    }

    /// Whether it was not deleted.
    pub fn exists(&self) -> bool {
        let exists = self.look(|place| place.closed != Some(Closed::Deleted));
        exists.unwrap_or_default()
    }

    /// How many tags it has, where it is a forum's post.
    pub fn tags(&self) -> usize {
        let tags = self.look(|place| place.thread.tags.as_array().map_or(0, Vec::len));
        tags.unwrap_or_default()
    }

    /// What stands in it now, oldest first; without what tells of threads.
    pub fn shows(&self) -> Vec<Shown> {
        self.double.read(|state| shown(state, self.place))
    }

    /// The same on a line each.
    pub fn reads(&self) -> String {
        let lines: Vec<String> = self.shows().iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    /// Waits until it shows what it should, and returns that.
    pub async fn wait_for(&self, what: &str, ready: impl Fn(&[Shown]) -> bool) -> Vec<Shown> {
        let look = || {
            let shown = self.shows();
            if ready(&shown) { Ok(shown) } else { Err(shown) }
        };
        self.double.wait(what, look).await
    }

    /// Waits until it shows a message with these words in it, and returns the newest such message.
    pub async fn wait_for_words(&self, words: &str) -> Shown {
        let look = || {
            let shown = self.shows();
            let found = shown.iter().rev().find(|it| it.text.contains(words));
            found.cloned().ok_or(shown)
        };
        self.double
            .wait(&format!("{words:?} in a room"), look)
            .await
    }

    /// Waits until it is open, or not.
    pub async fn wait_until_open(&self, open: bool) {
        let look = || (self.is_open() == open).then_some(()).ok_or("not so");
        let what = format!("a room whose being open is {open}");
        self.double.wait(&what, look).await;
    }

    /// Its threads that were not deleted, oldest first.
    pub fn threads(&self) -> Vec<Self> {
        let ids: Vec<Snowflake> = self.double.read(|state| {
            let inside = state.places.iter().filter(|(_, place)| {
                let parent = self.place;
                place.kind == PlaceKind::Thread { parent } && place.closed.is_none()
            });
            inside.map(|(id, _)| *id).collect()
        });
        let room = |place| Self {
            double: Arc::clone(&self.double),
            place,
        };
        ids.into_iter().map(room).collect()
    }

    /// Waits until it has so many threads, and returns them.
    pub async fn wait_for_threads(&self, count: usize) -> Vec<Self> {
        let look = || {
            let threads = self.threads();
            match threads.len() {
                enough if enough >= count => Ok(threads),
                so_far => Err(so_far),
            }
        };
        self.double.wait(&format!("{count} threads"), look).await
    }

    /// Waits until it has a thread whose name holds these words, and returns the newest one.
    pub async fn wait_for_thread(&self, words: &str) -> Self {
        let look = || {
            let threads = self.threads();
            let names: Vec<String> = threads.iter().map(Self::name).collect();
            let named = |room: &Self| room.name().contains(words);
            threads.into_iter().rev().find(named).ok_or(names)
        };
        let what = format!("a thread named {words:?}");
        self.double.wait(&what, look).await
    }

    /// People close it, and lock it or not; the bot is told.
    pub fn is_closed(&self, locked: bool) {
        self.change(|place| {
            place.thread.archived = true;
            place.thread.locked = locked;
        });
    }

    /// People open it again, which the bot is told.
    pub fn is_reopened(&self) {
        self.change(|place| {
            place.thread.archived = false;
            place.thread.locked = false;
        });
    }

    /// People give it another name, which the bot is told.
    pub fn is_named(&self, name: &str) {
        self.change(|place| name.clone_into(&mut place.name));
    }

    /// The bot has all its rights again here.
    pub fn allows_the_bot_all(&self) {
        self.double.change(|state| {
            if let Some(room) = state.places.get_mut(&self.place) {
                room.missing.clear();
                room.closed = None;
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Place)) {
        self.double.change(|state| {
            if let Some(place) = state.places.get_mut(&self.place) {
                change(place);
            }
            threads::tell(state, "THREAD_UPDATE", self.place);
        });
    }

    fn look<T>(&self, look: impl Fn(&Place) -> T) -> Option<T> {
        self.double
            .read(|state| state.places.get(&self.place).map(look))
    }
}

impl Customer {
    /// Replies to a message of this place, whoever wrote it; returns the new message's id.
    pub fn replies_to(&self, message: &str, text: &str) -> String {
        self.writes_as_reply(message, text, &[])
    }

    /// Replies to a message of this place with files.
    pub fn replies_with(&self, message: &str, text: &str, files: &[super::Upload]) -> String {
        self.writes_as_reply(message, text, files)
    }

    /// Deletes a message of this place, which the bot is told.
    pub fn deletes(&self, message: &str) {
        self.double.change(|state| {
            take_out(state, self.place, &[message]);
            tell_deleted(
                state,
                self.place,
                "MESSAGE_DELETE",
                json!({ "id": message }),
            );
        });
    }

    /// Deletes messages of this place at once, as moderators' programs do, which the bot is told.
    pub fn deletes_at_once(&self, messages: &[&str]) {
        self.double.change(|state| {
            take_out(state, self.place, messages);
            let ids = json!({ "ids": messages });
            tell_deleted(state, self.place, "MESSAGE_DELETE_BULK", ids);
        });
    }
}

fn take_out(state: &mut State, place: Snowflake, messages: &[&str]) {
    let room = state.places.get_mut(&place);
    let room = room.expect("a place is never removed");
    for message in messages {
        let count = room.messages.len();
        room.messages
            .retain(|known| known.id.to_string() != *message);
        assert!(room.messages.len() < count, "there is no message {message}");
    }
}

/// Tells the sessions of messages that are gone; who deleted them, Discord tells nobody.
pub(super) fn tell_deleted(
    state: &mut State,
    place: Snowflake,
    event: &'static str,
    mut which: Value,
) {
    let Some(kind) = state.places.get(&place).map(|room| room.kind) else {
        return;
    };
    which["channel_id"] = json!(place.to_string());
    if !matches!(kind, PlaceKind::Direct { .. }) {
        which["guild_id"] = json!(state.guild.to_string());
    }
    state.dispatch(event, &which, super::state::intent_of(kind));
}

fn shown(state: &State, place: Snowflake) -> Vec<Shown> {
    let room = state.places.get(&place);
    let messages = room.into_iter().flat_map(|room| &room.messages);
    // Replies are messages of type 19; the others tell of threads and the like.
    let said = messages.filter(|message| {
        let kind = message.json["type"].as_u64().unwrap_or_default();
        matches!(kind, 0 | 19 | 20) && !message.loading && !is_for_one(&message.json)
    });
    said.map(|message| shown_as(state, message)).collect()
}

fn shown_as(state: &State, message: &Message) -> Shown {
    let json = &message.json;
    let list = |field: &str| json[field].as_array().into_iter().flatten();
    let received = |file: &Value| {
        let id = file["id"].as_str().and_then(|id| id.parse().ok());
        let content = id.and_then(|id: Snowflake| state.files.get(&id));
        Received {
            name: text(&file["filename"]),
            content_type: text(&file["content_type"]),
            content: content.cloned().unwrap_or_default(),
        }
    };
    Shown {
        id: message.id.to_string(),
        from: text(&json["author"]["username"]),
        by_bot: message.by_bot,
        text: message.content.clone(),
        files: list("attachments").map(received).collect(),
        reply_to: json["message_reference"]["message_id"]
            .as_str()
            .map(str::to_owned),
        titles: list("embeds").map(|embed| text(&embed["title"])).collect(),
        buttons: buttons_of(json)
            .map(|button| (text(&button["label"]), text(&button["custom_id"])))
            .collect(),
        pinned: json["pinned"] == json!(true),
        edited: !json["edited_timestamp"].is_null(),
        flags: json["flags"].as_u64().unwrap_or_default(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
