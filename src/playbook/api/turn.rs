//! `turn`: everything that a script may see of a customer's message, read only.

use std::{ops::Deref, sync::Arc};

use consultant_core::{SlotValue, Turn};
use rhai::{Array, Dynamic, Engine, Map};
use rust_decimal::Decimal;

use super::things::ProductView;

/// The most characters of a message that a script sees; rules look for words, not for novels,
/// and a script's own texts must fit beside it.
const MAX_TEXT_CHARS: usize = 4096;

/// Every property of `turn`, for the check of misspelt ones.
pub(crate) const PROPERTIES: [&str; 16] = [
    "text",
    "language",
    "intent",
    "confidence",
    "stage",
    "slots",
    "awaiting",
    "first_contact",
    "reachable",
    "escalated",
    "turns",
    "products",
    "category",
    "quantity",
    "number",
    "faq",
];

/// A turn as scripts see it.
#[derive(Clone)]
pub(crate) struct TurnView(pub(crate) Arc<Turn>);

impl Deref for TurnView {
    type Target = Turn;

    fn deref(&self) -> &Turn {
        &self.0
    }
}

/// `turn.slots`: reads as a map; a slot that is not known is `()`.
#[derive(Clone)]
struct SlotsView(Arc<Turn>);

pub(super) fn register(engine: &mut Engine) {
    register_message(engine);
    register_findings(engine);
    register_slots(engine);
}

fn register_message(engine: &mut Engine) {
    engine
        .register_type_with_name::<TurnView>("Turn")
        .register_get("text", |turn: &mut TurnView| {
            turn.text.chars().take(MAX_TEXT_CHARS).collect::<String>()
        })
        .register_get("stage", |turn: &mut TurnView| turn.stage.clone())
        .register_get("awaiting", |turn: &mut TurnView| {
            optional(turn.awaiting.clone())
        })
        .register_get("first_contact", |turn: &mut TurnView| turn.first_contact)
        .register_get("reachable", |turn: &mut TurnView| turn.reachable)
        .register_get("escalated", |turn: &mut TurnView| turn.escalated)
        .register_get("turns", |turn: &mut TurnView| {
            i64::try_from(turn.turns).unwrap_or(i64::MAX)
        });
}

fn register_findings(engine: &mut Engine) {
    engine
        .register_get("language", |turn: &mut TurnView| {
            turn.understanding.language.code().to_owned()
        })
        .register_get("intent", |turn: &mut TurnView| {
            turn.understanding.intent.name().to_owned()
        })
        .register_get("confidence", |turn: &mut TurnView| {
            turn.understanding.confidence
        })
        .register_get("products", products)
        .register_get("category", |turn: &mut TurnView| {
            optional(turn.understanding.category.clone())
        })
        .register_get("quantity", |turn: &mut TurnView| {
            optional(turn.understanding.quantity.map(i64::from))
        })
        .register_get("number", |turn: &mut TurnView| {
            turn.understanding.number.map_or(Dynamic::UNIT, number)
        })
        .register_get("faq", faq);
}

fn register_slots(engine: &mut Engine) {
    engine
        .register_type_with_name::<SlotsView>("Slots")
        .register_get("slots", |turn: &mut TurnView| {
            SlotsView(Arc::clone(&turn.0))
        })
        .register_indexer_get(|slots: &mut SlotsView, name: &str| {
            slots.0.slots.get(name).map_or(Dynamic::UNIT, slot_value)
        })
        .register_fn("contains", |slots: &mut SlotsView, name: &str| {
            slots.0.slots.contains_key(name)
        });
}

/// Mentions of products that the catalogue holds, best first.
fn products(turn: &mut TurnView) -> Array {
    let mentions = &turn.understanding.products;
    (0..mentions.len())
        .filter_map(|mention| ProductView::mentioned(&turn.0, mention))
        .map(Dynamic::from)
        .collect()
}

fn faq(turn: &mut TurnView) -> Array {
    let hits = turn.understanding.faq.iter();
    hits.map(|hit| {
        let hit = [
            ("id".into(), hit.entry.as_str().into()),
            ("score".into(), hit.score.into()),
        ];
        Dynamic::from_map(Map::from(hit))
    })
    .collect()
}

fn slot_value(value: &SlotValue) -> Dynamic {
    match value {
        SlotValue::Text(text) => text.as_str().into(),
        SlotValue::Flag(flag) => (*flag).into(),
        SlotValue::Number(value) => number(*value),
    }
}

/// A number without decimals is an integer for scripts, so that it compares, counts and offers.
fn number(value: Decimal) -> Dynamic {
    let whole = i64::try_from(value).ok().filter(|_| value.scale() == 0);
    whole.map_or_else(|| value.into(), Dynamic::from)
}

fn optional<T: Into<Dynamic>>(value: Option<T>) -> Dynamic {
    value.map_or(Dynamic::UNIT, Into::into)
}
