//! A message, of which only the few fields that are needed are read, and what it asks of us. In a
//! group the bot answers only who speaks to it: by a mention, a reply or a command.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use consultant_core::{Command, InboundEvent, Unsupported};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    files::{self, Hanging},
    mention::{self, Entity},
    place::{GENERAL_TOPIC, Place},
};

/// The bot itself, as getMe tells it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Me {
    /// Its user id.
    pub(super) id: i64,
    /// Its name without the at sign.
    pub(super) username: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Message {
    #[serde(rename = "message_id")]
    pub(super) number: i64,
    pub(super) date: i64,
    pub(super) edit_date: Option<i64>,
    pub(super) chat: Chat,
    pub(super) from: Option<User>,
    #[serde(rename = "message_thread_id")]
    thread: Option<i32>,
    #[serde(rename = "is_topic_message", default)]
    in_topic: bool,
    #[serde(default)]
    is_automatic_forward: bool,
    #[serde(rename = "reply_to_message")]
    replied: Option<Replied>,
    #[serde(rename = "media_group_id")]
    pub(super) album: Option<String>,
    pub(super) migrate_to_chat_id: Option<i64>,
    pub(super) migrate_from_chat_id: Option<i64>,
    text: Option<String>,
    #[serde(default)]
    entities: Vec<Entity>,
    caption: Option<String>,
    #[serde(default)]
    caption_entities: Vec<Entity>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    is_forum: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: i64,
    pub(super) is_bot: bool,
    pub(super) language_code: Option<String>,
    pub(super) first_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Replied {
    message_id: Option<i64>,
    from: Option<User>,
    forum_topic_created: Option<Value>,
}

/// Contents that no file or place could be made of, the more telling key first.
const CONTENTS: [(&str, Unsupported); 20] = [
    ("sticker", Unsupported::Sticker),
    ("dice", Unsupported::Sticker),
    ("photo", Unsupported::Picture),
    ("live_photo", Unsupported::Picture),
    ("voice", Unsupported::Voice),
    ("audio", Unsupported::Voice),
    ("animation", Unsupported::Video),
    ("video", Unsupported::Video),
    ("video_note", Unsupported::Video),
    ("document", Unsupported::File),
    ("venue", Unsupported::Location),
    ("location", Unsupported::Location),
    ("poll", Unsupported::Poll),
    ("contact", Unsupported::Contact),
    ("paid_media", Unsupported::Other),
    ("story", Unsupported::Other),
    ("game", Unsupported::Other),
    ("checklist", Unsupported::Other),
    ("rich_message", Unsupported::Other),
    ("web_app_data", Unsupported::Other),
];

/// Albums in groups whose words spoke to the bot: their other parts have no words.
#[derive(Debug, Default)]
pub(super) struct Albums(Mutex<VecDeque<String>>);

/// How many albums are remembered. Their parts come within seconds.
const ALBUMS_REMEMBERED: usize = 256;

impl Albums {
    fn holds(&self, album: &str) -> bool {
        self.lock().iter().any(|known| known == album)
    }

    fn remember(&self, album: &str) {
        if self.holds(album) {
            return;
        }
        let mut known = self.lock();
        if known.len() >= ALBUMS_REMEMBERED {
            known.pop_front();
        }
        known.push_back(album.to_owned());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chat {
    pub(super) fn is_private(&self) -> bool {
        self.kind == "private"
    }

    fn is_group(&self) -> bool {
        matches!(self.kind.as_str(), "group" | "supergroup")
    }
}

impl Message {
    /// Where this person talks with the bot; `None` in a channel, where nobody does.
    pub(super) fn place(&self, person: i64) -> Option<Place> {
        if !self.chat.is_private() && !self.chat.is_group() {
            return None;
        }
        let topic = self.thread.filter(|_| self.in_topic);
        Some(Place {
            chat: self.chat.id,
            // Some clients' messages in the General topic carry no thread at all.
            thread: topic.or(self.chat.is_forum.then_some(GENERAL_TOPIC)),
            user: self.chat.is_group().then_some(person),
        })
    }

    /// The topic of a forum in which it stands; the General one where it names none.
    pub(super) fn topic(&self) -> Option<i32> {
        let topic = self.thread.filter(|_| self.in_topic);
        topic.or(Some(GENERAL_TOPIC))
    }

    /// Its words as they stand there.
    pub(super) fn plain_words(&self) -> Option<&str> {
        self.words().map(|(words, _)| words)
    }

    /// What hangs on it.
    pub(super) fn hanging(&self) -> Option<Hanging> {
        files::hanging(&self.rest)
    }

    /// The message that it answers. In a forum every message of a topic "answers" the one that made
    /// the topic, which is none.
    pub(super) fn quoted(&self) -> Option<i64> {
        let replied = self.replied.as_ref();
        let replied = replied.filter(|it| it.forum_topic_created.is_none());
        replied?.message_id
    }

    /// What it asks of us, and what hangs on it; `None` where it asks nothing.
    pub(super) fn event(
        &self,
        me: &Me,
        albums: &Albums,
    ) -> Option<(InboundEvent, Option<Hanging>)> {
        if self.is_automatic_forward {
            return None;
        }
        let hanging = files::hanging(&self.rest);
        let Some((text, entities)) = self.words() else {
            let addressed = self.chat.is_private() || self.replies_to(me) || self.is_part(albums);
            let event = match &hanging {
                Some(_) => InboundEvent::says(""),
                None => InboundEvent::Unsupported {
                    what: self.content()?,
                },
            };
            return addressed.then_some((event, hanging));
        };
        let (text, mentioned) = mention::strip(text, entities, me);
        if let (Some(command), None) = (command(&text, me), &hanging) {
            return Some((InboundEvent::Command { command }, None));
        }
        let addressed = self.chat.is_private() || self.speaks_to(&text, mentioned, me, albums);
        addressed.then(|| (InboundEvent::says(text), hanging))
    }

    /// The words of an edit that speaks to the bot.
    pub(super) fn edited_words(&self, me: &Me, albums: &Albums) -> Option<String> {
        let (text, entities) = self.words()?;
        let (text, mentioned) = mention::strip(text, entities, me);
        let addressed = self.chat.is_private()
            || command(&text, me).is_some()
            || self.speaks_to(&text, mentioned, me, albums);
        addressed.then_some(text)
    }

    fn speaks_to(&self, text: &str, mentioned: bool, me: &Me, albums: &Albums) -> bool {
        if self.is_automatic_forward || mention::command_is_anothers(text, me) {
            return false;
        }
        let addressed = mentioned
            || self.replies_to(me)
            || mention::command_is_ours(text, me)
            || self.is_part(albums);
        if let (true, Some(album)) = (addressed, &self.album) {
            albums.remember(album);
        }
        addressed
    }

    fn is_part(&self, albums: &Albums) -> bool {
        self.album.as_ref().is_some_and(|album| albums.holds(album))
    }

    fn words(&self) -> Option<(&str, &[Entity])> {
        match (&self.text, &self.caption) {
            (Some(text), _) => Some((text, &self.entities)),
            (None, Some(caption)) => Some((caption, &self.caption_entities)),
            (None, None) => None,
        }
    }

    /// In a forum every message of a topic "replies" to the message that created the topic; when
    /// the bot made the topic, that is no word to the bot.
    fn replies_to(&self, me: &Me) -> bool {
        self.replied.as_ref().is_some_and(|replied| {
            replied.forum_topic_created.is_none()
                && replied.from.as_ref().is_some_and(|user| user.id == me.id)
        })
    }

    /// What a message without words holds; `None` for service messages (joins, pins, topics…).
    pub(super) fn content(&self) -> Option<Unsupported> {
        CONTENTS
            .iter()
            .find(|(key, _)| self.rest.contains_key(*key))
            .map(|(_, what)| *what)
    }
}

fn command(text: &str, me: &Me) -> Option<Command> {
    let (name, bot) = mention::command(text)?;
    let ours = bot.is_none_or(|bot| bot.eq_ignore_ascii_case(&me.username));
    Command::from_name(name).filter(|_| ours)
}
