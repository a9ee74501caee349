//! What is stored and cannot be read. It stays where it is, for a person to look at, and it stops
//! nobody else: whoever reads the work of all conversations goes round it. Each is logged once in
//! a process, although its store comes by again every second.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use consultant_core::ports::StoreError;

/// The names of what could not be read so far. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Quarantine(Arc<Mutex<BTreeSet<String>>>);

impl Quarantine {
    /// What was read, or nothing in place of what cannot be read. Every other error stays one.
    pub(crate) fn pass<T>(
        &self,
        name: impl FnOnce() -> String,
        read: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(error @ StoreError::Corrupt { .. }) => {
                self.set_aside(name(), &error);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.len()
    }

    fn set_aside(&self, name: String, error: &StoreError) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains(&name) {
            tracing::error!(
                store.record = name,
                %error,
                "a stored record cannot be read and is left out; see `consultant store verify`"
            );
            names.insert(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::corrupt;

    #[test]
    fn only_what_cannot_be_read_is_left_out() {
        let quarantine = Quarantine::default();
        let name = || "inbound k1".to_owned();
        assert_eq!(quarantine.pass(name, Ok(7)).unwrap(), Some(7));
        for _ in 0..2 {
            let unreadable = Err::<u8, _>(corrupt("it", "no JSON"));
            assert_eq!(quarantine.clone().pass(name, unreadable).unwrap(), None);
        }
        assert_eq!(quarantine.len(), 1);
        let away = Err::<u8, _>(StoreError::Unknown("it".into()));
        assert!(quarantine.pass(name, away).is_err());
    }
}
