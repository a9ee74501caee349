//! `goes_with("desk", "lamp", #{ en: "…" })`: one line of `upsells()`.

use consultant_core::{Action, LocalText, OfferItem, ProductId, SlotValue};
use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};

use super::{
    actions::{product_id, step},
    call::Call,
    declared::Line,
    texts::local_text,
};

/// A product that goes with another one.
#[derive(Clone, Debug)]
pub(crate) struct Upsell {
    pub(crate) product: ProductId,
    pub(crate) other: ProductId,
    /// What is said before its price.
    pub(crate) text: LocalText,
}

/// An upsell and where it stands.
pub(crate) type UpsellLine = Line<Upsell>;

/// Slot in which a playbook keeps the product that the customer has in mind.
const IN_MIND: &str = "product";

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<UpsellLine>("Upsell")
        .register_fn("goes_with", goes_with)
        .register_fn("upsells_for", upsells_for);
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn goes_with(
    ctx: NativeCallContext<'_>,
    product: &str,
    other: &str,
    text: Dynamic,
) -> Result<UpsellLine, Box<EvalAltResult>> {
    Ok(Line {
        what: Upsell {
            product: product.into(),
            other: other.into(),
            text: local_text(&text)?,
        },
        file: ctx.call_source().map(str::to_owned),
        position: ctx.call_position(),
    })
}

/// The first product that goes with this one and can ship, as a list of one action; empty where
/// there is none, or where the customer has that one in mind already.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn upsells_for(ctx: NativeCallContext<'_>, product: Dynamic) -> Result<Array, Box<EvalAltResult>> {
    let call = Call::of(&ctx)?;
    let product = product_id(&product)?;
    let turn = call.turn();
    let in_mind =
        |other: &ProductId| turn.slots.get(IN_MIND) == Some(&SlotValue::Text(other.to_string()));
    let can_ship = |other: &ProductId| {
        let found = turn.catalog.product(other);
        found.is_some_and(|it| it.variants.iter().any(|variant| variant.stock_pieces > 0))
    };
    let mut upsells = call.declared().upsells.iter();
    let found =
        upsells.find(|it| it.product == product && !in_mind(&it.other) && can_ship(&it.other));
    let Some(upsell) = found else {
        return Ok(Array::new());
    };
    let action = Action::Upsell {
        item: OfferItem {
            product: upsell.other.clone(),
            variant: None,
            quantity: 1,
        },
        text: upsell.text.clone(),
        promotions: call.declared().promotions_today(turn).cloned().collect(),
    };
    Ok(Array::from([Dynamic::from(step(&ctx, action)?)]))
}
