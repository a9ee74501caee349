//! The outgoing side: sends, edits, typing, and deferred replies that are completed.

use std::time::Duration;

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Receipt,
    ports::{Channel, ChannelLimits, DeliveryError, Post, Preview},
};
use serde_json::{Value, json};
use serenity::all::MessageId;
use sha2::{Digest, Sha256};

use super::{
    DiscordChannel, card,
    literal::literal,
    place::{Place, snowflake},
    reference::{Interaction, Reference},
    rest::Failure,
};
use crate::naming;

/// Discord's limit is 2,000 code points; counting UTF-16 units never exceeds it.
const MESSAGE_UTF16_UNITS: usize = 2_000;
/// Discord lets a bot edit about five times in five seconds per channel; sends count too.
const PREVIEW_INTERVAL: Duration = Duration::from_millis(1_200);
/// Typing is shown for about ten seconds.
const TYPING_INTERVAL: Duration = Duration::from_secs(8);
/// The largest file that Discord takes anywhere, in a guild with every boost; most take ten MB, which
/// only Discord knows.
const FILE_BYTES: usize = 100 * 1024 * 1024;
/// No link's picture is shown (the reference's "Message Flags").
const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// Discord's limit on a nonce, in characters.
const NONCE_CHARS: usize = 25;

#[async_trait]
impl Channel for DiscordChannel {
    fn name(&self) -> ChannelName {
        ChannelName::Discord
    }

    fn limits(&self, _to: &Address) -> ChannelLimits {
        ChannelLimits {
            message_utf16_units: MESSAGE_UTF16_UNITS,
            preview: Preview::Edits(PREVIEW_INTERVAL),
            typing_interval: Some(TYPING_INTERVAL),
        }
    }

    async fn send(&self, to: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError> {
        check_file(post)?;
        let place = place_of(to)?;
        let reference = post.reply_to.and_then(Reference::of);
        if let Some(Reference::Interaction(given)) = &reference
            && let Some(done) = self.complete(given, post).await
        {
            return done;
        }
        let sent = self.post_as_allowed(place, post).await;
        sent.map(receipt)
            .map_err(|failure| undelivered(failure, post))
    }

    async fn edit(
        &self,
        to: &Address,
        what: &Receipt,
        post: Post<'_>,
    ) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        let message = snowflake(&what.0).map(MessageId::new);
        let message = message.ok_or_else(|| not_ours(&what.0))?;
        // A deferred reply may stand where the bot may not write otherwise.
        if let Some(Reference::Interaction(given)) = post.reply_to.and_then(Reference::of)
            && let Some(done) = self.complete(&given, Post { file: None, ..post }).await
        {
            return done.map(drop);
        }
        let editing = |post| self.api.edit(place.channel, message, content(post));
        let edited = match editing(post).await {
            Err(failure) if post.card.is_some() && failure.may_be_of_the_card() => {
                warn_left_out("a card", &failure);
                editing(bare(post)).await
            }
            edited => edited,
        };
        edited.map_err(|failure| failure.delivery("editing"))
    }

    async fn delete(&self, to: &Address, what: &Receipt) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        let message = snowflake(&what.0).map(MessageId::new);
        let message = message.ok_or_else(|| not_ours(&what.0))?;
        let deleted = self.api.delete(place.channel, message).await;
        deleted.map_err(|failure| failure.delivery("taking back"))
    }

    async fn draft(&self, _to: &Address, _post: Post<'_>) -> Result<(), DeliveryError> {
        Err(DeliveryError::Refused("Discord has no drafts".to_owned()))
    }

    async fn typing(&self, to: &Address) -> Result<(), DeliveryError> {
        let shown = self.api.typing(place_of(to)?.channel).await;
        shown.map_err(|failure| failure.delivery("showing typing"))
    }
}

impl DiscordChannel {
    /// Posts what a place takes. An answer matters more than the card under it, and than naming
    /// the question: a guild's channel may allow the bot to write and neither of these.
    pub(super) async fn post_as_allowed(
        &self,
        place: Place,
        mut post: Post<'_>,
    ) -> Result<MessageId, Failure> {
        let mut answers = answered(place, post);
        loop {
            match self.post(place, post, answers).await {
                Err(failure) if post.card.is_some() && failure.may_be_of_the_card() => {
                    warn_left_out("a card", &failure);
                    post = bare(post);
                }
                Err(failure) if answers.is_some() && failure.may_be_of_the_reference() => {
                    warn_left_out("the question that is answered", &failure);
                    answers = None;
                }
                posted => return posted,
            }
        }
    }

