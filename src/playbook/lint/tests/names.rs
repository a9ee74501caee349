//! Names that nobody looks at, and names that hide others.

use super::{check_body, told};

#[test]
fn a_variable_that_nobody_looks_at_is_told() {
    check_body("let n = 1; [answer()]", &["unused-variable n"]);
    check_body(
        "let n = 1; n = 2; n += 1; [answer()]",
        &["unused-variable n"],
    );
    check_body("for n in 0..2 { } [answer()]", &["unused-variable n"]);
    check_body(
        "for (p, n) in [1] { p + 1; } [answer()]",
        &["unused-variable n"],
    );
    check_body(
        "try { 1; } catch (e) { } [answer()]",
        &["unused-variable e"],
    );
    check_body("if true { let n = 1; } [answer()]", &["unused-variable n"]);
}

#[test]
fn a_variable_that_is_looked_at_anywhere_is_not() {
    for body in [
        "let n = 1; [say(`${n}`)]",
        "let n = 1; if n > 0 { } [answer()]",
        "let n = #{}; n.x = 1; [answer()]",
        "let n = [1]; n[0] = 2; [answer()]",
        "let n = 1; let m = #{ a: [n + 1] }; [say(`${m.a}`)]",
        "let n = |a| a + 1; n.call(1); [answer()]",
        "let n = 1; loop { break n; } [answer()]",
        "let n = 1; switch 2 { 1 if n > 0 => 1, _ => 2 } [answer()]",
        "let n = 1; while n < 2 { break; } [answer()]",
        "let _n = 1; [answer()]",
        "for _n in 0..2 { } [answer()]",
    ] {
        check_body(body, &[]);
    }
}

#[test]
fn a_value_that_a_function_does_not_look_at_is_told() {
    check_body("[f(1)] } fn f(n) { answer()", &["unused-parameter n"]);
    check_body(
        "[f(1, 2)] } fn f(a, b) { if a > 0 { answer() } else { answer() }",
        &["unused-parameter b"],
    );
    check_body("[f(1)] } fn f(_n) { answer()", &[]);
    check_body("[f(1)] } fn f(n) { if n > 0 { n = 2; } answer()", &[]);
    check_body("let f = |a| 1; f.call(1); [answer()]", &[]);
}

#[test]
fn a_function_that_nothing_leads_to_is_told() {
    check_body("[answer()] } fn f() { 1", &["unused-function f"]);
    check_body(
        "[answer()] } fn f() { g() } fn g() { f()",
        &["unused-function f", "unused-function g"],
    );
    check_body("[f()] } fn f() { g() } fn g() { answer()", &[]);
    check_body("[1.f()] } fn f() { this; answer()", &[]);
    check_body("[global::f()] } fn f() { answer()", &[]);
    check_body("let x = loop { break f(); }; [x] } fn f() { answer()", &[]);
    check_body("[[1].map(|n| f(n))[0]] } fn f(n) { say(`${n}`)", &[]);
}

#[test]
fn a_module_that_nobody_uses_is_told() {
    const REST: &str = "fn stages() { [stage(\"talk\", [])] }\nfn reply(turn) {";
    let source = format!("import \"words\" as w;\n{REST} [answer()] }}");
    assert_eq!(told(&source), ["unused-import \"words\""]);
    let source = format!("import \"words\" as w;\n{REST} [w::hello()] }}");
    assert_eq!(told(&source), [""; 0]);
}

#[test]
fn a_name_that_hides_another_is_told() {
    check_body(
        "let n = 1; let n = n + 1; [say(`${n}`)]",
        &["shadowed-name n"],
    );
    check_body("let turn = 1; [say(`${turn}`)]", &["shadowed-name turn"]);
    check_body(
        "let n = 1; if n > 0 { let n = 2; } [answer()]",
        &["shadowed-name n"],
    );
    check_body(
        "let n = 1; for n in 0..n { f(n); } [answer()] } fn f(a) { a",
        &["shadowed-name n"],
    );
    check_body(
        "let f = 1; [f(f)] } fn f(a) { say(`${a}`)",
        &["shadowed-name f"],
    );
}

#[test]
fn names_side_by_side_hide_nothing() {
    for body in [
        "if true { let n = 1; [say(`${n}`)] } else { let n = 2; [say(`${n}`)] }",
        "for n in 0..1 { f(n); } for n in 0..1 { f(n); } [answer()] } fn f(a) { a",
        "let n = 1; [f(n)] } fn f(n) { say(`${n}`)",
        "let answer = answer(); [answer]",
    ] {
        check_body(body, &[]);
    }
}

#[test]
fn constants_of_the_script_are_looked_at_by_its_functions() {
    const REST: &str = "fn stages() { [stage(\"talk\", [])] }\nfn reply(turn) {";
    let source = format!("const HELLO = \"Hello\";\n{REST} [say(global::HELLO)] }}");
    assert_eq!(told(&source), [""; 0]);
    let source = format!("const HELLO = \"Hello\";\n{REST} [answer()] }}");
    assert_eq!(told(&source), ["unused-variable HELLO"]);
}
