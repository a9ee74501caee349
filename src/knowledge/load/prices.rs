//! `prices`: what a variant costs beside its usual price, for a quantity, a group, a region, some
//! days, or in another currency.

use consultant_core::PriceRow;

use super::{
    catalog::currency,
    fields::{Report, Spot},
    scope::{Declared, SCOPE_KEYS},
};

const MAX_ROWS: usize = 200;

/// The rows in the order of the file. Two that would count at once are a problem.
pub(super) fn rows(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    declared: &Declared<'_>,
) -> Vec<PriceRow> {
    let mut rows: Vec<PriceRow> = Vec::new();
    for item in spot.items(report, MAX_ROWS) {
        let Some(row) = row(report, &item, declared) else {
            continue;
        };
        if rows.iter().any(|other| other.rivals(&row)) {
            let hint = "let their days, groups or regions not overlap, or remove one";
            let message = "another price holds for the same people on the same days";
            report.add(&item.at, message, hint);
        }
        rows.push(row);
    }
    rows
}

fn row(report: &mut Report<'_>, spot: &Spot<'_>, declared: &Declared<'_>) -> Option<PriceRow> {
    let own = ["price", "currency", "min_quantity"];
    let fields = spot.fields(report, &[&own[..], &SCOPE_KEYS].concat())?;
    let pays_in = fields.get("currency");
    let pays_in = pays_in.and_then(|spot| currency(report, &spot));
    let price = fields.require(report, "price");
    let price = price.and_then(|spot| spot.amount(report, pays_in.unwrap_or(declared.currency)));
    let min_quantity = fields.get("min_quantity");
    let min_quantity = match min_quantity {
        Some(spot) => spot.pieces(report, 1),
        None => Some(1),
    };
    let row = PriceRow {
        price: price?,
        currency: pays_in.filter(|it| *it != declared.currency),
        min_quantity: min_quantity?,
        scope: declared.scope(report, &fields),
    };
    if row.min_quantity == 1 && row.currency.is_none() && row.scope.is_everyone() {
        let hint = "say whom, when or how many it is for, or write it as `price`";
        report.add(&spot.at, "this is the price for everybody", hint);
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use crate::load::load_catalog;

    const GOOD: &str = "\
company: {name: Shop, about: {en: A shop.}}
currency: EUR
groups: [{id: wholesale}, {id: press, members: ['telegram:1']}]
regions: [EU, CH]
taxes: {name: {en: VAT}, rates: {standard: 19, reduced: 7}, usual: standard}
categories: [{id: lighting, name: {en: Lighting}}]
products:
  - id: lamp
    name: {en: Lamp}
    category: lighting
    description: {en: A lamp.}
    price: 50
    prices:
      - {price: 45, min_quantity: 10}
      - {price: 40, groups: [wholesale], valid_from: 2026-01-01, valid_until: 2026-06-30}
    stock: 7
  - id: set
    name: {en: Set}
    category: lighting
    description: {en: Two lamps.}
    contains: [{product: lamp, quantity: 2}]
    price: 90
discounts:
  - {id: big, name: {en: Big}, min_total: 500, percent: 5, regions: [EU]}
";

    /// The problem of the good catalogue with a piece replaced, at its line.
    #[track_caller]
    fn check(from: &str, to: &str, line: usize, expect: &str) {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        let problems = load_catalog("c", &text).err().unwrap_or_default();
        let fits = |it: &&crate::Problem| it.line == line && it.message.contains(expect);
        assert!(
            problems.iter().any(|it| fits(&it)),
            "{expect}: {problems:#?}"
        );
    }

    #[test]
    fn a_good_catalogue_has_a_bundle_that_its_parts_make() {
        let catalog = load_catalog("c", GOOD).unwrap();
        assert_eq!(catalog.products[1].variants[0].stock_pieces, 3);
    }

    #[test]
    fn two_prices_that_hold_at_once_are_named() {
        const OTHER: &str = "\n      - {price: 39, groups: [wholesale, press], ";
        let row = |days: &str| format!("06-30}}{OTHER}{days}}}");
        let overlaps = "another price holds";
        check("06-30}", &row("valid_from: 2026-06-30"), 16, overlaps);
        check("06-30}", &row("valid_until: 2026-01-01"), 16, overlaps);
        let after = GOOD.replacen("06-30}", &row("valid_from: 2026-07-01"), 1);
        assert!(load_catalog("c", &after).is_ok());
    }

    #[test]
    fn a_price_without_a_difference_is_no_other_price() {
        check(
            "{price: 45, min_quantity: 10}",
            "{price: 45}",
            14,
            "for everybody",
        );
        check("{price: 45,", "{price: -45,", 14, "not a price");
        check(
            "{price: 45,",
            "{price: 45, currency: EURO,",
            14,
            "not a currency",
        );
        check(
            "{price: 45,",
            "{price: 45, currency: XQZ,",
            14,
            "not a currency",
        );
        check(
            "{price: 45,",
            "{price: 45.5, currency: JPY,",
            14,
            "1 decimals",
        );
        check(
            "min_quantity: 10",
            "min_quantity: 0",
            14,
            "not a number of pieces",
        );
    }

    #[test]
    fn who_or_what_is_not_declared_is_named() {
        check(
            "groups: [wholesale],",
            "groups: [wholsale],",
            15,
            "no group `wholsale`",
        );
        check("regions: [EU]}", "regions: [US]}", 24, "no region `US`");
        check("2026-06-30", "2025-06-30", 15, "is before");
        check("2026-06-30", "June", 15, "not a day");
        check(
            "    stock: 7",
            "    tax: none\n    stock: 7",
            16,
            "no tax rate `none`",
        );
        check(
            "usual: standard",
            "usual: normal",
            5,
            "no tax rate `normal`",
        );
        check(", usual: standard", "", 5, "not exactly one rate");
        check("standard: 19", "standard: 119", 5, "no tax rate");
        check("{id: wholesale}", "{id: press}", 3, "stands here twice");
        check("['telegram:1']", "['ann']", 3, "`ann`");
    }

    #[test]
    fn a_part_that_is_not_sold_is_named() {
        check("product: lamp,", "product: lmap,", 21, "no product `lmap`");
        check("product: lamp,", "product: set,", 21, "a bundle itself");
        check(
            "product: lamp,",
            "product: lamp, variant: red,",
            21,
            "no variant `red`",
        );
        check(
            "[{product: lamp, quantity: 2}]",
            "[]",
            21,
            "the bundle is empty",
        );
    }
}
