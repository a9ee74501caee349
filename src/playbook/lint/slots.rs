//! Which slots a playbook fills, and which it looks at.

use std::collections::BTreeSet;

use rhai::{ASTNode, BinaryExpr, Expr};

use super::{Lint, Linter};
use crate::problem::{Problem, nearest, suggestion};

/// How a slot comes by its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// `ask("seats", …)`.
    Asked,
    /// `slot("seats", …)` in `slots()`.
    Declared,
    /// `set("seats", …)`: perhaps only for the records, so nobody has to look at it.
    Set,
}

/// What is known of a playbook's slots.
#[derive(Default)]
pub(crate) struct Slots {
    filled: Vec<(String, Filled, Problem)>,
    /// Some slot is filled whose name is computed.
    fills_any: bool,
    /// Slots of the turn that are looked at, each with its place.
    read: Vec<(String, Problem)>,
    /// Slots that something else than the turn is asked for: an older session, a copy.
    read_elsewhere: BTreeSet<String>,
    /// Some slot is looked at whose name is computed.
    reads_any: bool,
    /// Slots that are asked for in the words of their declaration, each with its place.
    asked: Vec<(String, Problem)>,
}

impl Slots {
    pub(super) fn awaited(&mut self, name: &str, place: Problem) {
        self.read.push((name.to_owned(), place));
    }

    /// Escalation rules look at slots too, which the playbook then has not asked for in vain.
    pub(crate) fn also_read_by(&mut self, rules: &Self) {
        let names = rules.read.iter().map(|(name, _)| name.clone());
        self.read_elsewhere.extend(names);
        self.read_elsewhere
            .extend(rules.read_elsewhere.iter().cloned());
        self.reads_any |= rules.reads_any;
    }

    /// Slots that escalation rules look at and that nothing in the playbook fills.
    pub(crate) fn unknown_to(&self, rules: &Self) -> Vec<Problem> {
        let both = Self {
            filled: self.filled.clone(),
            fills_any: self.fills_any,
            read: rules.read.clone(),
            ..Self::default()
        };
        both.unknown()
    }

    /// What is wrong with the slots of a whole playbook.
    pub(super) fn judge(&self) -> Vec<Problem> {
        let mut problems = self.unknown();
        problems.extend(self.undeclared());
        problems.extend(self.never_used());
        problems
    }

    fn unknown(&self) -> Vec<Problem> {
        if self.fills_any {
            return Vec::new();
        }
        let known: BTreeSet<&str> = self.filled.iter().map(|(name, ..)| name.as_str()).collect();
        let listed: Vec<&str> = known.iter().copied().collect();
        let unknown = self
            .read
            .iter()
            .filter(|(name, _)| !known.contains(name.as_str()));
        unknown
            .map(|(name, place)| {
                let problem = place.clone().of(Lint::UnknownSlot);
                let hint = match suggestion(name, &listed) {
                    near if near.starts_with("did") => near,
                    _ => format!("fill it with `ask(\"{name}\", …)` or `set(\"{name}\", …)`"),
                };
                problem
                    .says(format!("nothing fills the slot `{name}`"))
                    .hint(hint)
            })
            .collect()
    }

    /// `ask("seats")` has its words from the declaration.
    fn undeclared(&self) -> Vec<Problem> {
        let declared = self
            .filled
            .iter()
            .filter(|(_, how, _)| *how == Filled::Declared);
        let known: Vec<&str> = declared.map(|(name, ..)| name.as_str()).collect();
        let undeclared = self
            .asked
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()));
        undeclared
            .map(|(name, place)| {
                let problem = place.clone().of(Lint::UnknownSlot);
                let hint = match suggestion(name, &known) {
                    near if near.starts_with("did") => near,
                    _ => format!("declare it in `slots()`, or write `ask(\"{name}\", #{{ … }})`"),
                };
                problem
                    .says(format!("`slots` declares no `{name}` to ask for"))
                    .hint(hint)
            })
            .collect()
    }

    fn never_used(&self) -> Vec<Problem> {
        if self.reads_any {
            return Vec::new();
        }
        let mut told = BTreeSet::new();
        // A misspelt name is a look at the slot that is meant, and is told by itself.
        let is_read = |name: &str| {
            self.read_elsewhere.contains(name)
                || self
                    .read
                    .iter()
                    .any(|(read, _)| nearest(read, [name]).is_some())
        };
        self.filled
            .iter()
            .filter(|(name, how, _)| *how != Filled::Set && !is_read(name) && told.insert(name))
            .map(|(name, how, place)| {
                let verb = if *how == Filled::Asked {
                    "asked for"
                } else {
                    "declared"
                };
                let problem = place.clone().of(Lint::SlotNeverUsed);
                problem
                    .says(format!("the slot `{name}` is {verb} and never looked at"))
                    .hint(format!("look at `turn.slots.{name}`, or leave it out"))
            })
            .collect()
    }
}

