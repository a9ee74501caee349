//! The way out: texts as words and entities, cards under them, drafts where the place has them.

use std::{sync::atomic::Ordering, time::Duration};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Receipt,
    ports::{Channel, ChannelLimits, DeliveryError, Post, Preview},
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use teloxide::{
    payloads::{DeleteMessage, EditMessageText, SendChatAction, SendMessage},
    requests::Payload,
    types::{
        ChatAction, ChatId, LinkPreviewOptions, MessageEntity, MessageId, Recipient, ReplyMarkup,
        ReplyParameters, ThreadId,
    },
};
use tracing::warn;

use super::{
    MESSAGE_UTF16_UNITS, TelegramChannel,
    api::ApiFailure,
    attached, card, delivery, log,
    markup::{self, Marked},
    pace::Kind,
    place::{self, Place},
    verbatim,
};

const EDIT_INTERVAL: Duration = Duration::from_secs(1);

/// A draft is no message, so it may change a little faster than one.
const DRAFT_INTERVAL: Duration = Duration::from_millis(700);

/// Typing is shown for five seconds.
const TYPING_INTERVAL: Duration = Duration::from_secs(4);

/// A text that is still being written (Bot API 9.5, which teloxide does not know yet).
#[derive(Serialize)]
struct SendMessageDraft {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i32>,
    /// Never 0. The same number changes the same draft.
    draft_id: u32,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entities: Vec<MessageEntity>,
}

impl TelegramChannel {
    /// Sends a message whose turn it is.
    pub(super) async fn say(&self, place: Place, post: Post<'_>) -> Result<Receipt, DeliveryError> {
        let marked = words(post)?;
        let plain = plain(&marked);
        let mut sent = self.send_marked(place, marked, post).await;
        if let (Err(failure), Some(plain)) = (&sent, plain)
            && delivery::is_about_entities(failure)
        {
            warn!("Telegram could not read a message's entities; sending it plain");
            sent = self.send_marked(place, plain, post).await;
        }
        sent.map_err(|failure| match failure {
            ApiFailure::Refused { description, .. }
                if post.file.is_some() && delivery::is_about_files(&failure) =>
            {
                DeliveryError::Refused(description)
            }
            failure => self.failed(place, "sending a message", failure),
        })
    }

    /// Sends words, entities and a card once, and the file that they stand under.
    async fn send_marked(&self, place: Place, marked: Marked, post: Post<'_>) -> Sent {
        let answer = match post.file {
            Some(file) => self.send_file(place, marked, post, file).await,
            None => self.send_words(place, marked, post).await,
        };
        match answer {
            Ok(result) => delivery::receipt(&result),
            Err(failure) => delivery::receipt_of_cut_answer(failure),
        }
    }

    async fn send_words(&self, place: Place, marked: Marked, post: Post<'_>) -> Answer {
        let mut message = SendMessage::new(recipient(place), marked.text);
        message.entities = some_entities(marked.entities);
        message.message_thread_id = thread(place);
        message.reply_parameters = question(place, post);
        message.reply_markup = card::keyboard(post.card).map(ReplyMarkup::InlineKeyboard);
        message.link_preview_options = Some(preview(post));
        self.api.call(SendMessage::NAME, &message).await
    }

    /// An edit names all that hangs under the message, for Telegram takes away what it does not
    /// name.
    async fn edit_marked(
        &self,
        place: Place,
        message: MessageId,
        marked: Marked,
        post: Post<'_>,
    ) -> Edited {
        if post.file.is_some() {
            return self.edit_caption(place, message, marked, post).await;
        }
        let mut edit = EditMessageText::new(recipient(place), message, marked.text);
        edit.entities = some_entities(marked.entities);
        edit.reply_markup = card::keyboard(post.card);
        edit.link_preview_options = Some(preview(post));
        self.api.call(EditMessageText::NAME, &edit).await.map(drop)
    }

    pub(super) async fn turn(&self, place: Place, kind: Kind) -> Result<(), DeliveryError> {
        let turn = self.pace.turn(place.chat, kind).await;
        turn.map_err(|after| DeliveryError::Wait { after })
    }

    /// A chat that Telegram keeps waiting gets nothing, not even what counts for nothing.
    pub(super) fn not_held(&self, place: Place) -> Result<(), DeliveryError> {
        match self.pace.held(place.chat) {
            Some(after) => Err(DeliveryError::Wait { after }),
            None => Ok(()),
        }
    }

    /// What a failure means to the caller; flood control is remembered for the chat.
    pub(super) fn failed(
        &self,
        place: Place,
        what: &'static str,
        failure: ApiFailure,
    ) -> DeliveryError {
        if let ApiFailure::Refused {
            moved_to: Some(chat),
            ..
        } = failure
        {
            let to = Place { chat, ..place }.to_string();
            let to = Address::new(ChannelName::Telegram, to);
            return DeliveryError::Moved { to };
        }
        let error = delivery::class(what, failure);
        if let DeliveryError::Wait { after } = &error {
            self.pace.hold(place.chat, *after);
        }
        error
    }

    fn has_drafts(&self, place: Place) -> bool {
        !place.is_group() && !self.draftless.load(Ordering::Relaxed)
    }
}

type Sent = Result<Receipt, ApiFailure>;
pub(super) type Answer = Result<Value, ApiFailure>;
pub(super) type Edited = Result<(), ApiFailure>;

#[async_trait]
impl Channel for TelegramChannel {
    fn name(&self) -> ChannelName {
        ChannelName::Telegram
    }

