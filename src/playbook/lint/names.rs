//! Names inside of functions: variables and parameters that nobody looks at, and names that hide
//! others. A name that begins with `_` says that this is meant.

use std::collections::BTreeSet;

use rhai::{Expr, FnCallExpr, ImmutableString, Position, Stmt};

use super::{
    Lint, Linter, Role,
    bodies::{Body, Use, parameter_place},
    tokens::Head,
    unused::is_entry_point,
};

/// A name in sight.
struct Local {
    name: String,
    at: Position,
    /// What to say where nobody looks at it; `None` to say nothing.
    lint: Option<Lint>,
    is_used: bool,
}

/// A name that was found wanting.
struct Told {
    lint: Lint,
    at: Position,
    name: String,
    /// Whether what it hides is a function.
    hides_function: bool,
}

/// Follows the names through one function.
struct Names<'a> {
    functions: &'a BTreeSet<&'a str>,
    /// Constants of the script that are read as `global::NAME`.
    globals: &'a BTreeSet<String>,
    scopes: Vec<Vec<Local>>,
    told: Vec<Told>,
}

impl Linter<'_> {
    pub(super) fn names(&mut self, bodies: &[Body], heads: &[Head], role: Role) {
        let functions = heads.iter().map(|head| head.name.as_str()).collect();
        let globals = globals(bodies);
        for body in bodies {
            let mut names = Names {
                functions: &functions,
                globals: &globals,
                scopes: vec![parameters(body, heads, role)],
                told: Vec::new(),
            };
            body.statements(|statement| names.statement(statement));
            // What a module has outside of its functions is for those who import it.
            let is_shared = role == Role::Module && body.name.is_none();
            names.leave(is_shared);
            for told in names.told {
                self.tell(&told);
            }
        }
    }

    fn tell(&mut self, told: &Told) {
        let name = &told.name;
        let (message, hint) = match told.lint {
            Lint::ShadowedName if told.hides_function => (
                format!("`{name}` is also the name of a function"),
                "choose another name for the variable".to_owned(),
            ),
            Lint::ShadowedName => (
                format!("`{name}` hides another `{name}`"),
                format!("choose another name, or write `{name} = …` without `let`"),
            ),
            Lint::UnusedParameter => (
                format!("nobody looks at the value `{name}`"),
                format!("leave it out, or write `_{name}` if it has to be there"),
            ),
            _ => (
                format!("nobody looks at the variable `{name}`"),
                format!("leave it out, or write `_{name}` if it has to be there"),
            ),
        };
        self.complain(told.lint, told.at, message, hint);
    }
}

/// Names that are read as `global::NAME` anywhere in the script.
fn globals(bodies: &[Body]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for body in bodies {
        body.uses(|what| {
            if let Use::Variable {
                name,
                module: Some("global"),
            } = what
            {
                found.insert(name.to_owned());
            }
        });
    }
    found
}

fn parameters(body: &Body, heads: &[Head], role: Role) -> Vec<Local> {
    let head = body.head(heads);
    // The product says which values these take.
    let name = body.name.as_deref();
    let is_free = !name.is_some_and(|name| is_entry_point(role, name));
    let local = |name: &String| {
        let at = head.and_then(|head| parameter_place(head, name));
        Local {
            name: name.clone(),
            at: at.unwrap_or(Position::NONE),
            lint: Some(Lint::UnusedParameter).filter(|_| at.is_some() && is_free),
            is_used: false,
        }
    };
    body.parameters.iter().map(local).collect()
}

