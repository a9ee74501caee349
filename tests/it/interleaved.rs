//! Conversations in which a customer, two agents and the bot do things in any order, at any moment:
//! a few of them in each run of the tests, ten thousand with `make interleave`.

use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use consultant_app::{company::Company, config::Environment};
use consultant_tests::{interleave, room::demo};
use tokio::{runtime::Builder, time::Instant};

/// Schedules of one run of the tests, a second or two of them.
const SCHEDULES: u64 = 60;

/// The variables that ask for more of them, and from which seed on.
const COUNT: &str = "INTERLEAVINGS";
const SEED: &str = "INTERLEAVINGS_FROM";

#[test]
fn whoever_does_what_when_the_bot_never_speaks_over_a_person_and_nothing_is_lost() {
    let began = Instant::now();
    let first = asked_for(SEED).unwrap_or(0);
    let count = asked_for(COUNT).unwrap_or(SCHEDULES);
    let next = AtomicU64::new(first);
    let company = demo();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let failed: Vec<String> = thread::scope(|scope| {
        let play = || play_all(&company, &next, first + count);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(play)).collect();
        let found = threads.into_iter().map(|it| it.join().unwrap());
        found.flatten().collect()
    });
    println!(
        "{count} interleavings from seed {first} on: {} failed, {:.0} s",
        failed.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn asked_for(variable: &str) -> Option<u64> {
    let environment = Environment::from_process();
    let value = environment.get(variable)?;
    Some(value.parse().expect("a number"))
}

/// Plays what nobody else has begun; what went wrong.
fn play_all(company: &Company, next: &AtomicU64, end: u64) -> Vec<String> {
    let mut failed = Vec::new();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return failed;
        }
        // What breaks in the middle has said so itself, but not at which seed.
        let played = catch_unwind(AssertUnwindSafe(|| play(company, seed)));
        let played = played.unwrap_or_else(|_| Err("it broke".to_owned()));
        failed.extend(played.err().map(|why| format!("seed {seed}: {why}")));
    }
}

/// One schedule, in which time stands still until everybody waits.
fn play(company: &Company, seed: u64) -> Result<(), String> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(interleave::play(company, seed))
}
