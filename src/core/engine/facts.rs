//! The guard's facts, read once from each version of catalogue, FAQ and documents: reading them costs
//! milliseconds, judging a sentence by them microseconds.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Catalog, Documents, Faq, guard::FactBase};

/// Catalogues with FAQs whose facts are kept: one for each group, day and currency that writes.
const MOST: usize = 16;

/// The facts of the newest catalogues, FAQs and documents, the newest last.
#[derive(Debug, Default)]
pub struct FactCache(Mutex<VecDeque<Arc<FactBase>>>);

impl Clone for FactCache {
    /// Another cache, which holds what this one holds.
    fn clone(&self) -> Self {
        Self(Mutex::new(self.cached().clone()))
    }
}

impl FactCache {
    /// The facts of these three, from the cache where they were asked for lately.
    pub fn of(&self, catalog: &Catalog, faq: &Faq, documents: &Documents) -> Arc<FactBase> {
        let key = FactBase::key_with(catalog, faq, documents);
        if let Some(facts) = self.known(&key) {
            return facts;
        }
        // Read without the lock: nobody else's turn waits for it. Two may read the same, once.
        let facts = FactBase::new(catalog, faq).with_documents(catalog, documents);
        let facts = Arc::new(facts);
        let mut cached = self.cached();
        if cached.len() >= MOST {
            cached.pop_front();
        }
        cached.push_back(Arc::clone(&facts));
        facts
    }

    /// The facts of a key, which are the newest from now on.
    fn known(&self, key: &str) -> Option<Arc<FactBase>> {
        let mut cached = self.cached();
        let at = cached.iter().position(|facts| facts.key() == key)?;
        let facts = cached.remove(at)?;
        cached.push_back(Arc::clone(&facts));
        Some(facts)
    }

    fn cached(&self) -> MutexGuard<'_, VecDeque<Arc<FactBase>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
