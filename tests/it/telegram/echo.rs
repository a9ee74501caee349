//! The smallest thing that answers: it remembers what it accepted, and says it back.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use consultant_channels::{
    ChannelError,
    telegram::{Ports, TelegramChannel, TelegramSettings},
};
use consultant_core::{
    Address, ConversationId, Inbound, InboundEvent, Media,
    ports::{Channel, DeliveryError, Intake, MediaError, MediaStore, Places, Post, StoreError},
};
use consultant_tests::telegram::TelegramDouble;
use secrecy::SecretString;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

const STOP_LIMIT: Duration = Duration::from_secs(5);

/// What outlives a bot, as a store does.
#[derive(Default)]
pub(crate) struct Memory {
    accepted: Mutex<Vec<Inbound>>,
    keys: Mutex<HashSet<String>>,
    tries: AtomicUsize,
    failures: AtomicUsize,
    /// What no try to store it will cure.
    untakeable: Mutex<Option<String>>,
    files: Mutex<HashMap<String, Vec<u8>>>,
    bookmarks: Mutex<BTreeMap<String, String>>,
    moved: Mutex<Vec<(String, String)>>,
}

impl Memory {
    /// Lets the next so many tries to store something fail.
    pub(crate) fn fail(&self, times: usize) {
        self.failures.store(times, Ordering::SeqCst);
    }

    /// From now on what has these words cannot be stored.
    pub(crate) fn cannot_take(&self, words: &str) {
        *self.untakeable.lock().unwrap() = Some(words.to_owned());
    }

    fn takes(&self, inbound: &Inbound) -> bool {
        let untakeable = self.untakeable.lock().unwrap();
        let event = format!("{:?}", inbound.event);
        untakeable
            .as_ref()
            .is_none_or(|words| !event.contains(words))
    }

    /// How often something was handed in, stored or not.
    pub(crate) fn tries(&self) -> usize {
        self.tries.load(Ordering::SeqCst)
    }

    /// Everything stored, in order, without duplicates.
    pub(crate) fn accepted(&self) -> Vec<Inbound> {
        self.accepted.lock().unwrap().clone()
    }
}

impl Memory {
    /// The content of a kept file.
    pub(crate) fn file(&self, media: &Media) -> Vec<u8> {
        self.files.lock().unwrap()[media.hash.as_str()].clone()
    }

    /// Which places became which.
    pub(crate) fn moved_places(&self) -> Vec<(String, String)> {
        self.moved.lock().unwrap().clone()
    }
}

#[async_trait]
impl MediaStore for Memory {
    async fn keep(&self, from: &Address, content: Vec<u8>) -> Result<Media, MediaError> {
        let mut files = self.files.lock().unwrap();
        let hash = format!("{from} {}", files.len());
        let media = Media {
            hash: hash.as_str().into(),
            bytes: content.len() as u64,
            media_type: "of no matter".into(),
        };
        files.insert(hash, content);
        Ok(media)
    }

    async fn read(&self, _: &Address, media: &Media) -> Result<Vec<u8>, MediaError> {
        Ok(self.file(media))
    }

    async fn erase(&self, _: &Address) -> Result<usize, MediaError> {
        Ok(0)
    }
}

#[async_trait]
impl Places for Memory {
    async fn moved(&self, from: &Address, to: &Address) -> Result<(), StoreError> {
        let mut moved = self.moved.lock().unwrap();
        moved.push((from.place.clone(), to.place.clone()));
        Ok(())
    }

