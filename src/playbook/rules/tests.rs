//! What rules return, what is refused, and what attacks come to.

mod attacks;
mod checked;

use std::sync::Arc;

use consultant_core::{Action, AnswerSource, Exchange, Language, Priority, Turn, ports::Playbook};

use super::*;
use crate::{RhaiPlaybook, RuleScripts, compile_with_rules, shop};

const PLAYBOOK: &str = r#"fn stages() { [stage("greet", ["buy"]), stage("buy", []).needs(["paid"]).last()] }
fn slots() { [slot("seats", "quantity").words(["seats"]), slot("paid", "date").words(["paid on"])] }
fn reply(turn) {
    if turn.intent == "person" { return hand_off("asks for a person", "A colleague comes."); }
    if turn.says("fail") { throw "no"; } else if turn.can_go("buy") { return [goto("buy")]; }
    [say("Hello")]
}"#;

fn escalation(source: &str) -> EscalationRules {
    compile_escalation("escalation.rhai", source, &Library::empty()).unwrap()
}

fn faq(source: &str) -> FaqRules {
    compile_faq("faq.rhai", source, &Library::empty()).unwrap()
}

fn exchange() -> Exchange {
    let [answered, _] = shop::exchanges();
    answered
}

fn beside(source: &str) -> RhaiPlaybook {
    let rules = RuleScripts {
        escalation: Some(("escalation.rhai", source)),
        faq: None,
    };
    compile_with_rules(("x.rhai", PLAYBOOK), rules, &Library::empty()).unwrap()
}

fn saying(text: &str) -> Turn {
    let mut turn = shop::turn();
    text.clone_into(&mut turn.text);
    turn
}

/// What the rule says, or what is wrong with what it returns.
#[track_caller]
fn check_escalation(body: &str, expect: &str) {
    let rules = escalation(&format!("fn escalation(turn) {{ {body} }}"));
    let got = match rules.ask(&shop::turn()) {
        Ok(None) => "nobody".to_owned(),
        Ok(Some(called)) => {
            let names = called.actions.iter().map(|(action, _)| action.name());
            format!(
                "{}: {}",
                called.reason(),
                names.collect::<Vec<_>>().join(" ")
            )
        }
        Err(error) => error.to_string(),
    };
    assert!(got.contains(expect), "expected `{expect}`, got: {got}");
}

#[test]
fn an_escalation_rule_calls_a_person_or_nobody() {
    check_escalation("if turn.escalated { escalate(\"a\") }", "nobody");
    check_escalation("()", "nobody");
    check_escalation("[]", "nobody");
    check_escalation("escalate(\"a\")", "a: escalate");
    check_escalation("hand_off(\"a\", \"Wait.\")", "a: say escalate");
    check_escalation(
        "[say(\"Wait.\"), escalate(\"a\"), say(\"Soon.\")]",
        "a: say escalate say",
    );
}

#[test]
fn what_is_no_escalation_is_refused_with_what_to_return() {
    check_escalation("true", "returned bool: return `escalate(…)`");
    check_escalation("\"yes\"", "returned string");
    check_escalation("[1]", "returned i64");
    check_escalation("[[escalate(\"a\")]]", "returned a list");
    check_escalation("[escalate(\"a\"), ()]", "returned nothing, `()`");
    check_escalation("say(\"Wait.\")", "says something and calls nobody");
    check_escalation("[escalate(\"a\"), escalate(\"b\")]", "one reason is enough");
    let texts = "say(\"a\"), ".repeat(5);
    check_escalation(
        &format!("[{texts} escalate(\"a\")]"),
        "more than four texts",
    );
    check_escalation(
        "escalate(\"\")",
        "escalation.rhai:1: a reason to escalate has",
    );
    check_escalation(
        "escalate(\"a\", #{ prio: \"high\" })",
        "write one of `priority`, `team`",
    );
}

#[test]
fn a_rule_tells_its_line_its_priority_and_its_team() {
    let rules = escalation(
        "fn escalation(turn) {\n  hand_off(\"a\", \"Wait.\",\n    #{ priority: \"urgent\", team: \"owner\" })\n}",
    );
    let called = rules.ask(&shop::turn()).unwrap().unwrap();
    let Some((Action::Escalate { priority, team, .. }, place)) = called.actions.last() else {
        panic!("{called:?}");
    };
    assert_eq!(
        (*priority, team.as_deref()),
        (Priority::Urgent, Some("owner"))
    );
    assert_eq!((place.file.as_str(), place.line), ("escalation.rhai", 2));
}

