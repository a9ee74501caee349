//! Discounts: percents that lower a price, 折, half price, and the bare word.

use rust_decimal::Decimal;

use super::{
    number::{Number, chinese_digit, numbers},
    token::{Kind, Token, han_text, phrase_at, sentence_around},
};

/// A discount, by tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Off {
    /// Percent that come off; `None` if the text names no figure.
    pub(crate) percent: Option<Decimal>,
    /// Whether the text names a figure, readable or not.
    pub(crate) figure: bool,
    /// The first token.
    pub(crate) from: usize,
    /// The token after the last.
    pub(crate) to: usize,
}

/// Every discount, figures first.
pub(crate) fn discounts(tokens: &[Token]) -> Vec<Off> {
    let mut found: Vec<Off> = numbers(tokens)
        .iter()
        .filter_map(|number| percent(tokens, number).or_else(|| zhe(tokens, number)))
        .collect();
    found.extend(named_figures(tokens));
    let mut bare = bare_words(tokens);
    bare.retain(|word| {
        !found
            .iter()
            .any(|off| off.from <= word.from && word.to <= off.to)
    });
    found.extend(bare);
    found
}

/// `20%`, `20 percent`, `百分之二十`, where it speaks of a price.
fn percent(tokens: &[Token], number: &Number) -> Option<Off> {
    let chinese = number.from >= 3 && phrase_at(tokens, number.from - 3, "百分之");
    let (from, to) = match percent_sign(tokens, number.to) {
        Some(to) => (number.from, to),
        None if chinese => (number.from - 3, number.to),
        None => return None,
    };
    let named = matches!(
        tokens.get(to).and_then(Token::word),
        Some("off" | "discount")
    );
    lowers_a_price(tokens, from, to).then(|| figure(number.value, from, to + usize::from(named)))
}

/// The token after the percent sign that starts here.
fn percent_sign(tokens: &[Token], at: usize) -> Option<usize> {
    let word = |at: usize| tokens.get(at).and_then(Token::word);
    if tokens.get(at)?.is_mark('-') {
        return percent_sign(tokens, at + 1).filter(|_| word(at + 1).is_some());
    }
    match word(at) {
        Some("percent" | "pct" | "prozent") => Some(at + 1),
        Some("per") if word(at + 1) == Some("cent") => Some(at + 2),
        _ => tokens[at].is_mark('%').then_some(at + 1),
    }
}

const DISCOUNT_WORDS: [&str; 36] = [
    "off",
    "discount",
    "discounts",
    "discounted",
    "discounting",
    "reduction",
    "reductions",
    "reduced",
    "reduce",
    "rebate",
    "rebates",
    "cheaper",
    "save",
    "saves",
    "saving",
    "savings",
    "sale",
    "coupon",
    "voucher",
    "promo",
    "promotion",
    "deal",
    "deals",
    "offer",
    "offers",
    "price",
    "prices",
    "lower",
    "rabatt",
    "markdown",
    "cost",
    "costs",
    "pay",
    "order",
    "purchase",
    "total",
];
const DISCOUNT_HAN: [&str; 10] = [
    "折", "优惠", "减", "便宜", "降", "返", "省", "让利", "促销", "价",
];

/// A percent is a discount when its sentence speaks of one, or when nothing else stands beside it
/// ("It is 20%."); "100% cotton" is neither.
fn lowers_a_price(tokens: &[Token], from: usize, to: usize) -> bool {
    let (start, end) = sentence_around(tokens, from, to);
    let around = || tokens[start..from].iter().chain(&tokens[to..end]);
    let counted = tokens.get(to).and_then(Token::word).is_some_and(is_content);
    let word = around().any(|token| token.word().is_some_and(|w| DISCOUNT_WORDS.contains(&w)));
    let text = han_text(&tokens[start..end]);
    let han = DISCOUNT_HAN.iter().any(|word| text.contains(word));
    let bare =
        !around().any(|t| t.word().is_some_and(is_content) || matches!(t.kind, Kind::Han(_)));
    if counted {
        return tokens
            .get(to)
            .and_then(Token::word)
            .is_some_and(|w| DISCOUNT_WORDS.contains(&w))
            || word && near_discount(tokens, start, from);
    }
    word || han || bare
}

