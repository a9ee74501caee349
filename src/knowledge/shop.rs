//! The knowledge of one shop: its facts, and what a message means in their light.

use std::sync::Arc;

use consultant_core::{Catalog, Faq, Language, Understanding, ports::Knowledge};

use crate::{
    Category, Problem,
    intent::IntentRules,
    language,
    load::{load_catalog_with_categories, load_faq},
    mention::Names,
    quantity,
    retrieve::Answers,
    text,
};

/// A file's name, for messages, and its text.
pub type NamedText<'a> = (&'a str, &'a str);

/// What is wrong with the files of a shop, and its catalogue and FAQ where they are right.
#[derive(Debug, Default)]
pub struct Examined {
    /// Every problem, those of the catalogue first.
    pub problems: Vec<Problem>,
    /// `None` where it is broken or was not given.
    pub catalog: Option<Catalog>,
    /// `None` where it is broken or was not given.
    pub faq: Option<Faq>,
}

/// Everything that is wrong with the files that could be read.
pub fn examine(catalog: Option<NamedText<'_>>, faq: Option<NamedText<'_>>) -> Examined {
    let mut examined = Examined::default();
    if let Some((file, text)) = catalog {
        match load_catalog_with_categories(file, text) {
            Ok(loaded) => examined.catalog = Some(loaded.catalog),
            Err(problems) => examined.problems = problems,
        }
    }
    if let Some((file, text)) = faq {
        match load_faq(file, text, examined.catalog.as_ref()) {
            Ok(faq) => examined.faq = Some(faq),
            Err(problems) => examined.problems.extend(problems),
        }
    }
    examined
}

/// The company's facts, and what a message means in their light.
pub struct ShopKnowledge {
    catalog: Arc<Catalog>,
    faq: Arc<Faq>,
    categories: Vec<Category>,
    intents: IntentRules,
    names: Names,
    answers: Answers,
}

impl ShopKnowledge {
    /// The knowledge in both files, or everything that is wrong with them. This knows the
    /// categories' words too, so prefer it to [`ShopKnowledge::new`].
    pub fn load(catalog: NamedText<'_>, faq: NamedText<'_>) -> Result<Self, Vec<Problem>> {
        let loaded = load_catalog_with_categories(catalog.0, catalog.1);
        let known = loaded.as_ref().ok().map(|loaded| &loaded.catalog);
        let entries = load_faq(faq.0, faq.1, known);
        match (loaded, entries) {
            (Ok(loaded), Ok(entries)) => {
                let (catalog, faq) = (Arc::new(loaded.catalog), Arc::new(entries));
                Ok(Self::with_categories(catalog, faq, loaded.categories))
            }
            (catalog, faq) => {
                let mut problems = catalog.err().unwrap_or_default();
                problems.extend(faq.err().unwrap_or_default());
                Err(problems)
            }
        }
    }

    /// Knowledge from snapshots. Categories are known by their ids only.
    pub fn new(catalog: Arc<Catalog>, faq: Arc<Faq>) -> Self {
        Self::with_categories(catalog, faq, Vec::new())
    }

    /// Knowledge from snapshots, with the categories' words.
    pub fn with_categories(
        catalog: Arc<Catalog>,
        faq: Arc<Faq>,
        categories: Vec<Category>,
    ) -> Self {
        Self {
            intents: IntentRules::new(),
            names: Names::new(&catalog, &categories),
            answers: Answers::new(&faq),
            catalog,
            faq,
            categories,
        }
    }

    /// The categories with their names for customers.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }
}

impl Knowledge for ShopKnowledge {
    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    fn faq(&self) -> Arc<Faq> {
        Arc::clone(&self.faq)
    }

    fn understand(&self, text: &str, previous: Option<Language>) -> Understanding {
        let folded = text::fold(text);
        let tokens = text::tokens(&folded);
        let (intent, confidence) = self.intents.classify(&tokens);
        let named = self.names.find(&tokens);
        let quantity = quantity::pieces(&tokens, &named.starts, &quantity::codes(&folded));
        Understanding {
            language: language::detect(&folded, &tokens, previous),
            intent,
            confidence,
            quantity,
            number: quantity::first_number(&tokens, quantity),
            products: named.products,
            category: named.category,
            faq: self.answers.find(&folded),
        }
    }
}

#[cfg(test)]
mod tests;
