//! What the check tells of rules, and of rules and playbook together.

use super::*;
use crate::{Lint, examine};

/// Lint and message of everything that is told, warnings too.
fn told(escalation: Option<&str>, faq: Option<&str>) -> Vec<String> {
    let mut library = Library::empty();
    let offers = "fn lamp() { offer(\"desk-lamp\") }";
    library.add("offers", "lib/offers.rhai", offers).unwrap();
    let drafts = "fn made() { draft() }";
    library.add("drafts", "lib/drafts.rhai", drafts).unwrap();
    let rules = RuleScripts {
        escalation: escalation.map(|source| ("escalation.rhai", source)),
        faq: faq.map(|source| ("faq.rhai", source)),
    };
    let playbook = format!("{PLAYBOOK}\nfn migrate(_from, _session) {{ }}");
    let playbook = playbook.replace(
        "[say(\"Hello\")]",
        "if turn.slots.seats > 1 { } [say(\"Hello\")]",
    );
    let (catalog, answers) = (shop::catalog(), shop::faq());
    let problems = examine(
        Some(("x.rhai", &playbook)),
        rules,
        &library,
        Some(&catalog),
        Some(&answers),
    );
    let line = |it: &Problem| format!("{} {}: {}", it.lint, it.file, it.message);
    problems.iter().map(line).collect()
}

#[track_caller]
fn check(escalation: &str, expect: &[&str]) {
    let got = told(Some(escalation), None);
    let fits = got
        .iter()
        .zip(expect)
        .all(|(got, expect)| got.contains(expect));
    assert!(fits && got.len() == expect.len(), "{got:#?}");
}

#[track_caller]
fn check_faq(faq: &str, expect: &[&str]) {
    let got = told(None, Some(faq));
    let fits = got
        .iter()
        .zip(expect)
        .all(|(got, expect)| got.contains(expect));
    assert!(fits && got.len() == expect.len(), "{got:#?}");
}

#[test]
fn what_is_written_correctly_is_let_through() {
    assert_eq!(told(None, None), Vec::<String>::new());
    check("fn escalation(turn) { }", &[]);
    check("fn escalation(_) { escalate(\"always\") }", &[]);
    check_faq("fn faq_draft(exchange) { draft() }", &[]);
    check_faq(
        "import \"drafts\" as d;\nfn faq_draft(_exchange) { d::made() }",
        &[],
    );
}

#[test]
fn rules_without_their_function_are_told() {
    check(
        "fn escalate_when(turn) { turn.text }",
        &[
            "missing-function escalation.rhai: there is no function `escalation` that takes one value",
            "unused-function",
        ],
    );
    check(
        "fn escalation() { }",
        &["missing-function", "unused-function"],
    );
    check_faq(
        "",
        &["missing-function faq.rhai: there is no function `faq_draft`"],
    );
}

#[test]
fn a_word_of_the_playbook_is_no_word_of_rules() {
    check(
        "fn escalation(turn) { [offer(\"desk\"), goto(turn.stage)] }",
        &[
            "unknown-function escalation.rhai: `offer` is not available in escalation rules",
            "`goto` is not available in escalation rules",
        ],
    );
    check_faq(
        "fn faq_draft(exchange) { say(exchange.answer) }",
        &["unknown-function faq.rhai: `say` is not available in FAQ rules"],
    );
    check(
        "fn escalation(turn) { escallate(turn.text) }",
        &["there is no function `escallate`"],
    );
    check(
        "fn escalation(turn) { escalate(turn.text, 1, 2) }",
        &["wrong-arity"],
    );
    check(
        "fn escalation(turn) { sleep(turn.turns) }",
        &["forbidden-function escalation.rhai: `sleep` is not available in escalation rules"],
    );
}

#[test]
fn modules_that_rules_import_have_their_words_only() {
    check(
        "import \"offers\" as o;\nfn escalation(_turn) { o::lamp() }",
        &["unknown-function lib/offers.rhai: `offer` is not available in escalation rules"],
    );
}

