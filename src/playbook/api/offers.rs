//! `offer(…)`, `item(…)` and `quote(…)`: what is offered, at which computed price.

use consultant_core::{Action, Catalog, OfferItem, ProductId, VariantId};
use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, NativeCallContext};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    actions::{Step, product_id, step},
    call::Call,
    things::{self, VariantView},
};

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// Goods in one offer, at the most.
const MAX_ITEMS: usize = 20;

/// What an offer comes to.
#[derive(Clone, Debug)]
struct QuoteView {
    full: Decimal,
    total: Decimal,
    promotion: Option<String>,
}

pub(super) fn register(engine: &mut Engine) {
    register_quotes(engine);
    engine
        .register_fn(
            "offer",
            |ctx: NativeCallContext<'_>, what: Dynamic| match what.read_lock::<Array>() {
                Some(list) => offer(&ctx, items(&list)?),
                None => offer(&ctx, vec![item(&what, &Dynamic::UNIT, &Dynamic::UNIT)?]),
            },
        )
        .register_fn("offer", offer_two)
        .register_fn("offer", offer_three);
}

/// What an offer would come to, without making it.
pub(super) fn register_quotes(engine: &mut Engine) {
    engine
        .register_type_with_name::<OfferItem>("Item")
        .register_fn("item", |product: Dynamic| {
            item(&product, &Dynamic::UNIT, &Dynamic::UNIT)
        })
        .register_fn("item", |product: Dynamic, what: Dynamic| {
            let (variant, quantity) = variant_or_quantity(what);
            item(&product, &variant, &quantity)
        })
        .register_fn(
            "item",
            |product: Dynamic, variant: Dynamic, quantity: Dynamic| {
                item(&product, &variant, &quantity)
            },
        );
    register_quote(engine);
}

fn register_quote(engine: &mut Engine) {
    engine
        .register_type_with_name::<QuoteView>("Quote")
        .register_fn("quote", quote)
        .register_get("full", |it: &mut QuoteView| it.full)
        .register_get("total", |it: &mut QuoteView| it.total)
        .register_get("saved", |it: &mut QuoteView| it.full - it.total)
        .register_get("promotion", |it: &mut QuoteView| {
            it.promotion.clone().map_or(Dynamic::UNIT, Dynamic::from)
        });
}

fn offer(ctx: &NativeCallContext<'_>, items: Vec<OfferItem>) -> Outcome<Step> {
    let call = Call::of(ctx)?;
    let turn = call.turn();
    check(&turn.catalog, &items)?;
    let promotions = call.declared().promotions_today(turn).cloned().collect();
    step(ctx, Action::Offer { items, promotions })
}

/// `offer(product, variant)` or `offer(product, quantity)`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn offer_two(ctx: NativeCallContext<'_>, product: Dynamic, what: Dynamic) -> Outcome<Step> {
    let (variant, quantity) = variant_or_quantity(what);
    offer(&ctx, vec![item(&product, &variant, &quantity)?])
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn offer_three(
    ctx: NativeCallContext<'_>,
    product: Dynamic,
    variant: Dynamic,
    quantity: Dynamic,
) -> Outcome<Step> {
    offer(&ctx, vec![item(&product, &variant, &quantity)?])
}

/// `quote(item(…))` or `quote([item(…), …])`: what it would come to, for a rule to look at.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn quote(ctx: NativeCallContext<'_>, what: Dynamic) -> Outcome<QuoteView> {
    let call = Call::of(&ctx)?;
    let turn = call.turn();
    let list = match what.read_lock::<Array>() {
        Some(list) => items(&list)?,
        None => items(&Array::from([what.clone()]))?,
    };
    check(&turn.catalog, &list)?;
    let promotions: Vec<_> = call.declared().promotions_today(turn).cloned().collect();
    let lines = turn.catalog.lines(&list).unwrap_or_default();
    let quote = turn.catalog.quote_offer(&lines, &promotions);
    let promotion = match quote.because {
        Some(consultant_core::Because::Promotion(promotion)) => Some(promotion.id.clone()),
        _ => None,
    };
    Ok(QuoteView {
        full: quote.full.amount,
        total: quote.total.amount,
        promotion,
    })
}

fn items(list: &Array) -> Outcome<Vec<OfferItem>> {
    if list.is_empty() || list.len() > MAX_ITEMS {
        return Err(format!("an offer has 1 to {MAX_ITEMS} items").into());
    }
    list.iter()
        .map(|it| match it.read_lock::<OfferItem>() {
            Some(item) => Ok(item.clone()),
            None => item(it, &Dynamic::UNIT, &Dynamic::UNIT),
        })
        .collect()
}

fn item(product: &Dynamic, variant: &Dynamic, quantity: &Dynamic) -> Outcome<OfferItem> {
    Ok(OfferItem {
        product: product_id(product)?,
        variant: variant_id(variant)?,
        quantity: pieces(quantity)?,
    })
}

fn check(catalog: &Catalog, items: &[OfferItem]) -> Outcome<()> {
    items
        .iter()
        .try_for_each(|item| check_item(catalog, &item.product, item.variant.as_ref()))
}

fn check_item(catalog: &Catalog, product: &ProductId, variant: Option<&VariantId>) -> Outcome<()> {
    let product = things::known_product(catalog, product)?;
    match variant {
        Some(id) if product.variant(id).is_none() => {
            Err(format!("`{}` has no variant `{id}`", product.id).into())
        }
        _ => Ok(()),
    }
}

/// The second of two values: a number is a quantity, anything else a variant.
fn variant_or_quantity(what: Dynamic) -> (Dynamic, Dynamic) {
    if what.is_int() || what.is_decimal() {
        (Dynamic::UNIT, what)
    } else {
        (what, Dynamic::UNIT)
    }
}

fn variant_id(value: &Dynamic) -> Outcome<Option<VariantId>> {
    if value.is_unit() {
        Ok(None)
    } else if let Some(id) = value.read_lock::<ImmutableString>() {
        Ok(Some(id.as_str().into()))
    } else if let Some(variant) = value.read_lock::<VariantView>() {
        Ok(Some(variant.get().id.clone()))
    } else {
        Err("a variant is one of a product's `variants`, its id in quotes, or `()`".into())
    }
}

/// Pieces from a script's number; nothing said is one.
fn pieces(value: &Dynamic) -> Outcome<u32> {
    let quantity = if value.is_unit() {
        Some(1)
    } else if let Ok(number) = value.as_int() {
        u32::try_from(number).ok()
    } else if let Ok(number) = value.as_decimal() {
        number.is_integer().then(|| number.to_u32()).flatten()
    } else {
        None
    };
    match quantity {
        Some(quantity) if quantity >= 1 => Ok(quantity),
        _ => Err(
            format!("`{value}` is not a number of pieces: it must be whole and at least 1").into(),
        ),
    }
}
