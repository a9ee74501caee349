//! What the polling loop tells the operator, one function a message. Numbers only: never a text, a
//! name or the token.

use consultant_core::{
    FileKind,
    ports::{MediaError, StoreError},
};
use tracing::{error, info, warn};

use super::api::ApiFailure;

pub(super) fn back_again() {
    info!("Telegram answers again");
}

pub(super) fn not_stored(update_id: i64, error: &StoreError) {
    warn!(update.id = update_id, %error, "an update could not be stored; it stays with Telegram");
}

pub(super) fn left_out(update_id: i64, error: &StoreError) {
    error!(
        update.id = update_id, %error,
        "the store cannot take this update; it is left out and nobody answers it"
    );
}

pub(super) fn unreadable(update_id: i64) {
    warn!(
        update.id = update_id,
        "an update could not be read; it is skipped"
    );
}

pub(super) fn without_number() {
    warn!("Telegram sent an update without a number; it is skipped");
}

/// A second poller needs a person.
pub(super) fn second_poller() {
    error!("another program reads this bot's updates; stop it, or give this one a bot of its own");
}

/// Anything else passes.
pub(super) fn outage(url: &str, failure: &ApiFailure) {
    warn!(url, %failure, "Telegram gives no updates; trying on");
}

/// The customer is told, and asked to send it again.
pub(super) fn file_not_received(what: FileKind, reason: &str) {
    warn!(file.kind = ?what, reason, "a customer's file could not be had");
}

/// A full disk needs a person.
pub(super) fn file_not_kept(error: &MediaError) {
    error!(%error, "a customer's file could not be kept");
}

/// The button blinks a little longer.
pub(super) fn press_not_answered(reason: &str) {
    warn!(
        reason,
        "Telegram was not told that a button's press arrived"
    );
}

/// Somebody found the port, or the secret was changed on one side only.
pub(super) fn stranger() {
    warn!("a call of the webhook did not know the secret");
}

/// Two programs on one bot need a person.
pub(super) fn webhook_taken() {
    error!("another program took this bot's webhook; taking it back. Give each a bot of its own");
}

/// Calls may come all the same.
pub(super) fn webhook_unchecked(url: &str, failure: &ApiFailure) {
    warn!(url, %failure, "Telegram does not say whether the webhook is set; trying on");
}

/// Replies are shown by edits from now on.
pub(super) fn no_drafts() {
    info!("this Bot API server has no drafts; replies are previewed by edits");
}
