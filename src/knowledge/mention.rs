//! Which products, variants and categories a text names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    /// Each name once, however many products come in black: with whose it is.
    variants: PhraseBook<HashMap<ProductId, VariantId>>,
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
        let words = WordsOfNames::of(catalog);
        for product in &catalog.products {
            names.add_product(product, &words);
        }
        // The id of a category is the least that may be said for it.
        let ids: BTreeSet<&String> = catalog.products.iter().map(|it| &it.category).collect();
        for id in ids {
            names.categories.add(id, id.clone());
        }
        for (name, whose) in variants(catalog) {
            names.variants.add(&name, whose);
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

    fn add_product(&mut self, product: &Product, words: &WordsOfNames) {
        let id = || product.id.clone();
        for name in product.name.0.values() {
            self.products.add(name, (id(), NAME));
        }
        for alias in product.aliases.values().flatten() {
            self.products.add(alias, (id(), ALIAS));
        }
        match first_word(product, words) {
            Some((word, true)) => {
                self.everyday.insert(word, id());
            }
            Some((word, false)) => self.products.add(&word, (id(), FIRST_WORD)),
            None => {}
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
            for known in products.iter_mut().filter(|it| it.variant.is_none()) {
                known.variant = hit.value.get(&known.product).cloned();
            }
        }
    }
}

/// The names of all variants, each once, with whose they are: of one product the first that has it.
fn variants(catalog: &Catalog) -> BTreeMap<String, HashMap<ProductId, VariantId>> {
    let mut names: BTreeMap<String, HashMap<ProductId, VariantId>> = BTreeMap::new();
    for product in &catalog.products {
        for variant in &product.variants {
            for name in variant.name.0.values() {
                let whose = names.entry(tokens(name).join(" ")).or_default();
                let of_product = whose.entry(product.id.clone());
                of_product.or_insert_with(|| variant.id.clone());
            }
        }
    }
    names
}

/// The words of all products' names, each with how many products have it in one.
struct WordsOfNames(HashMap<String, usize>);

impl WordsOfNames {
    fn of(catalog: &Catalog) -> Self {
        let mut products_with = HashMap::new();
        for product in &catalog.products {
            let names = product.name.0.values();
            let names = names.chain(product.aliases.values().flatten());
            let words = names.flat_map(|name| tokens(name));
            let words: BTreeSet<String> = words.map(|word| singular(&word).to_owned()).collect();
            for word in words {
                *products_with.entry(word).or_default() += 1;
            }
        }
        Self(products_with)
    }

    /// Whether several products have it.
    fn is_shared(&self, word: &str) -> bool {
        self.0
            .get(singular(word))
            .is_some_and(|products| *products > 1)
    }
}

/// The first word of an English name of several words, such as `Halo` of `Halo desk lamp`, if
/// no other product has that word; and whether it is a word of everyday.
fn first_word(product: &Product, words: &WordsOfNames) -> Option<(String, bool)> {
    const EVERYDAY: [&str; 36] = [
        "desk", "floor", "wall", "table", "office", "standing", "chair", "book", "file", "monitor",
        "laptop", "cable", "wood", "wooden", "small", "large", "home", "clip", "drop", "hide",
        "lift", "rise", "roll", "rock", "tilt", "beam", "cloud", "grid", "ladder", "archive",
        "elbow", "envelope", "ledge", "light", "smart", "super",
    ];
    let row = tokens(product.name.0.get(&Language::EN)?);
    let word = row.first().filter(|_| row.len() > 1)?;
    let shared = words.is_shared(word);
    let telling = word.chars().count() >= FIRST_WORD_LETTERS && word.is_ascii();
    (telling && !shared).then(|| (word.clone(), EVERYDAY.contains(&word.as_str())))
}
