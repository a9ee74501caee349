//! A desk in terminals: `consultant desk` beside `consultant serve`, for teams that have a shell on the
//! machine, and to try a desk out without accounts on a platform.
//!
//! The bot holds the door ([`door`]), a Unix socket that only its own user can open. What is delivered
//! to a room is delivered when a terminal says that it stands on its screen ([`hub`]): while nobody has
//! one open it waits in the store, as for a platform that is away, and a terminal that dies takes
//! nothing with it. What an agent writes is an inbound like any other ([`visit`]). Rooms are numbers;
//! what stands in them is read in the store ([`rooms`]).
//!
//! It is a platform of its own, apart from the terminal in which somebody talks to the bot: that one
//! shows whatever is addressed to it, and must never be handed what is for colleagues.

pub mod lines;
pub mod wire;

mod door;
mod files;
mod hub;
mod log;
mod rooms;
mod visit;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Receipt,
    desk::DeskBook,
    ports::{
        Channel, ChannelLimits, Clock, DeliveryError, Intake, KnownRooms, MediaStore, Post,
        Preview, Room, Rooms, WholeStore,
    },
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    door::Door,
    hub::Hub,
    rooms::{Numbers, address_of, number_of, unread},
    visit::{Visiting, attend},
    wire::Told,
};
use crate::{ChannelError, naming};

pub use door::{FOLDER, socket_in};
pub use files::KeptAt;
pub use rooms::HERE;

/// What a message may hold, in UTF-16 units: what a person still scrolls through.
const MESSAGE_UTF16_UNITS: usize = 16_000;

/// The longest title of a room.
const TITLE_UTF16_UNITS: usize = 128;

/// Terminals that may be open at once: more than a team has, and a bound on whoever opens them in a
/// loop.
const MOST_VISITS: usize = 64;

/// How long to wait where no terminal can be let in, as where the process has no more files.
const PAUSE_AT_THE_DOOR: std::time::Duration = std::time::Duration::from_secs(1);

/// Where the desk is, and what it takes.
#[derive(Clone)]
pub struct TerminalDeskSettings {
    /// The folder of the socket.
    pub folder: PathBuf,
    /// The largest file that an agent may send.
    pub max_file_bytes: u64,
    /// Where customers' files are kept.
    pub kept_at: KeptAt,
}

/// What the desk needs of the house.
#[derive(Clone)]
pub struct TerminalDeskHouse {
    /// What rooms there are, and what stands in them.
    pub store: Arc<dyn WholeStore>,
    /// Who may come in.
    pub desks: DeskBook,
    /// Keeps what agents send.
    pub media: Arc<dyn MediaStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A desk in terminals.
pub struct TerminalDesk {
    settings: TerminalDeskSettings,
    house: TerminalDeskHouse,
    /// Until it is held by whoever lets terminals in.
    door: Mutex<Option<Door>>,
    hub: Hub,
    numbers: Numbers,
}

impl TerminalDesk {
    /// Opens the door. Nobody is let in before [`TerminalDesk::run`].
    pub fn open(
        settings: TerminalDeskSettings,
        house: TerminalDeskHouse,
    ) -> Result<Self, ChannelError> {
        Ok(Self {
            door: Mutex::new(Some(Door::open(&settings.folder)?)),
            settings,
            house,
            hub: Hub::default(),
            numbers: Numbers::default(),
        })
    }

    /// Lets terminals in until `stop`, and shuts the door.
    pub async fn run(
        self: Arc<Self>,
        intake: Arc<dyn Intake>,
        stop: CancellationToken,
    ) -> Result<(), ChannelError> {
        let Some(door) = self.take_door() else {
            return Ok(());
        };
        let visits = TaskTracker::new();
        while let Some(came) = stop.run_until_cancelled(door.next()).await {
            match came {
                Ok(stream) if visits.len() < MOST_VISITS => {
                    let visiting = Visiting {
                        desk: Arc::clone(&self),
                        intake: Arc::clone(&intake),
                    };
                    visits.spawn(attend(visiting, stream, stop.clone()));
                }
                Ok(_) => log::too_many(),
                Err(error) => {
                    log::not_let_in(&error);
                    stop.run_until_cancelled(tokio::time::sleep(PAUSE_AT_THE_DOOR))
                        .await;
                }
            }
        }
        self.hub.close();
        visits.close();
        visits.wait().await;
        Ok(())
    }

