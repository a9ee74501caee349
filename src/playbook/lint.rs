//! What a script's syntax tree tells before it runs. Rhai compiles calls of functions that do
//! not exist; here they are found, with the other mistakes that a customer would otherwise meet.
//!
//! Start at [`check`], which looks at each script by itself; [`Findings::judge`] then looks at the
//! playbook with its modules as a whole. What there is to find is listed in [`catalogue`].

mod catalogue;

mod bodies;
mod tokens;

mod calls;
mod compared;
mod literals;
mod mentions;
mod names;
mod slots;
mod texts;
mod unused;

pub(crate) mod stages;

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Engine, Expr, FnCallExpr, Position, Stmt};

use crate::{
    api::{EXCHANGE_PROPERTIES, TURN_PROPERTIES},
    loader::Script,
    problem::{Problem, suggestion},
};
use calls::Vocabulary;
pub use catalogue::{Lint, Severity};
pub(crate) use mentions::{Facts, Mention, MentionKind};
pub(crate) use slots::Slots;

/// What a script is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It answers turns.
    Playbook,
    /// It says when a person is needed.
    Escalation,
    /// It says what becomes a reviewed answer.
    Faq,
    /// Others import it.
    Module,
}

impl Role {
    /// Where what is written stands, for people.
    pub(crate) const fn place(self) -> &'static str {
        match self {
            Self::Playbook | Self::Module => "a playbook",
            Self::Escalation => "escalation rules",
            Self::Faq => "FAQ rules",
        }
    }

    /// What there is instead of a word that belongs to other scripts.
    const fn instead(self) -> &'static str {
        match self {
            Self::Playbook | Self::Module => "it belongs to FAQ rules, `scripts/faq.rhai`",
            Self::Escalation => {
                "an escalation rule looks at the turn and returns `escalate(…)`, `hand_off(…)` or \
                 `()`"
            }
            Self::Faq => "an FAQ rule looks at the exchange and returns `draft(…)` or `()`",
        }
    }

    /// The value that its functions are about, how people call it, and what it has.
    const fn subject(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Playbook | Self::Module | Self::Escalation => {
                ("turn", "a turn", &TURN_PROPERTIES)
            }
            Self::Faq => ("exchange", "an exchange", &EXCHANGE_PROPERTIES),
        }
    }
}

/// What the tree told.
#[derive(Default)]
pub(crate) struct Findings {
    /// What is wrong, or looks so.
    pub(crate) problems: Vec<Problem>,
    /// Stages that are gone to, in quotes, each with its place.
    pub(crate) gotos: Vec<(String, Problem)>,
    /// Whether a stage is gone to whose name is computed.
    pub(crate) goes_anywhere: bool,
    /// Stages that the turn's stage is compared with.
    pub(crate) stages: Vec<(String, Problem)>,
    /// Names in quotes that only catalogue and FAQ can judge.
    pub(crate) mentions: Vec<Mention>,
    /// Slots that are filled and looked at.
    pub(crate) slots: Slots,
    texts: Vec<texts::Seen>,
}

impl Findings {
    /// What shows only in the playbook and its modules together.
    pub(crate) fn judge(&self) -> Vec<Problem> {
        let mut problems = self.slots.judge();
        problems.extend(self.judge_texts());
        problems
    }

    /// What shows only in all texts together.
    pub(crate) fn judge_texts(&self) -> Vec<Problem> {
        texts::missing_languages(&self.texts)
    }
}

/// Checks a script and its modules, which may call what the script itself may.
pub(crate) fn check(
    engine: &Engine,
    main: &Script,
    role: Role,
    modules: &BTreeMap<String, Script>,
) -> Findings {
    let natives = calls::native_functions(engine);
    let mut findings = Findings::default();
    let purpose = role;
    let imported = modules.values().map(|script| (script, Role::Module));
    for (script, role) in imported.chain([(main, role)]) {
        let tokens = tokens::tokens(engine, &script.source);
        let mut linter = Linter {
            script,
            purpose,
            vocabulary: Vocabulary::new(&natives, purpose, script, modules),
            keys: map_keys(script),
            findings: &mut findings,
        };
        linter.walk();
        linter.cases(&tokens::cases(&tokens));
        let heads = tokens::heads(&tokens);
        let bodies = bodies::bodies(script);
        linter.names(&bodies, &heads, role);
        linter.unused(&bodies, &heads, role);
    }
    findings
}

