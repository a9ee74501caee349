//! A compiled playbook: answering turns, and checking what it says against a catalogue.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use consultant_core::{
    Action, Catalog, Decision, Faq, Filled, KeptScript, PlaybookVersion, ScriptPlace, Turn, Unread,
    fill,
    ports::{Playbook, PlaybookError},
    unread,
};
use rhai::{AST, CallFnOptions, Dynamic, Engine, Position, Scope};

use crate::{
    api::{Declared, Plain, Raised, Step, TurnView, Understood},
    lint::{Facts, Mention},
    problem::{Problem, suggestion},
    rules::{EscalationRules, FaqRules, Rules},
    sandbox::{Fault, guarded},
    sources,
};

mod migrating;

/// The function that answers a turn, and how many values it takes.
const REPLY: (&str, usize) = ("reply", 1);

/// The most actions of one reply.
const MAX_ACTIONS: usize = 32;

/// A playbook that compiled. One serves any number of threads.
pub struct RhaiPlaybook {
    pub(crate) file: String,
    pub(crate) version: PlaybookVersion,
    /// What it was compiled from: the playbook itself first, then its modules by their names.
    pub(crate) scripts: Vec<KeptScript>,
    pub(crate) engine: Engine,
    pub(crate) ast: AST,
    pub(crate) declared: Arc<Declared>,
    /// When a person is needed, beside what the playbook itself says of it.
    pub(crate) escalation: Option<EscalationRules>,
    /// What becomes a reviewed answer.
    pub(crate) faq: Option<Arc<FaqRules>>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) time_limit: Duration,
}

impl std::fmt::Debug for RhaiPlaybook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RhaiPlaybook")
            .field("file", &self.file)
            .field("version", &self.version)
            .field("declared", &self.declared)
            .finish_non_exhaustive()
    }
}

impl Playbook for RhaiPlaybook {
    fn version(&self) -> &PlaybookVersion {
        &self.version
    }

    fn first_stage(&self) -> &str {
        self.declared
            .stages
            .first()
            .map_or("", |stage| stage.name.as_str())
    }

    fn has_stage(&self, stage: &str) -> bool {
        self.declared.stage(stage).is_some()
    }

    fn is_won(&self, stage: &str) -> bool {
        self.declared.stage(stage).is_some_and(|it| it.won)
    }

    fn answer(&self, turn: &Turn) -> Result<Decision, PlaybookError> {
        let understood = understand(&self.declared, turn);
        let turn = with_slots(turn, &understood.filled);
        let mut decision = self.reply(&turn, &understood)?;
        self.escalate(&turn, &understood, &mut decision);
        Ok(decision)
    }

    fn review(&self, turn: &Turn) -> Decision {
        let understood = understand(&self.declared, turn);
        let turn = with_slots(turn, &understood.filled);
        let mut decision = Decision::default();
        self.escalate(&turn, &understood, &mut decision);
        decision
    }

    fn unread(&self, turn: &Turn) -> Option<Unread> {
        unread(&self.declared.slots, turn)
    }

    fn migrate(
        &self,
        from: &PlaybookVersion,
        turn: &Turn,
    ) -> Result<Option<Vec<Action>>, PlaybookError> {
        self.call_migrate(from, turn)
    }

    fn complain(&self, message: String) -> PlaybookError {
        PlaybookError {
            file: self.file.clone(),
            line: None,
            message,
        }
    }
}

/// The turn with what its message filled in.
pub(crate) fn with_slots(turn: &Turn, filled: &Filled) -> Arc<Turn> {
    let mut turn = turn.clone();
    turn.slots.extend(filled.values.iter().cloned());
    Arc::new(turn)
}

/// What a message says about what is declared.
pub(crate) fn understand(declared: &Declared, turn: &Turn) -> Arc<Understood> {
    let said = Plain::new(&turn.text);
    let objection = declared.objection(&said).and_then(|objection| {
        let times = turn.objections.get(&objection.id).copied().unwrap_or(0);
        Some(Raised {
            id: objection.id.clone(),
            times,
            answer: objection.answer(times)?.clone(),
        })
    });
    Arc::new(Understood {
        said,
        filled: fill(&declared.slots, turn),
        objection,
    })
}

impl RhaiPlaybook {
    /// The file that it was compiled from, as it was named to the compiler.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The declared stages, first one first.
    pub fn stages(&self) -> impl Iterator<Item = &str> {
        let stages = self.declared.stages.iter();
        stages.map(|stage| stage.name.as_str())
    }

    /// The declared stages, each with those that may follow it.
    pub fn transitions(&self) -> Vec<(String, Vec<String>)> {
        let stages = self.declared.stages.iter();
        stages
            .map(|stage| (stage.name.clone(), stage.next.clone()))
            .collect()
    }

    /// Takes rules to its side. They are part of its version.
    pub(crate) fn stand_by(&mut self, escalation: Option<Rules>, faq: Option<Rules>) {
        for rules in [&escalation, &faq].into_iter().flatten() {
            sources::add(&mut self.scripts, &rules.scripts);
        }
        self.version = sources::version(&self.scripts);
        self.escalation = escalation.map(EscalationRules::new);
        self.faq = faq.map(|rules| Arc::new(FaqRules::new(rules)));
    }

