//! `slot("seats", "quantity").required().ask(…)`: one line of `slots()`.

use consultant_core::{SlotKind, SlotOption, SlotSpec};
use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};
use rust_decimal::Decimal;

use super::{
    actions::slot_name,
    declared::Line,
    lists::{decimal, strings},
    texts::local_text,
};
use crate::problem::nearest;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// A slot as it is declared.
pub(crate) type SlotLine = Line<SlotSpec>;

/// The longest text that a slot may be declared to hold, in characters.
const MAX_CHARS: usize = 1000;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<SlotLine>("Slot")
        .register_type_with_name::<SlotOption>("Option")
        .register_fn("slot", slot)
        .register_fn("required", |line: &mut SlotLine| {
            changed(line, |spec| spec.required = true)
        })
        .register_fn("ask", |line: &mut SlotLine, text: Dynamic| {
            let text = local_text(&text)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |spec| spec.ask = Some(text)))
        })
        .register_fn("again", |line: &mut SlotLine, text: Dynamic| {
            let text = local_text(&text)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |spec| spec.again = Some(text)))
        })
        .register_fn("words", |line: &mut SlotLine, words: Array| {
            let words = strings("the words of a slot", &words)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |spec| spec.words = words))
        })
        .register_fn("not_past", |line: &mut SlotLine| {
            changed(line, |spec| spec.not_past = true)
        })
        .register_fn("options", options)
        .register_fn("option", option)
        .register_fn("between", between)
        .register_fn("at_least", |line: &mut SlotLine, least: Dynamic| {
            let least = decimal("the least", &least)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |spec| spec.least = Some(least)))
        })
        .register_fn("at_most", |line: &mut SlotLine, most: Dynamic| {
            let most = decimal("the most", &most)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |spec| spec.most = Some(most)))
        })
        .register_fn("longest", longest);
}

fn changed(line: &SlotLine, change: impl FnOnce(&mut SlotSpec)) -> SlotLine {
    let mut line = line.clone();
    change(&mut line.what);
    line
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn slot(ctx: NativeCallContext<'_>, name: &str, kind: &str) -> Outcome<SlotLine> {
    let name = slot_name(name)?;
    let mut kinds = SlotKind::NAMES.iter();
    let Some((kind, _)) = kinds.find(|(_, known)| *known == kind) else {
        let known = SlotKind::NAMES.map(|(_, name)| name);
        let hint = nearest(kind, known).map_or_else(
            || format!("write one of `{}`", known.join("`, `")),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(format!("there is no kind of slot `{kind}`; {hint}").into());
    };
    Ok(Line {
        what: SlotSpec::new(name, *kind),
        file: ctx.call_source().map(str::to_owned),
        position: ctx.call_position(),
    })
}

/// `.options(["team", option("plus", ["Team Plus", "团队增强版"])])`
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn options(line: &mut SlotLine, list: Array) -> Outcome<SlotLine> {
    let options = list
        .iter()
        .map(|item| {
            if let Some(option) = item.read_lock::<SlotOption>() {
                Ok(option.clone())
            } else {
                let mut ids = strings("the options of a slot", &Array::from([item.clone()]))?;
                let id = ids.pop().unwrap_or_default();
                let words = Vec::new();
                Ok(SlotOption { id, words })
            }
        })
        .collect::<Outcome<Vec<SlotOption>>>()?;
    Ok(changed(line, |spec| spec.options = options))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn option(id: &str, words: Array) -> Outcome<SlotOption> {
    Ok(SlotOption {
        id: id.to_owned(),
        words: strings("the words of an option", &words)?,
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn between(line: &mut SlotLine, least: Dynamic, most: Dynamic) -> Outcome<SlotLine> {
    let least: Decimal = decimal("the least", &least)?;
    let most: Decimal = decimal("the most", &most)?;
    if least > most {
        return Err(format!("`between({least}, {most})` begins with the smaller number").into());
    }
    Ok(changed(line, |spec| {
        spec.least = Some(least);
        spec.most = Some(most);
    }))
}

fn longest(line: &mut SlotLine, chars: i64) -> Outcome<SlotLine> {
    let valid = usize::try_from(chars).ok();
    let valid = valid.filter(|chars| (1..=MAX_CHARS).contains(chars));
    let valid = valid
        .ok_or_else(|| format!("the longest text of a slot has 1 to {MAX_CHARS} characters"))?;
    Ok(changed(line, |spec| spec.longest_chars = valid))
}
