//! Which functions there are, with how many values each, and what is wrong with a call.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use rhai::{Engine, Expr, FnAccess, FnCallExpr};

use super::{Lint, Role};
use crate::{compile::engine_of_all, loader::Script, problem::nearest};

/// Names of functions with the numbers of values that they take.
pub(super) type Functions = BTreeMap<String, BTreeSet<usize>>;

/// Part of the language, not of any package.
const KEYWORDS: [(&str, usize); 6] = [
    ("debug", 1),
    ("is_def_fn", 2),
    ("is_def_var", 1),
    ("is_shared", 1),
    ("print", 1),
    ("type_of", 1),
];

/// The words of all scripts, whatever they are for.
static EVERYWHERE: LazyLock<Functions> = LazyLock::new(|| native_functions(&engine_of_all()));

/// What a playbook may never call, and what to do instead.
const FORBIDDEN: [(&str, &str); 8] = [
    ("eval", "a playbook cannot run text as a script"),
    ("sleep", "a playbook cannot wait; it answers at once"),
    (
        "timestamp",
        "the time is `turn.now`, so that the same turn gives the same answer",
    ),
    (
        "rand",
        "write `pick(list)` or `chance(percent)`, so that the same turn gives the same answer",
    ),
    (
        "Fn",
        "write a closure, `|value| …`, or call the function by its name",
    ),
    (
        "curry",
        "a closure cannot use variables from around it; write a `for` loop",
    ),
    ("exit", "use `return`"),
    ("parse_json", "the turn holds all that there is to read"),
];

/// The functions that the engine itself knows.
pub(super) fn native_functions(engine: &Engine) -> Functions {
    let mut functions = Functions::new();
    let found = engine.collect_fn_metadata(
        None,
        |info| Some((info.metadata.name.to_string(), info.metadata.num_params)),
        true,
    );
    for (name, values) in found.into_iter().filter(|(name, _)| is_identifier(name)) {
        functions.entry(name).or_default().insert(values);
    }
    for (name, values) in KEYWORDS {
        functions.entry(name.to_owned()).or_default().insert(values);
    }
    functions
}

fn script_functions(script: &Script, with_private: bool) -> Functions {
    let mut functions = Functions::new();
    for function in script.ast.iter_functions() {
        if is_identifier(function.name) && (with_private || function.access == FnAccess::Public) {
            let entry = functions.entry(function.name.to_owned()).or_default();
            entry.insert(function.params.len());
        }
    }
    functions
}

fn is_identifier(name: &str) -> bool {
    name.chars()
        .all(|character| character.is_alphanumeric() || character == '_')
}

/// Lint, message and hint.
pub(super) type Wrong = (Lint, String, String);

/// Everything that one script may call.
pub(super) struct Vocabulary<'a> {
    natives: &'a Functions,
    purpose: Role,
    own: Functions,
    /// By alias; `None` for a module that is itself broken, which is told elsewhere.
    modules: BTreeMap<&'a str, Option<Functions>>,
}

impl<'a> Vocabulary<'a> {
    pub(super) fn new(
        natives: &'a Functions,
        purpose: Role,
        script: &'a Script,
        modules: &BTreeMap<String, Script>,
    ) -> Self {
        let exports = |module: &str| Some(script_functions(modules.get(module)?, false));
        Self {
            natives,
            purpose,
            own: script_functions(script, true),
            modules: script
                .imports
                .iter()
                .map(|import| (import.alias.as_str(), exports(&import.module)))
                .collect(),
        }
    }

    /// Whether the script itself has a function of this name that takes so many values.
    pub(super) fn is_own(&self, name: &str, values: usize) -> bool {
        takes(&self.own, name, values)
    }

