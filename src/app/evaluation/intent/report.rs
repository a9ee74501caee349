//! What is told of categories that were judged.

use std::fmt::Write;

use consultant_learning::{Doubts, Figures};
use serde::Serialize;

use crate::evaluation::{intent::TunedTold, latency::Latency, page};

/// How well texts were put into categories.
#[derive(Clone, Debug, Serialize)]
pub struct IntentReport {
    /// The figures, those of all draws together.
    #[serde(flatten)]
    pub figures: Figures,
    /// Whose vectors were looked at; `None` where words were all.
    pub encoder: Option<String>,
    /// What fine-tuning that encoder brought, in the last draw; `None` where it was not fine-tuned.
    pub tuned: Option<TunedTold>,
    /// Each draw's accuracy.
    pub accuracies: Vec<f64>,
    /// Texts that were learned from, in each draw.
    pub train_texts: usize,
    /// Texts that were judged, in each draw.
    pub test_texts: usize,
    /// Steps of the last draw's learning.
    pub steps: usize,
    /// How long learning took, in each draw, without encoding.
    pub learning_s: f64,
    /// How long one text takes: encoded and judged.
    pub latency: Latency,
    /// What is odd about the rows of the first draw.
    pub doubts: Doubts,
}

/// The most lines of one kind of doubt.
const MAX_DOUBTS: usize = 5;

impl IntentReport {
    /// For people.
    pub fn render(&self) -> String {
        let mut text = String::new();
        self.render_figures(&mut text).ok();
        self.render_confused(&mut text).ok();
        for doubt in self.doubts_in_words() {
            writeln!(text, "note: {doubt}").ok();
        }
        text
    }

    fn render_figures(&self, text: &mut String) -> std::fmt::Result {
        let it = &self.figures;
        writeln!(
            text,
            "accuracy {}, macro-F1 {}, calibration error {}",
            percent(it.accuracy),
            percent(it.macro_f1),
            percent(it.calibration_error),
        )?;
        if self.accuracies.len() > 1 {
            let told: Vec<String> = self.accuracies.iter().map(|it| percent(*it)).collect();
            writeln!(text, "  each draw: {}", told.join(", "))?;
        }
        if let Some(outside) = &it.out_of_scope {
            writeln!(
                text,
                "out of scope: {} of {} texts refused while {} of the others are kept; at 95% kept \
                 {}; AUROC {:.3}",
                percent(outside.recall),
                outside.texts,
                percent(outside.kept),
                percent(outside.recall_at_95_kept),
                outside.auroc,
            )?;
        }
        writeln!(
            text,
            "learned from {} texts of {} categories in {:.1} s, tested with {}; {}",
            self.train_texts,
            it.categories.len(),
            self.learning_s,
            self.test_texts,
            self.encoder.as_deref().unwrap_or("words only"),
        )?;
        if let Some(tuned) = &self.tuned {
            writeln!(text, "{}", tuned.in_words())?;
        }
        writeln!(
            text,
            "one text takes {:.1} ms (p50), {:.1} ms (p95)",
            self.latency.p50_ms, self.latency.p95_ms
        )
    }

    fn render_confused(&self, text: &mut String) -> std::fmt::Result {
        if self.figures.confused.is_empty() {
            return Ok(());
        }
        writeln!(text, "\nmost often taken for something else:")?;
        for it in self.figures.confused.iter().take(10) {
            writeln!(text, "  {:>4} x  {} -> {}", it.texts, it.expected, it.found)?;
        }
        Ok(())
    }

    /// What is odd about the rows.
    pub fn doubts_in_words(&self) -> Vec<String> {
        let doubts = &self.doubts;
        let mut told = Vec::new();
        let mut tell = |what: &str, some: Vec<String>| {
            if !some.is_empty() {
                told.push(format!("{what}: {}", the_first(&some)));
            }
        };
        let leaked = doubts.leaked_lines.iter().map(u64::to_string).collect();
        tell(
            "rows to test with that are also learned from, in lines",
            leaked,
        );
        tell(
            "categories that are tested and that nothing was learned of",
            doubts.unknown_categories.clone(),
        );
        tell(
            "categories with a single text to learn from",
            doubts.categories_of_one.clone(),
        );
        let contradictions = doubts.contradictions.iter();
        let contradictions = contradictions
            .map(|it| format!("{:?} ({})", it.text, it.categories.join(" and ")))
            .collect();
        tell("texts under several categories", contradictions);
        told
    }

    /// For people, as a page of its own.
    pub fn html(&self) -> Result<String, minijinja::Error> {
        let notes = self.doubts_in_words();
        page::render(PAGE, minijinja::context! { it => self, notes => notes })
    }
}

/// Some names, and how many more there are.
fn the_first(names: &[String]) -> String {
    let shown = names.iter().take(MAX_DOUBTS).map(String::as_str);
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_DOUBTS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

const PAGE: &str = include_str!("page.html");

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
