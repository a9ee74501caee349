//! Functions that are never called, and modules that are imported and never used.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Lint, Linter, Role,
    bodies::{Body, Use},
    tokens::Head,
};
use crate::{
    declare::DECLARING,
    rules::{ESCALATION, FAQ},
};

/// The functions of a playbook that the product calls by itself, beside those that declare something.
const ENTRY_POINTS: [&str; 2] = ["reply", "migrate"];

/// Whether the product calls a function of this name by itself.
pub(super) fn is_entry_point(role: Role, name: &str) -> bool {
    match role {
        Role::Playbook | Role::Module => {
            ENTRY_POINTS.contains(&name) || DECLARING.iter().any(|(known, _)| *known == name)
        }
        Role::Escalation => name == ESCALATION.entry,
        Role::Faq => name == FAQ.entry,
    }
}

impl Linter<'_> {
    pub(super) fn unused(&mut self, bodies: &[Body], heads: &[Head], role: Role) {
        self.unused_functions(bodies, heads, role);
        self.unused_imports(bodies);
    }

    fn unused_functions(&mut self, bodies: &[Body], heads: &[Head], role: Role) {
        let reached = reached(bodies, role);
        let unused = bodies.iter().filter_map(|body| {
            let name = body.name.as_deref()?;
            let is_meant = name.starts_with('_') || reached.contains(name);
            body.head(heads).filter(|_| !is_meant)
        });
        for head in unused {
            let message = format!("nobody calls the function `{}`", head.name);
            let hint = "call it, or leave it out";
            self.complain(Lint::UnusedFunction, head.at, message, hint);
        }
    }

    fn unused_imports(&mut self, bodies: &[Body]) {
        let mut used = BTreeSet::new();
        for body in bodies {
            body.uses(|what| {
                let module = match what {
                    Use::Call(call) => call.namespace.path.first().map(rhai::Ident::as_str),
                    Use::Variable { module, .. } => module,
                };
                used.extend(module.map(str::to_owned));
            });
        }
        for import in &self.script.imports {
            if !used.contains(&import.alias) {
                let alias = &import.alias;
                let message = format!("nobody uses the module `{alias}`");
                let hint = format!("write `{alias}::function(…)`, or leave the import out");
                self.complain(Lint::UnusedImport, import.position, message, hint);
            }
        }
    }
}

/// The functions that are called, by way of others, from where the product or another script
/// begins. A function that is only named may be called too.
fn reached(bodies: &[Body], role: Role) -> BTreeSet<String> {
    let mut called_by: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut open: Vec<String> = Vec::new();
    for body in bodies {
        let called = called_in(body);
        match body.name.as_deref() {
            Some(name) => {
                let is_begin = match role {
                    Role::Module => !body.is_private,
                    _ => is_entry_point(role, name),
                };
                open.extend(is_begin.then(|| name.to_owned()));
                called_by.entry(name).or_default().extend(called);
            }
            None => open.extend(called),
        }
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop() {
        let called = called_by.get(name.as_str()).into_iter().flatten();
        let called: Vec<String> = called.cloned().collect();
        if reached.insert(name) {
            open.extend(called);
        }
    }
    reached
}

fn called_in(body: &Body) -> BTreeSet<String> {
    let mut called = BTreeSet::new();
    body.uses(|what| {
        let name = match what {
            Use::Call(call) => call.name.as_str(),
            Use::Variable { name, .. } => name,
        };
        called.insert(name.to_owned());
    });
    called
}
