//! `consultant playbook docs` and `consultant playbook definitions`, and what of them is committed.

use std::collections::BTreeSet;

use consultant_tests::binary::Operator;
use serde_json::Value;

fn operator() -> Operator {
    Operator::of(env!("CARGO_BIN_EXE_light"))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Names of documented things of these kinds.
fn documented(kinds: &[&str]) -> BTreeSet<String> {
    let ran = operator().runs(&["playbook", "docs", "--json"], "").well();
    let data = json(&ran.stdout());
    let sections = data["sections"].as_array().expect("sections").iter();
    let entries = sections.flat_map(|it| it["entries"].as_array().expect("entries").clone());
    entries
        .filter(|it| kinds.contains(&it["kind"].as_str().expect("a kind")))
        .map(|it| it["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn the_reference_is_written_as_it_is_committed() {
    let committed = include_str!("../../docs/playbook-reference.md");
    let operator = operator();
    assert!(operator.runs(&["playbook", "docs"], "").well().stdout() == committed);
    let out = operator
        .runs(&["playbook", "docs", "--out", "reference.md"], "")
        .well();
    assert_eq!(out.stdout(), "");
    let written = std::fs::read_to_string(operator.folder().join("reference.md")).unwrap();
    assert!(written == committed);
}

#[test]
fn programs_read_every_function_with_its_parameters() {
    let ran = operator().runs(&["playbook", "docs", "--json"], "").well();
    let data = json(&ran.stdout());
    assert_eq!(data["version"], 1);
    let sections = data["sections"].as_array().unwrap().iter();
    let mut entries = sections.flat_map(|it| it["entries"].as_array().unwrap());
    let say = entries.find(|it| it["name"] == "say" && it["kind"] == "function");
    let expected = serde_json::json!([
        {"name": "say", "parameters": [{"name": "text", "type": "Text"}], "returns": "Action"}
    ]);
    assert_eq!(say.unwrap()["signatures"], expected);
}

#[test]
fn editors_get_definitions_and_a_grammar() {
    let operator = operator();
    let arguments = ["playbook", "definitions", "--out", "editor"];
    let told = operator.runs(&arguments, "").well().stderr();
    let read = |name: &str| {
        assert!(told.contains(name), "{told}");
        std::fs::read_to_string(operator.folder().join("editor").join(name)).unwrap()
    };
    let printed = operator
        .runs(&["playbook", "definitions"], "")
        .well()
        .stdout();
    assert_eq!(read("playbook.d.rhai"), printed);
    assert!(read("rhai.d.rhai").contains("fn to_lower("));
    let grammar = read("rhai-playbook.tmLanguage.json");
    assert!(
        grammar == include_str!("../../docs/editors/rhai-playbook.tmLanguage.json"),
        "write it anew: consultant playbook definitions --out FOLDER, and copy it to docs/editors"
    );
    // Once more, over what is there.
    assert_eq!(operator.runs(&arguments, "").well().stderr(), told);
}

#[test]
fn definitions_are_not_put_beside_scripts() {
    let operator = operator();
    operator.writes("scripts/playbooks/own.rhai", "");
    let arguments = ["playbook", "definitions", "--out", "scripts/playbooks"];
    let ran = operator.runs(&arguments, "");
    assert_eq!(ran.code(), 1);
    for expected in ["own.rhai", "name another folder"] {
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    }
}

/// Every rule of a grammar, those within others too.
fn rules<'a>(rule: &'a Value, found: &mut Vec<&'a Value>) {
    match rule {
        Value::Object(fields) => {
            found.push(rule);
            fields.values().for_each(|it| rules(it, found));
        }
        Value::Array(items) => items.iter().for_each(|it| rules(it, found)),
        _ => {}
    }
}

#[test]
fn the_grammar_knows_every_name_and_is_whole() {
    let grammar = json(include_str!(
        "../../docs/editors/rhai-playbook.tmLanguage.json"
    ));
    let mut all = Vec::new();
    rules(&grammar, &mut all);
    let texts = |key: &str| -> Vec<&str> { all.iter().filter_map(|it| it[key].as_str()).collect() };
    let known: BTreeSet<&str> = texts("match")
        .into_iter()
        .flat_map(|it| it.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')))
        .collect();
    for name in documented(&["written", "function", "method", "property"]) {
        // `\b` stands before the first name of a list.
        let is_known = known.contains(name.as_str()) || known.contains(format!("b{name}").as_str());
        assert!(is_known, "{name}");
    }
    for include in texts("include") {
        let name = include.trim_start_matches('#');
        assert!(grammar["repository"][name].is_object(), "{include}");
    }
    assert_eq!(texts("begin").len(), texts("end").len());
}
