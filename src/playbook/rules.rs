//! Rules that stand beside a playbook: when a person is needed (`scripts/escalation.rhai`), and
//! what becomes a reviewed answer (`scripts/faq.rhai`).
//!
//! They run in the playbook's sandbox, each in an engine that has only the words that it needs:
//! an escalation rule can call a person and say so, and an FAQ rule can make a draft. Escalation
//! rules are asked with every turn, after the playbook has answered. FAQ rules are asked by tests
//! alone until there is something that gathers exchanges.

mod escalation;
mod faq;

use std::{collections::BTreeSet, time::Duration};

use consultant_core::{KeptScript, ScriptPlace, ScriptRole, ports::PlaybookError};
use rhai::{
    AST, CallFnOptions, Dynamic, Engine, FuncArgs, OptimizationLevel, Position, Scope, Variant,
};

use crate::{
    api,
    compile::{in_order, load_modules, missing_functions, new_engine, optimised},
    library::Library,
    lint::{self, Findings, Role},
    loader,
    problem::Problem,
    sandbox::{Fault, TIME_LIMIT, guarded},
    sources::sources,
    together::NamedScript,
};

pub use escalation::{Called, EscalationRules};
pub use faq::{FaqRules, MadeDraft};

/// A kind of rules.
pub(crate) struct Kind {
    pub(crate) role: Role,
    kept_as: ScriptRole,
    /// The function that is asked; it takes one value.
    pub(crate) entry: &'static str,
    /// How to write it.
    hint: &'static str,
    /// What its scripts may call.
    pub(crate) register: fn(&mut Engine),
}

/// When a person is needed.
pub(crate) const ESCALATION: Kind = Kind {
    role: Role::Escalation,
    kept_as: ScriptRole::Escalation,
    entry: "escalation",
    hint: "write `fn escalation(turn) { if turn.intent == \"complaint\" { escalate(\"complains\") } }`",
    register: api::register_escalation,
};

/// What becomes a reviewed answer.
pub(crate) const FAQ: Kind = Kind {
    role: Role::Faq,
    kept_as: ScriptRole::Faq,
    entry: "faq_draft",
    hint: "write `fn faq_draft(exchange) { if exchange.asked_times >= 3 { draft() } }`",
    register: api::register_faq,
};

/// Compiles escalation rules by themselves. `file` is what diagnostics call them. Whether the
/// playbook has the stages and slots that they name shows only beside it: see
/// [`compile_with_rules`].
///
/// [`compile_with_rules`]: crate::compile_with_rules
pub fn compile_escalation(
    file: &str,
    source: &str,
    library: &Library,
) -> Result<EscalationRules, Vec<Problem>> {
    let rules = compile(&ESCALATION, (file, source), library)?;
    Ok(EscalationRules::new(rules))
}

/// Compiles FAQ rules. `file` is what diagnostics call them.
pub fn compile_faq(file: &str, source: &str, library: &Library) -> Result<FaqRules, Vec<Problem>> {
    let rules = compile(&FAQ, (file, source), library)?;
    Ok(FaqRules::new(rules))
}

fn compile(kind: &Kind, script: NamedScript<'_>, library: &Library) -> Result<Rules, Vec<Problem>> {
    let Tried {
        rules, problems, ..
    } = attempt(kind, script, library, new_engine(kind.role));
    rules.ok_or_else(|| problems.into_iter().filter(Problem::is_error).collect())
}

/// What came of compiling rules, right or wrong.
pub(crate) struct Tried {
    /// There if and only if no problem is an error.
    pub(crate) rules: Option<Rules>,
    /// Errors and warnings.
    pub(crate) problems: Vec<Problem>,
    /// What the tree told that others have to judge.
    pub(crate) findings: Findings,
    /// Names of the modules that they import, also of broken ones.
    pub(crate) imported: BTreeSet<String>,
}

pub(crate) fn attempt(
    kind: &Kind,
    (file, source): NamedScript<'_>,
    library: &Library,
    mut engine: Engine,
) -> Tried {
    let level = engine.optimization_level();
    engine.set_optimization_level(OptimizationLevel::None);
    let mut loaded = loader::load(&engine, file, source, library);
    let mut tried = Tried {
        rules: None,
        problems: std::mem::take(&mut loaded.problems),
        findings: Findings::default(),
        imported: std::mem::take(&mut loaded.met),
    };
    let Some(main) = &loaded.main else {
        return tried;
    };
    tried.findings = lint::check(&engine, main, kind.role, &loaded.modules);
    let problems = &mut tried.problems;
    problems.append(&mut tried.findings.problems);
    problems.extend(tried.findings.judge_texts());
    problems.extend(missing_functions(main, &[(kind.entry, 1, kind.hint)]));
    engine.set_optimization_level(level);
    let is_broken = problems.iter().any(Problem::is_error);
    if let Err(problem) = load_modules(&mut engine, &loaded)
        && !is_broken
    {
        problems.push(problem);
    }
    problems.sort_by(in_order);
    if !problems.iter().any(Problem::is_error) {
        tried.rules = Some(Rules {
            file: file.to_owned(),
            ast: optimised(&engine, main),
            scripts: sources(kind.kept_as, main, &loaded),
            entry: kind.entry,
            engine,
            time_limit: TIME_LIMIT,
        });
    }
    tried
}

/// Rules that compiled. One serves any number of threads.
pub(crate) struct Rules {
    pub(crate) file: String,
    /// What they were compiled from.
    pub(crate) scripts: Vec<KeptScript>,
    pub(crate) time_limit: Duration,
    entry: &'static str,
    engine: Engine,
    ast: AST,
}

impl Rules {
    /// Asks the rules. `tag` is what native functions find with the call.
    fn ask(
        &self,
        tag: impl Variant + Clone,
        arguments: impl FuncArgs,
    ) -> Result<Dynamic, PlaybookError> {
        let options = CallFnOptions::new().with_tag(tag);
        let returned = guarded(self.time_limit, || {
            let scope = &mut Scope::new();
            let (engine, ast) = (&self.engine, &self.ast);
            engine.call_fn_with_options::<Dynamic>(options, scope, ast, self.entry, arguments)
        });
        returned.map_err(|fault| self.error(fault))
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

    /// The line that made something.
    fn place(&self, file: Option<String>, position: Position) -> ScriptPlace {
        ScriptPlace {
            file: file.unwrap_or_else(|| self.file.clone()),
            line: position.line().unwrap_or(0),
        }
    }
}

/// What a script returned instead, for people.
fn kind_of(returned: &Dynamic) -> String {
    match returned.type_name() {
        "()" => "nothing, `()`".to_owned(),
        "array" => "a list".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
