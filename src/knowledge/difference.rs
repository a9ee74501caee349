//! What differs between two catalogues, as somebody would tell it who has to decide which one serves.

use std::collections::BTreeMap;

use consultant_core::{Catalog, Discount, DiscountCondition, PriceRow, Product, Scope, Variant};
use serde::Serialize;

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is about: `lamp`, `lamp/red`, `discount big`, `company`.
    pub of: String,
    /// What changed about it: `price`, `stock`, `name`; empty where all of it is new or gone.
    pub what: String,
    /// What it was; `None` where it is new.
    pub old: Option<String>,
    /// What it is; `None` where it is gone.
    pub new: Option<String>,
}

/// Everything that differs, in the order of the newer catalogue, what is gone last.
pub fn differences(old: &Catalog, new: &Catalog) -> Vec<Difference> {
    let mut told = Told::default();
    told.compare("company", "name", (&old.company.name, &new.company.name));
    told.compare(
        "company",
        "about",
        (&old.company.about.0, &new.company.about.0),
    );
    told.compare("company", "hours", (&old.company.hours, &new.company.hours));
    told.compare("company", "currency", (&old.currency, &new.currency));
    told.compare("company", "groups", (&old.groups, &new.groups));
    told.compare("company", "regions", (&old.regions, &new.regions));
    told.compare("company", "taxes", (&old.taxes, &new.taxes));
    let before: BTreeMap<_, _> = old.products.iter().map(|it| (&it.id, it)).collect();
    for product in &new.products {
        match before.get(&product.id) {
            Some(earlier) => told.product((earlier, old), (product, new)),
            None => told.come(product.id.as_str(), &in_short(product, new)),
        }
    }
    for product in old
        .products
        .iter()
        .filter(|it| new.product(&it.id).is_none())
    {
        told.gone(product.id.as_str(), &in_short(product, old));
    }
    told.discounts(&old.discounts, &new.discounts);
    told.0
}

#[derive(Default)]
struct Told(Vec<Difference>);

impl Told {
    fn come(&mut self, of: &str, new: &str) {
        self.tell((of, ""), None, Some(new.to_owned()));
    }

    fn gone(&mut self, of: &str, old: &str) {
        self.tell((of, ""), Some(old.to_owned()), None);
    }

    fn tell(&mut self, (of, what): (&str, &str), old: Option<String>, new: Option<String>) {
        self.0.push(Difference {
            of: of.to_owned(),
            what: what.to_owned(),
            old,
            new,
        });
    }

    /// Tells two values of a thing, where they differ: as they are written, or in JSON.
    fn compare<T: PartialEq + Serialize>(&mut self, of: &str, what: &str, (old, new): (&T, &T)) {
        if old != new {
            self.tell((of, what), Some(written(old)), Some(written(new)));
        }
    }

    fn product(
        &mut self,
        (old, old_list): (&Product, &Catalog),
        (new, list): (&Product, &Catalog),
    ) {
        let of = new.id.as_str();
        self.compare(of, "name", (&old.name.0, &new.name.0));
        self.compare(of, "aliases", (&old.aliases, &new.aliases));
        self.compare(of, "category", (&old.category, &new.category));
        self.compare(of, "description", (&old.description.0, &new.description.0));
        self.compare(of, "picture", (&old.picture_url, &new.picture_url));
        self.compare(of, "contains", (&old.contains, &new.contains));
        self.compare(of, "tax", (&old.tax, &new.tax));
        self.compare(of, "sold to", (&scope(&old.scope), &scope(&new.scope)));
        for variant in &new.variants {
            let of = key(new, variant);
            match old.variant(&variant.id) {
                Some(earlier) => self.variant(&of, (earlier, old_list), (variant, list)),
                None => self.come(&of, &sold(variant, list)),
            }
        }
        for variant in old
            .variants
            .iter()
            .filter(|it| new.variant(&it.id).is_none())
        {
            self.gone(&key(old, variant), &sold(variant, old_list));
        }
    }

