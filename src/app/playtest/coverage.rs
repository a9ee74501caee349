//! What of a playbook the conversations came through: stages, transitions, lines and branches.

mod scripts;

use std::collections::BTreeSet;

use consultant_core::Happening;
use consultant_playbook::ScriptCoverage;
use serde::Serialize;

use super::play::Played;

pub(super) use scripts::{Scripts, lcov};

/// What was seen, and what never.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Coverage {
    pub(super) stages: usize,
    pub(super) stages_seen: usize,
    pub(super) transitions: usize,
    pub(super) transitions_seen: usize,
    /// Stages and transitions, `offer -> close`.
    pub(super) never: Vec<String>,
    #[serde(flatten)]
    pub(super) scripts: Option<Scripts>,
}

impl Coverage {
    /// Of conversations, over the declared stages with what may follow each, and over what ran of
    /// the scripts where they were watched.
    pub(super) fn of(
        played: &[Played],
        stages: &[(String, Vec<String>)],
        scripts: Option<Vec<ScriptCoverage>>,
    ) -> Self {
        let seen = || played.iter().flat_map(|it| &it.seen);
        let mut steps = BTreeSet::new();
        for happening in seen().flat_map(|it| &it.happenings) {
            if let Happening::StageChanged { from, to } = happening {
                steps.insert((from.as_str(), to.as_str()));
            }
        }
        let in_stage = seen().filter_map(|it| it.session.as_ref());
        let mut visited: BTreeSet<&str> = in_stage.map(|it| it.stage.as_str()).collect();
        visited.extend(steps.iter().flat_map(|(from, to)| [*from, *to]));
        let declared = stages.iter().map(|(stage, _)| stage.as_str());
        let next = |(stage, next): &'_ (String, Vec<String>)| {
            let pairs = next.iter().map(|to| (stage.clone(), to.clone()));
            pairs.collect::<Vec<_>>()
        };
        let transitions: Vec<(String, String)> = stages.iter().flat_map(next).collect();
        let unseen_stages: Vec<&str> = declared.filter(|it| !visited.contains(it)).collect();
        let is_unseen =
            |(from, to): &&(String, String)| !steps.contains(&(from.as_str(), to.as_str()));
        let unseen: Vec<&(String, String)> = transitions.iter().filter(is_unseen).collect();
        let mut never: Vec<String> = unseen_stages.iter().map(|it| (*it).to_owned()).collect();
        never.extend(unseen.iter().map(|(from, to)| format!("{from} -> {to}")));
        Self {
            stages: stages.len(),
            stages_seen: stages.len() - unseen_stages.len(),
            transitions: transitions.len(),
            transitions_seen: transitions.len() - unseen.len(),
            never,
            scripts: scripts.map(Scripts::new),
        }
    }
}
