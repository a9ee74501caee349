//! `consultant check`, as a sales manager runs it.

use consultant_tests::binary::Operator;

const CATALOG: &str = include_str!("../../config/catalog.yaml");
const FAQ: &str = include_str!("../../config/faq.yaml");

/// A company of one's own with this playbook and this module.
fn company(playbook: &str, module: &str) -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    operator.writes("config/catalog.yaml", CATALOG);
    operator.writes("config/faq.yaml", FAQ);
    operator.writes("scripts/playbooks/own.rhai", playbook);
    operator.writes("scripts/lib/words.rhai", module);
    operator
}

#[test]
fn a_mistake_in_an_imported_module_is_shown_where_it_stands() {
    let playbook = "import \"words\" as words;\n\
         fn stages() { [stage(\"talk\", [])] }\n\
         fn reply(turn) { [say(words::hello())] }\n";
    let operator = company(playbook, "fn hello() {\n    \"Hello\" +* 2\n}\n");
    let ran = operator.runs(&["check"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in ["words.rhai:2", "+* 2", "here"] {
        assert!(ran.stdout().contains(expected), "{}", ran.stdout());
    }
}

/// Everything at once: a manager mends it in one go, not one by one.
#[test]
fn no_mistake_hides_another() {
    let playbook = "fn stages() { [stage(\"talk\", [])] }\n\
         fn reply(turn) { [offer(\"no-such-lamp\"), nothing_known()] }\n";
    let operator = company(playbook, "fn bye() {\n    goood()\n}\n");
    operator.writes("config/consultant.yaml", "store:\n  ulr: 'memory:'\n");
    let cheaper = CATALOG.replacen("percent: ", "percnt: ", 1);
    operator.writes("config/catalog.yaml", &cheaper);
    operator.writes(
        "config/faq.yaml",
        &FAQ.replacen("questions:", "question:", 1),
    );
    let ran = operator.runs(&["check"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in [
        "consultant.yaml:2:3: store.ulr: there is no such key",
        "did you mean `percent`?",
        "did you mean `questions`?",
        "own.rhai:2",
        "words.rhai:2",
        "problems found",
    ] {
        assert!(
            ran.stdout().contains(expected),
            "{expected}: {}",
            ran.stdout()
        );
    }
}

#[test]
fn files_that_are_missing_or_cannot_be_read_hide_no_others() {
    let playbook = "fn stages() { [stage(\"talk\", [])] }\n\
         fn reply(turn) { [offer(\"no-such-lamp\")] }\n";
    let operator = company(playbook, "fn (\n");
    operator.writes(
        "config/consultant.yaml",
        "company: {faq: ../nowhere.yaml}\n",
    );
    operator.writes("scripts/lib/no name.rhai", "");
    let ran = operator.runs(&["check", "--json"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    let report: serde_json::Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    let told: Vec<String> = report["problems"]
        .as_array()
        .expect("problems")
        .iter()
        .map(|problem| format!("{}: {}", problem["file"], problem["message"]))
        .collect();
    let expected = ["nowhere.yaml", "no-such-lamp", "words.rhai", "no name"];
    for expected in expected {
        let found = told.iter().any(|problem| problem.contains(expected));
        assert!(found, "{expected}: {told:#?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
}
