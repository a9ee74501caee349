//! `consultant eval` and `consultant train`, as an operator and a build server run them.

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

/// Rows of two categories, and of none.
fn rows() -> String {
    let mut rows = "text,category\n".to_owned();
    for thing in ["lamp", "desk", "chair", "shelf", "mat"] {
        for row in [
            format!("how much is the {thing},price\n"),
            format!("what does a {thing} cost,price\n"),
            format!("when do you deliver the {thing},delivery\n"),
            format!("how long does delivery of a {thing} take,delivery\n"),
        ] {
            rows.push_str(&row);
        }
    }
    rows
}

fn intents(operator: &Operator, more: &[&str]) -> Value {
    let all = [
        "eval",
        "intent",
        "--train",
        "rows.csv",
        "--words-only",
        "--json",
    ];
    let ran = operator.runs(&[&all, more].concat(), "").well();
    serde_json::from_str(&ran.stdout()).unwrap()
}

#[test]
fn what_is_learned_from_rows_is_measured_on_others() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    operator.writes("rows.csv", &rows());
    let held_out = intents(&operator, &[]);
    assert_eq!(held_out["accuracy"], 1.0, "{held_out:#}");
    assert_eq!(
        (&held_out["train_texts"], &held_out["test_texts"]),
        (&16.into(), &4.into())
    );
    operator.writes(
        "test.json",
        r#"{"in": [["What does the sofa cost?", "price"], ["how much is the lamp", "price"],
            ["do you deliver sofas", "delivery"], ["cost of delivery", "price"]],
            "out": [["tell me a joke", "none"], ["xylophone", "none"]]}"#,
    );
    let more = [
        "--test",
        "test.json#in",
        "--test",
        "test.json#out",
        "--out-of-scope",
        "none",
        "--html",
        "intents.html",
    ];
    let tested = intents(&operator, &more);
    assert_eq!(tested["out_of_scope"]["texts"], 2, "{tested:#}");
    assert_eq!(tested["out_of_scope"]["recall"], 1.0, "{tested:#}");
    assert_eq!(tested["texts"], 4, "{tested:#}");
    assert_eq!(
        tested["doubts"]["leaked_lines"],
        serde_json::json!([2]),
        "{tested:#}"
    );
    assert_eq!(tested["confused"][0]["expected"], "price", "{tested:#}");
    let page = std::fs::read_to_string(operator.folder().join("intents.html")).unwrap();
    assert!(page.contains("also learned from, in lines: 2"), "{page}");
    let few = intents(&operator, &["--shots", "2", "--draws", "3"]);
    assert_eq!(few["accuracies"].as_array().unwrap().len(), 3, "{few:#}");
    assert_eq!(
        (&few["train_texts"], &few["test_texts"]),
        (&4.into(), &16.into())
    );
}

#[test]
fn what_was_learned_is_written_whole() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    operator.writes("rows.csv", &rows());
    let train = [
        "train",
        "intent",
        "--data",
        "rows.csv",
        "--words-only",
        "--out",
        "head",
    ];
    let told = operator.runs(&train, "").well().stderr();
    assert!(told.contains("head: 2 categories from 20 texts"), "{told}");
    let file = || std::fs::read(operator.folder().join("head")).unwrap();
    let first = file();
    drop(operator.runs(&train, "").well());
    assert_eq!(file(), first, "the same rows make the same file");
    let head = consultant_knowledge::IntentHead::from_bytes(&first).unwrap();
    assert_eq!(head.judge("how much is it", &[]).label, "price");
}

