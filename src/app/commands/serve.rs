//! `consultant serve`: every configured channel, until stopped. All of them connect before any of
//! them serves, so that a start never half works.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use consultant_channels::{
    ChannelError,
    discord::{DiscordChannel, DiscordHouse, DiscordSettings},
    telegram::{self, FileRules, Ports, TelegramChannel, TelegramSettings},
    terminal_desk::{self, TerminalDesk, TerminalDeskHouse, TerminalDeskSettings},
};
use consultant_core::{
    Address, ChannelName,
    desk::Desks,
    ports::{Channel, Intake, Places, Rooms},
};
use consultant_store::MediaFolder;
use tokio::net::TcpListener;

use crate::{
    config::{Config, Discord, Secret},
    desks,
    dispatcher::Reception,
    failure::{Failure, because},
    goods::Feed,
    health::{self, ChannelHealth},
    house::{House, Parts, Rules},
    log,
    model::Backends,
    supervisor::Supervisor,
    timekeeper::Timekeeper,
    webhook::{self, Webhook},
};

/// A megabyte of the config, for every channel.
const MEGABYTE_BYTES: u64 = 1_000_000;

/// Serves until the supervisor's `stop` is cancelled, or until a channel ends with an error.
pub async fn run(
    config: &Config,
    backends: &dyn Backends,
    supervisor: Supervisor,
) -> Result<ExitCode, Failure> {
    if !any_channel(config) {
        return Err(no_channel());
    }
    let fetching = fetch_first_goods(config);
    if supervisor
        .stop
        .run_until_cancelled(fetching)
        .await
        .is_none()
    {
        return Ok(ExitCode::SUCCESS);
    }
    let parts = Parts::open(config, backends, Rules::Published).await?;
    serve_parts(config, parts, supervisor).await
}

/// Serves over parts that are open already, until the supervisor's `stop` is cancelled, or until
/// a channel ends with an error.
pub async fn serve_parts(
    config: &Config,
    parts: Parts,
    supervisor: Supervisor,
) -> Result<ExitCode, Failure> {
    let stop = supervisor.stop.clone();
    // A platform that cannot be reached is waited for, but not by who has been told to stop.
    let connecting = stop.run_until_cancelled(Box::pin(Channels::connect(config, &parts)));
    let Some(channels) = connecting.await else {
        return Ok(ExitCode::SUCCESS);
    };
    let channels = channels?;
    let house = parts.build(channels.outgoing(), channels.rooms(), supervisor);
    house.warm();
    serve(config, house, channels).await
}

