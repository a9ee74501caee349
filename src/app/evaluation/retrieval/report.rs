//! What is told of reviewed answers that were searched.

use std::fmt::Write;

use consultant_learning::RankedFigures;
use serde::Serialize;

use crate::{
    evaluation::{latency::Latency, page},
    output::counted,
};

/// How well reviewed answers are found.
#[derive(Clone, Debug, Serialize)]
pub struct RetrievalReport {
    /// The figures.
    #[serde(flatten)]
    pub figures: RankedFigures,
    /// Whose vectors were looked at; `None` where words were all.
    pub encoder: Option<String>,
    /// Entries that were searched.
    pub entries: usize,
    /// How long one question takes: encoded and searched.
    pub latency: Latency,
}

/// Pairs that people are told.
const MIXED_UP: usize = 10;

impl RetrievalReport {
    /// Whether nothing was asked.
    pub const fn is_empty(&self) -> bool {
        self.latency.texts == 0
    }

    /// For people.
    pub fn render(&self) -> String {
        let mut text = String::new();
        self.render_figures(&mut text).ok();
        if !self.figures.mixed_up.is_empty() {
            text.push_str("\nmost often mixed up:\n");
        }
        for it in self.figures.mixed_up.iter().take(MIXED_UP) {
            writeln!(
                text,
                "  {:>4} x  {} -> {}  ({})",
                it.questions, it.right, it.found, it.example
            )
            .ok();
        }
        text
    }

    fn render_figures(&self, text: &mut String) -> std::fmt::Result {
        let it = &self.figures;
        writeln!(
            text,
            "{}, {} entries; {}",
            counted(it.questions, "question"),
            self.entries,
            self.encoder.as_deref().unwrap_or("words only"),
        )?;
        let recall: Vec<String> = it
            .recall_at
            .iter()
            .map(|(places, share)| format!("@{places} {}", percent(*share)))
            .collect();
        writeln!(
            text,
            "recall {}; mean reciprocal rank {:.3}",
            recall.join(", "),
            it.mean_reciprocal_rank
        )?;
        writeln!(
            text,
            "answered for sure: {}, of which {} are right",
            percent(it.sure.given),
            percent(it.sure.right)
        )?;
        if let Some(none) = &it.unanswerable {
            writeln!(
                text,
                "without an answer: {}, {} of them answered for sure all the same",
                counted(none.questions, "question"),
                percent(none.given)
            )?;
        }
        writeln!(
            text,
            "one question takes {:.2} ms (p50), {:.2} ms (p95)",
            self.latency.p50_ms, self.latency.p95_ms
        )
    }

    /// For people, as a page of its own.
    pub fn html(&self) -> Result<String, minijinja::Error> {
        page::render(PAGE, self)
    }
}

const PAGE: &str = include_str!("page.html");

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
