//! What a script's syntax tree tells before it runs. Rhai compiles calls of functions that do
//! not exist; here they are found, with the other mistakes that a customer would otherwise meet.

mod calls;
mod literals;

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Engine, Expr, FnCallExpr, Position, Stmt};

use crate::{
    api::TURN_PROPERTIES,
    loader::Script,
    problem::{Problem, suggestion},
};
use calls::Vocabulary;

/// What the tree told.
#[derive(Default)]
pub(crate) struct Findings {
    /// What is wrong for sure.
    pub(crate) problems: Vec<Problem>,
    /// Stages in quotes, each with its place.
    pub(crate) gotos: Vec<(String, Problem)>,
    /// Names in quotes that only a catalogue can judge.
    pub(crate) mentions: Vec<Mention>,
}

/// A name in quotes that only a catalogue can judge.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) kind: MentionKind,
    /// Where it stands, as a problem without words.
    pub(crate) place: Problem,
}

/// What the name is a name of.
#[derive(Clone, Debug)]
pub(crate) enum MentionKind {
    Product(String),
    Variant { product: String, variant: String },
    Category(String),
}

/// Checks a playbook and its modules.
pub(crate) fn check(
    engine: &Engine,
    main: &Script,
    modules: &BTreeMap<String, Script>,
) -> Findings {
    let natives = calls::native_functions(engine);
    let mut findings = Findings::default();
    for script in modules.values().chain([main]) {
        let vocabulary = Vocabulary::new(&natives, script, modules);
        Linter {
            script,
            vocabulary,
            keys: map_keys(script),
            findings: &mut findings,
        }
        .run();
    }
    findings
}

struct Linter<'a> {
    script: &'a Script,
    vocabulary: Vocabulary<'a>,
    /// Keys of map literals: `handlers.price(turn)` may call a function kept in a map.
    keys: BTreeSet<String>,
    findings: &'a mut Findings,
}

impl Linter<'_> {
    fn run(mut self) {
        let script = self.script;
        script
            .ast
            .walk(&mut |path: &[ASTNode<'_>]| self.visit(path));
    }

    fn visit(&mut self, path: &[ASTNode<'_>]) -> bool {
        match path.last() {
            Some(ASTNode::Stmt(statement)) => self.statement(statement),
            Some(ASTNode::Expr(expression)) => self.expression(expression),
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

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::FnCall(call, position) => self.call(call, *position),
            Expr::MethodCall(call, position) => self.method(call, *position),
            Expr::Dot(link, ..) => self.property(&link.lhs, &link.rhs),
            _ => {}
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position) {
        if call.is_operator_call() {
            return;
        }
        match self.vocabulary.wrong_call(call) {
            Some((message, hint)) => self.complain(position, message, hint),
            None => self.literals(call, position),
        }
    }

    fn method(&mut self, call: &FnCallExpr, position: Position) {
        if self.keys.contains(call.name.as_str()) {
            return;
        }
        if let Some((message, hint)) = self.vocabulary.wrong_method(call) {
            self.complain(position, message, hint);
        }
    }

    /// `turn.languge`: the name `turn` belongs to the turn.
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
        if variable.1 == "turn" && !TURN_PROPERTIES.contains(&name) {
            let hint = match suggestion(name, &TURN_PROPERTIES) {
                close if close.starts_with("did") => close,
                _ => format!("a turn has `{}`", TURN_PROPERTIES.join("`, `")),
            };
            self.complain(*position, format!("a turn has no `{name}`"), hint);
        }
    }

    fn place(&self, position: Position) -> Problem {
        Problem::at(&self.script.file, &self.script.source, position, "")
    }

    fn complain(&mut self, position: Position, message: String, hint: String) {
        let place = self.place(position);
        self.findings.problems.push(Problem {
            message,
            hint: Some(hint),
            ..place
        });
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
