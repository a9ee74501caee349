//! What became of the conversations that began with one version.

use std::collections::BTreeMap;

use consultant_core::PlaybookVersion;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::beginnings::Beginning;

/// What became of the conversations of one version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Figures {
    pub(super) version: PlaybookVersion,
    /// How many conversations began with it.
    pub(super) began: usize,
    /// How many of them began long enough ago to be judged. All that follows is of these.
    pub(super) judged: usize,
    pub(super) deals: usize,
    pub(super) escalations: usize,
    /// How many went on with another version later.
    pub(super) moved: usize,
    pub(super) mean_turns: Option<f64>,
    /// The middle one of all times to a deal.
    pub(super) minutes_to_deal: Option<i64>,
    /// How many were in each stage at some time; the most visited first.
    pub(super) stages: Vec<Reached>,
}

/// How many conversations were in a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Reached {
    pub(super) stage: String,
    pub(super) conversations: usize,
}

impl Figures {
    /// Of conversations that began with this version; each judged so long after its beginning, or
    /// as it stands now.
    pub(super) fn of(
        version: &PlaybookVersion,
        beginnings: &[&Beginning],
        judged_after: Option<SignedDuration>,
        now: Timestamp,
    ) -> Self {
        let ripe = |it: &&&Beginning| judged_after.is_none_or(|time| it.is_ripe(time, now));
        let judged: Vec<&Beginning> = beginnings.iter().filter(ripe).copied().collect();
        let time = judged_after.unwrap_or(SignedDuration::MAX);
        let deals: Vec<SignedDuration> = judged
            .iter()
            .filter_map(|it| it.deal_within(time))
            .collect();
        let escalated = judged.iter().filter(|it| it.is_escalated_within(time));
        let turns: usize = judged.iter().map(|it| it.turns_within(time)).sum();
        Self {
            version: version.clone(),
            began: beginnings.len(),
            judged: judged.len(),
            deals: deals.len(),
            escalations: escalated.count(),
            moved: judged.iter().filter(|it| it.is_moved()).count(),
            mean_turns: share(turns, judged.len()),
            minutes_to_deal: middle(deals).map(|it| it.as_mins()),
            stages: reached(&judged, time),
        }
    }

    /// How many began too short a time ago to be judged.
    pub(super) const fn still_open(&self) -> usize {
        self.began - self.judged
    }

    /// A share of the judged ones, in percent.
    pub(super) fn percent(&self, count: usize) -> Option<f64> {
        share(count * 100, self.judged)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of a few million conversations, for people"
)]
pub(super) fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// The middle one; the longer one of two.
fn middle(mut times: Vec<SignedDuration>) -> Option<SignedDuration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// Stages that as many reached stand in the order in which the conversations came through them.
fn reached(judged: &[&Beginning], time: SignedDuration) -> Vec<Reached> {
    // How many were in a stage, and the sum of its places in their ways.
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for beginning in judged {
        for (place, stage) in beginning.stages_within(time).into_iter().enumerate() {
            let (count, places) = found.entry(stage).or_default();
            *count += 1;
            *places += place;
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (count, places))| (std::cmp::Reverse(*count), *places));
    let stages = found.into_iter().map(|(stage, (count, _))| Reached {
        stage: stage.to_owned(),
        conversations: count,
    });
    stages.collect()
}
