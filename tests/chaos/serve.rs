//! The child: the product's own serving code, as `consultant serve` runs it, over a store that
//! reports its steps, a clock that may be off, and a model that takes its time.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context;
use consultant_app::{
    clock::SystemClock,
    commands::serve,
    company,
    config::{Environment, Sources, load},
    desks,
    diagnostics::Diagnostic,
    failure::Failure,
    house::{Parts, engine_settings, open_store, rhythm},
    supervisor::Supervisor,
    telemetry,
};
use consultant_core::ports::{Clock, OnePlaybook};
use consultant_knowledge::SmallModels;
use consultant_store::MediaFolder;
use consultant_tests::step_store::StepStore;
use jiff::{SignedDuration, Timestamp};

use super::{reporter::Reporter, talker::Talker};

/// The variable that says by how many seconds this process's clock is off.
pub(super) const CLOCK_OFF_BY: &str = "CHAOS_CLOCK_OFF_BY_SECONDS";

/// A clock that is off.
struct OffClock(SignedDuration);

impl Clock for OffClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }
}

/// Serves until SIGTERM, or until the parent is gone.
pub(super) async fn run() -> anyhow::Result<ExitCode> {
    let environment = Environment::from_process();
    let seconds = environment.get(CLOCK_OFF_BY).unwrap_or("0").parse()?;
    let clock: Arc<dyn Clock> = Arc::new(OffClock(SignedDuration::from_secs(seconds)));
    let sources = Sources {
        environment,
        config_file: None,
        working_dir: std::env::current_dir()?,
    };
    let config = load(&sources).map_err(|it| told(Diagnostic::from_config(it)))?;
    telemetry::start(&config.log, false);
    std::fs::create_dir_all(&config.data_dir)?;
    let supervisor = Supervisor::default();
    supervisor.stop_on_signals().context("signals")?;
    let reporter = Reporter::start(supervisor.stop.clone());
    let store = open_store(&config, Arc::clone(&clock)).await;
    let store = store.map_err(|it| failed(&it))?;
    let company = company::load(&config.company, &SmallModels::default()).map_err(told)?;
    let parts = Parts {
        knowledge: company.knowledge,
        playbooks: Arc::new(OnePlaybook(company.playbook)),
        following: None,
        model: Arc::new(Talker::default()),
        store: Arc::new(StepStore::new(store, Arc::new(reporter))),
        media: Arc::new(MediaFolder::new(config.data_dir.join("media"))),
        clock,
        settings: engine_settings(&config),
        rhythm: rhythm(&config),
        readers: Vec::new(),
        desks: desks::open(&config).map_err(|it| failed(&it))?,
    };
    let served = serve::serve_parts(&config, parts, supervisor).await;
    served.map_err(|it| failed(&it))
}

fn told(problems: Vec<Diagnostic>) -> anyhow::Error {
    failed(&Failure::from(problems))
}

fn failed(failure: &Failure) -> anyhow::Error {
    anyhow::anyhow!(failure.render())
}
