//! Numbers without a currency that are amounts all the same: "up to 500", "5k", 预算五千, or a
//! number that is all that the text says.

use rust_decimal::Decimal;

use super::super::number::{Count, range_end};
use crate::extract::{Kind, Token};

const LIMITS: [&str; 22] = [
    "budget",
    "spend",
    "spending",
    "pay",
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

/// Whether a number without a currency is an amount.
pub(super) fn is_amount(tokens: &[Token], count: &Count) -> bool {
    let counted = counts_something(tokens, range_end(tokens, count.to));
    let tight = count
        .from
        .checked_sub(1)
        .filter(|_| !tokens[count.from].spaced);
    let code = tight.is_some_and(|at| match tokens[at].kind {
        Kind::Word(_) | Kind::Mark('#') => true,
        // `24/7`, `10:30`.
        Kind::Mark('/' | ':') => at > 0 && matches!(tokens[at - 1].kind, Kind::Number(_)),
        _ => false,
    });
    let round = is_round_in_words(tokens, count);
    !counted && !code && (round || is_limited(tokens, count) || is_all(tokens, count))
}

/// "25 seats", "3天", "20%", "10:30".
fn counts_something(tokens: &[Token], at: usize) -> bool {
    const FOLLOWERS: [&str; 28] = [
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
        "so",
        "ish",
    ];
    let Some(next) = tokens.get(at) else {
        return false;
    };
    match &next.kind {
        Kind::Word(word) => !FOLLOWERS.contains(&word.as_str()),
        Kind::Han(c) => !"以之左上内到至吧就的是都可预每一".contains(*c),
        Kind::Mark('/') => {
            matches!(tokens.get(at + 1), Some(next) if matches!(next.kind, Kind::Number(_)))
        }
        Kind::Mark(c) => matches!(c, '%' | '°') || !next.spaced && *c == ':',
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
        || is_called_budget(tokens, count.to)
}

/// "2000 is our budget", "2000 as a limit".
fn is_called_budget(tokens: &[Token], to: usize) -> bool {
    let word = |at: usize| tokens.get(at).and_then(Token::word).unwrap_or_default();
    let article = matches!(word(to + 1), "our" | "my" | "the" | "a");
    let name = word(to + 1 + usize::from(article));
    matches!(word(to), "is" | "as") && matches!(name, "budget" | "limit" | "maximum" | "max")
}

/// "Budget is around 2000", "up to 500", "between 1000 and 2000".
fn is_behind_limit(tokens: &[Token], from: usize) -> bool {
    for token in tokens[..from].iter().rev().take(6) {
        match &token.kind {
            Kind::Word(word) if LIMITS.contains(&word.as_str()) => return true,
            Kind::Word(word) if FILLERS.contains(&word.as_str()) => {}
            Kind::Number(_) | Kind::Mark(':' | '=' | '-' | '\'' | '~' | '<' | '?') => {}
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

/// From here on a number that stands alone is more likely a telephone's, or an order's.
const MAX_ALONE: i64 = 1_000_000;

/// Whether a text says a number and nothing else: "about 5000", "5000吧".
fn is_all(tokens: &[Token], count: &Count) -> bool {
    const HEDGES: [&str; 32] = [
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
        "so",
        "ish",
        "per",
        "a",
        "month",
        "year",
        "monthly",
        "yearly",
        "less",
        "more",
    ];
    let light = |token: &Token| match &token.kind {
        Kind::Word(word) => HEDGES.contains(&word.as_str()),
        Kind::Han(c) => "大概约左右吧差不多可能是我们的在到至每月年以内".contains(*c),
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
    let small = count.value < Decimal::from(MAX_ALONE);
    small && (range || around.into_iter().all(light))
}
