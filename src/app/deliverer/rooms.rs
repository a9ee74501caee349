//! Where a desk is told what happens in a conversation: in a room of its own, which is opened with the
//! first word, and anew where somebody deleted it. A desk that is away is waited for, as long as it
//! takes: nothing for it is ever given up.

use std::{collections::HashMap, sync::Arc};

use consultant_core::{
    Address, Button, Card, ChannelName, ConversationId, Language, OutboxEntry, Press,
    desk::DeskBook,
    ports::{Channel, DeliveryError, Post, Rooms, StoreError, WholeStore},
    wording,
};

use super::reconcile::{Reconciler, nonce};

/// What a room is called of whose conversation nothing is known any more.
const UNKNOWN: &str = "…";

/// The desks that this process reaches.
pub(super) struct Desk {
    pub(super) rooms: HashMap<ChannelName, Arc<dyn Rooms>>,
    pub(super) desks: DeskBook,
    pub(super) store: Arc<dyn WholeStore>,
    pub(super) language: Language,
}

impl Desk {
    /// Makes the room of an entry's conversation show it.
    pub(super) async fn show(
        &self,
        reconciler: &Reconciler,
        channel: &dyn Channel,
        entry: &mut OutboxEntry,
    ) -> Result<(), DeliveryError> {
        let address = self.room_of(entry).await?;
        let here = OutboxEntry {
            address: address.clone(),
            ..entry.clone()
        };
        match reconciler.show(channel, &here).await {
            Err(DeliveryError::Gone(why)) if address != entry.address => {
                let parted = self.store.part(&address, entry.conversation).await;
                parted.map_err(unread)?;
                reconciler.board.forget(&entry.id);
                entry.shown.clear();
                Err(later("writing into a room that is gone", why))
            }
            Err(DeliveryError::Gone(why)) => Err(later("writing to a desk that is gone", why)),
            shown => shown,
        }
    }

    /// The room; one is opened where there is none. What is said in a place that belongs to no
    /// conversation is answered there.
    async fn room_of(&self, entry: &OutboxEntry) -> Result<Address, DeliveryError> {
        let desk = &entry.address;
        let Some(rooms) = self.rooms.get(&desk.channel) else {
            return Ok(desk.clone());
        };
        let addresses = self.store.addresses(entry.conversation).await;
        let addresses = addresses.map_err(unread)?;
        if addresses.contains(desk) {
            return Ok(desk.clone());
        }
        match addresses.into_iter().find(|room| rooms.holds(desk, room)) {
            Some(room) => Ok(room),
            None => self.open(&**rooms, desk, entry.conversation).await,
        }
    }

    async fn open(
        &self,
        rooms: &dyn Rooms,
        desk: &Address,
        conversation: ConversationId,
    ) -> Result<Address, DeliveryError> {
        let session = self.store.open(conversation).await.map_err(unread)?.session;
        let case = session.and_then(|session| session.case);
        let or_unknown = |text: String| {
            if text.is_empty() {
                UNKNOWN.to_owned()
            } else {
                text
            }
        };
        let (title, text) = case.map_or_else(Default::default, |it| (it.title, it.card));
        let card = self.buttons();
        let nonce = nonce(&["room", &conversation.to_string(), &desk.to_string()]);
        let (title, text) = (or_unknown(title), or_unknown(text));
        let post = Post {
            card: Some(&card),
            verbatim: true,
            ..Post::of(&text, &nonce)
        };
        let opened = rooms.open_room(desk, &title, post).await;
        let room = opened.map_err(|error| match error {
            wait @ DeliveryError::Wait { .. } => wait,
            error => later("opening a room", error),
        })?;
        let led = self.store.lead(&room.address, conversation).await;
        led.map_err(unread)?;
        Ok(room.address)
    }

    fn buttons(&self) -> Card {
        let presses = [Press::Take, Press::HandBack, Press::Close, Press::Why];
        let labels = wording::desk_buttons(self.language);
        let buttons = labels.into_iter().zip(presses);
        Card {
            title: String::new(),
            price: None,
            picture_url: None,
            buttons: buttons
                .map(|(label, press)| Button {
                    label: label.to_owned(),
                    press,
                })
                .collect(),
        }
    }
}

/// A desk is never given up: whatever it says, it is asked again.
fn later(
    what: &'static str,
    why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> DeliveryError {
    DeliveryError::Retry {
        what,
        source: why.into(),
    }
}

pub(super) fn unread(error: StoreError) -> DeliveryError {
    later("reading where a conversation takes place", error)
}
