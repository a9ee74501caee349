//! Somebody else's words as they were typed: nothing in them becomes bold, a list, a quote, a spoiler,
//! an emoji or a mention.
//!
//! A text is cut to Discord's limit before it comes here, and a backslash before a character takes
//! the room of one. So backslashes are written as long as there is room for them, and after that
//! signs that only look alike, which take none: whatever fitted before fits behind it.

use std::mem;

/// What begins an address of the web, which Discord shows as it is, whatever stands in it.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// The text with everything that Discord's Markdown reads taken literally, in at most `most_chars`
/// characters if it had no more before.
pub(super) fn literal(text: &str, most_chars: usize) -> String {
    let mut room = most_chars.saturating_sub(text.chars().count());
    let mut shown = String::with_capacity(text.len());
    let mut line = Line::Begins;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(address) = address(rest) {
            shown.push_str(address);
            rest = rest.strip_prefix(address).unwrap_or_default();
            line = Line::Goes;
            // A backslash here would belong to the address.
            if let Some(behind) = rest.strip_prefix('<') {
                shown.extend(alike('<'));
                rest = behind;
            }
            continue;
        }
        rest = rest.strip_prefix(c).unwrap_or_default();
        match line.read(c, rest.chars().next()) {
            None => shown.push(c),
            Some(alike) if room == 0 => shown.push(alike),
            Some(_) => {
                room -= 1;
                shown.extend(['\\', c]);
            }
        }
    }
    shown
}

/// How far a line is, as far as lists, quotes and headings care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Only spaces so far.
    Begins,
    /// Then only digits.
    Counts,
    Goes,
}

impl Line {
    /// Goes on by a character. Returns what looks like it, if Discord would read more in it.
    fn read(&mut self, c: char, next: Option<char>) -> Option<char> {
        let after = match (*self, c) {
            (_, '\n') => Self::Begins,
            (Self::Begins, c) if c.is_whitespace() => Self::Begins,
            (Self::Begins | Self::Counts, c) if c.is_ascii_digit() => Self::Counts,
            _ => Self::Goes,
        };
        let before = mem::replace(self, after);
        let in_name = |c: char| c.is_ascii_alphanumeric() || "_+-".contains(c);
        let means = match c {
            '#' | '-' | '>' => before == Self::Begins,
            '.' => before == Self::Counts,
            ':' => next.is_some_and(in_name),
            _ => true,
        };
        alike(c).filter(|_| means)
    }
}

/// The address that the text begins with, by Discord's own rule: up to a space or `<`. Punctuation
/// at its end is none of it, but stands as it is too.
fn address(text: &str) -> Option<&str> {
    let scheme = SCHEMES
        .into_iter()
        .find(|scheme| text.starts_with(scheme))?;
    let ends = |c: char| c.is_whitespace() || c == '<';
    let whole = text.split(ends).next()?;
    let address = whole.trim_end_matches(['.', ',', ':', ';', '"', '\'', ']']);
    (address.len() > scheme.len() + 1).then_some(whole)
}

/// A sign of the same look that means nothing to Discord.
const fn alike(c: char) -> Option<char> {
    Some(match c {
        '\\' => '\u{ff3c}',
        '*' => '\u{2217}',
        '_' => '\u{ff3f}',
        '~' => '\u{223c}',
        '`' => '\u{2cb}',
        '|' => '\u{2223}',
        '<' => '\u{2039}',
        '[' => '\u{ff3b}',
        ']' => '\u{ff3d}',
        '@' => '\u{ff20}',
        ':' => '\u{2236}',
        '#' => '\u{ff03}',
        '-' => '\u{2010}',
        '>' => '\u{203a}',
        '.' => '\u{2024}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(literal(text, 2_000), expect);
    }

    #[test]
    fn every_sign_of_markdown_is_a_letter() {
        check(
            "**b** _i_ ~~s~~ ||x||",
            r"\*\*b\*\* \_i\_ \~\~s\~\~ \|\|x\|\|",
        );
        check("`c` ```js\nx```", "\\`c\\` \\`\\`\\`js\nx\\`\\`\\`");
        check(
            "[a](b) <@7> <#7> <:a:7>",
            r"\[a\](b) \<\@7> \<#7> \<\:a\:7>",
        );
        check("@everyone :smile: 12:30", r"\@everyone \:smile: 12\:30");
        check("¯\\_(ツ)_/¯", r"¯\\\_(ツ)\_/¯");
    }

    #[test]
    fn what_means_something_only_at_a_lines_beginning_is_marked_there_alone() {
        check("> a > b", r"\> a > b");
        check("# a # b\n  - c - d\n-# e", "\\# a # b\n  \\- c - d\n\\-# e");
        check("1. a 2. b\n 12. c", "1\\. a 2. b\n 12\\. c");
        check("Really. 1-2 #3", "Really. 1-2 #3");
    }

    #[test]
    fn addresses_stay_ones_that_can_be_opened() {
        check(
            "see https://example.org/a_b_c*?x=[1].",
            r"see https://example.org/a_b_c*?x=[1].",
        );
        check("_http://a.b_ c_", r"\_http://a.b_ c\_");
        check("https://", r"https://");
        check("https://a.b<@7>", r"https://a.b‹\@7>");
    }

    #[test]
    fn where_there_is_no_room_for_backslashes_signs_only_look_alike() {
        assert_eq!(literal("*a* *b*", 9), r"\*a\* ∗b∗");
        assert_eq!(literal("<@7>", 4), "‹＠7>");
    }

    /// What Discord shows of it.
    fn read(text: &str) -> String {
        let mut chars = text.chars();
        let mut read = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\\' => read.extend(chars.next()),
                c => read.push(c),
            }
        }
        read
    }

    proptest! {
        #[test]
        fn it_reads_as_it_was_typed_and_fits(text in "[*_~`|<>@#:.\\\\\\[\\]()a1 灯😀\n-]{0,60}", room in 0_usize..70) {
            let chars = text.chars().count();
            let shown = literal(&text, chars + room);
            prop_assert!(shown.chars().count() <= chars + room);
            if room >= chars {
                prop_assert_eq!(read(&shown), text);
            }
        }
    }
}
