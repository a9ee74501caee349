//! The sales funnel as declared, against the steps that the script takes.

use std::collections::BTreeSet;

use super::{Findings, Lint};
use crate::{
    api::StageLine,
    declare::stage_problem,
    loader::{Loaded, Script},
    problem::{Problem, nearest},
};

/// What is wrong with the stages of a playbook, beyond names that are not declared.
pub(crate) fn check(
    main: &Script,
    loaded: &Loaded,
    (stages, findings): (&[StageLine], &Findings),
) -> Vec<Problem> {
    let undeclared = undeclared_transitions(stages, findings);
    let mut problems: Vec<Problem> = undeclared.iter().map(|(_, told)| told.clone()).collect();
    let is_told = |name: &str| undeclared.iter().any(|(other, _)| *other == name);
    let reached = reachable(stages);
    let first = stages.first().map_or("", |stage| stage.name.as_str());
    for (index, stage) in stages.iter().enumerate() {
        let name = stage.name.as_str();
        let told = if is_told(name) {
            None
        } else if index > 0 && !reached.contains(name) {
            Some((
                Lint::UnreachableStage,
                format!("no way leads from `{first}` to the stage `{name}`"),
                format!("write `{name}` among those that may follow another stage"),
            ))
        } else if index > 0 && !findings.goes_anywhere && !is_gone_to(name, findings) {
            Some((
                Lint::UnusedStage,
                format!("no step leads to the stage `{name}`"),
                format!("write `goto(\"{name}\")` where it begins, or leave the stage out"),
            ))
        } else {
            dead_end(stage, stages)
        };
        problems.extend(told.map(|(lint, message, hint)| {
            let place = stage_problem(main, loaded, stage, message);
            place.of(lint).hint(hint)
        }));
    }
    problems
}

/// A single stage has nowhere to go, and needs no mark for that.
fn dead_end(stage: &StageLine, stages: &[StageLine]) -> Option<(Lint, String, String)> {
    let name = &stage.name;
    let is_dead_end = stage.next.is_empty() && !stage.last && stages.len() > 1;
    is_dead_end.then(|| {
        (
            Lint::DeadEndStage,
            format!("no stage follows `{name}`"),
            format!("name those that may, or write `stage(\"{name}\", []).last()`"),
        )
    })
}

/// A misspelt name is a step to the stage that is meant, and is told by itself.
fn is_gone_to(name: &str, findings: &Findings) -> bool {
    let mut gotos = findings.gotos.iter();
    gotos.any(|(stage, _)| nearest(stage, [name]).is_some())
}

/// Steps to a stage that is declared but may follow no other.
fn undeclared_transitions<'a>(
    stages: &[StageLine],
    findings: &'a Findings,
) -> Vec<(&'a str, Problem)> {
    let is_first = |name: &str| stages.first().is_some_and(|stage| stage.name == name);
    let is_declared = |name: &str| stages.iter().any(|stage| stage.name == name);
    let may_follow = |name: &str| {
        let mut lines = stages.iter();
        lines.any(|stage| stage.next.iter().any(|next| next == name))
    };
    findings
        .gotos
        .iter()
        .filter(|(name, _)| is_declared(name) && !is_first(name) && !may_follow(name))
        .map(|(name, place)| {
            let message = format!("`stages` lets `{name}` follow no stage");
            let hint = format!("write `{name}` in the list of a stage that it may follow");
            let problem = place.clone().of(Lint::UndeclaredTransition);
            (name.as_str(), problem.says(message).hint(hint))
        })
        .collect()
}

/// The stages that declared transitions lead to, from the first one on.
fn reachable(stages: &[StageLine]) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = stages
        .first()
        .map(|stage| stage.name.as_str())
        .into_iter()
        .collect();
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            let lines = stages.iter().filter(|stage| stage.name == name);
            open.extend(lines.flat_map(|stage| stage.next.iter().map(String::as_str)));
        }
    }
    reached
}
