//! What the polling loop tells the operator, one function a message. Numbers only: never a text, a
//! name or the token.

use consultant_core::ports::StoreError;
use tracing::{error, info, warn};

use super::api::ApiFailure;

pub(super) fn back_again() {
    info!("Telegram answers again");
}

pub(super) fn not_stored(update_id: i64, error: &StoreError) {
    warn!(update.id = update_id, %error, "an update could not be stored; it stays with Telegram");
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
