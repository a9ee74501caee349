//! Every page's examples are compiled: the wrong one is told about, the right one is not.

use consultant_core::{Catalog, Faq};

use super::library_of;
use crate::{Lint, RuleScripts, examine, shop};

/// The first block of code under a heading.
fn example(page: &str, heading: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    let (_, rest) = rest.split_once("```rhai\n")?;
    let (code, _) = rest.split_once("\n```\n")?;
    // Nobody would read a page with such a text.
    Some(code.replace("(2,500 characters)", &"word ".repeat(500)))
}

/// The playbook, then modules, each under a line with its file.
fn lints(example: &str, catalog: &Catalog, faq: &Faq) -> Vec<Lint> {
    const MODULE: &str = "// scripts/lib/";
    let mut parts = example.split(MODULE);
    let playbook = parts.next().unwrap();
    let modules: Vec<(&str, &str)> = parts
        .map(|part| part.split_once(".rhai\n").unwrap())
        .collect();
    let library = library_of(&modules);
    let problems = examine(
        Some(("x.rhai", playbook)),
        RuleScripts::default(),
        &library,
        Some(catalog),
        Some(faq),
    );
    problems.into_iter().map(|problem| problem.lint).collect()
}

#[test]
fn the_wrong_example_of_each_page_is_told_about_and_the_right_one_is_not() {
    let (catalog, faq) = (shop::catalog(), shop::faq());
    for lint in Lint::ALL {
        let page = lint.page();
        let (Some(wrong), Some(right)) = (example(page, "Wrong"), example(page, "Right")) else {
            // What cannot be read cannot be shown.
            assert_eq!(*lint, Lint::UnreadableScript);
            continue;
        };
        let mut told = lints(&wrong, &catalog, &faq);
        told.dedup();
        assert_eq!(told, [*lint], "{}", lint.address());
        assert_eq!(lints(&right, &catalog, &faq), [], "{}", lint.address());
    }
}
