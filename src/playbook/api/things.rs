//! Products and variants as scripts see them, the look-ups in the catalogue, and money as text.
//! Nothing is copied out of the catalogue: a view is the turn and an index.

use std::sync::Arc;

use consultant_core::{Catalog, Language, Product, ProductId, Turn, Variant};
use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};
use rust_decimal::Decimal;

use super::{call::Call, lists::decimal};
use crate::problem::nearest;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// A product of the catalogue; may be one that the customer named.
#[derive(Clone)]
pub(crate) struct ProductView {
    turn: Arc<Turn>,
    index: usize,
    mention: Option<usize>,
}

/// A variant of a product.
#[derive(Clone)]
pub(crate) struct VariantView {
    product: ProductView,
    index: usize,
}

impl ProductView {
    /// The product of a mention, if the catalogue holds it.
    pub(super) fn mentioned(turn: &Arc<Turn>, mention: usize) -> Option<Self> {
        let id = &turn.understanding.products.get(mention)?.product;
        let mut products = turn.catalog.products.iter();
        Some(Self {
            index: products.position(|product| &product.id == id)?,
            turn: Arc::clone(turn),
            mention: Some(mention),
        })
    }

    /// The product. The index was found in this very catalogue.
    pub(crate) fn get(&self) -> &Product {
        &self.turn.catalog.products[self.index]
    }

    fn language(&self) -> Language {
        self.turn.understanding.language
    }

    fn named_variant(&self) -> Option<VariantView> {
        let mention = self.turn.understanding.products.get(self.mention?)?;
        let id = mention.variant.as_ref()?;
        let index = self
            .get()
            .variants
            .iter()
            .position(|variant| &variant.id == id)?;
        Some(VariantView {
            product: self.clone(),
            index,
        })
    }

    fn confidence(&self) -> f64 {
        let mentions = &self.turn.understanding.products;
        self.mention
            .and_then(|mention| mentions.get(mention))
            .map_or(1.0, |mention| mention.confidence)
    }

    fn variants(&self) -> Array {
        (0..self.get().variants.len())
            .map(|index| {
                Dynamic::from(VariantView {
                    product: self.clone(),
                    index,
                })
            })
            .collect()
    }

    fn stock(&self) -> i64 {
        let variants = self.get().variants.iter();
        variants
            .map(|variant| i64::from(variant.stock_pieces))
            .sum()
    }
}

impl VariantView {
    /// The variant. The index was found in this very catalogue.
    pub(crate) fn get(&self) -> &Variant {
        &self.product.get().variants[self.index]
    }
}

pub(super) fn register(engine: &mut Engine) {
    register_product(engine);
    register_variant(engine);
    engine
        .register_fn("product", product)
        .register_fn("has_product", has_product)
        .register_fn("products_in", products_in)
        .register_fn("categories", categories)
        .register_fn("money", |ctx: NativeCallContext<'_>, amount: Decimal| {
            money(&ctx, amount)
        })
        .register_fn("money", |ctx: NativeCallContext<'_>, amount: i64| {
            money(&ctx, Decimal::from(amount))
        })
        .register_fn("money", |ctx: NativeCallContext<'_>, amount: f64| {
            money(&ctx, decimal("an amount", &amount.into())?)
        });
}

fn register_product(engine: &mut Engine) {
    engine
        .register_type_with_name::<ProductView>("Product")
        .register_get("id", |it: &mut ProductView| it.get().id.to_string())
        .register_get("name", |it: &mut ProductView| {
            it.get().name.get(it.language()).to_owned()
        })
        .register_fn("name", |it: &mut ProductView, language: &str| {
            language_of(language).map(|language| it.get().name.get(language).to_owned())
        })
        .register_get("description", |it: &mut ProductView| {
            it.get().description.get(it.language()).to_owned()
        })
        .register_get("category", |it: &mut ProductView| it.get().category.clone())
        .register_get("variants", |it: &mut ProductView| it.variants())
        .register_get("variant", |it: &mut ProductView| {
            it.named_variant().map_or(Dynamic::UNIT, Dynamic::from)
        })
        .register_get("stock", |it: &mut ProductView| it.stock())
        .register_get("lowest_price", |it: &mut ProductView| {
            it.get().price_range().0
        })
        .register_get("highest_price", |it: &mut ProductView| {
            it.get().price_range().1
        })
        .register_get("confidence", |it: &mut ProductView| it.confidence());
}

fn register_variant(engine: &mut Engine) {
    engine
        .register_type_with_name::<VariantView>("Variant")
        .register_get("id", |it: &mut VariantView| it.get().id.to_string())
        .register_get("name", |it: &mut VariantView| {
            it.get().name.get(it.product.language()).to_owned()
        })
        .register_fn("name", |it: &mut VariantView, language: &str| {
            language_of(language).map(|language| it.get().name.get(language).to_owned())
        })
        .register_get("price", |it: &mut VariantView| it.get().price)
        .register_get("stock", |it: &mut VariantView| {
            i64::from(it.get().stock_pieces)
        });
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn product(ctx: NativeCallContext<'_>, id: &str) -> Outcome<ProductView> {
    let turn = Call::turn_of(&ctx)?;
    let id = ProductId::from(id);
    known_product(&turn.catalog, &id)?;
    let mut products = turn.catalog.products.iter();
    let index = products.position(|product| product.id == id);
    Ok(ProductView {
        index: index.unwrap_or_default(),
        turn,
        mention: None,
    })
}

/// Whether the catalogue has this product; what is no id, such as an empty slot, is none.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn has_product(ctx: NativeCallContext<'_>, id: Dynamic) -> Outcome<bool> {
    let turn = Call::turn_of(&ctx)?;
    let id = id.into_immutable_string().unwrap_or_default();
    Ok(turn.catalog.product(&id.as_str().into()).is_some())
}

/// The product with this id, or an error that suggests the nearest one.
pub(crate) fn known_product<'a>(catalog: &'a Catalog, id: &ProductId) -> Outcome<&'a Product> {
    catalog.product(id).ok_or_else(|| {
        let known = catalog.products.iter().map(|product| product.id.as_str());
        let hint = nearest(id.as_str(), known)
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("the catalogue has no product `{id}`{hint}").into()
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn products_in(ctx: NativeCallContext<'_>, category: &str) -> Outcome<Array> {
    let turn = Call::turn_of(&ctx)?;
    let products = turn.catalog.products.iter().enumerate();
    Ok(products
        .filter(|(_, product)| product.category == category)
        .map(|(index, _)| {
            Dynamic::from(ProductView {
                turn: Arc::clone(&turn),
                index,
                mention: None,
            })
        })
        .collect())
}

/// The catalogue's categories, in the order of the file.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn categories(ctx: NativeCallContext<'_>) -> Outcome<Array> {
    let turn = Call::turn_of(&ctx)?;
    let mut seen: Vec<&str> = Vec::new();
    for product in &turn.catalog.products {
        if !seen.contains(&product.category.as_str()) {
            seen.push(&product.category);
        }
    }
    Ok(seen
        .into_iter()
        .map(|name| name.to_owned().into())
        .collect())
}

fn money(ctx: &NativeCallContext<'_>, amount: Decimal) -> Outcome<String> {
    Call::turn_of(ctx).map(|turn| turn.catalog.money(amount).to_string())
}

fn language_of(code: &str) -> Outcome<Language> {
    code.parse()
        .map_err(|error: consultant_core::NotALanguage| error.to_string().into())
}
