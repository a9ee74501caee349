//! Why a request failed, by what the caller can do next; and serenity's own client, which asks
//! for what a start needs. What conversations need goes through [`Api`](super::api::Api).

use std::time::Duration;

use consultant_core::{
    ChannelName,
    ports::{Cause, DeliveryError},
};
use secrecy::ExposeSecret;
use serenity::{
    all::{CreateAllowedMentions, Http, HttpBuilder, HttpError},
    http::StatusCode,
};

use super::DiscordSettings;
use crate::ChannelError;

/// Where Discord is.
pub(super) const DISCORD_ORIGIN: &str = "https://discord.com";
/// serenity's client waits for ever.
const CALL_LIMIT: Duration = Duration::from_secs(20);

const GENERAL_ERROR: isize = 0;
const INTERNAL_NETWORK_ERROR: isize = 40_333;
const UNKNOWN_CHANNEL: isize = 10_003;
const UNKNOWN_MESSAGE: isize = 10_008;
const NO_DIRECT_MESSAGES: isize = 50_007;
/// Of an embed: the bot may write there, but not embed links.
const MISSING_PERMISSIONS: isize = 50_013;
/// Of a reply: the bot may not read the message history.
const NO_HISTORY_TO_REPLY_TO: isize = 160_002;
/// Of something else than an answer: the thread is closed.
const THREAD_ARCHIVED: isize = 50_083;
const THREAD_LOCKED: isize = 160_005;
/// An interaction whose token is over, or was never good.
const INVALID_WEBHOOK_TOKEN: isize = 50_027;

/// The origin of the API, without a slash at its end.
pub(super) fn origin(settings: &DiscordSettings) -> &str {
    let custom = settings.api_url.as_deref();
    custom.map_or(DISCORD_ORIGIN, |url| url.trim_end_matches('/'))
}

/// serenity's limiter ignores the proxy, so a custom origin goes without the limiter.
pub(super) fn http(settings: &DiscordSettings) -> Http {
    let builder = HttpBuilder::new(settings.token.expose_secret())
        .default_allowed_mentions(CreateAllowedMentions::new());
    match origin(settings) {
        DISCORD_ORIGIN => builder.build(),
        custom => builder.proxy(custom).ratelimiter_disabled(true).build(),
    }
}

/// Why a call failed, before it is known who asks.
#[derive(Debug)]
pub(super) enum Failure {
    /// An answer with this status, Discord's error code and its words.
    Answer(StatusCode, isize, String),
    /// No answer of Discord's, or one that cannot be read.
    NoAnswer(Cause),
    /// Not now: a limit is reached, here or everywhere.
    Wait(Duration),
}

/// Runs a call with the time limit.
pub(super) async fn call<T>(
    future: impl Future<Output = serenity::Result<T>> + Send,
) -> Result<T, Failure> {
    match tokio::time::timeout(CALL_LIMIT, future).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Failure::of(error)),
        Err(elapsed) => Err(Failure::NoAnswer(elapsed.into())),
    }
}

