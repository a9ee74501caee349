//! `products`: what is sold, with its variants, or what a bundle is made of.

use consultant_core::{LocalText, Product, ProductId, Variant, VariantId};

use super::{
    audiences::known_rate,
    bundles,
    catalog::word_lists,
    fields::{Fields, MAX_NAME_CHARS, MAX_TEXT_CHARS, Report, Spot},
    names::Names,
    prices,
    scope::{Declared, SCOPE_KEYS},
};
use crate::{problem::suggest, yaml::Node};

const MAX_PRODUCTS: usize = 50_000;
const MAX_VARIANTS: usize = 50;

/// The id of the only variant of a product that is written without `variants`.
pub(crate) const ONLY_VARIANT: &str = "standard";

/// The stock of what is never used up: licences, seats, work.
const NOT_COUNTED: &str = "always";

/// The products in the order of the file.
pub(super) fn products(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    declared: &Declared<'_>,
) -> Vec<Product> {
    let Some(spot) = fields.require(report, "products") else {
        return Vec::new();
    };
    let items = spot.items(report, MAX_PRODUCTS);
    if items.is_empty() && matches!(spot.node, Node::Seq(_)) {
        report.add(
            &spot.at,
            "the catalogue has no products",
            "write at least one",
        );
    }
    let (mut ids, mut names) = (Names::default(), Names::default());
    let mut products = Vec::new();
    for item in &items {
        let Some(product) = product(report, item, declared) else {
            continue;
        };
        take_names(report, item, &product, &mut ids, &mut names);
        products.push(product);
    }
    bundles::finish(report, &items, &mut products);
    products
}

fn product(report: &mut Report<'_>, spot: &Spot<'_>, declared: &Declared<'_>) -> Option<Product> {
    let own = [
        "id",
        "name",
        "aliases",
        "category",
        "description",
        "picture",
        "variants",
        "price",
        "prices",
        "stock",
        "contains",
        "tax",
    ];
    let known = [&own[..], &SCOPE_KEYS].concat();
    let fields = spot.fields(report, &known)?;
    let id = fields
        .require(report, "id")
        .and_then(|spot| spot.id(report));
    let name = fields
        .require(report, "name")
        .map(|spot| spot.local(report, MAX_NAME_CHARS));
    let aliases = word_lists(report, &fields, "aliases");
    let category = category(report, &fields, declared);
    let description = fields.require(report, "description");
    let description = description.map(|spot| spot.local(report, MAX_TEXT_CHARS));
    let picture_url = picture_url(report, &fields);
    let contains = fields.get("contains");
    let contains = contains.map(|spot| bundles::parts(report, &spot));
    let is_bundle = contains.is_some();
    let variants = variants(report, &fields, declared, is_bundle);
    let tax = fields.get("tax");
    let tax = tax.and_then(|spot| tax_of(report, &spot, declared));
    let scope = declared.scope(report, &fields);
    Some(Product {
        id: ProductId(id?),
        name: name?,
        aliases,
        category: category?,
        description: description?,
        picture_url,
        variants,
        contains: contains.unwrap_or_default(),
        counts_parts: false,
        scope,
        tax,
    })
}

fn tax_of(report: &mut Report<'_>, spot: &Spot<'_>, declared: &Declared<'_>) -> Option<String> {
    let Some(taxes) = declared.taxes else {
        let message = "the catalogue says nothing of taxes";
        report.add(&spot.at, message, "write `taxes`, or remove the key");
        return None;
    };
    known_rate(report, spot, &taxes.rates)
}

/// Where the picture is. Platforms fetch it themselves, and only over `https`.
fn picture_url(report: &mut Report<'_>, fields: &Fields<'_>) -> Option<String> {
    let spot = fields.get("picture")?;
    let url = spot.text(report, MAX_TEXT_CHARS)?;
    if !url.starts_with("https://") {
        let message = format!("`{url}` is no address that a chat platform can fetch");
        report.add(
            &spot.at,
            message,
            "write a full address that begins with https://",
        );
        return None;
    }
    Some(url)
}

