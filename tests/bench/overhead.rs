//! What a turn costs without a model: accepted, understood, played, composed, committed.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use consultant_app::{
    clock::SystemClock,
    company::{self, Company},
    config::{CompanyFiles, Environment, Sources, load},
    diagnostics::Diagnostic,
    erasure::Eraser,
    house::engine_settings,
};
use consultant_core::{
    Address, ChannelName, Effect, Inbound, InboundEvent, Interrupt,
    desk::{Board, DeskBook},
    engine::{Engine, EngineSettings, FactCache},
    ports::{Accepted, Clock, Deliveries, OnePlaybook, Outlet, Places, Store, WholeStore},
};
use consultant_knowledge::SmallModels;
use consultant_store::{MediaFolder, StoreSettings, open};
use consultant_tests::scripted::ScriptedModel;
use hdrhistogram::Histogram;
use secrecy::SecretString;
use uuid::Uuid;

/// Turns that are measured, after a tenth as many that are not.
const TURNS: u32 = 3_000;

/// Conversations that they belong to.
const CONVERSATIONS: u32 = 100;

/// What customers ask; each is answered from facts.
const QUESTIONS: [&str; 4] = [
    "How much is the Halo desk lamp?",
    "Do you deliver to Austria?",
    "What desks do you have?",
    "多少钱？",
];

struct Nowhere;

#[async_trait]
impl Outlet for Nowhere {
    async fn perform(&self, _effect: Effect) {}
}

/// Measures turns one after another over the store of this URL.
pub(super) async fn measure(url: &str) -> anyhow::Result<String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let url = SecretString::from(url.to_owned());
    let store = open(&url, StoreSettings::default(), Arc::clone(&clock)).await?;
    let engine = engine(store, clock)?;
    let mut times = Histogram::<u64>::new(3)?;
    for turn in 0..TURNS + TURNS / 10 {
        let inbound = inbound(turn, &engine);
        let started = Instant::now();
        let Accepted::New(envelope) = engine.store.accept(inbound).await? else {
            anyhow::bail!("a new key was taken for an old one");
        };
        engine
            .turn(&envelope.into(), &Nowhere, &Interrupt::default())
            .await?;
        if turn >= TURNS / 10 {
            times.record(u64::try_from(started.elapsed().as_micros())?)?;
        }
    }
    Ok(format!(
        "p50 {:.2} ms   p99 {:.2} ms   ({TURNS} turns, {CONVERSATIONS} conversations)",
        milliseconds(times.value_at_quantile(0.5)),
        milliseconds(times.value_at_quantile(0.99)),
    ))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a turn")]
fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

fn engine(store: Arc<dyn WholeStore>, clock: Arc<dyn Clock>) -> anyhow::Result<Engine> {
    let company = company::load(&CompanyFiles::Embedded, &SmallModels::default()).map_err(shown)?;
    Ok(engine_of(company, settings()?, (store, clock)))
}

/// How replies are made by default.
pub(super) fn settings() -> anyhow::Result<EngineSettings> {
    let sources = Sources {
        environment: Environment::from_process(),
        config_file: None,
        working_dir: std::env::temp_dir(),
    };
    let config = load(&sources).map_err(|it| shown(Diagnostic::from_config(it)))?;
    Ok(engine_settings(&config))
}

/// An engine of a company over a store.
pub(super) fn engine_of(
    company: Company,
    settings: EngineSettings,
    (store, clock): (Arc<dyn WholeStore>, Arc<dyn Clock>),
) -> Engine {
    Engine {
        board: Board::of(Arc::clone(&store) as Arc<dyn Places>),
        deliveries: Arc::clone(&store) as Arc<dyn Deliveries>,
        eraser: Arc::new(Eraser {
            store: Arc::clone(&store),
            media: Arc::new(MediaFolder::new(std::env::temp_dir())),
        }),
        store: store as Arc<dyn Store>,
        model: Arc::new(ScriptedModel::default()),
        playbooks: Arc::new(OnePlaybook(company.playbook)),
        knowledge: company.knowledge,
        clock,
        settings,
        facts: FactCache::default(),
        media: Arc::new(MediaFolder::new(std::env::temp_dir())),
        readers: Vec::new(),
        desks: DeskBook::default(),
    }
}

/// Problems of files as an error.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn shown(problems: Vec<Diagnostic>) -> anyhow::Error {
    anyhow::anyhow!(problems.iter().map(Diagnostic::render).collect::<String>())
}

fn inbound(turn: u32, engine: &Engine) -> Inbound {
    let question = QUESTIONS
        .iter()
        .cycle()
        .nth(turn as usize % QUESTIONS.len());
    let address = Address::new(ChannelName::Terminal, (turn % CONVERSATIONS).to_string());
    let said = InboundEvent::says(question.copied().unwrap_or_default());
    let key = format!("bench:{}", Uuid::now_v7());
    Inbound::new(key, address, engine.clock.now(), said)
}
