//! Why a call into a script failed, in a sales manager's words, and at which place.

use std::{any::Any, time::Duration};

use rhai::{EvalAltResult, Position};

use super::{
    MAX_ARRAY_ITEMS, MAX_CALL_LEVELS, MAX_MAP_ENTRIES, MAX_OPERATIONS, MAX_STRING_BYTES,
    MAX_VARIABLES, watch::Excess,
};

/// Why a call into a script failed.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The module it happened in, where that is not the script that was called.
    pub(crate) file: Option<String>,
    /// Where; may be unknown.
    pub(crate) position: Position,
    /// What happened.
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn from_error(error: EvalAltResult, time_limit: Duration) -> Self {
        match error {
            EvalAltResult::ErrorInFunctionCall(_, source, inner, at)
            | EvalAltResult::ErrorInModule(source, inner, at) => {
                Self::from_error(*inner, time_limit).called_from(&source, at)
            }
            mut error => Self {
                file: None,
                position: error.take_position(),
                message: describe(&error, time_limit),
            },
        }
    }

    pub(crate) fn from_panic(payload: &(dyn Any + Send)) -> Self {
        let words = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        Self {
            file: None,
            position: Position::NONE,
            message: format!("a built-in function broke down ({words}); this is a bug, report it"),
        }
    }

    /// Fills in what the inner fault does not know.
    fn called_from(mut self, source: &str, at: Position) -> Self {
        if self.position.is_none() {
            self.position = at;
        } else if self.file.is_none() && !source.is_empty() {
            self.file = Some(source.to_owned());
        }
        self
    }
}

fn describe(error: &EvalAltResult, time_limit: Duration) -> String {
    use EvalAltResult as E;
    match error {
        E::ErrorTooManyOperations(_) => too_many_steps(),
        E::ErrorStackOverflow(_) => {
            format!("functions call each other more than {MAX_CALL_LEVELS} levels deep")
        }
        E::ErrorTooManyVariables(_) => format!("there are more than {MAX_VARIABLES} variables"),
        E::ErrorDataTooLarge(..) => format!(
            "a value grew too large: {MAX_STRING_BYTES} bytes of text, {MAX_ARRAY_ITEMS} items of \
             an array and {MAX_MAP_ENTRIES} entries of a map are the most"
        ),
        E::ErrorTerminated(token, _) => match token.clone().try_cast() {
            Some(Excess::Steps) => too_many_steps(),
            Some(Excess::Stack) => "calls and expressions nest too deep".to_owned(),
            Some(Excess::Memory) => {
                "the script holds too much, or nests it too deep, in its variables".to_owned()
            }
            _ => format!("the script took longer than {} ms", time_limit.as_millis()),
        },
        E::ErrorModuleNotFound(name, _) => format!("there is no module `{name}` in `scripts/lib`"),
        E::ErrorRuntime(value, _) => value.to_string(),
        other => other.to_string(),
    }
}

fn too_many_steps() -> String {
    format!("the script ran for more than {MAX_OPERATIONS} steps: a loop may never end")
}
