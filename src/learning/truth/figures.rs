//! Figures in a text, as the judge reads them: amounts of money, percentages and other numbers, in
//! digits or in English and Chinese words.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) unit: Unit,
    pub(super) value: Decimal,
    /// As it stands there.
    pub(super) text: String,
}

/// What it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Euros.
    Euro,
    /// Money that is no euro.
    OtherMoney,
    Percent,
    None,
}

/// What stands before or behind an amount, and what it says; longer ones before their beginnings.
const UNITS: &[(&str, Unit)] = &[
    ("€|EUR\\b|euros?\\b|欧元|欧", Unit::Euro),
    ("%|percent\\b|per ?cent\\b", Unit::Percent),
    (
        "US\\$|\\$|USD\\b|dollars?\\b|bucks?\\b|£|GBP\\b|pounds?\\b|quid\\b|¥|CNY\\b|RMB\\b|yuan\\b|JPY\\b|yen\\b|CHF\\b|francs?\\b|cents?\\b|美元|美金|英镑|人民币|日元|块钱|块|元",
        Unit::OtherMoney,
    ),
];

/// Digits, with points or commas between them; not those of a longer word such as a key.
const DIGITS: &str = r"\d[\d.,]*\d|\d";
const WORDS: &str = r"(?:(?:a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)\b(?:[\s-]+(?:and\s+)?)?)+";
const HAN: &str = "[零〇一二两三四五六七八九十百千万]+";

struct Patterns {
    in_digits: Regex,
    in_words: Regex,
    reduced: Regex,
    units: Vec<(Regex, Unit)>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let words: Vec<&str> = UNITS.iter().map(|(words, _)| *words).collect();
    let units = words.join("|");
    let unit = |(words, unit): &(&str, Unit)| (pattern(&format!("^(?:{words})$")), *unit);
    Patterns {
        in_digits: pattern(&format!(
            r"(?:(?P<before>{units})\s*)?(?P<number>{DIGITS})(?:[\s-]*(?P<behind>{units}))?"
        )),
        in_words: pattern(&format!(
            r"(?P<number>\b{WORDS}|{HAN})[\s-]*(?P<behind>{units})"
        )),
        reduced: pattern(&format!(r"(?P<number>{DIGITS}|{HAN})\s*折")),
        units: UNITS.iter().map(unit).collect(),
    }
});

#[expect(
    clippy::expect_used,
    reason = "made of constants, and compiled by every test"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?i){text}")).expect("a pattern")
}

/// All figures of a text, with what they count where a word beside them says so.
pub(super) fn figures(text: &str) -> Vec<Figure> {
    let text: String = text.nfkc().collect();
    let in_digits = PATTERNS.in_digits.captures_iter(&text).filter_map(|found| {
        let unit = found.name("before").or_else(|| found.name("behind"));
        Some(Figure {
            unit: unit.map_or(Unit::None, |it| unit_of(it.as_str())),
            value: decimal(found.name("number")?.as_str())?,
            text: whole(&found),
        })
    });
    let in_words = PATTERNS.in_words.captures_iter(&text).filter_map(|found| {
        Some(Figure {
            unit: unit_of(found.name("behind")?.as_str()),
            value: spelled(found.name("number")?.as_str())?,
            text: whole(&found),
        })
    });
    // 八折 leaves eight tenths of a price.
    let reduced = PATTERNS.reduced.captures_iter(&text).filter_map(|found| {
        let number = found.name("number")?.as_str();
        let left = decimal(number).or_else(|| spelled(number))?;
        let whole_price = if left < Decimal::TEN {
            Decimal::TEN
        } else {
            Decimal::ONE_HUNDRED
        };
        Some(Figure {
            unit: Unit::Percent,
            value: (Decimal::ONE_HUNDRED - left * Decimal::ONE_HUNDRED / whole_price).normalize(),
            text: whole(&found),
        })
    });
    in_digits.chain(in_words).chain(reduced).collect()
}

fn whole(found: &Captures<'_>) -> String {
    found.get(0).map_or("", |it| it.as_str()).trim().to_owned()
}

fn unit_of(word: &str) -> Unit {
    let mut units = PATTERNS.units.iter();
    let found = units.find(|(pattern, _)| pattern.is_match(word));
    found.map_or(Unit::None, |(_, unit)| *unit)
}

