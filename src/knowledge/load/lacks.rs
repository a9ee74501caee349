//! What in a catalogue can be loaded and looks wrong all the same: goods without a price in a currency
//! that others are sold in.

use std::collections::BTreeSet;

use consultant_core::{Catalog, Currency, Product, Variant};

use super::fields::{Report, Spot};
use crate::problem::Problem;

/// Everything doubtful about a catalogue that was loaded from this text.
pub(crate) fn doubts_about_catalog(file: &str, text: &str, catalog: &Catalog) -> Vec<Problem> {
    let Ok((mut report, node)) = Report::parse(file, text) else {
        return Vec::new();
    };
    let Some(products) = Spot::root(&node).field("products") else {
        return Vec::new();
    };
    let others = currencies(catalog);
    let items = products.items(&mut report, usize::MAX);
    for (product, item) in catalog.products.iter().zip(&items) {
        let lacking = others.iter().filter(|it| lacks(product, **it));
        let lacking: Vec<&str> = lacking.map(Currency::code).collect();
        if lacking.is_empty() {
            continue;
        }
        let at = item.field("id").map_or_else(|| item.at.clone(), |it| it.at);
        let message = format!(
            "`{}` is not sold in {}, and other goods are",
            product.id,
            lacking.join(" and ")
        );
        let hint = "add a price in it to each variant: who pays in it is not offered the others";
        report.add(&at, message, hint);
    }
    for (product, item) in catalog.products.iter().zip(&items) {
        for group in catalog.groups.iter().filter(|it| it.pays_net) {
            if has_net_price(product, &group.id) || catalog.taxes.is_none() {
                continue;
            }
            let at = item.field("id").map_or_else(|| item.at.clone(), |it| it.at);
            let (id, group) = (&product.id, &group.id);
            let message =
                format!("`{id}` has no price for `{group}`, who is told prices without taxes");
            let hint =
                "add one for the group: the price for everybody is told them as if it held none";
            report.add(&at, message, hint);
        }
    }
    report.into_warnings()
}

/// Whether each variant has a price of its own for a group, or is sold to others only.
fn has_net_price(product: &Product, group: &String) -> bool {
    let groups = &product.scope.groups;
    let has = |it: &Variant| it.prices.iter().any(|row| row.scope.groups.contains(group));
    !groups.is_empty() || product.variants.iter().all(has)
}

/// The currencies beside the catalogue's own that anything is sold in.
fn currencies(catalog: &Catalog) -> BTreeSet<Currency> {
    let variants = catalog.products.iter().flat_map(|it| &it.variants);
    let rows = variants.flat_map(|it| &it.prices);
    rows.filter_map(|it| it.currency).collect()
}

fn lacks(product: &Product, currency: Currency) -> bool {
    let has = |it: &Variant| {
        let mut rows = it.prices.iter();
        rows.any(|row| row.currency == Some(currency) && row.min_quantity == 1)
    };
    !product.variants.iter().all(has)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load_catalog;

    #[test]
    fn goods_without_a_price_that_others_have_are_named() {
        let text = "\
company: {name: Shop, about: {en: A shop.}}
currency: EUR
categories: [{id: lighting, name: {en: Lighting}}]
products:
  - id: lamp
    name: {en: Lamp}
    category: lighting
    description: {en: A lamp.}
    price: 50
    prices: [{price: 60, currency: USD}]
    stock: 1
  - id: shade
    name: {en: Shade}
    category: lighting
    description: {en: A shade.}
    price: 20
    prices: [{price: 20, currency: USD, min_quantity: 5}]
    stock: 1
";
        let catalog = load_catalog("c", text).unwrap();
        let found = doubts_about_catalog("c", text, &catalog);
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("c:12:"), "{told:?}");
        assert!(found[0].is_warning && told[0].contains("`shade` is not sold in USD"));

        let taxes = "taxes: {name: {en: VAT}, rates: {standard: 19}}\ngroups: [{id: trade, pays_net: true}]\n";
        let text = text.replace("currency: EUR\n", &format!("currency: EUR\n{taxes}"));
        let catalog = load_catalog("c", &text).unwrap();
        let told = doubts_about_catalog("c", &text, &catalog);
        let net = told
            .iter()
            .filter(|it| it.message.contains("no price for `trade`"));
        assert_eq!(net.count(), 2);
    }
}