/// Serves over connected channels.
async fn serve(config: &Config, mut house: House, channels: Channels) -> Result<ExitCode, Failure> {
    let resumed = house
        .dispatcher
        .resume(|address| channels.serves(address.channel))
        .await
        .map_err(|error| because("the store cannot be read", &error, "see the log"))?;
    keep_time(&house, &channels);
    follow_releases(&mut house);
    fetch_goods(config, &house);
    watch_desks(config, &house);
    let running = Running::start(&house, channels);
    beat(config, &house, &running);
    log::serving(resumed, &running.names());
    house.supervisor.stop.cancelled().await;
    log::stopped_late(house.supervisor.shut_down().await);
    let broken = house.supervisor.broken().map(str::to_owned);
    match running.first_error().or(broken) {
        Some(error) => Err(Failure::new(error, "put it right and start again")),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn any_channel(config: &Config) -> bool {
    config.telegram.token.is_some() || config.discord.token.is_some()
}

fn no_channel() -> Failure {
    Failure::usage(
        "no channel is configured",
        "set CONSULTANT__TELEGRAM__TOKEN or CONSULTANT__DISCORD__TOKEN (or telegram.token_file, \
         discord.token_file in the config), or talk to it with `consultant chat`",
    )
}

/// The connected channels.
struct Channels {
    telegram: Option<Arc<TelegramChannel>>,
    discord: Option<Arc<DiscordChannel>>,
    terminal_desk: Option<Arc<TerminalDesk>>,
    /// The port on which Telegram calls, and the path.
    webhook: Option<(TcpListener, String)>,
}

impl Channels {
    async fn connect(config: &Config, parts: &Parts) -> Result<Self, Failure> {
        let desks = &parts.desks.now();
        let failed = |error: ChannelError| Failure::new(error.to_string(), error.hint());
        let terminal_desk = terminal_desk(config, parts).map_err(failed)?;
        let telegram = async {
            let Some(token) = &config.telegram.token else {
                return Ok(None);
            };
            TelegramChannel::connect(telegram_settings(config, desks, token))
                .await
                .map(Arc::new)
                .map(Some)
        };
        let discord = async {
            let Some(token) = &config.discord.token else {
                return Ok(None);
            };
            let settings = discord_settings(&config.discord, desks, token);
            DiscordChannel::connect(settings)
                .await
                .map(Arc::new)
                .map(Some)
        };
        // The port first: once Telegram knows the address, it calls.
        let webhook = match (&config.telegram.token, &config.telegram.webhook_url) {
            (Some(_), Some(url)) => {
                let listener = webhook::bind(config.telegram.webhook_listen.0).await?;
                Some((listener, url.path().to_owned()))
            }
            _ => None,
        };
        let (telegram, discord) = futures::join!(telegram, discord);
        Ok(Self {
            telegram: telegram.map_err(failed)?,
            discord: discord.map_err(failed)?,
            terminal_desk,
            webhook,
        })
    }

    fn outgoing(&self) -> Vec<Arc<dyn Channel>> {
        let telegram = self.telegram.clone().map(|it| it as Arc<dyn Channel>);
        let discord = self.discord.clone().map(|it| it as Arc<dyn Channel>);
        let terminals = self.terminal_desk.clone().map(|it| it as Arc<dyn Channel>);
        let all = telegram.into_iter().chain(discord);
        all.chain(terminals).collect()
    }

    /// Where people can work.
    fn rooms(&self) -> Vec<Arc<dyn Rooms>> {
        let telegram = self.telegram.clone().map(|it| it as Arc<dyn Rooms>);
        let discord = self.discord.clone().map(|it| it as Arc<dyn Rooms>);
        let terminals = self.terminal_desk.clone().map(|it| it as Arc<dyn Rooms>);
        let all = telegram.into_iter().chain(discord);
        all.chain(terminals).collect()
    }

    fn serves(&self, channel: ChannelName) -> bool {
        match channel {
            ChannelName::Telegram => self.telegram.is_some(),
            ChannelName::Discord => self.discord.is_some(),
            ChannelName::TerminalDesk => self.terminal_desk.is_some(),
            ChannelName::Terminal => false,
        }
    }
}

/// The desk in terminals, where the config has one.
fn terminal_desk(
    config: &Config,
    parts: &Parts,
) -> Result<Option<Arc<TerminalDesk>>, ChannelError> {
    let desks = parts.desks.now();
    if desks.place_on(ChannelName::TerminalDesk).is_none() {
        return Ok(None);
    }
    let kept = MediaFolder::new(config.data_dir.join("media"));
    let settings = TerminalDeskSettings {
        folder: config.data_dir.join(terminal_desk::FOLDER),
        max_file_bytes: config.telegram.max_file_mb * MEGABYTE_BYTES,
        kept_at: Arc::new(move |from, hash| kept.file_of(from, hash)),
    };
    let house = TerminalDeskHouse {
        store: Arc::clone(&parts.store),
        desks: parts.desks.clone(),
        media: Arc::clone(&parts.media),
        clock: Arc::clone(&parts.clock),
    };
    TerminalDesk::open(settings, house).map(Arc::new).map(Some)
}

fn discord_settings(config: &Discord, desks: &Desks, token: &Secret) -> DiscordSettings {
    let gateway_url = config.gateway_url.as_ref();
    DiscordSettings {
        api_url: Some(config.api_url.as_str().to_owned()),
        gateway_url: gateway_url.map(|it| it.as_str().to_owned()),
        watchdog: Duration::from_secs(config.watchdog_seconds),
        max_file_bytes: config.max_file_mb * MEGABYTE_BYTES,
        open_threads: config.open_threads,
        desk: desks
            .place_on(ChannelName::Discord)
            .and_then(|it| it.parse().ok()),
        ..DiscordSettings::new(token.secret().clone())
    }
}

fn discord_house(house: &House, intake: Arc<dyn Intake>) -> DiscordHouse {
    DiscordHouse {
        intake,
        places: Arc::clone(&house.store) as Arc<dyn Places>,
        media: Arc::clone(&house.media),
    }
}

fn telegram_settings(config: &Config, desks: &Desks, token: &Secret) -> TelegramSettings {
    let telegram = &config.telegram;
    let settings = TelegramSettings::new(token.secret().clone(), telegram.api_url.as_str());
    let webhook = telegram
        .webhook_url
        .as_ref()
        .zip(telegram.webhook_secret.as_ref());
    TelegramSettings {
        files: FileRules {
            limit_bytes: telegram.max_file_mb * MEGABYTE_BYTES,
            ..settings.files
        },
        paced: telegram.paced,
        webhook: webhook.map(|(url, secret)| telegram::Webhook {
            url: url.as_str().to_owned(),
            secret: secret.secret().clone(),
        }),
        desk: desks
            .place_on(ChannelName::Telegram)
            .and_then(|it| it.parse().ok()),
        ..settings
    }
}

/// The running channels.
#[derive(Clone)]
struct Running {
    ends: Arc<Mutex<Ends>>,
    telegram: Option<Arc<TelegramChannel>>,
    discord: Option<Arc<DiscordChannel>>,
}

/// How each channel ended; `None` while it runs.
type Ends = BTreeMap<String, Option<Result<(), String>>>;

impl Running {
    fn start(house: &House, channels: Channels) -> Self {
        let running = Self {
            ends: Arc::default(),
            telegram: channels.telegram.clone(),
            discord: channels.discord.clone(),
        };
        let intake: Arc<dyn Intake> = Arc::new(Reception(Arc::clone(&house.dispatcher)));
        if let Some(telegram) = channels.telegram {
            let stop = house.supervisor.stop.clone();
            let ports = Ports {
                intake: Arc::clone(&intake),
                places: Arc::clone(&house.store) as Arc<dyn Places>,
                media: Arc::clone(&house.media),
            };
            if let Some((listener, path)) = channels.webhook {
                let webhook = Webhook {
                    channel: Arc::clone(&telegram),
                    ports: ports.clone(),
                    path,
                };
                let serving = webhook::serve(listener, webhook, stop.clone());
                house.supervisor.spawn_vital("the webhook", serving);
            }
            running.spawn(ChannelName::Telegram, house, telegram.run(ports, stop));
        }
        if let Some(desk) = channels.terminal_desk {
            let stop = house.supervisor.stop.clone();
            let serving = desk.run(Arc::clone(&intake), stop);
            running.spawn(ChannelName::TerminalDesk, house, serving);
        }
        if let Some(discord) = channels.discord {
            let (behind, stop) = (discord_house(house, intake), house.supervisor.stop.clone());
            running.spawn(ChannelName::Discord, house, discord.run(behind, stop));
        }
        running
    }

    /// Runs a channel; when one ends with an error the whole process stops, for an operator must
    /// act, and a process that serves half its channels looks alive when it is not.
    fn spawn(
        &self,
        name: ChannelName,
        house: &House,
        channel: impl Future<Output = Result<(), ChannelError>> + Send + 'static,
    ) {
        self.set(name, None);
        let (running, stop) = (self.clone(), house.supervisor.stop.clone());
        house.supervisor.spawn_vital(name.as_str(), async move {
            let ended = channel.await.map_err(|error| error.to_string());
            if let Err(error) = &ended {
                log::channel_ended(name.as_str(), error);
            }
            running.set(name, Some(ended));
            stop.cancel();
        });
    }

    fn set(&self, name: ChannelName, ended: Option<Result<(), String>>) {
        self.lock().insert(name.to_string(), ended);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ends> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn health(&self) -> BTreeMap<String, ChannelHealth> {
        let mut channels: BTreeMap<String, ChannelHealth> = self
            .lock()
            .iter()
            .map(|(name, ended)| {
                let runs = ended.is_none();
                let health = ChannelHealth {
                    runs,
                    ..ChannelHealth::default()
                };
                (name.clone(), health)
            })
            .collect();
        if let Some(telegram) = &self.telegram {
            let health = channels.entry(ChannelName::Telegram.to_string());
            let health = health.or_default();
            health.contested = telegram.is_contested();
            health.unreadable = telegram.unreadable_updates();
        }
        if let Some(discord) = &self.discord {
            let health = channels.entry(ChannelName::Discord.to_string());
            health.or_default().unreadable = discord.unreadable_events();
        }
        channels
    }

    fn first_error(&self) -> Option<String> {
        self.lock().values().find_map(|ended| ended.clone()?.err())
    }
}

/// Fires timers, for the channels that this process serves.
fn keep_time(house: &House, channels: &Channels) {
    let (telegram, discord) = (channels.telegram.is_some(), channels.discord.is_some());
    let mine = move |address: &Address| match address.channel {
        ChannelName::Telegram => telegram,
        ChannelName::Discord => discord,
        // Timers are customers'.
        ChannelName::Terminal | ChannelName::TerminalDesk => false,
    };
    let timekeeper = Timekeeper {
        dispatcher: Arc::clone(&house.dispatcher),
        store: Arc::clone(&house.store),
        clock: Arc::clone(&house.engine.clock),
    };
    let stop = house.supervisor.stop.clone();
    let keeping = timekeeper.run(mine, stop);
    house.supervisor.spawn_vital("the timekeeper", keeping);
}

/// Takes in what is decided about versions of the playbook, and looks at the files.
fn follow_releases(house: &mut House) {
    if let Some(following) = house.following.take() {
        let Supervisor { tasks, stop, .. } = &house.supervisor;
        let store = Arc::clone(&house.store);
        tasks.spawn(following.run(store, stop.clone()));
    }
}

/// Fetches goods before anything is read, where none are kept yet: the catalogue alone may not be what
/// the rest of the company speaks of.
async fn fetch_first_goods(config: &Config) {
    let is_missing = config
        .goods
        .as_ref()
        .is_some_and(|it| !it.file.path.exists());
    if is_missing && let Some(mut feed) = Feed::of(config) {
        let name = feed.name();
        feed.fetch().await.map_or_else(
            |error| log::goods_not_fetched(&name, &error),
            |fetched| log::goods_came(&name, &fetched),
        );
    }
}

/// Fetches goods from where the company keeps them; what looks at the files takes them in.
fn fetch_goods(config: &Config, house: &House) {
    if let Some(feed) = Feed::of(config) {
        let Supervisor { tasks, stop, .. } = &house.supervisor;
        tasks.spawn(feed.run(stop.clone()));
    }
}

/// Takes in what is changed about who answers customers.
fn watch_desks(config: &Config, house: &House) {
    if let Some(file) = config.desk.clone() {
        let Supervisor { tasks, stop, .. } = &house.supervisor;
        tasks.spawn(desks::watch(file, house.desks.clone(), stop.clone()));
    }
}

fn beat(config: &Config, house: &House, running: &Running) {
    let running = running.clone();
    house.supervisor.tasks.spawn(health::beat(
        config.data_dir.clone(),
        Arc::clone(&house.engine.clock),
        move || running.health(),
        house.supervisor.stop.clone(),
    ));
}
