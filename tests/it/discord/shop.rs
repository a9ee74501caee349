//! A shop whose consultant is on Discord: the real channel, an echo in the engine's place, and a
//! store of bookmarks that outlives a restart.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use consultant_channels::{
    ChannelError,
    discord::{DiscordChannel, DiscordHouse, DiscordSettings},
};
use consultant_core::{
    Address, Card, ConversationId, Inbound, InboundEvent, InboundKey, Media,
    ports::{Channel, Intake, MediaError, MediaStore, Places, Post, StoreError},
};
use consultant_store::MediaFolder;
use consultant_tests::discord::{DiscordDouble, TOKEN};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Stands where the engine will: answers everything once.
pub(super) struct Echo {
    channel: Arc<DiscordChannel>,
    pub(super) heard: Mutex<Vec<Inbound>>,
    pub(super) store_failures: AtomicUsize,
    /// What the store can never take.
    pub(super) poison: Mutex<Option<String>>,
    /// What hangs under every echo.
    pub(super) card: Mutex<Option<Card>>,
    /// As a store does, it takes a key once, also after a restart.
    keys: Arc<Mutex<HashSet<InboundKey>>>,
}

#[async_trait]
impl Intake for Echo {
    async fn accept(&self, inbound: Inbound) -> Result<(), StoreError> {
        let down = |left: usize| left.checked_sub(1);
        let failing = self
            .store_failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, down)
            .is_ok();
        if failing {
            return Err(StoreError::Unavailable {
                what: "the echo's store".to_owned(),
                source: "down".into(),
            });
        }
        let poison = self.poison.lock().unwrap().clone();
        if matches!(&inbound.event, InboundEvent::Message { text, .. } if Some(text) == poison.as_ref())
        {
            return Err(StoreError::Corrupt {
                what: "the address".to_owned(),
                source: "not a row".into(),
            });
        }
        if !self.keys.lock().unwrap().insert(inbound.key.clone()) {
            return Ok(());
        }
        let reply = match &inbound.event {
            InboundEvent::Message { text, .. } => format!("echo: {text}"),
            InboundEvent::Edited { text } => format!("edited: {text}"),
            InboundEvent::Pressed { press } => format!("pressed: {press}"),
            InboundEvent::Command { command } => format!("command: {}", command.name()),
            InboundEvent::Unsupported { what } => format!("unsupported: {what:?}"),
            other => format!("{other:?}"),
        };
        let (address, key) = (inbound.address.clone(), inbound.key.to_string());
        let (reply_to, card) = (inbound.message.clone(), self.card.lock().unwrap().clone());
        self.heard.lock().unwrap().push(inbound);
        let post = Post {
            card: card.as_ref(),
            reply_to: reply_to.as_ref(),
            ..Post::of(&reply, &key)
        };
        self.channel
            .send(&address, post)
            .await
            .expect("the double takes the reply");
        Ok(())
    }
}

/// Bookmarks as a store keeps them.
#[derive(Default)]
pub(super) struct MemoryPlaces {
    pub(super) notes: Mutex<BTreeMap<String, String>>,
    pub(super) failures: AtomicUsize,
}

#[async_trait]
impl Places for MemoryPlaces {
    async fn moved(&self, _: &Address, _: &Address) -> Result<(), StoreError> {
        Err(StoreError::Unknown("nothing moves on Discord".to_owned()))
    }

