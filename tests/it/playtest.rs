//! `consultant playbook test`, as a sales manager and a build server run it.

use consultant_tests::binary::Operator;
use serde_json::Value;

const DEMO: &str = include_str!("../../scripts/tests/demo.yaml");

fn operator() -> Operator {
    Operator::of(env!("CARGO_BIN_EXE_light")).with("CONSULTANT__MODEL__ENABLED", "false")
}

/// The demo company as one's own, with these conversations.
fn with_conversations(conversations: &str) -> Operator {
    let operator = operator();
    let demo = [
        (
            "config/catalog.yaml",
            include_str!("../../config/catalog.yaml"),
        ),
        ("config/faq.yaml", include_str!("../../config/faq.yaml")),
        (
            "scripts/playbooks/demo.rhai",
            include_str!("../../scripts/playbooks/demo.rhai"),
        ),
    ];
    for (name, text) in demo {
        operator.writes(name, text);
    }
    operator.writes("scripts/tests/own.yaml", conversations);
    operator
}

#[test]
fn the_demos_own_conversations_come_out_as_they_say_and_go_through_every_transition() {
    let ran = operator().runs(&["playbook", "test", "--json"], "").well();
    let report: Value = serde_json::from_str(&ran.stdout()).unwrap();
    assert_eq!(report["failed"], 0, "{report:#}");
    assert!(report["passed"].as_u64() > Some(25), "{report:#}");
    assert_eq!(report["coverage"]["never"], serde_json::json!([]));
}

#[test]
fn a_conversation_that_comes_out_otherwise_is_shown_with_its_line() {
    let changed = DEMO.replacen("reply: [49.90 EUR, 59.90 EUR,", "reply: [48.90 EUR,", 1);
    let line = changed.lines().position(|it| it.contains("48.90 EUR"));
    let says = line.unwrap() - 1;
    let operator = with_conversations(&changed);
    let ran = operator.runs(&["playbook", "test", "--junit", "report.xml"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    let told = ran.stdout();
    for expected in [
        &format!("own.yaml:{says}: the customer says \"How much is the Halo desk lamp?\""),
        "wanted something with \"48.90 EUR\"",
        "got    ",
        "49.90 EUR (black, white)",
        "1 failed",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let junit = std::fs::read_to_string(operator.folder().join("report.xml")).unwrap();
    assert!(junit.contains("failures=\"1\""), "{junit}");
    assert!(junit.contains("<failure message="), "{junit}");
}

#[test]
fn only_what_is_named_is_played() {
    let ran = operator().runs(&["playbook", "test", "in Chinese", "--json"], "");
    let report: Value = serde_json::from_str(&ran.well().stdout()).unwrap();
    assert_eq!(report["passed"], 3, "{report:#}");
    let ran = operator().runs(&["playbook", "test", "no such words"], "");
    assert_eq!(ran.code(), 1);
    assert!(
        ran.stderr().contains("leave the words out"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn a_file_that_makes_no_sense_is_refused_with_its_place() {
    let operator = with_conversations("conversations:\n  - name: a\n    turn: []\n");
    let ran = operator.runs(&["playbook", "test"], "");
    assert_eq!(ran.code(), 1);
    let told = ran.stderr();
    assert!(told.contains("own.yaml:3"), "{told}");
    assert!(told.contains("unknown field `turn`"), "{told}");
}

/// A script that fails is never hidden by the reviewed text that its customer gets instead.
#[test]
fn a_playbook_that_fails_in_a_turn_is_told_whatever_was_expected() {
    let hello = "conversations: [{name: a, turns: [{says: hello}]}]";
    let operator = with_conversations(hello);
    operator.writes(
        "scripts/playbooks/demo.rhai",
        "fn stages() { [stage(\"talk\", [])] }\nfn reply(turn) { [say(turn.products[0].name)] }\n",
    );
    let ran = operator.runs(&["playbook", "test"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    assert!(ran.stdout().contains("demo.rhai:2"), "{}", ran.stdout());
}
