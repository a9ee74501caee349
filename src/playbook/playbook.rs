//! A compiled playbook: answering turns, and checking what it says against a catalogue.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Action, Catalog, Faq, PlaybookVersion, Turn,
    ports::{Playbook, PlaybookError},
};
use rhai::{AST, CallFnOptions, Dynamic, Engine, Position, Scope};

use crate::{
    api::{Call, StageLine, Step, TurnView},
    lint::{Facts, Mention},
    problem::{Problem, suggestion},
    sandbox::{Fault, guarded},
};

/// The most actions of one reply.
const MAX_ACTIONS: usize = 32;

/// A playbook that compiled. One serves any number of threads.
pub struct RhaiPlaybook {
    pub(crate) file: String,
    pub(crate) version: PlaybookVersion,
    pub(crate) engine: Engine,
    pub(crate) ast: AST,
    /// Never empty; the first is where a conversation begins.
    pub(crate) stages: Vec<Stage>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) time_limit: Duration,
}

/// A stage and the stages that may follow it.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    name: String,
    next: Vec<String>,
}

impl From<StageLine> for Stage {
    fn from(line: StageLine) -> Self {
        Self {
            name: line.name,
            next: line.next,
        }
    }
}

impl std::fmt::Debug for RhaiPlaybook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RhaiPlaybook")
            .field("file", &self.file)
            .field("version", &self.version)
            .field("stages", &self.stages)
            .finish_non_exhaustive()
    }
}

impl Playbook for RhaiPlaybook {
    fn version(&self) -> &PlaybookVersion {
        &self.version
    }

    fn first_stage(&self) -> &str {
        self.stages.first().map_or("", |stage| stage.name.as_str())
    }

    fn answer(&self, turn: &Turn) -> Result<Vec<Action>, PlaybookError> {
        let returned = self.run(turn).map_err(|fault| self.error(fault))?;
        let steps = self.steps(returned)?;
        self.check_transitions(turn, &steps)?;
        Ok(steps.into_iter().map(|step| step.action).collect())
    }
}

impl RhaiPlaybook {
    /// The file that it was compiled from, as it was named to the compiler.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The declared stages, first one first.
    pub fn stages(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().map(|stage| stage.name.as_str())
    }

    /// The declared stages, each with those that may follow it.
    pub fn transitions(&self) -> Vec<(String, Vec<String>)> {
        let stages = self.stages.iter();
        stages
            .map(|stage| (stage.name.clone(), stage.next.clone()))
            .collect()
    }

    /// What the script says in quotes about products, variants and categories that the catalogue
    /// does not hold, and about answers that the FAQ does not hold.
    pub fn check(&self, catalog: &Catalog, faq: &Faq) -> Vec<Problem> {
        let facts = Facts {
            catalog: Some(catalog),
            faq: Some(faq),
        };
        let mentions = self.mentions.iter();
        mentions.filter_map(|it| facts.problem(it)).collect()
    }

    /// What `consultant check` tells although it refuses nothing.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    fn run(&self, turn: &Turn) -> Result<Dynamic, Fault> {
        let turn = Arc::new(turn.clone());
        let options = CallFnOptions::new().with_tag(Call::new(Arc::clone(&turn)));
        let arguments = (TurnView(turn),);
        guarded(self.time_limit, || {
            let scope = &mut Scope::new();
            self.engine
                .call_fn_with_options(options, scope, &self.ast, "reply", arguments)
        })
    }

    fn steps(&self, returned: Dynamic) -> Result<Vec<Step>, PlaybookError> {
        let Ok(items) = returned.into_array() else {
            return Err(self.refuse("`reply` must return a list of actions: `[say(…), answer()]`"));
        };
        if items.is_empty() {
            return Err(self.refuse("`reply` returned no action: the customer would get silence"));
        }
        if items.len() > MAX_ACTIONS {
            let count = items.len();
            return Err(self.refuse(format!(
                "{count} actions in one reply; the most is {MAX_ACTIONS}"
            )));
        }
        items.into_iter().map(|item| self.step(item)).collect()
    }

    fn step(&self, item: Dynamic) -> Result<Step, PlaybookError> {
        let what = match item.type_name() {
            "()" => "nothing, `()`",
            "array" => "a list within the list",
            name => name,
        }
        .to_owned();
        item.try_cast::<Step>()
            .ok_or_else(|| self.refuse(format!("`reply` returned {what} among its actions")))
    }

    /// Stages change only along declared transitions. To stay is always allowed, and a stage
    /// that this version does not know (an older one left it) may be left for any.
    fn check_transitions(&self, turn: &Turn, steps: &[Step]) -> Result<(), PlaybookError> {
        let mut current = turn.stage.as_str();
        for step in steps {
            let Action::Goto { stage: target } = &step.action else {
                continue;
            };
            let names: Vec<&str> = self.stages().collect();
            if !names.contains(&target.as_str()) {
                let hint = suggestion(target, &names);
                return Err(self.refuse_step(step, format!("there is no stage `{target}`; {hint}")));
            }
            if !self.may_follow(current, target) {
                let message = format!("`stages` does not let `{target}` follow `{current}`");
                return Err(self.refuse_step(step, message));
            }
            current = target;
        }
        Ok(())
    }

    fn may_follow(&self, current: &str, target: &str) -> bool {
        let stage = self.stages.iter().find(|stage| stage.name == current);
        current == target || stage.is_none_or(|stage| stage.next.iter().any(|next| next == target))
    }

    fn error(&self, fault: Fault) -> PlaybookError {
        PlaybookError {
            file: fault.file.unwrap_or_else(|| self.file.clone()),
            line: fault.position.line(),
            message: fault.message,
        }
    }

    fn refuse(&self, message: impl Into<String>) -> PlaybookError {
        self.error(Fault {
            file: None,
            position: Position::NONE,
            message: message.into(),
        })
    }

    fn refuse_step(&self, step: &Step, message: String) -> PlaybookError {
        self.error(Fault {
            file: step.file.clone(),
            position: step.position,
            message,
        })
    }
}

#[cfg(test)]
mod tests;
