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
