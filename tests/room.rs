//! One house in this process over the memory store, with a clock that stands still and a screen
//! that remembers what it shows: for what has nothing to do with a platform.

#![expect(
    clippy::expect_used,
    reason = "a harness fails its test where it stands"
)]

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use consultant_app::{
    clock::SystemClock,
    company::{self, Company},
    config::{CompanyFiles, Environment, Sources, load},
    dispatcher::{Outcome, Rhythm},
    house::{House, Parts, engine_settings},
    release::{self, Decisions, Served},
    supervisor::Supervisor,
    timekeeper::Timekeeper,
};
use consultant_core::{
    Address, Attachment, Card, ChannelName, Happening, Inbound, InboundEvent, InboundKey,
    MessageId, OutboxEntry, OutboxId, OutboxState, PlaybookVersion, Proof, Receipt, ReleaseStep,
    desk::DeskBook,
    engine::EngineSettings,
    ports::{
        Accepted, Backlog, Channel, ChannelLimits, Clock, Commit, DeliveryError, Knowledge,
        MediaReader, OnePlaybook, Playbooks, Post, Preview, WholeStore,
    },
};
use consultant_knowledge::SmallModels;
use consultant_store::{MediaFolder, MemoryStore, StoreSettings};
use tempfile::TempDir;

use crate::{contract::clock::FrozenClock, scripted::ScriptedModel};

/// A house with one customer in it.
pub struct Room {
    /// What the model will write.
    pub model: ScriptedModel,
    /// The time.
    pub clock: Arc<FrozenClock>,
    /// The store.
    pub store: Arc<dyn WholeStore>,
    screen: Arc<Screen>,
    house: House,
    inbounds: AtomicUsize,
    folder: TempDir,
}

/// What a house stands on.
struct Base {
    folder: TempDir,
    clock: Arc<FrozenClock>,
    store: Arc<dyn WholeStore>,
    settings: EngineSettings,
}

impl Base {
    fn new() -> Self {
        let clock = Arc::new(FrozenClock::default());
        let port = Arc::clone(&clock) as Arc<dyn Clock>;
        let store = MemoryStore::new(&StoreSettings::default(), port);
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            settings: engine_settings(&config(&folder)),
            folder,
            clock,
            store: Arc::new(store),
        }
    }

    fn build(
        self,
        knowledge: Arc<dyn Knowledge>,
        playbooks: Arc<dyn Playbooks>,
        readers: Vec<Arc<dyn MediaReader>>,
        becomes: impl FnOnce(Arc<dyn WholeStore>) -> Arc<dyn WholeStore>,
    ) -> Room {
        let model = ScriptedModel::default();
        let screen = Arc::new(Screen::default());
        let parts = Parts {
            knowledge,
            playbooks,
            following: None,
            model: Arc::new(model.clone()),
            store: becomes(Arc::clone(&self.store)),
            media: Arc::new(MediaFolder::new(self.folder.path().join("media"))),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            settings: self.settings,
            rhythm: Rhythm::default(),
            readers,
            desks: DeskBook::default(),
        };
        let channel = Arc::clone(&screen) as Arc<dyn Channel>;
        Room {
            house: parts.build([channel], Vec::new(), Supervisor::default()),
            model,
            clock: self.clock,
            store: self.store,
            screen,
            inbounds: AtomicUsize::new(0),
            folder: self.folder,
        }
    }
}

async fn publish(
    store: &dyn WholeStore,
    company: &Company,
    what: fn(PlaybookVersion) -> ReleaseStep,
) {
    store.keep_version(&company.kept).await.expect("it is kept");
    let decisions = Decisions {
        log: store,
        clock: &SystemClock,
        author: "ann",
        note: None,
    };
    let seen = decisions.releases().await.expect("decisions");
    let added = decisions.add(&seen, what(company.kept.id.clone())).await;
    added.expect("nobody else decides");
}

/// The decision that makes a version live.
pub fn published(version: PlaybookVersion) -> ReleaseStep {
    ReleaseStep::Published {
        version,
        proof: Proof::default(),
    }
}

/// One message on the customer's screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnScreen {
    /// Its words.
    pub text: String,
    /// What hangs under it.
    pub card: Option<Card>,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(demo())
    }
}

impl Room {
    /// A house of this company.
    pub fn of(company: Company) -> Self {
        Self::over(company, |store| store)
    }

    /// A house in which these read what is no text.
    pub fn reading(readers: Vec<Arc<dyn MediaReader>>) -> Self {
        Self::furnished(demo(), readers, |store| store)
    }

    /// A house in which the model reads answers that rules cannot read.
    pub fn reading_answers(company: Company) -> Self {
        let mut base = Base::new();
        base.settings.reads_answers = true;
        let playbooks = Arc::new(OnePlaybook(company.playbook));
        base.build(company.knowledge, playbooks, Vec::new(), |store| store)
    }

