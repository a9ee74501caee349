//! Numbers in digits, in English words and in Chinese characters.

use rust_decimal::Decimal;

use super::token::{Kind, Token};

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// Its value; `None` if it is beyond what an amount can be.
    pub(crate) value: Option<Decimal>,
    /// The first token.
    pub(crate) from: usize,
    /// The token after the last.
    pub(crate) to: usize,
}

/// Every number, from left to right; none overlaps another.
pub(crate) fn numbers(tokens: &[Token]) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match number_at(tokens, at) {
            Some(number) => {
                at = number.to;
                numbers.push(number);
            }
            None => at += 1,
        }
    }
    numbers
}

/// The number that starts at this token.
pub(crate) fn number_at(tokens: &[Token], from: usize) -> Option<Number> {
    let (value, to) = match &tokens.get(from)?.kind {
        Kind::Number(value) => multiplied(tokens, *value, from + 1),
        Kind::Word(_) => english(tokens, from)?,
        Kind::Han(_) => chinese(tokens, from)?,
        _ => return None,
    };
    Some(Number { value, from, to })
}

/// `2k`, `3万`, `20 thousand`: digits and the words that multiply them.
fn multiplied(tokens: &[Token], value: Option<Decimal>, to: usize) -> (Option<Decimal>, usize) {
    let Some(next) = tokens.get(to) else {
        return (value, to);
    };
    let factor = match &next.kind {
        Kind::Word(word) => match word.as_str() {
            "k" if !next.spaced || next.capital => Some(1_000),
            "hundred" => Some(100),
            "thousand" | "grand" => Some(1_000),
            "million" | "mio" | "mn" => Some(1_000_000),
            _ => None,
        },
        Kind::Han(c) => chinese_unit(*c),
        _ => None,
    };
    match factor {
        Some(factor) => {
            let product = value.and_then(|value| value.checked_mul(Decimal::from(factor)));
            let product = product.map(|product| product.normalize());
            multiplied(tokens, product, to + 1)
        }
        None => (value, to),
    }
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// `twenty-nine`, `a hundred and five`, `two nine`: words, as far as they make one number.
fn english(tokens: &[Token], from: usize) -> Option<(Option<Decimal>, usize)> {
    let mut sum = Some(EnglishSum::default());
    let mut to = from;
    while let Some((word, next)) = english_word(tokens, to, to > from) {
        sum = sum.and_then(|sum| sum.add(&word));
        to = next;
    }
    (to > from).then(|| (sum.and_then(EnglishSum::value), to))
}

enum EnglishWord {
    Small(u64),
    Tens(u64),
    Scale(u64),
}

/// The number word here, behind a hyphen or an "and" where a number goes on.
fn english_word(tokens: &[Token], at: usize, goes_on: bool) -> Option<(EnglishWord, usize)> {
    let word = tokens.get(at)?.word();
    if goes_on && (tokens[at].is_mark('-') || word == Some("and") && after_scale(tokens, at)) {
        return english_word(tokens, at + 1, false).filter(|_| !is_article(tokens, at + 1));
    }
    let word = word?;
    if !goes_on && is_article(tokens, at) {
        let scale = scale_of(tokens.get(at + 1)?.word()?)?;
        return Some((EnglishWord::Scale(scale), at + 2));
    }
    let position = |list: &[&str]| list.iter().position(|&w| w == word).map(|at| at as u64);
    let word = position(&SMALL)
        .map(EnglishWord::Small)
        .or_else(|| position(&TENS).map(|at| EnglishWord::Tens(20 + 10 * at)))
        .or_else(|| scale_of(word).filter(|_| goes_on).map(EnglishWord::Scale))?;
    Some((word, at + 1))
}

fn is_article(tokens: &[Token], at: usize) -> bool {
    matches!(tokens.get(at).and_then(Token::word), Some("a" | "an"))
}

fn after_scale(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens[at].word());
    before.and_then(scale_of).is_some()
}

fn scale_of(word: &str) -> Option<u64> {
    match word {
        "hundred" => Some(100),
        "thousand" => Some(1_000),
        "million" => Some(1_000_000),
        _ => None,
    }
}

#[derive(Default)]
struct EnglishSum {
    done: u64,
    group: u64,
    last_was_digit: bool,
}

impl EnglishSum {
    fn add(mut self, word: &EnglishWord) -> Option<Self> {
        let was_digit = self.last_was_digit;
        self.last_was_digit = matches!(word, EnglishWord::Small(0..=9));
        match *word {
            // "two nine" is read digit by digit, "nineteen ninety" pair by pair.
            EnglishWord::Small(n) if was_digit && n < 10 => self.shift(10, n)?,
            EnglishWord::Small(n) if n < 10 && self.group.is_multiple_of(10) => self.group += n,
            EnglishWord::Small(n) if self.group.is_multiple_of(100) => self.group += n,
            EnglishWord::Small(n) | EnglishWord::Tens(n) if !self.group.is_multiple_of(100) => {
                self.shift(100, n)?;
            }
            EnglishWord::Small(n) | EnglishWord::Tens(n) => self.group += n,
            EnglishWord::Scale(100) => self.group = self.group.max(1).checked_mul(100)?,
            EnglishWord::Scale(scale) => {
                let scaled = self.group.max(1).checked_mul(scale)?;
                self.done = self.done.checked_add(scaled)?;
                self.group = 0;
            }
        }
        Some(self)
    }

