//! `stage("greet", ["advise", "close"])`: one line of `stages()`; `.last()` marks one at which a
//! sale may end.

use rhai::{Array, Engine, EvalAltResult, ImmutableString, NativeCallContext, Position};

/// A stage and the stages that may follow it.
#[derive(Clone, Debug)]
pub(crate) struct StageLine {
    pub(crate) name: String,
    pub(crate) next: Vec<String>,
    /// Whether a sale may end here: `.last()`.
    pub(crate) last: bool,
    /// Where it is declared.
    pub(crate) position: Position,
}

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<StageLine>("Stage")
        .register_fn("stage", stage)
        .register_fn("last", |line: StageLine| StageLine { last: true, ..line });
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands over the context and the array by value"
)]
fn stage(
    ctx: NativeCallContext<'_>,
    name: &str,
    next: Array,
) -> Result<StageLine, Box<EvalAltResult>> {
    let next = next
        .iter()
        .map(|name| {
            name.read_lock::<ImmutableString>()
                .map(|name| name.to_string())
                .ok_or_else(|| "the stages that follow are a list of names in quotes".into())
        })
        .collect::<Result<_, Box<EvalAltResult>>>()?;
    Ok(StageLine {
        name: name.to_owned(),
        next,
        last: false,
        position: ctx.call_position(),
    })
}
