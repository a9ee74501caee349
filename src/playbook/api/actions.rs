//! The functions that make actions. Each checks its own values, so that an error carries the
//! line of the call; what needs the whole playbook (stages) is checked once `reply` returned.

use consultant_core::{Action, Money, Priority, ProductId, SlotKind, SlotValue, Turn};
use rhai::{
    Array, Dynamic, Engine, EvalAltResult, ImmutableString, Map, NativeCallContext, Position,
};

use super::{
    asking,
    call::Call,
    days::DateView,
    lists::decimal,
    serving,
    texts::{is_blank, local_text},
    things::ProductView,
};
use crate::problem::suggestion;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// The longest text in a slot, in bytes of UTF-8.
const MAX_SLOT_BYTES: usize = 1024;
/// The longest reason of an escalation, in bytes of UTF-8.
const MAX_REASON_BYTES: usize = 1024;
/// The longest tag, in characters.
const MAX_TAG_CHARS: usize = 64;
/// The most points of one reason.
const MAX_POINTS: i32 = 1000;

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
        .register_fn("answer", |ctx: NativeCallContext<'_>| {
            step(&ctx, Action::Answer)
        })
        .register_fn("goto", goto)
        .register_fn("set", set)
        .register_fn("follow_up", follow_up)
        .register_fn("remind", remind);
    asking::register(engine);
    register_notes(engine);
    register_escalating(engine);
}

fn register_notes(engine: &mut Engine) {
    engine
        .register_fn("score", score)
        .register_fn("tag", |ctx: NativeCallContext<'_>, name: &str| {
            tag(&ctx, name, true)
        })
        .register_fn("serve_as", |ctx: NativeCallContext<'_>, who: Map| {
            serving::serve_as(&ctx, &who)
        })
        .register_fn("untag", |ctx: NativeCallContext<'_>, name: &str| {
            tag(&ctx, name, false)
        });
}

/// The actions that call a person, and tell the customer so.
pub(super) fn register_escalating(engine: &mut Engine) {
    engine
        .register_type_with_name::<Step>("Action")
        .register_fn("say", say)
        .register_fn("escalate", |ctx: NativeCallContext<'_>, reason: &str| {
            escalate(&ctx, reason, &Map::new())
        })
        .register_fn(
            "escalate",
            |ctx: NativeCallContext<'_>, reason: &str, how: Map| escalate(&ctx, reason, &how),
        )
        .register_fn(
            "hand_off",
            |ctx: NativeCallContext<'_>, reason: &str, text: Dynamic| {
                hand_off(ctx, reason, text, &Map::new())
            },
        )
        .register_fn(
            "hand_off",
            |ctx: NativeCallContext<'_>, reason: &str, text: Dynamic, how: Map| {
                hand_off(ctx, reason, text, &how)
            },
        );
}

pub(super) fn step(ctx: &NativeCallContext<'_>, action: Action) -> Outcome<Step> {
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
    let call = Call::of(&ctx)?;
    let kind = call.declared().slot(&slot).map(|spec| spec.kind);
    let value = slot_value(&value, kind, call.turn())?;
    if let (Some(kind), Some(value)) = (kind, &value)
        && !kind.holds(value)
    {
        return Err(format!(
            "`{slot}` is declared to hold a {}, and `{value}` is none",
            kind.name()
        )
        .into());
    }
    step(&ctx, Action::Set { slot, value })
}

/// `score(20, "asked for an offer")`: adds to the lead score, once for each reason.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn score(ctx: NativeCallContext<'_>, points: i64, reason: &str) -> Outcome<Step> {
    let points = i32::try_from(points).ok();
    let points = points.filter(|points| (-MAX_POINTS..=MAX_POINTS).contains(points));
    let points = points
        .ok_or_else(|| format!("a score is at least -{MAX_POINTS} and at most {MAX_POINTS}"))?;
    let reason = reason_of("a score", reason)?;
    step(&ctx, Action::Score { points, reason })
}

fn tag(ctx: &NativeCallContext<'_>, name: &str, on: bool) -> Outcome<Step> {
    let tag = tag_name(name)?;
    step(ctx, Action::Tag { tag, on })
}

