//! Chance that is none: it follows from the conversation and the number of the turn, so that a turn
//! that is repeated or replayed falls out the same.

use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};

use super::call::Call;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn("pick", pick)
        .register_fn("chance", chance);
}

/// One of several.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn pick(ctx: NativeCallContext<'_>, list: Array) -> Result<Dynamic, Box<EvalAltResult>> {
    let drawn = Call::of(&ctx)?.draw();
    let count = u64::try_from(list.len()).unwrap_or(u64::MAX);
    let at = drawn.checked_rem(count).unwrap_or_default();
    let picked = usize::try_from(at).ok().and_then(|at| list.get(at));
    picked
        .cloned()
        .ok_or_else(|| "`pick` needs a list that is not empty".into())
}

/// Whether something happens that happens so often in a hundred turns.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn chance(ctx: NativeCallContext<'_>, percent: i64) -> Result<bool, Box<EvalAltResult>> {
    if !(0..=100).contains(&percent) {
        return Err(format!("`chance` takes 0 to 100 percent, not {percent}").into());
    }
    let drawn = Call::of(&ctx)?.draw() % 100;
    Ok(i64::try_from(drawn).is_ok_and(|drawn| drawn < percent))
}