    /// A house of this company, over what becomes of its store.
    pub fn over(
        company: Company,
        becomes: impl FnOnce(Arc<dyn WholeStore>) -> Arc<dyn WholeStore>,
    ) -> Self {
        Self::furnished(company, Vec::new(), becomes)
    }

    fn furnished(
        company: Company,
        readers: Vec<Arc<dyn MediaReader>>,
        becomes: impl FnOnce(Arc<dyn WholeStore>) -> Arc<dyn WholeStore>,
    ) -> Self {
        let base = Base::new();
        let playbooks = Arc::new(OnePlaybook(company.playbook));
        base.build(company.knowledge, playbooks, readers, becomes)
    }

    /// A house that follows what is published; this company is, for everybody. With what follows.
    pub async fn publishing(company: &Company) -> (Self, Arc<Served>) {
        let base = Base::new();
        publish(&*base.store, company, published).await;
        let releases = release::releases(&*base.store).await.expect("decisions");
        let (store, facts) = (Arc::clone(&base.store), Arc::clone(&company.knowledge));
        let served = Served::open(store, Arc::clone(&facts), releases, None).await;
        let served = Arc::new(served.expect("the store is there").expect("it is live"));
        let playbooks = Arc::clone(&served) as Arc<dyn Playbooks>;
        let room = base.build(facts, playbooks, Vec::new(), |store| store);
        (room, served)
    }

    /// Decides something about a version of this company, as a command of another process does.
    pub async fn decides(&self, company: &Company, what: fn(PlaybookVersion) -> ReleaseStep) {
        publish(&*self.store, company, what).await;
    }

    /// Where the customer is.
    pub fn address(&self) -> Address {
        Address::new(ChannelName::Telegram, "7")
    }

    /// Where the media lie.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Keeps a file as a channel would before it hands the message in.
    pub async fn keeps(&self, content: &[u8]) -> consultant_core::Media {
        let from = self.address();
        let kept = self.house.media.keep(&from, content.to_vec()).await;
        kept.expect("the file is kept")
    }

    /// A file that is kept, as a person would open it.
    pub async fn opens(&self, file: &consultant_core::Media) -> Vec<u8> {
        let read = self.house.media.read(&self.address(), file).await;
        read.expect("the file is there")
    }

    /// Says something as the message of this name, and waits for the end of the turn.
    pub async fn says(&self, message: &str, text: &str) -> Vec<OnScreen> {
        self.does(message, InboundEvent::says(text)).await
    }

    /// Sends something, and waits for the end of the turn.
    pub async fn sends(&self, text: &str, attachments: Vec<Attachment>) -> Vec<OnScreen> {
        let text = text.to_owned();
        let event = InboundEvent::Message { text, attachments };
        self.does("m", event).await
    }

    /// Does anything, and returns what is new on the screen.
    pub async fn does(&self, message: &str, event: InboundEvent) -> Vec<OnScreen> {
        let inbound = Inbound {
            message: Some(MessageId::from(message)),
            ..Inbound::new(self.key(), self.address(), self.clock.now(), event)
        };
        self.hands_in(inbound).await
    }

    /// Somebody says something from this place of Telegram.
    pub async fn hears(&self, place: &str, text: &str) -> Vec<OnScreen> {
        self.gets(place, InboundEvent::says(text)).await
    }

    /// Somebody begins anew at this place of Telegram.
    pub async fn resets(&self, place: &str) {
        let command = consultant_core::Command::Reset;
        self.gets(place, InboundEvent::Command { command }).await;
    }

    async fn gets(&self, place: &str, event: InboundEvent) -> Vec<OnScreen> {
        let address = Address::new(ChannelName::Telegram, place);
        self.hands_in(Inbound::new(self.key(), address, self.clock.now(), event))
            .await
    }

    /// Hands an inbound in, and returns what is new on the screen.
    pub async fn hands_in(&self, inbound: Inbound) -> Vec<OnScreen> {
        let before = self.screen.messages().len();
        let outcome = self.house.dispatcher.answer(inbound).await;
        assert_eq!(outcome.expect("it is stored"), Outcome::Answered);
        self.screen.messages().split_off(before)
    }

    /// A new key.
    pub fn key(&self) -> InboundKey {
        let number = self.inbounds.fetch_add(1, Ordering::Relaxed);
        InboundKey(format!("telegram:1:{number}"))
    }

    /// Everything on the screen.
    pub fn screen(&self) -> Vec<OnScreen> {
        self.screen.messages()
    }

    /// Fires what is due, and waits until it is answered.
    pub async fn fires(&self) -> Vec<OnScreen> {
        let before = self.screen.messages().len();
        let timekeeper = Timekeeper {
            dispatcher: Arc::clone(&self.house.dispatcher),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
        };
        let mut revived = None;
        let looked = timekeeper.look(|_| true, &mut revived, false).await;
        looked.expect("the store is there");
        self.settled().await;
        self.screen.messages().split_off(before)
    }

