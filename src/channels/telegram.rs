//! Telegram, by long polling. Updates are stored before they are acknowledged ([`poll`]); texts go
//! out as words and entities ([`markup`]) at a pace that Telegram allows ([`pace`]).
//! Start reading at [`TelegramChannel::connect`] and [`TelegramChannel::run`].

mod api;
mod delivery;
mod log;
mod markup;
mod mention;
mod pace;
mod place;
mod poll;
mod update;
mod wording;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Command, Receipt,
    ports::{Cause, Channel, ChannelLimits, DeliveryError, Intake},
};
use secrecy::SecretString;
use serde::Deserialize;
use teloxide::{
    payloads::{DeleteWebhook, EditMessageText, GetMe, SendChatAction, SendMessage, SetMyCommands},
    requests::Payload,
    types::{
        BotCommand, ChatAction, ChatId, MessageEntity, MessageId, Recipient, ReplyParameters,
        ThreadId,
    },
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::{
    api::{Api, ApiFailure},
    markup::Marked,
    pace::{Kind, Pace},
    place::Place,
    update::Me,
};
use crate::ChannelError;

/// Where the Bot API is when nothing else is set.
pub const DEFAULT_API_URL: &str = "https://api.telegram.org";

/// The longest message. The documentation says "characters"; UTF-16 units are safe either way.
pub const MESSAGE_UTF16_UNITS: usize = 4096;

const PREVIEW_INTERVAL: Duration = Duration::from_secs(1);

/// Typing is shown for five seconds.
const TYPING_INTERVAL: Duration = Duration::from_secs(4);

/// How long Telegram may hold a poll open when there is nothing to tell.
const POLL_PATIENCE: Duration = Duration::from_secs(25);

/// Group questions whose message is remembered, so that the answer can reply to it.
const QUESTIONS_REMEMBERED: usize = 10_000;

/// How to reach a bot.
pub struct TelegramSettings {
    /// The token that `@BotFather` gave.
    pub token: SecretString,
    /// A bare origin, for example [`DEFAULT_API_URL`] or `http://127.0.0.1:8081`.
    pub api_url: String,
    /// How long a poll may stay open; whole seconds.
    pub poll_patience: Duration,
}

impl TelegramSettings {
    /// Settings with the usual patience.
    pub fn new(token: SecretString, api_url: impl Into<String>) -> Self {
        Self {
            token,
            api_url: api_url.into(),
            poll_patience: POLL_PATIENCE,
        }
    }
}

/// One bot on Telegram.
pub struct TelegramChannel {
    api: Api,
    me: Me,
    poll_patience: Duration,
    pace: Pace,
    /// By place: the newest message in a group that asks something.
    questions: Mutex<HashMap<String, i64>>,
    unreadable: AtomicU64,
}

impl TelegramChannel {
    /// Asks who the bot is, ends any webhook (its waiting updates stay), and sets the menu.
    /// Fails with a refused token, an unreachable or odd server, or an address that is no origin.
    pub async fn connect(settings: TelegramSettings) -> Result<Self, ChannelError> {
        let api = Api::new(&settings.token, &settings.api_url)?;
        let me = api.call(GetMe::NAME, &GetMe::new()).await;
        let me = me.map_err(|failure| at_start(&api, failure))?;
        let me = Me::deserialize(me).map_err(|error| unreachable(&api, Box::new(error)))?;
        let keep_updates = DeleteWebhook {
            drop_pending_updates: Some(false),
        };
        api.call(DeleteWebhook::NAME, &keep_updates)
            .await
            .map_err(|failure| at_start(&api, failure))?;
        set_menus(&api).await;
        info!(bot.name = %me.username, url = api.origin(), "connected to Telegram");
        Ok(Self {
            api,
            me,
            poll_patience: settings.poll_patience,
            pace: Pace::default(),
            questions: Mutex::default(),
            unreadable: AtomicU64::new(0),
        })
    }

    /// Hands in updates until `stop`. Outages are waited out; only a refused token ends it.
    pub async fn run(
        self: Arc<Self>,
        intake: Arc<dyn Intake>,
        stop: CancellationToken,
    ) -> Result<(), ChannelError> {
        poll::run(&self, intake.as_ref(), &stop).await
    }

    /// The bot's name, without the at sign.
    pub fn bot_name(&self) -> &str {
        &self.me.username
    }

    /// Updates that could not be read since the start.
    pub fn unreadable_updates(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    fn count_unreadable(&self) {
        self.unreadable.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes which message an answer in a group replies to.
    fn remember_question(&self, place: &str, message: i64) {
        if !place.parse().is_ok_and(Place::is_group) {
            return;
        }
        let mut questions = self.lock_questions();
        if questions.len() >= QUESTIONS_REMEMBERED {
            questions.clear();
        }
        questions.insert(place.to_owned(), message);
    }

    fn lock_questions(&self) -> std::sync::MutexGuard<'_, HashMap<String, i64>> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn question(&self, place: &str) -> Option<ReplyParameters> {
        let message = *self.lock_questions().get(place)?;
        let message = MessageId(i32::try_from(message).ok()?);
        Some(ReplyParameters::new(message).allow_sending_without_reply())
    }

    /// Sends words and entities once.
    async fn send_marked(&self, to: &Address, place: Place, marked: Marked) -> Sent {
        let mut message = SendMessage::new(recipient(place), marked.text);
        message.entities = some_entities(marked.entities);
        message.message_thread_id = thread(place);
        message.reply_parameters = self.question(&to.place);
        let answer = self.api.call(SendMessage::NAME, &message).await;
        match answer {
            Ok(result) => delivery::receipt(&result),
            Err(failure) => delivery::receipt_of_cut_answer(failure),
        }
    }

    async fn edit_marked(&self, place: Place, message: MessageId, marked: Marked) -> Edited {
        let mut edit = EditMessageText::new(recipient(place), message, marked.text);
        edit.entities = some_entities(marked.entities);
        self.api.call(EditMessageText::NAME, &edit).await.map(drop)
    }

    async fn turn(&self, place: Place, kind: Kind) -> Result<(), DeliveryError> {
        let turn = self.pace.turn(place.chat, kind).await;
        turn.map_err(|after| DeliveryError::Wait { after })
    }

    /// What a failure means to the caller; flood control is remembered for the chat.
    fn failed(&self, place: Place, what: &'static str, failure: ApiFailure) -> DeliveryError {
        let error = delivery::class(what, failure);
        if let DeliveryError::Wait { after } = &error {
            self.pace.hold(place.chat, *after);
        }
        error
    }
}

type Sent = Result<Receipt, ApiFailure>;
type Edited = Result<(), ApiFailure>;

#[async_trait]
impl Channel for TelegramChannel {
    fn name(&self) -> ChannelName {
        ChannelName::Telegram
    }

    fn limits(&self) -> ChannelLimits {
        ChannelLimits {
            message_utf16_units: MESSAGE_UTF16_UNITS,
            preview_interval: Some(PREVIEW_INTERVAL),
            typing_interval: Some(TYPING_INTERVAL),
        }
    }

    /// Telegram knows no idempotency key, so the nonce goes nowhere.
    async fn send(&self, to: &Address, text: &str, _nonce: &str) -> Result<Receipt, DeliveryError> {
        let place = place_of(to)?;
        self.turn(place, Kind::Send).await?;
        let marked = markup::format(text, MESSAGE_UTF16_UNITS);
        let plain = plain(&marked);
        let mut sent = self.send_marked(to, place, marked).await;
        if let (Err(failure), Some(plain)) = (&sent, plain)
            && delivery::is_about_entities(failure)
        {
            warn!("Telegram could not read a message's entities; sending it plain");
            sent = self.send_marked(to, place, plain).await;
        }
        let receipt = sent.map_err(|failure| self.failed(place, "sending a message", failure))?;
        self.lock_questions().remove(&to.place);
        Ok(receipt)
    }

    async fn edit(&self, to: &Address, receipt: &Receipt, text: &str) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        let message = message_of(receipt)?;
        self.turn(place, Kind::Edit).await?;
        let marked = markup::format(text, MESSAGE_UTF16_UNITS);
        let plain = plain(&marked);
        let mut edited = self.edit_marked(place, message, marked).await;
        if let (Err(failure), Some(plain)) = (&edited, plain)
            && delivery::is_about_entities(failure)
        {
            warn!("Telegram could not read a message's entities; editing it plain");
            edited = self.edit_marked(place, message, plain).await;
        }
        match edited {
            Err(failure) if !delivery::is_not_modified(&failure) => {
                Err(self.failed(place, "editing a message", failure))
            }
            _ => Ok(()),
        }
    }

    async fn typing(&self, to: &Address) -> Result<(), DeliveryError> {
        let place = place_of(to)?;
        if let Some(after) = self.pace.held(place.chat) {
            return Err(DeliveryError::Wait { after });
        }
        let mut action = SendChatAction::new(recipient(place), ChatAction::Typing);
        action.message_thread_id = thread(place);
        let shown = self.api.call(SendChatAction::NAME, &action).await;
        shown
            .map(drop)
            .map_err(|failure| self.failed(place, "showing typing", failure))
    }
}

/// The menu is a courtesy: a bot without one still answers.
async fn set_menus(api: &Api) {
    for language in wording::MENUS {
        let commands = Command::ALL.map(|command| {
            BotCommand::new(command.name(), wording::description(command, language))
        });
        let mut menu = SetMyCommands::new(commands);
        menu.language_code = language.map(str::to_owned);
        if let Err(failure) = api.call(SetMyCommands::NAME, &menu).await {
            warn!(%failure, "Telegram did not take the command menu");
        }
    }
}

fn at_start(api: &Api, failure: ApiFailure) -> ChannelError {
    if failure.refuses_token() {
        return poll::token_refused();
    }
    unreachable(api, Box::new(failure))
}

fn unreachable(api: &Api, source: Cause) -> ChannelError {
    ChannelError::Unreachable {
        channel: ChannelName::Telegram,
        url: api.origin().to_owned(),
        source,
    }
}

fn place_of(address: &Address) -> Result<Place, DeliveryError> {
    let place = address.place.parse();
    place.map_err(|error: place::NotAPlace| DeliveryError::Refused(error.to_string()))
}

fn message_of(receipt: &Receipt) -> Result<MessageId, DeliveryError> {
    let number = receipt.0.parse().map(MessageId);
    number.map_err(|_| DeliveryError::Refused(format!("`{}` is no message number", receipt.0)))
}

fn recipient(place: Place) -> Recipient {
    Recipient::Id(ChatId(place.chat))
}

fn thread(place: Place) -> Option<ThreadId> {
    place
        .outbound_thread()
        .map(|thread| ThreadId(MessageId(thread)))
}

fn some_entities(entities: Vec<MessageEntity>) -> Option<Vec<MessageEntity>> {
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