    fn shift(&mut self, by: u64, n: u64) -> Option<()> {
        self.group = self.group.checked_mul(by)?.checked_add(n)?;
        Some(())
    }

    fn value(self) -> Option<Decimal> {
        self.done.checked_add(self.group).map(Decimal::from)
    }
}

pub(crate) fn chinese_digit(c: char) -> Option<u64> {
    "零一二三四五六七八九"
        .chars()
        .position(|digit| digit == c)
        .map(|at| at as u64)
        .or_else(|| (c == '两').then_some(2))
}

fn chinese_unit(c: char) -> Option<u64> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1_000),
        '万' => Some(10_000),
        '亿' => Some(100_000_000),
        _ => None,
    }
}

/// `二十九`, `两百五`, `二九九`, `二点五`.
fn chinese(tokens: &[Token], from: usize) -> Option<(Option<Decimal>, usize)> {
    let han = |at: usize| match tokens.get(at)?.kind {
        Kind::Han(c) => Some(c),
        _ => None,
    };
    let numeral = |c: &char| chinese_digit(*c).is_some() || chinese_unit(*c).is_some();
    let run = |from: usize| -> String { (from..).map_while(han).take_while(numeral).collect() };
    let whole = run(from);
    let mut to = from + whole.chars().count();
    if to == from
        || whole
            .chars()
            .next()
            .is_some_and(|c| matches!(c, '万' | '亿'))
    {
        return None;
    }
    let mut value = chinese_whole(&whole).map(Decimal::from);
    let decimals: String = run(to + 1)
        .chars()
        .take_while(|&c| chinese_digit(c).is_some())
        .collect();
    if han(to) == Some('点') && !decimals.is_empty() {
        to += 1 + decimals.chars().count();
        value = value.and_then(|whole| with_decimals(whole, &decimals));
    }
    Some((value, to))
}

fn with_decimals(whole: Decimal, decimals: &str) -> Option<Decimal> {
    let digits: String = decimals
        .chars()
        .filter_map(chinese_digit)
        .map(|d| d.to_string())
        .collect();
    Decimal::from_str_exact(&format!("{whole}.{digits}")).ok()
}

fn chinese_whole(run: &str) -> Option<u64> {
    if run.chars().all(|c| chinese_digit(c).is_some()) {
        let digits: String = run
            .chars()
            .filter_map(chinese_digit)
            .map(|d| d.to_string())
            .collect();
        return digits.parse().ok();
    }
    let (mut done, mut section, mut digit) = (0_u64, 0_u64, None);
    let mut last_unit = 1;
    for c in run.chars() {
        if let Some(value) = chinese_digit(c) {
            digit = Some(value);
            last_unit = if value == 0 { 1 } else { last_unit };
            continue;
        }
        let unit = chinese_unit(c)?;
        let count = digit.take().filter(|&d| d > 0);
        if unit < 10_000 {
            section = section.checked_add(count.unwrap_or(1).checked_mul(unit)?)?;
        } else {
            section = section.checked_add(count.unwrap_or(0))?;
            (done, section) = (above(done, section, unit)?, 0);
        }
        last_unit = unit;
    }
    // "两百五" is 250: a last digit without its unit counts the next lower one.
    let last = digit
        .unwrap_or(0)
        .checked_mul(if last_unit > 10 { last_unit / 10 } else { 1 })?;
    done.checked_add(section)?.checked_add(last)
}

/// What a 万 or 亿 closes: 万 counts its own section, 亿 all that came before it.
fn above(done: u64, section: u64, unit: u64) -> Option<u64> {
    if unit == 10_000 {
        section.checked_mul(unit)?.checked_add(done)
    } else {
        done.checked_add(section)?.checked_mul(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::token::tokens, *};

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let found: Vec<String> = numbers(&tokens(text))
            .into_iter()
            .map(|number| number.value.map_or("?".to_owned(), |n| n.to_string()))
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn english_words_make_numbers() {
        check("twenty-nine", &["29"]);
        check("a hundred and five lamps", &["105"]);
        check("two thousand three hundred", &["2300"]);
        check("one million", &["1000000"]);
        check("two nine", &["29"]);
        check("nineteen ninety-nine", &["1999"]);
        check("20 thousand, 2k, 1.5k", &["20000", "2000", "1500"]);
        check("someone often went on", &[]);
        check(&"nine ".repeat(60), &["?"]);
    }

    #[test]
    fn chinese_characters_make_numbers() {
        check("二十九", &["29"]);
        check("十五", &["15"]);
        check("两百", &["200"]);
        check("两百五", &["250"]);
        check("一千零五", &["1005"]);
        check("一百零五", &["105"]);
        check("三万五千", &["35000"]);
        check("一亿两千万", &["120000000"]);
        check("二九九", &["299"]);
        check("二点五", &["2.5"]);
        check("3万", &["30000"]);
        check(&"九".repeat(60), &["?"]);
        check(&"九亿".repeat(60), &["?"]);
    }
}
