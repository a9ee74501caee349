//! `make bench`: the figures that the README and the closing notes quote, from one run on one
//! machine. Called with the path of the release binary.
//!
//! Turn overhead is measured in this process over the real stores; starting, memory and the model
//! are measured on the binary, as an operator runs it, and so is what it carries under load, beside
//! the bots of the usual frameworks.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints figures"
)]

#[path = "bench/binary.rs"]
mod binary;
#[path = "bench/desk.rs"]
mod desk;
#[path = "bench/live.rs"]
mod live;
#[path = "bench/load.rs"]
mod load;
#[path = "bench/overhead.rs"]
mod overhead;
#[path = "bench/playbook.rs"]
mod playbook;
#[path = "bench/replay.rs"]
mod replay;
#[path = "bench/retrieval.rs"]
mod retrieval;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use consultant_app::config::Environment;
use consultant_tests::redis::RedisServer;

use self::load::Part;

const USAGE: &str = "bench BINARY [--only overhead|playbook|retrieval|binary|desk|load|load-product|load-growth|load-rivals] \
     [--row WORDS] [--rivals FOLDER] [--json]";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let first = words.next().context(USAGE)?;
    if first == "empty-bot" {
        return empty_bot().await;
    }
    let orders = Orders::read(first.into(), words)?;
    if !orders.json {
        println!("machine: {}", machine());
    }
    if orders.wants("overhead") {
        measure_overhead().await?;
    }
    if orders.wants("playbook") {
        playbook::measure()?;
        replay::measure().await?;
        live::measure().await?;
    }
    if orders.wants("retrieval") {
        retrieval::measure()?;
    }
    if orders.wants("binary") {
        println!("\nthe binary: {}", orders.places.binary.display());
        binary::measure(&orders.places.binary)?;
    }
    if orders.wants("desk") {
        Box::pin(desk::measure(&orders.places.binary)).await?;
    }
    let parts = orders.load_parts();
    if !parts.is_empty() {
        let wanted = load::Wanted {
            parts: &parts,
            row: orders.row.as_deref().unwrap_or_default(),
        };
        Box::pin(load::measure(&orders.places, &wanted, orders.json)).await?;
    }
    Ok(())
}

/// What to measure.
struct Orders {
    places: load::Places,
    only: Option<String>,
    /// Of the load, only the rows with these words in their name.
    row: Option<String>,
    json: bool,
}

impl Orders {
    fn read(binary: PathBuf, mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let rivals = load::rivals_beside(&binary);
        let mut orders = Self {
            places: load::Places { binary, rivals },
            only: None,
            row: None,
            json: false,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().context(USAGE);
            match word.as_str() {
                "--only" => orders.only = Some(value()?),
                "--row" => orders.row = Some(value()?),
                "--rivals" => orders.places.rivals = value()?.into(),
                "--json" => orders.json = true,
                _ => anyhow::bail!("unknown word {word}; {USAGE}"),
            }
        }
        orders.check()
    }

    fn check(self) -> anyhow::Result<Self> {
        let known = USAGE.split(['[', ']', '|', ' ']);
        if let Some(only) = &self.only {
            anyhow::ensure!(known.into_iter().any(|it| it == only), "{USAGE}");
        }
        // The other parts print as they go.
        let only_load = self.only.as_ref().is_some_and(|it| it.starts_with("load"));
        anyhow::ensure!(
            !self.json || only_load,
            "--json is for --only load; {USAGE}"
        );
        Ok(self)
    }

    fn wants(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == part)
    }

    fn load_parts(&self) -> Vec<Part> {
        let parts = [
            ("load-product", Part::Product),
            ("load-growth", Part::Growth),
            ("load-rivals", Part::Rivals),
        ];
        let wanted = |name: &str| self.wants(name) || self.wants("load");
        let parts = parts.into_iter().filter(|(name, _)| wanted(name));
        parts.map(|(_, part)| part).collect()
    }
}

async fn measure_overhead() -> anyhow::Result<()> {
    println!(
        "\nturn overhead, inbox to outbox, playbook included, no model (goal: p99 < 2 ms on SQLite, < 3 ms on Redis)"
    );
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite:{}", folder.path().join("bench.sqlite").display());
    println!("  SQLite  {}", overhead::measure(&sqlite).await?);
    let redis = RedisServer::start();
    println!("  Redis   {}", overhead::measure(&redis.url()).await?);
    Ok(())
}

async fn empty_bot() -> anyhow::Result<()> {
    let environment = Environment::from_process();
    let variable = |name| environment.get(name).context("no BOT_API_URL or BOT_TOKEN");
    load::floor::run(variable("BOT_API_URL")?, variable("BOT_TOKEN")?).await
}

fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("unknown");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{}, {cores} cores",
        name.trim_start_matches([':', ' ', '\t'])
    )
}
