//! A bot as a process of its own, and what it and its Redis use of the machine.

use std::time::Duration;

use anyhow::Context;
use consultant_tests::redis::RedisServer;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

/// The kernel counts a process's time in hundredths of a second, whatever the machine
/// (proc(5), `USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;

/// How long a bot may take to stop.
const STOP_LIMIT: Duration = Duration::from_secs(70);

/// A running bot.
pub(crate) struct Running {
    child: Child,
    pub(super) redis: Option<RedisServer>,
    folder: TempDir,
}

/// What was used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Use {
    pub(super) cpu_s: f64,
    pub(super) redis_cpu_s: f64,
    pub(super) resident_kb: f64,
}

impl Running {
    pub(crate) fn start(
        mut command: Command,
        redis: Option<RedisServer>,
        folder: TempDir,
    ) -> anyhow::Result<Self> {
        let log = folder.path().join("log");
        let child = command
            .current_dir(folder.path())
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::fs::File::create(log)?)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            child,
            redis,
            folder,
        })
    }

    /// What the bot logged, for when it does not answer.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    pub(super) fn used(&self) -> anyhow::Result<Use> {
        let process = self.child.id().context("the bot ended by itself")?;
        let redis = self.redis.as_ref().map(RedisServer::process).transpose()?;
        Ok(Use {
            cpu_s: cpu_s(process)?,
            redis_cpu_s: redis.map(cpu_s).transpose()?.unwrap_or(0.0),
            resident_kb: resident_kb(process)?,
        })
    }

    /// SIGTERM, and waits for the end.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let process = self.child.id().context("the bot ended by itself")?;
        let told = Command::new("kill").arg(process.to_string()).status();
        told.await?;
        let ended = timeout(STOP_LIMIT, self.child.wait()).await;
        ended.context("the bot does not stop on SIGTERM")??;
        Ok(())
    }
}

/// User and system time: fields 14 and 15 of proc(5)'s `stat`, of which the second may hold spaces
/// and ends with the last bracket.
fn cpu_s(process: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|it| it.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_A_SECOND)
}

fn resident_kb(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("no VmRSS in /proc")?.parse()?)
}
