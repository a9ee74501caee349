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
        "errors, 0 warnings found",
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

const RIGHT: &str = "fn hello() {\n    #{ en: \"Hello!\" }\n}\n";
const WARNED: &str = "import \"words\" as words;\n\
     fn stages() { [stage(\"talk\", [])] }\n\
     fn reply(turn) {\n    let n = 1;\n    [answer()]\n}\n";

/// The problems of `check --json` as lint, severity and place.
fn problems(report: &serde_json::Value) -> Vec<String> {
    let problems = report["problems"].as_array().expect("problems").iter();
    problems
        .map(|it| {
            let page = it["page"].as_str().expect("a page");
            let lint = it["lint"].as_str().expect("a lint");
            assert_eq!(page, format!("docs/lints/{lint}.md"));
            let severity = it["severity"].as_str().expect("a severity");
            let (line, column, length) = (&it["line"], &it["column"], &it["length"]);
            format!("{severity} {lint} {line}:{column}+{length}")
        })
        .collect()
}

#[test]
fn a_warning_is_told_and_refuses_nothing_unless_asked_to() {
    let operator = company(WARNED, RIGHT);
    let ran = operator.runs(&["check"], "");
    assert_eq!(ran.code(), 0, "{}", ran.stdout());
    for expected in [
        "own.rhai:1:8: warning[unused-import]: nobody uses the module `words`",
        "own.rhai:4:9: warning[unused-variable]: nobody looks at the variable `n`",
        "here",
        "or write `_n` if it has to be there",
        "Lumen & Loft: ",
        "0 errors, 2 warnings found",
        "`consultant check --explain unused-import`",
    ] {
        assert!(
            ran.stdout().contains(expected),
            "{expected}: {}",
            ran.stdout()
        );
    }
    assert_eq!(operator.runs(&["check", "--strict"], "").code(), 1);
}

#[test]
fn a_program_reads_lint_severity_place_and_page() {
    let operator = company(WARNED, RIGHT);
    let ran = operator.runs(&["check", "--json"], "");
    assert_eq!(ran.code(), 0, "{}", ran.stdout());
    let report: serde_json::Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    assert_eq!(
        (&report["ok"], &report["errors"], &report["warnings"]),
        (&true.into(), &0.into(), &2.into())
    );
    assert_eq!(
        problems(&report),
        [
            "warning unused-import 1:8+7",
            "warning unused-variable 4:9+1"
        ]
    );
    let ran = operator.runs(&["check", "--json", "--strict"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    let report: serde_json::Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    assert_eq!(report["ok"], false);
}

#[test]
fn a_price_in_a_text_keeps_a_playbook_from_going_live() {
    let playbook = "fn stages() { [stage(\"talk\", [])] }\n\
         fn reply(turn) { [say(\"The lamp is 49 EUR.\")] }\n";
    let operator = company(playbook, RIGHT);
    let ran = operator.runs(&["check", "--json"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    let report: serde_json::Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    assert_eq!(problems(&report), ["error price-by-hand 2:36+6"]);
    let ran = operator.runs(&["check"], "");
    for expected in ["49 EUR", "money(product(", "1 error, 0 warnings found"] {
        assert!(
            ran.stdout().contains(expected),
            "{expected}: {}",
            ran.stdout()
        );
    }
}

#[test]
fn an_answer_that_the_faq_lacks_is_told_with_the_one_that_is_meant() {
    let playbook = "fn stages() { [stage(\"talk\", [])] }\n\
         fn reply(turn) {\n\
         if turn.faq.len > 0 && turn.faq[0].id == \"delivery-tme\" { }\n\
         [answer()] }\n";
    let ran = company(playbook, RIGHT).runs(&["check"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in ["error[unknown-faq]", "did you mean `delivery-time`?"] {
        assert!(
            ran.stdout().contains(expected),
            "{expected}: {}",
            ran.stdout()
        );
    }
}

#[test]
fn the_demo_has_neither_errors_nor_warnings() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let ran = operator.runs(&["check", "--strict"], "");
    assert_eq!(ran.code(), 0, "{}", ran.stdout());
    assert!(
        ran.stdout().ends_with("no problems found\n"),
        "{}",
        ran.stdout()
    );
}

#[test]
fn every_lint_is_explained() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let ran = operator.runs(&["check", "--explain", "unknown-stage"], "");
    assert_eq!(ran.code(), 0);
    let page = include_str!("../../docs/lints/unknown-stage.md");
    assert_eq!(ran.stdout(), page);
    for list in [&["check", "--explain"][..], &["check", "--explain", "list"]] {
        let ran = operator.runs(list, "");
        assert_eq!(ran.code(), 0);
        assert!(ran.stdout().contains("unknown-stage"), "{}", ran.stdout());
    }
    let ran = operator.runs(&["check", "--explain", "unknown-stag"], "");
    assert_eq!(ran.code(), 2);
    assert!(
        ran.stderr().contains("did you mean `unknown-stage`?"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn who_answers_is_checked_too() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    operator.writes("config/desk.yaml", "desks: {telegram: 7}\nagents: {}\n");
    let checked = operator.runs(&["check"], "");
    assert_eq!(checked.code(), 1);
    let told = checked.stdout();
    assert!(told.contains("`7` is no place of a desk"), "{told}");
    assert!(told.contains("desk.yaml:1:"), "{told}");
}
