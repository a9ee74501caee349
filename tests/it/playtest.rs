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

/// The same, with the demo's rules beside its playbook.
fn with_rules(conversations: &str) -> Operator {
    let operator = with_conversations(conversations);
    let rules = [
        ("escalation", include_str!("../../scripts/escalation.rhai")),
        ("faq", include_str!("../../scripts/faq.rhai")),
    ];
    for (name, text) in rules {
        operator.writes(&format!("scripts/{name}.rhai"), text);
    }
    operator
}

#[test]
fn an_faq_rule_that_comes_out_otherwise_is_shown_with_its_line() {
    let operator = with_rules(
        "faq_rules:
  - name: a ship
    exchange: {question: Do you deliver to a ship?, answer: Yes., asked_times: 3, source: person}
    expect: {answer: To a harbour, tags: [delivery], review: false}
  - name: a price
    exchange: {question: How much?, answer: It is 5 EUR., asked_times: 3, source: person}
    expect: none
",
    );
    let ran = operator.runs(&["playbook", "test", "--junit", "report.xml"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in [
        "FAILED a ship (FAQ rules)",
        "own.yaml:2: the customer asks \"Do you deliver to a ship?\"",
        "wanted something with \"To a harbour\"",
        "the review",
        "ok     a price (FAQ rules)",
        "1 passed, 1 failed",
        "never: ",
    ] {
        assert!(
            ran.stdout().contains(expected),
            "{expected}: {}",
            ran.stdout()
        );
    }
    let junit = std::fs::read_to_string(operator.folder().join("report.xml")).unwrap();
    assert!(junit.contains("failures=\"1\""), "{junit}");
}

#[test]
fn what_is_wrong_with_rules_is_told_with_the_playbook() {
    let operator = with_rules("conversations: []\n");
    let rules =
        "fn escalation(turn) {\n    if turn.stage == \"ofer\" { offer(\"desk-lamp\") }\n}\n";
    operator.writes("scripts/escalation.rhai", rules);
    operator.writes(
        "scripts/faq.rhai",
        "fn faq_draft(exchange) {\n    drft()\n}\n",
    );
    let ran = operator.runs(&["check"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in [
        "scripts/escalation.rhai:2:22: error[unknown-stage]: there is no stage `ofer`",
        "hint: did you mean `offer`?",
        "scripts/escalation.rhai:2:31: error[unknown-function]: `offer` is not available in escalation rules",
        "scripts/faq.rhai:2:5: error[unknown-function]: there is no function `drft`",
    ] {
        let told = ran.stdout();
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn the_demos_own_conversations_come_out_as_they_say_and_leave_hardly_a_branch_out() {
    let all = ["playbook", "test", "--json", "--least-branches", "95"];
    let ran = operator().runs(&all, "").well();
    let report: Value = serde_json::from_str(&ran.stdout()).unwrap();
    assert_eq!(report["failed"], 0, "{report:#}");
    assert!(report["passed"].as_u64() > Some(25), "{report:#}");
    assert_eq!(report["coverage"]["never"], serde_json::json!([]));
    let lines = &report["coverage"]["lines"]["percent"];
    assert!(lines.as_f64() > Some(98.0), "{report:#}");
}

/// A playbook with a module, of which this conversation leaves something out.
fn with_a_fork() -> Operator {
    let hello = "conversations: [{name: a, turns: [{says: hello}]}]";
    let operator = with_conversations(hello);
    operator.writes(
        "scripts/playbooks/demo.rhai",
        "import \"words\" as w;\n\
         fn stages() { [stage(\"talk\", [])] }\n\
         fn reply(turn) {\n\
         \x20   if turn.text == \"bye\" {\n\
         \x20       return [w::bye()];\n\
         \x20   }\n\
         \x20   [w::hello()]\n\
         }\n",
    );
    operator.writes(
        "scripts/lib/words.rhai",
        "fn hello() {\n    say(#{ en: \"Hello\" })\n}\nfn bye() {\n    say(#{ en: \"Bye\" })\n}\n",
    );
    operator
}

#[test]
fn what_no_conversation_runs_is_told_with_its_place() {
    let operator = with_a_fork();
    let told = operator.runs(&["playbook", "test"], "").well().stdout();
    for expected in [
        "71.4 % of 7 lines and 50.0 % of 2 branches ran",
        "never: scripts/playbooks/demo.rhai:4 (if)",
        "never: scripts/playbooks/demo.rhai:5",
        "never: scripts/lib/words.rhai:5",
    ] {
        let told = told.replace(&format!("{}/", operator.folder().display()), "");
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn too_few_branches_are_a_failure_and_editors_get_the_lines() {
    let operator = with_a_fork();
    let half = [
        "playbook",
        "test",
        "--least-branches",
        "50",
        "--coverage",
        "lcov.info",
    ];
    drop(operator.runs(&half, "").well());
    let lcov = std::fs::read_to_string(operator.folder().join("lcov.info")).unwrap();
    for expected in [
        "demo.rhai\n",
        "DA:5,0\n",
        "DA:7,1\n",
        "BRDA:4,0,0,0\n",
        "BRDA:4,0,1,1\n",
    ] {
        assert!(lcov.contains(expected), "{expected}: {lcov}");
    }
    let more = [
        "playbook",
        "test",
        "--least-branches",
        "51",
        "--junit",
        "report.xml",
    ];
    let ran = operator.runs(&more, "");
    assert_eq!(ran.code(), 1);
    assert!(ran.stderr().contains("only 50.0 %"), "{}", ran.stderr());
    let junit = std::fs::read_to_string(operator.folder().join("report.xml")).unwrap();
    let property = "<property name=\"branches_percent\" value=\"50.0\"/>";
    assert!(junit.contains(property), "{junit}");
}

/// What is counted is the same in whatever order the conversations were played, also where they
/// fail.
#[test]
fn coverage_is_the_same_in_every_run_and_counts_what_fails() {
    let changed = DEMO.replace("reply: [49.90 EUR, 59.90 EUR,", "reply: [48.90 EUR,");
    let coverage = |conversations: &str| {
        let operator = with_rules(conversations);
        let ran = operator.runs(&["playbook", "test", "--json"], "");
        let report: Value = serde_json::from_str(&ran.stdout()).unwrap();
        let coverage = report["coverage"].to_string();
        coverage.replace(&operator.folder().display().to_string(), "")
    };
    let first = coverage(DEMO);
    assert_eq!(coverage(DEMO), first);
    assert_eq!(coverage(&changed), first);
}

#[test]
fn a_conversation_that_comes_out_otherwise_is_shown_with_its_line() {
    let changed = DEMO.replacen("reply: [49.90 EUR, 59.90 EUR,", "reply: [48.90 EUR,", 1);
    let line = changed.lines().position(|it| it.contains("48.90 EUR"));
    let says = line.unwrap() - 1;
    let operator = with_rules(&changed);
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
    let played = report["conversations"].as_array().unwrap();
    let named = |it: &Value| {
        it["name"]
            .as_str()
            .is_some_and(|it| it.contains("in Chinese"))
    };
    assert!(played.len() >= 3 && played.iter().all(named), "{report:#}");
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

#[test]
fn a_reply_is_matched_by_a_regular_expression() {
    let asks = |pattern: &str| {
        format!(
            "conversations:\n  - name: a\n    turns:\n      - says: How much is the Halo desk lamp?\n        \
             expect:\n          reply: {{matches: '{pattern}'}}\n"
        )
    };
    let test = ["playbook", "test"];
    let ran = with_conversations(&asks("[45]9[.]90 EUR")).runs(&test, "");
    assert_eq!(ran.code(), 0, "{}", ran.stdout());
    let ran = with_conversations(&asks("^[0-9]+$")).runs(&test, "");
    let told = ran.stdout();
    assert!(
        told.contains("wanted something that fits /^[0-9]+$/"),
        "{told}"
    );
    let ran = with_conversations(&asks("[0-9")).runs(&test, "");
    let told = ran.stderr();
    assert_eq!(ran.code(), 1);
    assert!(told.contains("own.yaml:6"), "{told}");
    assert!(told.contains("is no regular expression"), "{told}");
}

#[test]
fn the_real_model_is_only_there_where_one_is_configured() {
    let real = ["playbook", "test", "--model", "real"];
    let ran = operator().runs(&real, "");
    assert_eq!(ran.code(), 2);
    assert!(
        ran.stderr().contains("model.enabled is false"),
        "{}",
        ran.stderr()
    );
    let nowhere = operator().with("CONSULTANT__MODEL__ENABLED", "true");
    let nowhere = nowhere.with("CONSULTANT__MODELS_DIR", "no-models");
    let ran = nowhere.runs(&real, "");
    assert_eq!(ran.code(), 1);
    assert!(
        ran.stderr().contains("consultant model fetch"),
        "{}",
        ran.stderr()
    );
}

const TALK: &str = "\
    Hi!\n\
    \n\
    How much is the Halo desk lamp?\n\
    six in black please\n\
    /after 25h\n\
    /press Remind me tomorrow\n\
    /press no such button\n\
    /after soon\n\
    yes please\n\
    I want to talk to a person\n";

#[test]
fn a_talk_that_is_recorded_is_a_test_that_passes() {
    let operator = with_conversations("conversations: []");
    let file = "scripts/tests/talk.yaml";
    let record = [
        "playbook",
        "record",
        "--out",
        file,
        "--name",
        "a lamp is sold",
    ];
    let ran = operator.runs(&record, TALK).well();
    let told = ran.stderr();
    assert!(told.contains("269.46 EUR"), "{told}");
    assert!(
        told.contains("one with the label \"no such button\""),
        "{told}"
    );
    assert!(told.contains("write `/after 24h`"), "{told}");
    assert_eq!(ran.stdout(), "");
    let written = std::fs::read_to_string(operator.folder().join(file)).unwrap();
    let at = written
        .lines()
        .find(|line| line.trim_start().starts_with("at: "));
    let written = written.replace(at.unwrap(), "  at: (the time)");
    insta::assert_snapshot!(written);
    let ran = operator.runs(&["playbook", "test", "--json"], "").well();
    let report: Value = serde_json::from_str(&ran.stdout()).unwrap();
    assert_eq!(report["conversations"][0]["name"], "a lamp is sold");
    assert_eq!(report["passed"], 1);
}

#[test]
fn a_file_that_is_there_is_not_written_over_unless_that_is_asked_for() {
    let operator = operator();
    operator.writes("talk.yaml", "mine");
    let record = ["playbook", "record", "--out", "talk.yaml"];
    let ran = operator.runs(&record, "hello\n");
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr().contains("--force"), "{}", ran.stderr());
    let kept = || std::fs::read_to_string(operator.folder().join("talk.yaml")).unwrap();
    assert_eq!(kept(), "mine");
    let force = ["playbook", "record", "--out", "talk.yaml", "--force"];
    drop(operator.runs(&force, "hello\n").well());
    assert!(kept().contains("says: hello"), "{}", kept());
    let ran = operator.runs(&["playbook", "record"], "\n\n");
    assert_eq!(ran.code(), 2);
    assert!(
        ran.stderr().contains("nothing was said"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn a_conversation_that_is_kept_becomes_a_test() {
    let operator = with_conversations("conversations: []");
    let talk = "How much is the Halo desk lamp?\nsix in black please\n";
    drop(operator.runs(&["chat"], talk).well());
    let file = "scripts/tests/kept.yaml";
    let of = |who: &'static str| ["playbook", "record", "--conversation", who, "--out", file];
    drop(operator.runs(&of("terminal:default"), "").well());
    let written = std::fs::read_to_string(operator.folder().join(file)).unwrap();
    for expected in [
        "says: six in black please",
        "price: 269.46 EUR",
        "stage: offer",
    ] {
        assert!(written.contains(expected), "{expected}: {written}");
    }
    drop(operator.runs(&["playbook", "test"], "").well());
    let ran = operator.runs(&["playbook", "record", "--conversation", "telegram:9"], "");
    assert_eq!(ran.code(), 1);
    assert!(ran.stderr().contains("nothing is kept"), "{}", ran.stderr());
}

#[test]
fn what_was_so_is_so_after_time_in_which_nothing_was_due() {
    let operator = with_conversations(
        "conversations:\n\
         \x20 - name: a\n\
         \x20   turns:\n\
         \x20     - says: I want to talk to a person\n\
         \x20     - after: 48h\n\
         \x20       expect: {escalated: false}\n\
         \x20     - after: 1h\n\
         \x20       expect: {stage: greet}\n",
    );
    let ran = operator.runs(&["playbook", "test", "--json"], "");
    let report: Value = serde_json::from_str(&ran.stdout()).unwrap();
    let failures = &report["conversations"][0]["failures"];
    assert_eq!(failures.as_array().map(Vec::len), Some(1), "{report:#}");
    assert_eq!(failures[0]["what"], "a person is called", "{report:#}");
}
