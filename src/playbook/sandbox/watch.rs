//! What the engine's own limits leave open, watched while a script runs: wall time, the real
//! stack, and memory.
//!
//! A call never leaves its thread and one engine serves many threads, so the watch stands in the
//! thread and not in the engine. The stack is measured because 32 calls of deeply nested
//! expressions overrun two megabytes in a debug build. Memory is weighed because the engine
//! checks an element that is assigned (`a[1] = x`, `a[1].push(x)`), not the array that holds it.

use std::{cell::RefCell, hint::black_box, time::Instant};

use rhai::{Array, Dynamic, ImmutableString, Map, Scope};

use super::{MAX_CALL_LEVELS, MAX_OPERATIONS};

/// Stack of one call, in bytes: half of what a server's worker thread has.
const MAX_STACK_BYTES: usize = 1024 * 1024;
/// Values held in variables by one call, in bytes.
const MAX_MEMORY_BYTES: usize = 8 * 1024 * 1024;
/// Arrays and maps in one another.
const MAX_DATA_DEPTH: usize = 64;
/// The clock is read once in so many steps.
const STEPS_BETWEEN_LOOKS: u64 = 64;
/// Variables are weighed once in so many uses of one.
const USES_BETWEEN_WEIGHINGS: u32 = 16;

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// The limits of the call that runs on this thread.
pub(super) struct Watch {
    deadline: Option<Instant>,
    stack_base: usize,
    steps: u64,
    uses: u32,
    /// Bytes in the variables of each call level, when last weighed.
    weights: [usize; MAX_CALL_LEVELS + 1],
}

/// Which limit was hit; travels through the engine as the token of a terminated script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    Steps,
    Time,
    Stack,
    Memory,
}

impl Watch {
    pub(super) fn until(deadline: Option<Instant>) -> Self {
        Self {
            deadline,
            stack_base: stack_pointer(),
            steps: 0,
            uses: 0,
            weights: [0; MAX_CALL_LEVELS + 1],
        }
    }

    /// Puts this watch in place and returns the one before.
    pub(super) fn begin(self) -> Option<Self> {
        WATCH.replace(Some(self))
    }

    pub(super) fn restore(before: Option<Self>) {
        WATCH.set(before);
    }
}

/// Looks at steps, time and stack; called at every step. The engine's own count is of no use: what
/// a built-in function calls back, as `filter` does, is counted in a copy that is thrown away.
pub(super) fn step() -> Option<Excess> {
    WATCH.with_borrow_mut(|watch| {
        let watch = watch.as_mut()?;
        if watch.stack_base.abs_diff(stack_pointer()) > MAX_STACK_BYTES {
            return Some(Excess::Stack);
        }
        watch.steps += 1;
        if watch.steps > MAX_OPERATIONS {
            return Some(Excess::Steps);
        }
        let look = watch.steps.is_multiple_of(STEPS_BETWEEN_LOOKS);
        let late = || watch.deadline.is_some_and(|end| Instant::now() >= end);
        (look && late()).then_some(Excess::Time)
    })
}

/// Weighs what a call level holds; called whenever a variable is used.
pub(super) fn variable_used(level: usize, scope: &Scope<'_>) -> Option<Excess> {
    WATCH.with_borrow_mut(|watch| {
        let watch = watch.as_mut()?;
        watch.uses += 1;
        if !watch.uses.is_multiple_of(USES_BETWEEN_WEIGHINGS) {
            return None;
        }
        let level = level.min(MAX_CALL_LEVELS);
        watch.weights[level..].fill(0);
        watch.weights[level] = scope.iter_raw().map(|(_, _, value)| weigh(value)).sum();
        let total: usize = watch.weights.iter().sum();
        (total > MAX_MEMORY_BYTES).then_some(Excess::Memory)
    })
}

#[inline(never)]
fn stack_pointer() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(black_box(&here)).addr()
}

/// About how many bytes a value holds. Too deep a nest is too heavy: copying and dropping it
/// would use the stack at every level.
pub(super) fn weigh(value: &Dynamic) -> usize {
    weigh_at(value, 0)
}

fn weigh_at(value: &Dynamic, depth: usize) -> usize {
    if depth > MAX_DATA_DEPTH {
        return MAX_MEMORY_BYTES + 1;
    }
    let add = |sum: usize, item: &Dynamic| sum.saturating_add(weigh_at(item, depth + 1));
    let inside = if let Some(items) = value.read_lock::<Array>() {
        items.iter().fold(0, add)
    } else if let Some(entries) = value.read_lock::<Map>() {
        let keys = entries.keys().map(rhai::Identifier::len).sum();
        entries.values().fold(keys, add)
    } else {
        let text = value.read_lock::<ImmutableString>();
        text.map_or(0, |text| text.len())
    };
    inside.saturating_add(size_of::<Dynamic>())
}
