//! Numbers without a currency that are money all the same, because the text says so: "it costs
//! 29", "for only 19.99", "售价29".

use super::{
    money::Amount,
    number::Number,
    token::{Kind, Token},
};

/// Verbs and nouns after which a number is a price.
const STRONG: [&str; 27] = [
    "cost",
    "costs",
    "costing",
    "price",
    "prices",
    "priced",
    "pay",
    "pays",
    "paying",
    "charge",
    "charges",
    "charged",
    "sells",
    "retails",
    "total",
    "totals",
    "sum",
    "amounts",
    "fee",
    "msrp",
    "discounted",
    "reduced",
    "save",
    "rebate",
    "preis",
    "kostet",
    "worth",
];

/// Words that may stand between such a word and its number.
const FILLERS: [&str; 30] = [
    "is",
    "are",
    "was",
    "be",
    "will",
    "would",
    "at",
    "of",
    "only",
    "just",
    "about",
    "around",
    "from",
    "to",
    "the",
    "for",
    "now",
    "you",
    "it",
    "its",
    "them",
    "currently",
    "merely",
    "starts",
    "starting",
    "a",
    "mere",
    "out",
    "comes",
    "s",
];

/// Words after which a number with two decimals is a price.
const WEAK: [&str; 8] = [
    "only", "just", "for", "from", "under", "mere", "about", "is",
];

/// Words that may follow a bare price; any other word is what the number counts.
const FOLLOWERS: [&str; 24] = [
    "each",
    "per",
    "a",
    "only",
    "plus",
    "and",
    "for",
    "or",
    "instead",
    "including",
    "incl",
    "with",
    "now",
    "today",
    "net",
    "gross",
    "in",
    "total",
    "apiece",
    "but",
    "if",
    "because",
    "when",
    "off",
];

const HAN_STRONG: [&str; 26] = [
    "价格", "售价", "价钱", "原价", "现价", "特价", "单价", "总价", "定价", "只要", "仅需", "只需",
    "仅售", "只卖", "卖", "收费", "费用", "运费", "一共", "总共", "合计", "共计", "立减", "直降",
    "优惠", "花",
];
const HAN_FILLERS: &str = "是为约大才仅只在的要共";
const HAN_FOLLOWERS: &str = "每一起左吗哦呢啊就吧的，。；和或";

/// The number as an amount, if the words around it make it one.
pub(crate) fn stated(tokens: &[Token], number: &Number) -> Option<Amount> {
    let states = behind_price_word(tokens, number.from)
        || behind_weak_word(tokens, number)
        || behind_han_price_word(tokens, number.from);
    (states && !counts_something(tokens, number)).then_some(Amount {
        value: number.value,
        currency: None,
        from: number.from,
        to: number.to,
    })
}

fn behind_price_word(tokens: &[Token], from: usize) -> bool {
    for token in tokens[..from].iter().rev().take(5) {
        match &token.kind {
            Kind::Word(word) if STRONG.contains(&word.as_str()) => return true,
            Kind::Word(word) if FILLERS.contains(&word.as_str()) => {}
            Kind::Mark(':' | '=' | '-' | '\'' | '(') | Kind::Line => {}
            _ => return false,
        }
    }
    false
}

fn behind_weak_word(tokens: &[Token], number: &Number) -> bool {
    let weak = number.from.checked_sub(1).and_then(|at| tokens[at].word());
    let cents = number
        .value
        .is_none_or(|value| matches!(value.scale(), 1..=2));
    cents && weak.is_some_and(|word| WEAK.contains(&word))
}

fn behind_han_price_word(tokens: &[Token], from: usize) -> bool {
    let han = tokens[..from]
        .iter()
        .rev()
        .filter_map(|token| match token.kind {
            Kind::Han(c) => Some(c),
            Kind::Mark(':' | '=') => Some('是'),
            _ => None,
        });
    let before: Vec<char> = han.take(8).collect();
    let adjacent = from
        .checked_sub(1)
        .is_some_and(|at| matches!(tokens[at].kind, Kind::Han(_) | Kind::Mark(':' | '=')));
    let before: String = before.into_iter().rev().collect();
    let ends = |text: &str| HAN_STRONG.iter().any(|word| text.ends_with(word));
    adjacent && (ends(&before) || ends(before.trim_end_matches(|c| HAN_FILLERS.contains(c))))
}

/// "costs 2 hours", "pay in 3 parts", "只要3天", "5%": the number counts what follows it.
fn counts_something(tokens: &[Token], number: &Number) -> bool {
    match tokens.get(number.to).map(|token| &token.kind) {
        Some(Kind::Word(word)) => !FOLLOWERS.contains(&word.as_str()),
        Some(Kind::Han(c)) => !HAN_FOLLOWERS.contains(*c),
        Some(Kind::Mark('%' | '-' | ':' | '/' | '°')) => true,
        _ => false,
    }
}