    fn variant(
        &mut self,
        of: &str,
        (old, old_list): (&Variant, &Catalog),
        (new, list): (&Variant, &Catalog),
    ) {
        let price = |it: &Variant, list: &Catalog| list.money(it.price).to_string();
        self.compare(of, "price", (&price(old, old_list), &price(new, list)));
        self.compare(of, "stock", (&stock(old), &stock(new)));
        self.compare(of, "name", (&old.name.0, &new.name.0));
        self.compare(of, "picture", (&old.picture_url, &new.picture_url));
        let rows = |it: &Variant, list: &Catalog| -> Vec<String> {
            it.prices.iter().map(|row| price_row(row, list)).collect()
        };
        let (before, now) = (rows(old, old_list), rows(new, list));
        for row in now.iter().filter(|it| !before.contains(it)) {
            self.tell((of, "other price"), None, Some(row.clone()));
        }
        for row in before.iter().filter(|it| !now.contains(it)) {
            self.tell((of, "other price"), Some(row.clone()), None);
        }
    }

    fn discounts(&mut self, old: &[Discount], new: &[Discount]) {
        let of = |it: &Discount| format!("discount {}", it.id);
        for discount in new {
            let earlier = old.iter().find(|it| it.id == discount.id);
            match earlier.map(rule) {
                Some(earlier) => self.compare(&of(discount), "rule", (&earlier, &rule(discount))),
                None => self.come(&of(discount), &rule(discount)),
            }
        }
        for discount in old
            .iter()
            .filter(|it| new.iter().all(|new| new.id != it.id))
        {
            self.gone(&of(discount), &rule(discount));
        }
    }
}

/// A value as people read it: a text as it stands, texts in languages after one another.
fn written(value: &impl Serialize) -> String {
    match serde_json::to_value(value).unwrap_or_default() {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => "nothing".to_owned(),
        serde_json::Value::Object(texts) if texts.values().all(serde_json::Value::is_string) => {
            let texts = texts.values().filter_map(serde_json::Value::as_str);
            texts.collect::<Vec<_>>().join(" / ")
        }
        other => other.to_string(),
    }
}

/// `lamp/red`, or the product alone where it is one thing.
fn key(product: &Product, variant: &Variant) -> String {
    if variant.name.0.is_empty() {
        return product.id.to_string();
    }
    format!("{}/{}", product.id, variant.id)
}

fn in_short(product: &Product, list: &Catalog) -> String {
    let name = product.name.0.values().next().map_or("", String::as_str);
    let variants: Vec<String> = product.variants.iter().map(|it| sold(it, list)).collect();
    format!("{name}: {}", variants.join(", "))
}

fn sold(variant: &Variant, list: &Catalog) -> String {
    format!(
        "{} ({} in stock)",
        list.money(variant.price),
        stock(variant)
    )
}

fn stock(variant: &Variant) -> String {
    match variant.stock_pieces {
        Variant::UNCOUNTED => "always".to_owned(),
        pieces => pieces.to_string(),
    }
}

/// `45 EUR from 10 pieces, for wholesale, until 2026-12-31`
fn price_row(row: &PriceRow, list: &Catalog) -> String {
    let currency = row.currency.unwrap_or(list.currency);
    let money = consultant_core::Money::new(row.price, currency);
    let mut parts = vec![money.to_string()];
    if row.min_quantity > 1 {
        parts.push(format!("from {} pieces", row.min_quantity));
    }
    parts.extend(Some(scope(&row.scope)).filter(|it| !it.is_empty()));
    parts.join(", ")
}