#[test]
fn rows_that_cannot_be_right_are_told_with_their_lines() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    operator.writes("rows.csv", "text,category\nhello,\n,price\nfine,greet\n");
    let told = |more: &[&str]| {
        let all = ["eval", "intent", "--train", "rows.csv"];
        let ran = operator.runs(&[&all, more].concat(), "");
        assert_eq!(ran.code(), 1);
        ran.stderr()
    };
    let both = told(&["--words-only"]);
    assert!(
        both.contains("rows.csv:2") && both.contains("rows.csv:3"),
        "{both}"
    );
    assert!(both.contains("the text has no category"), "{both}");
    let column = told(&["--words-only", "--category-column", "label"]);
    assert!(column.contains("no column `label`"), "{column}");
    operator.writes("rows.csv", "text,category\nhello,greet\nhi,greet\n");
    let one = told(&["--words-only"]);
    assert!(one.contains("at least two are needed"), "{one}");
    let encoder = told(&["--encoder", "nowhere"]);
    assert!(encoder.contains("--words-only"), "{encoder}");
    operator.writes("damaged/manifest.json", "{}");
    let damaged = told(&["--encoder", "damaged"]);
    assert!(damaged.contains("manifest.json"), "{damaged}");
    let slip = [
        "eval",
        "intent",
        "--train",
        "rows.csv",
        "--words-only",
        "--out-of-scope",
        "oos",
    ];
    let ran = operator.runs(&slip, "");
    assert_eq!(ran.code(), 2);
    assert!(
        ran.stderr().contains("no row has the category `oos`"),
        "{}",
        ran.stderr()
    );
    operator.writes("rows.csv", &rows());
    let lost = [
        "train",
        "intent",
        "--data",
        "rows.csv",
        "--words-only",
        "--out",
        "gone/head",
    ];
    let lost = operator.runs(&lost, "").stderr();
    assert!(lost.contains("gone/head is no place for a file"), "{lost}");
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

#[test]
fn retrieval_is_measured_with_the_faqs_own_wordings_and_with_labelled_questions() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let own = [
        "eval",
        "retrieval",
        "--most",
        "40",
        "--json",
        "--html",
        "retrieval.html",
    ];
    let report: Value = serde_json::from_str(&operator.runs(&own, "").well().stdout()).unwrap();
    assert_eq!(report["encoder"], Value::Null, "{report:#}");
    assert_eq!(report["questions"], 40, "{report:#}");
    assert!(report["accuracy"].as_f64() > Some(0.1), "{report:#}");
    assert_eq!(report["accuracy"], report["recall_at"]["1"]);
    let page = std::fs::read_to_string(operator.folder().join("retrieval.html")).unwrap();
    assert!(page.contains("find their entry first"), "{page}");

    operator.writes(
        "asked.csv",
        "question,id\nHow can I pay?,payment-methods\nWho is the king of Spain?,none\n",
    );
    let asked = [
        "eval",
        "retrieval",
        "--questions",
        "asked.csv",
        "--text-column",
        "question",
        "--entry-column",
        "id",
        "--no-answer",
        "none",
    ];
    let told = operator.runs(&asked, "").well().stdout();
    assert!(
        told.contains("1 question, 47 entries; words only"),
        "{told}"
    );
    assert!(told.contains("recall @1 100.0%"), "{told}");
    assert!(
        told.contains("without an answer: 1 question, 0.0%"),
        "{told}"
    );

    let none = operator.runs(&["eval", "retrieval", "--most", "0"], "");
    assert_eq!(none.code(), 2);
    assert!(none.stderr().contains("1..=65535"), "{}", none.stderr());

    operator.writes("asked.csv", "text,category\nHow can I pay?,payment\n");
    let ran = operator.runs(&asked[..4], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in [
        "asked.csv:2",
        "no entry `payment`",
        "`-` where none answers",
    ] {
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    }
}

#[test]
fn an_encoder_that_is_missing_or_broken_is_told_with_a_way_out() {
    let missing = Operator::of(env!("CARGO_BIN_EXE_light"))
        .with("CONSULTANT__MODEL__ENABLED", "false")
        .with("CONSULTANT__ENCODER__MODE", "always")
        .with("CONSULTANT__MODELS_DIR", "nowhere");
    let ran = missing.runs(&["chat", "--new"], "hello\n");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in [
        "there is no sentence encoder in",
        "consultant model fetch",
        "encoder.mode",
    ] {
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    }

    let broken = Operator::of(env!("CARGO_BIN_EXE_light"))
        .with("CONSULTANT__MODEL__ENABLED", "false")
        .with("CONSULTANT__ENCODER__MODE", "auto")
        .with("CONSULTANT__ENCODER__PATH", "encoder");
    broken.writes("encoder/config.json", "{}");
    let ran = broken.runs(&["chat", "--new"], "hello\n");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in ["sentence encoder cannot be loaded", "config.json"] {
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    }
}
