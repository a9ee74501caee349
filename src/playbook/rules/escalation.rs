//! `escalation(turn)`: whether a person is needed, why, and what the customer is told.

use std::sync::Arc;

use consultant_core::{Action, Decision, ScriptPlace, Turn, ports::PlaybookError};
use rhai::{Array, Dynamic};

use super::{Rules, kind_of};
use crate::{
    api::{Declared, Step, TurnView, Understood},
    playbook::understand,
};

/// What to write instead.
const HINT: &str = "return `escalate(…)`, `hand_off(…)`, or `()` where nobody is needed";

/// The most texts with which a customer is told that a person comes.
const MAX_TEXTS: usize = 4;

/// Rules that say when a person is needed.
pub struct EscalationRules(pub(crate) Rules);

/// A rule that fired: a person is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// What the customer is told, and one [`Action::Escalate`], in the order of the rule; each with
    /// the line that made it.
    pub actions: Vec<(Action, ScriptPlace)>,
}

impl std::fmt::Debug for EscalationRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EscalationRules")
            .field("file", &self.0.file)
            .finish_non_exhaustive()
    }
}

impl EscalationRules {
    pub(crate) const fn new(rules: Rules) -> Self {
        Self(rules)
    }

    /// Asks the rules about a turn of a playbook that declares nothing.
    pub fn ask(&self, turn: &Turn) -> Result<Option<Called>, PlaybookError> {
        let declared = Arc::default();
        let understood = understand(&declared, turn);
        self.ask_beside(&Arc::new(turn.clone()), &declared, &understood)
    }

    /// Asks the rules about a turn that the playbook has answered, in the light of what it declares.
    pub(crate) fn ask_beside(
        &self,
        turn: &Arc<Turn>,
        declared: &Arc<Declared>,
        understood: &Arc<Understood>,
    ) -> Result<Option<Called>, PlaybookError> {
        let (call, view) = TurnView::asked(turn, declared, understood);
        self.called(self.0.ask(call, (view,))?)
    }

    fn called(&self, returned: Dynamic) -> Result<Option<Called>, PlaybookError> {
        if returned.is_unit() {
            return Ok(None);
        }
        let returned = match returned.try_cast_result::<Array>() {
            Ok(list) => list,
            Err(one) => Array::from([one]),
        };
        let actions: Vec<_> = returned
            .into_iter()
            .map(|item| self.action(item))
            .collect::<Result<_, _>>()?;
        let is_call = |(action, _): &&(Action, ScriptPlace)| action.name() == "escalate";
        let calls = actions.iter().filter(is_call).count();
        let message = match (calls, actions.len()) {
            (0, 0) => return Ok(None),
            (0, _) => "`escalation` says something and calls nobody",
            (1, all) if all <= MAX_TEXTS + 1 => return Ok(Some(Called { actions })),
            (1, _) => "`escalation` says more than four texts",
            _ => "`escalation` calls a person twice; one reason is enough",
        };
        Err(self.0.refuse(format!("{message}: {HINT}")))
    }

    fn action(&self, item: Dynamic) -> Result<(Action, ScriptPlace), PlaybookError> {
        let what = kind_of(&item);
        let Some(step) = item.try_cast::<Step>() else {
            let message = format!("`escalation` returned {what}: {HINT}");
            return Err(self.0.refuse(message));
        };
        Ok((step.action, self.0.place(step.file, step.position)))
    }
}

impl Called {
    /// Why a person is needed.
    pub fn reason(&self) -> &str {
        let mut actions = self.actions.iter();
        actions
            .find_map(|(action, _)| match action {
                Action::Escalate { reason, .. } => Some(reason.as_str()),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// Adds it to what the playbook decided. A reason that is known is not told again; and where
    /// the playbook itself calls somebody in this turn, the customer was told so by the playbook.
    pub(crate) fn join(self, decision: &mut Decision, turn: &Turn) {
        let reasons = |action: &Action| match action {
            Action::Escalate { reason, .. } => Some(reason.clone()),
            _ => None,
        };
        let called: Vec<String> = decision.actions.iter().filter_map(reasons).collect();
        let reason = self.reason();
        if turn.escalated_for.as_deref() == Some(reason) || called.iter().any(|it| it == reason) {
            return;
        }
        for (action, place) in self.actions {
            if called.is_empty() || action.name() == "escalate" {
                decision.made(action, place);
            }
        }
    }
}
