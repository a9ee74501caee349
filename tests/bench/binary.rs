//! What an operator sees: starting, memory, and the model through the product.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;

/// A catalogue question of the demo, answered without the model.
const CATALOGUE: &str = "How much is the Halo desk lamp?";

/// A question that no fact answers, so that the model writes.
const WRITTEN: &str = "I paint watercolours at home, what would you say to me about that?";

/// Measures the binary and prints as it goes.
pub(super) fn measure(binary: &Path) -> anyhow::Result<()> {
    println!("\nstart to first reply, model on disk (median of 3; goal: < 3 s and < 5 s)");
    println!(
        "  from the catalogue     {:.2} s",
        median_start(binary, CATALOGUE)?.as_secs_f64()
    );
    println!(
        "  written by the model   {:.2} s",
        median_start(binary, WRITTEN)?.as_secs_f64()
    );
    println!("\nresident memory without a model (goal: < 60 MB)");
    println!("  {:.0} MB", resident_megabytes(binary, "never")?);
    println!(
        "  {:.0} MB with the sentence encoder",
        resident_megabytes(binary, "always")?
    );
    println!(
        "\nthe model through the product and straight, in one run (goals: added < 5 ms, ratio > 0.95)"
    );
    let status = Command::new(binary)
        .args(["model", "bench", "--turns", "50"])
        .status()?;
    anyhow::ensure!(status.success(), "`model bench` failed");
    Ok(())
}

fn median_start(binary: &Path, question: &str) -> anyhow::Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..3 {
        let started = Instant::now();
        let mut chat = Chat::start(binary, &[])?;
        chat.ask(question)?;
        times.push(started.elapsed());
        chat.end()?;
    }
    times.sort_unstable();
    times.get(1).copied().context("three times were measured")
}

fn resident_megabytes(binary: &Path, encoder: &str) -> anyhow::Result<f64> {
    let settings = [
        ("CONSULTANT__MODEL__ENABLED", "false"),
        ("CONSULTANT__ENCODER__MODE", encoder),
    ];
    let mut chat = Chat::start(binary, &settings)?;
    chat.ask(CATALOGUE)?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", chat.process.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 = line
        .and_then(|line| line.split_whitespace().next())
        .context("no VmRSS in /proc")?
        .parse()?;
    chat.end()?;
    Ok(kilobytes / 1024.0)
}

/// `consultant chat` with the demo company and an empty data folder.
struct Chat {
    process: Child,
    _folder: tempfile::TempDir,
}

impl Chat {
    fn start(binary: &Path, environment: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let process = Command::new(binary)
            .arg("chat")
            .current_dir(folder.path())
            .env("CONSULTANT__DATA_DIR", folder.path().join("data"))
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self {
            process,
            _folder: folder,
        })
    }

    fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        let input = self.process.stdin.as_mut().context("standard input")?;
        writeln!(input, "{question}")?;
        let output = self.process.stdout.as_mut().context("standard output")?;
        let mut reply = String::new();
        let mut lines = BufReader::new(output);
        loop {
            let mut line = String::new();
            anyhow::ensure!(
                lines.read_line(&mut line)? > 0,
                "the chat ended without a reply"
            );
            if line.trim().is_empty() {
                return Ok(reply);
            }
            reply.push_str(&line);
        }
    }

    fn end(mut self) -> anyhow::Result<()> {
        drop(self.process.stdin.take());
        self.process.wait()?;
        Ok(())
    }
}
