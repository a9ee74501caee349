//! The figures of a run: a table for people, or JSON.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::{relay::Relayed, run::Outcome, verdict::Findings};

/// The figures of a run.
#[derive(Debug, Default, Serialize)]
pub(super) struct Figures {
    seed: u64,
    schedules: usize,
    failed: Vec<u64>,
    #[serde(flatten)]
    findings: Findings,
    /// What was found where people took part.
    desk: Relayed,
    kills: usize,
    faults: BTreeMap<&'static str, usize>,
    killed_at: BTreeMap<String, usize>,
    /// Planned faults whose step marker never came.
    unstruck: usize,
    ended_by_itself: usize,
    seconds: f64,
}

impl Figures {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// Adds one schedule's.
    pub(super) fn add(&mut self, outcome: &Outcome) {
        self.schedules += 1;
        self.findings.add(&outcome.findings);
        self.desk.add(&outcome.relayed);
        self.unstruck += outcome.unstruck;
        self.ended_by_itself += outcome.ended_by_itself;
        for (kind, count) in &outcome.faults {
            *self.faults.entry(kind).or_default() += count;
            self.kills += if kind.starts_with("kill") { *count } else { 0 };
        }
        for (step, count) in &outcome.killed_at {
            *self.killed_at.entry(step.clone()).or_default() += count;
        }
        if !outcome.is_clean() {
            self.failed.push(outcome.number);
        }
    }

    /// Adds a schedule that could not be played.
    pub(super) fn add_unplayed(&mut self, number: u64) {
        self.schedules += 1;
        self.failed.push(number);
    }

    pub(super) const fn took(&mut self, time: Duration) {
        self.seconds = time.as_secs_f64();
    }

    /// Whether every guarantee was kept.
    pub(super) const fn is_clean(&self) -> bool {
        self.failed.is_empty()
    }

    /// For machines.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// For people.
    pub(super) fn table(&self) -> String {
        let found = &self.findings;
        let rows = [
            ("schedules", self.schedules),
            ("  of them failed", self.failed.len()),
            ("messages", found.messages),
            ("answers", found.answers),
            ("changes", found.changes),
            ("reminders", found.reminders),
            ("lost", found.lost),
            ("misordered", found.misordered),
            ("misordered by the platform", found.misorders_explained),
            ("doubles, explained", found.doubles_explained),
            ("doubles, unexplained", found.doubles_unexplained),
            ("talks with people", self.desk.talks),
            ("  taken over", self.desk.takeovers),
            ("  said by customers", self.desk.asked),
            ("    shown to people", self.desk.shown_to_people),
            ("  said by agents", self.desk.said),
            ("  notes", self.desk.notes),
            ("  doubles, explained", self.desk.doubles_explained),
            ("  wrong", self.desk.wrong.len()),
            ("kills", self.kills),
        ];
        let row = |(name, number): (&str, usize)| format!("{name:<28}{number:>8}\n");
        let main: String = rows.into_iter().map(row).collect();
        let faults = self.faults.iter();
        let faults: String = faults
            .map(|(kind, count)| row((&format!("  {kind}"), *count)))
            .collect();
        let killed_at = self.killed_at.iter();
        let killed_at: String = killed_at
            .map(|(step, count)| row((&format!("  at {step}"), *count)))
            .collect();
        let total = row(("faults that struck", self.faults.values().sum()));
        let never = row(("  planned, never came", self.unstruck));
        let by_itself = row(("ends by itself", self.ended_by_itself));
        format!(
            "{main}{killed_at}{by_itself}{total}{faults}{never}seed {}, {:.0} s\n",
            self.seed, self.seconds
        )
    }
}
