//! Words in quotes that have to be something's name: intents, slots, products, answers.

use super::check_body;

#[test]
fn an_intent_that_is_not_there_is_told_wherever_it_is_compared() {
    for body in [
        "if turn.intent == \"pirce\" { } [answer()]",
        "if \"pirce\" == turn.intent { } [answer()]",
        "if turn.intent != \"pirce\" { } [answer()]",
        "if turn.intent in [\"greet\", \"pirce\"] { } [answer()]",
        "if turn.intent !in [\"greet\", \"pirce\"] { } [answer()]",
        "switch turn.intent { \"greet\" | \"pirce\" => 1, _ => 2 } [answer()]",
        "switch turn.intent { \"pirce\" if turn.text == \"x\" => 1, _ => 2 } [answer()]",
    ] {
        check_body(body, &["unknown-intent \"pirce\""]);
    }
}

#[test]
fn words_that_are_compared_with_something_else_are_let_through() {
    for body in [
        "if turn.text == \"pirce\" { } [answer()]",
        "if turn.intent == turn.text { } [answer()]",
        "switch turn.text { \"pirce\" => 1, _ => 2 } [answer()]",
        "switch turn.intent { \"price\" => { \"pirce\" } _ => \"x\" } [answer()]",
        "let other = #{ intent: 1 }; if other.intent == \"pirce\" { } [answer()]",
    ] {
        check_body(body, &[]);
    }
}

const ASK: &str = "ask(\"seats\", \"How many?\")";

#[test]
fn a_slot_that_nothing_fills_is_told_wherever_it_is_looked_at() {
    for read in [
        "turn.slots.size",
        "turn.slots[\"size\"]",
        "turn.slots.size.len",
        "turn.slots.contains(\"size\")",
        "\"size\" in turn.slots",
        "turn.awaiting == \"size\"",
    ] {
        let marked = if read.contains('"') {
            "unknown-slot \"size\""
        } else {
            "unknown-slot size"
        };
        check_body(&format!("if {read} {{ }} [answer()]"), &[marked]);
        let filled = format!("if {read} {{ }} [set(\"size\", 1)]");
        check_body(&filled, &[]);
    }
}

#[test]
fn a_slot_whose_name_is_computed_may_be_any() {
    check_body("if turn.slots.size == 1 { } [set(turn.text, 1)]", &[]);
    check_body(&format!("if turn.slots[turn.text] == 1 {{ }} [{ASK}]"), &[]);
    check_body(
        &format!("let all = turn.slots; f(all); [{ASK}] }} fn f(a) {{ a"),
        &[],
    );
    check_body(
        "let old = #{ slots: #{ a: 1 } }; if old.slots.a == 1 { } [answer()]",
        &[],
    );
}

#[test]
fn a_slot_that_is_asked_for_and_never_looked_at_is_told_once() {
    check_body(&format!("[{ASK}, {ASK}]"), &["slot-never-used \"seats\""]);
    check_body(&format!("if turn.slots.seats == 1 {{ }} [{ASK}]"), &[]);
    check_body(&format!("if turn.awaiting == \"seats\" {{ }} [{ASK}]"), &[]);
    // What is set may be there for the records.
    check_body("[set(\"source\", \"fair\"), answer()]", &[]);
    // A misspelt look is one mistake, not two.
    check_body(
        &format!("if turn.slots.seat == 1 {{ }} [{ASK}]"),
        &["unknown-slot seat"],
    );
}

#[test]
fn names_of_the_company_are_judged_by_its_files() {
    check_body(
        "if turn.category == \"lamps\" { } [answer()]",
        &["unknown-category \"lamps\""],
    );
    check_body("if turn.category == \"desks\" { } [answer()]", &[]);
    check_body(
        "if turn.products[0].id == \"lamp\" { } [answer()]",
        &["unknown-product \"lamp\""],
    );
    check_body(
        "if turn.faq[0].id == \"retruns\" { } [answer()]",
        &["unknown-faq \"retruns\""],
    );
    check_body("if turn.faq[0].id == \"returns\" { } [answer()]", &[]);
    check_body("[answer_from(\"retruns\")]", &["unknown-faq \"retruns\""]);
    // The script's own function of that name means something else.
    check_body("[faq(\"retruns\")] } fn faq(id) { say(id)", &[]);
    check_body(
        "[offer(\"desk-lamp\", \"oka\")]",
        &["unknown-variant \"oka\""],
    );
}

#[test]
fn a_declared_slot_is_known_and_asked_for_by_its_name() {
    const SLOTS: &str = "} fn slots() { [slot(\"seats\", \"quantity\").ask(\"How many?\")]";
    check_body(
        &format!("if turn.slots.seats == 1 {{ }} [ask(\"seats\")] {SLOTS}"),
        &[],
    );
    check_body(
        &format!("[answer()] {SLOTS}"),
        &["slot-never-used \"seats\""],
    );
    check_body(&format!("[answer(), escalate(turn.summary)] {SLOTS}"), &[]);
    check_body(
        &format!("if turn.slots.seats == 1 {{ }} [ask(\"seets\")] {SLOTS}"),
        &["unknown-slot \"seets\""],
    );
}

#[test]
fn names_in_declarations_are_judged_too() {
    check_body(
        "[answer()] } fn upsells() { [goes_with(\"desk\", \"lamp\", \"Nice together.\")]",
        &["unknown-product \"lamp\""],
    );
    check_body(
        "[answer()] } fn promotions() { [promotion(\"a\", \"10% off lamps\").percent(10)\
         .on([\"desk-lamp\", \"lamp\"])]",
        &["unknown-product \"lamp\""],
    );
    check_body(
        "[answer()] } fn promotions() { [promotion(\"a\", \"10% off\").percent(10)\
         .in_category(\"lamps\")]",
        &["unknown-category \"lamps\""],
    );
    check_body(
        "if turn.can_go(\"tlak\") { } [answer()]",
        &["unknown-stage \"tlak\""],
    );
}
