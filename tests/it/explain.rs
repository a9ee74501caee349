//! `consultant conversation`, as a manager asks why the consultant said what it said.

use std::sync::Arc;

use consultant_app::clock::SystemClock;
use consultant_core::Happening;
use consultant_store::{StoreSettings, open};
use consultant_tests::binary::{Operator, Ran};
use secrecy::SecretString;
use serde_json::Value;

const TALK: &str = "Hello\nHow much is the Halo desk lamp?\nsix in black please\n";

/// Small enough that every rule of it fits into what is told.
const PLAYBOOK: &str = r#"fn stages() {
    [stage("talk", ["offer"]), stage("offer", ["talk"])]
}

fn reply(turn) {
    if turn.intent == "person" || turn.says(["human"]) {
        return [escalate("asked for a person")];
    }
    if turn.quantity != () && turn.quantity >= 5 {
        return to(turn, "offer") + [offer("desk-lamp", "black", turn.quantity), tag("volume")];
    }
    switch turn.intent {
        "price" | "stock" => [answer(), set("asked", turn.intent)],
        _ => [say(#{ en: "What are you looking for?", zh: "您在找什么？" })],
    }
}

fn to(turn, stage) {
    if turn.stage == stage { [] } else { [goto(stage)] }
}
"#;

/// A company of one's own with this playbook.
fn owns(operator: &Operator, playbook: &str) {
    let files = [
        (
            "config/catalog.yaml",
            include_str!("../../config/catalog.yaml"),
        ),
        ("config/faq.yaml", include_str!("../../config/faq.yaml")),
        ("scripts/playbooks/own.rhai", playbook),
    ];
    for (name, text) in files {
        operator.writes(name, text);
    }
}

/// An operator with that playbook, who has talked in the terminal.
fn of_my_own() -> Operator {
    let operator = operator();
    owns(&operator, PLAYBOOK);
    drop(operator.runs(&["chat"], TALK).well());
    operator
}

fn operator() -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    operator.with("CONSULTANT__MODEL__ENABLED", "false")
}

/// An operator of the demo without a model, who has talked in the terminal.
fn after(talk: &str) -> Operator {
    let operator = operator();
    drop(operator.runs(&["chat"], talk).well());
    operator
}

/// What is told, without what differs from run to run.
fn told(ran: &Ran) -> String {
    let patterns = [
        ("[0-9a-f]{8}-[0-9a-f-]{27}", "(id)"),
        (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "(time)"),
        (r"\b[0-9a-f]{16}\b", "(version)"),
        (r"\d+\.\d{3} ms", "(ms)"),
        (r"/\S+/scripts/", "scripts/"),
    ];
    let mut text = ran.stdout();
    for (pattern, name) in patterns {
        let pattern = regex::Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, name).into_owned();
    }
    text
}

fn explained(operator: &Operator, more: &[&str]) -> Ran {
    let words = ["conversation", "explain", "terminal:default"];
    operator.runs(&[&words, more].concat(), "").well()
}

