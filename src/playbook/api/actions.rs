//! The functions that make actions. Each checks its own values, so that an error carries the
//! line of the call; what needs the whole playbook (stages) is checked once `reply` returned.

use consultant_core::{Action, Catalog, ProductId, SlotValue, VariantId};
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, NativeCallContext, Position};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    call::Call,
    texts::{is_blank, local_text},
    things::{self, ProductView, VariantView},
};

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// The longest text in a slot, in bytes of UTF-8.
const MAX_SLOT_BYTES: usize = 1024;
/// The longest reason of an escalation, in bytes of UTF-8.
const MAX_REASON_BYTES: usize = 1024;

/// The longest wait for a follow-up: 90 days.
const MAX_LATER_MINUTES: u32 = 90 * 24 * 60;

/// An action, and the line that made it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) action: Action,
    /// The module that made it, where that is not the playbook itself.
    pub(crate) file: Option<String>,
    pub(crate) position: Position,
}

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Step>("Action")
        .register_fn("say", say)
        .register_fn("ask", ask)
        .register_fn("answer", |ctx: NativeCallContext<'_>| {
            step(&ctx, Action::Answer)
        })
        .register_fn("goto", goto)
        .register_fn("set", set)
        .register_fn("escalate", escalate)
        .register_fn("follow_up", follow_up)
        .register_fn("remind", remind)
        .register_fn("offer", |ctx: NativeCallContext<'_>, product: Dynamic| {
            offer(&ctx, &product, &Dynamic::UNIT, &Dynamic::UNIT)
        })
        .register_fn("offer", offer_two)
        .register_fn("offer", offer_three);
}

fn step(ctx: &NativeCallContext<'_>, action: Action) -> Outcome<Step> {
    Call::count_action(ctx)?;
    Ok(Step {
        action,
        file: ctx.call_source().map(str::to_owned),
        position: ctx.call_position(),
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn say(ctx: NativeCallContext<'_>, text: Dynamic) -> Outcome<Step> {
    let text = local_text(&text)?;
    step(&ctx, Action::Say { text })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn ask(ctx: NativeCallContext<'_>, slot: &str, text: Dynamic) -> Outcome<Step> {
    let text = local_text(&text)?;
    let slot = slot_name(slot)?;
    step(&ctx, Action::Ask { slot, text })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn goto(ctx: NativeCallContext<'_>, stage: &str) -> Outcome<Step> {
    let stage = stage.to_owned();
    step(&ctx, Action::Goto { stage })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn set(ctx: NativeCallContext<'_>, slot: &str, value: Dynamic) -> Outcome<Step> {
    let slot = slot_name(slot)?;
    let value = slot_value(&value)?;
    step(&ctx, Action::Set { slot, value })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn escalate(ctx: NativeCallContext<'_>, reason: &str) -> Outcome<Step> {
    if is_blank(reason) || reason.len() > MAX_REASON_BYTES {
        return Err(format!(
            "a reason to escalate has 1 to {MAX_REASON_BYTES} bytes: write it for your colleagues"
        )
        .into());
    }
    let reason = reason.to_owned();
    step(&ctx, Action::Escalate { reason })
}

/// `remind(minutes, text)`: said once, whatever the customer says until then.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn remind(ctx: NativeCallContext<'_>, minutes: i64, text: Dynamic) -> Outcome<Step> {
    let after_minutes = later("a reminder", minutes)?;
    let text = local_text(&text)?;
    step(
        &ctx,
        Action::Remind {
            after_minutes,
            text,
        },
    )
}

/// The minutes until something is said.
fn later(what: &str, minutes: i64) -> Outcome<u32> {
    let minutes = u32::try_from(minutes).ok();
    let minutes = minutes.filter(|minutes| (1..=MAX_LATER_MINUTES).contains(minutes));
    minutes.ok_or_else(|| {
        format!("{what} comes after 1 to {MAX_LATER_MINUTES} minutes (90 days)").into()
    })
}

/// `follow_up(minutes, text)`: said once, if the customer says nothing until then.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn follow_up(ctx: NativeCallContext<'_>, minutes: i64, text: Dynamic) -> Outcome<Step> {
    let after_minutes = later("a follow-up", minutes)?;
    let text = local_text(&text)?;
    step(
        &ctx,
        Action::FollowUp {
            after_minutes,
            text,
        },
    )
}

/// `offer(product, variant)` or `offer(product, quantity)`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn offer_two(ctx: NativeCallContext<'_>, product: Dynamic, what: Dynamic) -> Outcome<Step> {
    if what.is_int() || what.is_decimal() {
        offer(&ctx, &product, &Dynamic::UNIT, &what)
    } else {
        offer(&ctx, &product, &what, &Dynamic::UNIT)
    }
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
    offer(&ctx, &product, &variant, &quantity)
}

fn offer(
    ctx: &NativeCallContext<'_>,
    product: &Dynamic,
    variant: &Dynamic,
    quantity: &Dynamic,
) -> Outcome<Step> {
    let turn = Call::turn(ctx)?;
    let product = product_id(product)?;
    let variant = variant_id(variant)?;
    check_offer(&turn.catalog, &product, variant.as_ref())?;
    let quantity = pieces(quantity)?;
    step(
        ctx,
        Action::Offer {
            product,
            variant,
            quantity,
        },
    )
}

fn check_offer(catalog: &Catalog, product: &ProductId, variant: Option<&VariantId>) -> Outcome<()> {
    let product = things::known_product(catalog, product)?;
    match variant {
        Some(id) if product.variant(id).is_none() => {
            Err(format!("`{}` has no variant `{id}`", product.id).into())
        }
        _ => Ok(()),
    }
}

fn product_id(value: &Dynamic) -> Outcome<ProductId> {
    if let Some(id) = value.read_lock::<ImmutableString>() {
        Ok(id.as_str().into())
    } else if let Some(product) = value.read_lock::<ProductView>() {
        Ok(product.get().id.clone())
    } else {
        Err("the first value of `offer` is a product or its id in quotes".into())
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

fn slot_name(name: &str) -> Outcome<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(name.to_owned())
    } else {
        Err(format!("`{name}` cannot name a slot: use letters, digits and `_`").into())
    }
}

fn slot_value(value: &Dynamic) -> Outcome<Option<SlotValue>> {
    if value.is_unit() {
        return Ok(None);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(Some(SlotValue::Flag(flag)));
    }
    if let Ok(number) = value.as_int() {
        return Ok(Some(SlotValue::Number(Decimal::from(number))));
    }
    if let Ok(number) = value.as_decimal() {
        return Ok(Some(SlotValue::Number(number)));
    }
    match value.read_lock::<ImmutableString>() {
        Some(text) if text.len() <= MAX_SLOT_BYTES => Ok(Some(SlotValue::Text(text.to_string()))),
        Some(_) => Err(format!("a slot keeps at most {MAX_SLOT_BYTES} bytes of text").into()),
        None => Err(format!(
            "a slot keeps a text, a whole number, a decimal, `true`, `false`, or `()` to forget; \
             not {}",
            value.type_name()
        )
        .into()),
    }
}
