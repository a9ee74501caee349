//! What is told of scripts whose every way is known.

use consultant_core::ports::Playbook;

use super::*;
use crate::shop;

const HEAD: &str = "fn stages() { [stage(\"talk\", [])] }\n";

/// Answers a turn for each text, and tells the ways that nothing went: `3 else of if`.
#[track_caller]
fn never(script: &str, texts: &[&str]) -> Vec<String> {
    let scripts = traced(script, texts);
    let branches = scripts[0].branches.iter();
    branches
        .filter(|branch| branch.taken.unwrap_or(0) == 0)
        .map(|branch| format!("{} {}", branch.line, branch.what))
        .collect()
}

#[track_caller]
fn traced(script: &str, texts: &[&str]) -> Vec<ScriptCoverage> {
    let mut library = Library::empty();
    let words = "fn hello() {\n  say(#{ en: \"Hello\" })\n}\nfn unused() {\n  1\n}\n";
    library.add("words", "lib/words.rhai", words).unwrap();
    let source = format!("{HEAD}{script}");
    let (playbook, trace) = watched(&source, &library);
    for text in texts {
        let mut turn = shop::turn();
        (*text).clone_into(&mut turn.text);
        playbook.answer(&turn).unwrap();
    }
    trace.scripts()
}

/// A playbook that is watched, without rules beside it.
#[track_caller]
fn watched(source: &str, library: &Library) -> (RhaiPlaybook, Trace) {
    compile_traced(("main.rhai", source), RuleScripts::default(), library).unwrap()
}

#[track_caller]
fn check(script: &str, texts: &[&str], expected: &[&str]) {
    let script = format!("fn reply(turn) {{\n{script}\n[answer()] }}");
    assert_eq!(never(&script, texts), expected, "{texts:?} in {script}");
}

#[test]
fn both_ways_of_an_if_are_told_with_and_without_an_else() {
    let one = "if turn.text == \"a\" { return [answer()]; }";
    check(one, &[], &["3 if", "3 else of if"]);
    check(one, &["a"], &["3 else of if"]);
    check(one, &["b"], &["3 if"]);
    check(one, &["a", "b"], &[]);
    let three = "let n = if turn.text == \"a\" { 1 }\n\
                 else if turn.text == \"b\" { 2 }\n\
                 else { 3 };";
    check(three, &["a"], &["3 else of if", "4 if", "4 else of if"]);
    check(three, &["a", "c"], &["4 if"]);
    check(three, &["a", "b", "c"], &[]);
    let empty = "if turn.text == \"a\" {} else { let b = 1; }";
    check(empty, &["b"], &["3 if"]);
    check(empty, &["a"], &["3 else of if"]);
}

#[test]
fn every_arm_of_a_switch_is_told_and_the_one_that_is_missing() {
    let missing = "switch turn.text {\n\"a\" | \"b\" => { let n = 1; }\n\
                   \"c\" if turn.turns == 1 => (),\n}";
    check(missing, &["a"], &["5 arm of switch", "3 no arm of switch"]);
    check(missing, &["b", "d"], &["5 arm of switch"]);
    check(missing, &["a", "c", "d"], &[]);
    let silent = "switch turn.text {\n\"a\" => 1,\n_ => {}\n};";
    check(silent, &["a"], &["5 _ of switch"]);
    check(silent, &["b"], &["4 arm of switch"]);
    check(silent, &["b", "a"], &[]);
}

#[test]
fn loops_have_something_to_do_or_nothing() {
    let of_two = "for n in [1, 2] { let m = n; }";
    check(of_two, &["a"], &["3 loop with nothing to do"]);
    let of_letters = "for letter in turn.text { let n = letter; }";
    check(of_letters, &[""], &["3 loop with something to do"]);
    check(of_letters, &["abc"], &["3 loop with nothing to do"]);
    check(of_letters, &["abc", ""], &[]);
    let counting = "let n = turn.text.len;\nwhile n > 0 { n -= 1; }\nloop { break; }";
    check(counting, &["abc", "d"], &["4 loop with nothing to do"]);
    check(counting, &["", "abc"], &[]);
    let caught = "try { let n = 1 / turn.text.len; }\ncatch { let m = 1; }";
    check(caught, &["a"], &["3 catch"]);
    check(caught, &["a", ""], &[]);
}

#[test]
fn lines_of_the_playbook_and_of_its_modules_are_counted() {
    let script = "import \"words\" as w;\n\
                  fn reply(turn) {\n\
                  if turn.text == \"x\" {\n\
                  return\n\
                  [answer()];\n\
                  }\n\
                  let n = 0;\n\
                  n +=\n\
                  1;\n\
                  [w::hello(), say(#{\nen: \"there\",\n})]\n\
                  }";
    let scripts = traced(script, &["a", "b"]);
    let [main, words] = scripts.as_slice() else {
        panic!("{scripts:?}");
    };
    assert_eq!(main.file, "main.rhai");
    let of_reply: Vec<_> = main.lines.iter().filter(|(line, _)| *line > 2).collect();
    assert_eq!(of_reply, [&(4, 2), &(5, 0), &(8, 2), &(9, 2), &(11, 2)]);
    assert!(main.lines[0].1 > 0, "the stages are asked for once");
    assert_eq!(words.file, "lib/words.rhai");
    assert_eq!(words.lines, [(2, 2), (5, 0)]);
}