impl Names<'_> {
    fn enter(&mut self) {
        self.scopes.push(Vec::new());
    }

    fn leave(&mut self, is_shared: bool) {
        for local in self.scopes.pop().unwrap_or_default() {
            let is_meant = local.name.starts_with('_') || is_shared;
            let is_global = self.scopes.is_empty() && self.globals.contains(&local.name);
            if let Some(lint) = local.lint
                && !(local.is_used || is_meant || is_global)
            {
                self.told.push(Told {
                    lint,
                    at: local.at,
                    name: local.name,
                    hides_function: false,
                });
            }
        }
    }

    fn declare(&mut self, name: &ImmutableString, at: Position) {
        let is_in_sight = self
            .scopes
            .iter()
            .flatten()
            .any(|local| local.name == *name);
        let hides_function = !is_in_sight && self.functions.contains(name.as_str());
        let is_hiding = (is_in_sight || hides_function) && !name.starts_with('_');
        if is_hiding {
            self.told.push(Told {
                lint: Lint::ShadowedName,
                at,
                name: name.to_string(),
                hides_function,
            });
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(Local {
                name: name.to_string(),
                at,
                // One mistake is told once.
                lint: (!is_hiding).then_some(Lint::UnusedVariable),
                is_used: false,
            });
        }
    }

    fn used(&mut self, name: &str) {
        let mut inner_first = self.scopes.iter_mut().rev();
        let found =
            inner_first.find_map(|scope| scope.iter_mut().rev().find(|local| local.name == name));
        if let Some(local) = found {
            local.is_used = true;
        }
    }

    fn block<'s>(&mut self, statements: impl IntoIterator<Item = &'s Stmt>) {
        self.enter();
        for statement in statements {
            self.statement(statement);
        }
        self.leave(false);
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Var(variable, ..) => {
                self.expression(&variable.1);
                self.declare(&variable.0.name, variable.0.pos);
            }
            Stmt::Assignment(assignment) => {
                self.expression(&assignment.1.rhs);
                // To change a variable is not yet to look at it.
                if !matches!(assignment.1.lhs, Expr::Variable(..)) {
                    self.expression(&assignment.1.lhs);
                }
            }
            Stmt::FnCall(call, _) => self.call(call),
            Stmt::Expr(expression) => self.expression(expression),
            Stmt::Return(Some(value), ..) | Stmt::BreakLoop(Some(value), ..) => {
                self.expression(value);
            }
            Stmt::Export(export, _) => self.used(&export.0.name),
            Stmt::Share(captured) => {
                for (name, _) in captured.iter() {
                    self.used(&name.name);
                }
            }
            _ => self.branches(statement),
        }
    }

    /// Statements that hold others.
    fn branches(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Block(block) => self.block(block.iter()),
            Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..) => {
                self.expression(&flow.expr);
                self.block(flow.body.iter());
                self.block(flow.branch.iter());
            }
            Stmt::For(parts, _) => {
                self.expression(&parts.2.expr);
                self.enter();
                for name in [Some(&parts.0), parts.1.as_ref()].into_iter().flatten() {
                    self.declare(&name.name, name.pos);
                }
                self.block(parts.2.body.iter());
                self.leave(false);
            }
            Stmt::TryCatch(flow, _) => {
                self.block(flow.body.iter());
                self.enter();
                if let Expr::Variable(variable, _, at) = &flow.expr {
                    self.declare(&variable.1, *at);
                }
                self.block(flow.branch.iter());
                self.leave(false);
            }
            Stmt::Switch(parts, _) => {
                self.expression(&parts.0);
                for case in &parts.1.expressions {
                    self.expression(&case.lhs);
                    self.expression(&case.rhs);
                }
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Variable(variable, ..) if variable.2.is_empty() => self.used(&variable.1),
            Expr::Stmt(block) => self.block(block.iter()),
            Expr::FnCall(call, _) | Expr::MethodCall(call, _) => self.call(call),
            Expr::Index(link, ..) | Expr::Dot(link, ..) => {
                self.expression(&link.lhs);
                self.expression(&link.rhs);
            }
            Expr::Map(entries, _) => entries.0.iter().for_each(|(_, it)| self.expression(it)),
            Expr::Array(items, _) | Expr::InterpolatedString(items, _) => {
                items.iter().for_each(|item| self.expression(item));
            }
            Expr::And(items, _) | Expr::Or(items, _) | Expr::Coalesce(items, _) => {
                items.iter().for_each(|item| self.expression(item));
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &FnCallExpr) {
        // A variable that holds a closure is called by its name.
        self.used(&call.name);
        call.args.iter().for_each(|value| self.expression(value));
    }
}
