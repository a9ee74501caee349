//! `migrate(from, session)`: how a conversation that began with another version goes on with this
//! one.

use std::sync::Arc;

use consultant_core::{Action, PlaybookVersion, Turn, ports::PlaybookError};
use rhai::{CallFnOptions, Scope};

use super::RhaiPlaybook;
use crate::{
    api::{Step, TurnView, Understood},
    problem::suggestion,
    sandbox::guarded,
};

/// The name of the function, and how many values it takes.
const MIGRATE: (&str, usize) = ("migrate", 2);

impl RhaiPlaybook {
    /// What `migrate` returns: `None` for `()`, and where there is no such function.
    pub(super) fn call_migrate(
        &self,
        from: &PlaybookVersion,
        turn: &Turn,
    ) -> Result<Option<Vec<Action>>, PlaybookError> {
        let mut functions = self.ast.iter_functions();
        if !functions.any(|it| (it.name, it.params.len()) == MIGRATE) {
            return Ok(None);
        }
        let turn = Arc::new(turn.clone());
        let understood = Arc::new(Understood::default());
        let (call, session) = TurnView::asked(&turn, &self.declared, &understood);
        let options = CallFnOptions::new().with_tag(call);
        let arguments = (from.as_str().to_owned(), session);
        let returned = guarded(self.time_limit, || {
            let scope = &mut Scope::new();
            self.engine
                .call_fn_with_options(options, scope, &self.ast, MIGRATE.0, arguments)
        });
        let returned: rhai::Dynamic = returned.map_err(|fault| self.error(MIGRATE, fault))?;
        if returned.is_unit() {
            return Ok(None);
        }
        let Ok(items) = returned.into_array() else {
            return Err(self.refuse(
                MIGRATE,
                "`migrate` must return a list of actions, as `[goto(\"advise\")]`, or `()` to \
                 leave the conversation with its own version",
            ));
        };
        let steps = items.into_iter().map(|item| self.migration_step(item));
        steps.collect::<Result<_, _>>().map(Some)
    }

    fn migration_step(&self, item: rhai::Dynamic) -> Result<Action, PlaybookError> {
        let what = item.type_name();
        let Some(step) = item.try_cast::<Step>() else {
            return Err(self.refuse(
                MIGRATE,
                format!("`migrate` returned {what} among its actions"),
            ));
        };
        match &step.action {
            Action::Goto { stage } if self.declared.stage(stage).is_none() => {
                let names: Vec<&str> = self.stages().collect();
                let hint = suggestion(stage, &names);
                Err(self.refuse_step(&step, format!("there is no stage `{stage}`; {hint}")))
            }
            Action::Goto { .. }
            | Action::Set { .. }
            | Action::Score { .. }
            | Action::Tag { .. }
            | Action::ServeAs { .. } => Ok(step.action),
            other => {
                let message = format!(
                    "`migrate` cannot `{}`: it says nothing; use goto, set, score, tag, untag, serve_as",
                    other.name()
                );
                Err(self.refuse_step(&step, message))
            }
        }
    }
}
