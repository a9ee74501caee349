//! The folded text as words, numbers, single Han characters and marks.

use std::ops::Range;

use rust_decimal::Decimal;

use super::fold::{Folded, fold};

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it stands in the original, in bytes.
    pub(crate) at: Range<usize>,
    /// Whether white space stands before it.
    pub(crate) spaced: bool,
    /// Whether every letter of it is a capital.
    pub(crate) capital: bool,
}

/// What a piece of text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number in digits; `None` if it has more digits than an amount can have.
    Number(Option<Decimal>),
    /// Letters, folded.
    Word(String),
    /// One Han character.
    Han(char),
    /// Anything else.
    Mark(char),
    /// The end of a line.
    Line,
}

impl Token {
    /// The word, if it is one.
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The character of a Han token or a mark.
    pub(crate) fn char(&self) -> Option<char> {
        match self.kind {
            Kind::Han(c) | Kind::Mark(c) => Some(c),
            _ => None,
        }
    }

    /// Whether it is this mark.
    pub(crate) fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    /// Whether a sentence ends here.
    pub(crate) fn ends_sentence(&self) -> bool {
        matches!(
            self.kind,
            Kind::Line | Kind::Mark('.' | '!' | '?' | '。' | '…')
        )
    }

    /// Whether a clause ends here.
    pub(crate) fn ends_clause(&self) -> bool {
        self.ends_sentence() || matches!(self.kind, Kind::Mark(',' | ';' | ':' | '(' | ')'))
    }
}

/// The sentence around some tokens: its first token, and the one after its last.
pub(crate) fn sentence_around(tokens: &[Token], from: usize, to: usize) -> (usize, usize) {
    let start = tokens[..from]
        .iter()
        .rposition(Token::ends_sentence)
        .map_or(0, |at| at + 1);
    let end = tokens[to..]
        .iter()
        .position(Token::ends_sentence)
        .map_or(tokens.len(), |at| to + at);
    (start, end)
}

/// The Han characters of some tokens, and a space for anything else.
pub(crate) fn han_text(tokens: &[Token]) -> String {
    let han = tokens.iter().map(|token| match token.kind {
        Kind::Han(c) => c,
        _ => ' ',
    });
    han.collect()
}

/// Whether a phrase stands at a token: folded words and marks with a space between, or Han characters.
pub(crate) fn phrase_at(tokens: &[Token], at: usize, phrase: &str) -> bool {
    let mut there = tokens.get(at..).unwrap_or_default().iter();
    if phrase.is_ascii() {
        let mut parts = phrase.split(' ');
        return parts.all(|part| match there.next().map(|token| &token.kind) {
            Some(Kind::Word(word)) => word == part,
            Some(Kind::Mark(mark)) => part.chars().eq([*mark]),
            _ => false,
        });
    }
    let mut characters = phrase.chars();
    characters.all(|it| {
        there
            .next()
            .is_some_and(|token| token.kind == Kind::Han(it))
    })
}

/// Cuts a text into tokens.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    cut(text, next_token)
}

/// Cuts a text into tokens, each as long as `next` says and of the kind that it says.
pub(crate) fn cut(text: &str, next: impl Fn(&[Folded]) -> (Kind, usize)) -> Vec<Token> {
    let folded = fold(text);
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut spaced = false;
    while let Some(first) = folded.get(at) {
        if first.c == ' ' || first.c.is_control() && first.c != '\n' {
            spaced = true;
            at += 1;
            continue;
        }
        let (kind, length) = next(&folded[at..]);
        let chars = &folded[at..at + length];
        let end = chars.last().map_or(first.at.end, |last| last.at.end);
        let letters = || chars.iter().filter(|f| f.c.is_alphabetic());
        tokens.push(Token {
            kind,
            at: first.at.start..end,
            spaced,
            capital: letters().next().is_some() && letters().all(|f| f.capital),
        });
        spaced = false;
        at += length;
    }
    tokens
}

/// The first token and how many characters it takes: at least one.
fn next_token(rest: &[Folded]) -> (Kind, usize) {
    let Some(c) = char_at(rest, 0) else {
        return (Kind::Line, 1);
    };
    if is_digit(Some(c)) || c == '.' && is_digit(char_at(rest, 1)) {
        let length = number_length(rest);
        let digits: String = rest[..length].iter().map(|f| f.c).collect();
        return (
            Kind::Number(read_digits(&digits)),
            length + dash_for_cents(&rest[length..]),
        );
    }
    match c {
        '\n' => (Kind::Line, 1),
        _ if is_han(c) => (Kind::Han(c), 1),
        _ if c.is_alphabetic() => {
            let is_letter = |f: &&Folded| f.c.is_alphabetic() && !is_han(f.c);
            let letters = rest.iter().take_while(is_letter);
            let word: String = letters.map(|f| f.c).collect();
            let length = word.chars().count();
            (Kind::Word(word), length)
        }
        _ => (Kind::Mark(c), 1),
    }
}

fn char_at(folded: &[Folded], at: usize) -> Option<char> {
    folded.get(at).map(|f| f.c)
}

