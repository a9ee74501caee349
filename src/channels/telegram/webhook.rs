//! The other way in: Telegram calls us. The server is not here (only `app` opens ports); this is
//! what it asks for each call. Success is said only once the update is stored, so Telegram repeats
//! what a sick store left undone; calls come side by side, and [`lineup`](super::lineup) keeps their
//! order.

use std::time::Duration;

use consultant_core::ports::StoreError;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;

use super::{
    TelegramChannel,
    api::Api,
    api::ApiFailure,
    hand_in::Ports,
    log,
    poll::token_refused,
    update::{KINDS, Read},
};
use crate::ChannelError;

/// The header in which Telegram proves that it is Telegram.
pub const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// The longest call that a server should read, in bytes: one update of the longest message, with
/// room for what it replies to.
pub const WEBHOOK_BODY_BYTES: usize = 1024 * 1024;

/// So many calls at once. Each may wait for a file.
const MAX_CONNECTIONS: u8 = 16;

/// How often it is made sure that Telegram still calls us.
const CHECK_EVERY: Duration = Duration::from_mins(1);

/// Where Telegram is to call, and what only it knows.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The address as Telegram reaches it.
    pub url: String,
    /// 1 to 256 letters, digits, `_` and `-`.
    pub secret: SecretString,
}

/// What to answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 200: the update is stored, or there is nothing to store.
    Taken,
    /// 401: it does not come from Telegram.
    Stranger,
    /// 503: Telegram shall call again.
    Later,
}

impl Verdict {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Taken => 200,
            Self::Stranger => 401,
            Self::Later => 503,
        }
    }
}

impl TelegramChannel {
    /// Takes a call: the value of [`SECRET_HEADER`] and the body.
    pub async fn receive(&self, ports: &Ports, secret: Option<&[u8]>, body: &[u8]) -> Verdict {
        let Some(webhook) = &self.webhook else {
            return Verdict::Stranger;
        };
        if !is_same(secret, webhook.secret.expose_secret().as_bytes()) {
            log::stranger();
            return Verdict::Stranger;
        }
        let update: Option<Value> = serde_json::from_slice(body).ok();
        let numbered = update.and_then(|update| Some((update["update_id"].as_i64()?, update)));
        let Some((update_id, update)) = numbered else {
            // To have it repeated would not make it readable.
            self.count_unreadable();
            log::without_number();
            return Verdict::Taken;
        };
        let received = self.receive_update(ports, &update, update_id).await;
        received.unwrap_or(Verdict::Later)
    }

    /// An error is logged already.
    async fn receive_update(
        &self,
        ports: &Ports,
        update: &Value,
        update_id: i64,
    ) -> Result<Verdict, StoreError> {
        let read = self.read(update, update_id);
        let held = place_of(&read).map(|place| self.lineup.hold(update_id, place));
        // Seen behind being held: whoever waits for it finds it in hand.
        self.lineup.see(update_id);
        let read = self.with_file(read, ports, &CancellationToken::new()).await;
        if let Some(held) = &held
            && !held.turn().await
        {
            return Ok(Verdict::Later);
        }
        let stored = self.store(read, update_id, ports).await?;
        if let Some(held) = held {
            held.stored();
        }
        if let Some(press) = stored.press {
            self.answer_press(press).await;
        }
        Ok(Verdict::Taken)
    }
}

/// Where an update belongs in an order; nowhere when it is nobody's words.
fn place_of(read: &Read) -> Option<&str> {
    match read {
        Read::Heard(heard) => Some(&heard.inbound.address.place),
        Read::Migrated { .. } | Read::Ignored | Read::Unreadable => None,
    }
}

/// Compares in a time that tells nothing: of hashes, so that not even the length shows.
fn is_same(given: Option<&[u8]>, expected: &[u8]) -> bool {
    let Some(given) = given else { return false };
    let (given, expected) = (Sha256::digest(given), Sha256::digest(expected));
    given.as_slice().ct_eq(expected.as_slice()).into()
}

#[derive(Serialize)]
struct SetWebhook<'a> {
    url: &'a str,
    secret_token: &'a str,
    allowed_updates: &'a [&'a str],
    max_connections: u8,
}

/// Tells Telegram where to call.
pub(super) async fn set(api: &Api, webhook: &Webhook) -> Result<(), ApiFailure> {
    let parameters = SetWebhook {
        url: &webhook.url,
        secret_token: webhook.secret.expose_secret(),
        allowed_updates: &KINDS,
        max_connections: MAX_CONNECTIONS,
    };
    api.call("setWebhook", &parameters).await.map(drop)
}

/// Makes sure until `stop` that Telegram still calls us: another program may have taken the bot,
/// and a revoked token is found out here only.
pub(super) async fn watch(
    channel: &TelegramChannel,
    webhook: &Webhook,
    stop: &CancellationToken,
) -> Result<(), ChannelError> {
    loop {
        tokio::select! {
            () = stop.cancelled() => {
                channel.lineup.close();
                return Ok(());
            }
            () = tokio::time::sleep(CHECK_EVERY.min(channel.poll_patience * 2)) => {}
        }
        let checked = match channel.api.call("getWebhookInfo", &json!({})).await {
            Ok(info) if info["url"].as_str() == Some(&webhook.url) => Ok(()),
            Ok(_) => {
                log::webhook_taken();
                set(&channel.api, webhook).await
            }
            Err(failure) => Err(failure),
        };
        match checked {
            Err(failure) if failure.refuses_token() => return Err(token_refused()),
            Err(failure) => log::webhook_unchecked(channel.api.origin(), &failure),
            Ok(()) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_is_the_secret() {
        assert!(is_same(Some(b"abc"), b"abc"));
        for wrong in [None, Some(b"".as_slice()), Some(b"ab"), Some(b"abcd")] {
            assert!(!is_same(wrong, b"abc"), "{wrong:?}");
        }
    }
}
