//! What it takes to run recorded conversations once more with a changed playbook.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use consultant_app::{
    company::{self, Company},
    config::CompanyFiles,
    playtest::{Base, Recorded, Replay, Replayer, Sides, Stage, replay_all},
};
use consultant_core::{
    Address, ChannelName, ConversationId, Effect, Inbound, InboundEvent, Interrupt, Language,
    engine::{Engine, EngineSettings},
    ports::{Accepted, Clock, Outlet},
};
use consultant_knowledge::SmallModels;
use consultant_playbook::{Library, compile};
use consultant_store::{MemoryStore, StoreSettings};
use consultant_tests::contract::clock::FrozenClock;
use jiff::Timestamp;

use super::overhead;

/// Conversations that are run.
const CONVERSATIONS: usize = 1_000;
/// Between two messages of a customer.
const A_PAUSE: Duration = Duration::from_secs(20);
/// What is changed in the demo's playbook.
const CHANGED: (&str, &str) = (".amount_off(60)", ".amount_off(90)");

const PLAYBOOK: &str = include_str!("../../scripts/playbooks/demo.rhai");
const TALKS: &str = include_str!("../../scripts/tests/demo.yaml");

struct Nowhere;

#[async_trait::async_trait]
impl Outlet for Nowhere {
    async fn perform(&self, _effect: Effect) {}
}

/// Prints the row.
pub(super) async fn measure() -> anyhow::Result<()> {
    let demo =
        company::load(&CompanyFiles::Embedded, &SmallModels::default()).map_err(overhead::shown)?;
    let settings = overhead::settings()?;
    let recorded = recorded(&demo, &settings).await?;
    let source = PLAYBOOK.replace(CHANGED.0, CHANGED.1);
    anyhow::ensure!(source != PLAYBOOK, "nothing was changed");
    let changed = compile("demo.rhai", &source, &Library::empty());
    let changed = changed.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let stage = Stage {
        company: Company {
            playbook: Arc::new(changed),
            ..demo.clone()
        },
        trace: None,
        settings,
        languages: vec![Language::EN],
        session_timeout: Duration::from_hours(24),
        model: None,
    };
    let times = (Timestamp::MIN, Timestamp::MAX);
    let replayer = Arc::new(Replayer::new(Base::One(demo.playbook), stage, times));
    let began = Instant::now();
    let replayed = replay_all(&replayer, recorded, || ()).await;
    let took = began.elapsed();
    let sides = Sides {
        before: "the demo".to_owned(),
        after: "a larger reduction".to_owned(),
    };
    let replay = Replay::new(Timestamp::MIN, sides).of(replayed).json();
    told(&replay, took)
}

fn told(replay: &serde_json::Value, took: Duration) -> anyhow::Result<()> {
    let count = |name: &str| replay[name].as_u64().context("a count");
    let (conversations, turns) = (count("conversations")?, count("turns")?);
    let changed = conversations - count("unchanged")?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "\nreplay of recorded conversations, twice each, no model (goal: 1,000 in less than 10 s)"
    );
    println!(
        "  {conversations} conversations, {turns} turns in {:.2} s on {cores} cores; {changed} of \
         them come out otherwise",
        took.as_secs_f64(),
    );
    Ok(())
}

/// The conversations of the demo's own tests, each held as often as it takes.
async fn recorded(demo: &Company, settings: &EngineSettings) -> anyhow::Result<Vec<Recorded>> {
    let talks = talks()?;
    let clock = Arc::new(FrozenClock::default());
    let port = Arc::clone(&clock) as Arc<dyn Clock>;
    let store = MemoryStore::new(&StoreSettings::default(), Arc::clone(&port));
    let engine = overhead::engine_of(demo.clone(), settings.clone(), (Arc::new(store), port));
    let mut recorded = Vec::with_capacity(CONVERSATIONS);
    for (number, talk) in talks.iter().cycle().take(CONVERSATIONS).enumerate() {
        let address = Address::new(ChannelName::Telegram, number.to_string());
        let conversation = hold(&engine, &address, (talk, &clock)).await?;
        recorded.push(Recorded {
            conversation,
            ledger: engine.store.ledger(conversation).await?,
            address,
        });
    }
    Ok(recorded)
}

async fn hold(
    engine: &Engine,
    address: &Address,
    (talk, clock): (&[String], &FrozenClock),
) -> anyhow::Result<ConversationId> {
    let mut conversation = None;
    for (number, said) in talk.iter().enumerate() {
        clock.advance(A_PAUSE);
        let key = format!("{address}:{number}");
        let event = InboundEvent::says(said);
        let inbound = Inbound::new(key, address.clone(), engine.clock.now(), event);
        let Accepted::New(envelope) = engine.store.accept(inbound).await? else {
            anyhow::bail!("a new key was taken for an old one");
        };
        conversation = Some(envelope.conversation);
        let interrupt = Interrupt::default();
        engine.turn(&envelope.into(), &Nowhere, &interrupt).await?;
    }
    conversation.context("an empty talk")
}

/// What is said in the demo's tests, but for what is said in any order.
fn talks() -> anyhow::Result<Vec<Vec<String>>> {
    let file: serde_yaml::Value = serde_yaml::from_str(TALKS)?;
    let conversations = file["conversations"].as_sequence().context("a list")?;
    let said = |talk: &serde_yaml::Value| -> Vec<String> {
        let turns = talk["turns"].as_sequence().into_iter().flatten();
        let said = turns.filter_map(|turn| turn["says"].as_str());
        let said = said.filter(|it| !it.starts_with('/'));
        said.map(str::to_owned).collect()
    };
    let talks = conversations.iter().map(said);
    Ok(talks.filter(|talk| !talk.is_empty()).collect())
}
