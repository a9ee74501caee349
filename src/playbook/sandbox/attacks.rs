//! Every attack that was thought of, as a script. Each must end as a fault with a message, on a
//! thread with the stack of a server's worker.

use std::thread;

use consultant_core::{Intent, ports::Playbook};

use super::*;
use crate::{
    Library, RhaiPlaybook, RuleScripts, compile,
    compile::{compile_in, new_engine},
    lint::Role,
    shop,
};

/// The stack of a worker thread.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Time enough that only what an attack exhausts can end it, on any machine.
const PATIENCE: Duration = Duration::from_mins(1);

fn script(body: &str, more: &str) -> String {
    format!("fn stages() {{ [stage(\"greet\", [])] }}\nfn reply(turn) {{\n{body}\n}}\n{more}")
}

fn nest(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

/// What a script that must fail says, from the compiler or from its turn.
fn outcome(source: String) -> String {
    let run = move || match compile("x.rhai", &source, &Library::empty()) {
        Err(problems) => problems
            .iter()
            .map(|problem| problem.to_string() + "\n")
            .collect(),
        Ok(mut playbook) => {
            playbook.time_limit = PATIENCE;
            match playbook.answer(&shop::turn()) {
                Err(error) => error.to_string(),
                Ok(made) => format!("no fault, but {} actions", made.actions.len()),
            }
        }
    };
    let thread = thread::Builder::new().stack_size(STACK_BYTES);
    thread.spawn(run).unwrap().join().unwrap()
}

#[track_caller]
fn check_script(source: String, expect: &str) {
    let got = outcome(source);
    assert!(got.contains(expect), "expected `{expect}`, got: {got}");
}

#[track_caller]
fn check(body: &str, expect: &str) {
    check_script(script(body, ""), expect);
}

/// Only the weight of the variables may end this one.
#[track_caller]
fn check_hoard(body: &str) {
    let mut playbook = compile("x.rhai", &script(body, ""), &Library::empty()).unwrap();
    playbook.time_limit = PATIENCE;
    let error = playbook.answer(&shop::turn()).unwrap_err();
    assert!(error.message.contains("holds too much"), "{body}: {error}");
}

const STEPS: &str = "more than 200000 steps";
const LARGE: &str = "grew too large";

#[test]
fn endless_loops_end() {
    check("loop { }", STEPS);
    check("while true { let x = 1; }", STEPS);
    check(
        "for n in 0..9223372036854775807 { let x = n; } [answer()]",
        STEPS,
    );
    check("loop { try { loop { } } catch { } }", STEPS);
}

/// The engine counts what a built-in function calls back in a copy, which it throws away.
#[test]
fn loops_in_what_is_called_back_end_too() {
    let around =
        |inner: String| format!("let a = []; a.pad(60, 0); a.filter(|x| {{ {inner} }}); true");
    let nested = (0..3).fold("true".to_owned(), |inner, _| around(inner));
    check(&format!("{nested}; [answer()]"), STEPS);
}

#[test]
fn a_loop_outside_the_functions_ends_too() {
    let source = format!("loop {{ }}\n{}", script("[answer()]", ""));
    check_script(source, STEPS);
}

#[test]
fn deep_recursion_ends() {
    let levels = "levels deep";
    check_script(script("f(1)", "fn f(n) { f(n + 1) }"), levels);
    check_script(script("f()", "fn f() { g() } fn g() { f() }"), levels);
    let deep = nest("1 + (", "f(n + 1)", ")", 8);
    let nested = "deep";
    check_script(script("f(1)", &format!("fn f(n) {{ {deep} }}")), nested);
    let blocks = nest("if true { ", "f(n + 1)", " }", 6);
    check_script(script("f(1)", &format!("fn f(n) {{ {blocks} }}")), nested);
}

#[test]
fn text_cannot_grow_without_bound() {
    check("let s = \"ab\"; loop { s += s; }", LARGE);
    check("let s = \"ab\"; loop { s = `${s}${s}`; }", LARGE);
    check("let s = \"\"; s.pad(1000000000, \"x\"); [answer()]", LARGE);
    check(
        "let s = \"\"; s.pad(5, \"\"); [answer()]",
        "nothing to fill",
    );
    check("let s = \"\"; s.pad(60000, \"你好\"); [answer()]", LARGE);
    check(
        "let s = \"ab\"; s.pad(-5, \"\"); s.pad(2, \"\"); s.pad(5, \"你好\"); s.pad(6, 'c'); \
         if s != \"ab你好你c\" { loop { } } [answer()]",
        "no fault",
    );
    let replace = "let s = \"a\"; s.pad(60000, 'a'); let t = s; s.replace(\"a\", t); [answer()]";
    check(replace, LARGE);
    check(
        "let s = \"ab\"; s.replace(\"\", \"x\".to_upper()); [say(s)]",
        "no fault",
    );
}

#[test]
fn arrays_cannot_grow_without_bound() {
    check("let a = [1]; loop { a += a; }", LARGE);
    check("let a = [1]; loop { a.push(a); }", LARGE);
    check("let a = []; a.pad(1000000000, 1); [answer()]", LARGE);
    check(
        "let a = []; a.pad(9000, 0); a.map(|x| [0,0,0,0,0,0,0,0,0,0]); [answer()]",
        LARGE,
    );
    check(
        "let a = [1]; a.zip(a, |x, y| x); [answer()]",
        "write a `for` loop",
    );
}

#[test]
fn nested_values_do_not_break_the_stack() {
    check("let a = []; loop { a = [a]; }", "x.rhai");
    check("let a = #{}; loop { a = #{ a: a }; }", "x.rhai");
    check("let a = []; for n in 0..3000 { a = [a]; } a", "x.rhai");
}

#[test]
fn maps_cannot_grow_without_bound() {
    check(
        "let m = #{}; let n = 0; loop { m.set(`${n}`, n); n += 1; }",
        LARGE,
    );
    check(
        "let m = #{ a: 1 }; loop { m = #{ a: m, b: m, c: m }; }",
        LARGE,
    );
}

/// The engine looks at the element that is assigned and not at the array that holds it.
#[test]
fn elements_cannot_hoard_what_the_whole_may_not() {
    let text = "let s = \"x\"; s.pad(65000, 'x'); let n = 0;";
    let array = "let a = []; a.pad(9000, 0);";
    check_hoard(&format!("{text} {array} loop {{ a[n] = s + n; n += 1; }}"));
    let map = "let m = #{}; loop { m[`${n}`] = s + n; n += 1; }";
    check_hoard(&format!("{text} {map}"));
    check_hoard(&format!(
        "{array} let b = a; for n in 0..9000 {{ a[n] = b; }} [answer()]"
    ));
    let append = "let l = []; l.pad(5000, []); for n in 0..5000 { l[n].append(a); } [answer()]";
    check_hoard(&format!("{array} {append}"));
    check_hoard("let a = []; loop { a = [a]; }");
    check_hoard("let a = #{}; loop { a = #{ a: [[[a]]] }; }");
    check_hoard("let a = []; loop { let b = [[[]]]; b[0][0].push(a); a = b; }");
    let frames =
        "fn f(n) { let b = []; b.pad(9000, n); let c = b; let d = b; let e = b; f(n + 1) }";
    check_script(script("f(1)", frames), "levels deep");
}

#[test]
fn actions_cannot_pile_up_unseen() {
    check(
        "let a = []; loop { a.push(answer()); }",
        "at most 256 actions",
    );
    check(
        "let a = []; for n in 0..40 { a.push(answer()); } a",
        "the most is 32",
    );
}

#[test]
fn nothing_is_read_from_the_disk() {
    let import = |name: &str| format!("import \"{name}\" as m;\n{}", script("[answer()]", ""));
    for name in ["../secret", "/etc/passwd", "a/b", "..", "lib\\\\x"] {
        check_script(import(name), "is not a module");
    }
    check_script(import("texts"), "there is no module `texts`");
    check(
        "import \"te\" + \"xts\" as m; [answer()]",
        "an import must name its module",
    );
    check(
        "let n = \"x\"; import n as m; [answer()]",
        "an import must name its module",
    );
}

#[test]
fn what_would_wait_or_reach_out_is_refused_by_name() {
    for call in [
        "sleep(10)",
        "sleep(10.0)",
        "timestamp()",
        "rand()",
        "exit()",
        "parse_json(\"1\")",
    ] {
        check(
            &format!("{call}; [answer()]"),
            "is not available in a playbook",
        );
    }
    check("eval(\"40 + 2\"); [answer()]", "eval");
    check(
        "let f = Fn(\"sleep\"); f.call(1); [answer()]",
        "`Fn` is not available",
    );
    check(
        "open_file(\"/etc/passwd\"); [answer()]",
        "there is no function `open_file`",
    );
}

#[test]
fn the_engine_itself_has_no_way_out() {
    let engine = new_engine(Role::Playbook);
    for call in [
        "sleep(1)",
        "sleep(1.0)",
        "timestamp()",
        "exit(1)",
        "rand()",
        "open_file(\"x\")",
    ] {
        assert!(engine.eval::<Dynamic>(call).is_err(), "{call}");
    }
    assert!(engine.compile("eval(\"1\")").is_err());
    assert_eq!(
        engine.max_strings_interned(),
        0,
        "an interner is a lock between threads"
    );
}

#[test]
fn printing_goes_nowhere_and_hurts_nobody() {
    check("print(\"x\"); debug(turn.text); [answer()]", "no fault");
}

#[test]
fn many_variables_are_refused() {
    let body: Vec<String> = (0..400).map(|n| format!("let v{n} = {n};")).collect();
    let body = body.concat();
    check(&format!("{body} [answer()]"), "more than 256 variables");
}

#[test]
fn a_huge_script_is_refused_before_it_is_parsed() {
    check(&" ".repeat(MAX_SCRIPT_BYTES), "bytes are too many");
    let functions: Vec<String> = (0..600).map(|n| format!("fn f{n}() {{}}\n")).collect();
    let functions = functions.concat();
    check_script(script("[answer()]", &functions), "functions");
}

#[test]
fn deep_expressions_are_refused() {
    let hint = "split it into several functions";
    check(&nest("(", "1", ")", 5000), hint);
    check(&nest("[", "", "]", 5000), hint);
    check(&nest("{", "", "}", 5000), hint);
    check(&nest("-", "1", "", 5000), "x.rhai");
    check(&nest("if true { 1 } else ", "{ 1 }", "", 3000), "x.rhai");
    check(&nest("", "1", " + 1", 20_000), "x.rhai");
    check(&nest("", "turn", ".text", 20_000), "x.rhai");
}

#[test]
fn closures_capture_nothing_so_they_cannot_hoard() {
    let captured = "this closure uses `big` from around it";
    check(
        "let big = \"x\"; let f = |y| big + y; [say(f.call(\"a\"))]",
        captured,
    );
    let hoard = "let f = || 1; let big = \"x\"; loop { f = f.curry(big); }";
    check(hoard, "`curry` is not available");
    check(
        "let f = |x| x; let g = curry(f, 1); [answer()]",
        "`curry` is not available",
    );
    check("let f = |f| f.call(f); f.call(f); [answer()]", "deep");
    check("let f = |x| [answer()]; f.call(1)", "no fault");
}

#[test]
fn slow_steps_run_into_the_deadline() {
    let source = script("for n in 0..1000 { let x = n; } [answer()]", "");
    let mut playbook = compile("x.rhai", &source, &Library::empty()).unwrap();
    assert!(playbook.answer(&shop::turn()).is_ok());
    playbook.time_limit = Duration::ZERO;
    let error = playbook.answer(&shop::turn()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "x.rhai:2: the script took longer than 0 ms"
    );
}

fn with_native(source: &str) -> RhaiPlaybook {
    let mut engines = |role| {
        let mut engine = new_engine(role);
        engine.register_fn("break_down", |number: i64| -> i64 {
            assert!(number < 0, "number {number} is wrong");
            number
        });
        engine
    };
    let (script, rules) = (("x.rhai", source), RuleScripts::default());
    compile_in(script, rules, &Library::empty(), &mut engines).unwrap()
}

#[test]
fn a_panic_in_a_native_function_is_a_fault_of_its_turn_only() {
    let source = script(
        "if turn.intent == \"other\" { break_down(7); } [answer()]",
        "",
    );
    let playbook = with_native(&source);
    let error = playbook.answer(&shop::turn()).unwrap_err();
    assert!(
        error.message.contains("broke down (number 7 is wrong)"),
        "{error}"
    );
    let mut turn = shop::turn();
    turn.understanding.intent = Intent::Price;
    assert_eq!(playbook.answer(&turn).unwrap().actions.len(), 1);
}

/// One thread's turns, some of which never end.
fn talk(playbook: &RhaiPlaybook, thread: usize) {
    for round in 0..50 {
        let mut turn = shop::turn();
        turn.text = format!("{thread}-{round}");
        let runaway = thread == 0 && round % 10 == 0;
        if runaway {
            turn.understanding.intent = Intent::Person;
        }
        let answer = playbook.answer(&turn);
        assert_eq!(answer.is_err(), runaway);
        let said = format!("{:?}", answer.unwrap_or_default());
        assert!(runaway || said.contains(&turn.text), "{said}");
    }
}

#[test]
fn threads_share_one_playbook_and_a_runaway_turn_disturbs_no_other() {
    let body = "if turn.intent == \"person\" { loop { } } [say(turn.text)]";
    let playbook = compile("x.rhai", &script(body, ""), &Library::empty()).unwrap();
    thread::scope(|scope| {
        for thread in 0..8 {
            let playbook = &playbook;
            scope.spawn(move || talk(playbook, thread));
        }
    });
}
