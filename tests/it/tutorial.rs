//! The tutorial, done as it says: every file is written, every command is run, and what is shown
//! must come.
//!
//! A block of code says in its first line what happens with it:
//!
//! - `rhai write FILE` makes the file; `rhai put FILE` puts functions into it, each in the place
//!   of the one of its name, or else at its end; `yaml add FILE` adds to its end.
//! - `console` holds commands after `$ `, each with all that it prints. A `…` stands for what is
//!   left out.
//!
//! Other blocks are only for reading.

use consultant_tests::binary::Operator;

const TUTORIAL: &str = include_str!("../../docs/tutorial.md");

/// A block of code: its first line without the fence, and what is in it.
struct Block<'a> {
    line: usize,
    info: &'a str,
    text: String,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let inside = lines.by_ref().map(|(_, line)| line);
            let text: String = inside
                .take_while(|line| *line != "```")
                .map(|line| format!("{line}\n"))
                .collect();
            let line = at + 1;
            blocks.push(Block { line, info, text });
        }
    }
    blocks
}

/// A newcomer's folder: the demo's facts, and `consultant` within reach.
fn newcomer() -> Operator {
    let operator = Operator::of("/bin/sh").with("CONSULTANT__MODEL__ENABLED", "false");
    let catalog = include_str!("../../config/catalog.yaml");
    operator.writes("config/catalog.yaml", catalog);
    operator.writes("config/faq.yaml", include_str!("../../config/faq.yaml"));
    let programs = operator.folder().join("programs");
    std::fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_light"), programs.join("consultant")).unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.display());
    operator.with("PATH", path)
}

#[test]
fn a_newcomer_sees_what_the_tutorial_shows() {
    let newcomer = newcomer();
    let mut commands = 0;
    for block in blocks(TUTORIAL) {
        let words: Vec<&str> = block.info.split(' ').collect();
        match words.as_slice() {
            [_, "write", file] => newcomer.writes(file, &block.text),
            [_, "add", file] => {
                let text = format!("{}{}", read(&newcomer, file), block.text);
                newcomer.writes(file, &text);
            }
            [_, "put", file] => newcomer.writes(file, &put(read(&newcomer, file), &block.text)),
            ["console"] => commands += run_all(&newcomer, &block),
            ["" | "sh" | "text" | "rhai" | "yaml"] => {}
            _ => panic!("tutorial.md:{}: what is `{}`?", block.line, block.info),
        }
    }
    assert!(commands >= 8, "only {commands} commands were found");
}

fn read(newcomer: &Operator, file: &str) -> String {
    std::fs::read_to_string(newcomer.folder().join(file)).unwrap_or_default()
}

/// Puts functions into a script, each in the place of the one of its name, or else at its end.
fn put(mut script: String, functions: &str) -> String {
    for function in functions.split("\n\n") {
        let function = function.trim_end();
        let head = function
            .lines()
            .find(|line| line.starts_with("fn "))
            .expect("a function");
        let name = head.split('(').next().expect("its name");
        let begin = script.find(&format!("{name}("));
        let end = begin.and_then(|at| Some(at + script.get(at..)?.find("\n}\n")? + 3));
        match begin.zip(end) {
            Some((begin, end)) => script.replace_range(begin..end, &format!("{function}\n")),
            None => script.push_str(&format!("\n{function}\n")),
        }
    }
    script
}

/// Runs the commands of a block; how many there were.
fn run_all(newcomer: &Operator, block: &Block<'_>) -> usize {
    let commands = block.text.strip_prefix("$ ").expect("a command after `$ `");
    let commands = commands.split("\n$ ");
    let mut count = 0;
    for command in commands {
        let (command, shown) = command.split_once('\n').unwrap_or((command, ""));
        let ran = newcomer.runs(&["-c", command], "");
        let printed = format!("{}{}", ran.stdout(), ran.stderr());
        assert!(
            is_shown(printed.trim_end(), shown.trim_end()),
            "tutorial.md:{}: `{command}` prints\n{printed}\nand not\n{shown}",
            block.line
        );
        count += 1;
    }
    count
}

/// Whether a text is what is shown of it, with `…` for what is left out.
fn is_shown(printed: &str, shown: &str) -> bool {
    let mut pieces: Vec<&str> = shown.split('…').map(str::trim).collect();
    let Some(last) = pieces.pop().filter(|_| !pieces.is_empty()) else {
        return printed == shown;
    };
    let Some(mut rest) = printed.strip_suffix(last) else {
        return false;
    };
    for (at, piece) in pieces.iter().enumerate() {
        let Some((before, after)) = rest.split_once(piece) else {
            return false;
        };
        if at == 0 && !before.is_empty() {
            return false;
        }
        rest = after;
    }
    true
}

#[track_caller]
fn check(printed: &str, shown: &str, expect: bool) {
    assert_eq!(is_shown(printed, shown), expect, "{shown:?} of {printed:?}");
}

#[test]
fn only_what_is_left_out_may_differ() {
    check("a\nb\nc", "a\nb\nc", true);
    check("a\nb\nc", "a\n…\nc", true);
    check("a\nb\nc", "a\n…", true);
    check("a\nb\nc", "…\nc", true);
    check("a\nb\nc", "a\nb", false);
    check("a\nb\nc", "b\nc", false);
    check("a\nb\nc", "a\n…\nb", false);
    check("a\nb\nc", "a\n…\nd", false);
}

#[test]
fn a_function_is_put_in_the_place_of_its_name() {
    let script = "fn a() {\n    1\n}\n\nfn b() {\n    2\n}\n".to_owned();
    let changed = put(script, "fn a() {\n    3\n}\n\nfn c() {\n    4\n}\n");
    let expected = "fn a() {\n    3\n}\n\nfn b() {\n    2\n}\n\nfn c() {\n    4\n}\n";
    assert_eq!(changed, expected);
}