#[test]
fn a_turn_is_explained_with_its_rules_its_facts_and_what_was_asked() {
    let operator = of_my_own();
    insta::assert_snapshot!(told(&explained(&operator, &[])), @r#"
    Conversation (id)  terminal:default
    Turn 3 of 3, (time), answered by version (version)

    customer    six in black please
    reply       6 × Halo desk lamp (black): 269.46 EUR in all (10% off from 5 pieces of one product; 299.40 EUR without it). It is in stock.

    stage       talk -> offer
    understood  other, sure to 0 %; 6 pieces; answer discount-rules fits to 12 %
    facts used  catalogue: desk-lamp
    tagged      volume

    Rules that fired
      goto offer  (scripts/playbooks/own.rhai:19)
          if turn.stage == stage { [] } else { [goto(stage)] }
      offer 6 x desk-lamp (black)  (scripts/playbooks/own.rhai:10)
          return to(turn, "offer") + [offer("desk-lamp", "black", turn.quantity), tag("volume")];
      tag volume  (scripts/playbooks/own.rhai:10)
          return to(turn, "offer") + [offer("desk-lamp", "black", turn.quantity), tag("volume")];

    What the playbook asked, and why other rules did not fire
      scripts/playbooks/own.rhai:6  if turn.intent == "person" || turn.says(["human"])
          no: turn.intent is "other", turn.says(["human"]) is false
      scripts/playbooks/own.rhai:9  if turn.quantity != () && turn.quantity >= 5
          yes: turn.quantity is 6
      scripts/playbooks/own.rhai:19  if turn.stage == stage
          no: turn.stage is "talk"

    time spent  understanding (ms), playbook (ms), reply (ms)
    "#);
}

#[test]
fn a_switch_tells_the_arm_that_was_taken_and_what_it_looked_at() {
    let told = told(&explained(&of_my_own(), &["--turn", "2"]));
    let switch = "  scripts/playbooks/own.rhai:12  switch turn.intent\n      \
                  \"price\" | \"stock\": turn.intent is \"price\"\n";
    assert!(told.contains(switch), "{told}");
}

#[test]
fn every_turn_is_explained_to_programs_too() {
    let operator = after(TALK);
    let ran = explained(&operator, &["--all", "--json"]);
    let report: Value = serde_json::from_str(&ran.stdout()).unwrap();
    let turns = report["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 3, "{report:#}");
    for turn in turns {
        let again = &turn["again"];
        assert_eq!(again["played"], "yes", "{turn:#}");
        assert_eq!(again["otherwise"], Value::Null, "{turn:#}");
        assert_ne!(again["asked"], serde_json::json!([]), "{turn:#}");
        assert_ne!(turn["rules"], serde_json::json!([]), "{turn:#}");
    }
    assert_eq!(turns[1]["understood"]["intent"], "price");
    let second = explained(&operator, &["--turn", "2", "--json"]);
    let second: Value = serde_json::from_str(&second.stdout()).unwrap();
    assert_eq!(second["turns"].as_array().unwrap().len(), 1);
    assert_eq!(
        second["turns"][0]["said"],
        "How much is the Halo desk lamp?"
    );
    assert_eq!(second["turns"][0]["again"], turns[1]["again"]);
}

#[test]
fn what_cannot_be_explained_is_said_with_a_way_out() {
    let operator = after("Hello\n");
    for (words, expected) in [
        (&["telegram:9"][..], "nothing is kept of `telegram:9`"),
        (&["terminal:default", "--turn", "7"], "there is no turn 7"),
    ] {
        let words = [&["conversation", "explain"], words].concat();
        let ran = operator.runs(&words, "");
        assert_ne!(ran.code(), 0);
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
        assert!(ran.stderr().contains("hint"), "{}", ran.stderr());
    }
}

#[test]
fn conversations_are_listed_with_their_stage_and_their_version() {
    let operator = after(TALK);
    let ran = operator.runs(&["conversation", "list"], "").well();
    insta::assert_snapshot!(told(&ran), @"
    (id)  terminal:default
        began (time), 3 turns, last (time); offer, version (version)
    ");
    let ran = operator
        .runs(&["conversation", "list", "--json"], "")
        .well();
    let list: Value = serde_json::from_str(&ran.stdout()).unwrap();
    assert_eq!(list[0]["turns"], 3, "{list:#}");
    assert_eq!(list[0]["stage"], "offer", "{list:#}");
}

/// Makes the conversation as a program that kept no traces would have written it.
async fn without_traces(operator: &Operator) {
    let file = operator.folder().join("data/sessions.sqlite");
    let url = SecretString::from(format!("sqlite:{}", file.display()));
    let clock = Arc::new(SystemClock);
    let store = open(&url, StoreSettings::default(), clock).await.unwrap();
    let id = store.conversations(None, 1).await.unwrap()[0];
    let mut record = store.export(id).await.unwrap().unwrap();
    for event in &mut record.ledger {
        if let Happening::Answered { trace, .. } = &mut event.what {
            *trace = None;
        }
    }
    assert!(store.erase(id).await.unwrap());
    store.import(record).await.unwrap();
}

#[tokio::test]
async fn of_a_turn_that_an_older_program_answered_is_told_what_playing_it_again_tells() {
    let operator = after(TALK);
    without_traces(&operator).await;
    let told = told(&explained(&operator, &["--turn", "2"]));
    for expected in [
        "not recorded: an older program answered this turn",
        "Rules that fired this time",
        "What the playbook asked",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn a_version_that_is_not_kept_leaves_what_was_recorded() {
    let operator = of_my_own();
    owns(&operator, &PLAYBOOK.replace(">= 5", ">= 50"));
    let told = told(&explained(&operator, &[]));
    for expected in [
        "offer 6 x desk-lamp (black)",
        "only what was recorded can be shown",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!told.contains("What the playbook asked"), "{told}");
}
