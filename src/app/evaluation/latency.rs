//! How long something takes, told in two figures.

use std::time::Duration;

use serde::Serialize;

/// How long one text takes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Latency {
    /// Half of the texts took less.
    pub p50_ms: f64,
    /// 95% of the texts took less.
    pub p95_ms: f64,
    /// Texts that were timed.
    pub texts: usize,
}

impl Latency {
    pub(super) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |hundredths: usize| {
            let time =
                times.get((times.len() * hundredths / 100).min(times.len().saturating_sub(1)));
            time.copied().unwrap_or_default().as_secs_f64() * 1e3
        };
        Self {
            p50_ms: at(50),
            p95_ms: at(95),
            texts: times.len(),
        }
    }
}
