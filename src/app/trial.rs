//! What became of the conversations that began with each version of the playbook, and whether a
//! version on trial does better than the one that it is tried against. Plain computation: the
//! caller reads the ledgers and says what time it is.
//!
//! A conversation counts for the version that it *began* with, whatever happened to it later: who
//! was moved away from a version that did badly still speaks against it. In a trial each one is
//! judged the same time after its beginning, so that those who began early have no head start.
//!
//! Start at [`beginnings`], what is counted; [`evidence`] is the test that may be looked at at any
//! time.

mod beginnings;
mod evidence;
mod figures;
mod render;

use std::collections::BTreeMap;

use consultant_core::{LedgerEvent, PlaybookVersion, ReleaseEvent, Releases, Trial};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use beginnings::{Beginning, beginnings};
use evidence::Evidence;
use figures::Figures;

/// From here on a difference is told as one: one trial in twenty of two equal versions says so
/// once, however often it is looked at.
const SHOWN_BELOW: f64 = 0.05;

/// What became of each version's conversations.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    since: Timestamp,
    /// The version that serves those who begin.
    live: Option<PlaybookVersion>,
    versions: Vec<Figures>,
    trial: Option<Comparison>,
}

/// How a trial stands.
#[derive(Clone, Debug, Serialize)]
struct Comparison {
    since: Timestamp,
    percent: u8,
    judged_after_minutes: u32,
    /// Of both versions, those who began too short a time ago to be judged.
    still_open: usize,
    tried: Figures,
    against: Figures,
    deals: Verdict,
    escalations: Verdict,
}

/// Whether two versions differ in something.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Verdict {
    word: Word,
    /// How likely such a difference is where there is none, at the most. Valid at any time of
    /// looking.
    p_value: f64,
    /// How many conversations of both versions were compared; the others wait for their match.
    compared: u32,
}

/// What is said of the version on trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Better,
    Worse,
    NoDifferenceShownYet,
}

impl Results {
    /// What became of those who began since then, from the ledgers of all conversations and the
    /// decisions about versions. A trial is compared since it began, whatever `since` says.
    pub fn of(
        ledgers: &[Vec<LedgerEvent>],
        releases: &[ReleaseEvent],
        (since, now): (Timestamp, Timestamp),
    ) -> Self {
        let releases = Releases::of(releases);
        let mut all: Vec<Beginning> = ledgers.iter().flat_map(|it| beginnings(it)).collect();
        all.sort_by_key(|it| it.at);
        let mut by_version: BTreeMap<&PlaybookVersion, Vec<&Beginning>> = BTreeMap::new();
        for beginning in all.iter().filter(|it| it.at >= since) {
            let theirs = by_version.entry(&beginning.version).or_default();
            theirs.push(beginning);
        }
        let mut versions: Vec<(Option<Timestamp>, Figures)> = by_version
            .into_iter()
            .map(|(version, theirs)| {
                let newest = theirs.last().map(|it| it.at);
                (newest, Figures::of(version, &theirs, None, now))
            })
            .collect();
        versions.sort_by_key(|(newest, _)| std::cmp::Reverse(*newest));
        Self {
            since,
            live: releases.live().cloned(),
            versions: versions.into_iter().map(|(_, figures)| figures).collect(),
            trial: releases.trial().map(|it| Comparison::of(it, &all, now)),
        }
    }

    /// For programs.
    pub fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Comparison {
    /// `all` in the order in which they began.
    fn of(trial: &Trial, all: &[Beginning], now: Timestamp) -> Self {
        let of = |version: &PlaybookVersion| -> Vec<&Beginning> {
            let theirs = all.iter().filter(|it| it.at >= trial.since);
            theirs.filter(|it| it.version == *version).collect()
        };
        let figures = |version| {
            let judged_after = Some(judged_after(trial));
            Figures::of(version, &of(version), judged_after, now)
        };
        let (tried, against) = (figures(&trial.version), figures(&trial.against));
        let deals = compared(trial, all, now, |it, time| it.deal_within(time).is_some());
        let escalations = compared(trial, all, now, Beginning::is_escalated_within);
        Self {
            since: trial.since,
            percent: trial.percent,
            judged_after_minutes: trial.judged_after_minutes,
            still_open: tried.still_open() + against.still_open(),
            deals: Verdict::of(&deals, Word::Better),
            escalations: Verdict::of(&escalations, Word::Worse),
            tried,
            against,
        }
    }
}

fn judged_after(trial: &Trial) -> SignedDuration {
    SignedDuration::from_mins(i64::from(trial.judged_after_minutes))
}

/// The evidence of those that are ripe, in the order in which they began. Who is ripe is an early
/// part of that order, and what is asked of them never changes again, so a later look sees all
/// that an earlier one saw, and more behind it: that is what the test rests on.
fn compared(
    trial: &Trial,
    all: &[Beginning],
    now: Timestamp,
    happened: impl Fn(&Beginning, SignedDuration) -> bool,
) -> Evidence {
    let time = judged_after(trial);
    let mut evidence = Evidence::new(trial.percent);
    for beginning in all.iter().filter(|it| it.at >= trial.since) {
        if !beginning.is_ripe(time, now) {
            continue;
        }
        if beginning.version == trial.version {
            evidence.tried(happened(beginning, time));
        } else if beginning.version == trial.against {
            evidence.against(happened(beginning, time));
        }
    }
    evidence
}

impl Verdict {
    /// `more` is what it means that the version on trial has more of it.
    fn of(evidence: &Evidence, more: Word) -> Self {
        let less = if more == Word::Better {
            Word::Worse
        } else {
            Word::Better
        };
        let p_value = evidence.p_value();
        let word = if p_value > SHOWN_BELOW {
            Word::NoDifferenceShownYet
        } else if evidence.tried_has_more() {
            more
        } else {
            less
        };
        Self {
            word,
            p_value,
            compared: evidence.compared(),
        }
    }
}

#[cfg(test)]
mod tests;