    /// The rules that say what becomes a reviewed answer, if there are any.
    pub fn faq_rules(&self) -> Option<Arc<FaqRules>> {
        self.faq.clone()
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

    /// What `reply` decides.
    fn reply(
        &self,
        turn: &Arc<Turn>,
        understood: &Arc<Understood>,
    ) -> Result<Decision, PlaybookError> {
        let returned = self.run(turn, understood);
        let steps = self.steps(returned.map_err(|fault| self.error(REPLY, fault))?)?;
        self.check_transitions(turn, &steps)?;
        let mut decision = Decision::default();
        for (slot, value) in &understood.filled.values {
            decision.declared(Action::Set {
                slot: slot.clone(),
                value: Some(value.clone()),
            });
        }
        if let Some(raised) = &understood.objection {
            let id = raised.id.clone();
            decision.declared(Action::Objection { id });
        }
        for step in steps {
            let place = self.place(&step);
            decision.made(step.action, place);
        }
        Ok(decision)
    }

    /// Asks the escalation rules. One that fails costs the customer nothing: what the playbook
    /// decided stands, and the failure is told beside it.
    fn escalate(&self, turn: &Arc<Turn>, understood: &Arc<Understood>, decision: &mut Decision) {
        let Some(rules) = &self.escalation else {
            return;
        };
        match rules.ask_beside(turn, &self.declared, understood) {
            Ok(called) => {
                if let Some(called) = called {
                    called.join(decision, turn);
                }
            }
            Err(error) => decision.problems.push(error.to_string()),
        }
    }

    fn run(&self, turn: &Arc<Turn>, understood: &Arc<Understood>) -> Result<Dynamic, Fault> {
        let (call, turn) = TurnView::asked(turn, &self.declared, understood);
        let options = CallFnOptions::new().with_tag(call);
        guarded(self.time_limit, || {
            let scope = &mut Scope::new();
            self.engine
                .call_fn_with_options(options, scope, &self.ast, REPLY.0, (turn,))
        })
    }

    fn steps(&self, returned: Dynamic) -> Result<Vec<Step>, PlaybookError> {
        let Ok(items) = returned.into_array() else {
            return Err(self.refuse(
                REPLY,
                "`reply` must return a list of actions: `[say(…), answer()]`",
            ));
        };
        if items.is_empty() {
            return Err(self.refuse(
                REPLY,
                "`reply` returned no action: the customer would get silence",
            ));
        }
        if items.len() > MAX_ACTIONS {
            let count = items.len();
            return Err(self.refuse(
                REPLY,
                format!("{count} actions in one reply; the most is {MAX_ACTIONS}"),
            ));
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
            .ok_or_else(|| self.refuse(REPLY, format!("`reply` returned {what} among its actions")))
    }

    /// Stages change only along declared transitions, and only where what they need is known. To
    /// stay is always allowed, and a stage that this version does not know (an older one left it)
    /// may be left for any.
    fn check_transitions(&self, turn: &Turn, steps: &[Step]) -> Result<(), PlaybookError> {
        let mut current = turn.stage.as_str();
        let mut known: BTreeSet<&str> = turn.slots.keys().map(String::as_str).collect();
        for step in steps {
            match &step.action {
                Action::Set { slot, value } if value.is_some() => {
                    known.insert(slot);
                }
                Action::Set { slot, .. } => {
                    known.remove(slot.as_str());
                }
                Action::Goto { stage } => {
                    self.check_goto(step, current, (stage, &known))?;
                    current = stage;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_goto(
        &self,
        step: &Step,
        current: &str,
        (target, known): (&str, &BTreeSet<&str>),
    ) -> Result<(), PlaybookError> {
        let Some(stage) = self.declared.stage(target) else {
            let names: Vec<&str> = self.stages().collect();
            let hint = suggestion(target, &names);
            return Err(self.refuse_step(step, format!("there is no stage `{target}`; {hint}")));
        };
        if !self.declared.may_follow(current, target) {
            let message = format!("`stages` does not let `{target}` follow `{current}`");
            return Err(self.refuse_step(step, message));
        }
        let lacks = |slot: &&String| current != target && !known.contains(slot.as_str());
        match stage.needs.iter().find(lacks) {
            None => Ok(()),
            Some(slot) => {
                let message = format!(
                    "the stage `{target}` needs `{slot}`, which is not known; ask \
                     `turn.can_go(\"{target}\")` before"
                );
                Err(self.refuse_step(step, message))
            }
        }
    }

    /// The line that made a step.
    fn place(&self, step: &Step) -> ScriptPlace {
        ScriptPlace {
            file: step.file.clone().unwrap_or_else(|| self.file.clone()),
            line: step.position.line().unwrap_or(0),
        }
    }

    /// A fault of a call. What has no place of its own is told at the function that was called.
    fn error(&self, called: (&str, usize), fault: Fault) -> PlaybookError {
        let own = fault.position.line();
        let line = own.or_else(|| {
            let functions = self.ast.shared_lib();
            let function = functions.get_script_fn(called.0, called.1);
            let function = function.filter(|_| fault.file.is_none());
            function.and_then(|it| it.body.start_position().line())
        });
        PlaybookError {
            file: fault.file.unwrap_or_else(|| self.file.clone()),
            line,
            message: fault.message,
        }
    }

    fn refuse(&self, called: (&str, usize), message: impl Into<String>) -> PlaybookError {
        let fault = Fault {
            file: None,
            position: Position::NONE,
            message: message.into(),
        };
        self.error(called, fault)
    }

    fn refuse_step(&self, step: &Step, message: String) -> PlaybookError {
        let fault = Fault {
            file: step.file.clone(),
            position: step.position,
            message,
        };
        self.error(REPLY, fault)
    }
}

#[cfg(test)]
mod tests;
