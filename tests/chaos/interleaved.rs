//! `chaos interleaved N`: seeded conversations in which a customer, agents and the bot do things in
//! any order. Each is played in this process, over a clock that does not wait, so thousands take
//! minutes. Start reading at `tests/interleave.rs`.

use std::{process::ExitCode, sync::Arc, thread, time::Instant};

use anyhow::Context;
use consultant_app::company::Company;
use consultant_tests::{interleave, room::demo};

/// Schedules where nothing else is said.
const USUAL: u64 = 10_000;

/// Plays so many schedules, on as many threads as there are cores; the seeds that went wrong are
/// told.
pub(super) fn run(words: &mut impl Iterator<Item = String>) -> anyhow::Result<ExitCode> {
    let schedules = match words.next() {
        Some(number) => number.parse().context("chaos interleaved N: a number")?,
        None => USUAL,
    };
    let began = Instant::now();
    let company = Arc::new(demo());
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let playing: Vec<_> = (0..threads)
        .map(|first| {
            let company = Arc::clone(&company);
            thread::spawn(move || play_each(&company, (first, threads), schedules))
        })
        .collect();
    let mut broken = 0;
    for thread in playing {
        let played = thread.join().ok().context("a thread broke")?;
        broken += played?;
    }
    let seconds = began.elapsed().as_secs();
    println!("{schedules} interleavings in {seconds} s: {broken} went wrong");
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Plays every so-manieth schedule; how many went wrong.
fn play_each(
    company: &Company,
    (first, step): (u64, u64),
    schedules: u64,
) -> anyhow::Result<usize> {
    let mut broken = 0;
    let mut seed = first;
    while seed < schedules {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()?;
        if let Err(why) = runtime.block_on(interleave::play(company, seed)) {
            println!("schedule {seed}: {why}");
            broken += 1;
        }
        seed += step;
    }
    Ok(broken)
}