/// A number with points or commas. Of two kinds the later one is the decimal sign; a single one
/// before exactly three digits stands between thousands.
pub(super) fn decimal(digits: &str) -> Option<Decimal> {
    let last = digits.rfind(['.', ',']);
    let Some(last) = last else {
        return digits.parse().ok();
    };
    let (before, behind) = (digits.get(..last)?, digits.get(last + 1..)?);
    let sign = digits.get(last..=last)?;
    let only_kind = !before.contains(if sign == "." { "," } else { "." });
    let thousands = only_kind && behind.len() == 3 && !before.starts_with('0');
    let plain = |text: &str| text.replace(['.', ','], "");
    let number = if thousands || (only_kind && before.contains(sign)) {
        plain(digits)
    } else {
        format!("{}.{behind}", plain(before))
    };
    number.parse::<Decimal>().ok().map(|it| it.normalize())
}

/// A number in English or Chinese words.
fn spelled(words: &str) -> Option<Decimal> {
    let number = if words.is_ascii() {
        english(words)
    } else {
        chinese(words)
    };
    number.map(Decimal::from)
}

fn english(words: &str) -> Option<u64> {
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
    let (mut sum, mut part) = (0_u64, 0_u64);
    let lower = words.to_lowercase();
    let words = lower.split(|it: char| it.is_whitespace() || it == '-');
    for word in words.filter(|it| !it.is_empty() && *it != "and") {
        let small = SMALL.iter().position(|it| *it == word);
        let tens = TENS.iter().position(|it| *it == word);
        match (word, small, tens) {
            ("a", ..) => part += 1,
            ("hundred", ..) => part = part.max(1).checked_mul(100)?,
            ("thousand", ..) => {
                sum = sum.checked_add(part.max(1).checked_mul(1_000)?)?;
                part = 0;
            }
            (_, Some(small), _) => part += u64::try_from(small).ok()?,
            (_, _, Some(tens)) => part += (u64::try_from(tens).ok()? + 2) * 10,
            _ => return None,
        }
    }
    sum.checked_add(part)
}

fn chinese(words: &str) -> Option<u64> {
    let (mut sum, mut part, mut digit) = (0_u64, 0_u64, 0_u64);
    for letter in words.chars() {
        let unit = match letter {
            '十' => 10,
            '百' => 100,
            '千' => 1_000,
            '万' => {
                sum = (part + digit).max(1).checked_mul(10_000)?;
                (part, digit) = (0, 0);
                continue;
            }
            _ => {
                let digits = "零一二三四五六七八九";
                let letter = if letter == '两' { '二' } else { letter };
                let letter = if letter == '〇' { '零' } else { letter };
                digit = u64::try_from(digits.chars().position(|it| it == letter)?).ok()?;
                continue;
            }
        };
        part = part.checked_add(digit.max(1).checked_mul(unit)?)?;
        digit = 0;
    }
    sum.checked_add(part)?.checked_add(digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(Unit, &str)]) {
        let found = figures(text);
        let found: Vec<(Unit, String)> = found
            .into_iter()
            .map(|it| (it.unit, it.value.normalize().to_string()))
            .collect();
        let expect: Vec<_> = expect
            .iter()
            .map(|(unit, it)| (*unit, (*it).to_owned()))
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn amounts_are_read_whatever_stands_beside_them() {
        check("49.90 EUR", &[(Unit::Euro, "49.9")]);
        check(
            "€ 1.299,00 or 1,299.50 euros",
            &[(Unit::Euro, "1299"), (Unit::Euro, "1299.5")],
        );
        check("二十九欧元", &[(Unit::Euro, "29")]);
        check("29欧 or 30 欧元", &[(Unit::Euro, "29"), (Unit::Euro, "30")]);
        check("fifty euros", &[(Unit::Euro, "50")]);
        check("a hundred and twenty-five euros", &[(Unit::Euro, "125")]);
        check(
            "$20, 300 元",
            &[(Unit::OtherMoney, "20"), (Unit::OtherMoney, "300")],
        );
        check("两万三千块", &[(Unit::OtherMoney, "23000")]);
        check("1,299 EUR", &[(Unit::Euro, "1299")]);
    }

    #[test]
    fn percentages_are_read_in_both_languages() {
        check("20% off", &[(Unit::Percent, "20")]);
        check("twenty percent", &[(Unit::Percent, "20")]);
        check("打八折", &[(Unit::Percent, "20")]);
        check("95折", &[(Unit::None, "95"), (Unit::Percent, "5")]);
    }

    #[test]
    fn other_numbers_count_nothing() {
        check(
            "2 to 4 working days",
            &[(Unit::None, "2"), (Unit::None, "4")],
        );
        check("a desk for one person", &[]);
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in ".{0,60}") {
            drop(figures(&text));
        }
    }
}
