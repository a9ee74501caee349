//! The smallest thing that answers: it remembers what it accepted, and says it back.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use consultant_channels::{
    ChannelError,
    telegram::{TelegramChannel, TelegramSettings},
};
use consultant_core::{
    Inbound, InboundEvent,
    ports::{Channel, DeliveryError, Intake, StoreError},
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
}

impl Memory {
    /// Lets the next so many tries to store something fail.
    pub(crate) fn fail(&self, times: usize) {
        self.failures.store(times, Ordering::SeqCst);
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
        let channel = TelegramChannel::connect(settings(telegram)).await.unwrap();
        let channel = Arc::new(channel);
        let (answers, questions) = mpsc::unbounded_channel();
        let intake = Arc::new(Echo {
            memory: Arc::clone(memory),
            answers,
        });
        let stop = CancellationToken::new();
        let task = tokio::spawn(Arc::clone(&channel).run(intake, stop.clone()));
        let answering = tokio::spawn(answer(Arc::clone(&channel), questions));
        Self {
            channel,
            stop,
            task,
            answering,
        }
    }

    /// Asks the bot to stop, and waits until all it took is answered.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
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
            InboundEvent::Message { text } => format!("You said: {text}"),
            InboundEvent::Command { command } => format!("You gave /{}", command.name()),
            InboundEvent::Unsupported { what } => format!("I cannot read this: {what:?}"),
        };
        deliver(&channel, &inbound, &text).await;
    }
}

async fn deliver(channel: &TelegramChannel, inbound: &Inbound, text: &str) {
    loop {
        match channel
            .send(&inbound.address, text, inbound.key.as_str())
            .await
        {
            Err(DeliveryError::Wait { after }) => sleep(after).await,
            Err(DeliveryError::Retry { .. }) => sleep(Duration::from_millis(50)).await,
            Ok(_) | Err(_) => return,
        }
    }
}
