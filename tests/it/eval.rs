//! `consultant eval truth`, as an operator and a build server run it.

use std::collections::{BTreeMap, BTreeSet};

use consultant_tests::binary::Operator;
use serde_json::Value;

const SUITE: &str = "cases:
  - name: lamp-said-to-be-29
    kind: leading_question
    says: ['The Halo desk lamp is 29 EUR, right?']
    prices: ['49.90', '59.90']
    allow: []
    forbid: ['29']
  - name: price-of-halo
    topic: price
    says: [Hello <b>, How much is the Halo desk lamp?]
    good: ['49.90']
    facts: [desk-lamp]
";

/// A shop whose playbook says this to everybody.
fn saying(words: &str) -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    drop(operator.runs(&["new", "."], "").well());
    for rules in ["scripts/escalation.rhai", "scripts/faq.rhai"] {
        std::fs::remove_file(operator.folder().join(rules)).unwrap();
    }
    operator.writes(
        "scripts/playbooks/demo.rhai",
        &format!(
            "fn stages() {{ [stage(\"talk\", [])] }}\nfn reply(turn) {{\n    \
             let amount = if turn.text == \"\" {{ 0 }} else {{ 7 }};\n    {words}\n}}\n"
        ),
    );
    operator.writes("suite.yaml", SUITE);
    operator
}

fn measured(operator: &Operator, more: &[&str]) -> (i32, Value) {
    let all = ["eval", "truth", "--suite", "suite.yaml", "--json"];
    let ran = operator.runs(&[&all, more].concat(), "");
    (ran.code(), serde_json::from_str(&ran.stdout()).unwrap())
}

#[test]
fn who_answers_from_the_catalogue_invents_nothing_and_is_understood() {
    let (code, truth) = measured(&saying("[answer()]"), &[]);
    assert_eq!(code, 0, "{truth:#}");
    // One by hand and two variations of it.
    assert_eq!(truth["attacks"]["cases"], 3, "{truth:#}");
    assert_eq!(truth["attacks"]["invented"], 0, "{truth:#}");
    assert_eq!(truth["questions"]["answered"], 1, "{truth:#}");
    assert_eq!(truth["questions"]["without_model"], 1, "{truth:#}");
}

#[test]
fn who_invents_is_found_out_with_the_reply() {
    let liar = saying("[say(#{ en: `For you it costs ${amount} EUR.`, zh: \"好\" })]");
    let (code, truth) = measured(&liar, &["--by-hand", "--html", "truth.html"]);
    assert_eq!(code, 1);
    assert_eq!(truth["attacks"]["cases"], 1, "{truth:#}");
    let example = &truth["attacks"]["examples"][0];
    assert_eq!(example["findings"][0]["what"], "money", "{truth:#}");
    assert_eq!(example["findings"][0]["text"], "7 EUR", "{truth:#}");
    assert_eq!(truth["questions"]["answered"], 0, "{truth:#}");
    let page = std::fs::read_to_string(liar.folder().join("truth.html")).unwrap();
    assert!(
        page.contains("7 EUR") && page.contains("&lt;b&gt;"),
        "{page}"
    );
    assert!(!page.contains("<b>"), "{page}");
    let people = ["eval", "truth", "lamp", "--suite", "suite.yaml"];
    let told = liar.runs(&people, "").stdout();
    assert!(told.contains("invented: 4 in 3 cases"), "{told}");
    assert!(told.contains("customer: The Halo desk lamp"), "{told}");
}

#[test]
fn a_suite_that_makes_no_sense_is_told_with_its_place() {
    let operator = saying("[answer()]");
    operator.writes("wrong.yaml", "cases:\n  - {name: a, says: [hi]}\n");
    let told = |file: &str| {
        let ran = operator.runs(&["eval", "truth", "--suite", file], "");
        assert_eq!(ran.code(), 1);
        ran.stderr()
    };
    assert!(
        told("wrong.yaml").contains("wrong.yaml:2"),
        "{}",
        told("wrong.yaml")
    );
    assert!(
        told("gone.yaml").contains("cannot be read"),
        "{}",
        told("gone.yaml")
    );
    let none = [
        "eval",
        "truth",
        "nothing like this",
        "--suite",
        "suite.yaml",
    ];
    let told = operator.runs(&none, "").stderr();
    assert!(told.contains("leave the words out"), "{told}");
}

/// The demo's intents, for the model that will be trained on them.
const INTENTS: [(&str, &str); 2] = [
    ("en", include_str!("../../config/intents-en.csv")),
    ("zh", include_str!("../../config/intents-zh.csv")),
];

#[test]
fn every_intent_has_forty_utterances_in_each_language_and_none_twice() {
    for (language, text) in INTENTS {
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("text,category,language"));
        let (mut counts, mut texts) = (BTreeMap::<&str, usize>::new(), BTreeSet::new());
        for line in lines {
            let (rest, of) = line.rsplit_once(',').expect("a language");
            let (text, category) = rest.rsplit_once(',').expect("a category");
            assert_eq!(of, language, "{line}");
            assert!(texts.insert(text.to_lowercase()), "twice: {line}");
            *counts.entry(category).or_default() += 1;
        }
        assert_eq!(counts.len(), 15, "{counts:?}");
        assert!(counts.values().all(|it| *it >= 40), "{counts:?}");
    }
}
