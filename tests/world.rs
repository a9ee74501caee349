//! The world of an integration test: both platforms, a store, a scripted model, and `consultant
//! serve` between them, in this process, as an operator would configure it.
//!
//! A test ends with [`World::end`], which stops the house and asserts that nothing was left
//! undelivered, nothing was written that the platforms' schemas forbid, and no script went unused.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a harness fails its test where it stands"
)]

use std::{sync::Arc, time::Duration};

use consultant_app::{
    clock::SystemClock,
    commands::serve,
    config::{Config, Sources, load},
    failure::Failure,
    health, house,
    supervisor::Supervisor,
    telemetry,
};
use consultant_core::{
    Address, Happening, Inbound, InboundEvent, InboundKey,
    ports::{Accepted, Backlog, Commit, Store},
};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{
    discord::{DiscordDouble, TOKEN},
    scripted::ScriptedModel,
    telegram::TelegramDouble,
};

/// How long anything in a test may take. Generous: it bounds a hang, it measures nothing.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Both platforms, a store, a model, and the house between them.
pub struct World {
    /// Telegram, as the customers and the bot see it.
    pub telegram: TelegramDouble,
    /// Discord, as the customers and the bot see it.
    pub discord: DiscordDouble,
    /// What the model will write.
    pub model: ScriptedModel,
    folder: TempDir,
    store_url: String,
    serving: Option<Serving>,
    /// How long a customer must be quiet before an answer is begun, in milliseconds. Counts from
    /// the next start.
    pub quiet_period_ms: u64,
    /// Turns a minute of one customer. Counts from the next start.
    pub turns_per_minute: u32,
    /// Turns a minute of all customers. Counts from the next start.
    pub turns_per_minute_in_all: u32,
    /// Whether messages keep the pace that Telegram allows. Counts from the next start.
    pub paced: bool,
    /// The port on which Telegram calls, instead of being polled. Counts from the next start.
    pub webhook_port: Option<u16>,
    /// How often the house was opened.
    opened: usize,
}

struct Serving {
    supervisor: Supervisor,
    task: JoinHandle<Result<std::process::ExitCode, Failure>>,
}

impl World {
    /// A world on the embedded store, with the house open.
    pub async fn open() -> Self {
        Self::on("sqlite:sessions.sqlite").await
    }

    /// A world on the store of this URL, with the house open.
    pub async fn on(store_url: &str) -> Self {
        let mut world = Self {
            telegram: TelegramDouble::start().await,
            discord: DiscordDouble::start().await,
            model: ScriptedModel::default(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            store_url: store_url.to_owned(),
            serving: None,
            quiet_period_ms: 0,
            turns_per_minute: 600,
            turns_per_minute_in_all: 10_000_000,
            paced: true,
            webhook_port: None,
            opened: 0,
        };
        world.start().await;
        world
    }

    /// The configuration, read as `consultant serve` would read it.
    pub fn config(&self) -> Config {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let models = self.folder.path().join("models");
        let settings = [
            (
                "CONSULTANT__TELEGRAM__TOKEN",
                self.telegram.token().to_owned(),
            ),
            (
                "CONSULTANT__TELEGRAM__API_URL",
                self.telegram.url().to_owned(),
            ),
            ("CONSULTANT__TELEGRAM__PACED", self.paced.to_string()),
            ("CONSULTANT__DISCORD__TOKEN", TOKEN.to_owned()),
            ("CONSULTANT__DISCORD__API_URL", self.discord.api_url()),
            (
                "CONSULTANT__DISCORD__GATEWAY_URL",
                self.discord.gateway_url(),
            ),
            (
                "CONSULTANT__REPLY__TURNS_PER_MINUTE",
                self.turns_per_minute.to_string(),
            ),
            (
                "CONSULTANT__REPLY__TURNS_PER_MINUTE_IN_ALL",
                self.turns_per_minute_in_all.to_string(),
            ),
            // Answers begin at once; tests of bursts set their own.
            (
                "CONSULTANT__TELEGRAM__QUIET_PERIOD_MS",
                self.quiet_period_ms.to_string(),
            ),
            (
                "CONSULTANT__DISCORD__QUIET_PERIOD_MS",
                self.quiet_period_ms.to_string(),
            ),
            ("CONSULTANT__STORE__URL", self.store_url.clone()),
            ("CONSULTANT__DATA_DIR", format!("{folder}/data")),
            (
                "CONSULTANT__MODELS_DIR",
                models.to_string_lossy().into_owned(),
            ),
            (
                "CONSULTANT__MODEL__PATH",
                // The scripted model stands in for any model; a hub's has no files to be checked.
                "tests/scripted".to_owned(),
            ),
        ];
        let environment = settings.into_iter().chain(self.webhook()).collect();
        let sources = Sources {
            environment,
            config_file: None,
            working_dir: self.folder.path().to_owned(),
        };
        load(&sources).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    /// The folder of this house.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Writes down who answers customers besides the bot, and where. A new place counts from the next
    /// start, new people at once.
    pub fn write_desk(&self, yaml: &str) {
        let folder = self.folder.path().join("config");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("desk.yaml"), yaml).expect("a file");
    }

    fn webhook(&self) -> Vec<(&'static str, String)> {
        let Some(port) = self.webhook_port else {
            return Vec::new();
        };
        let listen = format!("127.0.0.1:{port}");
        vec![
            (
                "CONSULTANT__TELEGRAM__WEBHOOK_URL",
                format!("http://{listen}/telegram"),
            ),
            ("CONSULTANT__TELEGRAM__WEBHOOK_LISTEN", listen),
            (
                "CONSULTANT__TELEGRAM__WEBHOOK_SECRET",
                "a-secret-of-the-webhook".to_owned(),
            ),
        ]
    }

    /// Opens the house and waits until it serves both channels.
    pub async fn start(&mut self) {
        let config = self.config();
        telemetry::start(&config.log, false);
        let supervisor = Supervisor::default();
        let backends = self.model.clone();
        let task = tokio::spawn({
            let (config, supervisor) = (config.clone(), supervisor.clone());
            async move { serve::run(&config, &backends, supervisor).await }
        });
        let serving = Serving { supervisor, task };
        wait_until("the house serves", || {
            serving.task.is_finished() || health::check(&config.data_dir, &SystemClock).is_ok()
        })
        .await;
        if serving.task.is_finished() {
            let ended = serving.task.await.expect("the house does not panic");
            let why = ended.map_or_else(|failure| failure.render(), |code| format!("{code:?}"));
            panic!("the house did not open: {why}");
        }
        self.serving = Some(serving);
        self.opened += 1;
        if self.webhook_port.is_none() {
            self.telegram.wait_until_polled().await;
        }
        self.discord.wait_for_session(self.opened).await;
    }

    /// Closes the house in order, as SIGTERM does. What customers say now waits for them.
    pub async fn stop(&mut self) {
        let Some(Serving { supervisor, task }) = self.serving.take() else {
            return;
        };
        supervisor.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, task)
            .await
            .expect("the house closes in time");
        let ended = ended.expect("the house does not panic");
        ended.unwrap_or_else(|failure| panic!("the house failed: {}", failure.render()));
    }

