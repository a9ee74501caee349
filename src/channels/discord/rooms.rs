//! Rooms of a desk: the threads of a text channel, or the posts of a forum.
//!
//! Which of both a desk is, Discord is asked once; a desk that refuses a room is asked again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Receipt,
    ports::{DeliveryError, KnownRooms, Post, Room, Rooms},
};
use serde_json::{Value, json};
use serenity::all::{ChannelId, MessageId};
use tracing::warn;

use super::{
    DiscordChannel,
    api::Looked,
    outgoing::{bare, check_file, first_content, place_of, undelivered, warn_left_out},
    place::Place,
    rest::Failure,
};
use crate::naming;

/// The longest title of a thread. Discord counts characters; UTF-16 units never exceed it.
const TITLE_UTF16_UNITS: usize = 100;
/// After a week of silence, the longest time that there is, a thread leaves the list of open ones.
/// Whatever is written in it brings it back.
const OPEN_MINUTES: u32 = 10_080;

/// Types of channels and threads (the reference's "Channel Types").
const TEXT: u8 = 0;
const ANNOUNCEMENTS: u8 = 5;
const ANNOUNCEMENT_THREAD: u8 = 10;
const PUBLIC_THREAD: u8 = 11;
const FORUM: u8 = 15;
const MEDIA: u8 = 16;
/// A forum whose posts must have a tag (the reference's "Channel Flags").
const REQUIRES_TAG: u64 = 1 << 4;

/// What the desks are that were asked for rooms.
#[derive(Debug, Default)]
pub(super) struct Desks(Mutex<HashMap<ChannelId, Kind>>);

/// How a desk has rooms.
#[derive(Clone, Debug)]
enum Kind {
    /// As threads of this type.
    Threads(u8),
    /// As posts, with this tag where one is required.
    Posts(Option<String>),
}

