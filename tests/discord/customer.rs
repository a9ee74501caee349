//! The double's handle as people use it: a customer in a place, who writes and sees.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    Inner,
    payload::{self, Extras, Given},
    state::{Closed, Message, OpenInteraction, PlaceKind, Right, Snowflake, State},
    threads,
};

/// A guild channel or a thread.
#[derive(Clone)]
pub struct Room {
    pub(super) double: Arc<Inner>,
    pub(super) place: Snowflake,
}

/// A person in one place: a direct message channel unless [`Customer::at`] moved them.
#[derive(Clone)]
pub struct Customer {
    pub(super) double: Arc<Inner>,
    pub(super) name: String,
    pub(super) user: Snowflake,
    pub(super) place: Snowflake,
}

impl Room {
    /// Opens a public thread here, and tells the bot.
    #[must_use]
    pub fn thread(&self, name: &str) -> Self {
        let place = self.double.change(|state| {
            let kind = PlaceKind::Thread { parent: self.place };
            let place = state.add_place(name, kind);
            let json = payload::channel(state, place);
            state.dispatch("THREAD_CREATE", &json, payload::GUILDS);
            place
        });
        let double = Arc::clone(&self.double);
        Self { double, place }
    }

    /// Takes the bot's rights away here: 403 from now on.
    pub fn locks_the_bot_out(&self) {
        close(&self.double, self.place, Closed::NoAccess);
    }

    /// Takes one of the bot's rights away here; it may still write.
    pub fn forbids_the_bot(&self, right: Right) {
        self.double.change(|state| {
            if let Some(room) = state.places.get_mut(&self.place) {
                room.missing.push(right);
            }
        });
    }

    /// Deletes the place: 404 from now on.
    pub fn is_deleted(&self) {
        self.double
            .change(|state| threads::delete(state, self.place));
    }
}

fn close(double: &Inner, place: Snowflake, why: Closed) {
    double.change(|state| {
        if let Some(room) = state.places.get_mut(&place) {
            room.closed = Some(why);
        }
    });
}

impl Customer {
    /// The same person in a guild channel or thread.
    #[must_use]
    pub fn at(&self, room: &Room) -> Self {
        let place = room.place;
        Self {
            place,
            ..self.clone()
        }
    }

    /// The channel's id, as it stands in addresses.
    pub fn place(&self) -> String {
        self.place.to_string()
    }

    /// The person's id, as it stands in addresses.
    pub fn user(&self) -> String {
        self.user.to_string()
    }

    /// Writes; returns the message's id.
    pub fn says(&self, text: &str) -> String {
        self.writes(text, &Extras::default())
    }

    /// Writes with the bot's mention in front.
    pub fn mentions_bot(&self, text: &str) -> String {
        let bot = self.double.read(|state| state.bot);
        let extras = Extras {
            mentions_bot: true,
            ..Extras::default()
        };
        self.writes(&format!("<@{bot}> {text}"), &extras)
    }

    /// Writes with the mention of the bot's own role in front, which an app offers under the
    /// same name.
    pub fn mentions_bots_role(&self, text: &str) -> String {
        let role = self.double.read(|state| state.own_role);
        let extras = Extras {
            more: Some(("mention_roles", json!([role.to_string()]))),
            ..Extras::default()
        };
        self.writes(&format!("<@&{role}> {text}"), &extras)
    }

    /// Replies to the bot's newest message here, without mentioning it.
    pub fn replies_to_bot(&self, text: &str) -> String {
        let newest = self.double.read(|state| {
            let messages = &state.places.get(&self.place)?.messages;
            let newest = messages.iter().rev().find(|message| message.by_bot);
            newest.map(|message| message.json.clone())
        });
        let extras = Extras {
            reply_to: Some(newest.expect("the bot wrote here before")),
            ..Extras::default()
        };
        self.writes(text, &extras)
    }

    /// Sends a sticker without text.
    pub fn sends_sticker(&self) -> String {
        let sticker = json!([{ "id": "749054660769218631", "name": "Wave", "format_type": 3 }]);
        self.sends("sticker_items", sticker, 0)
    }

    /// Writes as an answer to a message of this place.
    pub(super) fn writes_as_reply(&self, to: &str, text: &str, files: &[Upload]) -> String {
        let id = to.parse::<Snowflake>().ok();
        let answered = self.double.read(|state| {
            let messages = &state.places.get(&self.place)?.messages;
            let found = messages.iter().find(|message| Some(message.id) == id);
            found.map(|message| message.json.clone())
        });
        let attachments = files.iter().map(|file| self.attached(file)).collect();
        let extras = Extras {
            reply_to: Some(answered.expect("a message of this place")),
            more: Some(("attachments", attachments)),
            ..Extras::default()
        };
        self.writes(text, &extras)
    }

    /// Sends files, with these words or none.
    pub fn uploads(&self, text: &str, files: &[Upload]) -> String {
        let attachments = files.iter().map(|file| self.attached(file)).collect();
        let voice = files.iter().any(|file| file.voice);
        let extras = Extras {
            more: Some(("attachments", attachments)),
            flags: if voice { 1 << 13 } else { 0 },
            ..Extras::default()
        };
        self.writes(text, &extras)
    }