impl Failure {
    /// An error without URLs: those of interactions carry a token.
    fn of(error: serenity::Error) -> Self {
        match error {
            serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)) => {
                let error = answer.error;
                Self::Answer(answer.status_code, error.code, error.message)
            }
            serenity::Error::Http(HttpError::Request(error)) => {
                Self::NoAnswer(error.without_url().into())
            }
            other => Self::NoAnswer(other.into()),
        }
    }

    /// What a sender can do about it. `what` was tried.
    pub(super) fn delivery(self, what: &'static str) -> DeliveryError {
        match self {
            Self::Answer(status, code, words) => answered(what, status, code, &words),
            Self::NoAnswer(source) => DeliveryError::Retry { what, source },
            Self::Wait(after) => DeliveryError::Wait { after },
        }
    }

    /// What an operator can do about it. `url` is the API's origin.
    pub(super) fn at_start(self, url: &str) -> ChannelError {
        let channel = ChannelName::Discord;
        let source = match self {
            Self::Answer(StatusCode::UNAUTHORIZED, ..) => return token_refused(),
            Self::Answer(status, code, words) => format!("{status} {words} (code {code})").into(),
            Self::NoAnswer(source) => source,
            Self::Wait(after) => format!("it asks to wait {} s", after.as_secs()).into(),
        };
        ChannelError::Unreachable {
            channel,
            url: url.to_owned(),
            source,
        }
    }

    /// Whether the place, or the right to it, is gone for good.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Answer(status, code, _)
            if matches!(*status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
                && !is_curable(*status, *code))
    }

    /// Whether there is no such place (any more).
    pub(super) fn is_of_an_unknown_place(&self) -> bool {
        matches!(self, Self::Answer(_, UNKNOWN_CHANNEL, _))
    }

    /// Whether an interaction's token is worth nothing (any more).
    pub(super) fn is_token_spent(&self) -> bool {
        self.is_gone() || matches!(self, Self::Answer(_, INVALID_WEBHOOK_TOKEN, _))
    }

    /// Whether the bot may be there, but not do that there.
    pub(super) fn is_of_missing_rights(&self) -> bool {
        matches!(self, Self::Answer(_, MISSING_PERMISSIONS, _))
    }

    /// Whether a thread is closed, so that nothing in it can be changed.
    pub(super) fn is_of_a_closed_thread(&self) -> bool {
        matches!(self, Self::Answer(_, THREAD_ARCHIVED | THREAD_LOCKED, _))
    }

    /// Whether a message may be taken without its card.
    pub(super) fn may_be_of_the_card(&self) -> bool {
        let Self::Answer(status, code, _) = self else {
            return false;
        };
        match *status {
            StatusCode::FORBIDDEN => *code == MISSING_PERMISSIONS,
            StatusCode::BAD_REQUEST => !matches!(
                *code,
                NO_HISTORY_TO_REPLY_TO | THREAD_ARCHIVED | THREAD_LOCKED
            ),
            _ => false,
        }
    }

    /// Whether a message may be taken if it does not name the one that it answers.
    pub(super) fn may_be_of_the_reference(&self) -> bool {
        matches!(
            self,
            Self::Answer(_, NO_HISTORY_TO_REPLY_TO, _) | Self::Answer(StatusCode::BAD_REQUEST, ..)
        )
    }

    /// Whether the same request may succeed later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Wait(_) | Self::NoAnswer(_) => true,
            Self::Answer(status, code, _) => {
                !status.is_client_error() || is_curable(*status, *code)
            }
        }
    }
}

pub(super) fn token_refused() -> ChannelError {
    ChannelError::TokenRefused {
        channel: ChannelName::Discord,
        hint: "check discord.token (CONSULTANT__DISCORD__TOKEN); a new one is made in the \
               developer portal under Bot, Reset Token",
    }
}

/// Whether this refusal says nothing about what was asked: whoever sets a new token, or asks
/// again, is heard. Of a place that is closed Discord says why; the codes here say that it does
/// not know.
fn is_curable(status: StatusCode, code: isize) -> bool {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::REQUEST_TIMEOUT => true,
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            matches!(code, GENERAL_ERROR | INTERNAL_NETWORK_ERROR)
        }
        _ => false,
    }
}

fn answered(what: &'static str, status: StatusCode, code: isize, words: &str) -> DeliveryError {
    let told = format!("{words} (code {code})");
    match status {
        _ if is_curable(status, code) => DeliveryError::Retry {
            what,
            source: format!("{status}: {told}").into(),
        },
        _ if code == UNKNOWN_MESSAGE => DeliveryError::Missing(told),
        _ if matches!(code, NO_DIRECT_MESSAGES | THREAD_ARCHIVED | THREAD_LOCKED) => {
            DeliveryError::Gone(told)
        }
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => DeliveryError::Gone(told),
        status if status.is_client_error() => DeliveryError::Refused(told),
        _ => DeliveryError::Retry {
            what,
            source: format!("{status}: {told}").into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, code: isize, expect: &str) {
        let status = StatusCode::from_u16(status).unwrap();
        let error = answered("sending", status, code, "words");
        let class = match error {
            DeliveryError::Wait { .. } => "wait",
            DeliveryError::Retry { .. } => "retry",
            DeliveryError::Moved { .. } => "moved",
            DeliveryError::Missing(_) => "missing",
            DeliveryError::Gone(_) => "gone",
            DeliveryError::Refused(_) => "refused",
        };
        assert_eq!(class, expect, "{status} {code}");
    }

    #[test]
    fn an_error_says_what_to_do_next() {
        check(401, 0, "retry");
        check(400, 50_006, "refused");
        check(400, 50_035, "refused");
        check(400, THREAD_ARCHIVED, "gone");
        check(403, THREAD_LOCKED, "gone");
        check(413, 40_005, "refused");
        check(403, 50_001, "gone");
        check(403, 50_007, "gone");
        check(403, GENERAL_ERROR, "retry");
        check(403, INTERNAL_NETWORK_ERROR, "retry");
        check(404, GENERAL_ERROR, "retry");
        check(404, 10_003, "gone");
        check(404, UNKNOWN_MESSAGE, "missing");
        check(408, -1, "retry");
        check(500, -1, "retry");
        check(502, -1, "retry");
    }
}
