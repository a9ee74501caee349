//! Names in quotes that only catalogue and FAQ can judge: products, variants, categories, answers.

use consultant_core::{Catalog, Faq};

use super::Lint;
use crate::problem::{Problem, suggestion};

/// A name in quotes that only catalogue or FAQ can judge.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) kind: MentionKind,
    /// Where it stands, as a problem without words.
    pub(crate) place: Problem,
}

/// What the name is a name of.
#[derive(Clone, Debug)]
pub(crate) enum MentionKind {
    Product(String),
    Variant { product: String, variant: String },
    Category(String),
    Faq(String),
}

/// What names are judged by; what is not there judges nothing.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) catalog: Option<&'a Catalog>,
    pub(crate) faq: Option<&'a Faq>,
}

/// The names that there are, and how to say that one is not among them.
struct Known<'a> {
    names: Vec<&'a str>,
    lint: Lint,
    message: String,
}

impl Facts<'_> {
    /// What is wrong with a name that a script has in quotes, if anything.
    pub(crate) fn problem(&self, mention: &Mention) -> Option<Problem> {
        let (word, known) = match &mention.kind {
            MentionKind::Product(id) => (id, products(self.catalog?, id)),
            MentionKind::Variant { product, variant } => {
                (variant, variants(self.catalog?, product, variant)?)
            }
            MentionKind::Category(name) => (name, categories(self.catalog?, name)),
            MentionKind::Faq(id) => (id, answers(self.faq?, id)),
        };
        if known.names.contains(&word.as_str()) {
            return None;
        }
        let place = mention.place.clone().of(known.lint);
        Some(
            place
                .says(known.message)
                .hint(suggestion(word, &known.names)),
        )
    }
}

fn products<'a>(catalog: &'a Catalog, id: &str) -> Known<'a> {
    Known {
        names: catalog.products.iter().map(|it| it.id.as_str()).collect(),
        lint: Lint::UnknownProduct,
        message: format!("the catalogue has no product `{id}`"),
    }
}

/// `None` where the product is not known, which is told by itself.
fn variants<'a>(catalog: &'a Catalog, product: &str, variant: &str) -> Option<Known<'a>> {
    let product = catalog.product(&product.into())?;
    Some(Known {
        names: product.variants.iter().map(|it| it.id.as_str()).collect(),
        lint: Lint::UnknownVariant,
        message: format!("`{}` has no variant `{variant}`", product.id),
    })
}

fn categories<'a>(catalog: &'a Catalog, name: &str) -> Known<'a> {
    let products = catalog.products.iter();
    let mut names: Vec<&str> = products.map(|it| it.category.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    Known {
        names,
        lint: Lint::UnknownCategory,
        message: format!("the catalogue has no category `{name}`"),
    }
}

fn answers<'a>(faq: &'a Faq, id: &str) -> Known<'a> {
    Known {
        names: faq.entries.iter().map(|it| it.id.as_str()).collect(),
        lint: Lint::UnknownFaq,
        message: format!("the FAQ has no entry `{id}`"),
    }
}
