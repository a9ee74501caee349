//! Answers from facts alone: catalogue rows and reviewed FAQ answers, in milliseconds and without
//! the model. `None` means that no fact answers the question for sure.
//!
//! The order is the decision here: a named product's price beats an FAQ entry that happens to
//! share its words, and an FAQ entry beats a product's general description. A document is quoted where
//! no reviewed answer is sure.

mod documents;

use crate::{
    FaqHit, Intent, Language, Money, Product, ProductMention, SlotValue, Source, Turn, Variant,
    VariantId, wording,
};

pub(crate) use documents::useful as useful_passages;

/// From this confidence a product counts as named.
const NAMED_CONFIDENCE: f64 = 0.7;

/// From this confidence an intent decides on its own.
const INTENT_CONFIDENCE: f64 = 0.5;

/// Products that a list shows at the most; a longer one is no help in a chat.
const LIST_PRODUCTS: usize = 8;

/// An answer that rests on facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactAnswer {
    /// The text in the turn's language.
    pub text: String,
    /// The fact it rests on.
    pub source: Source,
    /// Amounts that were computed for it and stand in no row.
    pub computed: Vec<Money>,
}

/// The answer to this turn's question from facts, if they hold it for sure.
pub fn from_facts(turn: &Turn) -> Option<FactAnswer> {
    let intent = sure_intent(turn);
    let named = named_product(turn);
    let meant = named
        .map(|(product, mention)| (product, mention.variant.as_ref()))
        .or_else(|| product_in_mind(turn, intent));
    if let Some((product, variant)) = meant
        && let Some(answer) = about_product(turn, intent, product, variant)
    {
        return Some(answer);
    }
    let sure = faq_answer(turn).or_else(|| documents::quoted(turn, intent, meant.is_some()));
    if sure.is_some() || !asks_for_goods(intent) && may_be_in_faq(turn) {
        return sure;
    }
    meant
        .filter(|_| named.is_some())
        .map(|(product, variant)| {
            let variant = variant.and_then(|id| product.variant(id));
            description(turn, product, variant)
        })
        .or_else(|| about_range(turn, intent))
}

/// Whether an intent is about what is sold.
pub(crate) fn asks_for_goods(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::Price
            | Intent::Browse
            | Intent::Features
            | Intent::Stock
            | Intent::Discount
            | Intent::Order
    )
}

/// Whether a reviewed answer might fit: then goods that are named beside are not what is asked for.
fn may_be_in_faq(turn: &Turn) -> bool {
    best_hit(turn).is_some_and(|hit| hit.score >= FaqHit::LIKELY)
}

/// The reviewed answer that fits best, of those that are for this customer.
fn best_hit(turn: &Turn) -> Option<&FaqHit> {
    let mut hits = turn.understanding.faq.iter();
    hits.find(|hit| turn.faq.entry(&hit.entry).is_some())
}

/// The reviewed answer that may fit although it is not sure: for a person who looks at it.
pub fn suggested(turn: &Turn) -> Option<FactAnswer> {
    let hit = best_hit(turn).filter(|hit| hit.score >= FaqHit::LIKELY)?;
    reviewed(turn, hit)
}

/// The best product that the text names for sure, of those that this customer is offered.
pub fn named_product(turn: &Turn) -> Option<(&Product, &ProductMention)> {
    let mut named = named_for_sure(turn);
    named.find_map(|mention| Some((turn.catalog.product(&mention.product)?, mention)))
}

fn named_for_sure(turn: &Turn) -> impl Iterator<Item = &ProductMention> {
    let mentions = turn.understanding.products.iter();
    mentions.filter(|mention| mention.confidence >= NAMED_CONFIDENCE)
}

/// The product that the conversation was about: "is it in stock?" names none. The playbook keeps
/// it in the slots `product` and `variant`.
fn product_in_mind(turn: &Turn, intent: Intent) -> Option<(&Product, Option<&VariantId>)> {
    let about_one = matches!(intent, Intent::Price | Intent::Stock | Intent::Features);
    // What is named and not offered to this customer is not what they had in mind before.
    let names_none = turn.understanding.category.is_none() && named_for_sure(turn).next().is_none();
    let Some(SlotValue::Text(id)) = turn
        .slots
        .get("product")
        .filter(|_| about_one && names_none)
    else {
        return None;
    };
    let product = turn
        .catalog
        .products
        .iter()
        .find(|product| product.id.as_str() == id)?;
    let variant = product.variants.iter().find(|variant| {
        turn.slots.get("variant") == Some(&SlotValue::Text(variant.id.to_string()))
    });
    Some((product, variant.map(|variant| &variant.id)))
}

fn sure_intent(turn: &Turn) -> Intent {
    let understanding = &turn.understanding;
    if understanding.confidence >= INTENT_CONFIDENCE {
        understanding.intent
    } else {
        Intent::Other
    }
}

fn about_product(
    turn: &Turn,
    intent: Intent,
    product: &Product,
    variant: Option<&VariantId>,
) -> Option<FactAnswer> {
    let variant = variant.and_then(|id| product.variant(id));
    match intent {
        Intent::Price | Intent::Order | Intent::Discount => Some(price(turn, product, variant)),
        Intent::Stock => Some(stock(turn, product, variant)),
        Intent::Features | Intent::Browse => Some(description(turn, product, variant)),
        _ => None,
    }
}