    fn take_door(&self) -> Option<Door> {
        let mut door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        door.take()
    }

    /// The next room of this desk, in which nothing stands yet.
    async fn next_room(&self) -> Result<u64, DeliveryError> {
        let next = self.numbers.next(&*self.house.store).await;
        next.map_err(unread)
    }
}

#[async_trait]
impl Channel for TerminalDesk {
    fn name(&self) -> ChannelName {
        ChannelName::TerminalDesk
    }

    fn limits(&self, _: &Address) -> ChannelLimits {
        ChannelLimits {
            message_utf16_units: MESSAGE_UTF16_UNITS,
            preview: Preview::No,
            typing_interval: None,
        }
    }

    async fn send(&self, to: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError> {
        self.hub.somebody().await?;
        let store = &*self.house.store;
        let room = rooms::name_of(store, to).await?;
        let file = match post.file {
            Some(file) => Some(files::shown(store, (to, &self.settings.kept_at), file).await),
            None => None,
        };
        // The same message has the same name whenever it is sent again: a terminal that shows it
        // already does not show it twice.
        let message = post.nonce.to_owned();
        let shown = self.hub.show(|receipt| Told::Line {
            receipt,
            message: message.clone(),
            room,
            text: post.text.to_owned(),
            file,
        });
        shown.await?;
        Ok(Receipt(message))
    }

    async fn edit(
        &self,
        to: &Address,
        receipt: &Receipt,
        post: Post<'_>,
    ) -> Result<(), DeliveryError> {
        let room = rooms::name_of(&*self.house.store, to).await?;
        let message = receipt.0.clone();
        let text = post.text.to_owned();
        self.hub
            .show(|receipt| Told::Changed {
                receipt,
                message,
                room,
                text,
            })
            .await
    }

    async fn delete(&self, to: &Address, receipt: &Receipt) -> Result<(), DeliveryError> {
        let room = rooms::name_of(&*self.house.store, to).await?;
        let message = receipt.0.clone();
        self.hub
            .show(|receipt| Told::TakenBack {
                receipt,
                message,
                room,
            })
            .await
    }

    async fn draft(&self, _: &Address, _: Post<'_>) -> Result<(), DeliveryError> {
        Err(DeliveryError::Refused(
            "the terminal desk has no drafts".to_owned(),
        ))
    }

    async fn typing(&self, _: &Address) -> Result<(), DeliveryError> {
        Ok(())
    }
}

#[async_trait]
impl Rooms for TerminalDesk {
    fn name(&self) -> ChannelName {
        ChannelName::TerminalDesk
    }

    fn holds(&self, desk: &Address, room: &Address) -> bool {
        desk.channel == ChannelName::TerminalDesk && desk.place == HERE && number_of(room).is_some()
    }

    /// A room is a number: nobody deletes it.
    fn is_deleted(&self, _: &str) -> bool {
        false
    }

    /// No room is opened while nobody would see its card, so that the numbers do not run away.
    async fn open_room(
        &self,
        (_, known): (&Address, &dyn KnownRooms),
        title: &str,
        card: Post<'_>,
    ) -> Result<Room, DeliveryError> {
        self.hub.somebody().await?;
        let number = self.next_room().await?;
        let address = address_of(number);
        known.opened(&address).await?;
        let room = rooms::room_at(&*self.house.store, number).await?;
        let message = card.nonce.to_owned();
        let shown = self.hub.show(|receipt| Told::Opened {
            receipt,
            message: message.clone(),
            room,
            title: naming::title(title, TITLE_UTF16_UNITS),
            card: card.text.to_owned(),
        });
        if let Err(error) = shown.await {
            known.gone(&address).await;
            return Err(error);
        }
        Ok(Room {
            address,
            card: Receipt(message),
        })
    }

    async fn name_room(&self, _: &Address, _: &str) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn set_open(&self, _: &Address, _: bool) -> Result<(), DeliveryError> {
        Ok(())
    }
}
