//! `contains`: what a bundle is made of, and how many of it its parts make.

use std::collections::BTreeMap;

use consultant_core::{BundlePart, Product, ProductId, Variant, VariantId};

use super::fields::{Report, Spot};
use crate::problem::suggest;

const MAX_PARTS: usize = 50;

/// The stock of a bundle whose parts are not all read yet. No file can say it: it is above the
/// highest count, and not what is never used up.
pub(super) const NOT_COUNTED_YET: u32 = u32::MAX - 1;

/// The parts in the order of the file.
pub(super) fn parts(report: &mut Report<'_>, spot: &Spot<'_>) -> Vec<BundlePart> {
    let items = spot.items(report, MAX_PARTS);
    if items.is_empty() {
        report.add(&spot.at, "the bundle is empty", "name what is in it");
    }
    items.iter().filter_map(|item| part(report, item)).collect()
}

fn part(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<BundlePart> {
    let fields = spot.fields(report, &["product", "variant", "quantity"])?;
    let product = fields.require(report, "product")?.text(report, 60)?;
    let variant = fields.get("variant");
    let variant = variant.and_then(|spot| spot.text(report, 60));
    let quantity = match fields.get("quantity") {
        Some(spot) => spot.pieces(report, 1)?,
        None => 1,
    };
    Some(BundlePart {
        product: ProductId(product),
        variant: variant.map(VariantId),
        quantity,
    })
}

/// Checks the parts of every bundle, and counts those bundles that have no stock of their own.
/// `items` are where the products stand, in the order of the file; some may have been refused.
pub(super) fn finish(report: &mut Report<'_>, items: &[Spot<'_>], products: &mut [Product]) {
    let stock: BTreeMap<(ProductId, VariantId), u32> = products
        .iter()
        .flat_map(|product| {
            let variants = product.variants.iter();
            variants.map(|it| ((product.id.clone(), it.id.clone()), it.stock_pieces))
        })
        .collect();
    let known: Vec<Product> = products.to_vec();
    for product in products.iter_mut().filter(|it| !it.contains.is_empty()) {
        let place = items.iter().find(|item| is_at(item, &product.id));
        let mut most = Variant::UNCOUNTED;
        for (position, part) in product.contains.iter_mut().enumerate() {
            let found = find(part, &known, &product.id);
            match found {
                Ok(variant) => {
                    let key = (part.product.clone(), variant);
                    let pieces = stock.get(&key).copied().unwrap_or_default();
                    most = most.min(made_of(pieces, part.quantity));
                    part.variant = Some(key.1);
                }
                Err((message, hint)) => complain(report, place, position, (message, hint)),
            }
        }
        for variant in &mut product.variants {
            if variant.stock_pieces == NOT_COUNTED_YET {
                variant.stock_pieces = most;
                product.counts_parts = true;
            }
        }
    }
}

/// How many bundles so many pieces make.
fn made_of(pieces: u32, of_each: u32) -> u32 {
    if pieces == Variant::UNCOUNTED {
        return Variant::UNCOUNTED;
    }
    pieces / of_each.max(1)
}

/// The variant that a part means, or what is wrong with it and what to try.
fn find(
    part: &BundlePart,
    known: &[Product],
    bundle: &ProductId,
) -> Result<VariantId, (String, String)> {
    let wanted = part.product.as_str();
    let Some(product) = known.iter().find(|it| it.id == part.product) else {
        let ids = known.iter().map(|it| it.id.as_str());
        let hint = suggest(wanted, ids);
        return Err((format!("there is no product `{wanted}`"), hint));
    };
    if &product.id == bundle || !product.contains.is_empty() {
        let message = format!("`{wanted}` is a bundle itself");
        return Err((message, "name what is in it instead".to_owned()));
    }
    let variants = || product.variants.iter().map(|it| it.id.as_str());
    let named = match (&part.variant, &*product.variants) {
        (Some(id), _) => product.variant(id),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    named.map(|it| it.id.clone()).ok_or_else(|| {
        let names: Vec<&str> = variants().collect();
        let hint = format!("name one of them: {}", names.join(", "));
        let message = match &part.variant {
            Some(id) => format!("`{wanted}` has no variant `{id}`"),
            None => format!("`{wanted}` has several variants"),
        };
        (message, hint)
    })
}

fn is_at(item: &Spot<'_>, id: &ProductId) -> bool {
    let spot = item.field("id");
    spot.is_some_and(
        |spot| matches!(spot.node, crate::yaml::Node::Scalar(text) if text.trim() == id.as_str()),
    )
}

fn complain(
    report: &mut Report<'_>,
    place: Option<&Spot<'_>>,
    position: usize,
    (message, hint): (String, String),
) {
    let parts = place.and_then(|spot| spot.field("contains"));
    let Some(parts) = parts else { return };
    let items = parts.items(report, MAX_PARTS);
    if let Some(spot) = items.get(position) {
        report.add(&spot.at, message, hint);
    }
}
