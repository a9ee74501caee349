//! `stage("greet", ["advise", "close"])`: one line of `stages()`; `.last()` marks one at which a
//! sale may end, `.won()` one that is a deal.

use rhai::{Array, Engine, EvalAltResult, NativeCallContext, Position};

use super::lists::strings;

/// A stage and the stages that may follow it.
#[derive(Clone, Debug)]
pub(crate) struct StageLine {
    pub(crate) name: String,
    pub(crate) next: Vec<String>,
    /// Slots that must be known before the stage begins.
    pub(crate) needs: Vec<String>,
    /// Whether nothing is meant to follow.
    pub(crate) last: bool,
    /// Whether reaching it is a deal.
    pub(crate) won: bool,
    /// The module that declares it, where that is not the playbook itself.
    pub(crate) file: Option<String>,
    /// Where it is declared.
    pub(crate) position: Position,
}

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<StageLine>("Stage")
        .register_fn("stage", stage)
        .register_fn("needs", |line: &mut StageLine, slots: Array| {
            let needs = strings("the slots that a stage needs", &slots)?;
            Ok::<_, Box<EvalAltResult>>(StageLine {
                needs,
                ..line.clone()
            })
        })
        .register_fn("last", |line: &mut StageLine| StageLine {
            last: true,
            ..line.clone()
        })
        .register_fn("won", |line: &mut StageLine| StageLine {
            won: true,
            ..line.clone()
        });
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
    Ok(StageLine {
        name: name.to_owned(),
        next: strings("the stages that follow", &next)?,
        needs: Vec::new(),
        last: false,
        won: false,
        file: ctx.call_source().map(str::to_owned),
        position: ctx.call_position(),
    })
}
