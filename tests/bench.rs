//! `make bench`: the figures that the README and the closing notes quote, from one run on one
//! machine. Called with the path of the release binary.
//!
//! Turn overhead is measured in this process over the real stores; starting, memory and the model
//! are measured on the binary, as an operator runs it.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints figures"
)]

#[path = "bench/binary.rs"]
mod binary;
#[path = "bench/overhead.rs"]
mod overhead;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use consultant_tests::redis::RedisServer;

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
    let binary = std::env::args_os().nth(1).map(PathBuf::from);
    let binary = binary.context("call it with the path of the `consultant` binary")?;
    println!("machine: {}", machine());

    println!(
        "\nturn overhead, inbox to outbox, playbook included, no model (goal: p99 < 2 ms on SQLite, < 3 ms on Redis)"
    );
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite:{}", folder.path().join("bench.sqlite").display());
    println!("  SQLite  {}", overhead::measure(&sqlite).await?);
    let redis = RedisServer::start();
    println!("  Redis   {}", overhead::measure(&redis.url()).await?);

    println!("\nthe binary: {}", binary.display());
    binary::measure(&binary)?;
    Ok(())
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
