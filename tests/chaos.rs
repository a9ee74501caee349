//! `make chaos`: both channels over real sockets through seeded schedules of faults, the process
//! ended at chosen steps, and at the end a verdict on every conversation: each message answered
//! exactly once, in order, none lost. In some schedules people at a desk take conversations over.
//!
//! Called with `serve` this program is the process under test: the product's own serving code over
//! a store that tells of its steps. Start reading at `chaos/run.rs`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints figures"
)]

#[path = "chaos/desk.rs"]
mod desk;
#[path = "chaos/dice.rs"]
mod dice;
#[path = "chaos/director.rs"]
mod director;
#[path = "chaos/fault.rs"]
mod fault;
#[path = "chaos/house.rs"]
mod house;
#[path = "chaos/plan.rs"]
mod plan;
#[path = "chaos/relay.rs"]
mod relay;
#[path = "chaos/report.rs"]
mod report;
#[path = "chaos/reporter.rs"]
mod reporter;
#[path = "chaos/run.rs"]
mod run;
#[path = "chaos/scene.rs"]
mod scene;
#[path = "chaos/serve.rs"]
mod serve;
#[path = "chaos/talk.rs"]
mod talk;
#[path = "chaos/talker.rs"]
mod talker;
#[path = "chaos/verdict.rs"]
mod verdict;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::Context;
use futures::{StreamExt, stream};

use self::{
    fault::Sort,
    plan::Platforms,
    report::Figures,
    run::{Outcome, Ticket, play},
};

const USAGE: &str = "chaos [--schedules N] [--schedule NUMBER] [--seed N] [--at-once N] \
     [--only telegram|discord|desk] [--without ends,calls,updates,gateway,store,desk] [--folder PATH] [--keep] [--json]";

fn main() -> ExitCode {
    match begin() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn begin() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut words = std::env::args().skip(1).peekable();
    let code = if words.next_if(|word| word == "serve").is_some() {
        runtime.block_on(serve::run())
    } else {
        let orders = Orders::read(words)?;
        runtime.block_on(run_all(&orders))
    };
    // Reading standard input cannot be interrupted; do not wait for it.
    runtime.shutdown_background();
    code
}

/// What to run.
struct Orders {
    seed: u64,
    /// The numbers of the schedules.
    schedules: std::ops::Range<u64>,
    at_once: usize,
    platforms: Platforms,
    without: Vec<Sort>,
    folder: PathBuf,
    keep: bool,
    json: bool,
    /// What narrows the run down, as words for `make chaos`.
    narrowed: String,
}

impl Orders {
    fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut orders = Self {
            seed: 1,
            schedules: 0..20,
            at_once: 4,
            platforms: Platforms::Both,
            without: Vec::new(),
            folder: std::env::temp_dir().join("consultant-chaos"),
            keep: false,
            json: false,
            narrowed: String::new(),
        };
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .with_context(|| format!("{word} needs a value"))
            };
            match word.as_str() {
                "--schedules" => orders.schedules = 0..value()?.parse().context(USAGE)?,
                "--schedule" => {
                    let number = value()?.parse().context(USAGE)?;
                    orders.schedules = number..number + 1;
                    orders.keep = true;
                }
                "--seed" => orders.seed = value()?.parse().context(USAGE)?,
                "--at-once" => orders.at_once = value()?.parse().context(USAGE)?,
                "--only" => {
                    let name = value()?;
                    orders.platforms = platforms(&name)?;
                    orders.narrowed.extend([" ONLY=", &name]);
                }
                "--without" => {
                    let names = value()?;
                    orders.without = sorts(&names)?;
                    orders.narrowed.extend([" WITHOUT=", &names]);
                }
                "--folder" => orders.folder = std::path::absolute(value()?)?,
                "--keep" => orders.keep = true,
                "--json" => orders.json = true,
                _ => anyhow::bail!("`{word}` is not known; usage: {USAGE}"),
            }
        }
        Ok(orders)
    }

    fn ticket(&self, number: u64) -> Ticket {
        Ticket {
            seed: self.seed,
            number,
            platforms: self.platforms,
            without: self.without.clone(),
        }
    }
}

fn platforms(name: &str) -> anyhow::Result<Platforms> {
    match name {
        "telegram" => Ok(Platforms::Telegram),
        "discord" => Ok(Platforms::Discord),
        "desk" => Ok(Platforms::WithDesk),
        _ => anyhow::bail!("`{name}` is no platform; usage: {USAGE}"),
    }
}

fn sorts(names: &str) -> anyhow::Result<Vec<Sort>> {
    let named = |name: &str| {
        Sort::named(name).with_context(|| format!("`{name}` is no sort of faults; usage: {USAGE}"))
    };
    names.split(',').map(named).collect()
}

async fn run_all(orders: &Orders) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let mut figures = Figures::new(orders.seed);
    let playing = stream::iter(orders.schedules.clone()).map(|number| async move {
        let (ticket, folder, keep) = (orders.ticket(number), orders.folder.clone(), orders.keep);
        // A task of its own, so that a double that finds a violation fails its schedule alone.
        let played = tokio::spawn(async move { play(ticket, &folder, keep).await }).await;
        (number, played.map_err(Into::into).flatten())
    });
    let mut playing = playing.buffer_unordered(orders.at_once.max(1));
    while let Some((number, played)) = playing.next().await {
        match &played {
            Ok(outcome) => figures.add(outcome),
            Err(_) => figures.add_unplayed(number),
        }
        tell(orders, number, &played);
    }
    figures.took(began.elapsed());
    if orders.json {
        println!("{}", figures.json());
    } else {
        println!("{}", figures.table());
    }
    Ok(if figures.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One line a schedule; for one that failed also why, and how to see it again.
fn tell(orders: &Orders, number: u64, played: &anyhow::Result<Outcome>) {
    match played {
        Ok(outcome) if outcome.is_clean() => {
            let (found, seconds) = (&outcome.findings, outcome.took.as_secs_f64());
            let faults: usize = outcome.faults.values().sum();
            eprintln!(
                "schedule {number:>4}: fine; {} messages, {} answers, {faults} faults, {seconds:.1} s",
                found.messages, found.answers
            );
        }
        Ok(outcome) => {
            let (found, problems) = (&outcome.findings, outcome.problems.join("; "));
            let wrong = outcome.relayed.wrong.join("; ");
            eprintln!("schedule {number:>4}: FAILED; {found:?} {wrong} {problems}");
            if let Some(folder) = &outcome.kept {
                eprintln!("    its trace: {}/trace.txt", folder.display());
            }
        }
        Err(error) => eprintln!("schedule {number:>4}: not played; {error:#}"),
    }
    if !matches!(played, Ok(outcome) if outcome.is_clean()) {
        let (seed, narrowed) = (orders.seed, &orders.narrowed);
        eprintln!("    again: make chaos SCHEDULE={number} SEED={seed}{narrowed}");
    }
}