    /// Waits until nothing is left to answer or to deliver.
    pub async fn settled(&self) {
        let waiting = async {
            while self.store.backlog().await.expect("the backlog") != Backlog::default() {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(crate::world::PATIENCE, waiting)
            .await
            .expect("everything is answered and delivered");
    }

    /// What happened, oldest first.
    pub async fn happened(&self) -> Vec<Happening> {
        let id = self.store.conversations(None, 1).await.expect("the ids");
        let id = *id.first().expect("a conversation");
        let ledger = self.store.ledger(id).await.expect("the ledger");
        ledger.into_iter().map(|event| event.what).collect()
    }

    /// Stores an inbound without answering it, as a process that dies at once does.
    pub async fn stores(&self, event: InboundEvent) -> consultant_core::Envelope {
        let inbound = Inbound::new(self.key(), self.address(), self.clock.now(), event);
        let accepted = self.store.accept(inbound).await.expect("it is stored");
        match accepted {
            Accepted::New(envelope) => envelope,
            Accepted::Duplicate => unreachable!("the key is new"),
        }
    }

    /// Stores an inbound and begins its reply, as a process that dies while the model writes does.
    pub async fn begins(&self, event: InboundEvent) -> consultant_core::Envelope {
        let envelope = self.stores(event).await;
        let reply = OutboxEntry {
            id: OutboxId::reply_to(&envelope.inbound.key),
            conversation: envelope.conversation,
            address: self.address(),
            sequence: envelope.sequence,
            text: String::new(),
            card: None,
            reply_to: None,
            state: OutboxState::Open,
            shown: Vec::new(),
            relayed: None,
        };
        let commit = Commit {
            outbox: vec![reply],
            ..Commit::of(envelope.conversation, 0)
        };
        self.store.commit(commit).await.expect("it is begun");
        envelope
    }

    /// Takes up what is left, as a start does, and is over before any of it is done. From then on
    /// nothing is answered here.
    pub async fn dies_at_start(&self) {
        self.house.supervisor.stop.cancel();
        let resumed = self.house.dispatcher.resume(|_| true).await;
        resumed.expect("the store is there");
        self.house.supervisor.tasks.close();
        self.house.supervisor.tasks.wait().await;
        self.house.supervisor.tasks.reopen();
    }

    /// Changes the session behind the house's back.
    pub async fn puts(&self, session: consultant_core::Session) {
        let envelope = self.stores(InboundEvent::Left).await;
        let opened = self.store.open(envelope.conversation).await;
        let commit = Commit {
            session: consultant_core::ports::SessionChange::Put(Box::new(session)),
            answered: vec![envelope.inbound.key],
            ..Commit::of(envelope.conversation, opened.expect("opened").version)
        };
        self.store.commit(commit).await.expect("it is committed");
    }
}

/// The demo company.
pub fn demo() -> Company {
    company::load(&CompanyFiles::Embedded, &SmallModels::default()).expect("the demo company")
}

/// The settings of whoever sets none, over this folder.
pub fn config(folder: &TempDir) -> consultant_app::config::Config {
    let below = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let sources = Sources {
        environment: Environment::from_iter([
            ("CONSULTANT__DATA_DIR", below("data")),
            ("CONSULTANT__MODELS_DIR", below("models")),
        ]),
        config_file: None,
        working_dir: folder.path().to_owned(),
    };
    load(&sources).expect("the defaults are right")
}

/// A screen that remembers.
#[derive(Default)]
struct Screen(Mutex<Vec<OnScreen>>);

impl Screen {
    fn messages(&self) -> Vec<OnScreen> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<OnScreen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Channel for Screen {
    fn name(&self) -> ChannelName {
        ChannelName::Telegram
    }

    fn limits(&self, _: &Address) -> ChannelLimits {
        ChannelLimits {
            message_utf16_units: 4096,
            preview: Preview::No,
            typing_interval: None,
        }
    }

    async fn send(&self, _: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError> {
        let mut messages = self.lock();
        messages.push(OnScreen {
            text: post.text.to_owned(),
            card: post.card.cloned(),
        });
        Ok(Receipt(messages.len().to_string()))
    }

    async fn edit(
        &self,
        _: &Address,
        receipt: &Receipt,
        post: Post<'_>,
    ) -> Result<(), DeliveryError> {
        let number: usize = receipt.0.parse().expect("a receipt of this screen");
        let mut messages = self.lock();
        let message = messages.get_mut(number - 1).expect("a message");
        post.text.clone_into(&mut message.text);
        message.card = post.card.cloned();
        Ok(())
    }

    async fn delete(&self, _: &Address, receipt: &Receipt) -> Result<(), DeliveryError> {
        let number: usize = receipt.0.parse().expect("a receipt of this screen");
        self.lock().remove(number - 1);
        Ok(())
    }

    async fn draft(&self, _: &Address, _: Post<'_>) -> Result<(), DeliveryError> {
        Err(DeliveryError::Refused("no drafts here".to_owned()))
    }

    async fn typing(&self, _: &Address) -> Result<(), DeliveryError> {
        Ok(())
    }
}