impl Linter<'_> {
    /// A slot that a call fills, named by its first value.
    pub(super) fn slot_filled(&mut self, name: &Expr, how: Filled) {
        match name {
            Expr::StringConstant(name, at) => {
                let place = self.place(*at);
                let filled = (name.to_string(), how, place);
                self.findings.slots.filled.push(filled);
            }
            _ => self.findings.slots.fills_any = true,
        }
    }

    /// `ask("seats")`, in the words of its declaration.
    pub(super) fn slot_asked(&mut self, name: &Expr) {
        if let Expr::StringConstant(name, at) = name {
            let place = self.place(*at);
            self.findings.slots.asked.push((name.to_string(), place));
        }
    }

    /// `stage(…).needs(["seats"])`, which is a look at each; whether they are declared is told
    /// where the stages are.
    pub(super) fn slots_needed(&mut self, names: &Expr) {
        let slots = &mut self.findings.slots;
        let Expr::Array(names, _) = names else {
            slots.reads_any = true;
            return;
        };
        let names = names.iter().filter_map(|name| match name {
            Expr::StringConstant(name, _) => Some(name.to_string()),
            _ => None,
        });
        slots.read_elsewhere.extend(names);
    }

    /// `turn.summary` tells colleagues all slots.
    pub(super) fn summary_read(&mut self, link: &BinaryExpr) {
        let is_summary = |it: &Expr| matches!(it, Expr::Property(names, _) if names.2 == "summary");
        self.findings.slots.reads_any |= is_summary(&link.rhs) || is_summary(&link.lhs);
    }

    /// `turn.slots.name`, `turn.slots["name"]`, `turn.slots.contains("name")`.
    pub(super) fn slot_read(&mut self, link: &BinaryExpr, around: Option<&ASTNode<'_>>) {
        if is_slots(&link.rhs) {
            // `"name" in turn.slots` is a comparison.
            self.findings.slots.reads_any |= !is_contains(around);
        }
        if !is_slots(&link.lhs) {
            return;
        }
        let next = match &link.rhs {
            Expr::Dot(inner, ..) | Expr::Index(inner, ..) => &inner.lhs,
            other => other,
        };
        let (name, at) = match next {
            Expr::Property(names, at) => (names.2.as_str(), *at),
            Expr::StringConstant(name, at) => (name.as_str(), *at),
            Expr::MethodCall(call, _) if call.name == "contains" && call.args.len() == 1 => {
                return self.slot_named(&call.args[0]);
            }
            _ => {
                self.findings.slots.reads_any = true;
                return;
            }
        };
        let place = self.place(at);
        let slots = &mut self.findings.slots;
        if is_of_turn(around) {
            slots.read.push((name.to_owned(), place));
        } else {
            slots.read_elsewhere.insert(name.to_owned());
        }
    }

    /// A slot that is looked at, named by a value.
    pub(super) fn slot_named(&mut self, name: &Expr) {
        match name {
            Expr::StringConstant(name, at) => {
                let place = self.place(*at);
                self.findings.slots.read.push((name.to_string(), place));
            }
            _ => self.findings.slots.reads_any = true,
        }
    }
}

fn is_slots(expression: &Expr) -> bool {
    matches!(expression, Expr::Property(names, _) if names.2 == "slots")
}

fn is_contains(around: Option<&ASTNode<'_>>) -> bool {
    match around {
        Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(rhai::Stmt::FnCall(call, _))) => {
            call.name == "contains"
        }
        _ => false,
    }
}

fn is_of_turn(around: Option<&ASTNode<'_>>) -> bool {
    let Some(ASTNode::Expr(Expr::Dot(link, ..))) = around else {
        return false;
    };
    matches!(&link.lhs, Expr::Variable(variable, ..) if variable.1 == "turn")
}
