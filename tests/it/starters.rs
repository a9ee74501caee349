//! `consultant new`, as somebody runs it who begins with a company of their own.

use consultant_tests::binary::Operator;
use serde_json::Value;

const STARTERS: [&str; 3] = ["shop", "software", "appointments"];

fn operator() -> Operator {
    Operator::of(env!("CARGO_BIN_EXE_light")).with("CONSULTANT__MODEL__ENABLED", "false")
}

/// An operator in whose folder a starter lies.
fn started(starter: &str) -> Operator {
    let operator = operator();
    let ran = operator.runs(&["new", "--from", starter, "."], "").well();
    for expected in ["consultant check", "consultant chat", "playbook test"] {
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    }
    operator
}

#[test]
fn every_starter_is_without_mistakes() {
    for starter in STARTERS {
        let ran = started(starter).runs(&["check"], "").well();
        assert!(ran.stdout().contains("no problems found"), "{starter}");
        assert!(!ran.stdout().contains("the demo company"), "{starter}");
    }
}

#[test]
fn every_starter_passes_its_own_conversations_through_every_transition() {
    for starter in STARTERS {
        let all = ["playbook", "test", "--json", "--least-branches", "95"];
        let ran = started(starter).runs(&all, "").well();
        let report: Value = serde_json::from_str(&ran.stdout()).expect("JSON");
        assert_eq!(report["failed"], 0, "{starter}: {report:#}");
        assert!(report["passed"].as_u64() >= Some(15), "{starter}");
        let never = &report["coverage"]["never"];
        assert_eq!(*never, serde_json::json!([]), "{starter}");
    }
}

#[test]
fn every_starter_serves_customers_who_do_not_exist() {
    for starter in STARTERS {
        let all = ["playbook", "simulate", "--times", "20", "--json"];
        let ran = started(starter).runs(&[&all[..], &["--least-reached", "75"]].concat(), "");
        let report: Value = serde_json::from_str(&ran.stdout()).expect("JSON");
        assert_eq!(ran.code(), 0, "{starter}: {report:#}");
    }
}

#[test]
fn a_starter_answers_in_both_languages_as_it_is() {
    for (starter, english, chinese) in [
        ("software", "Fernwick", "欢迎来到 Fernwick"),
        ("appointments", "Gear & Gable", "欢迎来到 Gear & Gable"),
    ] {
        for (greeting, expected) in [("hello\n", english), ("你好\n", chinese)] {
            let ran = started(starter).runs(&["chat", "--new"], greeting).well();
            assert!(ran.stdout().contains(expected), "{}", ran.stdout());
        }
    }
}

#[test]
fn what_is_there_is_written_over_only_when_it_is_said_so() {
    let operator = started("software");
    operator.writes("config/faq.yaml", "entries: []\n");
    let faq = operator.folder().join("config/faq.yaml");
    let ran = operator.runs(&["new", "--from", "software", "."], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in ["config/faq.yaml", "nothing was written", "--force"] {
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    }
    assert_eq!(std::fs::read_to_string(&faq).unwrap(), "entries: []\n");
    let forced = operator.runs(&["new", "--from", "software", "--force", "."], "");
    drop(forced.well());
    assert!(std::fs::read_to_string(&faq).unwrap().contains("Fernwick"));
}

#[test]
fn a_second_playbook_is_never_put_beside_another_one() {
    let operator = operator();
    operator.writes("own/scripts/playbooks/own.rhai", "");
    let ran = operator.runs(&["new", "--force", "own"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    assert!(ran.stderr().contains("own.rhai"), "{}", ran.stderr());
    assert!(!operator.folder().join("own/config").exists());
}

#[test]
fn what_there_is_to_start_from_is_listed_for_people_and_for_programs() {
    let ran = operator().runs(&["new", "--list"], "").well();
    assert_eq!(ran.stdout().lines().count(), STARTERS.len());
    let ran = operator().runs(&["new", "--list", "--json"], "").well();
    let listed: Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    let names: Vec<&str> = listed
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    assert_eq!(names, STARTERS);
    let ran = operator().runs(&["new"], "");
    assert_eq!(ran.code(), 2, "{}", ran.stderr());
}

#[test]
fn a_program_is_told_which_files_were_written() {
    let operator = operator();
    let ran = operator.runs(&["new", "--from", "appointments", "shop", "--json"], "");
    let made: Value = serde_json::from_str(&ran.well().stdout()).expect("JSON");
    assert_eq!(made["starter"], "appointments");
    for file in made["files"].as_array().expect("files") {
        let file = file.as_str().expect("a path");
        assert!(
            operator.folder().join("shop").join(file).is_file(),
            "{file}"
        );
    }
}
