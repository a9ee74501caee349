//! The goods of a catalogue as rows change them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use consultant_core::{Language, LocalText, Product, ProductId, Scope, Variant, VariantId};
use rust_decimal::Decimal;

use super::{
    Wrong,
    row::{Price, Row},
};
use crate::{LoadedCatalog, load::ONLY_VARIANT, problem::did_you_mean};

/// Of so many new ids the one that was meant is looked for, which takes a look at all.
const MOST_SLIPS: usize = 100;

/// The goods, and where the table speaks of them.
pub(super) struct Goods<'a> {
    base: &'a LoadedCatalog,
    products: Vec<Product>,
    /// Ids that may be slips, as far as it was looked.
    slips: usize,
    /// Where each of them stands.
    places: HashMap<ProductId, usize>,
    /// The first line of each product; none where the table does not speak of it.
    lines: Vec<Option<usize>>,
    /// What has its other prices from the table.
    repriced: BTreeSet<(ProductId, VariantId)>,
    /// What has its usual price from the table, with the line.
    priced: BTreeMap<(ProductId, VariantId), usize>,
    /// What the table spoke of.
    spoken_of: BTreeSet<(ProductId, VariantId)>,
    /// What each product was said to be, with the line.
    said: BTreeMap<(ProductId, &'static str), (usize, String)>,
}

impl<'a> Goods<'a> {
    pub(super) fn of(base: &'a LoadedCatalog) -> Self {
        let products = base.catalog.products.clone();
        let places = products.iter().enumerate();
        Self {
            places: places.map(|(at, it)| (it.id.clone(), at)).collect(),
            base,
            slips: 0,
            lines: vec![None; products.len()],
            products,
            repriced: BTreeSet::new(),
            priced: BTreeMap::new(),
            spoken_of: BTreeSet::new(),
            said: BTreeMap::new(),
        }
    }

    /// Takes a row in, or says what does not fit into what was said before.
    pub(super) fn take(&mut self, row: Row) -> Vec<Wrong> {
        let at = self.product_at(&row);
        let mut wrong = self.contradictions(&row);
        let Some(product) = self.products.get_mut(at) else {
            return wrong;
        };
        describe(product, &row);
        let id = row.variant.as_deref().unwrap_or(ONLY_VARIANT);
        let key = (product.id.clone(), VariantId::from(id));
        self.spoken_of.insert(key.clone());
        let is_new = product.variant(&key.1).is_none();
        if is_new && row.variant.is_none() && !product.variants.is_empty() {
            let known: Vec<&str> = product.variants.iter().map(|it| it.id.as_str()).collect();
            let message = format!("`{}` has variants, and the row names none", product.id);
            let hint = format!("say which one in `variant`: {}", known.join(", "));
            wrong.push(Wrong::at(row.line, message, hint).in_column("variant"));
            return wrong;
        }
        if is_new && row.stock.is_none() {
            let known = &self.base.catalog.products;
            let is_slip = at >= known.len() && self.slips < MOST_SLIPS;
            self.slips += usize::from(is_slip);
            let ids = known.iter().map(|it| it.id.as_str());
            let near = is_slip.then(|| did_you_mean(&row.id, ids)).flatten();
            let meant =
                near.map_or_else(String::new, |it| format!("did you mean `{it}`? if not, "));
            let how = "say how many there are, or `always` for what is never used up";
            let hint = format!("{meant}{how}");
            let variant = row.variant.iter().map(|it| format!("/{it}"));
            let what = format!("{}{}", product.id, variant.collect::<String>());
            let message = format!("`{what}` is new, and what is new needs a `stock`");
            wrong.push(Wrong::at(row.line, message, hint).in_column("stock"));
        }
        let variant = variant_of(product, &row, key.1.clone());
        // Who says one of the other prices says all of them.
        if matches!(row.price, Some(Price::Other(_))) && self.repriced.insert(key.clone()) {
            variant.prices.clear();
        }
        let line = row.line;
        wrong.extend(self.price(at, key, row.price, line));
        wrong
    }

    fn product_at(&mut self, row: &Row) -> usize {
        let id = ProductId::from(row.id.as_str());
        let known = self.places.get(&id).copied();
        let at = known.unwrap_or_else(|| {
            self.places.insert(id.clone(), self.products.len());
            self.products.push(new_product(id));
            self.lines.push(None);
            self.products.len() - 1
        });
        if let Some(line) = self.lines.get_mut(at) {
            line.get_or_insert(row.line);
        }
        at
    }

