//! Results as people read them.

use std::fmt::Write;

use jiff::Timestamp;

use super::{Comparison, Figures, Results, Verdict, Word};

/// The longest bar, in characters.
const BAR: usize = 24;

impl Results {
    /// For people.
    pub fn render(&self) -> String {
        let mut text = String::new();
        let since = minute(self.since);
        if self.versions.is_empty() {
            writeln!(text, "no conversation began since {since}").ok();
        } else {
            writeln!(text, "conversations that began since {since}\n").ok();
            table(&mut text, &self.versions.iter().collect::<Vec<_>>());
            for figures in &self.versions {
                funnel(&mut text, figures, self.role(figures));
            }
        }
        if let Some(trial) = &self.trial {
            text.push('\n');
            trial.render(&mut text);
        }
        text
    }

    /// What a version is at the moment.
    fn role(&self, figures: &Figures) -> &'static str {
        let tried = self.trial.as_ref().map(|trial| &trial.tried.version);
        if tried == Some(&figures.version) {
            " (on trial)"
        } else if self.live.as_ref() == Some(&figures.version) {
            " (live)"
        } else {
            ""
        }
    }
}

impl Comparison {
    fn render(&self, text: &mut String) {
        let (tried, against) = (&self.tried, &self.against);
        writeln!(
            text,
            "trial of {} for {} % of those who begin, against {}, since {}",
            tried.version,
            self.percent,
            against.version,
            minute(self.since)
        )
        .ok();
        writeln!(
            text,
            "each conversation is judged {} after it began; {} too young for that\n",
            time(i64::from(self.judged_after_minutes)),
            match self.still_open {
                1 => "1 is".to_owned(),
                open => format!("{open} are"),
            }
        )
        .ok();
        table(text, &[tried, against]);
        let deals = (tried.percent(tried.deals), against.percent(against.deals));
        let escalations = (
            tried.percent(tried.escalations),
            against.percent(against.escalations),
        );
        text.push('\n');
        self.deals.render(text, "deals", deals);
        self.escalations.render(text, "escalations", escalations);
        text.push_str(
            "p: so likely at the most is such a difference between two versions that are alike, \
             however often you look.\n",
        );
    }
}

impl Verdict {
    fn render(&self, text: &mut String, what: &str, shares: (Option<f64>, Option<f64>)) {
        let word = match self.word {
            Word::Better => "better",
            Word::Worse => "worse",
            Word::NoDifferenceShownYet => "no difference shown yet",
        };
        writeln!(
            text,
            "{:<13}{word} ({} against {}; {}, {} conversations compared)",
            format!("{what}:"),
            percent(shares.0),
            percent(shares.1),
            p_value(self.p_value),
            self.compared,
        )
        .ok();
    }
}

fn table(text: &mut String, rows: &[&Figures]) {
    writeln!(
        text,
        "{:<16} {:>7} {:>7} {:>15} {:>15} {:>6} {:>9} {:>6}",
        "version", "began", "judged", "deals", "escalated", "turns", "to a deal", "moved",
    )
    .ok();
    for row in rows {
        let counted = |count: usize| format!("{count} {:>8}", percent(row.percent(count)));
        writeln!(
            text,
            "{:<16} {:>7} {:>7} {:>15} {:>15} {:>6} {:>9} {:>6}",
            row.version.as_str(),
            row.began,
            row.judged,
            counted(row.deals),
            counted(row.escalations),
            row.mean_turns
                .map_or("-".to_owned(), |turns| format!("{turns:.1}")),
            row.minutes_to_deal.map_or("-".to_owned(), time),
            row.moved,
        )
        .ok();
    }
}

/// How many came how far.
fn funnel(text: &mut String, figures: &Figures, role: &str) {
    let names = figures.stages.iter().map(|it| it.stage.chars().count());
    let wide = names.max().unwrap_or(0);
    if figures.stages.is_empty() {
        return;
    }
    writeln!(text, "\n{}{role} came to", figures.version).ok();
    for reached in &figures.stages {
        let share = reached.conversations * BAR;
        let length = share.div_ceil(figures.judged.max(1));
        writeln!(
            text,
            "  {:<wide$}  {:<BAR$}  {:>6}",
            reached.stage,
            "█".repeat(length),
            reached.conversations,
        )
        .ok();
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{share:.1} %"))
}

fn p_value(p: f64) -> String {
    const SMALLEST: f64 = 0.001;
    if p < SMALLEST {
        format!("p < {SMALLEST}")
    } else {
        format!("p = {p:.3}")
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Minutes in the largest unit that tells them well.
fn time(minutes: i64) -> String {
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    match minutes {
        minutes if minutes >= 2 * DAY => format!("{} days", (minutes + DAY / 2) / DAY),
        minutes if minutes >= 2 * HOUR => format!("{} h", (minutes + HOUR / 2) / HOUR),
        minutes => format!("{minutes} min"),
    }
}
