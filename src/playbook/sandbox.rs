//! The engine that scripts run in: everything that could reach the world is absent, everything
//! that could grow is limited.
//!
//! The engine starts empty and gets only pure packages, so what is missing here cannot be called:
//! no clock, no random numbers, no disk, no `exit`. Threads share one engine; it has no string
//! interner, which is the only lock that calls would meet. The limits are the measured ones that
//! stopped every attack tried.

mod bounded;
mod exact;
mod fault;
mod watch;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
    time::{Duration, Instant},
};

use rhai::{
    Dynamic, Engine, EvalAltResult, Position, Token, def_package,
    packages::{
        ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage,
        BasicMapPackage, BasicMathPackage, BasicStringPackage, LogicPackage, MoreStringPackage,
        Package,
    },
};

pub(crate) use exact::as_written;
pub(crate) use fault::Fault;
use watch::Watch;

/// The longest script.
pub(crate) const MAX_SCRIPT_BYTES: usize = 256 * 1024;
/// The most modules in a library.
pub(crate) const MAX_MODULES: usize = 64;
/// Steps of one call.
pub(crate) const MAX_OPERATIONS: u64 = 200_000;
/// Nested script calls.
pub(crate) const MAX_CALL_LEVELS: usize = 32;
/// Nested expressions outside functions, and inside; the defaults differ between debug and
/// release, so both are said.
const MAX_EXPRESSION_DEPTHS: (usize, usize) = (64, 32);
/// The longest string; also of all strings in one array or map together.
pub(crate) const MAX_STRING_BYTES: usize = 64 * 1024;
/// The most items of an array, those of nested ones included.
pub(crate) const MAX_ARRAY_ITEMS: usize = 10_000;
/// The most entries of a map, those of nested ones included.
pub(crate) const MAX_MAP_ENTRIES: usize = 2_000;
/// The most variables in sight.
const MAX_VARIABLES: usize = 256;
/// The most functions in a script.
const MAX_FUNCTIONS: usize = 512;
/// Wall time of one call. A turn takes some 20 µs; this stops what few but slow steps could do.
pub(crate) const TIME_LIMIT: Duration = Duration::from_millis(250);

def_package! {
    /// What scripts may use of Rhai itself: one module, because a call looks for its function in
    /// each that there is.
    pub(crate) PurePackage(_module):
        ArithmeticPackage,
        BasicStringPackage,
        BasicIteratorPackage,
        BasicFnPackage,
        LogicPackage,
        BasicMathPackage,
        BasicArrayPackage,
        BasicMapPackage,
        MoreStringPackage
    {}
}

/// Made once and shared, because an engine is made for every script that is looked at.
static PURE: LazyLock<PurePackage> = LazyLock::new(PurePackage::new);

/// An engine in which a script can do nothing but compute.
pub(crate) fn engine() -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(PURE.as_shared_module());
    limit(&mut engine);
    bounded::register(&mut engine);
    exact::register(&mut engine);
    engine
}

fn limit(engine: &mut Engine) {
    engine
        .set_max_operations(MAX_OPERATIONS)
        .set_max_call_levels(MAX_CALL_LEVELS)
        .set_max_expr_depths(MAX_EXPRESSION_DEPTHS.0, MAX_EXPRESSION_DEPTHS.1)
        .set_max_string_size(MAX_STRING_BYTES)
        .set_max_array_size(MAX_ARRAY_ITEMS)
        .set_max_map_size(MAX_MAP_ENTRIES)
        .set_max_variables(MAX_VARIABLES)
        .set_max_functions(MAX_FUNCTIONS)
        .set_max_modules(MAX_MODULES)
        .set_max_strings_interned(0)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .disable_symbol("eval")
        .on_print(|_| {})
        .on_debug(|_, _, _| {})
        .on_progress(|_| watch::step().map(Dynamic::from));
    weigh_variables(engine);
    let_goto_be_a_name(engine);
}

#[expect(
    deprecated,
    reason = "rhai marks what may change so; the version is pinned and tested"
)]
fn weigh_variables(engine: &mut Engine) {
    engine.on_var(|_, _, context| {
        match watch::variable_used(context.call_level(), context.scope()) {
            Some(excess) => {
                Err(EvalAltResult::ErrorTerminated(Dynamic::from(excess), Position::NONE).into())
            }
            None => Ok(None),
        }
    });
}

/// Rhai keeps `goto` for itself and has no use for it; for playbooks it is an action.
#[expect(
    deprecated,
    reason = "rhai marks what may change so; the version is pinned and tested"
)]
fn let_goto_be_a_name(engine: &mut Engine) {
    engine.on_parse_token(|token, _, _| match token {
        Token::Reserved(word) if word.as_str() == "goto" => Token::Identifier(word),
        other => other,
    });
}

/// Runs script code on this thread with a deadline, and turns a panic of a native function into
/// a fault of this one call.
pub(crate) fn guarded<T>(
    time_limit: Duration,
    work: impl FnOnce() -> Result<T, Box<EvalAltResult>>,
) -> Result<T, Fault> {
    let before = Watch::until(Instant::now().checked_add(time_limit)).begin();
    let outcome = catch_unwind(AssertUnwindSafe(work));
    Watch::restore(before);
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault::from_error(*error, time_limit)),
        Err(payload) => Err(Fault::from_panic(payload.as_ref())),
    }
}

#[cfg(test)]
mod attacks;
