//! A customer's text, made fit for everything behind it: one Unicode form, nothing invisible,
//! a bounded length.
//!
//! Whatever arrives is answered, so nothing here is an error: what is odd about a message is its
//! [`TextKind`]. The work is bounded before it begins: only the first [`READ_SCALARS`] are read,
//! so neither 100,000 characters nor a tower of combining marks cost more than a long message.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// The longest text that is read, in graphemes (what people call characters).
pub const MAX_GRAPHEMES: usize = 2_000;

/// The longest text that is read, in Unicode scalar values: eight for each grapheme, which no
/// writing system needs.
pub const READ_SCALARS: usize = 8 * MAX_GRAPHEMES;

/// Combining marks that one character may carry. Vietnamese and pointed Hebrew need three,
/// Tibetan at most six.
pub const MAX_MARKS: usize = 8;

/// A customer's text, cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanText {
    /// NFC, at most [`MAX_GRAPHEMES`], with single spaces, at most one blank line in a row, and
    /// neither control nor invisible characters.
    pub text: String,
    /// What kind of message it is.
    pub kind: TextKind,
}

/// What kind of message a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Something to read.
    Words,
    /// Nothing that can be seen.
    Empty,
    /// Pictures, question marks or other symbols, and nothing to read.
    EmojiOnly,
    /// More than is read: the text was cut.
    TooLong {
        /// How long it was, in graphemes.
        graphemes: usize,
    },
}

/// Cleans a customer's text. Cleaning a clean text changes nothing.
pub fn clean_customer_text(raw: &str) -> CleanText {
    let visible: Vec<char> = raw.chars().take(READ_SCALARS).filter_map(visible).collect();
    let joined = keep_meant_joiners(&visible);
    let tidy = collapse_whitespace(&cap_marks(joined.into_iter().nfc()));
    let text = cut(&tidy);
    let was_cut = text.len() < tidy.len() || raw.chars().nth(READ_SCALARS).is_some();
    let kind = if was_cut {
        let graphemes = raw.graphemes(true).count();
        TextKind::TooLong { graphemes }
    } else {
        kind(&text)
    };
    CleanText { text, kind }
}

fn kind(text: &str) -> TextKind {
    if text.is_empty() {
        TextKind::Empty
    } else if text.split_whitespace().all(is_wordless) {
        TextKind::EmojiOnly
    } else {
        TextKind::Words
    }
}

/// The character as it is kept: line ends in one spelling, the invisible ones gone.
fn visible(c: char) -> Option<char> {
    match c {
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\n' | '\t' => Some(c),
        // A blank Braille cell looks like a space and is not one.
        '\u{2800}' => Some(' '),
        _ if c.is_control() || is_invisible(c) => None,
        _ => Some(c),
    }
}

/// Zero-width and bidirectional format characters, fillers, tags and variation selectors other
/// than the two that choose between an emoji and its text form. ZWJ and ZWNJ are decided later,
/// by their neighbours.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';

/// Drops every joiner that neither builds an emoji nor shapes a script that joins its letters.
/// Of several joiners in a row only the last can mean something.
fn keep_meant_joiners(chars: &[char]) -> Vec<char> {
    let mut kept = Vec::with_capacity(chars.len());
    let mut base = None;
    for (at, &c) in chars.iter().enumerate() {
        if is_joiner(c) && !joins(base, c, chars.get(at + 1).copied()) {
            continue;
        }
        if !is_combining_mark(c) {
            base = Some(c);
        }
        kept.push(c);
    }
    kept
}

pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, ZWNJ | ZWJ)
}

/// Whether a joiner between these two does something that people mean. `before` is the last
/// character that is not a mark, so that reordered marks cannot change the answer.
fn joins(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return false;
    };
    let in_emoji = joiner == ZWJ && is_emoji(before) && is_emoji(after);
    let in_letters = shapes_letters(before) && shapes_letters(after) && !is_combining_mark(after);
    in_emoji || in_letters
}

/// Scripts in which a joiner changes the shape or the meaning of a word: Arabic, Syriac, those of
/// India, Myanmar, Khmer and Mongolian.
fn shapes_letters(c: char) -> bool {
    matches!(c,
        '\u{620}'..='\u{77f}' | '\u{8a0}'..='\u{dff}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{18aa}')
}

