//! `turn`: everything that a script may see of a customer's message, read only.

use std::{ops::Deref, sync::Arc};

use consultant_core::{SlotValue, Turn};
use rhai::{Dynamic, Engine, EvalAltResult, Map};
use rust_decimal::Decimal;

use super::{
    call::Call,
    days::DateView,
    declared::{Declared, Understood},
    things::ProductView,
};

/// The most characters of a message that a script sees; rules look for words, not for novels,
/// and a script's own texts must fit beside it.
pub(super) const MAX_TEXT_CHARS: usize = 4096;

/// Every property of `turn`, for the check of misspelt ones.
pub(crate) const PROPERTIES: [&str; 43] = [
    "text",
    "language",
    "intent",
    "confidence",
    "trained_intent",
    "mood",
    "guard_refused",
    "model_failed",
    "model_confidence",
    "unread_files",
    "colleague_note",
    "stage",
    "slots",
    "awaiting",
    "asked_times",
    "missing",
    "filled",
    "refused",
    "first_contact",
    "reachable",
    "escalated",
    "escalated_for",
    "unanswered",
    "turns",
    "products",
    "category",
    "quantity",
    "number",
    "faq",
    "objection",
    "small_talk",
    "promotions",
    "customer",
    "score",
    "reasons",
    "tags",
    "history",
    "summary",
    "now",
    "today",
    "open",
    "opens_at",
    "hours_known",
];

/// A turn as scripts see it.
#[derive(Clone)]
pub(crate) struct TurnView {
    turn: Arc<Turn>,
    pub(super) declared: Arc<Declared>,
    pub(super) understood: Arc<Understood>,
}

impl TurnView {
    const fn new(turn: Arc<Turn>, declared: Arc<Declared>, understood: Arc<Understood>) -> Self {
        Self {
            turn,
            declared,
            understood,
        }
    }

    /// What a script gets that is asked about a turn: the turn as it sees it, and what its calls of
    /// native functions carry along.
    pub(crate) fn asked(
        turn: &Arc<Turn>,
        declared: &Arc<Declared>,
        understood: &Arc<Understood>,
    ) -> (Call, Self) {
        let view = Self::new(
            Arc::clone(turn),
            Arc::clone(declared),
            Arc::clone(understood),
        );
        let call = Call::new(
            Arc::clone(turn),
            Arc::clone(declared),
            Arc::clone(understood),
        );
        (call, view)
    }

    pub(super) const fn turn(&self) -> &Arc<Turn> {
        &self.turn
    }
}

impl Deref for TurnView {
    type Target = Turn;

