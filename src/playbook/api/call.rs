//! What one call carries along: the turn that it answers, what the playbook declares, what was
//! understood, and how much it has made so far. Native functions find it in the call's tag, because
//! scripts call `product("…")` without naming the turn.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use consultant_core::Turn;
use rhai::{EvalAltResult, NativeCallContext};

use super::declared::{Declared, Understood};

/// The most actions that one call may make, returned or thrown away: an action's texts do not
/// count in the engine's limits.
const MAX_ACTIONS_MADE: usize = 256;

/// What one call carries along.
#[derive(Clone)]
pub(crate) struct Call {
    turn: Arc<Turn>,
    declared: Arc<Declared>,
    understood: Arc<Understood>,
    actions_made: Arc<AtomicUsize>,
    draws: Arc<AtomicU64>,
}

impl Call {
    pub(crate) fn new(
        turn: Arc<Turn>,
        declared: Arc<Declared>,
        understood: Arc<Understood>,
    ) -> Self {
        Self {
            turn,
            declared,
            understood,
            actions_made: Arc::default(),
            draws: Arc::default(),
        }
    }

    /// The call that a native function serves.
    pub(crate) fn of(ctx: &NativeCallContext<'_>) -> Result<Self, Box<EvalAltResult>> {
        ctx.tag()
            .and_then(|tag| tag.read_lock::<Self>().map(|call| call.clone()))
            .ok_or_else(|| {
                format!("`{}` needs a turn: call it inside `reply`", ctx.fn_name()).into()
            })
    }

    /// The turn of the call that a native function serves.
    pub(crate) fn turn_of(ctx: &NativeCallContext<'_>) -> Result<Arc<Turn>, Box<EvalAltResult>> {
        Self::of(ctx).map(|call| call.turn)
    }

    /// The turn that is being answered.
    pub(crate) const fn turn(&self) -> &Arc<Turn> {
        &self.turn
    }

    pub(crate) fn declared(&self) -> &Declared {
        &self.declared
    }

    pub(crate) fn understood(&self) -> &Understood {
        &self.understood
    }

    /// Counts one more action.
    pub(crate) fn count_action(ctx: &NativeCallContext<'_>) -> Result<(), Box<EvalAltResult>> {
        let made = Self::of(ctx)?.actions_made.fetch_add(1, Ordering::Relaxed);
        if made >= MAX_ACTIONS_MADE {
            return Err(format!("a turn makes at most {MAX_ACTIONS_MADE} actions").into());
        }
        Ok(())
    }

    /// The next number of this turn's chance: the same turn draws the same numbers in the same
    /// order. `SplitMix64` (Steele, Lea, Flood 2014).
    pub(crate) fn draw(&self) -> u64 {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        let drawn = self.draws.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let mut mixed = self.turn.seed.wrapping_add(drawn.wrapping_mul(GAMMA));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