fn cap_marks(chars: impl Iterator<Item = char>) -> String {
    let mut marks = 0;
    chars
        .filter(|&c| {
            marks = if is_combining_mark(c) { marks + 1 } else { 0 };
            marks <= MAX_MARKS
        })
        .collect()
}

/// Every run of whitespace becomes one space, one line end or one blank line.
fn collapse_whitespace(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut newlines = None;
    for c in text.chars() {
        if c.is_whitespace() {
            newlines = Some(newlines.unwrap_or(0) + usize::from(c == '\n'));
            continue;
        }
        if let Some(newlines) = newlines.take()
            && !tidy.is_empty()
        {
            tidy.push_str([" ", "\n", "\n\n"][usize::min(newlines, 2)]);
        }
        tidy.push(c);
    }
    tidy
}

/// The first [`MAX_GRAPHEMES`], within [`READ_SCALARS`]. Only a first grapheme that fills the
/// whole allowance by itself is cut inside.
fn cut(text: &str) -> String {
    let mut scalars = 0;
    let kept: String = text
        .graphemes(true)
        .take(MAX_GRAPHEMES)
        .take_while(|grapheme| {
            scalars += grapheme.chars().count();
            scalars <= READ_SCALARS
        })
        .collect();
    let kept = if kept.is_empty() {
        text.chars().take(READ_SCALARS).collect()
    } else {
        kept
    };
    let end = |c: char| c.is_whitespace() || is_joiner(c);
    kept.trim_end_matches(end).to_owned()
}

fn is_wordless(word: &str) -> bool {
    word.graphemes(true).all(|grapheme| {
        !grapheme.chars().any(char::is_alphanumeric)
            || grapheme.chars().any(is_emoji)
            || grapheme.ends_with(['\u{fe0f}', '\u{20e3}']) && grapheme.chars().nth(1).is_some()
    })
}