#[test]
fn a_watched_playbook_answers_as_the_other_one_does() {
    let source = include_str!("../../../scripts/playbooks/demo.rhai");
    let library = Library::empty();
    let plain = crate::compile("demo.rhai", source, &library).unwrap();
    let (watched, _) =
        compile_traced(("demo.rhai", source), RuleScripts::default(), &library).unwrap();
    assert_eq!(plain.version(), watched.version());
    for text in ["", "hello", "remind me tomorrow", "六"] {
        let mut turn = shop::turn();
        text.clone_into(&mut turn.text);
        assert_eq!(
            watched.answer(&turn).unwrap(),
            plain.answer(&turn).unwrap(),
            "{text}"
        );
    }
}

#[test]
fn threads_add_up() {
    let script = format!("{HEAD}fn reply(turn) {{\n[answer()] }}");
    let (playbook, trace) = compile_traced(
        ("main.rhai", &script),
        RuleScripts::default(),
        &Library::empty(),
    )
    .unwrap();
    let answers = || (0..25).for_each(|_| drop(playbook.answer(&shop::turn()).unwrap()));
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(answers))));
    assert_eq!(trace.scripts()[0].lines.last(), Some(&(3, 100)));
}

/// What one turn asked, `3 if turn.text == "a": if 1`, after another turn was answered.
#[track_caller]
fn asked(script: &str, text: &str) -> Vec<String> {
    let mut library = Library::empty();
    let words = "fn is_short(turn) {\n  if turn.text.len < 3 { true } else { false }\n}\n";
    library.add("words", "lib/words.rhai", words).unwrap();
    let source = format!("{HEAD}{script}");
    let (playbook, trace) = watched(&source, &library);
    let mut turn = shop::turn();
    "before".clone_into(&mut turn.text);
    playbook.answer(&turn).unwrap();
    let before = trace.counted();
    text.clone_into(&mut turn.text);
    playbook.answer(&turn).unwrap();
    let questions = trace.asked_since(&before).into_iter();
    questions
        .map(|it| {
            let ways = it.taken.iter();
            let ways: Vec<String> = ways
                .map(|way| format!("{} {} times in line {}", way.what, way.times, way.line))
                .collect();
            format!("{}:{} {}: {}", it.file, it.line, it.text, ways.join(", "))
        })
        .collect()
}

#[test]
fn a_turn_tells_what_it_asked_as_it_is_written_and_how_each_question_fell() {
    let script = "import \"words\" as w;\n\
        fn reply(turn) {\n\
        if turn.text == \"a\" { return [answer()]; }\n\
        else if turn.text == \"你好\"\n\
        \x20   || w::is_short(turn) { return [say(\"b\")]; }\n\
        for letter in [\"x\", \"y\"] {\n\
        \x20   if letter == turn.text { return [say(\"c\")]; }\n\
        }\n\
        switch turn.text {\n\
        \x20   \"d\" | \"e\" => { return [say(\"d\")]; }\n\
        \x20   _ => { return [answer()]; }\n\
        }\n\
        }";
    assert_eq!(
        asked(script, "a"),
        ["main.rhai:4 if turn.text == \"a\": if 1 times in line 4"]
    );
    insta::assert_snapshot!(asked(script, "long").join("\n"), @r#"
    main.rhai:4 if turn.text == "a": else of if 1 times in line 4
    main.rhai:5 if turn.text == "你好" || w::is_short(turn): else of if 1 times in line 5
    main.rhai:7 for letter in ["x", "y"]: loop with something to do 1 times in line 7
    main.rhai:8 if letter == turn.text: else of if 2 times in line 8
    main.rhai:10 switch turn.text: _ of switch 1 times in line 12
    lib/words.rhai:2 if turn.text.len < 3: else of if 1 times in line 2
    "#);
}

#[test]
fn values_are_told_as_a_script_would_write_them() {
    let (_, trace) = watched(
        "fn stages() { [stage(\"greet\", [\"offer\"]), stage(\"offer\", []).needs([\"seats\"])] }\n\
         fn slots() { [slot(\"seats\", \"number\").required().ask(#{ en: \"How many?\" })] }\n\
         fn reply(turn) { [ask_missing(), answer()] }",
        &Library::empty(),
    );
    let mut turn = shop::turn();
    turn.text = "how much is the desk lamp in \"oak\"?".to_owned();
    turn.understanding.products = vec![shop::mention("desk-lamp", None)];
    turn.understanding.faq = vec![shop::hit("returns", 0.5)];
    let check = |expression: &str, expected: Option<&str>| {
        let told = trace.value(&turn, expression);
        assert_eq!(told.as_deref(), expected, "{expression}");
    };
    check("turn.intent", Some("\"other\""));
    check("turn.first_contact", Some("false"));
    check("turn.quantity", Some("()"));
    check("turn.products", Some("[desk-lamp]"));
    check("turn.products.len", Some("1"));
    check("turn.faq", Some("[#{id: \"returns\", score: 0.5}]"));
    check("turn.can_go(\"offer\")", Some("false"));
    check("turn.missing", Some("[\"seats\"]"));
    check("turn.slots", None);
    check("turn.nothing", None);
    check("loop {}", None);
}

#[test]
fn a_line_is_told_as_it_is_written() {
    let source = format!("{HEAD}fn reply(turn) {{\n    [answer()] }}");
    let (_, trace) = watched(&source, &Library::empty());
    assert_eq!(trace.line("main.rhai", 3), Some("    [answer()] }"));
    assert_eq!(trace.line("main.rhai", 0), None);
    assert_eq!(trace.line("other.rhai", 3), None);
}
