//! A question that a script asked in a turn, how it fell, and what of the turn it looked at.

use consultant_playbook::{Question, Way};
use serde::Serialize;

/// The longest text of a question or of a value, in characters.
const MOST_CHARS: usize = 100;

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Asked {
    /// The script.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// As it is written.
    pub(crate) text: String,
    /// How it fell: `no`, or `yes 2 times, no once`.
    pub(crate) fell: String,
    /// What it looked at, each with its value in this turn: `turn.intent`, `"price"`. What a long
    /// call is given stands in the text already.
    pub(crate) values: Vec<(String, String)>,
}

impl Asked {
    /// A question with what it looked at. `value` tells what an expression was worth, `line` what
    /// stands in a line of the same script.
    pub(crate) fn of(
        question: &Question,
        value: impl Fn(&str) -> Option<String>,
        line: impl Fn(usize) -> Option<String>,
    ) -> Self {
        let named = expressions(&question.text);
        let worth = named
            .into_iter()
            .filter_map(|it| Some((called(&it), shortened(&value(&it)?))));
        Self {
            file: question.file.clone(),
            line: question.line,
            text: shortened(&question.text),
            fell: fell(&question.taken, line),
            values: worth.collect(),
        }
    }
}

/// What an expression is called beside its value.
fn called(expression: &str) -> String {
    const LONG: usize = 40;
    match (expression.find('('), expression.rfind(')')) {
        (Some(open), Some(close)) if expression.len() > LONG => {
            let name = expression.get(..open).unwrap_or_default();
            let rest = expression.get(close + 1..).unwrap_or_default();
            format!("{name}(…){rest}")
        }
        _ => expression.to_owned(),
    }
}

/// How a question fell, in words.
fn fell(taken: &[Way], line: impl Fn(usize) -> Option<String>) -> String {
    let ways: Vec<String> = match taken {
        [] => return "not told".to_owned(),
        [one] if one.times == 1 => return way(one, &line),
        several => several
            .iter()
            .map(|it| format!("{} {}", way(it, &line), times(it.times)))
            .collect(),
    };
    ways.join(", ")
}

