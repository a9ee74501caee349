//! Amounts of money as a customer names a budget: `5k`, `up to 500 EUR`, `五千左右`.

use rust_decimal::Decimal;

use super::{
    Found,
    number::{Count, counts},
    pieces::with_numbers,
};
use crate::{
    Currency, Money,
    extract::{self, Kind, Token},
};

/// An amount in tokens.
struct Amount {
    value: Decimal,
    currency: Option<Currency>,
    from: usize,
    to: usize,
}

/// Every amount of money in a text. What names no currency is in the `home` currency, which also
/// settles what `$` and `¥` mean.
///
/// A range is one amount, its upper end, because that is what the customer would pay: `between 1000
/// and 2000` and `1000-2000` give 2000. A limit gives its figure, whether it is an upper or a lower
/// one. A number without a currency is an amount where a price word, a limit ("up to", 以内) or the
/// word budget says so, where it is a round one in words ("5k", 五千) that counts nothing, and where
/// it is all that the text says. Percents and nothing at all ("0 EUR") are no amounts.
pub fn amounts(text: &str, home: Currency) -> Vec<Found<Money>> {
    let tokens = with_numbers(text);
    let mut amounts: Vec<Amount> = extract::amounts(&tokens, home)
        .into_iter()
        .filter_map(|amount| {
            Some(Amount {
                value: amount.value?,
                currency: amount.currency,
                from: amount.from,
                to: amount.to,
            })
        })
        .collect();
    let bare: Vec<Amount> = counts(&tokens)
        .iter()
        .filter(|count| {
            !amounts
                .iter()
                .any(|amount| count.from < amount.to && amount.from < count.to)
        })
        .filter(|count| is_amount(&tokens, count))
        .map(|count| Amount {
            value: count.value,
            currency: None,
            from: count.from,
            to: count.to,
        })
        .collect();
    amounts.extend(bare);
    amounts.sort_by_key(|amount| amount.from);
    join_ranges(&tokens, amounts)
        .into_iter()
        .filter(|amount| !amount.value.is_zero())
        .filter_map(|amount| {
            let money = Money::new(amount.value, amount.currency.unwrap_or(home));
            Found::of(text, tokens.get(amount.from..amount.to)?, money)
        })
        .collect()
}

/// Whether a number without a currency is an amount.
fn is_amount(tokens: &[Token], count: &Count) -> bool {
    let counted = counts_something(tokens, count.to);
    let code = count.from > 0
        && !tokens[count.from].spaced
        && matches!(tokens[count.from - 1].kind, Kind::Word(_) | Kind::Mark('#'));
    let round = is_round_in_words(tokens, count);
    !counted && !code && (round || is_limited(tokens, count) || is_all(tokens, count))
}

/// "25 seats", "3天", "20%", "10:30".
fn counts_something(tokens: &[Token], at: usize) -> bool {
    const FOLLOWERS: [&str; 26] = [
        "max",
        "maximum",
        "tops",
        "at",
        "total",
        "in",
        "or",
        "and",
        "to",
        "per",
        "a",
        "each",
        "for",
        "is",
        "if",
        "but",
        "with",
        "would",
        "budget",
        "ok",
        "please",
        "roughly",
        "approx",
        "all",
        "altogether",
        "net",
    ];
    let Some(next) = tokens.get(at) else {
        return false;
    };
    match &next.kind {
        Kind::Word(word) => !FOLLOWERS.contains(&word.as_str()),
        Kind::Han(c) => !"以之左上内到至吧就的是都可预".contains(*c),
        Kind::Mark(c) => matches!(c, '%' | '°') || !next.spaced && matches!(c, ':' | '/'),
        Kind::Number(_) => true,
        Kind::Line => false,
    }
}

/// `5k`, `two thousand`, `三万`.
fn is_round_in_words(tokens: &[Token], count: &Count) -> bool {
    let word = |token: &Token| match &token.kind {
        Kind::Word(word) => matches!(word.as_str(), "k" | "thousand" | "grand" | "million"),
        Kind::Han(c) => matches!(c, '千' | '万' | '亿'),
        _ => false,
    };
    tokens[count.from..count.to].iter().any(word)
}

