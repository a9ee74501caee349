//! A catalogue as the text of a file that says the same: what [`load_catalog`](crate::load_catalog)
//! reads, written by a program. Comments and layout of the file that it was read from are not kept.

use std::collections::BTreeMap;

use consultant_core::{
    BundlePart, BusinessHours, Company, CustomerGroup, Discount, DiscountCondition, Language,
    LocalText, OpenFor, PriceRow, Product, Scope, Taxes, Variant,
};
use jiff::civil::Time;
use rust_decimal::Decimal;
use serde_yaml::{Mapping, Value};

use crate::{Category, LoadedCatalog, load::WEEKDAYS};

/// The text of a catalogue.
pub fn write_catalog(loaded: &LoadedCatalog) -> String {
    let LoadedCatalog {
        catalog,
        categories,
    } = loaded;
    let mut root = Map::default();
    root.put("company", company(&catalog.company));
    root.put("currency", catalog.currency.code());
    root.put_list("groups", catalog.groups.iter().map(group));
    root.put_list("regions", catalog.regions.iter().map(text));
    root.put_some("taxes", catalog.taxes.as_ref().map(taxes));
    root.put("categories", list(categories.iter().map(category)));
    root.put("products", list(catalog.products.iter().map(product)));
    root.put_list("discounts", catalog.discounts.iter().map(discount));
    // A tree of texts cannot fail to be written.
    let written = serde_yaml::to_string(&root.0).unwrap_or_default();
    let lines = written.lines().map(with_plain_number);
    lines.collect()
}

/// A line of the file, ended; an amount in it stands as people write it, without quotes.
fn with_plain_number(line: &str) -> String {
    const NUMBERS: [&str; 3] = ["price", "percent", "min_total"];
    let plain = line.split_once(": '").and_then(|(key, quoted)| {
        let number = quoted.strip_suffix('\'')?;
        let name = key.trim_start_matches([' ', '-']);
        let digits = number.chars().all(|it| it.is_ascii_digit() || it == '.');
        (digits && NUMBERS.contains(&name)).then(|| format!("{key}: {number}\n"))
    });
    plain.unwrap_or_else(|| format!("{line}\n"))
}

/// A group of keys, in the order in which they are put.
#[derive(Default)]
struct Map(Mapping);

impl Map {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(Value::from(key), value.into());
    }

    fn put_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn put_list(&mut self, key: &str, values: impl Iterator<Item = Value>) {
        let values: Vec<Value> = values.collect();
        if !values.is_empty() {
            self.put(key, Value::Sequence(values));
        }
    }

    fn put_scope(&mut self, scope: &Scope) {
        self.put_some("valid_from", scope.from.map(|it| it.to_string()));
        self.put_some("valid_until", scope.until.map(|it| it.to_string()));
        self.put_list("groups", scope.groups.iter().map(text));
        self.put_list("regions", scope.regions.iter().map(text));
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Mapping(map.0)
    }
}

fn list(values: impl Iterator<Item = Value>) -> Value {
    Value::Sequence(values.collect())
}

fn text(text: impl AsRef<str>) -> Value {
    Value::from(text.as_ref())
}

/// Digits that are read as they stand: a float would lose cents.
fn number(number: Decimal) -> Value {
    Value::from(number.to_string())
}

fn local(local: &LocalText) -> Value {
    let mut map = Map::default();
    for (language, text) in &local.0 {
        map.put(language.code(), text.as_str());
    }
    map.into()
}

fn words(words: &BTreeMap<Language, Vec<String>>) -> Option<Value> {
    let mut map = Map::default();
    for (language, words) in words {
        map.put_list(language.code(), words.iter().map(text));
    }
    (!map.0.is_empty()).then(|| map.into())
}

fn company(company: &Company) -> Value {
    let mut map = Map::default();
    map.put("name", company.name.as_str());
    map.put("about", local(&company.about));
    map.put_some("hours", company.hours.as_ref().map(hours));
    map.into()
}

fn hours(hours: &BusinessHours) -> Value {
    let mut map = Map::default();
    let zone = hours.zone.iana_name().unwrap_or("UTC");
    map.put("time_zone", zone);
    for (name, day) in WEEKDAYS.iter().zip(1..) {
        let open = hours.open.iter().filter(|it| it.weekday == day);
        let open: Vec<String> = open.map(opening).collect();
        if !open.is_empty() {
            map.put(name, open.join(", "));
        }
    }
    map.put_list(
        "closed",
        hours.closed.iter().map(|it| Value::from(it.to_string())),
    );
    map.into()
}

/// `09:00-18:00`, `13:00-24:00`
fn opening(open: &OpenFor) -> String {
    let until = match open.until {
        Time::MAX => "24:00".to_owned(),
        until => until.strftime("%H:%M").to_string(),
    };
    format!("{}-{until}", open.from.strftime("%H:%M"))
}

fn group(group: &CustomerGroup) -> Value {
    let mut map = Map::default();
    map.put("id", group.id.as_str());
    if group.pays_net {
        map.put("pays_net", true);
    }
    map.put_some("currency", group.currency.map(|it| it.to_string()));
    map.put_list("members", group.members.iter().map(text));
    map.into()
}

fn taxes(taxes: &Taxes) -> Value {
    let mut map = Map::default();
    map.put("name", local(&taxes.name));
    map.put("included", taxes.included);
    let mut rates = Map::default();
    for (key, rate) in &taxes.rates {
        rates.put(key, number(*rate));
    }
    map.put("rates", rates);
    map.put("usual", taxes.usual.as_str());
    map.into()
}