    fn deref(&self) -> &Turn {
        &self.turn
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
        .register_get("first_contact", |turn: &mut TurnView| turn.first_contact)
        .register_get("reachable", |turn: &mut TurnView| turn.reachable)
        .register_get("escalated", |turn: &mut TurnView| turn.escalated)
        .register_get("escalated_for", |turn: &mut TurnView| {
            optional(turn.escalated_for.clone())
        })
        .register_get("unanswered", |turn: &mut TurnView| {
            i64::from(turn.unanswered)
        })
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
        .register_get("guard_refused", |turn: &mut TurnView| {
            turn.written.map_or(0, |it| i64::from(it.guard_refused))
        })
        .register_get("model_failed", |turn: &mut TurnView| {
            turn.written.is_some_and(|it| it.model_failed)
        })
        .register_get("model_confidence", |turn: &mut TurnView| {
            let permille = turn.written.and_then(|it| it.sure_permille);
            let share = permille.map(|permille| f64::from(permille) / 1000.0);
            share.map_or(Dynamic::UNIT, Dynamic::from)
        })
        .register_get("unread_files", |turn: &mut TurnView| {
            i64::from(turn.unread_files)
        })
        .register_get("colleague_note", |turn: &mut TurnView| {
            optional(turn.colleague_note.clone())
        })
        .register_get("mood", |turn: &mut TurnView| {
            let mood = turn.understanding.mood.as_ref();
            optional(mood.map(|it| it.label.clone()))
        })
        .register_get("trained_intent", |turn: &mut TurnView| {
            let trained = turn.understanding.trained.as_ref();
            optional(trained.map(|it| it.label.clone()))
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
            SlotsView(Arc::clone(turn.turn()))
        })
        .register_indexer_get(|slots: &mut SlotsView, name: &str| {
            slots.0.slots.get(name).map_or(Dynamic::UNIT, slot_value)
        })
        .register_fn("contains", |slots: &mut SlotsView, name: &str| {
            slots.0.slots.contains_key(name)
        })
        .register_get("awaiting", |turn: &mut TurnView| {
            optional(turn.awaiting.clone())
        })
        .register_get("asked_times", |turn: &mut TurnView| {
            i64::from(turn.asked_times)
        })
        .register_get("missing", |turn: &mut TurnView| {
            names(turn.declared.missing(turn).map(|slot| slot.name.as_str()))
        })
        .register_get("filled", |turn: &mut TurnView| {
            let values = turn.understood.filled.values.iter();
            names(values.map(|(slot, _)| slot.as_str()))
        })
        .register_get("refused", |turn: &mut TurnView| {
            let refused = turn.understood.filled.refused.as_ref();
            optional(refused.map(|(slot, _)| slot.clone()))
        })
        .register_fn("missing_for", |turn: &mut TurnView, stage: &str| {
            known_stage(turn, stage)?;
            Ok::<_, Box<EvalAltResult>>(names(turn.declared.missing_for(stage, turn)))
        })
        .register_fn("can_go", |turn: &mut TurnView, stage: &str| {
            known_stage(turn, stage)?;
            let ready = turn.declared.missing_for(stage, turn).next().is_none();
            let may = ready && turn.declared.may_follow(&turn.stage, stage);
            Ok::<_, Box<EvalAltResult>>(may || turn.stage == stage)
        });
}

fn known_stage(turn: &TurnView, stage: &str) -> Result<(), Box<EvalAltResult>> {
    if turn.declared.stage(stage).is_some() {
        return Ok(());
    }
    let stages = &turn.declared.stages;
    let known: Vec<&str> = stages.iter().map(|it| it.name.as_str()).collect();
    let hint = crate::problem::suggestion(stage, &known);
    Err(format!("there is no stage `{stage}`; {hint}").into())
}

/// Mentions of products that the catalogue holds, best first.
fn products(turn: &mut TurnView) -> Dynamic {
    let mentions = &turn.understanding.products;
    (0..mentions.len())
        .filter_map(|mention| ProductView::mentioned(turn.turn(), mention))
        .map(Dynamic::from)
        .collect::<Vec<_>>()
        .into()
}

fn faq(turn: &mut TurnView) -> Dynamic {
    let hits = turn.understanding.faq.iter();
    hits.map(|hit| {
        let hit = [
            ("id".into(), hit.entry.as_str().into()),
            ("score".into(), hit.score.into()),
        ];
        Dynamic::from_map(Map::from(hit))
    })
    .collect::<Vec<_>>()
    .into()
}

/// What a slot holds. An amount is its number: every price of the catalogue is in the same
/// currency.
fn slot_value(value: &SlotValue) -> Dynamic {
    match value {
        SlotValue::Text(text) => text.as_str().into(),
        SlotValue::Flag(flag) => (*flag).into(),
        SlotValue::Number(value) => number(*value),
        SlotValue::Money(money) => money.amount.into(),
        SlotValue::Date(day) => Dynamic::from(DateView(*day)),
    }
}

/// A number without decimals is an integer for scripts, so that it compares, counts and offers.
fn number(value: Decimal) -> Dynamic {
    let whole = i64::try_from(value).ok().filter(|_| value.scale() == 0);
    whole.map_or_else(|| value.into(), Dynamic::from)
}

pub(super) fn optional<T: Into<Dynamic>>(value: Option<T>) -> Dynamic {
    value.map_or(Dynamic::UNIT, Into::into)
}

/// Names as a list.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> Dynamic {
    let list: Vec<Dynamic> = names.map(|name| name.to_owned().into()).collect();
    list.into()
}