#[test]
fn what_a_turn_and_an_exchange_have_is_checked() {
    check(
        "fn escalation(turn) { turn.unansered }",
        &["a turn has no `unansered`"],
    );
    check_faq(
        "fn faq_draft(exchange) { exchange.asked }",
        &["an exchange has no `asked`"],
    );
    check(
        "fn escalation(turn) { turn.intent == \"anger\" }",
        &["unknown-intent"],
    );
    check(
        "fn escalation(turn) { has_faq(\"retuns\") && turn.open }",
        &["unknown-faq"],
    );
    let nearest = "fn faq_draft(exchange) { exchange.nearest.id == \"retuns\" }";
    check_faq(nearest, &["unknown-faq faq.rhai"]);
}

#[test]
fn stages_and_slots_are_those_of_the_playbook() {
    check(
        "fn escalation(turn) { turn.stage == \"buy\" && turn.slots.seats > 1 }",
        &[],
    );
    check(
        "fn escalation(turn) { turn.stage == \"bye\" && turn.slots.seets > 1 }",
        &[
            "unknown-stage escalation.rhai: there is no stage `bye`",
            "unknown-slot escalation.rhai: nothing fills the slot `seets`",
        ],
    );
}

#[test]
fn a_slot_that_only_a_rule_looks_at_is_used() {
    let playbook = PLAYBOOK;
    let warned = |escalation: &str| {
        let rules = RuleScripts {
            escalation: Some(("e.rhai", escalation)),
            faq: None,
        };
        let made = compile_with_rules(("x.rhai", playbook), rules, &Library::empty()).unwrap();
        let lints: Vec<Lint> = made.warnings().iter().map(|it| it.lint).collect();
        lints
    };
    assert_eq!(warned("fn escalation(turn) { }"), [Lint::SlotNeverUsed]);
    assert_eq!(
        warned("fn escalation(turn) { if turn.slots.seats > 9 { } }"),
        []
    );
}

#[test]
fn texts_of_rules_are_texts_for_customers() {
    let hand_off = |text: &str| format!("fn escalation(_turn) {{ hand_off(\"a\", {text}) }}");
    check(&hand_off("#{ zh: \"您好\" }"), &["wrong-text"]);
    check(&hand_off("\"It costs 5 EUR.\""), &["price-by-hand"]);
    check(&hand_off("\"\""), &["wrong-text"]);
    check(
        "fn escalation(_turn) { escalate(\"more than 5000 EUR\") }",
        &[],
    );
    let two = "fn escalation(turn) { if turn.open { return hand_off(\"a\", #{ en: \"a\", zh: \"a\" }); } \
               hand_off(\"b\", #{ en: \"b\" }) }";
    check(two, &["missing-language escalation.rhai"]);
    check_faq(
        "fn faq_draft(_exchange) { draft(#{ answer: \"It is 5 EUR.\" }) }",
        &["price-by-hand"],
    );
}

#[test]
fn unused_names_are_told_and_what_the_product_calls_is_not() {
    check(
        "fn escalation(turn) { let n = 1; }\nfn spare() { 1 }",
        &["unused-variable", "unused-function"],
    );
    // A playbook's functions mean nothing here.
    check(
        "fn escalation(turn) { }\nfn reply(turn) { turn.text }",
        &["unused-function"],
    );
}

#[test]
fn a_broken_rule_keeps_the_playbook_from_going_live_and_hides_nothing() {
    let rules = RuleScripts {
        escalation: Some(("e.rhai", "fn (")),
        faq: Some(("f.rhai", "fn faq_draft(exchange) { anwser() }")),
    };
    let problems = compile_with_rules(("x.rhai", "fn ("), rules, &Library::empty()).unwrap_err();
    let files: Vec<&str> = problems.iter().map(|it| it.file.as_str()).collect();
    assert_eq!(files, ["e.rhai", "f.rhai", "x.rhai"]);
    let rules = RuleScripts { faq: None, ..rules };
    assert!(compile_with_rules(("x.rhai", PLAYBOOK), rules, &Library::empty()).is_err());
}
