//! Reads keys from the layers and gathers every problem on the way.

use std::{fmt::Display, ops::RangeInclusive};

use super::{
    layers::{BUILT_IN, Layers},
    problem::{Problem, Wrong},
    setting::{Setting, within},
};

/// The layers, and the problems so far.
pub(super) struct Reader {
    layers: Layers,
}

impl Reader {
    pub(super) fn new(layers: Layers) -> Self {
        Self { layers }
    }

    /// The value of a key; if it is wrong, a problem and `None`.
    pub(super) fn read<T: Setting>(&mut self, key: &str) -> Option<T> {
        self.read_checked(key, Ok)
    }

    /// Like [`Reader::read`], for a number that has a range.
    pub(super) fn read_within<T>(&mut self, key: &str, range: &RangeInclusive<T>) -> Option<T>
    where
        T: Setting + PartialOrd + Display,
    {
        self.read_checked(key, |number| within(number, range))
    }

    fn read_checked<T: Setting>(
        &mut self,
        key: &str,
        check: impl Fn(T) -> Result<T, Wrong>,
    ) -> Option<T> {
        let missing = || Wrong::new("has no value in any layer", "give it one");
        let read = self.layers.get(key).ok_or_else(missing);
        match read.and_then(|given| T::read(given.raw()).and_then(check)) {
            Ok(value) => Some(value),
            Err(Wrong { message, hint }) => {
                self.problem(key, message, hint);
                None
            }
        }
    }

    /// A problem with the value that a key has now.
    pub(super) fn problem(
        &mut self,
        key: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let (message, hint) = (message.into(), hint.into());
        let problem = match self.layers.get(key) {
            Some(given) => given.problem(key, message, hint),
            None => Problem {
                source: BUILT_IN.to_owned(),
                place: None,
                key: Some(key.to_owned()),
                message,
                hint,
            },
        };
        self.layers.problems.push(problem);
    }

    /// The layer that a key's value came from; the higher, the stronger.
    pub(super) fn layer(&self, key: &str) -> usize {
        self.layers.get(key).map_or(0, |given| given.layer)
    }

    /// Every problem, in the order in which it was found.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.layers.problems
    }
}
