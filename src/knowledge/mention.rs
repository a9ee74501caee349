//! Which products, variants and categories a text names.

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::{Catalog, Language, Product, ProductId, ProductMention, VariantId};

use crate::{
    load::Category,
    phrase::PhraseBook,
    text::{singular, tokens},
};

/// How sure each kind of name is.
const NAME: f64 = 1.0;
const ALIAS: f64 = 0.95;
const FIRST_WORD: f64 = 0.8;

/// What a forgiven slip costs.
const TYPO_COST: f64 = 0.15;

/// The least letters of a name's first word that may stand for the product.
const FIRST_WORD_LETTERS: usize = 4;

/// The most products that a message is taken to name.
const MAX_MENTIONS: usize = 5;

/// The names of everything that is sold.
pub(crate) struct Names {
    products: PhraseBook<(ProductId, f64)>,
    /// First words that are words of everyday too, and names only where they are written as one.
    everyday: BTreeMap<String, ProductId>,
    variants: PhraseBook<(ProductId, VariantId)>,
    categories: PhraseBook<String>,
}

/// What a text names, and which tokens do so.
pub(crate) struct Named {
    pub(crate) products: Vec<ProductMention>,
    pub(crate) category: Option<String>,
    /// The first token of each name.
    pub(crate) starts: Vec<usize>,
}

impl Names {
    /// The names in a catalogue and its categories.
    pub(crate) fn new(catalog: &Catalog, categories: &[Category]) -> Self {
        let mut names = Self {
            products: PhraseBook::new(),
            everyday: BTreeMap::new(),
            variants: PhraseBook::new(),
            categories: PhraseBook::new(),
        };
        for product in &catalog.products {
            names.add_product(product, catalog);
            // The id of a category is the least that may be said for it.
            names
                .categories
                .add(&product.category, product.category.clone());
        }
        for category in categories {
            for word in category
                .name
                .0
                .values()
                .chain(category.words.values().flatten())
            {
                names.categories.add(word, category.id.clone());
            }
        }
        names
    }

    fn add_product(&mut self, product: &Product, catalog: &Catalog) {
        let id = || product.id.clone();
        for name in product.name.0.values() {
            self.products.add(name, (id(), NAME));
        }
        for alias in product.aliases.values().flatten() {
            self.products.add(alias, (id(), ALIAS));
        }
        match first_word(product, catalog) {
            Some((word, true)) => {
                self.everyday.insert(word, id());
            }
            Some((word, false)) => self.products.add(&word, (id(), FIRST_WORD)),
            None => {}
        }
        for variant in &product.variants {
            for name in variant.name.0.values() {
                self.variants.add(name, (id(), variant.id.clone()));
            }
        }
    }

    /// Everything that the text names, best first. `proper` are the words that are written as names.
    pub(crate) fn find(&self, text: &[String], proper: &BTreeSet<String>) -> Named {
        let hits = self.products.find(text);
        let mut products: Vec<ProductMention> = Vec::new();
        for hit in &hits {
            let (product, sure) = hit.value;
            let confidence = (sure - TYPO_COST * f64::from(hit.typos)).max(0.0);
            match products.iter_mut().find(|known| known.product == *product) {
                Some(known) => known.confidence = known.confidence.max(confidence),
                None => products.push(ProductMention {
                    product: product.clone(),
                    variant: None,
                    confidence,
                }),
            }
        }
        let mut starts_of_everyday = Vec::new();
        for word in proper {
            let product = self
                .everyday
                .get(word)
                .or_else(|| self.everyday.get(singular(word)));
            if product.is_some() {
                starts_of_everyday.extend(text.iter().position(|it| it == word));
            }
            let new = product.filter(|it| products.iter().all(|known| known.product != **it));
            products.extend(new.map(|product| ProductMention {
                product: product.clone(),
                variant: None,
                confidence: FIRST_WORD,
            }));
        }
        // The sort is stable: of two that are as sure, the longer name stays first.
        products.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        products.truncate(MAX_MENTIONS);
        self.name_variants(text, &mut products);
        let categories = self.categories.find(text);
        let category = categories.iter().min_by_key(|hit| hit.start);
        let variants = self.variants.find(text);
        let starts = hits.iter().map(|hit| hit.start);
        let starts = starts
            .chain(variants.iter().map(|hit| hit.start))
            .chain(starts_of_everyday);
        Named {
            category: category
                .filter(|_| products.is_empty())
                .map(|hit| hit.value.clone()),
            products,
            starts: starts
                .chain(categories.iter().map(|hit| hit.start))
                .collect(),
        }
    }

    fn name_variants(&self, text: &[String], products: &mut [ProductMention]) {
        for hit in self.variants.find(text) {
            let (product, variant) = hit.value;
            let named = products.iter_mut().find(|known| known.product == *product);
            if let Some(known) = named.filter(|known| known.variant.is_none()) {
                known.variant = Some(variant.clone());
            }
        }
    }
}

/// The first word of an English name of several words, such as `Halo` of `Halo desk lamp`, if
/// no other product has that word; and whether it is a word of everyday.
fn first_word(product: &Product, catalog: &Catalog) -> Option<(String, bool)> {
    const EVERYDAY: [&str; 36] = [
        "desk", "floor", "wall", "table", "office", "standing", "chair", "book", "file", "monitor",
        "laptop", "cable", "wood", "wooden", "small", "large", "home", "clip", "drop", "hide",
        "lift", "rise", "roll", "rock", "tilt", "beam", "cloud", "grid", "ladder", "archive",
        "elbow", "envelope", "ledge", "light", "smart", "super",
    ];
    let row = tokens(product.name.0.get(&Language::EN)?);
    let word = row.first().filter(|_| row.len() > 1)?;
    let others = catalog
        .products
        .iter()
        .filter(|other| other.id != product.id);
    let shared = others
        .flat_map(|other| {
            other
                .name
                .0
                .values()
                .chain(other.aliases.values().flatten())
        })
        .flat_map(|name| tokens(name))
        .any(|other| singular(&other) == singular(word));
    let telling = word.chars().count() >= FIRST_WORD_LETTERS && word.is_ascii();
    (telling && !shared).then(|| (word.clone(), EVERYDAY.contains(&word.as_str())))
}
