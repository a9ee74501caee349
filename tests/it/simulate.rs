//! `consultant playbook simulate`, as a sales manager and a build server run it.

use consultant_tests::binary::Operator;
use serde_json::Value;

fn operator() -> Operator {
    Operator::of(env!("CARGO_BIN_EXE_light"))
}

fn simulated(operator: &Operator, words: &[&str]) -> Value {
    let all = [&["playbook", "simulate", "--json"], words].concat();
    serde_json::from_str(&operator.runs(&all, "").well().stdout()).unwrap()
}

#[test]
fn the_same_seed_plays_the_same_customers_again_and_another_one_others() {
    let operator = operator();
    let of = |seed: &str| simulated(&operator, &["--times", "8", "--seed", seed]);
    let (first, again, other) = (of("7"), of("7"), of("8"));
    assert_eq!(first, again);
    assert_ne!(first["personas"], other["personas"]);
    assert_eq!(first["conversations"], 48);
}

#[test]
fn the_demo_invents_nothing_and_loses_few_of_its_customers() {
    let report = simulated(&operator(), &["--times", "25", "--least-reached", "75"]);
    let personas = report["personas"].as_array().unwrap();
    assert!(personas.len() >= 6, "{report:#}");
    for persona in personas {
        assert_eq!(persona["invented"], serde_json::json!([]), "{persona:#}");
        assert_eq!(persona["stuck"], 0, "{persona:#}");
    }
}

/// A shop whose playbook invents a price and never says anything else.
fn liar() -> Operator {
    let operator = operator();
    drop(operator.runs(&["new", "."], "").well());
    operator.writes(
        "scripts/playbooks/demo.rhai",
        "fn stages() { [stage(\"talk\", [])] }\n\
         fn reply(turn) {\n\
         \x20   let amount = if turn.text == \"\" { 0 } else { 7 };\n\
         \x20   [say(#{ en: `Today it costs ${amount} EUR.` })]\n\
         }\n",
    );
    // Rules that go with the playbook that was there.
    for rules in ["scripts/escalation.rhai", "scripts/faq.rhai"] {
        std::fs::remove_file(operator.folder().join(rules)).unwrap();
    }
    operator.writes(
        "scripts/personas.yaml",
        "personas:\n  - {name: Ann, goal: {escalated: true}, opens: [hi]}\n",
    );
    operator
}

#[test]
fn a_playbook_that_invents_and_runs_in_circles_is_found_out_with_an_example() {
    let ran = liar().runs(&["playbook", "simulate", "--times", "3"], "");
    assert_eq!(ran.code(), 1);
    let told = ran.stdout();
    assert!(told.contains("Ann, an example:"), "{told}");
    assert!(told.contains("Today it costs 7 EUR."), "{told}");
}

#[test]
fn too_few_content_customers_fail_where_a_share_is_wanted() {
    let operator = operator();
    operator.writes(
        "never.yaml",
        "personas: [{name: Ben, goal: {stage: close}, opens: [hi], patience: 1}]",
    );
    let file = [
        "playbook",
        "simulate",
        "--personas",
        "never.yaml",
        "--times",
        "2",
    ];
    drop(operator.runs(&file, "").well());
    let strict = [&file[..], &["--least-reached", "50"]].concat();
    assert_eq!(operator.runs(&strict, "").code(), 1);
}

#[test]
fn personas_that_are_not_there_or_wrong_are_told() {
    let operator = operator();
    let none = ["playbook", "simulate", "nobody like this"];
    assert!(
        operator
            .runs(&none, "")
            .stderr()
            .contains("leave the words out")
    );
    let missing = ["playbook", "simulate", "--personas", "gone.yaml"];
    assert!(operator.runs(&missing, "").stderr().contains("gone.yaml"));
    operator.writes("p.yaml", "personas:\n  - {name: Ann, opens: [hi]}\n");
    let told = operator
        .runs(&["playbook", "simulate", "--personas", "p.yaml"], "")
        .stderr();
    assert!(told.contains("p.yaml:2"), "{told}");
    assert!(told.contains("goal"), "{told}");
    operator.writes(
        "p.yaml",
        "personas:\n  - {name: Ann, goal: {stage: clsoe}, opens: [hi]}\n",
    );
    let told = operator
        .runs(&["playbook", "simulate", "--personas", "p.yaml"], "")
        .stderr();
    assert!(
        told.contains("no stage `clsoe`") && told.contains("close"),
        "{told}"
    );
}