    fn attached(&self, file: &Upload) -> Value {
        let id = self.double.change(|state| {
            let id = state.mint();
            state.files.insert(id, file.bytes.clone());
            id
        });
        let ours = format!("http://{}/api/v10/files/{id}", self.double.address);
        let url = file.url.clone().unwrap_or(ours);
        json!({
            "id": id.to_string(), "filename": file.name, "content_type": file.content_type,
            "size": file.claimed_size.unwrap_or(file.bytes.len()), "url": url, "proxy_url": url,
        })
    }

    /// Changes a message.
    pub fn edits(&self, message: &str, text: &str) {
        self.double.change(|state| {
            let at = state.mint();
            let message = message.parse().expect("a message's id");
            state.update((self.place, message), Some((text, at)));
        });
    }

    /// Discord adds the preview of a link to a message: an update that nobody wrote.
    pub fn link_is_unfurled(&self, message: &str) {
        let message = message.parse().expect("a message's id");
        self.double
            .change(|state| state.update((self.place, message), None));
    }

    /// The same person in the thread that was opened under this message.
    #[must_use]
    pub fn in_thread_under(&self, message: &str) -> Self {
        let place = message.parse().expect("a message's id");
        Self {
            place,
            ..self.clone()
        }
    }

    /// Waits until a thread was opened under this message; the same person in it.
    pub async fn wait_for_thread_under(&self, message: &str) -> Self {
        let inside = self.in_thread_under(message);
        let look = || {
            let open = |state: &State| state.places.contains_key(&inside.place);
            self.double.read(open).then_some(()).ok_or("no thread")
        };
        self.double.wait("a thread", look).await;
        inside
    }

    /// Starts a poll.
    pub fn sends_poll(&self) -> String {
        let poll = json!({
            "question": { "text": "Which lamp?" }, "allow_multiselect": false, "layout_type": 1,
            "answers": [{ "answer_id": 1, "poll_media": { "text": "Oak" } }],
            "expiry": "2026-12-01T00:00:00.000000+00:00",
        });
        self.sends("poll", poll, 0)
    }

    fn sends(&self, field: &'static str, value: Value, flags: u64) -> String {
        let extras = Extras {
            more: Some((field, value)),
            flags,
            ..Extras::default()
        };
        self.writes("", &extras)
    }

    fn writes(&self, text: &str, extras: &Extras) -> String {
        let id = self.double.change(|state| {
            let id = state.mint();
            let author = payload::user(self.user, &self.name, false);
            let mut json = payload::message(state, self.place, id, &author, text);
            payload::decorate(&mut json, state, extras);
            let content = text.to_owned();
            let message = Message {
                id,
                by_bot: false,
                content,
                loading: false,
                json,
            };
            state.post(self.place, message);
            id
        });
        id.to_string()
    }

    /// Sends the event of a message that was written here once more, as the gateway may.
    pub fn repeats(&self, message: &str) {
        self.double.change(|state| {
            let id = message.parse::<Snowflake>().ok();
            let room = state
                .places
                .get(&self.place)
                .expect("a place is never removed");
            let written = room.messages.iter().find(|known| Some(known.id) == id);
            let json = written.expect("a message of this place").json.clone();
            let intent = if matches!(room.kind, PlaceKind::Direct { .. }) {
                payload::DIRECT_MESSAGES
            } else {
                payload::GUILD_MESSAGES
            };
            state.dispatch("MESSAGE_CREATE", &json, intent);
        });
    }

    /// Gives a slash command in American English; returns the interaction's id.
    pub fn runs(&self, command: &str) -> String {
        self.runs_in(command, "en-US")
    }

    /// Gives a slash command from a client in this language (for example `zh-CN`).
    pub fn runs_in(&self, command: &str, locale: &str) -> String {
        let name = command.trim_start_matches('/').to_owned();
        self.asks(locale, |state, given| payload::command(state, given, &name))
    }

    /// Gives a slash command whose event lacks this field.
    pub fn runs_without(&self, command: &str, field: &str) -> String {
        let name = command.trim_start_matches('/').to_owned();
        self.asks("en-US", |state, given| {
            let mut json = payload::command(state, given, &name);
            json.as_object_mut().expect("an event").remove(field);
            json
        })
    }

    /// Presses the newest button that reads so; returns the interaction's id.
    pub fn presses(&self, label: &str) -> String {
        self.asks("en-US", |state, given| {
            let messages = &state.places[&given.place].messages;
            let buttons = messages
                .iter()
                .rev()
                .flat_map(|message| buttons_of(&message.json).map(move |it| (message, it)));
            let mut buttons = buttons.filter(|(_, button)| button["label"] == label);
            let (message, button) = buttons.next().expect("a button that reads so");
            let id = button["custom_id"].as_str().expect("a button's id");
            payload::press(state, given, id, &message.json)
        })
    }

