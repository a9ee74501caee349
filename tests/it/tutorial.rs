//! What newcomers read, done as it says: every file is written, every command is run, and what is
//! shown must come. That is the tutorial, and the README's way of a change to customers.
//!
//! A block of code says in its first line what happens with it:
//!
//! - `sh` holds commands that must succeed; `cd` is remembered.
//! - `rhai write FILE` makes the file; `rhai put FILE` puts functions into it, each in the place
//!   of the one of its name, or else at its end; `yaml add FILE` adds to its end.
//! - `console` holds commands after `$ `, each with all that it prints. A `…` stands for what is
//!   left out.

use consultant_tests::binary::{Operator, Ran};

const TUTORIAL: &str = include_str!("../../docs/tutorial.md");
const README: &str = include_str!("../../README.md");

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
                .flat_map(|line| [line, "\n"])
                .collect();
            let line = at + 1;
            blocks.push(Block { line, info, text });
        }
    }
    blocks
}

/// A newcomer, with `consultant` within reach.
struct Newcomer {
    operator: Operator,
    /// The folder in which they are, below the operator's own.
    folder: String,
}

impl Newcomer {
    fn arrives() -> Self {
        let operator = Operator::of("/bin/sh").with("CONSULTANT__MODEL__ENABLED", "false");
        let programs = operator.folder().join("programs");
        std::fs::create_dir(&programs).unwrap();
        let program = programs.join("consultant");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_light"), program).unwrap();
        let path = format!("{}:/usr/bin:/bin", programs.display());
        Self {
            operator: operator.with("PATH", path),
            folder: ".".to_owned(),
        }
    }

    fn writes(&self, file: &str, text: &str) {
        self.operator
            .writes(&format!("{}/{file}", self.folder), text);
    }

    fn reads(&self, file: &str) -> String {
        let path = self.operator.folder().join(&self.folder).join(file);
        std::fs::read_to_string(path).unwrap_or_default()
    }

    fn runs(&self, command: &str) -> Ran {
        let command = format!("cd '{}' && {command}", self.folder);
        self.operator.runs(&["-c", &command], "")
    }

    /// Does what a block of code says; how many commands were compared with what they print.
    fn does(&mut self, block: &Block<'_>) -> usize {
        let words: Vec<&str> = block.info.split(' ').collect();
        match words.as_slice() {
            ["sh"] => block.text.lines().for_each(|line| self.obeys(line)),
            ["console"] => return self.compares(block),
            [_, "write", file] => self.writes(file, &block.text),
            [_, "add", file] => {
                self.writes(file, &format!("{}{}", self.reads(file), block.text));
            }
            [_, "put", file] => self.writes(file, &put(self.reads(file), &block.text)),
            _ => panic!("line {}: what is `{}`?", block.line, block.info),
        }
        0
    }

    fn obeys(&mut self, command: &str) {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.folder = format!("{}/{folder}", self.folder);
        } else {
            assert_eq!(self.runs(command).well().code(), 0);
        }
    }

    /// Runs the commands of a block and compares; how many there were.
    fn compares(&self, block: &Block<'_>) -> usize {
        let commands = block.text.strip_prefix("$ ").expect("a command after `$ `");
        let commands: Vec<&str> = commands.split("\n$ ").collect();
        for command in &commands {
            let (command, shown) = command.split_once('\n').unwrap_or((command, ""));
            let ran = self.runs(command);
            let printed = format!("{}{}", ran.stdout(), ran.stderr());
            assert!(
                is_shown(printed.trim(), shown.trim()),
                "line {}: `{command}` prints\n{printed}\nand not\n{shown}",
                block.line
            );
        }
        commands.len()
    }
}

#[test]
fn a_newcomer_sees_what_the_tutorial_shows() {
    let mut newcomer = Newcomer::arrives();
    let blocks = blocks(TUTORIAL);
    let compared: usize = blocks.iter().map(|block| newcomer.does(block)).sum();
    assert!(compared >= 12, "only {compared} commands were compared");
}

#[test]
fn a_change_comes_to_customers_and_is_taken_back_as_the_readme_shows() {
    let begin = README.find("## From a change to customers").unwrap();
    let section = README.get(begin..).unwrap();
    let end = section.find("\n## ").unwrap();
    let mut newcomer = Newcomer::arrives();
    let blocks = blocks(section.get(..end).unwrap());
    let compared: usize = blocks.iter().map(|block| newcomer.does(block)).sum();
    assert!(compared >= 16, "only {compared} commands were compared");
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
            None => script.extend(["\n", function, "\n"]),
        }
    }
    script
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