#[test]
fn a_module_tells_its_own_lines() {
    let mut library = Library::empty();
    let words = "fn angry(turn) {\n  if turn.says(\"useless\") { return escalate(\"angry\"); }\n}";
    library.add("words", "lib/words.rhai", words).unwrap();
    let source = "import \"words\" as w;\nfn escalation(turn) { w::angry(turn) }";
    let rules = compile_escalation("escalation.rhai", source, &library).unwrap();
    let called = rules.ask(&saying("useless!")).unwrap().unwrap();
    let (_, place) = &called.actions[0];
    assert_eq!((place.file.as_str(), place.line), ("lib/words.rhai", 2));
}

const ANGRY: &str = "fn escalation(turn) {
    if turn.says(\"angry\") { return hand_off(\"sounds angry\", \"I am sorry.\"); }
    if turn.slots.seats != () && turn.slots.seats > 100 { return escalate(\"many seats\"); }
}";

/// What the playbook and its rules do, with the line of each action.
#[track_caller]
fn check_beside(turn: &Turn, expect: &[&str]) {
    let decision = beside(ANGRY).answer(turn).unwrap();
    let done = decision.actions.iter().zip(&decision.places);
    let done: Vec<String> = done
        .map(|(action, place)| match place {
            Some(place) => format!("{} {}:{}", action.name(), place.file, place.line),
            None => action.name().to_owned(),
        })
        .collect();
    assert_eq!(done, expect);
}

#[test]
fn rules_are_asked_after_the_playbook_and_come_behind_it() {
    check_beside(&saying("hello"), &["say x.rhai:6"]);
    let both = [
        "say x.rhai:6",
        "say escalation.rhai:2",
        "escalate escalation.rhai:2",
    ];
    check_beside(&saying("I am angry"), &both);
    let seats = ["set", "say x.rhai:6", "escalate escalation.rhai:3"];
    check_beside(&saying("500 seats"), &seats);
}

#[test]
fn a_reason_that_is_known_is_not_told_again_and_a_new_one_is() {
    let mut turn = saying("I am angry");
    turn.escalated = true;
    turn.escalated_for = Some("sounds angry".to_owned());
    check_beside(&turn, &["say x.rhai:6"]);
    turn.escalated_for = Some("asks for a person".to_owned());
    let both = [
        "say x.rhai:6",
        "say escalation.rhai:2",
        "escalate escalation.rhai:2",
    ];
    check_beside(&turn, &both);
}

#[test]
fn where_the_playbook_calls_a_person_the_customer_is_told_once() {
    let mut turn = saying("I am angry, a person please");
    turn.understanding.intent = consultant_core::Intent::Person;
    let all = [
        "say x.rhai:4",
        "escalate x.rhai:4",
        "escalate escalation.rhai:2",
    ];
    check_beside(&turn, &all);
}

#[test]
fn a_rule_that_fails_costs_the_customer_nothing() {
    let playbook = beside("fn escalation(turn) {\n throw \"oh no\"; }");
    let decision = playbook.answer(&saying("hello")).unwrap();
    assert_eq!(decision.actions.len(), 1);
    assert_eq!(decision.problems, ["escalation.rhai:2: oh no"]);
    let failed = playbook.answer(&saying("fail")).unwrap_err();
    assert!(failed.to_string().contains("x.rhai:5"), "{failed}");
}

/// The draft, or what is wrong with what the rule returns.
#[track_caller]
fn check_faq(body: &str, expect: &str) {
    check_faq_of(&exchange(), body, expect);
}

#[track_caller]
fn check_faq_of(exchange: &Exchange, body: &str, expect: &str) {
    let rules = faq(&format!("fn faq_draft(exchange) {{ {body} }}"));
    let got = match rules.ask(exchange) {
        Ok(None) => "no draft".to_owned(),
        Ok(Some(made)) => format!("{:?}", made.draft),
        Err(error) => error.to_string(),
    };
    assert!(got.contains(expect), "expected `{expect}`, got: {got}");
}

#[test]
fn an_faq_rule_makes_a_draft_or_none() {
    check_faq("if exchange.asked_times > 3 { draft() }", "no draft");
    check_faq(
        "draft()",
        "question: \"Do you send an invoice?\", answer: \"With every parcel.\"",
    );
    check_faq("draft(#{ answer: \"Always.\" })", "answer: \"Always.\"");
    check_faq(
        "draft(#{ tags: [\" b \", \"a\"] })",
        "tags: {\"a\", \"b\"}, review: true",
    );
    check_faq("draft(#{ review: false })", "review: false");
}

#[test]
fn what_is_no_draft_is_refused_with_what_to_return() {
    check_faq(
        "[draft()]",
        "returned a list: return `draft(…)`, or `()` for no draft",
    );
    check_faq("true", "returned bool");
    check_faq(
        "draft(#{ tag: [] })",
        "faq.rhai:1: a draft has no `tag`; did you mean `tags`?",
    );
    check_faq("draft(#{ tags: \"a\" })", "are a list of names in quotes");
    check_faq(
        "draft(#{ tags: [\"\"] })",
        "one of the tags of a draft is empty",
    );
    check_faq(
        "draft(#{ answer: \" \" })",
        "the answer of a draft is empty",
    );
    check_faq(
        "draft(#{ answer: 5 })",
        "the answer of a draft is a text in quotes",
    );
    let long = "let q = \"\"; q.pad(2000, \"x\"); draft(#{ question: q })";
    check_faq(
        long,
        "the question of a draft has 2000 bytes; the most is 1024",
    );
    check_faq("draft(#{ review: 1 })", "`true` or `false`");
}

#[test]
fn what_no_person_wrote_is_reviewed() {
    let [_, written] = shop::exchanges();
    check_faq_of(
        &written,
        "draft(#{ review: false })",
        "is read by one first",
    );
    check_faq_of(&written, "draft(#{ review: true })", "review: true");
}

#[test]
fn an_exchange_tells_what_is_known_of_it() {
    let all = "draft(#{ answer: `${exchange.language} ${exchange.asked_times} ${exchange.source} \
               ${exchange.by_person} ${exchange.has_price} ${exchange.has_contact} \
               ${if exchange.nearest == () { \"-\" } else { exchange.nearest.id }}` })";
    check_faq(all, "\"en 3 person true false false -\"");
    let [_, written] = shop::exchanges();
    check_faq_of(&written, all, "\"zh 12 model false true true returns\"");
    check_faq_of(
        &written,
        "if exchange.says(\"运费\") { draft() }",
        "FaqDraft",
    );
}

#[test]
fn a_draft_tells_its_line() {
    let rules = faq("fn faq_draft(exchange) {\n  make()\n}\nfn make() {\n  draft()\n}");
    let made = rules.ask(&exchange()).unwrap().unwrap();
    assert_eq!((made.place.file.as_str(), made.place.line), ("faq.rhai", 5));
    assert_eq!(rules.file(), "faq.rhai");
    assert_eq!(made.draft.language, Language::EN);
    assert_eq!(exchange().source, AnswerSource::Person);
}

#[test]
fn the_version_is_of_all_scripts_and_as_ever_without_rules() {
    let mut library = Library::empty();
    library.add("words", "words.rhai", "fn a() { 1 }").unwrap();
    let of = |escalation: Option<&str>, faq: Option<&str>| {
        let rules = RuleScripts {
            escalation: escalation.map(|source| ("e.rhai", source)),
            faq: faq.map(|source| ("f.rhai", source)),
        };
        let playbook = compile_with_rules(("x.rhai", PLAYBOOK), rules, &library).unwrap();
        playbook.version().to_string()
    };
    let plain = crate::compile("x.rhai", PLAYBOOK, &library).unwrap();
    assert_eq!(of(None, None), plain.version().as_str());
    let (calls, drafts) = ("fn escalation(turn) { }", "fn faq_draft(exchange) { }");
    let importing = "import \"words\" as w;\nfn escalation(turn) { if w::a() > 1 { } }";
    let all = [
        of(None, None),
        of(Some(calls), None),
        of(None, Some(drafts)),
        of(Some(calls), Some(drafts)),
        of(Some(importing), None),
    ];
    let mut different = all.to_vec();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), all.len(), "{all:?}");
    library = Library::empty();
    library.add("words", "words.rhai", "fn a() { 2 }").unwrap();
    let rules = RuleScripts {
        escalation: Some(("e.rhai", importing)),
        faq: None,
    };
    let changed = compile_with_rules(("x.rhai", PLAYBOOK), rules, &library).unwrap();
    assert_ne!(all[4], changed.version().as_str());
}

#[test]
fn one_set_of_rules_serves_many_threads() {
    let rules = Arc::new(escalation(ANGRY));
    let asks = || (0..50).all(|_| rules.ask(&saying("angry")).unwrap().is_some());
    std::thread::scope(|scope| {
        let threads = [(); 4].map(|()| scope.spawn(asks));
        for thread in threads {
            assert!(thread.join().unwrap());
        }
    });
}
