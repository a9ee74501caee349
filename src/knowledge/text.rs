//! A customer's text made comparable, and cut into words. Everything that looks into a text
//! starts from here, so that two wordings which look the same are the same.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Characters of a message that are read for meaning. A question is far shorter; the bound keeps
/// a pasted book from costing more than a moment.
pub(crate) const MAX_READ_CHARS: usize = 2_000;

/// Words of a message that are read for meaning.
const MAX_READ_TOKENS: usize = 1_000;

/// NFKC, lower case, without invisible characters, at most [`MAX_READ_CHARS`] long.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .take(MAX_READ_CHARS)
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The words of a text that are written as names are: with a capital inside a sentence that is not
/// all in capitals. Folded.
pub(crate) fn proper(text: &str) -> BTreeSet<String> {
    let text: String = text.chars().take(MAX_READ_CHARS).collect();
    let shouts = !text.chars().any(char::is_lowercase);
    let mut proper = BTreeSet::new();
    let mut begins = true;
    // Each line of a burst begins anew.
    let lines = text.split_inclusive('\n').filter(|_| !shouts);
    for word in lines.flat_map(|line| line.split_inclusive(char::is_whitespace)) {
        let ends_line = word.ends_with('\n');
        let word = word.trim();
        let bare = word.trim_start_matches(|it: char| !it.is_alphanumeric());
        let capital = bare.chars().next().is_some_and(char::is_uppercase);
        if capital && !begins {
            proper.extend(tokens(bare).into_iter().next());
        }
        begins = ends_line || word.ends_with(['.', '!', '?', ':', '。', '！', '？']);
    }
    proper
}

/// Zero-width characters, direction marks, variation selectors, tags: no meaning of their own.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Han characters, which are words of their own here.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Letters,
    Digits,
    Single,
}

/// The words, numbers, Han characters and money signs of a text, folded. Punctuation is dropped,
/// and so are apostrophes (`don't` is `dont`); a number keeps its inner points and commas.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut tokens: Vec<String> = Vec::new();
    let mut open: Option<Class> = None;
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        if tokens.len() >= MAX_READ_TOKENS {
            break;
        }
        let next_is_digit = chars.peek().is_some_and(char::is_ascii_digit);
        let class = match class(c) {
            None if matches!(c, '\'' | '’') && open == Some(Class::Letters) => continue,
            None if matches!(c, '.' | ',') && open == Some(Class::Digits) && next_is_digit => {
                Some(Class::Digits)
            }
            class => class,
        };
        match (class, tokens.last_mut()) {
            (Some(now), Some(last)) if class == open && now != Class::Single => last.push(c),
            (Some(_), _) => tokens.push(c.to_string()),
            (None, _) => {}
        }
        open = class;
    }
    tokens
}

fn class(c: char) -> Option<Class> {
    if is_han(c) || matches!(c, '€' | '$' | '£' | '¥' | '%') {
        Some(Class::Single)
    } else if c.is_ascii_digit() {
        Some(Class::Digits)
    } else if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) {
        Some(Class::Letters)
    } else {
        None
    }
}

/// Plurals of the trade that no rule makes.
const IRREGULAR: [(&str, &str); 3] = [
    ("shelves", "shelf"),
    ("bookshelves", "bookshelf"),
    ("accessories", "accessory"),
];

/// The singular of a plain English plural. Only ever compared with another stem.
pub(crate) fn singular(word: &str) -> &str {
    let keeps = word.len() < 4 || !word.is_ascii() || word.ends_with("ss") || word.ends_with("us");
    if keeps {
        return word;
    }
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return one;
    }
    ["shes", "ches", "xes", "sses"]
        .iter()
        .find(|ending| word.ends_with(*ending))
        .and_then(|_| word.strip_suffix("es"))
        .or_else(|| word.strip_suffix('s'))
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        assert_eq!(tokens(text), expect, "{text:?}");
    }

    #[test]
    fn a_text_is_words_numbers_and_han_characters() {
        check(
            "How much is the Desk-Lamp?",
            &["how", "much", "is", "the", "desk", "lamp"],
        );
        check("don’t", &["dont"]);
        check(
            "3x lamps, 1,249.99€.",
            &["3", "x", "lamps", "1,249.99", "€"],
        );
        check("台灯多少钱？", &["台", "灯", "多", "少", "钱"]);
        check("ｄｅｓｋ　２", &["desk", "2"]);
        check("de\u{200b}sk\u{0} \u{202e}lamp", &["desk", "lamp"]);
        check("😀 … !!!", &[]);
        check("", &[]);
    }

    #[test]
    fn plurals_meet_their_singulars() {
        for (plural, one) in [
            ("lamps", "lamp"),
            ("boxes", "box"),
            ("benches", "bench"),
            ("shelves", "shelf"),
        ] {
            assert_eq!(singular(plural), one);
        }
        for same in ["is", "glass", "plus", "灯"] {
            assert_eq!(singular(same), same);
        }
    }

    #[test]
    fn a_book_is_read_only_in_part() {
        assert!(tokens(&"word ".repeat(100_000)).len() <= MAX_READ_CHARS);
        assert!(tokens(&"灯".repeat(100_000)).len() <= MAX_READ_TOKENS);
    }
}
