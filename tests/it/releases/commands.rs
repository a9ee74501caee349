//! `consultant playbook publish` and its neighbours, as a sales manager uses them.

use std::fmt::Write;

use consultant_tests::binary::Operator;
use serde_json::Value;

use super::{expecting, greeting, shop};

/// What a command printed, with versions and times made the same.
fn shown(operator: &Operator, arguments: &[&str]) -> String {
    let arguments: Vec<&str> = ["playbook"].iter().chain(arguments).copied().collect();
    let ran = operator.runs(&arguments, "");
    redacted(&format!("{}{}", ran.stdout(), ran.stderr()), operator)
}

fn redacted(text: &str, operator: &Operator) -> String {
    let folder = operator.folder().display().to_string();
    let text = text.replace(&folder, "HOME");
    let version = regex::Regex::new(r"\b[0-9a-f]{8,16}\b").unwrap();
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC").unwrap();
    let text = time.replace_all(&text, "[time]");
    version.replace_all(&text, "[version]").into_owned()
}

#[test]
fn a_change_is_seen_published_and_taken_back() {
    let shop = shop("Good morning");
    let mut story = String::new();
    let mut does = |arguments: &[&str]| {
        let seen = shown(&shop, arguments);
        let command = arguments.join(" ");
        writeln!(story, "$ consultant playbook {command}\n{seen}").unwrap();
    };
    does(&["status"]);
    does(&["rollback"]);
    does(&["publish", "--share", "10%"]);
    does(&["publish", "--note", "opening day"]);
    does(&["publish"]);
    shop.writes("scripts/playbooks/shop.rhai", &greeting("Good evening"));
    does(&["status"]);
    does(&["diff"]);
    does(&["publish"]);
    shop.writes("scripts/tests/shop.yaml", &expecting("Good evening"));
    does(&["publish", "--share", "10", "--note", "evenings"]);
    does(&["status"]);
    does(&["promote"]);
    does(&["diff", "before", "live"]);
    does(&["rollback", "--recall"]);
    does(&["stop"]);
    does(&["history"]);
    insta::assert_snapshot!(story);
}

#[test]
fn what_is_refused_is_in_the_history_and_an_override_is_named_there() {
    let shop = shop("Good morning");
    shop.writes(
        "scripts/playbooks/shop.rhai",
        "fn stages() { [stage(\"greet\", [])] }\nfn reply(turn) { [sai(\"Hi\")] }\n",
    );
    let refused = shop.runs(&["playbook", "publish"], "");
    assert_eq!(refused.code(), 1);
    let told = refused.stderr();
    assert!(
        told.contains("no function `sai`") && told.contains("nothing was published"),
        "{told}"
    );

    shop.writes("scripts/playbooks/shop.rhai", &greeting("Good evening"));
    let refused = shop.runs(&["playbook", "publish"], "");
    let told = refused.stderr();
    assert!(
        told.contains("FAILED a greeting") && told.contains("--override"),
        "{told}"
    );
    let why = [
        "playbook",
        "publish",
        "--override",
        "the fair begins today",
        "--author",
        "bob",
    ];
    drop(shop.runs(&why, "").well());
    let history = shop
        .runs(&["playbook", "history", "--json"], "")
        .well()
        .stdout();
    let history: Value = serde_json::from_str(&history).unwrap();
    let whats: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["what"].as_str().unwrap())
        .collect();
    assert_eq!(whats, ["published", "refused", "refused"], "{history:#}");
    assert_eq!(history[0]["author"], "bob");
    assert_eq!(history[0]["proof"]["overridden"], "the fair begins today");
    assert_eq!(history[2]["author"], "ann");
    assert_eq!(history[2]["version"], Value::Null);
}

#[test]
fn without_conversations_nothing_speaks_for_a_playbook() {
    let shop = shop("Good morning");
    std::fs::remove_dir_all(shop.folder().join("scripts/tests")).unwrap();
    let refused = shop.runs(&["playbook", "publish"], "").stderr();
    assert!(refused.contains("playbook record --out"), "{refused}");
}

