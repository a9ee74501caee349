//! What the compiler tells about a script, all at once and at the right place.

mod names;
mod pages;
mod stages;
mod texts;
mod words;

use crate::{Library, Problem, RuleScripts, compile, examine, shop};

fn library() -> Library {
    let mut library = Library::empty();
    let texts = "const HELLO = #{ en: \"Hello\", zh: \"你好\" };\nfn greeting(turn) { say(global::HELLO) }\nprivate fn secret() { 1 }";
    library.add("texts", "lib/texts.rhai", texts).unwrap();
    library
        .add(
            "one",
            "lib/one.rhai",
            "import \"two\" as t; fn f() { t::f() }",
        )
        .unwrap();
    library
        .add(
            "two",
            "lib/two.rhai",
            "import \"one\" as o; fn f() { o::f() }",
        )
        .unwrap();
    library.add("broken", "lib/broken.rhai", "fn f( {").unwrap();
    library
        .add("wrong", "lib/wrong.rhai", "fn f() {\n  anwser()\n}")
        .unwrap();
    library
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn problems(source: &str) -> String {
    match compile("x.rhai", source, &library()) {
        Ok(_) => "none".to_owned(),
        Err(problems) => lines(&problems),
    }
}

#[test]
fn every_problem_is_told_at_once_with_its_place_and_a_way_out() {
    let source = r#"fn stages() {
    [stage("greet", ["advise"]), stage("advise", ["clos"]), stage("greet", [])]
}
fn reply(turn) {
    if turn.languge == "zh" { return [say(#{ zh: "你好" })]; }
    let greeting = helo(turn);
    let n = turn.text.trimm();
    [anwser(), goto("clsoe"), ask("q"), say(""), say(#{ en: " ", english: "x" })]
}
fn hello(turn) { say("hi") }
"#;
    insta::assert_snapshot!(problems(source));
}

#[test]
fn a_problem_knows_how_much_of_the_line_is_wrong() {
    let source =
        "fn stages() { [stage(\"a\", [])] }\nfn reply(turn) { [anwser(), goto(\"你好\")] }";
    let problems = compile("x.rhai", source, &library()).unwrap_err();
    let marked: Vec<&str> = problems
        .iter()
        .map(|problem| source.get(problem.byte_range(source).unwrap()).unwrap())
        .collect();
    assert_eq!(marked, ["anwser", "\"你好\""]);
}

#[track_caller]
fn check(body: &str, expect: &str) {
    let source = format!("fn stages() {{ [stage(\"greet\", [])] }}\nfn reply(turn) {{ {body} }}");
    let got = problems(&source);
    assert!(got.contains(expect), "expected `{expect}`, got: {got}");
}

#[test]
fn what_is_written_correctly_is_let_through() {
    for body in [
        "[answer()]",
        "[say(`${turn.text}!`)]",
        "let f = |a| a + 1; let n = f.call(1); [answer()]",
        "let m = #{ run: |a| a }; m.run(1); [answer()]",
        "[1, 2].filter(|n| n > 1).len(); [answer()]",
        "if \"a\" in turn.slots && turn.slots.a == 1 { } [set(\"a\", 1)]",
        "let n = 1.5 + 2; n = -n; n += 1; [answer()]",
        "switch turn.intent { \"price\" if turn.products.len > 0 => [answer()], _ => [answer()] }",
        "let x = loop { break type_of(1); }; [answer()]",
        "turn.text.to_upper(); [escalate(\"because\")]",
        "helper(1) + global::helper(1) } fn helper(n) { [answer()]",
        "1.helper() } fn helper() { [answer()]",
    ] {
        check(body, "none");
    }
}

#[test]
fn calls_are_checked_wherever_they_stand() {
    for body in [
        "anwser()",
        "let x = anwser(); [x]",
        "if anwser() { }",
        "[|| anwser()]",
        "switch anwser() { 1 => anwser(), _ => [] }",
        "let x = loop { break anwser(); }; x",
        "for n in anwser() { }",
        "turn.text.anwser()",
        "`${anwser()}`",
        "#{ a: anwser() }",
        "try { anwser() } catch { }",
        "return anwser();",
        "let m = #{}; m.x = anwser(); m[anwser()] = 1; [answer()]",
        "global::anwser()",
    ] {
        check(body, "anwser");
    }
}

#[test]
fn the_number_of_values_is_checked() {
    check("[answer(1)]", "`answer` does not take 1 value");
    check("[offer()]", "it takes 1 or 2 or 3");
    check("[\"x\".say(1)]", "`say` does not take 2 values");
}

#[test]
fn needed_functions_are_asked_for() {
    let got = problems("fn reply() { [answer()] }");
    assert!(
        got.contains("there is no function `stages` that takes no value"),
        "{got}"
    );
    assert!(
        got.contains("there is no function `reply` that takes one value"),
        "{got}"
    );
}

#[test]
fn stages_must_be_a_list_of_stages() {
    for stages in ["", "[]", "[1]", "#{ greet: [] }", "\"greet\""] {
        let got = problems(&format!(
            "fn stages() {{ {stages} }} fn reply(turn) {{ [answer()] }}"
        ));
        assert!(
            got.contains("`stages` returned no list of stages"),
            "{stages}: {got}"
        );
    }
    let got = problems("fn stages() {\n [stage(\"a\", [1])] }\nfn reply(turn) { [answer()] }");
    assert!(got.contains("x.rhai:2"), "{got}");
    let got = problems("fn stages() {\n [answer()] }\nfn reply(turn) { [answer()] }");
    assert!(got.contains("needs a turn"), "{got}");
}

#[test]
fn a_syntax_error_has_its_place() {
    let got = problems("fn stages() {\n    [stage(\"a\", [])\n}");
    assert!(got.starts_with("x.rhai:3:1: "), "{got}");
    check("let a = unknown; [answer()]", "`global::unknown`");
}

fn importing(module: &str, body: &str) -> String {
    problems(&format!(
        "import \"{module}\" as t;\nfn stages() {{ [stage(\"greet\", [])] }}\nfn reply(turn) {{ {body} }}"
    ))
}

#[test]
fn modules_are_checked_like_the_playbook() {
    assert_eq!(
        importing("texts", "[t::greeting(turn), say(t::HELLO)]"),
        "none"
    );
    assert!(importing("texts", "[t::greting(turn)]").contains("did you mean `greeting`?"));
    assert!(importing("texts", "[t::secret()]").contains("`t` has no function `secret`"));
    assert!(importing("text", "[answer()]").contains("did you mean `texts`?"));
    assert!(importing("one", "[answer()]").contains("imports itself"));
    assert!(importing("broken", "[t::f()]").starts_with("lib/broken.rhai:1:"));
    assert!(importing("wrong", "[t::f()]").starts_with("lib/wrong.rhai:2:3: "));
}

#[test]
fn names_in_quotes_are_checked_against_a_catalogue() {
    let source = r#"fn stages() { [stage("greet", [])] }
fn reply(turn) {
    products_in("lightning");
    product("desk-lmap");
    product("desk");
    [offer("desk-lamp", "oka", 2), offer("desk-lamp", "oak"), offer("nothing", 2)]
}"#;
    let playbook = compile("x.rhai", source, &library()).unwrap();
    insta::assert_snapshot!(lines(&playbook.check(&shop::catalog(), &shop::faq())));
}

/// Every problem of a playbook, warnings too: the lint, and what it marks in the source.
fn told(source: &str) -> Vec<String> {
    let (catalog, faq) = (shop::catalog(), shop::faq());
    let library = library_of(&[("words", "fn hello() { say(\"Hello\") }")]);
    let script = Some(("x.rhai", source));
    let problems = examine(
        script,
        RuleScripts::default(),
        &library,
        Some(&catalog),
        Some(&faq),
    );
    let marked = problems.iter().map(|problem| {
        let range = problem.byte_range(source).unwrap_or_default();
        format!("{} {}", problem.lint, source.get(range).unwrap())
    });
    marked.collect()
}

fn library_of(modules: &[(&str, &str)]) -> Library {
    let mut library = Library::empty();
    for (name, source) in modules {
        let file = format!("lib/{name}.rhai");
        library.add(*name, file, *source).unwrap();
    }
    library
}

/// What is told about a playbook of one stage whose `reply` has this body; other functions may
/// follow behind the brace that closes it.
#[track_caller]
fn check_body(body: &str, expect: &[&str]) {
    let source = format!("fn stages() {{ [stage(\"talk\", [])] }}\nfn reply(turn) {{ {body} }}");
    assert_eq!(told(&source), expect, "{body}");
}
