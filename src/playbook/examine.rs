//! Everything that is wrong with a company's scripts, whatever else is wrong with them.
//!
//! Compiling wants a playbook and stops where there can be none. Here nobody wants one: a broken
//! playbook does not hide its modules, nor its rules, nor what it says about products, and modules
//! that no script imports are read too.

use std::collections::BTreeSet;

use consultant_core::{Catalog, Faq};
use rhai::OptimizationLevel;

use crate::{
    compile::{engine_of_all, in_order, new_engine},
    library::Library,
    lint::{self, Facts, Role},
    loader,
    problem::Problem,
    together::{self, NamedScript, RuleScripts},
};

/// Every problem of a playbook, of the rules beside it, and of all modules.
///
/// Without a playbook (because it cannot be read) only the modules are looked at; without a
/// catalogue or FAQ (because that is broken itself) names of products or answers are taken as they
/// are. Warnings are among the problems.
pub fn examine(
    playbook: Option<NamedScript<'_>>,
    rules: RuleScripts<'_>,
    library: &Library,
    catalog: Option<&Catalog>,
    faq: Option<&Faq>,
) -> Vec<Problem> {
    let attempt = together::attempt(playbook, rules, library, &mut new_engine);
    let mut problems = attempt.problems;
    let facts = Facts { catalog, faq };
    let mentions = attempt.mentions.iter();
    problems.extend(mentions.filter_map(|mention| facts.problem(mention)));
    problems.extend(not_imported(library, &attempt.imported));
    problems.sort_by(in_order);
    // A module that two others import is met twice.
    problems.dedup();
    problems
}

/// Problems of the modules that no script reaches.
fn not_imported(library: &Library, imported: &BTreeSet<String>) -> Vec<Problem> {
    let mut engine = engine_of_all();
    engine.set_optimization_level(OptimizationLevel::None);
    let mut problems = Vec::new();
    for (_, module) in library.iter().filter(|(name, _)| !imported.contains(*name)) {
        let loaded = loader::load(&engine, &module.file, &module.source, library);
        problems.extend(loaded.problems);
        if let Some(script) = &loaded.main {
            let found = lint::check(&engine, script, Role::Module, &loaded.modules);
            problems.extend(found.problems);
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop;

    #[track_caller]
    fn check(playbook: Option<&str>, expected: &[&str]) {
        let mut library = Library::empty();
        let modules = [
            ("words", "fn hello() { \"Hello\" +* 2 }"),
            (
                "spare",
                "import \"words\" as w;\nfn bye() { gooodbye(w::hello()) }",
            ),
            ("right", "fn fine() { 1 }"),
        ];
        for (name, source) in modules {
            let file = format!("{name}.rhai");
            library.add(name, file, source).unwrap();
        }
        let playbook = playbook.map(|source| ("x.rhai", source));
        let problems = examine(
            playbook,
            RuleScripts::default(),
            &library,
            Some(&shop::catalog()),
            None,
        );
        let told: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}:{:?}", problem.file, problem.line.unwrap_or(0)))
            .collect();
        assert_eq!(told, expected, "{problems:?}");
    }

    #[test]
    fn one_mistake_hides_no_other() {
        check(
            Some(
                "fn stages() { [stage(\"talk\", [\"nowhere\"])] }\n\
                 fn reply(turn) {\n [offer(\"no-such-lamp\"), nothing_known()] }",
            ),
            &[
                "spare.rhai:2",
                "words.rhai:1",
                "x.rhai:1",
                "x.rhai:3",
                "x.rhai:3",
            ],
        );
    }

    #[test]
    fn a_playbook_that_does_not_parse_does_not_hide_the_modules() {
        check(Some("fn ("), &["spare.rhai:2", "words.rhai:1", "x.rhai:1"]);
    }

    #[test]
    fn without_a_playbook_the_modules_are_looked_at() {
        check(None, &["spare.rhai:2", "words.rhai:1"]);
    }
}