    /// What is wrong with `name(…)` or `module::name(…)`.
    pub(super) fn wrong_call(&self, call: &FnCallExpr) -> Option<Wrong> {
        if let Some(alias) = call.namespace.path.first() {
            return self.wrong_module_call(alias.as_str(), call);
        }
        let (name, values) = (call.name.as_str(), call.args.len());
        if let Some(wrong) = self.forbidden(call) {
            return Some(wrong);
        }
        // `call(f, 1)` is the long form of `f.call(1)`.
        if name == "call" || self.takes(name, values) || !is_identifier(name) {
            return None;
        }
        Some(self.wrong(name, values))
    }

    /// What is wrong with `value.name(…)`: for a built-in function, the value is the first one.
    pub(super) fn wrong_method(&self, call: &FnCallExpr) -> Option<Wrong> {
        let (name, values) = (call.name.as_str(), call.args.len());
        if let Some(wrong) = self.forbidden(call) {
            return Some(wrong);
        }
        let known = takes(self.natives, name, values + 1) || takes(&self.own, name, values);
        if name == "call" || known {
            return None;
        }
        Some(self.wrong(name, values + 1))
    }

    fn wrong_module_call(&self, alias: &str, call: &FnCallExpr) -> Option<Wrong> {
        let (name, values) = (call.name.as_str(), call.args.len());
        let functions = if alias == "global" {
            &self.own
        } else {
            self.modules.get(alias)?.as_ref()?
        };
        if takes(functions, name, values) {
            return None;
        }
        let place = format!("`{alias}` has no function");
        Some(unknown(&place, name, values, &[functions]))
    }

    fn forbidden(&self, call: &FnCallExpr) -> Option<Wrong> {
        let name = call.name.as_str();
        if self.own.contains_key(name) {
            return None;
        }
        let (_, hint) = FORBIDDEN.iter().find(|(forbidden, _)| *forbidden == name)?;
        let message = match call.args.first() {
            // How the engine writes down a closure that uses variables from around it.
            Some(Expr::DynamicConstant(..)) if name == "curry" => {
                let captured = call.args.iter().skip(1).filter_map(variable_name);
                let captured = captured.collect::<Vec<_>>().join("`, `");
                format!("this closure uses `{captured}` from around it")
            }
            _ => self.not_available(name),
        };
        Some((Lint::ForbiddenFunction, message, (*hint).to_owned()))
    }

    fn not_available(&self, name: &str) -> String {
        format!("`{name}` is not available in {}", self.purpose.place())
    }

    fn takes(&self, name: &str, values: usize) -> bool {
        takes(self.natives, name, values) || takes(&self.own, name, values)
    }

    fn wrong(&self, name: &str, values: usize) -> Wrong {
        let is_known = self.natives.contains_key(name) || self.own.contains_key(name);
        if !is_known && EVERYWHERE.contains_key(name) {
            let hint = self.purpose.instead().to_owned();
            return (Lint::UnknownFunction, self.not_available(name), hint);
        }
        unknown(
            "there is no function",
            name,
            values,
            &[&self.own, self.natives],
        )
    }
}

fn variable_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) => Some(variable.1.as_str()),
        _ => None,
    }
}

fn takes(functions: &Functions, name: &str, values: usize) -> bool {
    functions
        .get(name)
        .is_some_and(|known| known.contains(&values))
}

fn unknown(place: &str, name: &str, values: usize, known: &[&Functions]) -> Wrong {
    let arities: BTreeSet<usize> = known
        .iter()
        .filter_map(|functions| functions.get(name))
        .flatten()
        .copied()
        .collect();
    if arities.is_empty() {
        let names = known.iter().flat_map(|functions| functions.keys());
        let hint = nearest(name, names.map(String::as_str)).map_or_else(
            || "declare it with `fn`; `consultant playbook docs` tells what there is".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return (Lint::UnknownFunction, format!("{place} `{name}`"), hint);
    }
    let arities: Vec<String> = arities.iter().map(usize::to_string).collect();
    let message = format!("`{name}` does not take {values} {}", plural(values));
    let hint = format!("it takes {}", arities.join(" or "));
    (Lint::WrongArity, message, hint)
}

fn plural(values: usize) -> &'static str {
    if values == 1 { "value" } else { "values" }
}
