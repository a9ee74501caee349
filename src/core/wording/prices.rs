//! What is said about prices: of one piece, of several, and whether taxes are in them.

use rust_decimal::Decimal;

use super::{full_name, money};
use crate::{Catalog, Language, Money, Product, Quote, Variant};

/// `The Arc Lamp costs 49 EUR.`, or `… costs 49 EUR (Black, White) or 59 EUR (Brass).`
pub fn price(language: Language, catalog: &Catalog, product: &Product) -> String {
    let mut notes = Vec::new();
    if let Some(variant) = same_for_all(product) {
        notes.extend(steps(language, catalog, variant));
    }
    notes.extend(taxes(language, catalog, [product]));
    costs(
        language,
        product.name.get(language),
        &prices_with_variants(language, catalog, product),
        &notes,
    )
}

/// The same without what is said of taxes, and with all that is said of quantities.
pub fn price_for_prompt(language: Language, catalog: &Catalog, product: &Product) -> String {
    let notes = same_for_all(product).and_then(|variant| steps(language, catalog, variant));
    costs(
        language,
        product.name.get(language),
        &prices_with_variants(language, catalog, product),
        notes.as_slice(),
    )
}

/// `The Arc Lamp in Brass costs 59 EUR.`, with what it costs by the dozen, if that is less.
pub fn variant_price(
    language: Language,
    catalog: &Catalog,
    product: &Product,
    variant: &Variant,
) -> String {
    let name = full_name(language, product, variant);
    let price = money(language, catalog.money(variant.price));
    let mut notes: Vec<String> = steps(language, catalog, variant).into_iter().collect();
    notes.extend(taxes(language, catalog, [product]));
    costs(language, &name, &[price], &notes)
}

/// `3 × Arc Lamp (Brass): 159.30 EUR in all (10% off from 5 pieces; 177 EUR without it).`
pub fn quote(
    language: Language,
    catalog: &Catalog,
    (product, name): (&Product, &str),
    quantity: u32,
    quote: &Quote<'_>,
) -> String {
    let total = total(language, catalog, [product], quote.total);
    let saving = quote
        .discount
        .map(|discount| (discount, money(language, quote.full)));
    match (language, saving) {
        (Language::ZH, None) => format!("{quantity} × {name}：共 {total}。"),
        (Language::ZH, Some((discount, full))) => {
            format!(
                "{quantity} × {name}：共 {total}（{}；原价 {full}）。",
                discount.name.get(language)
            )
        }
        (_, None) => format!("{quantity} × {name}: {total} in all."),
        (_, Some((discount, full))) => {
            let rule = discount.name.get(language);
            format!("{quantity} × {name}: {total} in all ({rule}; {full} without it).")
        }
    }
}

/// `It consists of 2 × Arc Lamp (Brass), 1 × Standing Desk.`; `None` for what is no bundle.
pub fn contains(language: Language, catalog: &Catalog, product: &Product) -> Option<String> {
    let parts = product.contains.iter().map(|part| {
        let of = catalog.product(&part.product)?;
        let variant = match &part.variant {
            Some(id) => of.variant(id)?,
            None => of.variants.first()?,
        };
        Some(format!(
            "{} × {}",
            part.quantity,
            full_name(language, of, variant)
        ))
    });
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    if parts.is_empty() {
        return None;
    }
    Some(match language {
        Language::ZH => format!("包含：{}。", parts.join("、")),
        _ => format!("It consists of {}.", parts.join(", ")),
    })
}

/// `177 EUR`, `177 EUR incl. 19% VAT`
pub(super) fn total<'a>(
    language: Language,
    catalog: &Catalog,
    products: impl IntoIterator<Item = &'a Product>,
    amount: Money,
) -> String {
    let total = money(language, amount);
    match (language, taxes(language, catalog, products)) {
        (_, None) => total,
        (Language::ZH, Some(taxes)) => format!("{total}（{taxes}）"),
        (_, Some(taxes)) => format!("{total} {taxes}"),
    }
}

/// `incl. 19% VAT`, `plus 19% VAT`; without the rate where goods have different ones. `None` where
/// the company says nothing of taxes.
fn taxes<'a>(
    language: Language,
    catalog: &Catalog,
    products: impl IntoIterator<Item = &'a Product>,
) -> Option<String> {
    let taxes = catalog.taxes.as_ref()?;
    let name = taxes.name.get(language);
    let mut rates: Vec<Decimal> = products.into_iter().map(|it| taxes.rate_of(it)).collect();
    rates.sort_unstable();
    rates.dedup();
    let tax = match &*rates {
        [rate] => format!("{rate}% {name}"),
        _ => name.to_owned(),
    };
    Some(match (language, taxes.included) {
        (Language::ZH, true) => format!("含 {tax}"),
        (Language::ZH, false) => format!("另加 {tax}"),
        (_, true) => format!("incl. {tax}"),
        (_, false) => format!("plus {tax}"),
    })
}

fn costs(language: Language, name: &str, prices: &[String], notes: &[String]) -> String {
    let notes = match (language, notes.is_empty()) {
        (_, true) => String::new(),
        (Language::ZH, _) => format!("（{}）", notes.join("；")),
        _ => format!(" ({})", notes.join("; ")),
    };
    match language {
        Language::ZH => format!("{name}的价格是 {}{notes}。", prices.join("，")),
        _ => format!("The {name} costs {}{notes}.", prices.join(" or ")),
    }
}

/// `from 10 pieces 45 EUR each`
fn steps(language: Language, catalog: &Catalog, variant: &Variant) -> Option<String> {
    let steps: Vec<String> = variant
        .steps()
        .into_iter()
        .map(|(from, price)| {
            let price = money(language, catalog.money(price));
            match language {
                Language::ZH => format!("满 {from} 件每件 {price}"),
                _ => format!("from {from} pieces {price} each"),
            }
        })
        .collect();
    let comma = if language == Language::ZH {
        "，"
    } else {
        ", "
    };
    (!steps.is_empty()).then(|| steps.join(comma))
}

/// One of the variants, where all cost the same, however many.
fn same_for_all(product: &Product) -> Option<&Variant> {
    let (first, rest) = product.variants.split_first()?;
    let same = |it: &Variant| it.price == first.price && it.steps() == first.steps();
    rest.iter().all(same).then_some(first)
}

fn prices_with_variants(language: Language, catalog: &Catalog, product: &Product) -> Vec<String> {
    let mut groups: Vec<(Money, Vec<&str>)> = Vec::new();
    for variant in &product.variants {
        let price = catalog.money(variant.price);
        let name = variant.name.get(language);
        match groups.iter_mut().find(|(amount, _)| *amount == price) {
            Some((_, names)) => names.push(name),
            None => groups.push((price, vec![name])),
        }
    }
    let one_price = groups.len() == 1;
    let (open, comma, close) = if language == Language::ZH {
        ("（", "、", "）")
    } else {
        (" (", ", ", ")")
    };
    groups
        .into_iter()
        .map(|(price, names)| {
            let price = money(language, price);
            if one_price {
                price
            } else {
                format!("{price}{open}{}{close}", names.join(comma))
            }
        })
        .collect()
}
