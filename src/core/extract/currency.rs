//! What names a currency in a text.

use super::token::{Kind, Token};
use crate::Currency;

/// A currency as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// One currency.
    Code(&'static str),
    /// A dollar of some country.
    Dollar,
    /// Yuan or yen.
    Yuan,
    /// A hundredth of something.
    Cent,
}

impl Unit {
    /// The currency that is meant in a shop that counts in `home`; `None` for cents.
    pub(crate) fn resolve(self, home: Currency) -> Option<Currency> {
        const DOLLARS: [&str; 9] = [
            "USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN", "BBD",
        ];
        match self {
            Self::Code(code) => code.parse().ok(),
            Self::Dollar if DOLLARS.contains(&home.code()) => Some(home),
            Self::Dollar => Some(Currency::USD),
            Self::Yuan if home.code() == "JPY" => Some(home),
            Self::Yuan => Some(Currency::CNY),
            Self::Cent => None,
        }
    }
}

/// Words that name a currency in any case.
const WORDS: [(&str, Unit); 43] = [
    ("eur", Unit::Code("EUR")),
    ("euro", Unit::Code("EUR")),
    ("euros", Unit::Code("EUR")),
    ("usd", Unit::Code("USD")),
    ("dollar", Unit::Dollar),
    ("dollars", Unit::Dollar),
    ("buck", Unit::Dollar),
    ("bucks", Unit::Dollar),
    ("dollari", Unit::Dollar),
    ("gbp", Unit::Code("GBP")),
    ("pound", Unit::Code("GBP")),
    ("pounds", Unit::Code("GBP")),
    ("quid", Unit::Code("GBP")),
    ("cny", Unit::Code("CNY")),
    ("rmb", Unit::Code("CNY")),
    ("yuan", Unit::Code("CNY")),
    ("renminbi", Unit::Code("CNY")),
    ("kuai", Unit::Code("CNY")),
    ("jpy", Unit::Code("JPY")),
    ("yen", Unit::Code("JPY")),
    ("chf", Unit::Code("CHF")),
    ("franc", Unit::Code("CHF")),
    ("francs", Unit::Code("CHF")),
    ("franken", Unit::Code("CHF")),
    ("inr", Unit::Code("INR")),
    ("rupee", Unit::Code("INR")),
    ("rupees", Unit::Code("INR")),
    ("rub", Unit::Code("RUB")),
    ("rubles", Unit::Code("RUB")),
    ("roubles", Unit::Code("RUB")),
    ("pyб", Unit::Code("RUB")),
    ("kr", Unit::Code("SEK")),
    ("kronor", Unit::Code("SEK")),
    ("zl", Unit::Code("PLN")),
    ("zloty", Unit::Code("PLN")),
    ("peso", Unit::Dollar),
    ("pesos", Unit::Dollar),
    ("aed", Unit::Code("AED")),
    ("hkd", Unit::Code("HKD")),
    ("ct", Unit::Cent),
    ("cent", Unit::Cent),
    ("cents", Unit::Cent),
    ("pence", Unit::Cent),
];

/// Codes that are a word or a name in lower case, or too rare to be meant then.
const CAPITAL_CODES: [&str; 22] = [
    "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "KRW", "TWD", "SGD",
    "THB", "MXN", "BRL", "ZAR", "UAH", "ILS", "SAR", "TRY", "IDR",
];

/// Han names, the longest first.
const HAN: [(&str, Unit); 20] = [
    ("人民币", Unit::Code("CNY")),
    ("新台币", Unit::Code("TWD")),
    ("块钱", Unit::Code("CNY")),
    ("元钱", Unit::Code("CNY")),
    ("欧元", Unit::Code("EUR")),
    ("美元", Unit::Code("USD")),
    ("美金", Unit::Code("USD")),
    ("美刀", Unit::Code("USD")),
    ("英镑", Unit::Code("GBP")),
    ("日元", Unit::Code("JPY")),
    ("日币", Unit::Code("JPY")),
    ("韩元", Unit::Code("KRW")),
    ("港币", Unit::Code("HKD")),
    ("港元", Unit::Code("HKD")),
    ("台币", Unit::Code("TWD")),
    ("澳元", Unit::Code("AUD")),
    ("加元", Unit::Code("CAD")),
    ("卢布", Unit::Code("RUB")),
    ("欧", Unit::Code("EUR")),
    ("元", Unit::Yuan),
];

