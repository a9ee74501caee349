//! Discord: the gateway in through serenity, the REST API out through a client of our own.
//!
//! What surprises: serenity keeps no order, repeats nothing that it lost, and can go deaf without
//! a word. So every event is heard by a collector that keeps arrival order and by a raw handler
//! that misses none ([`ears`]); one clerk hands them to the engine one by one, and fetches what
//! a lost session missed ([`clerk`]); and a watchdog builds the client anew when the gateway
//! falls silent ([`listen`]). Start reading at [`DiscordChannel::connect`].

mod acks;
mod api;
mod asked;
mod at_desk;
mod bookmarks;
mod card;
mod clerk;
mod commands;
mod desk_rooms;
mod ears;
mod files;
mod listen;
mod literal;
mod memory;
mod outgoing;
mod pace;
mod place;
mod quarters;
mod reading;
mod recent;
mod reference;
mod rest;
mod rooms;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use consultant_core::ports::{Intake, MediaStore, Places};
use secrecy::SecretString;
use serenity::all::UserId;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::{
    acks::Acks,
    api::Api,
    bookmarks::Bookmarks,
    clerk::{Clerk, Desk},
    desk_rooms::DeskRooms,
    ears::{Ears, QUEUE_BOUND},
    files::Files,
    listen::listen,
    rest::{Failure, call, http, origin},
    rooms::Desks,
};
use crate::ChannelError;

/// How to reach Discord.
#[derive(Clone, Debug)]
pub struct DiscordSettings {
    /// The bot's token, without `Bot `.
    pub token: SecretString,
    /// Another origin of the REST API than Discord's, such as `http://127.0.0.1:8081`.
    pub api_url: Option<String>,
    /// Another gateway than the one that the API names, such as `ws://127.0.0.1:8081`.
    pub gateway_url: Option<String>,
    /// The client is built anew when neither an event nor a heartbeat's acknowledgement came for
    /// this long. Discord asks for a heartbeat every 41 s, so less than a minute is too little.
    pub watchdog: Duration,
    /// The largest file that is taken from a customer, in bytes.
    pub max_file_bytes: u64,
    /// How long a file may take to come. More than half a minute counts as half a minute.
    pub file_time_limit: Duration,
    /// Whether a talk that begins in a guild's channel goes on in a thread of its own.
    pub open_threads: bool,
    /// The channel where people of the company work, if they do so on Discord: everything in it and in
    /// its threads is of the desk, and no customer is there.
    pub desk: Option<u64>,
}

/// Where what the channel hears goes.
#[derive(Clone)]
pub struct DiscordHouse {
    /// Takes what was said.
    pub intake: Arc<dyn Intake>,
    /// Remembers until where each place was heard.
    pub places: Arc<dyn Places>,
    /// Keeps customers' files.
    pub media: Arc<dyn MediaStore>,
}

impl DiscordSettings {
    /// [`DiscordSettings::watchdog`] where nothing else is wanted.
    pub const WATCHDOG: Duration = Duration::from_secs(75);
    /// [`DiscordSettings::max_file_bytes`] where nothing else is wanted.
    pub const MAX_FILE_BYTES: u64 = 20_000_000;

    /// Discord itself, with this token.
    pub const fn new(token: SecretString) -> Self {
        Self {
            token,
            api_url: None,
            gateway_url: None,
            watchdog: Self::WATCHDOG,
            max_file_bytes: Self::MAX_FILE_BYTES,
            file_time_limit: Duration::from_secs(30),
            open_threads: false,
            desk: None,
        }
    }
}

/// Discord as a channel.
#[derive(Debug)]
pub struct DiscordChannel {
    settings: DiscordSettings,
    api: Arc<Api>,
    acks: Arc<Acks>,
    files: Files,
    desks: Desks,
    desk_rooms: Arc<DeskRooms>,
    bot: UserId,
    unreadable: Arc<AtomicU64>,
}

impl DiscordChannel {
    /// Checks the token and registers the slash commands.
    ///
    /// Fails with [`ChannelError::TokenRefused`] or [`ChannelError::Unreachable`]. Commands that
    /// cannot be registered are a warning: typed as text they work too.
    pub async fn connect(settings: DiscordSettings) -> Result<Self, ChannelError> {
        let http = http(&settings);
        let url = origin(&settings);
        let at_start = |failure: Failure| failure.at_start(url);
        let user = call(http.get_current_user()).await.map_err(at_start)?;
        let application = call(http.get_current_application_info())
            .await
            .map_err(at_start)?;
        http.set_application_id(application.id);
        let made = |cause| Failure::NoAnswer(cause).at_start(url);
        let api = Api::new(&settings, application.id).map_err(made)?;
        let files = Files::new(&settings).map_err(made)?;
        if let Err(failure) = call(http.create_global_commands(&commands::all())).await {
            warn_unregistered(&failure.at_start(url));
        }
        info!(
            channel = "discord",
            bot.id = user.id.get(),
            "the token is good"
        );
        Ok(Self {
            bot: user.id,
            api: Arc::new(api),
            acks: Arc::new(Acks::new()),
            files,
            desks: Desks::default(),
            desk_rooms: Arc::new(DeskRooms::of(settings.desk)),
            unreadable: Arc::default(),
            settings,
        })
    }

    /// How many events could not be read because they lack a field that the library needs. Each
    /// may have been a customer.
    pub fn unreadable_events(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    /// Listens until `stop`, and hands everything said to the bot to the house, in order and once;
    /// first what was said since the last run.
    ///
    /// Comes back by itself from lost connections and sessions. Fails when Discord refuses the
    /// token or the intents, which no waiting cures. On `stop` it still hands over what it heard;
    /// whoever's command or button is not stored then is asked to send it again.
    pub async fn run(
        self: Arc<Self>,
        house: DiscordHouse,
        stop: CancellationToken,
    ) -> Result<(), ChannelError> {
        let (queue, heard) = mpsc::channel(QUEUE_BOUND);
        let outward = (Arc::clone(&self.api), Arc::clone(&self.acks));
        let ears = Arc::new(Ears::new(
            outward,
            (self.bot, Arc::clone(&self.desk_rooms)),
            Arc::clone(&self.unreadable),
            queue,
        ));
        let stop = stop.child_token();
        let bookmarks = Arc::new(Bookmarks::load(house.places, &stop).await);
        let desk = Desk {
            channel: Arc::clone(&self),
            ears: Arc::clone(&ears),
            bookmarks: Arc::clone(&bookmarks),
            intake: house.intake,
            media: house.media,
        };
        let clerk = Clerk::new(desk, stop.clone());
        let listening = async {
            let ended = listen(&self.settings, &ears, &stop).await;
            stop.cancel();
            ended
        };
        let done = CancellationToken::new();
        let working = async {
            clerk.work(heard).await;
            done.cancel();
        };
        let (ended, (), ()) = tokio::join!(listening, working, bookmarks.keep(&done));
        self.acks.finish().await;
        ended
    }
}

fn warn_unregistered(error: &ChannelError) {
    warn!(channel = "discord", %error, "the slash commands are not registered");
}
