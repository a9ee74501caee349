//! Amounts of money: a number beside a currency, or where a price is stated.

use rust_decimal::Decimal;

use super::{
    currency::{Unit, currency_at, currency_before},
    number::{Number, number_at, numbers},
    token::{Kind, Token},
};
use crate::Currency;

/// An amount, by tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    /// How much; `None` if it is beyond what can be read.
    pub(crate) value: Option<Decimal>,
    /// The currency, if one is written.
    pub(crate) currency: Option<Currency>,
    /// The first token.
    pub(crate) from: usize,
    /// The token after the last.
    pub(crate) to: usize,
}

/// Every amount, from left to right.
pub(crate) fn amounts(tokens: &[Token], home: Currency) -> Vec<Amount> {
    let numbers = numbers(tokens);
    let mut amounts: Vec<Amount> = Vec::new();
    for (index, number) in numbers.iter().enumerate() {
        let done = amounts.last().map_or(0, |amount| amount.to);
        if number.from < done {
            continue;
        }
        let found = marked(tokens, number, done, home)
            .or_else(|| range_start(tokens, &numbers[index..], home))
            .or_else(|| range_end(tokens, number, amounts.last()))
            .or_else(|| super::price_words::stated(tokens, number));
        amounts.extend(found);
    }
    amounts.extend(single_units(tokens, home, &amounts));
    amounts.sort_by_key(|amount| amount.from);
    amounts
}

/// A number with a currency behind it or before it.
fn marked(tokens: &[Token], number: &Number, done: usize, home: Currency) -> Option<Amount> {
    let prefix = prefix(tokens, number, done);
    let suffix = suffix(tokens, number);
    let (unit, from, to) = match (prefix, suffix) {
        (Some((unit, from)), None) => (unit, from, number.to),
        (_, Some((unit, to))) => (unit, number.from, to),
        (None, None) => return None,
    };
    let amount = Amount {
        value: number.value,
        currency: unit.resolve(home),
        from,
        to,
    };
    Some(match unit {
        Unit::Cent => Amount {
            value: hundredth(number.value),
            ..amount
        },
        _ => with_cents(tokens, amount),
    })
}

fn hundredth(value: Option<Decimal>) -> Option<Decimal> {
    value?.checked_div(Decimal::ONE_HUNDRED)
}

/// `EUR 29`, `$29`, `人民币：300`.
fn prefix(tokens: &[Token], number: &Number, done: usize) -> Option<(Unit, usize)> {
    let end = match number.from.checked_sub(1) {
        Some(before) if is_joint(&tokens[before]) => before,
        _ => number.from,
    };
    let (unit, length) = currency_before(tokens, end)?;
    let from = end - length;
    let plain_yuan = unit == Unit::Yuan && matches!(tokens[from].kind, Kind::Han(_));
    (from >= done && !plain_yuan).then_some((unit, from))
}

/// What may stand between a number and its currency.
fn is_joint(token: &Token) -> bool {
    matches!(token.kind, Kind::Mark(':' | '-' | '(') | Kind::Line)
}

/// `29 EUR`, `20-euro`, `29块`, `29 (EUR)`. A symbol that leads the next number is not its own.
fn suffix(tokens: &[Token], number: &Number) -> Option<(Unit, usize)> {
    let skipped = tokens.get(number.to).is_some_and(is_joint);
    let at = number.to + usize::from(skipped);
    if tokens
        .get(at)
        .is_some_and(|token| token.kind == Kind::Han('块'))
    {
        return kuai(tokens, number);
    }
    let (unit, length) = currency_at(tokens, at)?;
    let leads = tokens[at].spaced
        && matches!(tokens[at].kind, Kind::Mark(_))
        && tokens.get(at + length).is_some_and(|next| !next.spaced)
        && number_at(tokens, at + length).is_some();
    let weight = matches!(tokens[at].word(), Some("pound" | "pounds")) && is_weight(tokens, at);
    (!leads && !weight).then_some((unit, at + length))
}

/// Pounds that weigh.
fn is_weight(tokens: &[Token], at: usize) -> bool {
    const WEIGHT: [&str; 12] = [
        "weigh", "weighs", "weighing", "weight", "heavy", "lbs", "capacity", "load", "holds",
        "hold", "supports", "carries",
    ];
    let start = tokens[..at]
        .iter()
        .rposition(Token::ends_sentence)
        .unwrap_or(0);
    let sentence = tokens[start..].iter().enumerate();
    sentence
        .take_while(|(i, token)| start + i <= at || !token.ends_sentence())
        .any(|(_, token)| token.word().is_some_and(|word| WEIGHT.contains(&word)))
}