/// Whether a discount word stands within the six tokens before.
fn near_discount(tokens: &[Token], start: usize, from: usize) -> bool {
    tokens[start.max(from.saturating_sub(6))..from]
        .iter()
        .any(|token| {
            token
                .word()
                .is_some_and(|word| DISCOUNT_WORDS[..23].contains(&word))
        })
}

fn is_content(word: &str) -> bool {
    const LIGHT: [&str; 30] = [
        "with", "that", "this", "will", "would", "could", "from", "have", "your", "them", "they",
        "just", "only", "even", "then", "when", "what", "about", "than", "today", "here", "there",
        "sure", "okay", "great", "well", "does", "give", "gives", "right",
    ];
    word.chars().count() >= 4 && !LIGHT.contains(&word)
}

/// `九折`, `8.5折`, `85折`: what is left of the price.
fn zhe(tokens: &[Token], number: &Number) -> Option<Off> {
    let next = tokens.get(number.to + 1).and_then(Token::char);
    let folds = next.is_some_and(|c| "叠椅痕扇纸射腾返页刀床".contains(c));
    if !phrase_at(tokens, number.to, "折") || folds {
        return None;
    }
    Some(Off {
        percent: left_over(tokens, number).and_then(|left| {
            Decimal::ONE_HUNDRED
                .checked_sub(left)
                .filter(|off| !off.is_sign_negative())
        }),
        figure: true,
        from: number.from,
        to: number.to + 1,
    })
}

/// In percent. One digit counts tenths, also before a decimal point; two count hundredths.
fn left_over(tokens: &[Token], number: &Number) -> Option<Decimal> {
    let digits = &tokens[number.from..number.to];
    let two = digits.len() == 2
        && digits
            .iter()
            .all(|t| t.char().and_then(chinese_digit).is_some());
    let value = number.value?;
    if two || value >= Decimal::TEN {
        Some(value)
    } else {
        value.checked_mul(Decimal::TEN)
    }
}

/// `half price`, `半价`, `对折`, `a quarter off`.
fn named_figures(tokens: &[Token]) -> Vec<Off> {
    let fifty = Some(Decimal::from(50));
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let is = |text: &str| phrase_at(tokens, at, text);
        let end = |text: &str| at + text.split(' ').count();
        let english = [
            ("half price", fifty),
            ("half the price", fifty),
            ("half the cost", fifty),
            ("half off", fifty),
            ("quarter off", Some(Decimal::from(25))),
            ("third off", None),
        ];
        let hit = english
            .iter()
            .find(|(text, _)| is(text) || is(&text.replace(' ', " - ")));
        if let Some((text, percent)) = hit {
            let hyphen = usize::from(!is(text));
            found.push(figure(*percent, at, end(text) + hyphen));
        }
        if ["半价", "半折", "对折"]
            .iter()
            .any(|text| phrase_at(tokens, at, text))
        {
            found.push(figure(fifty, at, at + 2));
        }
    }
    found
}

fn figure(percent: Option<Decimal>, from: usize, to: usize) -> Off {
    Off {
        percent,
        figure: true,
        from,
        to,
    }
}

/// `a discount`, `打折` without a figure.
fn bare_words(tokens: &[Token]) -> Vec<Off> {
    const ENGLISH: [&str; 15] = [
        "discount",
        "discounts",
        "discounted",
        "on sale",
        "special offer",
        "special offers",
        "special price",
        "reduced price",
        "sale price",
        "rebate",
        "cheaper price",
        "price cut",
        "rabatt",
        "for the price of",
        "lower price",
    ];
    const HAN: [&str; 9] = [
        "打折", "折扣", "优惠", "特价", "减价", "降价", "立减", "满减", "促销",
    ];
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let english = ENGLISH.iter().find(|text| phrase_at(tokens, at, text));
        let han = HAN.iter().find(|text| phrase_at(tokens, at, text));
        let length = english
            .map(|text| text.split(' ').count())
            .or_else(|| han.map(|_| 2));
        if let Some(length) = length.filter(|_| !super::negation::before(tokens, at)) {
            found.push(Off {
                percent: None,
                figure: false,
                from: at,
                to: at + length,
            });
        }
    }
    found
}