fn category(category: &Category) -> Value {
    let mut map = Map::default();
    map.put("id", category.id.as_str());
    map.put("name", local(&category.name));
    map.put_some("words", words(&category.words));
    map.into()
}

fn product(product: &Product) -> Value {
    let mut map = Map::default();
    map.put("id", product.id.as_str());
    map.put("name", local(&product.name));
    map.put_some("aliases", words(&product.aliases));
    map.put("category", product.category.as_str());
    map.put("description", local(&product.description));
    map.put_some("picture", product.picture_url.as_deref());
    map.put_some("tax", product.tax.as_deref());
    map.put_scope(&product.scope);
    map.put_list("contains", product.contains.iter().map(part));
    match &*product.variants {
        [only] if only.name.0.is_empty() => put_sold(&mut map, only, product.counts_parts),
        variants => map.put_list("variants", variants.iter().map(variant)),
    }
    map.into()
}

fn part(part: &BundlePart) -> Value {
    let mut map = Map::default();
    map.put("product", part.product.as_str());
    map.put_some(
        "variant",
        part.variant.as_ref().map(|it| it.as_str().to_owned()),
    );
    map.put("quantity", part.quantity);
    map.into()
}

fn variant(variant: &Variant) -> Value {
    let mut map = Map::default();
    map.put("id", variant.id.as_str());
    map.put("name", local(&variant.name));
    put_sold(&mut map, variant, false);
    map.put_some("picture", variant.picture_url.as_deref());
    map.into()
}

fn put_sold(map: &mut Map, variant: &Variant, without_stock: bool) {
    map.put("price", number(variant.price));
    map.put_list("prices", variant.prices.iter().map(price));
    if without_stock {
        return;
    }
    match variant.stock_pieces {
        Variant::UNCOUNTED => map.put("stock", "always"),
        pieces => map.put("stock", pieces),
    }
}

fn price(row: &PriceRow) -> Value {
    let mut map = Map::default();
    map.put("price", number(row.price));
    map.put_some("currency", row.currency.map(|it| it.to_string()));
    if row.min_quantity > 1 {
        map.put("min_quantity", row.min_quantity);
    }
    map.put_scope(&row.scope);
    map.into()
}

fn discount(discount: &Discount) -> Value {
    let mut map = Map::default();
    map.put("id", discount.id.as_str());
    map.put("name", local(&discount.name));
    match discount.when {
        DiscountCondition::MinQuantity(pieces) => map.put("min_quantity", pieces),
        DiscountCondition::MinTotal(total) => map.put("min_total", number(total)),
    }
    map.put_some("currency", discount.currency.map(|it| it.to_string()));
    map.put("percent", number(discount.percent));
    map.put_scope(&discount.scope);
    map.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load_catalog_with_categories;

    #[track_caller]
    fn check(text: &str) {
        let loaded = load_catalog_with_categories("catalog.yaml", text).unwrap();
        let written = write_catalog(&loaded);
        let again = load_catalog_with_categories("catalog.yaml", &written);
        let again = again.unwrap_or_else(|problems| panic!("{problems:#?}\n{written}"));
        assert_eq!(loaded, again);
    }

    #[test]
    fn what_is_written_is_read_as_what_it_was() {
        check(include_str!("../../config/catalog.yaml"));
        check(include_str!(
            "../../scripts/starters/appointments/config/catalog.yaml"
        ));
        check(include_str!(
            "../../scripts/starters/software/config/catalog.yaml"
        ));
    }

    #[test]
    fn prices_groups_taxes_and_bundles_are_written_too() {
        check(
            r#"
company:
  name: "No: 1"
  about: {en: "- A shop. #1", zh: "是"}
  hours: {time_zone: Europe/Berlin, monday: "09:00-12:00, 13:00-18:00", closed: [2026-12-25]}
currency: EUR
groups: [{id: wholesale, pays_net: true, currency: USD, members: ['telegram:1']}]
regions: [EU, "NO"]
taxes: {name: {en: VAT, zh: 增值税}, included: false, rates: {standard: 7.7, reduced: 0}, usual: standard}
categories: [{id: lighting, name: {en: Lighting, zh: 灯具}, words: {en: [lamp], zh: [灯]}}]
products:
  - id: lamp
    name: {en: "yes", zh: 灯一}
    aliases: {en: ["1.0", "~"], zh: [二]}
    category: lighting
    description: {en: "12", zh: "一"}
    picture: https://shop.example/lamp.jpg
    tax: reduced
    valid_from: 2026-01-01
    groups: [wholesale]
    regions: ["NO"]
    variants:
      - id: red
        name: {en: red, zh: 红}
        price: 1000000
        prices: [{price: 0.5, min_quantity: 3, currency: USD, valid_until: 2026-12-31}]
        stock: always
        picture: https://shop.example/red.jpg
      - {id: blue, name: {en: blue, zh: 蓝}, price: 0.01, stock: 9}
  - id: set
    name: {en: Set, zh: 套装}
    category: lighting
    description: {en: A set., zh: 套装。}
    contains: [{product: lamp, variant: blue, quantity: 2}]
    price: 5
discounts:
  - {id: one, name: {en: One, zh: 一}, min_total: 5.5, currency: USD, percent: 12.5, groups: [wholesale]}
"#,
        );
    }
}
