//! The gateway connection: serenity's client, built anew whenever it went deaf.
//!
//! serenity comes back by itself from most of what a gateway does. Not from everything: after a
//! close frame without a code it spins, deaf, and a shard that dies in that state is never
//! started again. The watchdog looks for signs of life and does not ask for reasons.

use std::{sync::Arc, time::Duration};

use consultant_core::{ChannelName, ports::Cause};
use serenity::{
    Client,
    all::{
        ClientBuilder, GatewayError, GatewayIntents, OnlineStatus, ShardId, ShardManager,
        ShardMessenger,
    },
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{
    DiscordSettings,
    ears::{Ears, Handler},
    quarters::Quarters,
    rest::{Failure, call, http, origin, token_refused},
};
use crate::ChannelError;

/// The pause after the gateway's address could not be had.
const PAUSE: Duration = Duration::from_secs(2);
/// A shard looks for what it is told every half second.
const FAREWELL: Duration = Duration::from_millis(700);
/// The watchdog looks this often within its time.
const LOOKS: u32 = 4;
/// Direct messages reach shard 0 only, and one company needs no second one.
const SHARD: ShardId = ShardId(0);

fn intents() -> GatewayIntents {
    GatewayIntents::GUILDS
        | GatewayIntents::GUILD_MESSAGES
        | GatewayIntents::DIRECT_MESSAGES
        | GatewayIntents::MESSAGE_CONTENT
}

/// Listens until `stop`, or until Discord refuses the token or the intents.
pub(super) async fn listen(
    settings: &DiscordSettings,
    ears: &Arc<Ears>,
    stop: &CancellationToken,
) -> Result<(), ChannelError> {
    loop {
        ears.feel_pulse();
        let quarters = Quarters::open().map_err(stopped)?;
        let building = quarters.spawn(build(settings.clone(), Arc::clone(ears)));
        let client = tokio::select! {
            client = building => client.map_err(stopped)?,
            () = stop.cancelled() => return Ok(()),
        };
        let ended = match client {
            Ok(client) => attend(client, &quarters, settings, (ears, stop)).await,
            Err(failure) => pause_after(failure, settings, stop).await,
        };
        match ended {
            Ended::Stopped => return Ok(()),
            Ended::Refused(error) => return Err(error),
            Ended::Paused => {}
            Ended::Silent => warn!(channel = "discord", "the gateway is silent; starting anew"),
        }
    }
}

/// Why listening ended.
enum Ended {
    Stopped,
    Silent,
    Paused,
    Refused(ChannelError),
}

async fn pause_after(
    failure: Failure,
    settings: &DiscordSettings,
    stop: &CancellationToken,
) -> Ended {
    match failure.at_start(origin(settings)) {
        refused @ ChannelError::TokenRefused { .. } => return Ended::Refused(refused),
        error => warn!(channel = "discord", %error, "no gateway yet; trying again"),
    }
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => Ended::Paused,
        () = stop.cancelled() => Ended::Stopped,
    }
}

/// A client that knows its gateway. serenity would quietly take the public one when the API does
/// not tell, so the API is asked here first.
async fn build(settings: DiscordSettings, ears: Arc<Ears>) -> Result<Client, Failure> {
    let http = http(&settings);
    let url = match &settings.gateway_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => call(http.get_gateway()).await?.url,
    };
    // A presence may only be given here: one that is set later can kill a shard for good.
    let builder = ClientBuilder::new_with_http(http, intents())
        .status(OnlineStatus::Online)
        .raw_event_handler(Handler(ears));
    let client = call(async { builder.await }).await?;
    *client.ws_url.lock().await = url;
    Ok(client)
}

async fn attend(
    mut client: Client,
    quarters: &Quarters,
    settings: &DiscordSettings,
    (ears, stop): (&Ears, &CancellationToken),
) -> Ended {
    let manager = Arc::clone(&client.shard_manager);
    let running = quarters.spawn(async move { client.start().await });
    let ended = tokio::select! {
        () = stop.cancelled() => Ended::Stopped,
        () = silence(&manager, ears, settings.watchdog) => Ended::Silent,
        result = running => match result {
            Ok(Ok(())) => Ended::Silent,
            Ok(Err(error)) => Ended::Refused(refusal(error)),
            Err(error) => Ended::Refused(stopped(error)),
        },
    };
    take_leave(&manager).await;
    ended
}

/// Returns when neither an event nor a heartbeat's acknowledgement came for the whole time.
///
/// While serenity connects it has no shard, and no time limit either: a gateway that takes a
/// connection and never speaks would hold it for ever.
async fn silence(manager: &ShardManager, ears: &Ears, limit: Duration) {
    let mut last_latency = None;
    while ears.silent_for() < limit {
        tokio::time::sleep(limit / LOOKS).await;
        let latency = manager
            .runners
            .lock()
            .await
            .get(&SHARD)
            .and_then(|shard| shard.latency);
        // Every acknowledgement is measured anew, so that a new latency is a new one.
        if latency.is_some() && latency != last_latency {
            last_latency = latency;
            ears.feel_pulse();
        }
    }
}

fn refusal(error: serenity::Error) -> ChannelError {
    let channel = ChannelName::Discord;
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => token_refused(),
        serenity::Error::Gateway(
            GatewayError::DisallowedGatewayIntents | GatewayError::InvalidGatewayIntents,
        ) => ChannelError::NotAllowed {
            channel,
            hint: "switch on the Message Content intent in the developer portal, under Bot, \
                   Privileged Gateway Intents",
        },
        other => stopped(other),
    }
}

fn stopped(error: impl Into<Cause>) -> ChannelError {
    ChannelError::Stopped {
        channel: ChannelName::Discord,
        source: error.into(),
    }
}

/// Tells Discord good-bye, and a shard that spins to end; what is left ends with its quarters.
///
/// serenity's own shutdown waits for a close frame in a loop that never ends, and never yields,
/// when the connection is closed already. A shard that cannot send ends itself, and nothing can
/// be sent after a close frame: so it is told to close, then to send.
async fn take_leave(manager: &ShardManager) {
    let shards: Vec<ShardMessenger> = {
        let runners = manager.runners.lock().await;
        runners
            .values()
            .map(|shard| shard.runner_tx.clone())
            .collect()
    };
    if shards.is_empty() {
        return;
    }
    for shard in shards {
        shard.shutdown_clean();
        shard.set_presence(None, OnlineStatus::Invisible);
    }
    tokio::time::sleep(FAREWELL).await;
}