    /// What this row calls otherwise than an earlier one did.
    fn contradictions(&mut self, row: &Row) -> Vec<Wrong> {
        let id = ProductId::from(row.id.as_str());
        let joined = |texts: &BTreeMap<Language, String>| {
            let texts: Vec<&str> = texts.values().map(String::as_str).collect();
            texts.join(" / ")
        };
        let says = [
            ("name", joined(&row.names)),
            ("description", joined(&row.descriptions)),
            ("category", row.category.clone().unwrap_or_default()),
            ("tax", row.tax.clone().unwrap_or_default()),
        ];
        let mut wrong = Vec::new();
        for (field, text) in says.into_iter().filter(|(_, text)| !text.is_empty()) {
            let said = self.said.entry((id.clone(), field));
            let (line, before) = said.or_insert_with(|| (row.line, text.clone()));
            if *before != text {
                let message = format!("`{id}` has another `{field}` in line {line}: `{before}`");
                let hint = "write the same in all rows of a product, or leave the later ones empty";
                wrong.push(Wrong::at(row.line, message, hint).in_column(field));
            }
        }
        wrong
    }

    fn price(
        &mut self,
        at: usize,
        key: (ProductId, VariantId),
        price: Option<Price>,
        line: usize,
    ) -> Option<Wrong> {
        let product = self.products.get_mut(at)?;
        let variant = product.variants.iter_mut().find(|it| it.id == key.1)?;
        match price? {
            Price::Usual(price) => {
                variant.price = price;
                let before = self.priced.insert(key, line)?;
                let message = format!("line {before} says the usual price of it already");
                let hint = "say whom, when or how many this one is for, or give the rows a \
                            `variant` each";
                Some(Wrong::at(line, message, hint).in_column("price"))
            }
            Price::Other(row) => {
                variant.prices.push(row);
                None
            }
        }
    }

    /// The whole catalogue, and the line that speaks of each product.
    pub(super) fn into_catalog(self, replaces: bool) -> (LoadedCatalog, Vec<Option<usize>>) {
        let spoken_of = self.spoken_of;
        let goods = self.products.into_iter().zip(self.lines);
        let goods = goods.filter(|(_, line)| line.is_some() || !replaces);
        let (mut products, lines): (Vec<Product>, Vec<Option<usize>>) = goods.unzip();
        for product in &mut products {
            let id = product.id.clone();
            let is_spoken_of = |it: &Variant| spoken_of.contains(&(id.clone(), it.id.clone()));
            if replaces || has_two_forms(product) {
                product.variants.retain(is_spoken_of);
            }
        }
        let mut loaded = self.base.clone();
        loaded.catalog.products = products;
        (loaded, lines)
    }
}

/// A product with variants that had been one thing: what it was is no variant of it.
fn has_two_forms(product: &Product) -> bool {
    let unnamed = |it: &Variant| it.name.0.is_empty();
    product.variants.len() > 1 && product.variants.iter().any(unnamed)
}

fn new_product(id: ProductId) -> Product {
    Product {
        id,
        name: LocalText::default(),
        aliases: BTreeMap::new(),
        category: String::new(),
        description: LocalText::default(),
        picture_url: None,
        variants: Vec::new(),
        contains: Vec::new(),
        counts_parts: false,
        scope: Scope::default(),
        tax: None,
    }
}

/// What a row says of the product as a whole.
fn describe(product: &mut Product, row: &Row) {
    product.name.0.extend(row.names.clone());
    product.description.0.extend(row.descriptions.clone());
    product.aliases.extend(row.aliases.clone());
    if let Some(category) = &row.category {
        product.category.clone_from(category);
    }
    if let Some(tax) = &row.tax {
        product.tax = Some(tax.clone());
    }
    if row.picture.is_some() && row.variant.is_none() {
        product.picture_url.clone_from(&row.picture);
    }
}

/// The variant of a row, as the row has it.
fn variant_of<'a>(product: &'a mut Product, row: &Row, id: VariantId) -> &'a mut Variant {
    let known = product.variants.iter().position(|it| it.id == id);
    let at = known.unwrap_or_else(|| {
        product.variants.push(Variant {
            id,
            name: LocalText::default(),
            price: Decimal::ZERO,
            prices: Vec::new(),
            stock_pieces: 0,
            picture_url: None,
        });
        product.variants.len() - 1
    });
    let variant = &mut product.variants[at];
    variant.name.0.extend(row.variant_names.clone());
    if let Some(pieces) = row.stock {
        variant.stock_pieces = pieces;
    }
    if row.picture.is_some() && row.variant.is_some() {
        variant.picture_url.clone_from(&row.picture);
    }
    variant
}
