//! The guard's facts, read once from each version of catalogue and FAQ: reading them costs
//! milliseconds, judging a sentence by them microseconds.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{Catalog, Faq, guard::FactBase};

/// The facts of the newest catalogue and FAQ.
#[derive(Debug, Default)]
pub struct FactCache(Mutex<Option<Arc<FactBase>>>);

impl Clone for FactCache {
    /// Another cache, which holds what this one holds.
    fn clone(&self) -> Self {
        let cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Self(Mutex::new(cached.clone()))
    }
}

impl FactCache {
    /// The facts of these two, from the cache where they are the same as the last ones.
    pub fn of(&self, catalog: &Catalog, faq: &Faq) -> Arc<FactBase> {
        let key = FactBase::key_of(catalog, faq);
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some(facts) if facts.key() == key => Arc::clone(facts),
            _ => {
                let facts = Arc::new(FactBase::new(catalog, faq));
                *cached = Some(Arc::clone(&facts));
                facts
            }
        }
    }
}