fn times(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

fn way(way: &Way, line: &impl Fn(usize) -> Option<String>) -> String {
    match way.what {
        "if" => "yes".to_owned(),
        "else of if" => "no".to_owned(),
        "loop with something to do" => "something to do".to_owned(),
        "loop with nothing to do" => "nothing to do".to_owned(),
        "catch" => "failed, and was caught".to_owned(),
        "no arm of switch" => "no arm".to_owned(),
        _ => {
            let label = line(way.line).and_then(|text| label(&text));
            label.unwrap_or_else(|| format!("the arm in line {}", way.line))
        }
    }
}

/// What stands before `=>`: `"price" | "stock"`.
fn label(line: &str) -> Option<String> {
    let (label, _) = line.split_once("=>")?;
    Some(shortened(label.trim())).filter(|label| !label.is_empty())
}

/// Cut in the middle of nothing: what is too long ends with `…`.
fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(MOST_CHARS).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

/// What a question looks at of its turn, each once, in order: `turn.intent`, `turn.slots.seats`,
/// `turn.can_go("offer")`. A call is one if all that it is given stands there in quotes or as a
/// number; otherwise what it is called on is.
fn expressions(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let outside = without_strings(text);
    for (at, _) in outside.match_indices("turn.") {
        let before = outside.get(..at).and_then(|it| it.chars().next_back());
        if before.is_some_and(|it| is_word(it) || it == '.') {
            continue;
        }
        let length = outside.get(at..).map_or(0, path);
        let named = text.get(at..at + length).filter(|it| !it.is_empty());
        if let Some(named) = named.filter(|it| !found.iter().any(|other| other == it)) {
            found.push(named.to_owned());
        }
    }
    found
}

/// How long the path is that a text begins with, in bytes; 0 where nothing of it is known. Strings
/// are blanked out.
fn path(text: &str) -> usize {
    let mut end = "turn".len();
    while let Some(rest) = text.get(end..) {
        let Some(name) = rest.strip_prefix('.').map(word).filter(|it| *it > 0) else {
            break;
        };
        let after = end + 1 + name;
        match text.get(after..).map_or(Call::None, call) {
            Call::Known(length) => end = after + length,
            Call::Unknown => break,
            Call::None => end = after,
        }
    }
    if end > "turn".len() { end } else { 0 }
}

/// What stands behind the name of a method.
enum Call {
    /// No call.
    None,
    /// A call with what only the script knows.
    Unknown,
    /// A call with what is written there; how long it is, in bytes.
    Known(usize),
}

fn call(text: &str) -> Call {
    let Some(inside) = text.strip_prefix('(') else {
        return Call::None;
    };
    let known =
        |it: &char| it.is_ascii_digit() || matches!(it, '"' | ',' | ' ' | '.' | '-' | '[' | ']');
    let length: usize = inside.chars().take_while(known).map(char::len_utf8).sum();
    let closes = inside.get(length..).is_some_and(|it| it.starts_with(')'));
    if closes {
        Call::Known(length + 2)
    } else {
        Call::Unknown
    }
}

/// The text with what stands in strings blanked out byte by byte, so that places stay the same.
fn without_strings(text: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    let blanked = text.chars().map(|character| {
        let ends = quote == Some(character) && !escaped;
        let inside = quote.is_some() && !ends;
        if quote.is_none() && matches!(character, '"' | '`') {
            quote = Some(character);
        } else if ends {
            quote = None;
        }
        escaped = inside && character == '\\' && !escaped;
        if inside {
            "-".repeat(character.len_utf8())
        } else {
            character.to_string()
        }
    });
    blanked.collect()
}

/// How long the word at the beginning is, in bytes.
fn word(text: &str) -> usize {
    text.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(expressions(text), expected, "{text}");
    }

    #[test]
    fn what_a_question_looks_at_is_named_each_once() {
        check("if turn.intent == \"person\"", &["turn.intent"]);
        check(
            "if turn.intent == \"a\" || turn.intent == \"b\" && !turn.escalated",
            &["turn.intent", "turn.escalated"],
        );
        check(
            "if turn.slots.seats > 5 && turn.products.len == 0",
            &["turn.slots.seats", "turn.products.len"],
        );
        check("if quantity > 3", &[]);
        check("if my_turn.intent == 1 || other.turn.text == 2", &[]);
    }

    #[test]
    fn calls_count_where_all_that_they_are_given_is_known() {
        check("if turn.can_go(\"offer\")", &["turn.can_go(\"offer\")"]);
        check(
            "if turn.says([\"a\", \"b\"]) && turn.missing_for(\"退货\").len > 0",
            &[
                "turn.says([\"a\", \"b\"])",
                "turn.missing_for(\"退货\").len",
            ],
        );
        check("if turn.products.contains(product)", &["turn.products"]);
        check("if turn.can_go(stage) || turn.can_go(`${stage}`)", &[]);
    }

    #[test]
    fn what_stands_in_quotes_is_no_question() {
        check("if \"turn.intent\" == turn.text", &["turn.text"]);
        check(
            "if `a \" turn.stage` == turn.text || \"\\\" turn.stage\" == 1",
            &["turn.text"],
        );
    }

    fn taken(ways: &[(&'static str, u64)]) -> Vec<Way> {
        let way = |(what, times): &(&'static str, u64)| Way {
            what,
            line: 4,
            times: *times,
        };
        ways.iter().map(way).collect()
    }

    #[test]
    fn how_a_question_fell_is_said_in_words() {
        let arms = |_| Some("    \"price\" | \"stock\" => {".to_owned());
        assert_eq!(fell(&taken(&[("else of if", 1)]), arms), "no");
        let both = taken(&[("if", 2), ("else of if", 1)]);
        assert_eq!(fell(&both, arms), "yes twice, no once");
        let arm = taken(&[("arm of switch", 1)]);
        assert_eq!(fell(&arm, arms), "\"price\" | \"stock\"");
        assert_eq!(fell(&arm, |_| None), "the arm in line 4");
        assert_eq!(fell(&[], arms), "not told");
    }

    #[test]
    fn what_a_long_call_is_given_is_not_said_twice() {
        let long = "turn.says([\"anybody there\", \"anyone there\", \"有人在吗\"]).len";
        assert_eq!(called(long), "turn.says(…).len");
        assert_eq!(called("turn.can_go(\"offer\")"), "turn.can_go(\"offer\")");
    }

    #[test]
    fn long_values_are_cut() {
        let question = Question {
            file: "x.rhai".to_owned(),
            line: 3,
            text: "if turn.text == turn.category".to_owned(),
            taken: taken(&[("if", 1)]),
        };
        let value = |it: &str| (it == "turn.text").then(|| "好".repeat(200));
        let asked = Asked::of(&question, value, |_| None);
        let [(name, value)] = asked.values.as_slice() else {
            panic!("{asked:?}");
        };
        assert_eq!(name, "turn.text");
        assert_eq!(value.chars().count(), MOST_CHARS + 1);
    }
}
