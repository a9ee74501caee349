//! What a playbook's script costs: one turn, and a million of them on two threads.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use consultant_app::{company, config::CompanyFiles, diagnostics::Diagnostic};
use consultant_core::{SlotValue, Turn, ports::Playbook};
use hdrhistogram::Histogram;
use jiff::Timestamp;

/// Turns of the first row, after a tenth as many that are not measured.
const TURNS: usize = 200_000;
/// Turns of the second row, on all threads together.
const MANY: usize = 1_000_000;
/// Threads of the second row.
const THREADS: usize = 2;
/// What counts as a stall.
const STALL: Duration = Duration::from_millis(1);

/// What customers say, with the stage in which they say it.
const MESSAGES: [(&str, &str); 8] = [
    ("Hi!", "greet"),
    ("How much is the Halo desk lamp?", "greet"),
    ("Three in oak please", "advise"),
    ("yes", "offer"),
    ("That is too expensive", "offer"),
    ("Do you deliver to Austria?", "advise"),
    ("台灯多少钱？", "greet"),
    ("I want to talk to a person", "advise"),
];

/// Prints both rows.
pub(super) fn measure() -> anyhow::Result<()> {
    let company = company::load(&CompanyFiles::Embedded).map_err(|problems| told(&problems))?;
    let turns = turns(&company);
    let playbook = company.playbook;
    println!(
        "\na turn's script, the demo playbook (goal: p50 < 30 µs, p99 < 200 µs; no stall of 1 ms or more)"
    );
    run(&*playbook, &turns, TURNS / 10)?;
    let alone = run(&*playbook, &turns, TURNS)?;
    println!("  one thread    {}", told_times(&alone));
    let mut both = Histogram::<u64>::new(3)?;
    let mut waits = 0;
    let began = Instant::now();
    let halves = std::thread::scope(|scope| {
        let half = || scope.spawn(|| counting_waits(|| run(&*playbook, &turns, MANY / THREADS)));
        let running: Vec<_> = (0..THREADS).map(|_| half()).collect();
        let joined = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.collect::<Vec<_>>()
    });
    for half in halves {
        let (times, waited) = half.map_err(|_| anyhow::anyhow!("a thread panicked"))??;
        both.add(times)?;
        waits += waited;
    }
    let stalls = both.count_between(u64::try_from(STALL.as_nanos())?, u64::MAX);
    println!(
        "  two threads   {}, {stalls} of {MANY} turns took 1 ms or more; the threads \
         gave the processor up by themselves {waits} times; {:.1} s in all",
        told_times(&both),
        began.elapsed().as_secs_f64(),
    );
    Ok(())
}

/// Runs something and counts how often its thread gave the processor up of its own accord: for a
/// lock, for a page, for anything. What another program takes away is not counted.
fn counting_waits<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, u64)> {
    let before = voluntary_switches()?;
    let done = work()?;
    Ok((done, voluntary_switches()? - before))
}

fn voluntary_switches() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/thread-self/status")?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    Ok(line.context("no count of switches")?.trim().parse()?)
}

fn run(playbook: &dyn Playbook, turns: &[Turn], count: usize) -> anyhow::Result<Histogram<u64>> {
    let mut times = Histogram::<u64>::new(3)?;
    for turn in turns.iter().cycle().take(count) {
        let started = Instant::now();
        let actions = playbook.answer(turn)?.actions;
        times.record(u64::try_from(started.elapsed().as_nanos())?)?;
        anyhow::ensure!(!actions.is_empty(), "a turn without actions");
    }
    Ok(times)
}

fn told_times(times: &Histogram<u64>) -> String {
    let micros = |nanos: u64| Duration::from_nanos(nanos).as_secs_f64() * 1e6;
    format!(
        "p50 {:.1} µs, p99 {:.1} µs, p99.9 {:.1} µs, max {:.0} µs",
        micros(times.value_at_quantile(0.5)),
        micros(times.value_at_quantile(0.99)),
        micros(times.value_at_quantile(0.999)),
        micros(times.max()),
    )
}

fn turns(company: &company::Company) -> Vec<Turn> {
    let knowledge = &company.knowledge;
    let (catalog, faq) = (knowledge.catalog(), knowledge.faq());
    let known = BTreeMap::from([
        (
            "product".to_owned(),
            SlotValue::Text("desk-lamp".to_owned()),
        ),
        ("variant".to_owned(), SlotValue::Text("oak".to_owned())),
    ]);
    let turn = |(number, (text, stage)): (usize, &(&str, &str))| {
        let facts = (Arc::clone(&catalog), Arc::clone(&faq));
        let understanding = knowledge.understand(text, None);
        let mut turn = Turn::bare(*text, *stage, understanding, Timestamp::UNIX_EPOCH, facts);
        turn.first_contact = number == 0;
        if *stage != "greet" {
            turn.slots.clone_from(&known);
        }
        turn
    };
    MESSAGES.iter().enumerate().map(turn).collect()
}

fn told(problems: &[Diagnostic]) -> anyhow::Error {
    let told: Vec<String> = problems.iter().map(Diagnostic::render).collect();
    anyhow::anyhow!(told.join("\n"))
}
