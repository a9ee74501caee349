//! Where a desk is told what happens in a conversation: in a room of its own, which is opened with the
//! first word, and anew where somebody deleted it. A desk that is away is waited for, as long as it
//! takes: nothing that is said of a conversation is ever given up.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, ConversationId, OutboxEntry, RoomChange, Shown,
    desk::DeskBook,
    ports::{Channel, DeliveryError, KnownRooms, Post, Rooms, StoreError, WholeStore},
    split::split_verbatim,
};

use super::reconcile::{Reconciler, nonce};

/// What a room is called of whose conversation nothing is known any more.
const UNKNOWN: &str = "…";

/// The desks that this process reaches.
pub(super) struct Desk {
    pub(super) rooms: HashMap<ChannelName, Arc<dyn Rooms>>,
    pub(super) desks: DeskBook,
    pub(super) store: Arc<dyn WholeStore>,
}

impl Desk {
    /// Makes the room of an entry's conversation show it.
    pub(super) async fn show(
        &self,
        reconciler: &Reconciler,
        channel: &dyn Channel,
        entry: &mut OutboxEntry,
    ) -> Result<(), DeliveryError> {
        let (address, was_there) = match self.room_of(entry).await? {
            Some(room) => (room, true),
            None => (self.open(reconciler, channel, entry).await?, false),
        };
        let change = entry.relayed.as_ref().map(|it| it.room.clone());
        let change = change.filter(|_| was_there).unwrap_or_default();
        if change.open != Some(false) {
            self.change_room(&address, &change).await?;
        }
        let here = OutboxEntry {
            address: address.clone(),
            ..entry.clone()
        };
        match reconciler.show(channel, &here).await {
            Err(DeliveryError::Gone(why))
                if address != entry.address && self.is_deleted(&address, &why) =>
            {
                let parted = self.store.part(&address, entry.conversation).await;
                parted.map_err(unread)?;
                reconciler.board.forget(&entry.id);
                entry.shown.clear();
                Err(later("writing into a room that is gone", why))
            }
            Err(DeliveryError::Gone(why)) if !self.is_nobodys(&address, &why) => {
                Err(later("writing to a desk that is gone", why))
            }
            Ok(()) if change.open == Some(false) => self.change_room(&address, &change).await,
            shown => shown,
        }
    }

    /// Gives a room its title and closes or opens it. Only what says that it will work later is waited
    /// for: a room that has another title, or is open, serves as well.
    async fn change_room(&self, room: &Address, change: &RoomChange) -> Result<(), DeliveryError> {
        let Some(rooms) = self.rooms.get(&room.channel) else {
            return Ok(());
        };
        let named = match &change.title {
            Some(title) => rooms.name_room(room, title).await,
            None => Ok(()),
        };
        let set = match change.open {
            Some(open) => rooms.set_open(room, open).await,
            None => Ok(()),
        };
        for changed in [named, set] {
            match changed {
                Err(wait @ DeliveryError::Wait { .. }) => return Err(wait),
                Err(error) => tracing::debug!(%room, %error, "the room stays as it was"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    fn is_deleted(&self, room: &Address, why: &str) -> bool {
        let rooms = self.rooms.get(&room.channel);
        rooms.is_some_and(|rooms| rooms.is_deleted(why))
    }

    /// Whether it is a room that belonged to no conversation and is gone: nobody is left to read there.
    fn is_nobodys(&self, room: &Address, why: &str) -> bool {
        !self.desks.now().places.contains(room) && self.is_deleted(room, why)
    }

    /// The room, if there is one. What is said in a place that belongs to no conversation is answered
    /// there.
    async fn room_of(&self, entry: &OutboxEntry) -> Result<Option<Address>, DeliveryError> {
        let desk = &entry.address;
        let addresses = self.store.addresses(entry.conversation).await;
        let addresses = addresses.map_err(unread)?;
        let Some(rooms) = self.rooms.get(&desk.channel) else {
            return Ok(Some(desk.clone()));
        };
        // Whoever speaks where all of the team talk is answered there.
        let speaks_there = entry.relayed.as_ref().is_some_and(|it| it.from == *desk);
        if speaks_there || !self.desks.now().places.contains(desk) {
            return Ok(Some(desk.clone()));
        }
        Ok(addresses.into_iter().find(|it| rooms.holds(desk, it)))
    }

    /// Opens a room, with the entry that is made for that, or with what is known of the case.
    async fn open(
        &self,
        reconciler: &Reconciler,
        channel: &dyn Channel,
        entry: &OutboxEntry,
    ) -> Result<Address, DeliveryError> {
        let (desk, conversation) = (&entry.address, entry.conversation);
        let Some(rooms) = self.rooms.get(&desk.channel) else {
            return Ok(desk.clone());
        };
        let opens = entry.relayed.as_ref().and_then(|it| it.opens.as_ref());
        let (title, text) = match opens {
            Some(title) => (title.clone(), entry.text.clone()),
            None => self.case_of(conversation).await?,
        };
        let (title, text) = (or_unknown(title), or_unknown(text));
        let limit = channel.limits(desk).message_utf16_units;
        let mut parts = split_verbatim(&text, limit).into_iter();
        let text = parts.next().unwrap_or_default();
        let card = entry.card.as_ref().filter(|_| parts.next().is_none());
        let nonce = nonce(&["room", entry.id.as_str(), &desk.to_string()]);
        let post = Post {
            card,
            verbatim: true,
            ..Post::of(&text, &nonce)
        };
        let led = Led {
            store: &*self.store,
            conversation,
        };
        let opened = rooms.open_room((desk, &led), &title, post).await;
        let room = opened.map_err(|error| match error {
            wait @ DeliveryError::Wait { .. } => wait,
            error => later("opening a room", error),
        })?;
        if opens.is_some() {
            let shown = Shown {
                receipt: room.card,
                carded: card.is_some(),
                text,
            };
            reconciler.board.put(entry, 0, shown);
        }
        Ok(room.address)
    }

    /// Title and card of a conversation whose room was deleted.
    async fn case_of(
        &self,
        conversation: ConversationId,
    ) -> Result<(String, String), DeliveryError> {
        let session = self.store.open(conversation).await.map_err(unread)?.session;
        let case = session.and_then(|session| session.case);
        Ok(case.map_or_else(Default::default, |it| (it.title, it.card)))
    }
}

/// Leads what comes from a room to its conversation.
struct Led<'a> {
    store: &'a dyn WholeStore,
    conversation: ConversationId,
}

#[async_trait]
impl KnownRooms for Led<'_> {
    async fn opened(&self, room: &Address) -> Result<(), DeliveryError> {
        let led = self.store.lead(room, self.conversation).await;
        led.map_err(unread)
    }

    async fn gone(&self, room: &Address) {
        // Where it is not forgotten, the next try to write there finds that it is gone.
        if let Err(error) = self.store.part(room, self.conversation).await {
            tracing::debug!(error = %error, "a room that is gone was not forgotten");
        }
    }
}

fn or_unknown(text: String) -> String {
    if text.is_empty() {
        UNKNOWN.to_owned()
    } else {
        text
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