fn category(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    declared: &Declared<'_>,
) -> Option<String> {
    let known = declared.categories;
    let spot = fields.require(report, "category")?;
    let id = spot.text(report, MAX_NAME_CHARS)?;
    if !known.iter().any(|category| category.id == id) {
        let hint = suggest(&id, known.iter().map(|category| category.id.as_str()));
        report.add(&spot.at, format!("there is no category `{id}`"), hint);
        return None;
    }
    Some(id)
}

/// The variants, or the only one of a product that gives `price` and `stock` itself.
fn variants(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    declared: &Declared<'_>,
    is_bundle: bool,
) -> Vec<Variant> {
    let Some(spot) = fields.get("variants") else {
        let id = Some(VariantId(ONLY_VARIANT.into()));
        let named = (id, LocalText::default());
        return sold(report, fields, declared, (named, is_bundle))
            .into_iter()
            .collect();
    };
    for name in ["price", "prices", "stock"] {
        if let Some(double) = fields.get(name) {
            let message = format!("`{name}` stands beside `variants`");
            let hint = "write it in each variant, or remove `variants`";
            report.add(&double.at, message, hint);
        }
    }
    let items = spot.items(report, MAX_VARIANTS);
    if items.is_empty() && matches!(spot.node, Node::Seq(_)) {
        report.add(
            &spot.at,
            "the product has no variants",
            "write one, or `price` and `stock`",
        );
    }
    let (mut ids, mut names) = (Names::default(), Names::default());
    items
        .iter()
        .filter_map(|item| variant(report, item, declared, (&mut ids, &mut names)))
        .collect()
}

fn variant(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    declared: &Declared<'_>,
    (ids, names): (&mut Names, &mut Names),
) -> Option<Variant> {
    let known = ["id", "name", "price", "prices", "stock", "picture"];
    let fields = spot.fields(report, &known)?;
    let id_spot = fields.require(report, "id");
    let id = id_spot.as_ref().and_then(|spot| spot.id(report));
    let name = fields
        .require(report, "name")
        .map(|spot| spot.local(report, MAX_NAME_CHARS));
    let named = (id.clone().map(VariantId), name.clone().unwrap_or_default());
    let sold = sold(report, &fields, declared, (named, false));
    let (id, name) = (id?, name?);
    if let Some(spot) = id_spot {
        ids.take_id(report, &spot.at, &id);
    }
    for text in name.0.values() {
        names.take(report, &spot.at, text, &id);
    }
    Some(Variant {
        picture_url: picture_url(report, &fields),
        ..sold?
    })
}

/// What is sold at a price: `price`, `prices` and `stock`. A bundle without a stock of its own has
/// that of its parts, which is counted when all of them are read.
fn sold(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    declared: &Declared<'_>,
    ((id, name), is_bundle): ((Option<VariantId>, LocalText), bool),
) -> Option<Variant> {
    let price = fields.require(report, "price");
    let price = price.and_then(|spot| spot.amount(report, declared.currency));
    let prices = fields.get("prices");
    let prices = prices.map(|spot| prices::rows(report, &spot, declared));
    let stock_pieces = match fields.get("stock") {
        None if is_bundle => Some(bundles::NOT_COUNTED_YET),
        _ => stock(report, fields),
    };
    Some(Variant {
        id: id?,
        name,
        price: price?,
        prices: prices.unwrap_or_default(),
        stock_pieces: stock_pieces?,
        picture_url: None,
    })
}

fn stock(report: &mut Report<'_>, fields: &Fields<'_>) -> Option<u32> {
    let spot = fields.require(report, "stock")?;
    match spot.node {
        Node::Scalar(text) if text == NOT_COUNTED => Some(Variant::UNCOUNTED),
        _ => spot.pieces(report, 0),
    }
}

fn take_names(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    product: &Product,
    ids: &mut Names,
    names: &mut Names,
) {
    let at = |name| {
        spot.field(name)
            .map_or_else(|| spot.at.clone(), |spot| spot.at)
    };
    ids.take_id(report, &at("id"), product.id.as_str());
    for name in product.name.0.values() {
        names.take(report, &at("name"), name, product.id.as_str());
    }
    for alias in product.aliases.values().flatten() {
        names.take(report, &at("aliases"), alias, product.id.as_str());
    }
}
