//! From an edit to customers: the watcher finds the change, checks it, plays the conversations,
//! publishes it, and the house serves it. And how long whoever asks for a playbook waits meanwhile.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use consultant_app::{
    clock::SystemClock,
    company,
    config::{Config, Environment, Sources, load},
    release,
};
use consultant_core::{
    ConversationId,
    ports::{Clock, Playbooks, WholeStore},
};
use consultant_knowledge::SmallModels;
use consultant_store::{MemoryStore, StoreSettings};
use hdrhistogram::Histogram;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::overhead;

/// Edits that are measured.
const EDITS: usize = 20;
/// Longer than this no edit may take.
const PATIENCE: Duration = Duration::from_secs(30);

const PLAYBOOK: &str = "scripts/playbooks/demo.rhai";

/// Prints the rows.
pub(super) async fn measure() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    write_company(home.path())?;
    let config = config(home.path())?;
    let clock = Arc::new(SystemClock) as Arc<dyn Clock>;
    let store: Arc<dyn WholeStore> = Arc::new(MemoryStore::new(
        &StoreSettings::default(),
        Arc::clone(&clock),
    ));
    let facts =
        company::load_facts(&config.company, &SmallModels::default()).map_err(overhead::shown)?;
    let watcher = release::Watcher::new(&config, &SmallModels::default());
    let served = release::open(
        (&config, &SmallModels::default()),
        Arc::clone(&store),
        facts,
        &*clock,
    )
    .await;
    let served = served.map_err(|failure| anyhow::anyhow!(failure.render()))?;
    let served = Arc::new(served);
    let stop = CancellationToken::new();
    let watching = tokio::spawn(watcher.run(store, Arc::clone(&served), stop.clone()));
    let asking = Asking::begin(&served);
    let mut edits = Histogram::<u64>::new(3)?;
    for number in 0..EDITS {
        edits.record(edit(home.path(), &served, number).await?)?;
    }
    let asked = asking.end()?;
    stop.cancel();
    watching.await?;
    told(&edits, &asked);
    Ok(())
}

fn told(edits: &Histogram<u64>, asked: &Histogram<u64>) {
    let (half, most) = (edits.value_at_quantile(0.5), edits.max());
    let micros = |nanos: u64| Duration::from_nanos(nanos).as_secs_f64() * 1e6;
    println!(
        "\nfrom an edit to customers: noticed, checked, the demo's conversations played, published, \
         served (goal: less than 500 ms)"
    );
    println!("  {EDITS} edits: p50 {half} ms, slowest {most} ms");
    println!(
        "  asking which playbook serves, meanwhile, {} times: p50 {:.2} µs, p99.99 {:.1} µs, \
         slowest {:.0} µs",
        asked.len(),
        micros(asked.value_at_quantile(0.5)),
        micros(asked.value_at_quantile(0.9999)),
        micros(asked.max()),
    );
}

/// The demo as a company of one's own.
fn write_company(home: &Path) -> anyhow::Result<()> {
    let files = [
        (
            "config/catalog.yaml",
            include_str!("../../config/catalog.yaml"),
        ),
        ("config/faq.yaml", include_str!("../../config/faq.yaml")),
        (PLAYBOOK, include_str!("../../scripts/playbooks/demo.rhai")),
        (
            "scripts/escalation.rhai",
            include_str!("../../scripts/escalation.rhai"),
        ),
        ("scripts/faq.rhai", include_str!("../../scripts/faq.rhai")),
        (
            "scripts/tests/demo.yaml",
            include_str!("../../scripts/tests/demo.yaml"),
        ),
    ];
    for (name, text) in files {
        let path = home.join(name);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn config(home: &Path) -> anyhow::Result<Config> {
    let sources = Sources {
        environment: Environment::from_iter([
            ("CONSULTANT__PUBLISHING__ON_CHANGE", "publish".to_owned()),
            (
                "CONSULTANT__DATA_DIR",
                home.join("data").display().to_string(),
            ),
            (
                "CONSULTANT__MODELS_DIR",
                home.join("models").display().to_string(),
            ),
        ]),
        config_file: None,
        working_dir: home.to_owned(),
    };
    let loaded = load(&sources);
    loaded.map_err(|it| overhead::shown(consultant_app::diagnostics::Diagnostic::from_config(it)))
}

/// Milliseconds from an edit to its being served.
async fn edit(home: &Path, served: &release::Served, number: usize) -> anyhow::Result<u64> {
    let before = served.live();
    let path = home.join(PLAYBOOK);
    let text = fs::read_to_string(&path)?;
    let began = Instant::now();
    fs::write(&path, format!("{text}\n// Edit {number}.\n"))?;
    while served.live() == before {
        anyhow::ensure!(began.elapsed() < PATIENCE, "edit {number} never went live");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(u64::try_from(began.elapsed().as_millis())?)
}

/// Somebody who asks for a playbook all the time.
struct Asking {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<anyhow::Result<Histogram<u64>>>,
}

impl Asking {
    fn begin(served: &Arc<release::Served>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (served, told) = (Arc::clone(served), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut times = Histogram::<u64>::new(3)?;
            let somebody = ConversationId(Uuid::nil());
            while !told.load(Ordering::Relaxed) {
                let began = Instant::now();
                let playbook = served.current(somebody);
                times.record(u64::try_from(began.elapsed().as_nanos())?)?;
                drop(playbook);
                std::thread::park_timeout(Duration::from_micros(50));
            }
            Ok(times)
        });
        Self { stop, thread }
    }

    fn end(self) -> anyhow::Result<Histogram<u64>> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.join();
        ended.map_err(|_| anyhow::anyhow!("the thread that asks broke"))?
    }
}
