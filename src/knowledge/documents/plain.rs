//! Plain text: paragraphs between blank lines, items of lists, and short lines that stand alone,
//! which are headings.

use consultant_core::At;

use super::block::{Block, Headings, Parsed, tidy};

/// The longest line that can be a heading, in characters.
const HEADING_CHARS: usize = 60;

/// Reads plain text.
pub(super) fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut headings = Headings::default();
    // A heading with nothing below it is a line like any other.
    let mut waiting: Option<Paragraph> = None;
    for paragraph in paragraphs(text) {
        if paragraph.is_heading() {
            let before = waiting.replace(paragraph);
            match before {
                // The first of two headings at the top is the title.
                Some(title) if parsed.title.is_none() && parsed.blocks.is_empty() => {
                    parsed.title = Some(title.text);
                }
                Some(line) => parsed.blocks.push(line.block(&headings)),
                None => {}
            }
            continue;
        }
        if let Some(heading) = waiting.take() {
            headings.enter(1, &heading.text);
        }
        parsed.blocks.push(paragraph.block(&headings));
    }
    parsed.blocks.extend(waiting.map(|it| it.block(&headings)));
    parsed
}

/// Lines that belong together.
struct Paragraph {
    text: String,
    /// The first one's number, from 1.
    line: usize,
    lines: usize,
}

impl Paragraph {
    fn is_heading(&self) -> bool {
        let text = tidy(&self.text);
        let ends = ['.', '!', '?', ',', ';', '。', '！', '？', '，', '；', '…'];
        self.lines == 1
            && !is_item(&text)
            && !text.ends_with(ends)
            && text.chars().count() <= HEADING_CHARS
            && text.chars().any(char::is_alphabetic)
            // "Phone: 030 123": what says something is no heading.
            && !text.chars().any(|it| it.is_ascii_digit() || it == '@')
    }

    fn block(self, headings: &Headings) -> Block {
        Block {
            headings: headings.path(),
            at: Some(At::Line(self.line)),
            text: tidy(&self.text),
            alone: false,
        }
    }
}

fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut begins = true;
    for (number, line) in (1..).zip(text.lines()) {
        let bare = tidy(line);
        if bare.is_empty() {
            begins = true;
            continue;
        }
        match paragraphs.last_mut() {
            Some(last) if !begins && !is_item(&bare) => {
                last.text.push('\n');
                last.text.push_str(&bare);
                last.lines += 1;
            }
            _ => paragraphs.push(Paragraph {
                text: bare,
                line: number,
                lines: 1,
            }),
        }
        begins = false;
    }
    paragraphs
}

/// `- `, `* `, `• ` or `1. ` at the start of a line.
fn is_item(line: &str) -> bool {
    let number = line.split_once(['.', ')']).is_some_and(|(number, rest)| {
        let digits = number.chars().all(|it| it.is_ascii_digit());
        digits && (1..=3).contains(&number.len()) && rest.starts_with(' ')
    });
    number
        || ["- ", "* ", "• ", "– "]
            .iter()
            .any(|it| line.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, &str, usize)]) {
        let blocks = parse(text).blocks;
        let found: Vec<_> = blocks
            .iter()
            .map(|block| {
                let line = match block.at {
                    Some(At::Line(line)) => line,
                    _ => 0,
                };
                (block.headings.join(" > "), block.text.as_str(), line)
            })
            .collect();
        let found: Vec<_> = found.iter().map(|(a, b, c)| (a.as_str(), *b, *c)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn short_lines_that_stand_alone_are_headings() {
        check(
            "\r\nReturns\r\n\r\nSend it back\r\nwithin 14 days.\r\n- unused\r\n- complete\r\n\r\n\
             Contact\r\n\r\nPhone: 030 123\r\n",
            &[
                ("Returns", "Send it back within 14 days.", 4),
                ("Returns", "- unused", 6),
                ("Returns", "- complete", 7),
                ("Contact", "Phone: 030 123", 11),
            ],
        );
    }

    #[test]
    fn a_heading_with_nothing_below_is_a_line_and_at_the_top_the_title() {
        check(
            "One

Text.

Two

Three",
            &[("One", "Text.", 3), ("One", "Two", 5), ("One", "Three", 7)],
        );
        check(
            "House

One

Text.",
            &[("One", "Text.", 5)],
        );
        assert_eq!(
            parse(
                "House

One

Text."
            )
            .title
            .as_deref(),
            Some("House")
        );
        check("", &[]);
    }
}
