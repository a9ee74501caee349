//! When an answer is lost, nobody knows whether the step was done. Each step therefore carries a
//! token that its script stores; a repetition with the same token is told the first outcome
//! instead of `Duplicate` or `Conflict`, which would silence a customer or answer twice.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

use consultant_core::ports::{Commit, StoreError};

/// Steps of unknown fate that are remembered; a longer outage forgets them all, and what they
/// left behind is found in the backlog at the next start.
const REMEMBERED: usize = 10_000;

/// The tokens of steps whose fate is unknown, by the name of the step.
#[derive(Default)]
pub(super) struct Tokens {
    uncertain: Mutex<HashMap<String, String>>,
}

impl Tokens {
    /// The token of an earlier attempt at this step, if there was one. The name is made only if
    /// it matters, because naming a commit means reading all of it.
    pub(super) fn earlier(&self, step: impl FnOnce() -> String) -> Option<String> {
        let mut uncertain = self.uncertain();
        if uncertain.is_empty() {
            return None;
        }
        uncertain.remove(&step())
    }

    /// Remembers the token where the outcome leaves open whether the step was done.
    pub(super) fn keep_if_uncertain<T>(
        &self,
        step: impl FnOnce() -> String,
        token: String,
        outcome: &Result<T, StoreError>,
    ) {
        if !matches!(outcome, Err(StoreError::Unavailable { .. })) {
            return;
        }
        let step = step();
        let mut uncertain = self.uncertain();
        if uncertain.len() >= REMEMBERED {
            uncertain.clear();
        }
        uncertain.insert(step, token);
    }

    fn uncertain(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.uncertain
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of a commit: only the very same content is the same step.
pub(super) fn fingerprint(commit: &Commit) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{commit:?}").hash(&mut hasher);
    format!(
        "commit {} {} {:x}",
        commit.conversation,
        commit.expected_version,
        hasher.finish()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost() -> Result<(), StoreError> {
        Err(StoreError::Unavailable {
            what: "x".into(),
            source: "gone".into(),
        })
    }

    #[test]
    fn a_step_of_unknown_fate_is_repeated_under_its_token() {
        let tokens = Tokens::default();
        tokens.keep_if_uncertain(|| "a".into(), "1".into(), &lost());
        assert_eq!(tokens.earlier(|| "b".into()), None);
        assert_eq!(tokens.earlier(|| "a".into()).as_deref(), Some("1"));
        assert_eq!(
            tokens.earlier(|| "a".into()),
            None,
            "a token is used up by its repetition"
        );
    }

    #[test]
    fn a_step_that_ended_leaves_nothing() {
        let tokens = Tokens::default();
        tokens.keep_if_uncertain(|| "a".into(), "1".into(), &Ok(()));
        assert_eq!(tokens.earlier(|| "a".into()), None);
    }
}