fn price(turn: &Turn, product: &Product, variant: Option<&Variant>) -> FactAnswer {
    let language = turn.understanding.language;
    let catalog = &*turn.catalog;
    let only = match product.variants.as_slice() {
        [only] => Some(only),
        _ => variant,
    };
    let mut lines = Vec::new();
    let mut computed = Vec::new();
    match only {
        Some(variant) => {
            lines.push(wording::variant_price(language, catalog, product, variant));
            if let Some(quantity) = turn.understanding.quantity.filter(|quantity| *quantity > 1) {
                let quote = catalog.quote(variant, quantity);
                computed.extend([quote.full, quote.total]);
                let name = wording::full_name(language, product, variant);
                let quote = wording::quote(language, catalog, (product, &name), quantity, &quote);
                lines.push(quote);
            }
            let wanted = turn.understanding.quantity.unwrap_or(1);
            lines.push(wording::stock(language, variant.stock_pieces, wanted));
        }
        None => lines.push(wording::price(language, catalog, product)),
    }
    FactAnswer {
        text: sentences(language, &lines),
        source: row(product),
        computed,
    }
}

fn stock(turn: &Turn, product: &Product, variant: Option<&Variant>) -> FactAnswer {
    let language = turn.understanding.language;
    // Of a product that has one variant only, a number of pieces asks for that one.
    let only = match &*product.variants {
        [only] => turn.understanding.quantity.map(|_| only),
        _ => None,
    };
    let variant = variant.or(only);
    let text = match variant {
        Some(variant) => {
            let name = wording::full_name(language, product, variant);
            let wanted = turn.understanding.quantity.unwrap_or(1);
            let stock = match variant.stock_pieces {
                Variant::UNCOUNTED => wording::available(language).to_owned(),
                pieces => wording::stock(language, pieces, wanted),
            };
            let colon = if language == Language::ZH {
                "："
            } else {
                ": "
            };
            format!("{name}{colon}{stock}")
        }
        None => wording::stock_of_product(language, product),
    };
    FactAnswer {
        text,
        source: row(product),
        computed: Vec::new(),
    }
}

/// All that the catalogue says: what it is, what it costs (so many of them, too), what is there.
fn description(turn: &Turn, product: &Product, variant: Option<&Variant>) -> FactAnswer {
    let language = turn.understanding.language;
    // Who asks "another colour than white?" names white and wants to hear of the others.
    let several = turn.understanding.quantity.is_some_and(|pieces| pieces > 1);
    let variant = variant.filter(|_| several);
    let priced = price(turn, product, variant);
    let tells_stock = variant.is_some() || product.variants.len() == 1;
    let stock = if tells_stock {
        String::new()
    } else {
        wording::stock_of_product(language, product)
    };
    let lines = [
        product.description.get(language).to_owned(),
        wording::contains(language, &turn.catalog, product).unwrap_or_default(),
        priced.text,
        stock,
    ];
    FactAnswer {
        text: sentences(language, &lines),
        ..priced
    }
}

fn faq_answer(turn: &Turn) -> Option<FactAnswer> {
    let hit = best_hit(turn).filter(|hit| hit.score >= FaqHit::SURE)?;
    reviewed(turn, hit)
}

fn reviewed(turn: &Turn, hit: &FaqHit) -> Option<FactAnswer> {
    let entry = turn.faq.entry(&hit.entry)?;
    Some(FactAnswer {
        text: entry.answer.get(turn.understanding.language).to_owned(),
        source: Source::Faq(entry.id.to_string()),
        computed: Vec::new(),
    })
}

fn about_range(turn: &Turn, intent: Intent) -> Option<FactAnswer> {
    let language = turn.understanding.language;
    let catalog = &*turn.catalog;
    if let Some(category) = &turn.understanding.category {
        let products = catalog
            .products
            .iter()
            .filter(|product| &product.category == category);
        return Some(FactAnswer {
            text: wording::range(language, catalog, products.take(LIST_PRODUCTS)),
            source: Source::Catalog(category.clone()),
            computed: Vec::new(),
        });
    }
    let (text, of) = match intent {
        Intent::Discount => (
            wording::discounts(language, &catalog.discounts),
            "discounts",
        ),
        Intent::Browse => (
            wording::range(language, catalog, one_of_each_category(turn)),
            "range",
        ),
        Intent::Price | Intent::Stock => (
            wording::which_product(language, one_of_each_category(turn)),
            "range",
        ),
        _ => return None,
    };
    Some(FactAnswer {
        text,
        source: Source::Catalog(of.to_owned()),
        computed: Vec::new(),
    })
}

fn one_of_each_category(turn: &Turn) -> Vec<&Product> {
    let mut seen = Vec::new();
    let mut examples = Vec::new();
    for product in &turn.catalog.products {
        if !seen.contains(&&product.category) {
            seen.push(&product.category);
            examples.push(product);
        }
    }
    examples.truncate(LIST_PRODUCTS);
    examples
}

fn row(product: &Product) -> Source {
    Source::Catalog(product.id.to_string())
}

/// Whole sentences after one another: with spaces, where the language has them.
pub fn sentences(language: Language, lines: &[String]) -> String {
    let separator = if language == Language::ZH { "" } else { " " };
    lines
        .iter()
        .filter(|line| !line.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(separator)
}
