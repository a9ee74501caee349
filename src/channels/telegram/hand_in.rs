//! From an update to the store, the same for polling and for the webhook: read it, have its file,
//! take a moved group's conversation along, store it, and only then tell whoever pressed a button.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Attachment, Content, InboundKey,
    ports::{Intake, MediaStore, Places, StoreError},
};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    TelegramChannel, at_desk, log,
    update::{self, Heard, Read},
};

/// How long telling a customer that a press arrived may take. It is a courtesy: the button stops
/// blinking.
const PRESS_TIME_LIMIT: Duration = Duration::from_secs(3);

/// Where everything that comes in goes.
#[derive(Clone)]
pub struct Ports {
    /// Stores and answers.
    pub intake: Arc<dyn Intake>,
    /// Knows where conversations take place.
    pub places: Arc<dyn Places>,
    /// Keeps customers' files.
    pub media: Arc<dyn MediaStore>,
}

/// What is left to do for an update that is stored.
#[derive(Debug, Default)]
#[must_use]
pub(super) struct Stored {
    /// A press that Telegram is to be told of.
    pub(super) press: Option<String>,
    /// Whether the store had anything to do with it.
    pub(super) by_store: bool,
}

impl TelegramChannel {
    /// Reads an update. In order, because an album's words come before its other parts.
    pub(super) fn read(&self, update: &Value, update_id: i64) -> Read {
        let key = InboundKey(format!("telegram:{}:{update_id}", self.me.id));
        let at_desk = self.desk.and_then(|desk| at_desk::read(update, key, desk));
        at_desk.unwrap_or_else(|| update::read(update, update_id, &self.me, &self.albums))
    }

    /// Has the file that hangs on it, if there is one. Never fails: that it was not had, or given
    /// up, is told to the customer.
    pub(super) async fn with_file(
        &self,
        read: Read,
        ports: &Ports,
        give_up: &CancellationToken,
    ) -> Read {
        let Read::Heard(mut heard) = read else {
            return read;
        };
        if let Some(file) = heard.file.take() {
            let from = &heard.inbound.address;
            let fetcher = &self.fetcher;
            let content = fetcher.content(&self.api, &file, from, ports.media.as_ref());
            let content = tokio::select! {
                content = content => content,
                () = give_up.cancelled() => {
                    log::file_not_received(file.what, "too much waits behind it");
                    Content::NotReceived
                }
            };
            let attachment = Attachment::File {
                what: file.what,
                name: file.name,
                content,
            };
            update::attach(&mut heard.inbound.event, attachment);
        }
        Read::Heard(heard)
    }

    /// Stores what was read. After an error Telegram keeps the update and hands it out again.
    pub(super) async fn store(
        &self,
        read: Read,
        update_id: i64,
        ports: &Ports,
    ) -> Result<Stored, StoreError> {
        let stored = match read {
            Read::Heard(heard) => self.store_heard(*heard, ports).await,
            Read::Migrated { from, to } => {
                let noted = self.moves.note(self.me.id, (from, to), &*ports.places);
                noted.await.map(|()| Stored {
                    by_store: true,
                    ..Stored::default()
                })
            }
            Read::Ignored => Ok(Stored::default()),
            Read::Unreadable => {
                self.count_unreadable();
                log::unreadable(update_id);
                Ok(Stored::default())
            }
        };
        if let Err(error) = &stored {
            log::not_stored(update_id, error);
        }
        stored
    }

    async fn store_heard(&self, heard: Heard, ports: &Ports) -> Result<Stored, StoreError> {
        let here = &heard.inbound.address;
        self.moves.follow(self.me.id, here, &*ports.places).await?;
        ports.intake.accept(heard.inbound).await?;
        Ok(Stored {
            press: heard.press,
            by_store: true,
        })
    }

    /// Tells Telegram that a press arrived.
    pub(super) async fn answer_press(&self, press: String) {
        let parameters = json!({"callback_query_id": press});
        let call = self.api.call("answerCallbackQuery", &parameters);
        match timeout(PRESS_TIME_LIMIT, call).await {
            Ok(Ok(_)) => {}
            Ok(Err(failure)) => log::press_not_answered(&failure.to_string()),
            Err(_elapsed) => log::press_not_answered("it took too long"),
        }
    }
}
