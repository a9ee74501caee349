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
    discord::{DiscordChannel, DiscordSettings},
    telegram::{TelegramChannel, TelegramSettings},
};
use consultant_core::{
    ChannelName,
    ports::{Channel, Intake},
};

use crate::{
    config::Config,
    dispatcher::Reception,
    failure::{Failure, because},
    health,
    house::{House, Parts},
    log,
    model::Backends,
    supervisor::Supervisor,
};

/// Serves until the supervisor's `stop` is cancelled, or until a channel ends with an error.
pub async fn run(
    config: &Config,
    backends: &dyn Backends,
    supervisor: Supervisor,
) -> Result<ExitCode, Failure> {
    if !any_channel(config) {
        return Err(no_channel());
    }
    let parts = Parts::open(config, backends).await?;
    let channels = Channels::connect(config).await?;
    let house = parts.build(channels.outgoing(), supervisor);
    house.warm();
    serve(config, house, channels).await
}

/// Serves over connected channels.
async fn serve(config: &Config, house: House, channels: Channels) -> Result<ExitCode, Failure> {
    let resumed = house
        .dispatcher
        .resume(|address| channels.serves(address.channel))
        .await
        .map_err(|error| because("the store cannot be read", &error, "see the log"))?;
    let running = Running::start(&house, channels);
    beat(config, &house, &running);
    log::serving(resumed, &running.names());
    house.supervisor.stop.cancelled().await;
    log::stopped_late(house.supervisor.shut_down().await);
    match running.first_error() {
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
}

impl Channels {
    async fn connect(config: &Config) -> Result<Self, Failure> {
        let telegram = async {
            let Some(token) = &config.telegram.token else {
                return Ok(None);
            };
            let url = config.telegram.api_url.as_str();
            let settings = TelegramSettings::new(token.secret().clone(), url);
            TelegramChannel::connect(settings)
                .await
                .map(Arc::new)
                .map(Some)
        };
        let discord = async {
            let Some(token) = &config.discord.token else {
                return Ok(None);
            };
            let settings = DiscordSettings {
                api_url: Some(config.discord.api_url.as_str().to_owned()),
                gateway_url: config
                    .discord
                    .gateway_url
                    .as_ref()
                    .map(|it| it.as_str().to_owned()),
                watchdog: Duration::from_secs(config.discord.watchdog_seconds),
                ..DiscordSettings::new(token.secret().clone())
            };
            DiscordChannel::connect(settings)
                .await
                .map(Arc::new)
                .map(Some)
        };
        let (telegram, discord) = futures::join!(telegram, discord);
        let failed = |error: ChannelError| Failure::new(error.to_string(), "");
        Ok(Self {
            telegram: telegram.map_err(failed)?,
            discord: discord.map_err(failed)?,
        })
    }

    fn outgoing(&self) -> Vec<Arc<dyn Channel>> {
        let telegram = self.telegram.clone().map(|it| it as Arc<dyn Channel>);
        let discord = self.discord.clone().map(|it| it as Arc<dyn Channel>);
        telegram.into_iter().chain(discord).collect()
    }

    fn serves(&self, channel: ChannelName) -> bool {
        match channel {
            ChannelName::Telegram => self.telegram.is_some(),
            ChannelName::Discord => self.discord.is_some(),
            ChannelName::Terminal => false,
        }
    }
}

/// The running channels.
#[derive(Clone, Default)]
struct Running(Arc<Mutex<Ends>>);

/// How each channel ended; `None` while it runs.
type Ends = BTreeMap<String, Option<Result<(), String>>>;

impl Running {
    fn start(house: &House, channels: Channels) -> Self {
        let running = Self::default();
        let intake: Arc<dyn Intake> = Arc::new(Reception(Arc::clone(&house.dispatcher)));
        if let Some(telegram) = channels.telegram {
            let (intake, stop) = (Arc::clone(&intake), house.supervisor.stop.clone());
            running.spawn(ChannelName::Telegram, house, telegram.run(intake, stop));
        }
        if let Some(discord) = channels.discord {
            let (intake, stop) = (Arc::clone(&intake), house.supervisor.stop.clone());
            running.spawn(ChannelName::Discord, house, discord.run(intake, stop));
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
        house.supervisor.tasks.spawn(async move {
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn alive(&self) -> BTreeMap<String, bool> {
        self.lock()
            .iter()
            .map(|(name, ended)| (name.clone(), ended.is_none()))
            .collect()
    }

    fn first_error(&self) -> Option<String> {
        self.lock().values().find_map(|ended| ended.clone()?.err())
    }
}

fn beat(config: &Config, house: &House, running: &Running) {
    let running = running.clone();
    house.supervisor.tasks.spawn(health::beat(
        config.data_dir.clone(),
        Arc::clone(&house.engine.clock),
        move || running.alive(),
        house.supervisor.stop.clone(),
    ));
}
