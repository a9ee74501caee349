//! Attacks as in `sandbox/attacks`, through rules: each ends as a fault with a message, on a thread
//! with the stack of a server's worker.

use std::thread;

use super::*;

/// The stack of a worker thread.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Time enough that only what an attack exhausts can end it, on any machine.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Clone, Copy)]
enum Kind {
    Escalation,
    Faq,
}

const BOTH: [Kind; 2] = [Kind::Escalation, Kind::Faq];

fn outcome(kind: Kind, source: &str) -> String {
    let told = |problems: Vec<Problem>| problems.iter().map(|it| it.to_string() + "\n").collect();
    let library = Library::empty();
    let asked = match kind {
        Kind::Escalation => match compile_escalation("r.rhai", source, &library) {
            Err(problems) => return told(problems),
            Ok(mut rules) => {
                rules.0.time_limit = PATIENCE;
                rules.ask(&shop::turn()).map(|_| ())
            }
        },
        Kind::Faq => match compile_faq("r.rhai", source, &library) {
            Err(problems) => return told(problems),
            Ok(mut rules) => {
                rules.0.time_limit = PATIENCE;
                rules.ask(&exchange()).map(|_| ())
            }
        },
    };
    asked.map_or_else(|error| error.to_string(), |()| "no fault".to_owned())
}

#[track_caller]
fn check_of(kind: Kind, body: &str, more: &str, expect: &str) {
    let name = match kind {
        Kind::Escalation => "escalation",
        Kind::Faq => "faq_draft",
    };
    let source = format!("{more}\nfn {name}(_it) {{\n{body}\n}}");
    let run = move || outcome(kind, &source);
    let thread = thread::Builder::new().stack_size(STACK_BYTES);
    let got = thread.spawn(run).unwrap().join().unwrap();
    assert!(got.contains(expect), "expected `{expect}`, got: {got}");
}

#[track_caller]
fn check(body: &str, more: &str, expect: &str) {
    for kind in BOTH {
        check_of(kind, body, more, expect);
    }
}

#[test]
fn endless_loops_and_recursion_end() {
    check("loop { }", "", "more than 200000 steps");
    check(
        "loop { try { loop { } } catch { } }",
        "",
        "more than 200000 steps",
    );
    check("f(1)", "fn f(n) { f(n + 1) }", "levels deep");
}

#[test]
fn memory_cannot_grow_without_bound() {
    check("let s = \"ab\"; loop { s += s; }", "", "grew too large");
    check("let a = [1]; loop { a += a; }", "", "grew too large");
    let hoard = "let s = \"x\"; s.pad(65000, 'x'); let a = []; a.pad(9000, 0); let n = 0; \
                 loop { a[n] = s + n; n += 1; }";
    check(hoard, "", "holds too much");
}

#[test]
fn what_is_made_cannot_pile_up_unseen() {
    let calls = "let a = []; loop { a.push(escalate(\"a\")); }";
    check_of(Kind::Escalation, calls, "", "at most 256 actions");
    let drafts = "let a = []; loop { a.push(draft()); }";
    check_of(Kind::Faq, drafts, "", "at most 16 drafts");
}

#[test]
fn nothing_is_read_from_the_disk() {
    for name in ["../secret", "/etc/passwd", "a/b", ".."] {
        check("()", &format!("import \"{name}\" as m;"), "is not a module");
    }
    check(
        "import \"x\" + \"y\" as m; ()",
        "",
        "an import must name its module",
    );
    check(
        "open_file(\"/etc/passwd\")",
        "",
        "there is no function `open_file`",
    );
}

#[test]
fn what_would_wait_or_reach_out_is_refused_by_name() {
    for call in ["sleep(10)", "timestamp()", "rand()", "exit()"] {
        check(call, "", "is not available in");
    }
    check("eval(\"40 + 2\")", "", "eval");
    check_of(
        Kind::Escalation,
        "chance(50)",
        "",
        "is not available in escalation rules",
    );
    check_of(
        Kind::Faq,
        "product(\"desk\")",
        "",
        "is not available in FAQ rules",
    );
}

#[test]
fn a_draft_needs_an_exchange() {
    check_of(Kind::Faq, "()", "let early = draft();", "");
    let outside = "const EARLY = draft();";
    check_of(Kind::Faq, "()", outside, "no fault");
}

#[test]
fn slow_steps_run_into_the_deadline() {
    let mut rules = escalation("fn escalation(_turn) { for n in 0..1000 { let x = n; } }");
    assert!(rules.ask(&shop::turn()).is_ok());
    rules.0.time_limit = Duration::ZERO;
    let error = rules.ask(&shop::turn()).unwrap_err();
    assert!(error.to_string().contains("longer than 0 ms"), "{error}");
}
