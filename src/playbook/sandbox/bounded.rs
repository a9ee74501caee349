//! Twins of built-in functions that allocate before anybody counts. A registered function goes
//! before a package's, so these stand in their place.
//!
//! `replace` could build 64 KiB × 64 KiB in one step; `pad` with an empty text never ends, and no
//! limit is looked at inside of one step; `map` and `zip` keep results that are each
//! within the limits, and together are not. `sleep` is not in any package used here; it fails by
//! name, so that a later change of packages cannot bring it back.

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, ImmutableString, Map, NativeCallContext};

use super::{MAX_ARRAY_ITEMS, MAX_STRING_BYTES, watch::weigh};

/// What `map` may collect: the longest array of plain values.
const MAX_MAPPED_BYTES: usize = MAX_ARRAY_ITEMS * size_of::<Dynamic>();

type Outcome<T> = Result<T, Box<EvalAltResult>>;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn("sleep", |_: i64| no_sleep())
        .register_fn("sleep", |_: f64| no_sleep())
        .register_fn("replace", replace)
        .register_fn(
            "replace",
            |text: &mut ImmutableString, from: &str, to: char| {
                replace(text, from, to.encode_utf8(&mut [0; 4]))
            },
        )
        .register_fn(
            "replace",
            |text: &mut ImmutableString, from: char, to: &str| {
                replace(text, from.encode_utf8(&mut [0; 4]), to)
            },
        )
        .register_fn("pad", pad)
        .register_fn(
            "pad",
            |text: &mut ImmutableString, length: i64, with: char| {
                pad(text, length, with.encode_utf8(&mut [0; 4]))
            },
        )
        .register_fn("map", map_array)
        .register_fn("map", |_: &mut Map, _: FnPtr| {
            instead::<Map>("map", "on a map")
        })
        .register_fn("zip", |_: &mut Array, _: Array, _: FnPtr| {
            instead::<Array>("zip", "")
        });
}

fn no_sleep() -> Outcome<()> {
    Err("a playbook cannot wait: `sleep` is not available".into())
}

fn instead<T>(name: &str, what: &str) -> Outcome<T> {
    let place = if what.is_empty() {
        String::new()
    } else {
        format!(" {what}")
    };
    Err(format!("`{name}`{place} is not available in a playbook: write a `for` loop").into())
}

fn replace(text: &mut ImmutableString, from: &str, to: &str) -> Outcome<()> {
    let found = text.matches(from).count();
    let kept = text.len().saturating_sub(found * from.len());
    if kept.saturating_add(found.saturating_mul(to.len())) > MAX_STRING_BYTES {
        return Err(too_large().into());
    }
    *text = text.replace(from, to).into();
    Ok(())
}

/// Fills a text up to so many characters.
fn pad(text: &mut ImmutableString, length: i64, with: &str) -> Outcome<()> {
    let length = usize::try_from(length).unwrap_or(0);
    let missing = length.saturating_sub(text.chars().count());
    if missing == 0 {
        return Ok(());
    }
    if with.is_empty() {
        return Err("`pad` has nothing to fill the text with: it was given an empty one".into());
    }
    if length > MAX_STRING_BYTES {
        return Err(too_large().into());
    }
    let more: String = with.chars().cycle().take(missing).collect();
    if text.len() + more.len() > MAX_STRING_BYTES {
        return Err(too_large().into());
    }
    *text = format!("{text}{more}").into();
    Ok(())
}

/// As the built-in, with the limits applied to what is collected so far.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn map_array(ctx: NativeCallContext<'_>, array: &mut Array, mapper: FnPtr) -> Outcome<Array> {
    let mut mapped = Array::new();
    let mut weight = 0;
    for item in array.iter() {
        let value: Dynamic = mapper.call_within_context(&ctx, (item.clone(),))?;
        weight += weigh(&value);
        if weight > MAX_MAPPED_BYTES {
            return Err(too_large().into());
        }
        mapped.push(value);
    }
    Ok(mapped)
}

fn too_large() -> EvalAltResult {
    EvalAltResult::ErrorDataTooLarge("value".to_owned(), rhai::Position::NONE)
}
