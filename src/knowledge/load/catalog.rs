//! `catalog.yaml`: the company, its categories, products with variants, and discount rules.

use std::collections::BTreeMap;

use consultant_core::{
    Catalog, Company, Currency, Discount, DiscountCondition, Language, LocalText, Product,
    ProductId, Variant, VariantId,
};

use super::{
    content_hash,
    fields::{Fields, MAX_NAME_CHARS, MAX_TEXT_CHARS, Report, Spot},
    hours,
    names::Names,
};
use crate::{
    problem::{Problem, suggest},
    yaml::Node,
};

const MAX_PRODUCTS: usize = 2_000;
const MAX_VARIANTS: usize = 50;
const MAX_DISCOUNTS: usize = 50;
const MAX_CATEGORIES: usize = 50;
const MAX_ALIASES: usize = 30;

/// The id of the only variant of a product that is written without `variants`.
const ONLY_VARIANT: &str = "standard";

/// The stock of what is never used up: licences, seats, work.
const NOT_COUNTED: &str = "always";

/// A kind of goods, with the words that customers use for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its key, which products name.
    pub id: String,
    /// Its name for customers.
    pub name: LocalText,
    /// Other words for it, per language.
    pub words: BTreeMap<Language, Vec<String>>,
}

/// A catalogue and what the file says beyond it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedCatalog {
    /// What the company sells.
    pub catalog: Catalog,
    /// The categories in the order of the file.
    pub categories: Vec<Category>,
}

/// Reads a catalogue, or says everything that is wrong with it. `file` only names it.
pub fn load_catalog(file: &str, text: &str) -> Result<Catalog, Vec<Problem>> {
    load_catalog_with_categories(file, text).map(|loaded| loaded.catalog)
}

/// Like [`load_catalog`], with the categories that understanding uses.
pub fn load_catalog_with_categories(file: &str, text: &str) -> Result<LoadedCatalog, Vec<Problem>> {
    let (mut report, node) = Report::parse(file, text)?;
    let loaded = read(&mut report, &node);
    report.finish(loaded)
}

fn read(report: &mut Report<'_>, node: &Node) -> Option<LoadedCatalog> {
    let root = Spot::root(node);
    if *node == Node::Null {
        report.add(
            &root.at,
            "the catalogue is empty",
            "write `company`, `currency`, `products`",
        );
        return None;
    }
    let known = ["company", "currency", "categories", "products", "discounts"];
    let fields = root.fields(report, &known)?;
    let company = fields
        .require(report, "company")
        .and_then(|spot| company(report, &spot));
    let currency = fields
        .require(report, "currency")
        .and_then(|spot| currency(report, &spot));
    let priced_in = currency.unwrap_or(Currency::EUR);
    let categories = fields
        .require(report, "categories")
        .map(|spot| categories(report, &spot))
        .unwrap_or_default();
    let products = products(report, &fields, priced_in, &categories);
    let discounts = fields
        .get("discounts")
        .map(|spot| discounts(report, &spot, priced_in))
        .unwrap_or_default();
    let mut catalog = Catalog {
        company: company?,
        currency: currency?,
        products,
        discounts,
        hash: String::new(),
    };
    catalog.hash = content_hash(&catalog);
    Some(LoadedCatalog {
        catalog,
        categories,
    })
}