struct Linter<'a> {
    script: &'a Script,
    /// What the script is for, or the one that imports it.
    purpose: Role,
    vocabulary: Vocabulary<'a>,
    /// Keys of map literals: `handlers.price(turn)` may call a function kept in a map.
    keys: BTreeSet<String>,
    findings: &'a mut Findings,
}

impl Linter<'_> {
    fn walk(&mut self) {
        let script = self.script;
        script
            .ast
            .walk(&mut |path: &[ASTNode<'_>]| self.visit(path));
    }

    fn visit(&mut self, path: &[ASTNode<'_>]) -> bool {
        match path {
            [.., ASTNode::Stmt(statement)] => self.statement(statement),
            [around @ .., ASTNode::Expr(expression)] => self.expression(expression, around),
            _ => {}
        }
        true
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FnCall(call, position) => self.call(call, *position),
            // The engine's own walk leaves out the value of `break`.
            Stmt::BreakLoop(Some(value), ..) => {
                value.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
                    self.visit(path)
                });
            }
            _ => {}
        }
    }

    /// `around` are the nodes that it stands in, the nearest one last.
    fn expression(&mut self, expression: &Expr, around: &[ASTNode<'_>]) {
        match expression {
            Expr::FnCall(call, position) => self.call(call, *position),
            Expr::MethodCall(call, position) => self.method(call, *position),
            Expr::Dot(link, ..) => {
                self.property(&link.lhs, &link.rhs);
                self.slot_read(link, around.last());
                self.summary_read(link);
            }
            Expr::Index(link, ..) => self.slot_read(link, around.last()),
            Expr::StringConstant(words, at) if texts::is_for_customers(around, expression) => {
                self.by_hand(words, *at);
            }
            Expr::Map(entries, at) => self.text_map(&entries.0, *at),
            _ => {}
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position) {
        self.comparison(call);
        if call.is_operator_call() {
            return;
        }
        match self.vocabulary.wrong_call(call) {
            Some((lint, message, hint)) => self.complain(lint, position, message, hint),
            None => self.literals(call, position),
        }
    }

    fn method(&mut self, call: &FnCallExpr, position: Position) {
        if self.keys.contains(call.name.as_str()) {
            return;
        }
        match self.vocabulary.wrong_method(call) {
            Some((lint, message, hint)) => self.complain(lint, position, message, hint),
            None => self.method_literals(call, position),
        }
    }

    /// `turn.languge`: the name `turn` belongs to the turn, and `exchange` to the exchange.
    fn property(&mut self, target: &Expr, link: &Expr) {
        let Expr::Variable(variable, ..) = target else {
            return;
        };
        let property = match link {
            Expr::Dot(inner, ..) | Expr::Index(inner, ..) => &inner.lhs,
            other => other,
        };
        let Expr::Property(names, position) = property else {
            return;
        };
        let name = names.2.as_str();
        let (subject, what, properties) = self.purpose.subject();
        if variable.1 == subject && !properties.contains(&name) {
            let hint = match suggestion(name, properties) {
                close if close.starts_with("did") => close,
                _ => format!("{what} has `{}`", properties.join("`, `")),
            };
            let message = format!("{what} has no `{name}`");
            self.complain(Lint::UnknownProperty, *position, message, hint);
        }
    }

    /// A place in this script, as a problem without words.
    fn place(&self, position: Position) -> Problem {
        Problem::at(&self.script.file, &self.script.source, position, "")
    }

    fn complain(
        &mut self,
        lint: Lint,
        position: Position,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let problem = self.place(position).of(lint).says(message).hint(hint);
        self.findings.problems.push(problem);
    }
}

fn map_keys(script: &Script) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    script.ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Expr(Expr::Map(entries, _))) = path.last() {
            keys.extend(entries.0.iter().map(|(key, _)| key.as_str().to_owned()));
        }
        true
    });
    keys
}

#[cfg(test)]
mod tests;
