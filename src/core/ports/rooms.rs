//! Where people work: a desk is a place on a platform that has a room for each conversation, a forum
//! topic on Telegram, a thread on Discord.

use async_trait::async_trait;

use crate::{Address, ChannelName, Receipt};

use super::{DeliveryError, Post};

/// The rooms of a desk. Messages in them are sent, changed and taken back as anywhere
/// ([`Channel`](super::Channel)), at the address of the room.
#[async_trait]
pub trait Rooms: Send + Sync {
    /// Which platform.
    fn name(&self) -> ChannelName;

    /// Whether an address is a room of this desk.
    fn holds(&self, desk: &Address, room: &Address) -> bool;

    /// Whether a place that is gone is gone for good, by what was told with [`DeliveryError::Gone`]:
    /// somebody deleted the room. Anything else may come back.
    fn is_deleted(&self, why: &str) -> bool;

    /// Opens a room at a desk and shows the card in it, pinned where the platform has pins. The room
    /// is told before the card is shown, so that nobody does anything in it that cannot be placed, and
    /// told again where it is gone because the card could not be shown.
    ///
    /// [`DeliveryError::Gone`] means that the desk itself is gone or that the bot has no right to
    /// open rooms there: nothing was opened.
    async fn open_room(
        &self,
        (desk, known): (&Address, &dyn KnownRooms),
        title: &str,
        card: Post<'_>,
    ) -> Result<Room, DeliveryError>;

    /// Gives a room another title. That it has that title is success.
    async fn name_room(&self, room: &Address, title: &str) -> Result<(), DeliveryError>;

    /// Closes a room, or opens it again. That it is so already is success.
    async fn set_open(&self, room: &Address, open: bool) -> Result<(), DeliveryError>;
}

/// Who is told of rooms as they come and go.
#[async_trait]
pub trait KnownRooms: Send + Sync {
    /// A room is there, and shows nothing yet.
    async fn opened(&self, room: &Address) -> Result<(), DeliveryError>;

    /// It is gone.
    async fn gone(&self, room: &Address);
}

/// A room that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Where it is.
    pub address: Address,
    /// The message that shows the card.
    pub card: Receipt,
}
