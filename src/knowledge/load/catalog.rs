//! `catalog.yaml`: the company, its categories, products with variants, and discount rules.

use std::collections::BTreeMap;

use consultant_core::{Catalog, Company, Currency, Language, LocalText};

use super::{
    audiences, content_hash, discounts,
    fields::{Fields, MAX_NAME_CHARS, MAX_TEXT_CHARS, Report, Spot},
    hours,
    names::Names,
    products::products,
    scope::Declared,
};
use crate::{problem::Problem, yaml::Node};

const MAX_CATEGORIES: usize = 50;
const MAX_ALIASES: usize = 30;

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
    let known = [
        "company",
        "currency",
        "groups",
        "regions",
        "taxes",
        "categories",
        "products",
        "discounts",
    ];
    let fields = root.fields(report, &known)?;
    let company = fields
        .require(report, "company")
        .and_then(|spot| company(report, &spot));
    let currency = fields
        .require(report, "currency")
        .and_then(|spot| currency(report, &spot));
    let categories = fields
        .require(report, "categories")
        .map(|spot| categories(report, &spot))
        .unwrap_or_default();
    let (groups, regions) = audiences::audiences(report, &fields);
    let taxes = fields.get("taxes");
    let taxes = taxes.and_then(|spot| audiences::taxes(report, &spot));
    let declared = Declared {
        currency: currency.unwrap_or(Currency::EUR),
        categories: &categories,
        groups: &groups,
        regions: &regions,
        taxes: taxes.as_ref(),
    };
    let products = products(report, &fields, &declared);
    let discounts = fields.get("discounts");
    let discounts = discounts.map(|spot| discounts::discounts(report, &spot, &declared));
    let mut catalog = Catalog {
        company: company?,
        currency: currency?,
        home: None,
        products,
        discounts: discounts.unwrap_or_default(),
        groups,
        regions,
        taxes,
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

/// A currency that ISO 4217 lists.
pub(super) fn currency(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Currency> {
    let text = spot.text(report, 40)?;
    let currency: Option<Currency> = text.parse().ok();
    let known = currency.filter(Currency::is_known);
    if known.is_none() {
        let hint = "write three capital letters, such as `EUR` (ISO 4217)";
        report.add(&spot.at, format!("`{text}` is not a currency"), hint);
    }
    known
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

/// Words for a thing, per language; none where the key is missing.
pub(super) fn word_lists(
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
