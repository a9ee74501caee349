//! One plain spelling of a text for matching, with the way back to the bytes of the original.
//!
//! Full-width, mathematical and other digits become ASCII; accents, zero-width characters and
//! Markdown's emphasis vanish; look-alike letters of other scripts and traditional characters
//! become the ones that the word lists use. So a trick of spelling does not hide a claim.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::clean::{is_invisible, is_joiner};

/// A character of the folded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    /// The plain character, in lower case.
    pub(crate) c: char,
    /// Where it stands in the original, in bytes.
    pub(crate) at: Range<usize>,
    /// Whether the original is a capital letter.
    pub(crate) capital: bool,
}

/// The folded text.
pub(crate) fn fold(text: &str) -> Vec<Folded> {
    let mut folded: Vec<Folded> = Vec::with_capacity(text.len());
    for (start, original) in text.char_indices() {
        if is_invisible(original) || is_joiner(original) {
            continue;
        }
        let at = start..start + original.len_utf8();
        let plain = std::iter::once(original).nfkd().filter(|&c| !is_dropped(c));
        folded.extend(plain.flat_map(|c| {
            let at = at.clone();
            plain_char(c).to_lowercase().map(move |c| Folded {
                c,
                at: at.clone(),
                capital: original.is_uppercase(),
            })
        }));
    }
    without_strike_through(folded)
}

/// Marks, and the emphasis of Markdown.
fn is_dropped(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '*' | '_' | '`' | '\u{ad}')
}

fn without_strike_through(mut folded: Vec<Folded>) -> Vec<Folded> {
    let tilde = |f: Option<&Folded>| f.is_some_and(|f| f.c == '~');
    let double: Vec<bool> = (0..folded.len())
        .map(|i| {
            let beside = tilde(folded.get(i + 1)) || i > 0 && tilde(folded.get(i - 1));
            tilde(folded.get(i)) && beside
        })
        .collect();
    let mut double = double.into_iter();
    folded.retain(|_| !double.next().unwrap_or(false));
    folded
}

fn plain_char(c: char) -> char {
    if c.is_ascii_alphanumeric() {
        return c;
    }
    if let Some(digit) = digit_value(c) {
        return char::from_digit(digit, 10).unwrap_or(c);
    }
    match c {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        c if c.is_whitespace() => ' ',
        '\u{2800}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' => '-',
        '’' | '‘' | 'ʼ' | '´' | '٬' => '\'',
        '٫' => '.',
        '٪' => '%',
        '〜' => '~',
        '、' | '，' => ',',
        _ => simplified(look_alike(c)),
    }
}

/// The zeros of the decimal digits of living scripts (Unicode category Nd); each is followed by
/// its nine others. Full-width and mathematical digits are folded by NFKD before.
const ZEROS: [char; 27] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
    '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}',
    '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}', '\u{1b50}',
    '\u{1bb0}', '\u{1c40}', '\u{a8d0}',
];

fn digit_value(c: char) -> Option<u32> {
    if !c.is_numeric() {
        return None;
    }
    ZEROS
        .iter()
        .map(|&zero| u32::from(c).wrapping_sub(u32::from(zero)))
        .find(|&value| value < 10)
}

/// Letters of Cyrillic and Greek that look like a Latin one.
fn look_alike(c: char) -> char {
    const PAIRS: [(&str, &str); 2] = [
        (
            "асеіјорѕухһмтнвкАВСЕНІЈКМОРЅТХУ",
            "aceijopsyxhmthbkABCEHIJKMOPSTXY",
        ),
        ("ονρυικαετχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovpuikaetxABEZHIKMNOPTYX"),
    ];
    if !matches!(c, '\u{370}'..='\u{52f}') {
        return c;
    }
    PAIRS
        .iter()
        .find_map(|(from, to)| to.chars().nth(from.chars().position(|f| f == c)?))
        .unwrap_or(c)
}

/// Traditional and financial characters that prices and offers use, in their simple form.
fn simplified(c: char) -> char {
    const FROM: &str =
        "兩萬億貳贰參叁肆伍陸陆柒捌玖壹零〇拾佰仟圓圆塊歐鎊幣費贈價優減買單錢禮寶運郵點";
    const TO: &str =
        "两万亿二二三三四五六六七八九一零零十百千元元块欧镑币费赠价优减买单钱礼宝运邮点";
    FROM.chars()
        .position(|from| from == c)
        .and_then(|at| TO.chars().nth(at))
        .unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, plain: &str) {
        let folded: String = fold(text).into_iter().map(|folded| folded.c).collect();
        assert_eq!(folded, plain);
    }

    #[test]
    fn tricks_of_spelling_vanish() {
        check("２９ ＥＵＲ", "29 eur");
        check("٢٩ and २९ and 𝟐𝟗", "29 and 29 and 29");
        check("2\u{200b}9\u{2060} €", "29 €");
        check("fr\u{435}\u{435} Fréé", "free free");
        check("**29** ~~19~~ 20~30", "29 19 20~30");
        check("免費，兩萬圓", "免费,两万元");
        check("2\u{336}9\u{20e3}", "29");
    }

    #[test]
    fn the_tables_pair_up() {
        check("贰拾玖圓", "二十九元");
        check("貳拾玖塊錢運費點", "二十九块钱运费点");
        check("ХУ χ", "xy x");
    }

    proptest! {
        #![proptest_config(crate::proptests::config())]

        #[test]
        fn ranges_lie_on_character_boundaries(text in any::<String>()) {
            for folded in fold(&text) {
                prop_assert!(text.get(folded.at).is_some());
            }
        }
    }
}
