//! Telegram, by long polling ([`poll`]) or by its calls ([`webhook`]). Updates are stored before they
//! are acknowledged ([`hand_in`]); texts go out ([`outgoing`]) as words and entities ([`markup`]) at a
//! pace that Telegram allows ([`pace`]).
//! Start reading at [`TelegramChannel::connect`] and [`TelegramChannel::run`].

mod api;
mod place;

mod poll;
mod queue;
mod webhook;
mod lineup;
mod hand_in;
mod update;
mod at_desk;
mod message;
mod mention;
mod files;
mod fetch;
mod moves;

mod outgoing;
mod rooms;
mod markup;
mod verbatim;
mod attached;
mod card;
mod pace;
mod delivery;

mod log;
mod wording;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use consultant_core::{ChannelName, Command, ports::Cause};
use secrecy::SecretString;
use serde::Deserialize;
use teloxide::{
    payloads::{DeleteWebhook, GetMe, SetMyCommands},
    requests::Payload,
    types::BotCommand,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use self::{
    fetch::FileRules,
    hand_in::Ports,
    webhook::{SECRET_HEADER, Verdict, WEBHOOK_BODY_BYTES, Webhook},
};

use self::{
    api::{Api, ApiFailure},
    fetch::Fetcher,
    lineup::Lineup,
    message::{Albums, Me},
    moves::Moves,
    pace::Pace,
};
use crate::ChannelError;

/// Where the Bot API is when nothing else is set.
pub const DEFAULT_API_URL: &str = "https://api.telegram.org";

/// The longest message. The documentation says "characters"; UTF-16 units are safe either way.
pub const MESSAGE_UTF16_UNITS: usize = 4096;

/// How long Telegram may hold a poll open when there is nothing to tell.
const POLL_PATIENCE: Duration = Duration::from_secs(25);

/// The files that are taken where nothing else is set: up to Telegram's own limit for bots.
const FILES: FileRules = FileRules {
    limit_bytes: 20 * 1024 * 1024,
    time_limit: Duration::from_secs(20),
};

/// How to reach a bot.
pub struct TelegramSettings {
    /// The token that `@BotFather` gave.
    pub token: SecretString,
    /// A bare origin, for example [`DEFAULT_API_URL`] or `http://127.0.0.1:8081`.
    pub api_url: String,
    /// How long a poll may stay open; whole seconds.
    pub poll_patience: Duration,
    /// What files are taken.
    pub files: FileRules,
    /// Whether messages keep the pace that Telegram allows; a server that limits nothing needs
    /// none.
    pub paced: bool,
    /// Where Telegram is to call; without it, it is polled.
    pub webhook: Option<Webhook>,
    /// The number of the group in which people answer customers, if there is one.
    pub desk: Option<i64>,
}

impl TelegramSettings {
    /// Settings with the usual patience, for polling.
    pub fn new(token: SecretString, api_url: impl Into<String>) -> Self {
        Self {
            token,
            api_url: api_url.into(),
            poll_patience: POLL_PATIENCE,
            files: FILES,
            paced: true,
            webhook: None,
            desk: None,
        }
    }
}

/// One bot on Telegram.
pub struct TelegramChannel {
    api: Api,
    me: Me,
    poll_patience: Duration,
    webhook: Option<Webhook>,
    desk: Option<i64>,
    fetcher: Fetcher,
    albums: Albums,
    moves: Moves,
    lineup: Lineup,
    pace: Pace,
    /// Whether the server refused drafts.
    draftless: AtomicBool,
    /// Whether another program reads the bot's updates.
    contested: AtomicBool,
    unreadable: AtomicU64,
}

impl TelegramChannel {
    /// Asks who the bot is, sets or ends the webhook (waiting updates stay), and sets the menu.
    /// Fails with a refused token, an unreachable or odd server, or an address that is no origin.
    pub async fn connect(settings: TelegramSettings) -> Result<Self, ChannelError> {
        let api = Api::new(&settings.token, &settings.api_url)?;
        let fetcher = Fetcher::new(settings.files).map_err(|error| unreachable(&api, error))?;
        let me = api.call(GetMe::NAME, &GetMe::new()).await;
        let me = me.map_err(|failure| at_start(&api, failure))?;
        let me = Me::deserialize(me).map_err(|error| unreachable(&api, Box::new(error)))?;
        choose_way_in(&api, settings.webhook.as_ref())
            .await
            .map_err(|failure| at_start(&api, failure))?;
        set_menus(&api).await;
        info!(bot.name = %me.username, url = api.origin(), "connected to Telegram");
        Ok(Self {
            api,
            me,
            poll_patience: settings.poll_patience,
            webhook: settings.webhook,
            desk: settings.desk,
            fetcher,
            albums: Albums::default(),
            moves: Moves::default(),
            lineup: Lineup::default(),
            pace: Pace::new(settings.paced),
            draftless: AtomicBool::new(false),
            contested: AtomicBool::new(false),
            unreadable: AtomicU64::new(0),
        })
    }

    /// Hands in updates until `stop`; with a webhook, [`TelegramChannel::receive`] does, and this
    /// makes sure that Telegram still calls. Outages are waited out; only a refused token ends it.
    pub async fn run(
        self: Arc<Self>,
        ports: Ports,
        stop: CancellationToken,
    ) -> Result<(), ChannelError> {
        match &self.webhook {
            Some(webhook) => webhook::watch(&self, webhook, &stop).await,
            None => poll::run(&self, &ports, &stop).await,
        }
    }

    /// The bot's name, without the at sign.
    pub fn bot_name(&self) -> &str {
        &self.me.username
    }

    /// Updates that could not be read since the start.
    pub fn unreadable_updates(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    /// Whether another program reads this bot's updates, so that each gets only some of them.
    pub fn is_contested(&self) -> bool {
        self.contested.load(Ordering::Relaxed)
    }

    /// Notes whether another program reads along; returns what was noted before.
    fn set_contested(&self, contested: bool) -> bool {
        self.contested.swap(contested, Ordering::Relaxed)
    }

    fn count_unreadable(&self) {
        self.unreadable.fetch_add(1, Ordering::Relaxed);
    }
}

async fn choose_way_in(api: &Api, webhook: Option<&Webhook>) -> Result<(), ApiFailure> {
    if let Some(webhook) = webhook {
        return webhook::set(api, webhook).await;
    }
    let keep_updates = DeleteWebhook {
        drop_pending_updates: Some(false),
    };
    let deleted = api.call(DeleteWebhook::NAME, &keep_updates).await;
    deleted.map(drop)
}

/// The menu is a courtesy: a bot without one still answers.
async fn set_menus(api: &Api) {
    for language in wording::MENUS {
        let commands = Command::ALL.map(|command| {
            BotCommand::new(command.name(), wording::description(command, language))
        });
        let mut menu = SetMyCommands::new(commands);
        menu.language_code = language.map(str::to_owned);
        if let Err(failure) = api.call(SetMyCommands::NAME, &menu).await {
            warn!(%failure, "Telegram did not take the command menu");
        }
    }
}

fn at_start(api: &Api, failure: ApiFailure) -> ChannelError {
    if failure.refuses_token() {
        return poll::token_refused();
    }
    unreachable(api, Box::new(failure))
}

fn unreachable(api: &Api, source: Cause) -> ChannelError {
    ChannelError::Unreachable {
        channel: ChannelName::Telegram,
        url: api.origin().to_owned(),
        source,
    }
}