const LIMITS: [&str; 22] = [
    "budget",
    "spend",
    "spending",
    "afford",
    "invest",
    "limit",
    "max",
    "maximum",
    "most",
    "under",
    "below",
    "between",
    "up",
    "than",
    "exceed",
    "exceeding",
    "minimum",
    "min",
    "least",
    "within",
    "above",
    "over",
];
const FILLERS: [&str; 18] = [
    "to",
    "is",
    "of",
    "about",
    "around",
    "roughly",
    "approximately",
    "a",
    "the",
    "at",
    "be",
    "s",
    "maybe",
    "and",
    "no",
    "more",
    "our",
    "from",
];
const HAN_LIMITS: [&str; 10] = [
    "预算",
    "不超过",
    "最多",
    "最高",
    "低于",
    "少于",
    "至多",
    "控制",
    "上限",
    "至少",
];
const HAN_FOLLOWING: [&str; 8] = [
    "以内",
    "以下",
    "之内",
    "左右",
    "上下",
    "以上",
    "的预算",
    "预算",
];

/// Whether a limit or the word budget stands beside a number.
fn is_limited(tokens: &[Token], count: &Count) -> bool {
    is_behind_limit(tokens, count.from)
        || is_behind_han_limit(tokens, count.from)
        || HAN_FOLLOWING
            .iter()
            .any(|word| stands(tokens, count.to, word))
        || matches!(
            tokens.get(count.to).and_then(Token::word),
            Some("max" | "maximum" | "tops" | "budget")
        )
}

/// "Budget is around 2000", "up to 500", "between 1000 and 2000".
fn is_behind_limit(tokens: &[Token], from: usize) -> bool {
    for token in tokens[..from].iter().rev().take(6) {
        match &token.kind {
            Kind::Word(word) if LIMITS.contains(&word.as_str()) => return true,
            Kind::Word(word) if FILLERS.contains(&word.as_str()) => {}
            Kind::Number(_) | Kind::Mark(':' | '=' | '-' | '\'' | '~' | '<') => {}
            _ => return false,
        }
    }
    false
}

fn is_behind_han_limit(tokens: &[Token], from: usize) -> bool {
    let mut before: Vec<char> = tokens[..from]
        .iter()
        .rev()
        .take(8)
        .map_while(|token| match token.kind {
            Kind::Han(c) => Some(c),
            Kind::Mark(':' | '=') => Some('是'),
            Kind::Number(_) => Some('到'),
            _ => None,
        })
        .collect();
    before.reverse();
    let before: String = before.into_iter().collect();
    let before = before.trim_end_matches(|c| "是为在约大概有到至".contains(c));
    HAN_LIMITS.iter().any(|word| before.ends_with(word))
}

fn stands(tokens: &[Token], at: usize, text: &str) -> bool {
    let is = |(at, c): (usize, char)| {
        tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Han(c))
    };
    (at..).zip(text.chars()).all(is)
}

/// Whether a text says a number and nothing else: "about 5000", "5000吧".
fn is_all(tokens: &[Token], count: &Count) -> bool {
    const HEDGES: [&str; 22] = [
        "about",
        "around",
        "roughly",
        "approx",
        "approximately",
        "maybe",
        "perhaps",
        "say",
        "like",
        "some",
        "probably",
        "i",
        "we",
        "think",
        "have",
        "it",
        "is",
        "s",
        "to",
        "or",
        "please",
        "ok",
    ];
    let light = |token: &Token| match &token.kind {
        Kind::Word(word) => HEDGES.contains(&word.as_str()),
        Kind::Han(c) => "大概约左右吧差不多可能是我们的在到至".contains(*c),
        Kind::Mark(_) | Kind::Line => true,
        Kind::Number(_) => false,
    };
    let numbers = tokens
        .iter()
        .filter(|token| matches!(token.kind, Kind::Number(_)))
        .count();
    let range = numbers == 2
        && tokens
            .iter()
            .all(|token| light(token) || matches!(token.kind, Kind::Number(_)));
    let around = tokens[..count.from].iter().chain(&tokens[count.to..]);
    range || around.into_iter().all(light)
}

/// Makes one amount of the two ends of a range.
fn join_ranges(tokens: &[Token], amounts: Vec<Amount>) -> Vec<Amount> {
    let mut joined: Vec<Amount> = Vec::new();
    for amount in amounts {
        match joined.last_mut() {
            Some(low) if joins(tokens, low, &amount) => {
                low.value = low.value.max(amount.value);
                low.currency = amount.currency.or(low.currency);
                low.to = amount.to;
            }
            _ => joined.push(amount),
        }
    }
    joined
}