fn is_digit(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_digit())
}

/// Han characters; the two unified blocks, the extensions and the compatibility block.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// How far a number reaches: digits, separators between digits, and spaces that group digits.
fn number_length(rest: &[Folded]) -> usize {
    let solid = solid_length(rest);
    let plain = rest[..solid].iter().all(|f| f.c.is_ascii_digit());
    if plain {
        spaced_length(rest, solid)
    } else {
        solid
    }
}

fn solid_length(rest: &[Folded]) -> usize {
    let mut end = 1;
    loop {
        match (char_at(rest, end), is_digit(char_at(rest, end + 1))) {
            (Some(c), _) if c.is_ascii_digit() => end += 1,
            (Some('.' | ',' | '\''), true) => end += 2,
            _ => return end,
        }
    }
}

/// `1 299,00` and `2 9`: groups of three after the first, or single digits all the way.
fn spaced_length(rest: &[Folded], first: usize) -> usize {
    let group = if first == 1 && spaced_group(rest, 1).is_some_and(|(_, digits)| digits == 1) {
        1
    } else {
        3
    };
    if first > 3 || rest[0].c == '0' && group == 3 {
        return first;
    }
    let mut end = first;
    while let Some((next, digits)) = spaced_group(rest, end) {
        if digits != group {
            break;
        }
        end = next + solid_length(&rest[next..]);
        if end - next != group {
            break;
        }
    }
    end
}

/// Where the digits after up to three spaces start, and how many they are.
fn spaced_group(rest: &[Folded], end: usize) -> Option<(usize, usize)> {
    let spaces = rest[end..]
        .iter()
        .take(4)
        .take_while(|f| f.c == ' ')
        .count();
    let start = end + spaces;
    let digits = rest[start..]
        .iter()
        .take_while(|f| f.c.is_ascii_digit())
        .count();
    ((1..=3).contains(&spaces) && digits > 0).then_some((start, digits))
}

/// `29,-` and `29.--`: whole amounts as price tags have them.
fn dash_for_cents(rest: &[Folded]) -> usize {
    let dashes = rest.iter().skip(1).take_while(|f| f.c == '-').count();
    let separated = matches!(char_at(rest, 0), Some('.' | ','));
    let ends = !is_digit(char_at(rest, 1 + dashes));
    if separated && (1..=2).contains(&dashes) && ends {
        1 + dashes
    } else {
        0
    }
}

/// Reads digits with separators: the last of two kinds is the decimal one; a single one before
/// exactly three digits groups thousands, because no price has three decimals.
fn read_digits(text: &str) -> Option<Decimal> {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | '\'')).collect();
    let decimal = text
        .rfind(['.', ','])
        .filter(|&at| is_decimal_separator(&text, at));
    let (whole, fraction) = match decimal {
        Some(at) => text.split_at_checked(at)?,
        None => (text.as_str(), ""),
    };
    let digits = |part: &str| {
        part.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let fraction = digits(fraction);
    let fraction = fraction.trim_end_matches('0');
    let whole = digits(whole);
    let whole = whole.trim_start_matches('0');
    let number = format!("0{whole}.{fraction}0");
    Decimal::from_str_exact(&number)
        .ok()
        .map(|number| number.normalize())
}

fn is_decimal_separator(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    let mark = after.chars().next().unwrap_or('.');
    let other = if mark == '.' { ',' } else { '.' };
    if before.contains(mark) {
        return false;
    }
    before.contains(other)
        || after.len() != 4
        || before.is_empty()
        || before.len() > 3
        || before.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let numbers: Vec<String> = tokens(text)
            .into_iter()
            .filter_map(|token| match token.kind {
                Kind::Number(number) => Some(number.map_or("?".to_owned(), |n| n.to_string())),
                _ => None,
            })
            .collect();
        assert_eq!(numbers.join(" "), expect);
    }

    #[test]
    fn numbers_are_read_in_every_common_spelling() {
        check("29 29.5 29,50 .99", "29 29.5 29.5 0.99");
        check(
            "1,299 1.299 1,299.00 1.299,00 1'299.50",
            "1299 1299 1299 1299 1299.5",
        );
        check("1.234.567 1,234,567.8", "1234567 1234567.8");
        check("0.999 12345.678", "0.999 12345.678");
        check("29,- 29.-- 29,50", "29 29 29.5");
    }

    #[test]
    fn spaces_group_digits_or_hide_them() {
        check("1 299,00", "1299");
        check("2 9", "29");
        check("2 9 . 5", "29 5");
        check("2 29", "2 29");
        check("10 20", "10 20");
        check("1 000 000", "1000000");
        check("24 7", "24 7");
    }

    #[test]
    fn a_number_of_any_length_is_read_or_given_up() {
        check(&"9".repeat(40), "?");
        check(&format!("29.{}1", "0".repeat(40)), "?");
        check(&format!("29.{}", "0".repeat(40)), "29");
        check(&format!("{}29", "0".repeat(40)), "29");
    }
}
