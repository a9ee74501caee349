//! Amounts of money as a customer names a budget: `5k`, `up to 500 EUR`, `五千左右`.

mod bare;

use std::ops::Range;

use rust_decimal::Decimal;

use super::{
    Found,
    number::{Count, counts, is_guess},
    pieces::with_numbers,
};
use crate::{
    Currency, Money,
    extract::{self, Kind, Token, currency_at},
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
    let amounts = all(&tokens, home).into_iter();
    let amounts = amounts.filter(|amount| !amount.value.is_zero());
    amounts
        .filter_map(|amount| {
            let money = Money::new(amount.value, amount.currency.unwrap_or(home));
            Found::of(text, tokens.get(amount.from..amount.to)?, money)
        })
        .collect()
}

/// Where a text names amounts with their currency, in bytes.
pub(super) fn priced(text: &str) -> Vec<Range<usize>> {
    let tokens = with_numbers(text);
    // Which currency is meant by `$` makes no difference to the place.
    let amounts = all(&tokens, Currency::EUR).into_iter();
    amounts
        .filter(|amount| amount.currency.is_some())
        .filter_map(|amount| {
            let words = tokens.get(amount.from..amount.to)?;
            Some(words.first()?.at.start..words.last()?.at.end)
        })
        .collect()
}

fn all(tokens: &[Token], home: Currency) -> Vec<Amount> {
    let mut amounts = with_currency(tokens, home);
    let beside =
        |count: &Count, amount: &Amount| count.to <= amount.from || amount.to <= count.from;
    let bare: Vec<Amount> = counts(tokens)
        .iter()
        .filter(|count| amounts.iter().all(|amount| beside(count, amount)))
        .filter_map(|count| bare(tokens, count, home))
        .collect();
    amounts.extend(bare);
    amounts.sort_by_key(|amount| amount.from);
    join_ranges(tokens, amounts)
}

/// The amounts that `extract` finds, but no guesses (几千块), and without the second mark of
/// `$5k-$7k`, which is the next amount's own.
fn with_currency(tokens: &[Token], home: Currency) -> Vec<Amount> {
    let amounts = extract::amounts(tokens, home).into_iter();
    let meant = amounts.filter(|amount| !is_guess(tokens, amount.from, amount.to));
    meant
        .filter_map(|amount| {
            let end = amount.to.checked_sub(2).filter(|end| *end > amount.from);
            let end = end.filter(|end| tokens[*end].is_mark('-'));
            let end = end.filter(|end| mark_at(tokens, end + 1, home).is_some());
            let own = amount.from.checked_sub(1).filter(|_| end.is_some());
            let own = own.filter(|at| mark_at(tokens, *at, home).is_some());
            Some(Amount {
                value: amount.value?,
                currency: amount.currency,
                from: own.unwrap_or(amount.from),
                to: end.unwrap_or(amount.to),
            })
        })
        .collect()
}

/// The currency whose symbol stands here.
fn mark_at(tokens: &[Token], at: usize, home: Currency) -> Option<Currency> {
    let symbol = matches!(tokens.get(at)?.kind, Kind::Mark(_));
    let (unit, _) = currency_at(tokens, at).filter(|_| symbol)?;
    unit.resolve(home)
}

/// A number as an amount, if it is one without more words, or by a symbol right before it.
fn bare(tokens: &[Token], count: &Count, home: Currency) -> Option<Amount> {
    let before = count
        .from
        .checked_sub(1)
        .filter(|_| !tokens[count.from].spaced);
    let own = before.and_then(|at| Some((at, mark_at(tokens, at, home)?)));
    let (from, currency) = own.unzip();
    (own.is_some() || bare::is_amount(tokens, count)).then_some(Amount {
        value: count.value,
        currency,
        from: from.unwrap_or(count.from),
        to: count.to,
    })
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
            ("1500 is our budget", "1500 EUR"),
            ("we can pay 1500", "1500 EUR"),
            ("no more than 800, please", "800 EUR"),
            ("under 1000", "1000 EUR"),
            ("I'd spend at most 300", "300 EUR"),
            ("at least 500", "500 EUR"),
            ("2000 per month", "2000 EUR"),
            ("2000/month", "2000 EUR"),
            ("300 or so", "300 EUR"),
            ("5000 or less", "5000 EUR"),
            ("budget? 2500", "2500 EUR"),
            ("每月2000", "2000 EUR"),
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
            ("$5k-$7k", "7000 USD"),
            ("USD 5,000 - 7,000", "7000 USD"),
            ("between 5 and 10k", "10000 EUR"),
            ("预算五千到八千", "8000 EUR"),
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
            "几千块",
            "两三千",
            "within 2026",
            "24/7",
            "13812345678",
            "between 10 and 20 people",
            "10 to 12 weeks",
            "10:30",
            "A4",
            "5 kg",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn a_range_keeps_its_first_symbol() {
        let found = amounts("from $100-$200.", Currency::EUR);
        assert_eq!(found[0].text, "$100-$200");
    }

    #[test]
    fn the_home_currency_settles_what_is_not_said() {
        let dollars: Currency = "CAD".parse().unwrap();
        let found = amounts("$500, up to 600", dollars);
        let found: Vec<String> = found.iter().map(|found| found.value.to_string()).collect();
        assert_eq!(found, ["500 CAD", "600 CAD"]);
    }
}
