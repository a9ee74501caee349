//! Stages that nothing leads to, that lead nowhere, and steps that are not declared.

use super::told;

#[track_caller]
fn check(stages: &str, body: &str, expect: &[&str]) {
    let source = format!("fn stages() {{ [{stages}] }}\nfn reply(turn) {{ {body} [answer()] }}");
    assert_eq!(told(&source), expect, "{source}");
}

const LOOP: &str = "stage(\"a\", [\"b\"]), stage(\"b\", [\"a\"])";

#[test]
fn a_stage_that_nothing_leads_to_is_told() {
    let stages = "stage(\"a\", [\"a\"]), stage(\"b\", [\"c\"]), stage(\"c\", [\"b\"])";
    check(
        stages,
        "",
        &["unreachable-stage stage", "unreachable-stage stage"],
    );
    check(LOOP, "", &["unused-stage stage"]);
    check(LOOP, "goto(\"b\");", &[]);
}

#[test]
fn a_computed_step_may_lead_anywhere() {
    check(LOOP, "goto(turn.stage);", &[]);
    check(LOOP, "to(\"b\"); } fn to(stage) { goto(stage);", &[]);
}

#[test]
fn a_stage_without_a_way_out_is_told_unless_it_is_a_last_one() {
    let go = "goto(\"b\");";
    check(
        "stage(\"a\", [\"b\"]), stage(\"b\", [])",
        go,
        &["dead-end-stage stage"],
    );
    check("stage(\"a\", [\"b\"]), stage(\"b\", []).last()", go, &[]);
    check("stage(\"a\", [])", "", &[]);
}

#[test]
fn a_first_stage_that_is_a_deal_is_told() {
    check("stage(\"a\", []).won()", "", &["wrong-declaration stage"]);
    let stages = "stage(\"a\", [\"b\"]), stage(\"b\", []).last().won()";
    check(stages, "goto(\"b\");", &[]);
}

#[test]
fn a_step_to_a_stage_that_may_follow_none_is_told_once() {
    let stages = "stage(\"a\", []).last(), stage(\"b\", []).last()";
    check(stages, "goto(\"b\");", &["undeclared-transition \"b\""]);
    // Whoever is in the first stage stays there.
    check(
        stages,
        "goto(\"a\"); goto(turn.text);",
        &["unreachable-stage stage"],
    );
}

#[test]
fn a_stage_that_is_not_declared_is_told_wherever_it_is_named() {
    check(LOOP, "goto(\"b\"); goto(\"x\");", &["unknown-stage \"x\""]);
    check(
        LOOP,
        "goto(\"b\"); if turn.stage == \"x\" { }",
        &["unknown-stage \"x\""],
    );
    check(
        LOOP,
        "goto(\"b\"); if turn.stage in [\"a\", \"x\"] { }",
        &["unknown-stage \"x\""],
    );
    check(
        LOOP,
        "goto(\"b\"); switch turn.stage { \"a\" | \"x\" => 1, _ => 2 }",
        &["unknown-stage \"x\""],
    );
    check(LOOP, "goto(\"b\"); if turn.text == \"x\" { }", &[]);
}
