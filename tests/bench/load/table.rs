//! The figures, for people and for programs.

use std::fmt;

use hdrhistogram::Histogram;
use serde::Serialize;

/// What one bot carries.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    #[serde(skip)]
    pub(super) is_product: bool,
    #[serde(skip)]
    pub(super) is_rival: bool,
    pub(super) conversations: usize,
    /// At saturation.
    pub(super) turns_per_second: f64,
    /// User and system time of the bot alone, in seconds per 1,000 turns at saturation.
    pub(super) cpu_s_per_1000: f64,
    /// The same of its redis-server.
    pub(super) redis_cpu_s_per_1000: f64,
    /// Resident at the end.
    pub(super) memory_mb: f64,
    /// What it grew by at saturation.
    pub(super) memory_kb_per_1000: f64,
    pub(super) shares: Vec<Share>,
}

/// Waits under an open load.
#[derive(Debug, Serialize)]
pub(super) struct Share {
    pub(super) percent: u32,
    pub(super) turns_per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl Share {
    pub(super) fn of(percent: u32, turns_per_second: f64, waits: &Histogram<u64>) -> Self {
        let ms = |quantile| milliseconds(waits.value_at_quantile(quantile));
        Self {
            percent,
            turns_per_second,
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a turn")]
fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

pub(super) fn print_head() {
    println!(
        "\nload without a model, end to end over the platforms' doubles: each bot a process of its own,\n\
         beside the double and the customers on the same cores. The platforms' own rate limits and\n\
         the quiet period are off, but in the row that says so. Waits count from the time at which a\n\
         message was due, which the generator's clock meets to the millisecond.\n\
         (goals: twice the fastest rival's turns/s, p99 < 20 ms at 60 %, memory < 60 MB)\n\n\
         {:<53}{:>9}{:>9}{:>9}{:>9}{:>8}{:>10}   p50/p99 ms at % of saturation",
        "", "talks", "turns/s", "CPU ms", "Redis ms", "MB", "KB/1,000"
    );
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<53}{:>9}{:>9.0}{:>9.3}{:>9.3}{:>8.1}{:>10.0}  ",
            self.name,
            self.conversations,
            self.turns_per_second,
            // Seconds per 1,000 turns are milliseconds a turn.
            self.cpu_s_per_1000,
            self.redis_cpu_s_per_1000,
            self.memory_mb,
            self.memory_kb_per_1000
        )?;
        for share in &self.shares {
            write!(
                f,
                " {}%: {:.1}/{:.1}",
                share.percent, share.p50_ms, share.p99_ms
            )?;
        }
        Ok(())
    }
}

/// The product beside the fastest rival, both on Redis and polling.
pub(super) fn rival_ratio(rows: &[Row]) -> Option<String> {
    let fastest = rows
        .iter()
        .filter(|row| row.is_rival)
        .max_by(|a, b| a.turns_per_second.total_cmp(&b.turns_per_second))?;
    let product = rows
        .iter()
        .find(|row| row.is_product && row.name.ends_with("Redis, Telegram poll"))?;
    let times = product.turns_per_second / fastest.turns_per_second;
    Some(format!(
        "{} : {} = {times:.2} : 1 in turns/s (goal: 2 : 1)",
        product.name, fastest.name
    ))
}
