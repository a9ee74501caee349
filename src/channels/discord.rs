//! Discord: the gateway in, the REST API out, both through serenity.
//!
//! What surprises: serenity keeps no order, repeats nothing that it lost, and can go deaf without
//! a word. So every event is heard by a collector that keeps arrival order and by a raw handler
//! that misses none ([`ears`]); one clerk hands them to the engine one by one, and fetches what
//! a lost session missed ([`clerk`]); and a watchdog builds the client anew when the gateway
//! falls silent ([`listen`]). Start reading at [`DiscordChannel::connect`].

mod clerk;
mod commands;
mod ears;
mod listen;
mod pending;
mod place;
mod quarters;
mod reading;
mod recent;
mod rest;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Receipt,
    ports::{Channel, ChannelLimits, DeliveryError, Intake},
};
use secrecy::SecretString;
use serenity::all::{
    CreateAllowedMentions, CreateMessage, EditInteractionResponse, EditMessage, Http, MessageId,
    Nonce, UserId,
};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::{
    clerk::Clerk,
    ears::{Ears, QUEUE_BOUND},
    listen::listen,
    pending::Pending,
    place::{Place, snowflake},
    rest::{Failure, call, http, origin},
};
use crate::ChannelError;

/// Discord's limit is 2,000 code points; counting UTF-16 units never exceeds it.
const MESSAGE_UTF16_UNITS: usize = 2_000;
/// Discord lets a bot edit about five times in five seconds per channel; sends count too.
const PREVIEW_INTERVAL: Duration = Duration::from_millis(1_200);
/// Typing is shown for about ten seconds.
const TYPING_INTERVAL: Duration = Duration::from_secs(8);
/// Discord's limit on a nonce, in characters.
const NONCE_CHARS: usize = 25;

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
}

impl DiscordSettings {
    /// [`DiscordSettings::watchdog`] where nothing else is wanted.
    pub const WATCHDOG: Duration = Duration::from_secs(75);

    /// Discord itself, with this token.
    pub const fn new(token: SecretString) -> Self {
        Self {
            token,
            api_url: None,
            gateway_url: None,
            watchdog: Self::WATCHDOG,
        }
    }
}

/// Discord as a channel.
#[derive(Debug)]
pub struct DiscordChannel {
    settings: DiscordSettings,
    http: Arc<Http>,
    bot: UserId,
    pending: Mutex<Pending>,
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
            http: Arc::new(http),
            pending: Mutex::default(),
            settings,
        })
    }

    /// Listens until `stop`, and hands everything said to the bot to `intake`, in order and once.
    ///
    /// Comes back by itself from lost connections and sessions. Fails when Discord refuses the
    /// token or the intents, which no waiting cures. On `stop` it still hands over what it heard.
    pub async fn run(
        self: Arc<Self>,
        intake: Arc<dyn Intake>,
        stop: CancellationToken,
    ) -> Result<(), ChannelError> {
        let (queue, heard) = mpsc::channel(QUEUE_BOUND);
        let ears = Arc::new(Ears::new(Arc::clone(&self.http), queue));
        let stop = stop.child_token();
        let clerk = Clerk::new(Arc::clone(&self), Arc::clone(&ears), intake, stop.clone());
        let listening = async {
            let ended = listen(&self.settings, &ears, &stop).await;
            stop.cancel();
            ended
        };
        let (ended, ()) = tokio::join!(listening, clerk.work(heard));
        ended
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes the deferred reply that waits here, if one does. `None` asks for a plain message.
    async fn complete(&self, to: &Address, text: &str) -> Option<Result<Receipt, DeliveryError>> {
        let token = self.pending().oldest(to)?;
        match self.rewrite_reply(&token, text).await {
            Ok(message) => {
                self.pending().settle(to, &token, Some(message));
                Some(Ok(receipt(message)))
            }
            Err(failure) if failure.is_gone() => {
                self.pending().settle(to, &token, None);
                None
            }
            Err(failure) => Some(Err(failure.delivery("completing a slash command"))),
        }
    }

    async fn rewrite_reply(&self, token: &str, text: &str) -> Result<MessageId, Failure> {
        let reply = EditInteractionResponse::new()
            .content(text)
            .allowed_mentions(CreateAllowedMentions::new());
        let rewriting = self
            .http
            .edit_original_interaction_response(token, &reply, Vec::new());
        Ok(call(rewriting).await?.id)
    }
}

#[async_trait]
impl Channel for DiscordChannel {
    fn name(&self) -> ChannelName {
        ChannelName::Discord
    }

    fn limits(&self) -> ChannelLimits {
        ChannelLimits {
            message_utf16_units: MESSAGE_UTF16_UNITS,
            preview_interval: Some(PREVIEW_INTERVAL),
            typing_interval: Some(TYPING_INTERVAL),
        }
    }

    async fn send(&self, to: &Address, text: &str, nonce: &str) -> Result<Receipt, DeliveryError> {
        let place = place_of(to)?;
        if let Some(done) = self.complete(to, text).await {
            return done;
        }
        // No mention of what a customer or the model wrote may ring anybody's phone.
        let message = CreateMessage::new()
            .content(text)
            .nonce(Nonce::String(short(nonce)))
            .enforce_nonce(true)
            .allowed_mentions(CreateAllowedMentions::new());
        let sending = self.http.send_message(place.channel, Vec::new(), &message);
        let sent = call(sending)
            .await
            .map_err(|failure| failure.delivery("sending"))?;
        Ok(receipt(sent.id))
    }

    async fn edit(&self, to: &Address, what: &Receipt, text: &str) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        let message = snowflake(&what.0).map(MessageId::new);
        let message = message.ok_or_else(|| not_ours(&what.0))?;
        let token = self.pending().token_of(message);
        if let Some(token) = token
            && self.rewrite_reply(&token, text).await.is_ok()
        {
            return Ok(());
        }
        let changed = EditMessage::new()
            .content(text)
            .allowed_mentions(CreateAllowedMentions::new());
        let editing = self
            .http
            .edit_message(place.channel, message, &changed, Vec::new());
        call(editing)
            .await
            .map_err(|failure| failure.delivery("editing"))?;
        Ok(())
    }

    async fn typing(&self, to: &Address) -> Result<(), DeliveryError> {
        let showing = self.http.broadcast_typing(place_of(to)?.channel);
        call(showing)
            .await
            .map_err(|failure| failure.delivery("showing typing"))
    }
}

fn warn_unregistered(error: &ChannelError) {
    warn!(channel = "discord", %error, "the slash commands are not registered");
}

fn receipt(message: MessageId) -> Receipt {
    Receipt(message.to_string())
}

fn place_of(address: &Address) -> Result<Place, DeliveryError> {
    Place::of(address).ok_or_else(|| not_ours(&address.place))
}

fn not_ours(what: &str) -> DeliveryError {
    DeliveryError::Refused(format!("`{what}` is not in Discord's notation"))
}

/// A nonce within Discord's limit. A longer one is hashed, never cut: what tells two parts of one
/// entry apart may stand at its end.
fn short(nonce: &str) -> String {
    if nonce.chars().count() <= NONCE_CHARS {
        return nonce.to_owned();
    }
    let hash = format!("{:x}", Sha256::digest(nonce));
    hash.chars().take(NONCE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_fits_and_stays_different_from_the_next() {
        assert_eq!(short("discord:1/0"), "discord:1/0");
        let (first, second) = (
            short(&format!("{:a<40}0", "")),
            short(&format!("{:a<40}1", "")),
        );
        assert_ne!(first, second);
        assert_eq!(first.len(), NONCE_CHARS);
    }
}
