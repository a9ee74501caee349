//! `ask(…)`: a question, and the same question again where the answer could not be taken.

use consultant_core::{Action, Language, LocalText, SlotSpec, wording};
use rhai::{Dynamic, Engine, EvalAltResult, NativeCallContext};

use super::{
    actions::{Step, slot_name, step},
    call::Call,
    texts::local_text,
};
use crate::problem::suggestion;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn(
            "ask",
            |ctx: NativeCallContext<'_>, slot: &str, text: Dynamic| {
                let text = local_text(&text)?;
                let slot = slot_name(slot)?;
                step(&ctx, Action::Ask { slot, text })
            },
        )
        .register_fn("ask", |ctx: NativeCallContext<'_>, slot: &str| {
            let call = Call::of(&ctx)?;
            let spec = declared(&call, slot)?;
            ask_for(&ctx, &call, spec)
        })
        .register_fn("ask_missing", |ctx: NativeCallContext<'_>| {
            let call = Call::of(&ctx)?;
            let missing = call.declared().missing(call.turn()).next();
            let spec = missing.ok_or(
                "nothing is missing: call `ask_missing` where `turn.missing` is not empty",
            )?;
            ask_for(&ctx, &call, spec)
        });
}

fn declared<'a>(call: &'a Call, slot: &str) -> Outcome<&'a SlotSpec> {
    call.declared().slot(slot).ok_or_else(|| {
        let slots = &call.declared().slots;
        let known: Vec<&str> = slots.iter().map(|it| it.name.as_str()).collect();
        let hint = suggestion(slot, &known);
        format!("`slots` declares no `{slot}` to ask for; {hint}").into()
    })
}

fn ask_for(ctx: &NativeCallContext<'_>, call: &Call, spec: &SlotSpec) -> Outcome<Step> {
    let ask = spec.ask.as_ref().ok_or_else(|| {
        format!(
            "how is `{0}` asked for? write `slot(\"{0}\", …).ask(#{{ en: \"…\" }})`",
            spec.name
        )
    })?;
    let text = if call.turn().awaiting.as_ref() == Some(&spec.name) {
        again(call, spec, ask)
    } else {
        ask.clone()
    };
    let slot = spec.name.clone();
    step(ctx, Action::Ask { slot, text })
}

/// The question after an answer that could not be taken: why, and then the question again, in the
/// playbook's own words where it has some.
fn again(call: &Call, spec: &SlotSpec, ask: &LocalText) -> LocalText {
    let refused = call.understood().filled.refused.as_ref();
    let refusal = refused.filter(|(slot, _)| *slot == spec.name);
    let question = spec.again.as_ref().unwrap_or(ask);
    let why = |language: Language| match refusal {
        Some((_, refusal)) => Some(wording::not_accepted(language, refusal)),
        None if spec.again.is_some() => None,
        None => Some(wording::not_understood(language, spec.kind).to_owned()),
    };
    let texts = question.0.iter().map(|(language, question)| {
        let separator = if *language == Language::ZH { "" } else { " " };
        // The product's own words are reviewed in some languages only.
        let why = why(*language).filter(|_| wording::is_reviewed(*language));
        let text = why.map_or_else(
            || question.clone(),
            |why| format!("{why}{separator}{question}"),
        );
        (*language, text)
    });
    LocalText(texts.collect())
}