    async fn lead(&self, _: &Address, _: ConversationId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn part(&self, _: &Address, _: ConversationId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn addresses(&self, _: ConversationId) -> Result<Vec<Address>, StoreError> {
        Err(StoreError::Unknown("no conversation".to_owned()))
    }

    async fn bookmark(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut notes = self.notes.lock().unwrap();
        notes.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    async fn bookmarks(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        let down = |left: usize| left.checked_sub(1);
        let failing = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, down);
        if failing.is_ok() {
            return Err(StoreError::Unavailable {
                what: "the bookmarks".to_owned(),
                source: "down".into(),
            });
        }
        let notes = self.notes.lock().unwrap();
        let wanted = notes.iter().filter(|(name, _)| name.starts_with(prefix));
        Ok(wanted
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect())
    }
}

/// A shop whose consultant is on Discord.
pub(super) struct Shop {
    pub(super) discord: DiscordDouble,
    pub(super) channel: Arc<DiscordChannel>,
    pub(super) echo: Arc<Echo>,
    pub(super) running: JoinHandle<Result<(), ChannelError>>,
    pub(super) kept: Kept,
    stop: CancellationToken,
}

/// What outlives a restart.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) places: Arc<MemoryPlaces>,
    pub(super) media: Arc<MediaFolder>,
    /// So many files are still to end whoever keeps them.
    pub(super) defects: Arc<AtomicUsize>,
    keys: Arc<Mutex<HashSet<InboundKey>>>,
    _folder: Arc<TempDir>,
}

impl Kept {
    fn nothing() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            places: Arc::default(),
            media: Arc::new(MediaFolder::new(folder.path().join("media"))),
            defects: Arc::default(),
            keys: Arc::default(),
            _folder: Arc::new(folder),
        }
    }

    fn echo(&self, channel: &Arc<DiscordChannel>) -> Arc<Echo> {
        Arc::new(Echo {
            channel: Arc::clone(channel),
            heard: Mutex::default(),
            store_failures: AtomicUsize::new(0),
            poison: Mutex::default(),
            card: Mutex::default(),
            keys: Arc::clone(&self.keys),
        })
    }

    fn house(&self, echo: &Arc<Echo>) -> DiscordHouse {
        DiscordHouse {
            intake: Arc::<Echo>::clone(echo),
            places: Arc::<MemoryPlaces>::clone(&self.places),
            media: Arc::new(Defective(self.clone())),
        }
    }
}

/// The folder, with a defect where one is wanted.
struct Defective(Kept);

#[async_trait]
impl MediaStore for Defective {
    async fn keep(&self, from: &Address, content: Vec<u8>) -> Result<Media, MediaError> {
        let down = |left: usize| left.checked_sub(1);
        let defect = self
            .0
            .defects
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, down);
        assert!(defect.is_err(), "a defect, on purpose");
        self.0.media.keep(from, content).await
    }

    async fn read(&self, from: &Address, media: &Media) -> Result<Vec<u8>, MediaError> {
        self.0.media.read(from, media).await
    }

    async fn erase(&self, from: &Address) -> Result<usize, MediaError> {
        self.0.media.erase(from).await
    }
}

/// What stands behind a channel that hears nothing.
pub(super) fn house(channel: &Arc<DiscordChannel>) -> DiscordHouse {
    let kept = Kept::nothing();
    let echo = kept.echo(channel);
    kept.house(&echo)
}

pub(super) fn settings(discord: &DiscordDouble) -> DiscordSettings {
    DiscordSettings {
        api_url: Some(discord.api_url()),
        gateway_url: Some(discord.gateway_url()),
        ..DiscordSettings::new(TOKEN.into())
    }
}

impl Shop {
    pub(super) async fn opens() -> Self {
        Self::opens_at(DiscordDouble::start().await, |_| {}).await
    }

    pub(super) async fn opens_at(
        discord: DiscordDouble,
        change: impl FnOnce(&mut DiscordSettings),
    ) -> Self {
        Self::opens_with(discord, Kept::nothing(), change).await
    }

    pub(super) async fn opens_with(
        discord: DiscordDouble,
        kept: Kept,
        change: impl FnOnce(&mut DiscordSettings),
    ) -> Self {
        let before = discord.identifies();
        let mut settings = settings(&discord);
        change(&mut settings);
        let channel = DiscordChannel::connect(settings).await;
        let channel = Arc::new(channel.expect("a good token"));
        let echo = kept.echo(&channel);
        let stop = CancellationToken::new();
        let run = Arc::clone(&channel).run(kept.house(&echo), stop.clone());
        let running = tokio::spawn(run);
        discord.wait_for_session(before + 1).await;
        Self {
            discord,
            channel,
            echo,
            running,
            kept,
            stop,
        }
    }

    pub(super) fn heard(&self) -> Vec<Inbound> {
        self.echo.heard.lock().unwrap().clone()
    }

    pub(super) async fn closes(self) {
        self.stops().await;
    }

    /// Closes; Discord and what was kept stay.
    pub(super) async fn stops(self) -> (DiscordDouble, Kept) {
        self.stop.cancel();
        let ended = self.running.await.expect("the channel does not panic");
        ended.expect("the channel stops without an error");
        (self.discord, self.kept)
    }
}