    fn asks(&self, locale: &str, event: impl FnOnce(&State, &Given<'_>) -> Value) -> String {
        let id = self.double.change(|state| {
            let id = state.mint();
            let token = format!("interaction-token-{id}");
            let given = Given {
                id,
                token: &token,
                place: self.place,
                user: (self.user, self.name.as_str()),
                locale,
            };
            let json = event(state, &given);
            let open = OpenInteraction {
                id,
                place: self.place,
                under: json.pointer("/message/id").and_then(id_of),
                given_at: Instant::now(),
                reply: None,
                answered_after_ms: None,
            };
            state.interactions.insert(token, open);
            state.dispatch("INTERACTION_CREATE", &json, 0);
            id
        });
        id.to_string()
    }

    /// The embeds and buttons under the bot's messages here, as they stand now: titles first,
    /// then what stands on the buttons.
    pub fn sees_cards(&self) -> Vec<Vec<String>> {
        self.double.read(|state| {
            let room = state.places.get(&self.place);
            let messages = room.into_iter().flat_map(|room| &room.messages);
            let ours = messages.filter(|message| message.by_bot && !message.loading);
            ours.map(|message| card_of(&message.json)).collect()
        })
    }

    /// Which message each of the bot's messages here replies to.
    pub fn sees_replies_to(&self) -> Vec<Option<String>> {
        self.double.read(|state| {
            let room = state.places.get(&self.place);
            let messages = room.into_iter().flat_map(|room| &room.messages);
            let ours = messages.filter(|message| message.by_bot && !message.loading);
            let to = ours.map(|message| &message.json["message_reference"]["message_id"]);
            to.map(|to| to.as_str().map(str::to_owned)).collect()
        })
    }

    /// Blocks the bot: 403 with code 50007 from now on.
    pub fn blocks_the_bot(&self) {
        close(&self.double, self.place, Closed::Blocked);
    }

    /// The bot's messages in this place, oldest first, as they read now. A deferred reply that
    /// still reads "thinking…" is not one yet.
    pub fn sees(&self) -> Vec<String> {
        self.double.read(|state| {
            let room = state.places.get(&self.place);
            let messages = room.into_iter().flat_map(|room| &room.messages);
            let shown = messages.filter(|message| message.by_bot && !message.loading);
            shown.map(|message| message.content.clone()).collect()
        })
    }

    /// How many times typing was shown here.
    pub fn typing_seen(&self) -> usize {
        self.double
            .read(|state| state.places.get(&self.place).map_or(0, |room| room.typing))
    }

    /// Waits until what is seen here satisfies the condition, and returns it.
    pub async fn wait_for(&self, condition: impl Fn(&[String]) -> bool) -> Vec<String> {
        let what = format!("what {} sees", self.name);
        let enough = || {
            let seen = self.sees();
            if condition(&seen) {
                Ok(seen)
            } else {
                Err(seen)
            }
        };
        self.double.wait(&what, enough).await
    }

    /// Waits until this many messages are seen here.
    pub async fn wait_for_messages(&self, count: usize) -> Vec<String> {
        self.wait_for(|seen| seen.len() >= count).await
    }

    /// Waits until a message reads so.
    pub async fn wait_for_text(&self, text: &str) -> Vec<String> {
        self.wait_for(|seen| seen.iter().any(|message| message == text))
            .await
    }
}

fn id_of(value: &Value) -> Option<Snowflake> {
    value.as_str()?.parse().ok()
}

pub(super) fn buttons_of(message: &Value) -> impl Iterator<Item = &Value> {
    let rows = message["components"].as_array().into_iter().flatten();
    rows.flat_map(|row| row["components"].as_array().into_iter().flatten())
}

fn card_of(message: &Value) -> Vec<String> {
    let embeds = message["embeds"].as_array().into_iter().flatten();
    let titles = embeds.map(|embed| &embed["title"]);
    let labels = buttons_of(message).map(|button| &button["label"]);
    let texts = titles.chain(labels).filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// A file that a customer sends.
#[derive(Clone, Debug)]
pub struct Upload {
    name: String,
    content_type: String,
    bytes: Vec<u8>,
    voice: bool,
    claimed_size: Option<usize>,
    url: Option<String>,
}

impl Upload {
    /// A file of this name, type and content.
    pub fn new(name: &str, content_type: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            bytes: bytes.to_vec(),
            voice: false,
            claimed_size: None,
            url: None,
        }
    }

    /// A picture.
    pub fn picture() -> Self {
        Self::new("lamp.png", "image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    }

    /// A voice message.
    pub fn voice() -> Self {
        let voice = Self::new("voice-message.ogg", "audio/ogg", b"OggS\0\x02\0\0\0\0");
        Self {
            voice: true,
            ..voice
        }
    }

    /// The same with this content.
    #[must_use]
    pub fn holding(self, bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            ..self
        }
    }

    /// The event says that it is this large, in bytes.
    #[must_use]
    pub fn claims_size(self, bytes: usize) -> Self {
        Self {
            claimed_size: Some(bytes),
            ..self
        }
    }

    /// The event says that it lies here.
    #[must_use]
    pub fn lies_at(self, url: &str) -> Self {
        Self {
            url: Some(url.to_owned()),
            ..self
        }
    }
}