fn company(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Company> {
    let fields = spot.fields(report, &["name", "about", "hours"])?;
    let name = fields.require(report, "name");
    let name = name.and_then(|spot| spot.text(report, MAX_NAME_CHARS));
    let about = fields.require(report, "about");
    let about = about.map(|spot| spot.local(report, MAX_TEXT_CHARS));
    let hours = fields.get("hours");
    let hours = hours.map(|spot| hours::hours(report, &spot));
    Some(Company {
        name: name?,
        about: about?,
        hours: hours.flatten(),
    })
}

fn currency(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Currency> {
    let text = spot.text(report, 40)?;
    let currency = text.parse().ok();
    if currency.is_none() {
        let hint = "write three capital letters, such as `EUR` (ISO 4217)";
        report.add(&spot.at, format!("`{text}` is not a currency"), hint);
    }
    currency
}

fn categories(report: &mut Report<'_>, spot: &Spot<'_>) -> Vec<Category> {
    let mut ids = Names::default();
    spot.items(report, MAX_CATEGORIES)
        .iter()
        .filter_map(|spot| {
            let fields = spot.fields(report, &["id", "name", "words"])?;
            let id = fields.require(report, "id")?;
            let key = id.id(report)?;
            ids.take_id(report, &id.at, &key);
            let name = fields
                .require(report, "name")?
                .local(report, MAX_NAME_CHARS);
            let words = word_lists(report, &fields, "words");
            Some(Category {
                id: key,
                name,
                words,
            })
        })
        .collect()
}

fn word_lists(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    name: &str,
) -> BTreeMap<Language, Vec<String>> {
    let Some(spot) = fields.get(name) else {
        return BTreeMap::new();
    };
    let texts = |list: Vec<(String, _)>| list.into_iter().map(|(text, _)| text).collect();
    spot.local_lists(report, MAX_ALIASES)
        .into_iter()
        .map(|(language, list)| (language, texts(list)))
        .collect()
}

fn products(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    currency: Currency,
    categories: &[Category],
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
        let Some(product) = product(report, item, currency, categories) else {
            continue;
        };
        take_names(report, item, &product, &mut ids, &mut names);
        products.push(product);
    }
    products
}

fn product(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    currency: Currency,
    categories: &[Category],
) -> Option<Product> {
    let known = [
        "id",
        "name",
        "aliases",
        "category",
        "description",
        "picture",
        "variants",
        "price",
        "stock",
    ];
    let fields = spot.fields(report, &known)?;
    let id = fields
        .require(report, "id")
        .and_then(|spot| spot.id(report));
    let name = fields
        .require(report, "name")
        .map(|spot| spot.local(report, MAX_NAME_CHARS));
    let aliases = word_lists(report, &fields, "aliases");
    let category = category(report, &fields, categories);
    let description = fields.require(report, "description");
    let description = description.map(|spot| spot.local(report, MAX_TEXT_CHARS));
    let picture_url = picture_url(report, &fields);
    let variants = variants(report, &fields, currency);
    Some(Product {
        id: ProductId(id?),
        name: name?,
        aliases,
        category: category?,
        description: description?,
        picture_url,
        variants,
    })
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

fn category(report: &mut Report<'_>, fields: &Fields<'_>, known: &[Category]) -> Option<String> {
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
fn variants(report: &mut Report<'_>, fields: &Fields<'_>, currency: Currency) -> Vec<Variant> {
    let Some(spot) = fields.get("variants") else {
        let (price, stock) = price_and_stock(report, fields, currency);
        let only = price.zip(stock).map(|(price, stock_pieces)| Variant {
            id: ONLY_VARIANT.into(),
            name: LocalText::default(),
            price,
            stock_pieces,
        });
        return only.into_iter().collect();
    };
    for name in ["price", "stock"] {
        if let Some(double) = fields.get(name) {
            let message = format!("`{name}` stands beside `variants`");
            report.add(
                &double.at,
                message,
                "write it in each variant, or remove `variants`",
            );
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
        .filter_map(|item| variant(report, item, currency, (&mut ids, &mut names)))
        .collect()
}

fn variant(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    currency: Currency,
    (ids, names): (&mut Names, &mut Names),
) -> Option<Variant> {
    let fields = spot.fields(report, &["id", "name", "price", "stock"])?;
    let id_spot = fields.require(report, "id");
    let id = id_spot.as_ref().and_then(|spot| spot.id(report));
    let name = fields
        .require(report, "name")
        .map(|spot| spot.local(report, MAX_NAME_CHARS));
    let (price, stock_pieces) = price_and_stock(report, &fields, currency);
    let (id, name) = (id?, name?);
    if let Some(spot) = id_spot {
        ids.take_id(report, &spot.at, &id);
    }
    for text in name.0.values() {
        names.take(report, &spot.at, text, &id);
    }
    Some(Variant {
        id: VariantId(id),
        name,
        price: price?,
        stock_pieces: stock_pieces?,
    })
}

fn price_and_stock(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    currency: Currency,
) -> (Option<rust_decimal::Decimal>, Option<u32>) {
    let price = fields.require(report, "price");
    let price = price.and_then(|spot| spot.amount(report, currency));
    let stock = fields.require(report, "stock");
    let stock = stock.and_then(|spot| match spot.node {
        Node::Scalar(text) if text == NOT_COUNTED => Some(Variant::UNCOUNTED),
        _ => spot.pieces(report, 0),
    });
    (price, stock)
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

fn discounts(report: &mut Report<'_>, spot: &Spot<'_>, currency: Currency) -> Vec<Discount> {
    let mut ids = Names::default();
    spot.items(report, MAX_DISCOUNTS)
        .iter()
        .filter_map(|spot| {
            let known = ["id", "name", "min_quantity", "min_total", "percent"];
            let fields = spot.fields(report, &known)?;
            let id_spot = fields.require(report, "id");
            let id = id_spot.as_ref().and_then(|spot| spot.id(report));
            let name = fields.require(report, "name");
            let name = name.map(|spot| spot.local(report, MAX_TEXT_CHARS));
            let percent = fields.require(report, "percent");
            let percent = percent.and_then(|spot| spot.percent(report));
            let when = condition(report, spot, &fields, currency);
            let id = id?;
            ids.take_id(report, &id_spot?.at, &id);
            Some(Discount {
                id,
                name: name?,
                when: when?,
                percent: percent?,
            })
        })
        .collect()
}

fn condition(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    fields: &Fields<'_>,
    currency: Currency,
) -> Option<DiscountCondition> {
    match (fields.get("min_quantity"), fields.get("min_total")) {
        (Some(pieces), None) => pieces.pieces(report, 1).map(DiscountCondition::MinQuantity),
        (None, Some(total)) => total
            .amount(report, currency)
            .map(DiscountCondition::MinTotal),
        _ => {
            let message = "a discount needs exactly one of `min_quantity` and `min_total`";
            report.add(
                &spot.at,
                message,
                "write `min_quantity: 5` or `min_total: 500`",
            );
            None
        }
    }
}