impl Desks {
    fn get(&self, desk: ChannelId) -> Option<Kind> {
        self.lock().get(&desk).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ChannelId, Kind>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind {
    /// `None` for a channel that has no rooms.
    fn of(channel: Looked) -> Option<Self> {
        match channel.kind {
            TEXT => Some(Self::Threads(PUBLIC_THREAD)),
            ANNOUNCEMENTS => Some(Self::Threads(ANNOUNCEMENT_THREAD)),
            FORUM | MEDIA => {
                let required = channel.flags & REQUIRES_TAG != 0;
                let tags = channel.available_tags.into_iter();
                let tag = tags.min_by_key(|tag| tag.moderated).map(|tag| tag.id);
                Some(Self::Posts(tag.filter(|_| required)))
            }
            _ => None,
        }
    }
}

#[async_trait]
impl Rooms for DiscordChannel {
    fn name(&self) -> ChannelName {
        ChannelName::Discord
    }

    fn holds(&self, desk: &Address, room: &Address) -> bool {
        let places = Place::of(room).zip(Place::of(desk));
        places.is_some_and(|(room, desk)| room.is_room_of(desk))
    }

    fn is_deleted(&self, why: &str) -> bool {
        why.to_ascii_lowercase().contains("unknown channel")
    }

    /// Discord knows no idempotency key for threads: where the answer to the opening is lost, one
    /// without a card may stay behind.
    async fn open_room(
        &self,
        (desk, known): (&Address, &dyn KnownRooms),
        title: &str,
        card: Post<'_>,
    ) -> Result<Room, DeliveryError> {
        check_file(card)?;
        let desk = place_of(desk)?.channel;
        let title = naming::title(title, TITLE_UTF16_UNITS);
        let opened = match self.kind_of(desk).await? {
            Kind::Threads(kind) => {
                self.open_thread_with((desk, kind), known, &title, card)
                    .await
            }
            Kind::Posts(tag) => self.open_post((desk, known), (&title, tag), card).await,
        };
        if let Err(DeliveryError::Gone(_) | DeliveryError::Refused(_)) = &opened {
            self.desks.lock().remove(&desk);
        }
        let (room, message) = opened?;
        Ok(Room {
            address: Place::room(desk, room).address(),
            card: Receipt(message.to_string()),
        })
    }

    async fn name_room(&self, room: &Address, title: &str) -> Result<(), DeliveryError> {
        let room = place_of(room)?.channel;
        let name = naming::title(title, TITLE_UTF16_UNITS);
        let named = self.api.change_room(room, json!({ "name": name })).await;
        let named = match named {
            Err(failure) if failure.is_of_a_closed_thread() => self.name_closed(room, &name).await,
            named => named,
        };
        named.map_err(|failure| failure.delivery("naming a thread"))
    }

    async fn set_open(&self, room: &Address, open: bool) -> Result<(), DeliveryError> {
        let room = place_of(room)?.channel;
        let set = self.set_thread_open(room, open).await;
        set.map_err(|failure| failure.delivery("closing or opening a thread"))
    }
}

type Opened = Result<(ChannelId, MessageId), DeliveryError>;

impl DiscordChannel {
    async fn kind_of(&self, desk: ChannelId) -> Result<Kind, DeliveryError> {
        if let Some(known) = self.desks.get(desk) {
            return Ok(known);
        }
        let looked = self.api.look(desk).await;
        let looked = looked.map_err(|failure| failure.delivery("looking at a desk"))?;
        let Some(kind) = Kind::of(looked) else {
            let what = format!("`{desk}` is neither a text channel nor a forum");
            return Err(DeliveryError::Refused(what));
        };
        self.desks.lock().insert(desk, kind.clone());
        Ok(kind)
    }

    /// A thread under no message, and the card as a message in it.
    async fn open_thread_with(
        &self,
        (desk, kind): (ChannelId, u8),
        known: &dyn KnownRooms,
        title: &str,
        card: Post<'_>,
    ) -> Opened {
        let opening = json!({
            "name": title, "type": kind, "auto_archive_duration": OPEN_MINUTES,
        });
        let opened = self.api.open_room(desk, opening, None).await;
        let room = opened
            .map_err(|failure| failure.delivery("opening a thread"))?
            .id;
        let place = Place::room(desk, room);
        self.desk_rooms.is_below(room, Some(desk));
        known.opened(&place.address()).await?;
        match self.post_as_allowed(place, card).await {
            Ok(message) => {
                self.pin_card(room, message).await;
                Ok((room, message))
            }
            Err(failure) => {
                self.take_back(room).await;
                known.gone(&place.address()).await;
                Err(undelivered(failure, card))
            }
        }
    }

    /// A post, whose first message is the card. It stands on top, so it needs no pin.
    async fn open_post(
        &self,
        (desk, known): (ChannelId, &dyn KnownRooms),
        (title, tag): (&str, Option<String>),
        card: Post<'_>,
    ) -> Opened {
        let tags = tag.map(|tag| [tag]);
        let opening = |card| opening_of(title, tags.as_ref(), card);
        let opened = match self.api.open_room(desk, opening(card), card.file).await {
            Err(failure) if card.card.is_some() && failure.may_be_of_the_card() => {
                warn_left_out("a card", &failure);
                let opening = opening(bare(card));
                self.api.open_room(desk, opening, card.file).await
            }
            opened => opened,
        };
        let room = opened.map_err(|failure| undelivered(failure, card))?.id;
        self.desk_rooms.is_below(room, Some(desk));
        known.opened(&Place::room(desk, room).address()).await?;
        // A post's first message has the number of the post.
        Ok((room, MessageId::new(room.get())))
    }

    /// A room works without its pin.
    async fn pin_card(&self, room: ChannelId, card: MessageId) {
        if let Err(failure) = self.api.pin(room, card).await {
            warn!(
                channel = "discord",
                ?failure,
                "the card at the desk is not pinned"
            );
        }
    }

    /// A room without its card tells nobody anything, and the next try opens another one.
    async fn take_back(&self, room: ChannelId) {
        if let Err(failure) = self.api.delete_room(room).await {
            warn!(
                channel = "discord",
                ?failure,
                "a thread without a card stays at the desk"
            );
        }
    }

    /// A closed thread is locked too, or whoever writes in it opens it. The bot closes its own
    /// threads without any right, but locks them only with *Manage Threads*.
    async fn set_thread_open(&self, room: ChannelId, open: bool) -> Result<(), Failure> {
        let both = json!({ "archived": !open, "locked": !open });
        match self.api.change_room(room, both).await {
            Err(failure) if failure.is_of_missing_rights() => {
                let alone = json!({ "archived": !open });
                self.api.change_room(room, alone).await
            }
            set => set,
        }
    }

    /// Discord names no thread that is closed. It is locked, or not, as it was before.
    async fn name_closed(&self, room: ChannelId, name: &str) -> Result<(), Failure> {
        let named = json!({ "name": name, "archived": false });
        self.api.change_room(room, named).await?;
        let closed = json!({ "archived": true });
        self.api.change_room(room, closed).await
    }
}

fn opening_of(title: &str, tags: Option<&[String; 1]>, card: Post<'_>) -> Value {
    let mut opening = json!({
        "name": title, "auto_archive_duration": OPEN_MINUTES, "message": first_content(card),
    });
    if let Some(tags) = tags {
        opening["applied_tags"] = json!(tags);
    }
    opening
}