/// The currency that is written from this token on, and how many tokens it takes.
pub(crate) fn currency_at(tokens: &[Token], at: usize) -> Option<(Unit, usize)> {
    let token = tokens.get(at)?;
    match &token.kind {
        Kind::Mark(c) => symbol(*c).map(|unit| (unit, 1)),
        Kind::Word(word) => word_at(tokens, at, word),
        Kind::Han(_) => han_at(tokens, at),
        _ => None,
    }
}

/// The currency that ends right before this token, and how many tokens it takes.
pub(crate) fn currency_before(tokens: &[Token], end: usize) -> Option<(Unit, usize)> {
    (1..=3).rev().find_map(|length| {
        let from = end.checked_sub(length)?;
        let found = currency_at(tokens, from)?;
        (found.1 == length && found.0 != Unit::Cent).then_some(found)
    })
}

fn symbol(c: char) -> Option<Unit> {
    Some(match c {
        '€' => Unit::Code("EUR"),
        '$' => Unit::Dollar,
        '£' => Unit::Code("GBP"),
        '¥' => Unit::Yuan,
        '₹' => Unit::Code("INR"),
        '₽' => Unit::Code("RUB"),
        '₩' => Unit::Code("KRW"),
        '₺' => Unit::Code("TRY"),
        '₴' => Unit::Code("UAH"),
        '฿' => Unit::Code("THB"),
        '₫' => Unit::Code("VND"),
        '₪' => Unit::Code("ILS"),
        '¢' => Unit::Cent,
        _ => return None,
    })
}

fn word_at(tokens: &[Token], at: usize, word: &str) -> Option<(Unit, usize)> {
    let dollar = tokens
        .get(at + 1)
        .filter(|next| next.is_mark('$') && !next.spaced);
    if dollar.is_some() {
        let code = match word {
            "us" | "u" => "USD",
            "a" | "au" | "aud" => "AUD",
            "c" | "ca" | "cad" => "CAD",
            "hk" => "HKD",
            "nz" => "NZD",
            "s" => "SGD",
            "nt" => "TWD",
            _ => return None,
        };
        return Some((Unit::Code(code), 2));
    }
    if word == "us" && tokens.get(at + 1).and_then(Token::word) == Some("dollars") {
        return Some((Unit::Code("USD"), 2));
    }
    if let Some((_, unit)) = WORDS.iter().find(|(name, _)| *name == word) {
        return Some((*unit, 1));
    }
    let code = CAPITAL_CODES
        .iter()
        .find(|code| code.eq_ignore_ascii_case(word))?;
    tokens[at].capital.then_some((Unit::Code(code), 1))
}

fn han_at(tokens: &[Token], at: usize) -> Option<(Unit, usize)> {
    let starts = |name: &str| {
        name.chars().enumerate().all(|(i, c)| {
            tokens
                .get(at + i)
                .is_some_and(|token| token.kind == Kind::Han(c))
        })
    };
    let (name, unit) = HAN.iter().find(|(name, _)| starts(name))?;
    let length = name.chars().count();
    let next = tokens.get(at + length).and_then(Token::char);
    let part_of_a_word = matches!(
        (*name, next),
        ("元", Some('旦' | '素' | '件' | '宵' | '首' | '老'))
    ) || matches!((*name, next), ("欧", Some('洲' | '式' | '盟' | '美')));
    (!part_of_a_word).then_some((*unit, length))
}
