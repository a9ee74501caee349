//! The double's handle as people use it: a customer in a place, who writes and sees.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    Inner,
    payload::{self, Extras},
    state::{Closed, Message, OpenInteraction, PlaceKind, Snowflake},
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

    /// Deletes the place: 404 from now on.
    pub fn is_deleted(&self) {
        close(&self.double, self.place, Closed::Deleted);
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

    /// Sends a picture without text.
    pub fn sends_picture(&self) -> String {
        self.sends("attachments", attachment("lamp.png", "image/png"), 0)
    }

    /// Sends a voice message.
    pub fn sends_voice(&self) -> String {
        let voice = attachment("voice-message.ogg", "audio/ogg");
        self.sends("attachments", voice, 1 << 13)
    }

    /// Sends a file without text.
    pub fn sends_file(&self) -> String {
        self.sends("attachments", attachment("order.pdf", "application/pdf"), 0)
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

    /// Gives a slash command in American English; returns the interaction's id.
    pub fn runs(&self, command: &str) -> String {
        self.runs_in(command, "en-US")
    }

    /// Gives a slash command from a client in this language (for example `zh-CN`).
    pub fn runs_in(&self, command: &str, locale: &str) -> String {
        let name = command.trim_start_matches('/');
        let id = self.double.change(|state| {
            let id = state.mint();
            let token = format!("interaction-token-{id}");
            let user = (self.user, self.name.as_str());
            let (key, given) = ((id, token.as_str()), (name, locale));
            let json = payload::command(state, key, self.place, user, given);
            let open = OpenInteraction {
                id,
                place: self.place,
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

fn attachment(name: &str, content_type: &str) -> Value {
    json!([{
        "id": "1100000000000000001", "filename": name, "size": 4711, "content_type": content_type,
        "url": "http://127.0.0.1:9/file", "proxy_url": "http://127.0.0.1:9/file",
    }])
}
