//! The currencies that a text names, with an amount or without.

use crate::{
    Currency,
    extract::{currency_at, tokens},
};

/// Each currency that the text names, once, in a shop that counts in `home`.
pub fn currencies(text: &str, home: Currency) -> Vec<Currency> {
    let tokens = tokens(text);
    let (mut named, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let Some((unit, length)) = currency_at(&tokens, at) else {
            at += 1;
            continue;
        };
        at += length;
        if let Some(currency) = unit.resolve(home).filter(|it| !named.contains(it)) {
            named.push(currency);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let found = currencies(text, Currency::EUR);
        let found: Vec<&str> = found.iter().map(Currency::code).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn a_currency_is_found_with_an_amount_and_without() {
        check("How much is it in dollars?", &["USD"]);
        check("I have 100 USD, is it enough?", &["USD"]);
        check("Is 50 EUR about 60 dollars?", &["EUR", "USD"]);
        check("多少美元？", &["USD"]);
        check("How much is the lamp?", &[]);
    }
}
