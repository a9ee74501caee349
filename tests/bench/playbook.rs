//! What a playbook's script costs: one turn, and a million of them on two threads.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use consultant_app::{company, config::CompanyFiles, diagnostics::Diagnostic};
use consultant_core::{Audience, SlotValue, Turn, ports::Playbook};
use consultant_knowledge::SmallModels;
use hdrhistogram::Histogram;
use jiff::{Timestamp, civil::Date};
use rustix::time::{ClockId, clock_gettime};

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

/// What many turns took.
struct Times {
    /// By the clock on the wall, in nanoseconds.
    wall: Histogram<u64>,
    /// What the thread had of the processor meanwhile, in nanoseconds.
    processor: Histogram<u64>,
    /// How often the thread gave the processor up of its own accord.
    waits: u64,
}

/// Prints both rows.
pub(super) fn measure() -> anyhow::Result<()> {
    let company = company::load(&CompanyFiles::Embedded, &SmallModels::default())
        .map_err(|problems| told(&problems))?;
    let turns = turns(&company);
    let playbook = company.playbook;
    println!(
        "\na turn's script, the demo playbook (goal: p50 < 30 µs, p99 < 200 µs; no stall of 1 ms or more)"
    );
    run(&*playbook, &turns, TURNS / 10)?;
    let alone = run(&*playbook, &turns, TURNS)?;
    println!("  one thread    {}", told_times(&alone.wall));
    let taken_before = taken_by_the_host()?;
    let began = Instant::now();
    let halves = std::thread::scope(|scope| {
        let half = || scope.spawn(|| run(&*playbook, &turns, MANY / THREADS));
        let running: Vec<_> = (0..THREADS).map(|_| half()).collect();
        let joined = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.collect::<Vec<_>>()
    });
    let took_s = began.elapsed().as_secs_f64();
    let taken = taken_by_the_host()? - taken_before;
    let mut both = Times::new()?;
    for half in halves {
        both.add(&half.map_err(|_| anyhow::anyhow!("a thread panicked"))??)?;
    }
    println!(
        "  two threads   {}; {took_s:.1} s in all",
        told_times(&both.wall)
    );
    println!(
        "  stalls        of {MANY} turns, {} had the processor for 1 ms or more; the threads gave \
         it up by themselves {} times, and the host took it from the whole machine for {taken} \
         hundredths of a second, which counts as had; with what the system gave to others, {} turns \
         lasted 1 ms or more",
        stalls(&both.processor)?,
        both.waits,
        stalls(&both.wall)?,
    );
    Ok(())
}

impl Times {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            wall: Histogram::new(3)?,
            processor: Histogram::new(3)?,
            waits: 0,
        })
    }

    fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        self.wall.add(&other.wall)?;
        self.processor.add(&other.processor)?;
        self.waits += other.waits;
        Ok(())
    }
}

/// How many turns took as long as a stall.
fn stalls(times: &Histogram<u64>) -> anyhow::Result<u64> {
    Ok(times.count_between(nanos(STALL)?, u64::MAX))
}

fn nanos(time: Duration) -> anyhow::Result<u64> {
    Ok(u64::try_from(time.as_nanos())?)
}

/// How often this thread gave the processor up of its own accord so far: for a lock, for a page,
/// for anything. What another program takes away is not counted.
fn voluntary_switches() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/thread-self/status")?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    Ok(line.context("no count of switches")?.trim().parse()?)
}

/// For how long the host of this virtual machine has run something else, in hundredths of a second
/// of all processors: the eighth number of the first line, `steal`.
fn taken_by_the_host() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/stat")?;
    let first = status.lines().next().context("an empty /proc/stat")?;
    let steal = first.split_whitespace().nth(8).context("no `steal`")?;
    Ok(steal.parse()?)
}

/// What this thread had of the processor so far.
fn processor_time() -> anyhow::Result<Duration> {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (time.tv_sec.try_into()?, time.tv_nsec.try_into()?);
    Ok(Duration::new(seconds, nanos))
}

fn run(playbook: &dyn Playbook, turns: &[Turn], count: usize) -> anyhow::Result<Times> {
    let mut times = Times::new()?;
    let before = voluntary_switches()?;
    for turn in turns.iter().cycle().take(count) {
        let had = processor_time()?;
        let started = Instant::now();
        let actions = playbook.answer(turn)?.actions;
        times.wall.record(nanos(started.elapsed())?)?;
        times
            .processor
            .record(nanos(processor_time()?.saturating_sub(had))?)?;
        anyhow::ensure!(!actions.is_empty(), "a turn without actions");
    }
    times.waits = voluntary_switches()? - before;
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
        let understanding =
            knowledge.understand(text, None, &Audience::on(Date::constant(2026, 11, 30)));
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