    fn limits(&self, to: &Address) -> ChannelLimits {
        let drafts = to.place.parse().is_ok_and(|place| self.has_drafts(place));
        ChannelLimits {
            message_utf16_units: MESSAGE_UTF16_UNITS,
            preview: if drafts {
                Preview::Drafts(DRAFT_INTERVAL)
            } else {
                Preview::Edits(EDIT_INTERVAL)
            },
            typing_interval: Some(TYPING_INTERVAL),
        }
    }

    /// Telegram knows no idempotency key, so the nonce goes nowhere.
    async fn send(&self, to: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError> {
        let place = place_of(to)?;
        attached::check(post)?;
        self.turn(place, Kind::Send).await?;
        self.say(place, post).await
    }

    async fn edit(
        &self,
        to: &Address,
        receipt: &Receipt,
        post: Post<'_>,
    ) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        let message = message_of(receipt)?;
        let marked = words(post)?;
        self.turn(place, Kind::Edit).await?;
        let plain = plain(&marked);
        let mut edited = self.edit_marked(place, message, marked, post).await;
        if let (Err(failure), Some(plain)) = (&edited, plain)
            && delivery::is_about_entities(failure)
        {
            warn!("Telegram could not read a message's entities; editing it plain");
            edited = self.edit_marked(place, message, plain, post).await;
        }
        match edited {
            Err(failure) if !delivery::is_not_modified(&failure) => {
                Err(self.failed(place, "editing a message", failure))
            }
            _ => Ok(()),
        }
    }

    async fn delete(&self, to: &Address, receipt: &Receipt) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        let message = message_of(receipt)?;
        self.not_held(place)?;
        let parameters = DeleteMessage::new(recipient(place), message);
        let deleted = self.api.call(DeleteMessage::NAME, &parameters).await;
        let deleted = deleted.map(drop);
        deleted.map_err(|failure| self.failed(place, "taking a message back", failure))
    }

    /// A draft takes no turn and, asked to wait, holds up no message: the final text must find
    /// room.
    async fn draft(&self, to: &Address, post: Post<'_>) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        if !self.has_drafts(place) {
            return Err(DeliveryError::Refused("there are no drafts".to_owned()));
        }
        self.not_held(place)?;
        let marked = words(post)?;
        let draft = SendMessageDraft {
            chat_id: place.chat,
            message_thread_id: place.outbound_thread(),
            draft_id: draft_id(post.nonce),
            text: marked.text,
            entities: marked.entities,
        };
        match self.api.call("sendMessageDraft", &draft).await {
            Ok(_) => Ok(()),
            Err(failure) => {
                if delivery::knows_no_drafts(&failure) {
                    self.draftless.store(true, Ordering::Relaxed);
                    log::no_drafts();
                }
                Err(delivery::class("showing a draft", failure))
            }
        }
    }

    async fn typing(&self, to: &Address) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        self.not_held(place)?;
        let mut action = SendChatAction::new(recipient(place), ChatAction::Typing);
        action.message_thread_id = thread(place);
        let shown = self.api.call(SendChatAction::NAME, &action).await;
        shown
            .map(drop)
            .map_err(|failure| self.failed(place, "showing typing", failure))
    }
}

/// The words as they are to be shown. Under a file there is less room for them.
fn words(post: Post<'_>) -> Result<Marked, DeliveryError> {
    attached::check_caption(post)?;
    let limit = post
        .file
        .map_or(MESSAGE_UTF16_UNITS, |_| attached::CAPTION_UTF16_UNITS);
    Ok(match Some(post.text).filter(|_| post.verbatim) {
        Some(text) => Marked {
            text: verbatim::still(text, limit),
            entities: Vec::new(),
        },
        None => markup::format(post.text, limit),
    })
}

/// What stands under the words as a link's picture: nothing that somebody else chose.
fn preview(post: Post<'_>) -> LinkPreviewOptions {
    card::preview(post.card.filter(|_| !post.verbatim))
}

/// The message that this one shows itself as an answer to: the one that it quotes, or in a group
/// the question. That it is deleted by now keeps no answer away.
pub(super) fn question(place: Place, post: Post<'_>) -> Option<ReplyParameters> {
    let asked = post.reply_to.filter(|_| place.is_group());
    let question = post.quote.or(asked)?;
    let message = MessageId(question.as_str().parse().ok()?);
    Some(ReplyParameters::new(message).allow_sending_without_reply())
}

/// A number that is the same for the same nonce, and never 0.
fn draft_id(nonce: &str) -> u32 {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(nonce).into();
    // Telegram's Integer is signed.
    (u32::from_be_bytes([a, b, c, d]) >> 1).max(1)
}

pub(super) fn place_of(address: &Address) -> Result<Place, DeliveryError> {
    let place = address.place.parse();
    place.map_err(|error: place::NotAPlace| DeliveryError::Refused(error.to_string()))
}

fn message_of(receipt: &Receipt) -> Result<MessageId, DeliveryError> {
    let number = receipt.0.parse().map(MessageId);
    number.map_err(|_| DeliveryError::Refused(format!("`{}` is no message number", receipt.0)))
}

pub(super) fn recipient(place: Place) -> Recipient {
    Recipient::Id(ChatId(place.chat))
}

fn thread(place: Place) -> Option<ThreadId> {
    place
        .outbound_thread()
        .map(|thread| ThreadId(MessageId(thread)))
}

pub(super) fn some_entities(entities: Vec<MessageEntity>) -> Option<Vec<MessageEntity>> {
    (!entities.is_empty()).then_some(entities)
}

/// The same words without their looks; none where there are no looks to lose.
fn plain(marked: &Marked) -> Option<Marked> {
    let plain = || Marked {
        text: marked.text.clone(),
        entities: Vec::new(),
    };
    (!marked.entities.is_empty()).then(plain)
}
