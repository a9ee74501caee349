//! Rooms of a desk: the topics of a forum.
//!
//! A topic is opened and then its card is sent. The pace that both need is asked for before either,
//! so that a topic is not opened only to wait for its card.

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Receipt,
    ports::{DeliveryError, KnownRooms, Post, Room, Rooms},
};
use serde_json::{Value, json};
use tracing::warn;

use super::{
    TelegramChannel, attached, delivery, outgoing,
    pace::Kind,
    place::{GENERAL_TOPIC, Place},
};
use crate::naming;

/// The longest title of a topic. The documentation says "characters"; UTF-16 units are safe.
const TITLE_UTF16_UNITS: usize = 128;

#[async_trait]
impl Rooms for TelegramChannel {
    fn name(&self) -> ChannelName {
        ChannelName::Telegram
    }

    fn holds(&self, desk: &Address, room: &Address) -> bool {
        let place = |address: &Address| outgoing::place_of(address).ok();
        let (Some(desk), Some(room)) = (place(desk), place(room)) else {
            return false;
        };
        let is_topic = room.thread.is_some() && room.user.is_none();
        is_topic && desk.chat == room.chat && desk.thread.is_none()
    }

    fn is_deleted(&self, why: &str) -> bool {
        let why = why.to_ascii_lowercase();
        ["thread not found", "topic_deleted", "topic_id_invalid"]
            .iter()
            .any(|words| why.contains(words))
    }

    /// Telegram knows no idempotency key: where the answer to the opening is lost, a topic without
    /// a card may stay behind.
    async fn open_room(
        &self,
        (desk, known): (&Address, &dyn KnownRooms),
        title: &str,
        card: Post<'_>,
    ) -> Result<Room, DeliveryError> {
        let desk = Place {
            thread: None,
            user: None,
            ..outgoing::place_of(desk)?
        };
        attached::check(card)?;
        self.turn(desk, Kind::Send).await?;
        self.turn(desk, Kind::Send).await?;
        let room = self.open_topic(desk, title).await?;
        let address = Address::new(ChannelName::Telegram, room.to_string());
        known.opened(&address).await?;
        match self.say(room, card).await {
            Ok(receipt) => {
                self.pin(room, &receipt).await;
                Ok(Room {
                    address,
                    card: receipt,
                })
            }
            Err(error) => {
                self.take_topic_back(room).await;
                known.gone(&address).await;
                Err(error)
            }
        }
    }

    async fn name_room(&self, room: &Address, title: &str) -> Result<(), DeliveryError> {
        let name = naming::title(title, TITLE_UTF16_UNITS);
        let named = json!({ "name": name });
        self.change_topic(room, ("editForumTopic", "naming a topic"), named)
            .await
    }

    async fn set_open(&self, room: &Address, open: bool) -> Result<(), DeliveryError> {
        let method = if open {
            ("reopenForumTopic", "reopening a topic")
        } else {
            ("closeForumTopic", "closing a topic")
        };
        self.change_topic(room, method, json!({})).await
    }
}

impl TelegramChannel {
    async fn open_topic(&self, desk: Place, title: &str) -> Result<Place, DeliveryError> {
        let name = naming::title(title, TITLE_UTF16_UNITS);
        let opening = json!({ "chat_id": desk.chat, "name": name });
        let opened = self.api.call("createForumTopic", &opening).await;
        let topic = delivery::topic(opened);
        let topic = topic.map_err(|failure| self.failed(desk, "opening a topic", failure))?;
        Ok(Place {
            thread: Some(topic),
            ..desk
        })
    }

    /// A room without its card tells nobody anything, and the next try opens another one.
    async fn take_topic_back(&self, room: Place) {
        let topic = json!({ "chat_id": room.chat, "message_thread_id": room.thread });
        if let Err(failure) = self.api.call("deleteForumTopic", &topic).await {
            let error = self.failed(room, "taking a topic back", failure);
            warn!(%error, "a topic without a card stays at the desk");
        }
    }

    /// A room works without its pin.
    async fn pin(&self, room: Place, card: &Receipt) {
        let pin = json!({
            "chat_id": room.chat, "message_id": card.0.parse::<i32>().ok(),
            "disable_notification": true,
        });
        if let Err(failure) = self.api.call("pinChatMessage", &pin).await {
            let error = self.failed(room, "pinning a card", failure);
            warn!(%error, "the card at the desk is not pinned");
        }
    }

    async fn change_topic(
        &self,
        room: &Address,
        (method, what): (&str, &'static str),
        mut change: Value,
    ) -> Result<(), DeliveryError> {
        let room = outgoing::place_of(room)?;
        let topic = room.thread.filter(|topic| *topic != GENERAL_TOPIC);
        let Some(topic) = topic else {
            return Err(DeliveryError::Refused(format!("`{room}` is no topic")));
        };
        self.turn(room, Kind::Send).await?;
        change["chat_id"] = json!(room.chat);
        change["message_thread_id"] = json!(topic);
        match self.api.call(method, &change).await {
            Err(failure) if !delivery::is_same_topic(&failure) => {
                Err(self.failed(room, what, failure))
            }
            _ => Ok(()),
        }
    }
}
