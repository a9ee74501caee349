//! What every format is read into: blocks of text, each with its place.

use std::fmt::Write;

use consultant_core::At;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::text::{is_han, is_invisible};

/// The longest heading or title, in characters; the rest of one is left out.
const MAX_HEADING_CHARS: usize = 120;

/// A document as its format says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parsed {
    /// What it calls itself.
    pub title: Option<String>,
    /// The language that it says it is in: a tag such as `en-GB`.
    pub language: Option<String>,
    /// What it says, in its order.
    pub blocks: Vec<Block>,
}

/// A paragraph, an item of a list, a row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The headings above it, the outermost first.
    pub headings: Vec<String>,
    /// Where it begins, where there are lines or pages.
    pub at: Option<At>,
    /// What it says, tidied.
    pub text: String,
    /// Whether it stands for itself, as a row of a table does.
    pub alone: bool,
}

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRead {
    /// What is wrong with it.
    pub message: String,
    /// What to try.
    pub hint: String,
    /// The line, from 1, where there are lines.
    pub line: Option<usize>,
}

impl NotRead {
    /// A problem of the whole document.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
            line: None,
        }
    }

    pub(super) fn in_line(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }
}

/// Tells the line of a place in a text. Places have to come in their order: each line is counted once.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    /// How far they were counted, in bytes, and the line there.
    counted: (usize, usize),
}

impl<'a> Lines<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            counted: (0, 1),
        }
    }

    /// The line, from 1, of a byte.
    pub(super) fn of(&mut self, at: usize) -> usize {
        let (from, line) = self.counted;
        if let Some(between) = self.text.get(from..at) {
            self.counted = (at, line + between.matches('\n').count());
        }
        self.counted.1
    }
}

/// The headings above the place that a reader has come to.
#[derive(Debug, Default)]
pub(super) struct Headings(Vec<(usize, String)>);

impl Headings {
    /// A heading of a level; it ends those of its level and below.
    pub(super) fn enter(&mut self, level: usize, text: &str) {
        let text = heading(text);
        self.0.retain(|(above, _)| *above < level);
        if !text.is_empty() {
            self.0.push((level, text));
        }
    }

    /// The path, the outermost first.
    pub(super) fn path(&self) -> Vec<String> {
        self.0.iter().map(|(_, text)| text.clone()).collect()
    }
}

/// A heading or a title: on one line, and not endless.
pub(super) fn heading(text: &str) -> String {
    let tidy = tidy(text);
    let short: String = tidy.chars().take(MAX_HEADING_CHARS).collect();
    short.trim_end().to_owned()
}

/// A row of a table as people would say it: `column: value; column: value`. Empty values are left
/// out, and so are the names of columns that have none.
pub(super) fn row(columns: &[String], values: &[String]) -> String {
    let mut said = String::new();
    for (at, value) in values.iter().enumerate() {
        let value = tidy(value);
        if value.is_empty() {
            continue;
        }
        if !said.is_empty() {
            said.push_str("; ");
        }
        match columns
            .get(at)
            .map(|it| tidy(it))
            .filter(|it| !it.is_empty())
        {
            // Writing to a String cannot fail.
            Some(column) => write!(said, "{column}: {value}").ok(),
            None => write!(said, "{value}").ok(),
        };
    }
    said
}

/// Text on one line, in one Unicode form, without anything that cannot be seen. A line end is a
/// space, and nothing at all between Han characters, which are written without spaces.
pub(super) fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut gap = Gap::None;
    for c in text.nfc().flat_map(whole) {
        if c.is_whitespace() {
            gap = gap.max(if c == '\n' { Gap::LineEnd } else { Gap::Space });
        } else if !is_invisible(c) && !c.is_control() {
            let joins = gap == Gap::LineEnd && is_wide(c) && tidy.ends_with(is_wide);
            if gap != Gap::None && !tidy.is_empty() && !joins {
                tidy.push(' ');
            }
            gap = Gap::None;
            tidy.push(c);
        }
    }
    tidy
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    LineEnd,
}

/// Letters that were pressed into one for their looks, and radicals that stand for whole characters,
/// as files that were made to be printed have them.
fn whole(c: char) -> impl Iterator<Item = char> {
    let pressed = matches!(c, '\u{fb00}'..='\u{fb06}' | '\u{2e80}'..='\u{2fdf}');
    let whole: String = if pressed {
        std::iter::once(c).nfkc().collect()
    } else {
        c.to_string()
    };
    whole.chars().collect::<Vec<_>>().into_iter()
}

fn is_wide(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3000}'..='\u{30ff}' | '\u{ff00}'..='\u{ffef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(tidy(text), expect, "{text:?}");
    }

    #[test]
    fn text_is_on_one_line_and_nothing_in_it_is_invisible() {
        check("  two\n lines\t here ", "two lines here");
        check("in\u{202e}visi\u{200b}ble\u{0}\u{7}", "invisible");
        check("e\u{301}", "é");
        check("ﬁnd ⼈", "find 人");
        check("支持退货，\n运费我们承担。", "支持退货，运费我们承担。");
        check("支持 退货\nfree", "支持 退货 free");
        check("", "");
    }

    #[test]
    fn a_heading_ends_those_of_its_level_and_below() {
        let mut headings = Headings::default();
        headings.enter(1, "Shop");
        headings.enter(3, "Deep");
        headings.enter(2, "Returns");
        assert_eq!(headings.path(), ["Shop", "Returns"]);
        headings.enter(1, " ");
        assert_eq!(headings.path(), Vec::<String>::new());
        assert_eq!(heading(&"long ".repeat(100)).chars().count(), 119);
    }

    #[test]
    fn a_row_is_said_column_by_column() {
        let of = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let said = row(&of(&["Zone", "Days", ""]), &of(&["1", "", "free", "extra"]));
        assert_eq!(said, "Zone: 1; free; extra");
    }
}
