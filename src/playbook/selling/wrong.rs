//! What is declared wrong, told with its line.

use super::*;

#[track_caller]
fn refused(from: &str, to: &str, expect: &str) {
    assert!(DECLARED.contains(from), "{from}");
    let source = format!(
        "{}\nfn reply(turn) {{ [answer()] }}",
        DECLARED.replacen(from, to, 1)
    );
    let problems = compile("x.rhai", &source, &Library::empty()).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|it| it.contains(expect)),
        "{expect}: {told:#?}"
    );
    assert!(problems.iter().all(|it| it.line.is_some()), "{problems:#?}");
}

#[test]
fn what_is_declared_wrong_is_told_with_its_line() {
    refused("\"quantity\"", "\"quantty\"", "did you mean `quantity`?");
    refused(
        "slot(\"budget\"",
        "slot(\"seats\"",
        "there are two slots `seats`",
    );
    refused(
        ".options([\"team\", option(\"business\", [\"Business\", \"企业版\"])])",
        "",
        "choice without options",
    );
    refused(
        ".ask(\"Where can we write to you?\")",
        "",
        "nobody can ask for it",
    );
    refused(".not_past()", ".at_most(5)", "limits of a number");
    refused(
        ".needs([\"seats\"])",
        ".needs([\"seat\"])",
        "did you mean `seats`?",
    );
    refused(".percent(90)", "", "takes nothing off");
    refused(".percent(90)", ".percent(120)", "at most 100 percent");
    refused(
        ".ends(\"2026-11-30\")",
        ".starts(\"2026-12-01\").ends(\"2026-11-30\")",
        "ends before it starts",
    );
    refused("2025-12-31", "31.12.2025", "a day such as");
    refused("30.5", "30.555", "two decimals");
    refused(
        "promotion(\"office\"",
        "promotion(\"three\"",
        "there are two promotions `three`",
    );
    refused("[\"too expensive\", \"太贵\"]", "[]", "words to know it by");
    refused("[\"weather\", \"天气\"]", "[\"weather\", \"\"]", "is empty");
    refused(
        "[goes_with(\"desk\", \"desk-lamp\", #{ en: \"A lamp goes well with it.\" })]",
        "[1]",
        "no list of upsells",
    );
}

#[test]
fn a_list_of_nothing_lowers_and_declares_nothing() {
    refused(".on(\"desk-lamp\")", ".on([])", "name at least one");
    refused(
        ".on(\"desk-lamp\")",
        ".in_category([])",
        "name at least one",
    );
    refused(
        ".bundle([\"desk-lamp\", \"desk\"])",
        ".bundle([])",
        "name at least one",
    );
    refused(
        ".at_most(500)",
        ".at_least(10).at_most(5)",
        "accepts no number",
    );
    let source = "fn stages() { [stage(\"talk\", [])] }\nfn promotions() { [] }\n\
                  fn reply(turn) { if turn.text == \"\" { [answer()] } else { [answer()] } }";
    assert!(compile("x.rhai", source, &Library::empty()).is_ok());
}

#[test]
fn a_stage_of_a_module_is_told_where_it_stands() {
    let mut library = Library::empty();
    let funnel = "// The funnel.\n\nfn lines() {\n    [stage(\"talk\", [\"gone\"])]\n}";
    library.add("funnel", "lib/funnel.rhai", funnel).unwrap();
    let source = "import \"funnel\" as f;\nfn stages() { f::lines() }\n\
                  fn reply(turn) { if turn.text == \"\" { [answer()] } else { [answer()] } }";
    let problems = compile("x.rhai", source, &library).unwrap_err();
    let told = problems[0].to_string();
    assert!(told.starts_with("lib/funnel.rhai:4:"), "{told}");
}