#[test]
fn a_version_is_named_by_its_first_digits_and_a_wrong_name_says_so() {
    let shop = shop("Good morning");
    drop(shop.runs(&["playbook", "publish"], "").well());
    let status = shop
        .runs(&["playbook", "status", "--json"], "")
        .well()
        .stdout();
    let status: Value = serde_json::from_str(&status).unwrap();
    let version = status["live"]["version"].as_str().unwrap();
    shop.writes("scripts/playbooks/shop.rhai", &greeting("Good evening"));
    let why = ["playbook", "publish", "--override", "no time"];
    drop(shop.runs(&why, "").well());
    let first: String = version.chars().take(6).collect();
    drop(
        shop.runs(&["playbook", "rollback", "--to", &first], "")
            .well(),
    );
    let wrong = shop
        .runs(&["playbook", "rollback", "--to", "zzzz"], "")
        .stderr();
    assert!(wrong.contains("there is no version `zzzz`"), "{wrong}");
    let same = shop
        .runs(&["playbook", "rollback", "--to", version], "")
        .stderr();
    assert!(same.contains("is live already"), "{same}");
}

#[test]
fn one_goes_back_whatever_is_wrong_with_the_files() {
    let shop = shop("Good morning");
    drop(shop.runs(&["playbook", "publish"], "").well());
    shop.writes("scripts/playbooks/shop.rhai", &greeting("Good evening"));
    shop.writes("scripts/tests/shop.yaml", &expecting("Good evening"));
    drop(shop.runs(&["playbook", "publish"], "").well());
    shop.writes("config/catalog.yaml", "products: [");
    let back = shop.runs(&["playbook", "rollback"], "").well();
    assert!(back.stderr().contains("is live again"), "{}", back.stderr());
}

#[test]
fn a_bad_version_that_was_replaced_is_recalled() {
    let shop = shop("Good morning");
    let version = |operator: &Operator| -> String {
        let ran = operator.runs(&["playbook", "history", "--json", "--limit", "1"], "");
        let history: Value = serde_json::from_str(&ran.well().stdout()).unwrap();
        history[0]["version"].as_str().unwrap().to_owned()
    };
    let changes = |words: &str| {
        shop.writes("scripts/playbooks/shop.rhai", &greeting(words));
        shop.writes("scripts/tests/shop.yaml", &expecting(words));
    };
    drop(shop.runs(&["playbook", "publish"], "").well());
    changes("Good evening");
    drop(
        shop.runs(&["playbook", "publish", "--share", "99%"], "")
            .well(),
    );
    let bad = version(&shop);
    let refused = shop.runs(&["playbook", "recall", &bad], "");
    assert_eq!(refused.code(), 1);
    assert!(
        refused.stderr().contains("is on trial"),
        "{}",
        refused.stderr()
    );
    changes("Good night");
    let told = shop.runs(&["playbook", "publish"], "").well().stderr();
    assert!(
        told.contains(&format!("The trial of {bad} ended with it")),
        "{told}"
    );
    drop(shop.runs(&["playbook", "recall", &bad], "").well());
    let refused = shop.runs(&["playbook", "recall", &bad], "").stderr();
    assert!(refused.contains("is recalled already"), "{refused}");
    let refused = shop.runs(&["playbook", "recall", "live"], "").stderr();
    assert!(refused.contains("rollback --recall"), "{refused}");
}

#[test]
fn talks_of_the_manager_are_no_results_and_other_facts_are_told() {
    let shop = shop("Good morning").with("CONSULTANT__MODEL__ENABLED", "false");
    drop(shop.runs(&["playbook", "publish"], "").well());
    drop(shop.runs(&["chat"], "hello\n").well());
    let results = shop
        .runs(&["playbook", "results", "--json"], "")
        .well()
        .stdout();
    let results: Value = serde_json::from_str(&results).unwrap();
    assert_eq!(results["versions"], serde_json::json!([]), "{results:#}");
    let catalog = std::fs::read_to_string(shop.folder().join("config/catalog.yaml")).unwrap();
    shop.writes("config/catalog.yaml", &catalog.replace("49.90", "51.90"));
    shop.writes("scripts/playbooks/shop.rhai", &greeting("Good evening"));
    shop.writes("scripts/tests/shop.yaml", &expecting("Good evening"));
    let told = shop.runs(&["playbook", "publish"], "").well().stderr();
    assert!(told.contains("takes them in by itself"), "{told}");
}
