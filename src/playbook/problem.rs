//! What is wrong with a script, and where. A later step draws the caret; everything it needs is
//! here, counted in characters, because a manager's editor counts so too.

use std::{fmt, ops::Range};

use rhai::Position;

use crate::lint::{Lint, Severity};

/// One thing that is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of mistake it is.
    pub lint: Lint,
    /// The script, as it was named to the compiler.
    pub file: String,
    /// The line, from 1; `None` where the problem is with the file as a whole.
    pub line: Option<usize>,
    /// The column in characters, from 1; `None` where only the line is known.
    pub column: Option<usize>,
    /// How many characters are wrong, at least 1.
    pub length: usize,
    /// What is wrong, with the value that is wrong.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem with a file as a whole. What playbooks declare is judged in many places, so that
    /// is the lint of a problem until [`Problem::of`] names another.
    pub(crate) fn with_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            lint: Lint::WrongDeclaration,
            file: file.to_owned(),
            line: None,
            column: None,
            length: 1,
            message: message.into(),
            hint: None,
        }
    }

    /// A problem at a place in a source, covering the word or string that stands there.
    pub(crate) fn at(
        file: &str,
        source: &str,
        position: Position,
        message: impl Into<String>,
    ) -> Self {
        let line = position.line();
        let column = position.position();
        let length = match (line, column) {
            (Some(line), Some(column)) => token_length(source, line, column),
            _ => 1,
        };
        Self {
            line,
            column,
            length,
            ..Self::with_file(file, message)
        }
    }

    /// The same problem, of this kind.
    #[must_use]
    pub(crate) fn of(mut self, lint: Lint) -> Self {
        self.lint = lint;
        self
    }

    /// The same problem, in these words.
    #[must_use]
    pub(crate) fn says(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// The same problem of a string, where only some words of the string are wrong. Words that are
    /// written otherwise in the source (as escapes) leave the place as it is.
    #[must_use]
    pub(crate) fn narrowed(mut self, source: &str, string: &str, words: &str) -> Self {
        // Quotes and escapes make a string longer in the source than it is.
        const ROOM: usize = 64;
        let start = self.byte_range(source).map(|range| range.start);
        let Some(rest) = start.and_then(|start| source.get(start..)) else {
            return self;
        };
        let window: String = rest.chars().take(string.chars().count() + ROOM).collect();
        if let Some((before, _)) = window.split_once(words) {
            let (column, length) = (before.chars().count(), words.chars().count());
            match before.rsplit_once('\n') {
                Some((above, last)) => {
                    let lines = above.matches('\n').count() + 1;
                    self.line = self.line.map(|line| line + lines);
                    self.column = Some(last.chars().count() + 1);
                }
                None => self.column = self.column.map(|at| at + column),
            }
            self.length = length.max(1);
        }
        self
    }

    /// Whether it keeps the playbook from going live.
    pub fn is_error(&self) -> bool {
        self.lint.severity() == Severity::Error
    }

    /// The same problem with a way out.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The bytes of `source` that are wrong, on character boundaries, for a renderer that counts
    /// bytes. `None` where the line is not known or not in this source.
    pub fn byte_range(&self, source: &str) -> Option<Range<usize>> {
        let line_start = line_start(source, self.line?)?;
        let (_, rest) = source.split_at_checked(line_start)?;
        let mut bounds = rest
            .char_indices()
            .map(|(at, _)| line_start + at)
            .skip(self.column.unwrap_or(1).saturating_sub(1));
        let start = bounds.next().unwrap_or(source.len());
        let end = bounds
            .nth(self.length.saturating_sub(1))
            .unwrap_or(source.len());
        Some(start..end)
    }
}

impl fmt::Display for Problem {
    /// `scripts/playbooks/demo.rhai:3:5: there is no function …`, and the hint on its own line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// The closest of `known` to a mistyped `word`, if one is close.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const CLOSE: f64 = 0.7;
    known
        .into_iter()
        .map(|name| (name, strsim::normalized_damerau_levenshtein(word, name)))
        .filter(|(_, likeness)| *likeness >= CLOSE)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(name, _)| name)
}

