//! What one call carries along: the turn that it answers, and how much it has made so far.
//! Native functions find it in the call's tag, because scripts call `product("…")` without
//! naming the turn.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use consultant_core::Turn;
use rhai::{EvalAltResult, NativeCallContext};

/// The most actions that one call may make, returned or thrown away: an action's texts do not
/// count in the engine's limits.
const MAX_ACTIONS_MADE: usize = 256;

/// What one call carries along.
#[derive(Clone)]
pub(crate) struct Call {
    turn: Arc<Turn>,
    actions_made: Arc<AtomicUsize>,
}

impl Call {
    pub(crate) fn new(turn: Arc<Turn>) -> Self {
        Self {
            turn,
            actions_made: Arc::default(),
        }
    }

    /// The call that a native function serves.
    fn of(ctx: &NativeCallContext<'_>) -> Result<Self, Box<EvalAltResult>> {
        ctx.tag()
            .and_then(|tag| tag.read_lock::<Self>().map(|call| call.clone()))
            .ok_or_else(|| {
                format!("`{}` needs a turn: call it inside `reply`", ctx.fn_name()).into()
            })
    }

    /// The turn that is being answered.
    pub(crate) fn turn(ctx: &NativeCallContext<'_>) -> Result<Arc<Turn>, Box<EvalAltResult>> {
        Self::of(ctx).map(|call| call.turn)
    }

    /// Counts one more action.
    pub(crate) fn count_action(ctx: &NativeCallContext<'_>) -> Result<(), Box<EvalAltResult>> {
        let made = Self::of(ctx)?.actions_made.fetch_add(1, Ordering::Relaxed);
        if made >= MAX_ACTIONS_MADE {
            return Err(format!("a turn makes at most {MAX_ACTIONS_MADE} actions").into());
        }
        Ok(())
    }
}