    /// The store, opened beside the house.
    pub async fn store(&self) -> Arc<dyn Store> {
        let opened = house::open_store(&self.config(), Arc::new(SystemClock)).await;
        opened.unwrap_or_else(|failure| panic!("{}", failure.render()))
    }

    /// Waits until every message is answered and every answer delivered.
    pub async fn settled(&self) {
        let store = self.store().await;
        let waiting = async {
            while store.backlog().await.expect("the backlog") != Backlog::default() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(
            tokio::time::timeout(PATIENCE, waiting).await.is_ok(),
            "the house never settled"
        );
    }

    /// What happened in the conversation at this address, oldest first.
    pub async fn happenings(&self, address: Address) -> Vec<Happening> {
        let store = self.store().await;
        let key = InboundKey::from(format!("a look at {address}"));
        let nothing = InboundEvent::says("");
        let look = Inbound::new(key.clone(), address, Timestamp::UNIX_EPOCH, nothing);
        // An address leads to its conversation only for an inbound, so one is stored and taken
        // back.
        let Accepted::New(envelope) = store.accept(look).await.expect("accepted") else {
            panic!("one look a test is enough");
        };
        let conversation = envelope.conversation;
        let opened = store.open(conversation).await.expect("opened");
        let take_back = Commit {
            answered: vec![key],
            ..Commit::of(conversation, opened.version)
        };
        store.commit(take_back).await.expect("taken back");
        let ledger = store.ledger(conversation).await.expect("the ledger");
        ledger.into_iter().map(|event| event.what).collect()
    }

    /// Closes the house and asserts that nothing was left over.
    pub async fn end(mut self) {
        self.stop().await;
        if self.store_url != "memory:" {
            let left = self.store().await.backlog().await.expect("the backlog");
            assert_eq!(left, Backlog::default(), "something was left in the store");
        }
        assert_eq!(self.telegram.take_violations(), Vec::<String>::new());
        assert_eq!(self.discord.violations(), Vec::<String>::new());
        assert_eq!(
            self.model.unasked(),
            0,
            "the model was not asked for all it was to write"
        );
    }
}

/// Waits on a marker, with a limit that names it.
pub async fn wait_until(what: &str, ready: impl Fn() -> bool) {
    let waiting = async {
        while !ready() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, waiting).await.is_ok(),
        "waited in vain: {what}"
    );
}

/// A text without what the customer is told where nobody is in: worlds have the time of day.
pub fn at_any_time(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let told = line.find("Nobody is in at the moment");
        told.map_or(line, |at| line.split_at(at).0.trim_end())
    });
    lines
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}
