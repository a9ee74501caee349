//! A playbook together with the rules that stand beside it: one version, checked as a whole.
//!
//! Each script compiles by itself, in an engine with its own words. What they say of one another is
//! looked at here: the stages and slots that escalation rules name are those of the playbook.

use rhai::Engine;

use crate::{
    compile::{self, Attempt, in_order},
    library::Library,
    lint::{Role, Slots},
    problem::Problem,
    rules::{self, Tried},
};

/// What people call a script's file, and its source.
pub type NamedScript<'a> = (&'a str, &'a str);

/// The rules that stand beside a playbook. A company may do without.
#[derive(Clone, Copy, Debug, Default)]
pub struct RuleScripts<'a> {
    /// When a person is needed: `scripts/escalation.rhai`.
    pub escalation: Option<NamedScript<'a>>,
    /// What becomes a reviewed answer: `scripts/faq.rhai`.
    pub faq: Option<NamedScript<'a>>,
}

/// Makes the engine of a script, by what the script is for.
pub(crate) type Engines<'a> = &'a mut dyn FnMut(Role) -> Engine;

/// What came of all scripts of a company, right or wrong.
pub(crate) fn attempt(
    playbook: Option<NamedScript<'_>>,
    rules: RuleScripts<'_>,
    library: &Library,
    engines: Engines<'_>,
) -> Attempt {
    let mut tried = |kind: &rules::Kind, script: Option<NamedScript<'_>>| {
        script.map(|script| rules::attempt(kind, script, library, engines(kind.role)))
    };
    let mut escalation = tried(&rules::ESCALATION, rules.escalation);
    let mut faq = tried(&rules::FAQ, rules.faq);
    let none = Slots::default();
    let looked_at = escalation.as_ref().map_or(&none, |it| &it.findings.slots);
    let mut whole = playbook.map_or_else(Attempt::default, |script| {
        compile::attempt(script, library, engines(Role::Playbook), looked_at)
    });
    if let Some(escalation) = &escalation {
        whole
            .problems
            .extend(names_of_the_playbook(escalation, &whole));
    }
    for tried in [&mut escalation, &mut faq].into_iter().flatten() {
        whole.problems.append(&mut tried.problems);
        whole.mentions.append(&mut tried.findings.mentions);
        whole.imported.append(&mut tried.imported);
    }
    whole.problems.sort_by(in_order);
    // A module that two scripts import is met twice.
    whole.problems.dedup();
    let is_right = !whole.problems.iter().any(Problem::is_error);
    let playbook = whole.playbook.take().filter(|_| is_right);
    whole.playbook = playbook.map(|mut playbook| {
        playbook.mentions.clone_from(&whole.mentions);
        playbook.warnings.clone_from(&whole.problems);
        playbook.stand_by(
            escalation.and_then(|it| it.rules),
            faq.and_then(|it| it.rules),
        );
        playbook
    });
    whole
}

/// Stages and slots that escalation rules name and the playbook does not have.
fn names_of_the_playbook(escalation: &Tried, playbook: &Attempt) -> Vec<Problem> {
    let mut problems = compile::unknown_stages(&escalation.findings, &playbook.stages);
    if let Some(slots) = &playbook.slots {
        problems.extend(slots.unknown_to(&escalation.findings.slots));
    }
    problems
}