/// More names than these are not listed in a hint.
const MOST_LISTED: usize = 12;

/// ``did you mean `x`?``, or all that there is: ``write one of `a`, `b` ``.
pub(crate) fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "there are none".to_owned(),
        None if known.len() > MOST_LISTED => format!("none of the {} is close", known.len()),
        None => format!("write one of `{}`", known.join("`, `")),
    }
}

fn line_start(source: &str, line: usize) -> Option<usize> {
    let before = line.checked_sub(1)?;
    if before == 0 {
        return Some(0);
    }
    source
        .match_indices('\n')
        .nth(before - 1)
        .map(|(at, _)| at + 1)
}

/// Characters of the identifier, or of the string with its quotes, that begins here; else 1.
fn token_length(source: &str, line: usize, column: usize) -> usize {
    let mut rest = source
        .lines()
        .nth(line.saturating_sub(1))
        .unwrap_or_default()
        .chars()
        .skip(column.saturating_sub(1));
    match rest.next() {
        Some(quote @ ('"' | '`')) => string_length(quote, rest),
        Some(first) if is_word(first) => 1 + rest.take_while(|next| is_word(*next)).count(),
        _ => 1,
    }
}

fn string_length(quote: char, rest: impl Iterator<Item = char>) -> usize {
    let mut escaped = false;
    let mut length = 1;
    for next in rest {
        length += 1;
        if next == quote && !escaped {
            break;
        }
        escaped = next == '\\' && !escaped;
    }
    length
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn a() {\n    say(\"你好 \\\"x\\\"\"); anwser()\n}";

    #[track_caller]
    fn check(line: u16, column: u16, marked: &str) {
        let problem = Problem::at("x.rhai", SOURCE, Position::new(line, column), "wrong");
        let range = problem.byte_range(SOURCE).unwrap();
        assert_eq!(SOURCE.get(range), Some(marked));
        assert_eq!(problem.length, marked.chars().count());
    }

    #[test]
    fn a_problem_covers_the_word_or_string_at_its_place() {
        check(1, 1, "fn");
        check(2, 5, "say");
        check(2, 9, "\"你好 \\\"x\\\"\"");
        check(2, 22, "anwser");
        check(3, 1, "}");
    }

    #[track_caller]
    fn check_narrowed(source: &str, words: &str, marked: &str) {
        let whole = Problem::at("x.rhai", source, Position::new(1, 1), "wrong");
        let narrow = whole.narrowed(source, source, words);
        let range = narrow.byte_range(source).unwrap();
        assert_eq!(source.get(range), Some(marked));
    }

    #[test]
    fn a_problem_can_be_narrowed_to_words_of_its_string() {
        check_narrowed("\"你好 49 EUR!\"", "49 EUR", "49 EUR");
        check_narrowed("`one\ntwo\n 49 EUR`", "49 EUR", "49 EUR");
        check_narrowed("\"49\\u20ac\"", "49€", "\"49\\u20ac\"");
    }

    #[test]
    fn a_place_outside_the_source_is_no_panic() {
        let problem = Problem::at("x.rhai", SOURCE, Position::new(900, 900), "wrong");
        assert_eq!(problem.byte_range(SOURCE), None);
        let problem = Problem::at("x.rhai", SOURCE, Position::new(3, 90), "wrong");
        assert_eq!(problem.byte_range(SOURCE), Some(SOURCE.len()..SOURCE.len()));
        assert_eq!(Problem::with_file("x", "wrong").byte_range(SOURCE), None);
    }

    #[test]
    fn a_near_miss_is_suggested_and_a_far_one_is_not() {
        assert_eq!(nearest("anwser", ["answer", "ask"]), Some("answer"));
        assert_eq!(nearest("discount_for_friends", ["answer", "ask"]), None);
        assert_eq!(
            suggestion("x", &["greet", "close"]),
            "write one of `greet`, `close`"
        );
    }
}