    /// Posts a message. For a nonce that it knows, Discord answers with the message of before,
    /// which may show less: a preview whose answer was lost. Then that one is rewritten.
    async fn post(
        &self,
        place: Place,
        post: Post<'_>,
        answers: Option<u64>,
    ) -> Result<MessageId, Failure> {
        let mut message = new_message(post);
        if let Some(id) = answers {
            // In a crowd the customer is told; at a desk nobody's telephone rings.
            message["allowed_mentions"]["replied_user"] = json!(place.is_in_a_crowd());
            message["message_reference"] =
                json!({ "message_id": id.to_string(), "fail_if_not_exists": false });
        }
        let to = place.channel;
        let shown = self.api.send(to, message.clone(), post.file).await?;
        if !shown.is(&message) {
            self.api.edit(to, shown.id, content(post)).await?;
        }
        Ok(shown.id)
    }

    /// Writes into the deferred reply of a slash command or a button. `None` asks for a plain
    /// message, because the reply cannot be completed (any more).
    async fn complete(
        &self,
        given: &Interaction,
        post: Post<'_>,
    ) -> Option<Result<Receipt, DeliveryError>> {
        self.acks.wait(given.id).await;
        let completing = |post| self.api.complete(given, first_content(post), post.file);
        let completed = match completing(post).await {
            Err(failure) if post.card.is_some() && failure.may_be_of_the_card() => {
                warn_left_out("a card", &failure);
                completing(bare(post)).await
            }
            completed => completed,
        };
        match completed {
            Ok(message) => Some(Ok(receipt(message))),
            Err(failure) if failure.is_token_spent() => None,
            Err(failure) => Some(Err(undelivered(failure, post))),
        }
    }
}

pub(super) fn warn_left_out(what: &str, failure: &Failure) {
    tracing::warn!(channel = "discord", ?failure, "{what} is left out");
}

pub(super) fn bare(post: Post<'_>) -> Post<'_> {
    Post { card: None, ..post }
}

/// What a message shows. No mention of what a customer or the model wrote may ring anybody's
/// phone. Embeds and buttons are always named, so that an edit takes away what is not there; a
/// file is never named, so that an edit leaves it.
fn content(post: Post<'_>) -> Value {
    let embeds = card::embeds(post.card);
    let suppress = post.verbatim && embeds.as_array().is_some_and(Vec::is_empty);
    let text = Some(post.text).filter(|_| post.verbatim);
    let text = text.map(|text| literal(text, MESSAGE_UTF16_UNITS));
    let mut content = json!({
        "content": text.as_deref().unwrap_or(post.text),
        "embeds": embeds,
        "components": card::components(post.card),
        "allowed_mentions": { "parse": [] },
    });
    if suppress {
        content["flags"] = json!(SUPPRESS_EMBEDS);
    }
    content
}

/// What a message shows when it is new: the file too.
pub(super) fn first_content(post: Post<'_>) -> Value {
    let mut content = content(post);
    if let Some(file) = post.file {
        content["attachments"] = json!([{ "id": "0", "filename": naming::file(file.name) }]);
    }
    content
}

/// A new message, which is posted once.
fn new_message(post: Post<'_>) -> Value {
    let mut message = first_content(post);
    message["nonce"] = json!(short(post.nonce));
    message["enforce_nonce"] = json!(true);
    message
}

/// The message that this one shows itself as an answer to: the one that it quotes, or in a crowd
/// the question. None in the thread that a customer's message opened, where it is not a message of
/// that place; the message that opens a desk's post is one.
fn answered(place: Place, post: Post<'_>) -> Option<u64> {
    let in_crowd = place.is_in_a_crowd();
    let asked = post.reply_to.filter(|_| in_crowd);
    let Some(Reference::Message(id)) = Reference::of(post.quote.or(asked)?) else {
        return None;
    };
    let elsewhere = in_crowd && id == place.channel.get();
    (!elsewhere).then_some(id)
}

/// Refuses what Discord would refuse, before it is uploaded.
pub(super) fn check_file(post: Post<'_>) -> Result<(), DeliveryError> {
    let bytes = post.file.map_or(1, |file| file.content.len());
    if (1..=FILE_BYTES).contains(&bytes) {
        return Ok(());
    }
    let what = format!("Discord takes no file of {bytes} bytes");
    Err(DeliveryError::Refused(what))
}

/// What a failure means to the caller. A place that takes words alone is not gone.
pub(super) fn undelivered(failure: Failure, post: Post<'_>) -> DeliveryError {
    match failure {
        Failure::Answer(_, code, words)
            if post.file.is_some() && failure.is_of_missing_rights() =>
        {
            DeliveryError::Refused(format!("{words} (code {code})"))
        }
        failure => failure.delivery("sending"),
    }
}

fn receipt(message: MessageId) -> Receipt {
    Receipt(message.to_string())
}

pub(super) fn place_of(address: &Address) -> Result<Place, DeliveryError> {
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