    async fn lead(&self, _: &Address, _: ConversationId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn part(&self, _: &Address, _: ConversationId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn addresses(&self, _: ConversationId) -> Result<Vec<Address>, StoreError> {
        Ok(Vec::new())
    }

    async fn bookmark(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut bookmarks = self.bookmarks.lock().unwrap();
        bookmarks.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    async fn bookmarks(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        let bookmarks = self.bookmarks.lock().unwrap().clone();
        let begins = |(name, _): &(String, String)| name.starts_with(prefix);
        Ok(bookmarks.into_iter().filter(begins).collect())
    }
}

struct Echo {
    memory: Arc<Memory>,
    answers: mpsc::UnboundedSender<Inbound>,
}

#[async_trait]
impl Intake for Echo {
    async fn accept(&self, inbound: Inbound) -> Result<(), StoreError> {
        self.memory.tries.fetch_add(1, Ordering::SeqCst);
        let failures = &self.memory.failures;
        let left = failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_ok() {
            return Err(StoreError::Unavailable {
                what: "storing an update".into(),
                source: "the test says so".into(),
            });
        }
        if !self.memory.takes(&inbound) {
            return Err(StoreError::Corrupt {
                what: "the conversation".into(),
                source: "the test says so".into(),
            });
        }
        let new = self
            .memory
            .keys
            .lock()
            .unwrap()
            .insert(inbound.key.0.clone());
        if new {
            self.memory.accepted.lock().unwrap().push(inbound.clone());
            // A bot that was stopped in the meantime answers no more.
            drop(self.answers.send(inbound));
        }
        Ok(())
    }
}

/// A running bot.
pub(crate) struct Bot {
    pub(crate) channel: Arc<TelegramChannel>,
    pub(crate) ports: Ports,
    stop: CancellationToken,
    task: JoinHandle<Result<(), ChannelError>>,
    answering: JoinHandle<()>,
}

pub(crate) fn settings(telegram: &TelegramDouble) -> TelegramSettings {
    TelegramSettings::new(SecretString::from(telegram.token()), telegram.url())
}

impl Bot {
    /// Connects and polls.
    pub(crate) async fn start(telegram: &TelegramDouble, memory: &Arc<Memory>) -> Self {
        Self::start_with(settings(telegram), memory).await
    }

    /// The same with settings of the test's own.
    pub(crate) async fn start_with(settings: TelegramSettings, memory: &Arc<Memory>) -> Self {
        let channel = TelegramChannel::connect(settings).await.unwrap();
        let channel = Arc::new(channel);
        let (answers, questions) = mpsc::unbounded_channel();
        let ports = Ports {
            intake: Arc::new(Echo {
                memory: Arc::clone(memory),
                answers,
            }),
            places: Arc::clone(memory) as Arc<dyn Places>,
            media: Arc::clone(memory) as Arc<dyn MediaStore>,
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(Arc::clone(&channel).run(ports.clone(), stop.clone()));
        let answering = tokio::spawn(answer(Arc::clone(&channel), questions));
        Self {
            channel,
            ports,
            stop,
            task,
            answering,
        }
    }

    /// Asks the bot to stop, and waits until all it took is answered.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        // They hold the way to the answers open.
        drop(self.ports);
        timeout(STOP_LIMIT, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        timeout(STOP_LIMIT, self.answering).await.unwrap().unwrap();
    }

    /// Waits until the bot ends by itself, and says why.
    pub(crate) async fn ends(self) -> ChannelError {
        timeout(STOP_LIMIT, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap_err()
    }
}

async fn answer(channel: Arc<TelegramChannel>, mut questions: mpsc::UnboundedReceiver<Inbound>) {
    while let Some(inbound) = questions.recv().await {
        let text = match &inbound.event {
            InboundEvent::Message { text, .. } => format!("You said: {text}"),
            InboundEvent::Command { command } => format!("You gave /{}", command.name()),
            InboundEvent::Unsupported { what } => format!("I cannot read this: {what:?}"),
            InboundEvent::Edited { text } => format!("You changed it to: {text}"),
            InboundEvent::Pressed { press } => format!("You pressed {press}"),
            other => format!("You did {other:?}"),
        };
        deliver(&channel, &inbound, &text).await;
    }
}

async fn deliver(channel: &TelegramChannel, inbound: &Inbound, text: &str) {
    loop {
        let post = Post {
            reply_to: inbound.message.as_ref(),
            ..Post::of(text, inbound.key.as_str())
        };
        match channel.send(&inbound.address, post).await {
            Err(DeliveryError::Wait { after }) => sleep(after).await,
            Err(DeliveryError::Retry { .. }) => sleep(Duration::from_millis(50)).await,
            Ok(_) | Err(_) => return,
        }
    }
}
