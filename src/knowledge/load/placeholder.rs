//! `{price:desk-lamp}`, `{price:desk-lamp/oak}` and `{discount:bulk}` in answers, so that a price
//! is written once: in the catalogue.

use consultant_core::Catalog;
use rust_decimal::Decimal;

use crate::problem::suggest;

/// A placeholder that cannot be filled, and what to try.
pub(crate) struct Unfilled {
    pub(super) message: String,
    pub(super) hint: String,
}

/// The text with every placeholder filled. Without a catalogue only their form is checked.
pub(crate) fn fill(text: &str, catalog: Option<&Catalog>) -> Result<String, Vec<Unfilled>> {
    let (mut filled, mut wrong) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((inside, tail)) = after.split_once('}') else {
            wrong.push(Unfilled {
                message: "a `{` is never closed".into(),
                hint: "write `{price:ID}` or `{discount:ID}`".into(),
            });
            return Err(wrong);
        };
        match value(inside, catalog) {
            Ok(value) => filled.push_str(&value),
            Err(unfilled) => wrong.push(unfilled),
        }
        rest = tail;
    }
    filled.push_str(rest);
    if wrong.is_empty() {
        Ok(filled)
    } else {
        Err(wrong)
    }
}

fn value(inside: &str, catalog: Option<&Catalog>) -> Result<String, Unfilled> {
    let unfilled = |message: String, hint: String| Unfilled { message, hint };
    let (kind, key) = inside.split_once(':').unwrap_or((inside, ""));
    if !["price", "discount"].contains(&kind) {
        let message = format!("`{{{inside}}}` is not a known placeholder");
        return Err(unfilled(
            message,
            "write `{price:ID}` or `{discount:ID}`".into(),
        ));
    }
    let Some(catalog) = catalog else {
        return Ok(String::new());
    };
    if kind == "price" {
        return price(catalog, key);
    }
    let found = catalog.discounts.iter().find(|discount| discount.id == key);
    let ids = catalog
        .discounts
        .iter()
        .map(|discount| discount.id.as_str());
    found
        .map(|discount| format!("{}%", discount.percent.normalize()))
        .ok_or_else(|| unfilled(format!("there is no discount `{key}`"), suggest(key, ids)))
}

fn price(catalog: &Catalog, key: &str) -> Result<String, Unfilled> {
    let (product_key, variant_key) = match key.split_once('/') {
        Some((product, variant)) => (product, Some(variant)),
        None => (key, None),
    };
    let product = catalog
        .product(&product_key.into())
        .ok_or_else(|| Unfilled {
            message: format!("there is no product `{product_key}`"),
            hint: suggest(product_key, catalog.products.iter().map(|p| p.id.as_str())),
        })?;
    let variants = || product.variants.iter().map(|variant| variant.id.as_str());
    let amount: Decimal = if let Some(key) = variant_key {
        let variant = product.variant(&key.into()).ok_or_else(|| Unfilled {
            message: format!("`{product_key}` has no variant `{key}`"),
            hint: suggest(key, variants()),
        })?;
        variant.price
    } else {
        let (low, high) = product.price_range();
        if low != high {
            let names: Vec<_> = variants().collect();
            return Err(Unfilled {
                message: format!("`{product_key}` has more than one price"),
                hint: format!("name a variant after a slash: {}", names.join(", ")),
            });
        }
        low
    };
    Ok(catalog.money(amount).to_string())
}