pub(super) fn tag_name(name: &str) -> Outcome<String> {
    if is_blank(name) || name.chars().count() > MAX_TAG_CHARS {
        return Err(format!("a tag has 1 to {MAX_TAG_CHARS} characters").into());
    }
    Ok(name.trim().to_owned())
}

/// `escalate(reason)`, or `escalate(reason, #{ priority: "high", team: "sales" })`.
fn escalate(ctx: &NativeCallContext<'_>, reason: &str, how: &Map) -> Outcome<Step> {
    let reason = reason_of("a reason to escalate", reason)?;
    let mut priority = Priority::default();
    let mut team = None;
    for (key, value) in how {
        let value = value
            .read_lock::<ImmutableString>()
            .ok_or_else(|| format!("`{key}` of an escalation is a text in quotes"))?;
        match key.as_str() {
            "priority" => priority = priority_of(&value)?,
            "team" if !is_blank(&value) && value.len() <= MAX_REASON_BYTES => {
                team = Some(value.to_string());
            }
            "team" => return Err("a team has a name".into()),
            other => {
                let hint = suggestion(other, &["priority", "team"]);
                return Err(format!("an escalation has no `{other}`; {hint}").into());
            }
        }
    }
    let action = Action::Escalate {
        reason,
        priority,
        team,
    };
    step(ctx, action)
}

fn priority_of(name: &str) -> Outcome<Priority> {
    let mut known = Priority::NAMES.iter();
    let found = known.find(|(_, known)| *known == name);
    found.map(|(priority, _)| *priority).ok_or_else(|| {
        let hint = suggestion(name, &Priority::NAMES.map(|(_, name)| name));
        format!("there is no priority `{name}`; {hint}").into()
    })
}

/// `hand_off(reason, text)`: says the text and calls a person; a list of two actions.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn hand_off(ctx: NativeCallContext<'_>, reason: &str, text: Dynamic, how: &Map) -> Outcome<Array> {
    let text = local_text(&text)?;
    let said = step(&ctx, Action::Say { text })?;
    let called = escalate(&ctx, reason, how)?;
    Ok(Array::from([Dynamic::from(said), Dynamic::from(called)]))
}

fn reason_of(what: &str, reason: &str) -> Outcome<String> {
    if is_blank(reason) || reason.len() > MAX_REASON_BYTES {
        return Err(format!(
            "{what} has 1 to {MAX_REASON_BYTES} bytes: write it for your colleagues"
        )
        .into());
    }
    Ok(reason.to_owned())
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

/// A product, or its id in quotes.
pub(super) fn product_id(value: &Dynamic) -> Outcome<ProductId> {
    if let Some(id) = value.read_lock::<ImmutableString>() {
        Ok(id.as_str().into())
    } else if let Some(product) = value.read_lock::<ProductView>() {
        Ok(product.get().id.clone())
    } else {
        Err("what is offered is a product or its id in quotes".into())
    }
}

pub(super) fn slot_name(name: &str) -> Outcome<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(name.to_owned())
    } else {
        Err(format!("`{name}` cannot name a slot: use letters, digits and `_`").into())
    }
}

/// What a script's value is in a slot of this kind. A number for an amount is in the catalogue's
/// currency.
fn slot_value(value: &Dynamic, kind: Option<SlotKind>, turn: &Turn) -> Outcome<Option<SlotValue>> {
    if value.is_unit() {
        return Ok(None);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(Some(SlotValue::Flag(flag)));
    }
    if let Ok(number) = decimal("the value of a slot", value) {
        let money = || SlotValue::Money(Money::new(number, turn.catalog.currency));
        let is_money = kind == Some(SlotKind::Money);
        return Ok(Some(if is_money {
            money()
        } else {
            SlotValue::Number(number)
        }));
    }
    if let Some(day) = value.read_lock::<DateView>() {
        return Ok(Some(SlotValue::Date(day.0)));
    }
    match value.read_lock::<ImmutableString>() {
        Some(text) if text.len() <= MAX_SLOT_BYTES => Ok(Some(SlotValue::Text(text.to_string()))),
        Some(_) => Err(format!("a slot keeps at most {MAX_SLOT_BYTES} bytes of text").into()),
        None => Err(format!(
            "a slot keeps a text, a whole number, a decimal, a date, `true`, `false`, or `()` to \
             forget; not {}",
            value.type_name()
        )
        .into()),
    }
}