/// Characters that are a picture by themselves (the blocks of Unicode's `emoji-data.txt`, without
/// the digits in circles).
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{231a}' | '\u{231b}' | '\u{23e9}'..='\u{23f3}' | '\u{23f8}'..='\u{23fa}'
        | '\u{25fd}' | '\u{25fe}' | '\u{2600}'..='\u{2775}' | '\u{2794}'..='\u{27bf}'
        | '\u{2b1b}' | '\u{2b1c}' | '\u{2b50}' | '\u{2b55}' | '\u{1f000}'..='\u{1f0ff}'
        | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f1e6}'..='\u{1f1ff}'
        | '\u{1f201}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::is_nfc;

    use super::*;

    #[track_caller]
    fn check(raw: &str, text: &str, kind: TextKind) {
        let expect = CleanText {
            text: text.to_owned(),
            kind,
        };
        assert_eq!(clean_customer_text(raw), expect);
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        check("How much is it?", "How much is it?", TextKind::Words);
        check("这个多少钱？", "这个多少钱？", TextKind::Words);
        check("كم السعر؟", "كم السعر؟", TextKind::Words);
        check("1 2 3", "1 2 3", TextKind::Words);
    }

    #[test]
    fn whitespace_is_collapsed_and_line_ends_have_one_spelling() {
        check("  a \t b  ", "a b", TextKind::Words);
        check("a\r\nb\u{2028}c", "a\n\nb\nc", TextKind::Words);
        check("a\n \n\n\n b", "a\n\nb", TextKind::Words);
        check("a\u{3000}\u{a0}b\u{2800}", "a b", TextKind::Words);
    }

    #[test]
    fn what_cannot_be_seen_is_removed() {
        check("\0a\u{7}\u{1b}[31mb\u{7f}", "a[31mb", TextKind::Words);
        check("fr\u{200b}e\u{feff}e\u{ad}", "free", TextKind::Words);
        check(
            "\u{202e}abc\u{202c}\u{2066}d\u{2069}",
            "abcd",
            TextKind::Words,
        );
        check("a\u{200d}b\u{200c}c", "abc", TextKind::Words);
        check("hi\u{e0041}\u{e0042}", "hi", TextKind::Words);
        check("\u{200b}\u{3164}\u{2800} \u{200d}", "", TextKind::Empty);
        check("", "", TextKind::Empty);
        check(" \n\t ", "", TextKind::Empty);
    }

    #[test]
    fn joiners_that_people_mean_stay() {
        check("👨‍👩‍👧 👩🏽‍🚀 🏳️‍🌈", "👨‍👩‍👧 👩🏽‍🚀 🏳️‍🌈", TextKind::EmojiOnly);
        check("می‌خواهم", "می‌خواهم", TextKind::Words);
        check("क्‍ष", "क्‍ष", TextKind::Words);
        check("❤\u{200d}x", "❤x", TextKind::Words);
    }

    #[test]
    fn pictures_alone_are_told_from_words() {
        check("😀", "😀", TextKind::EmojiOnly);
        check("👍🏽 ❤️\n🇩🇪", "👍🏽 ❤️\n🇩🇪", TextKind::EmojiOnly);
        check("1️⃣", "1️⃣", TextKind::EmojiOnly);
        check("👍 ok", "👍 ok", TextKind::Words);
        check("①", "①", TextKind::Words);
        check("?!", "?!", TextKind::EmojiOnly);
    }

    #[test]
    fn composed_and_decomposed_letters_become_one() {
        check("cafe\u{301}", "café", TextKind::Words);
        check("\u{1112}\u{1161}\u{11ab}", "한", TextKind::Words);
    }

    #[test]
    fn a_tower_of_marks_is_capped() {
        let zalgo = format!("a{}b", "\u{301}".repeat(5_000));
        let clean = clean_customer_text(&zalgo);
        assert!(clean.text.chars().count() <= MAX_MARKS + 2);
        assert!(clean.text.ends_with('b'));
        assert_eq!(clean.kind, TextKind::Words);
    }

    #[test]
    fn too_long_a_text_is_cut_between_graphemes() {
        let clean = clean_customer_text(&"👩🏽‍🚀".repeat(2_500));
        assert_eq!(clean.kind, TextKind::TooLong { graphemes: 2_500 });
        assert_eq!(clean.text, "👩🏽‍🚀".repeat(MAX_GRAPHEMES));
        let clean = clean_customer_text(&"长".repeat(100_000));
        assert_eq!(clean.kind, TextKind::TooLong { graphemes: 100_000 });
        assert_eq!(clean.text.chars().count(), MAX_GRAPHEMES);
    }

    #[test]
    fn one_endless_grapheme_is_bounded_too() {
        for unit in ["👨\u{200d}", "\u{958}\u{94d}", "\u{1100}"] {
            let clean = clean_customer_text(&unit.repeat(50_000));
            assert!(!clean.text.is_empty());
            assert!(clean.text.chars().count() <= READ_SCALARS);
            assert_eq!(clean_customer_text(&clean.text).text, clean.text);
        }
    }

    #[track_caller]
    fn holds(raw: &str) {
        let clean = clean_customer_text(raw);
        assert_eq!(clean_customer_text(&clean.text).text, clean.text, "{raw:?}");
        assert!(is_nfc(&clean.text));
        assert!(clean.text.graphemes(true).count() <= MAX_GRAPHEMES);
        assert!(!clean.text.chars().any(|c| c.is_control() && c != '\n'));
        assert!(!clean.text.chars().any(is_invisible));
        assert!(!clean.text.contains("\n\n\n"));
        assert_eq!(clean.text.trim(), clean.text);
        assert_eq!(clean.text.is_empty(), clean.kind == TextKind::Empty);
    }

    proptest! {
        #![proptest_config(crate::proptests::config())]

        #[test]
        fn cleaning_holds_its_promises_for_any_text(raw in any::<String>()) {
            holds(&raw);
        }

        #[test]
        fn cleaning_holds_its_promises_for_hostile_text(
            raw in "[a \n\t\r\u{301}\u{323}\u{93c}\u{94d}\u{915}\u{958}\u{200b}-\u{200f}\u{202e}\u{fe0f}👨❤\u{1100}\u{1161}\u{6cc}]{0,200}",
        ) {
            holds(&raw);
        }
    }
}
