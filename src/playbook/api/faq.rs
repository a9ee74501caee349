//! The reviewed answers as scripts see them.

use consultant_core::{Action, FaqId, Turn};
use rhai::{Dynamic, Engine, EvalAltResult, Map, NativeCallContext};

use super::{
    actions::{Step, step},
    call::Call,
};
use crate::problem::nearest;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

pub(super) fn register(engine: &mut Engine) {
    register_look_ups(engine);
    engine.register_fn("answer_from", answer_from);
}

/// Looking at an answer, without giving it.
pub(super) fn register_look_ups(engine: &mut Engine) {
    engine.register_fn("faq", faq).register_fn(
        "has_faq",
        |ctx: NativeCallContext<'_>, id: &str| {
            let turn = Call::turn_of(&ctx)?;
            Ok::<_, Box<EvalAltResult>>(turn.faq.entry(&FaqId::from(id)).is_some())
        },
    );
}

/// An entry in the customer's language: `id`, `question`, `answer`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn faq(ctx: NativeCallContext<'_>, id: &str) -> Outcome<Map> {
    let turn = Call::turn_of(&ctx)?;
    let id = known(&turn, id)?;
    let entry = turn.faq.entry(&id);
    let language = turn.understanding.language;
    let questions = entry.and_then(|it| it.questions.get(&language));
    let question = questions.and_then(|it| it.first()).cloned();
    let answer = entry.map_or("", |it| it.answer.get(language));
    Ok(Map::from([
        ("id".into(), id.to_string().into()),
        ("question".into(), question.unwrap_or_default().into()),
        ("answer".into(), Dynamic::from(answer.to_owned())),
    ]))
}

/// `answer_from("returns")`: give this reviewed answer.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn answer_from(ctx: NativeCallContext<'_>, id: &str) -> Outcome<Step> {
    let entry = known(&*Call::turn_of(&ctx)?, id)?;
    step(&ctx, Action::AnswerFrom { entry })
}

fn known(turn: &Turn, id: &str) -> Outcome<FaqId> {
    let wanted = FaqId::from(id);
    if turn.faq.entry(&wanted).is_some() {
        return Ok(wanted);
    }
    let known = turn.faq.entries.iter().map(|entry| entry.id.as_str());
    let hint =
        nearest(id, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Err(format!("the FAQ has no entry `{id}`{hint}").into())
}