fn rule(discount: &Discount) -> String {
    let name = discount.name.0.values().next().map_or("", String::as_str);
    let when = match discount.when {
        DiscountCondition::MinQuantity(pieces) => format!("from {pieces} pieces of one product"),
        DiscountCondition::MinTotal(total) => {
            let currency = discount
                .currency
                .map_or_else(String::new, |it| format!(" {it}"));
            format!("from a total of {}{currency}", total.normalize())
        }
    };
    let scope = scope(&discount.scope);
    let scope = if scope.is_empty() {
        scope
    } else {
        format!(", {scope}")
    };
    format!("{}% {when}{scope} ({name})", discount.percent.normalize())
}

/// `for wholesale, in CH, from 2026-12-01, until 2026-12-24`; empty for everybody and always.
fn scope(scope: &Scope) -> String {
    let mut parts = Vec::new();
    if !scope.groups.is_empty() {
        parts.push(format!("for {}", scope.groups.join(" and ")));
    }
    if !scope.regions.is_empty() {
        parts.push(format!("in {}", scope.regions.join(" and ")));
    }
    parts.extend(scope.from.map(|day| format!("from {day}")));
    parts.extend(scope.until.map(|day| format!("until {day}")));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load_catalog;

    const OLD: &str = "\
company: {name: Shop, about: {en: A shop.}}
currency: EUR
groups: [{id: wholesale}]
categories: [{id: lighting, name: {en: Lighting}}]
products:
  - id: lamp
    name: {en: Arc lamp}
    category: lighting
    description: {en: A lamp.}
    variants:
      - {id: red, name: {en: red}, price: 50, stock: 3}
      - {id: blue, name: {en: blue}, price: 55, stock: always}
  - id: shade
    name: {en: Linen shade}
    category: lighting
    description: {en: A shade.}
    price: 20
    prices: [{price: 18, min_quantity: 10}]
    stock: 7
discounts:
  - {id: big, name: {en: Big}, min_total: 500, percent: 5}
";

    fn told(edits: &[(&str, &str)]) -> Vec<String> {
        let mut text = OLD.to_owned();
        for (from, to) in edits {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        let (old, new) = (load_catalog("old", OLD), load_catalog("new", &text));
        let found = differences(&old.unwrap(), &new.unwrap());
        let line = |it: &Difference| {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
            format!(
                "{} {}: {} > {}",
                it.of,
                it.what,
                side(&it.old),
                side(&it.new)
            )
        };
        found.iter().map(line).collect()
    }

    #[test]
    fn the_same_catalogue_differs_in_nothing() {
        assert!(told(&[]).is_empty());
    }

    #[test]
    fn what_changed_is_told_with_what_it_was() {
        insta::assert_debug_snapshot!(told(&[
            ("price: 50, stock: 3", "price: 45, stock: 0"),
            ("      - {id: blue, name: {en: blue}, price: 55, stock: always}\n", ""),
            ("Linen shade", "Silk shade"),
            ("{price: 18, min_quantity: 10}", "{price: 17, groups: [wholesale], valid_until: 2026-12-31}"),
            ("percent: 5", "percent: 7.5"),
        ]), @r#"
        [
            "lamp/red price: 50 EUR > 45 EUR",
            "lamp/red stock: 3 > 0",
            "lamp/blue : 55 EUR (always in stock) > -",
            "shade name: Linen shade > Silk shade",
            "shade other price: - > 17 EUR, for wholesale, until 2026-12-31",
            "shade other price: 18 EUR, from 10 pieces > -",
            "discount big rule: 5% from a total of 500 (Big) > 7.5% from a total of 500 (Big)",
        ]
        "#);
    }

    #[test]
    fn what_is_new_and_what_is_gone_is_told() {
        insta::assert_debug_snapshot!(told(&[
            ("id: shade", "id: screen"),
            ("id: big", "id: huge"),
        ]), @r#"
        [
            "screen : - > Linen shade: 20 EUR (7 in stock)",
            "shade : Linen shade: 20 EUR (7 in stock) > -",
            "discount huge : - > 5% from a total of 500 (Big)",
            "discount big : 5% from a total of 500 (Big) > -",
        ]
        "#);
    }
}