/// 块 counts money, but also soap and towels: for small numbers only before 钱, a digit or an end.
fn kuai(tokens: &[Token], number: &Number) -> Option<(Unit, usize)> {
    if let Some((unit, length)) = currency_at(tokens, number.to) {
        return Some((unit, number.to + length));
    }
    let after = tokens.get(number.to + 1);
    let many = number.value.is_none_or(|value| value >= Decimal::TEN);
    let alone = after.is_none_or(|token| {
        !matches!(token.kind, Kind::Han(_))
            || number_at(tokens, number.to + 1).is_some()
            || token
                .char()
                .is_some_and(|c| "左起吧吗呢啊呀的就一每多".contains(c))
    });
    (many || alone).then_some((Unit::Code("CNY"), number.to + 1))
}

/// `29块9`, `29元5角`, `9€50`, `29 euros and 50 cents`: what follows the main unit.
fn with_cents(tokens: &[Token], amount: Amount) -> Amount {
    let and = tokens.get(amount.to).and_then(Token::word) == Some("and");
    let at = amount.to + usize::from(and);
    let Some(cents) = number_at(tokens, at) else {
        return amount;
    };
    let small = |limit: i64| {
        cents
            .value
            .is_some_and(|value| value < Decimal::from(limit))
    };
    let unit = tokens.get(cents.to).map(|token| &token.kind);
    let tight = !tokens[at].spaced && !and;
    let tenth = matches!(unit, Some(Kind::Han('角' | '毛')));
    let (share, to) = match unit {
        Some(Kind::Word(word)) if matches!(word.as_str(), "cent" | "cents" | "pence" | "ct") => {
            (hundredth(cents.value), cents.to + 1)
        }
        _ if tight && small(10) => (
            cents
                .value
                .and_then(|value| value.checked_div(Decimal::TEN)),
            cents.to + usize::from(tenth),
        ),
        _ if tight && small(100) && cents.to == at + 1 => (hundredth(cents.value), cents.to),
        _ => return amount,
    };
    let value = amount
        .value
        .zip(share)
        .and_then(|(main, share)| main.checked_add(share));
    Amount {
        value,
        to,
        ..amount
    }
}

/// `20` in `20-30 EUR`, `20到30元`, `between 20 and 30 EUR`.
fn range_start(tokens: &[Token], numbers: &[Number], home: Currency) -> Option<Amount> {
    let [number, next, ..] = numbers else {
        return None;
    };
    let between = number.from > 0 && tokens[number.from - 1].word() == Some("between");
    connects(tokens, number.to, next.from, between).then_some(())?;
    let end = marked(tokens, next, number.to, home)?;
    Some(Amount {
        value: number.value,
        currency: end.currency,
        from: number.from,
        to: number.to,
    })
}

/// `30` in `€20-30`.
fn range_end(tokens: &[Token], number: &Number, last: Option<&Amount>) -> Option<Amount> {
    let last = last?;
    let dashed = connects(tokens, last.to, number.from, false);
    let counted = tokens.get(number.to).is_some_and(|next| {
        next.word().is_some() && next.spaced && !matches!(next.word(), Some("each" | "per" | "and"))
    });
    (dashed && !counted).then_some(Amount {
        value: number.value,
        currency: last.currency,
        from: number.from,
        to: number.to,
    })
}

fn connects(tokens: &[Token], from: usize, to: usize, between: bool) -> bool {
    let Some([connector]) = tokens.get(from..to) else {
        return false;
    };
    match &connector.kind {
        Kind::Mark(c) => matches!(c, '-' | '~' | '/'),
        Kind::Han(c) => matches!(c, '到' | '至'),
        Kind::Word(word) => word == "to" || word == "or" || between && word == "and",
        _ => false,
    }
}

/// `a dollar`, `one euro` without a number of its own.
fn single_units(tokens: &[Token], home: Currency, found: &[Amount]) -> Vec<Amount> {
    let is_free = |at: usize| {
        !found
            .iter()
            .any(|amount| (amount.from..amount.to).contains(&at))
    };
    (1..tokens.len())
        .filter(|&at| is_free(at) && is_free(at - 1))
        .filter(|&at| matches!(tokens[at - 1].word(), Some("a" | "single")))
        .filter(|&at| {
            matches!(
                tokens[at].word(),
                Some("euro" | "dollar" | "buck" | "cent" | "yuan" | "quid")
            )
        })
        .filter_map(|at| {
            let (unit, length) = currency_at(tokens, at)?;
            let one = Some(Decimal::ONE);
            Some(Amount {
                value: if unit == Unit::Cent {
                    hundredth(one)
                } else {
                    one
                },
                currency: unit.resolve(home),
                from: at - 1,
                to: at + length,
            })
        })
        .collect()
}