/// `1000-2000`, `from 1000 to 2000`, `between 1000 and 2000`, `一千到两千`; of two currencies, no.
fn joins(tokens: &[Token], low: &Amount, high: &Amount) -> bool {
    let Some([joint]) = tokens.get(low.to..high.from) else {
        return false;
    };
    let between = low.from > 0 && tokens[low.from - 1].word() == Some("between");
    let range = match &joint.kind {
        Kind::Mark(c) => matches!(c, '-' | '~'),
        Kind::Han(c) => matches!(c, '到' | '至'),
        Kind::Word(word) => word == "to" || between && word == "and",
        _ => false,
    };
    let currencies = low.currency.zip(high.currency);
    range && currencies.is_none_or(|(low, high)| low == high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let found: Vec<String> = amounts(text, Currency::EUR)
            .into_iter()
            .map(|found| found.value.to_string())
            .collect();
        assert_eq!(found.join(", "), expect, "{text}");
    }

    #[test]
    fn amounts_with_a_currency_are_found() {
        for (text, expect) in [
            ("5,000 EUR", "5000 EUR"),
            ("$500", "500 USD"),
            ("500 dollars or 450 euros", "500 USD, 450 EUR"),
            ("€5k", "5000 EUR"),
            ("5k dollars", "5000 USD"),
            ("it is 29.50 EUR", "29.50 EUR"),
            ("五千元", "5000 CNY"),
            ("预算是3万元左右", "30000 CNY"),
            ("两千块", "2000 CNY"),
            ("1.5万欧元", "15000 EUR"),
        ] {
            check(text, expect);
        }
    }

    #[test]
    fn a_budget_needs_no_currency() {
        for (text, expect) in [
            ("5000", "5000 EUR"),
            ("about 5000.", "5000 EUR"),
            ("5k", "5000 EUR"),
            ("5k max", "5000 EUR"),
            ("about 2 grand", "2000 EUR"),
            ("we have two thousand for it", "2000 EUR"),
            ("up to 500", "500 EUR"),
            ("Our budget is 2000.", "2000 EUR"),
            ("budget: 1500", "1500 EUR"),
            ("no more than 800, please", "800 EUR"),
            ("under 1000", "1000 EUR"),
            ("I'd spend at most 300", "300 EUR"),
            ("at least 500", "500 EUR"),
            ("五千", "5000 EUR"),
            ("五千左右", "5000 EUR"),
            ("5000以内", "5000 EUR"),
            ("预算5000", "5000 EUR"),
            ("不超过两千", "2000 EUR"),
            ("大概3000吧", "3000 EUR"),
        ] {
            check(text, expect);
        }
    }

    #[test]
    fn a_range_is_its_upper_end() {
        for (text, expect) in [
            ("between 1000 and 2000", "2000 EUR"),
            ("between 1000 and 2000 dollars", "2000 USD"),
            ("1000-2000", "2000 EUR"),
            ("1000 to 2000 EUR", "2000 EUR"),
            ("from 1000 to 2000 euros", "2000 EUR"),
            ("€1000-2000", "2000 EUR"),
            ("1-2k", "2000 EUR"),
            ("1000到2000元", "2000 CNY"),
            ("预算1000到2000", "2000 EUR"),
            ("500 EUR or 600 EUR", "500 EUR, 600 EUR"),
        ] {
            check(text, expect);
        }
    }

    #[test]
    fn numbers_that_are_no_money_are_not_found() {
        for text in [
            "",
            "25 seats",
            "up to 25 seats",
            "a team of 25 in 3 offices",
            "20%",
            "20k users",
            "a 4k monitor",
            "we open at 10:30",
            "0 EUR",
            "order #5000",
            "三天",
            "最多25人",
            "千万别",
            "A4",
            "5 kg",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn the_home_currency_settles_what_is_not_said() {
        let dollars: Currency = "CAD".parse().unwrap();
        let found = amounts("$500, up to 600", dollars);
        let found: Vec<String> = found.iter().map(|found| found.value.to_string()).collect();
        assert_eq!(found, ["500 CAD", "600 CAD"]);
    }
}
