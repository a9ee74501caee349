//! Prices for a quantity: true only with the number that they take.

use super::*;
use crate::PriceRow;

/// A shop whose lamp costs less by the dozen.
fn base() -> FactBase {
    let mut catalog = catalog();
    let lamp = &mut catalog.products[0];
    lamp.variants.truncate(1);
    lamp.variants[0].price = "50".parse().unwrap();
    lamp.variants[0].prices = vec![PriceRow {
        price: "45".parse().unwrap(),
        currency: None,
        min_quantity: 12,
        scope: crate::Scope::default(),
    }];
    FactBase::new(&catalog, &Faq::default())
}

#[track_caller]
fn check(sentence: &str, expect: bool) {
    let base = base();
    let verdict = base.in_conversation(&[], &[]).guard(sentence);
    assert_eq!(verdict.passes(), expect, "{sentence}: {verdict:?}");
}

#[test]
fn a_price_for_a_dozen_is_no_price_for_one() {
    check("The Aurora Lamp costs 50 EUR.", true);
    check("From 12 pieces the Aurora Lamp costs 45 EUR each.", true);
    check("The Aurora Lamp costs 45 EUR.", false);
    check("It costs 45 EUR.", false);
    check("From 12 pieces it costs 45 EUR each.", true);
    check("From 10 pieces the Aurora Lamp costs 45 EUR each.", false);
    check("满 12 件时，极光台灯每件 45 EUR。", true);
    check("极光台灯每件 45 EUR。", false);
}
