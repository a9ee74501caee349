//! Somebody who watches what the bot asks of a platform, call by call: who may hold a call, let it
//! go wrong, and learn when its effect has happened. A double has at most one.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

/// A watcher over calls that go wrong in the ways of `F`.
#[async_trait]
pub trait Watcher<F>: Send + Sync {
    /// Before a call of this kind has an effect in this place; the call waits for the answer, which
    /// names what goes wrong with it.
    async fn before(&self, call: &str, place: &str) -> Option<F>;

    /// After its effect, before the bot learns of it.
    async fn after(&self, call: &str, place: &str);
}

/// Where a double keeps its watcher.
pub(crate) struct Watched<F>(OnceLock<Arc<dyn Watcher<F>>>);

impl<F> Default for Watched<F> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<F> Watched<F> {
    /// Sets the watcher; a second one is refused.
    pub(crate) fn by(&self, watcher: Arc<dyn Watcher<F>>) {
        let fresh = self.0.set(watcher).is_ok();
        assert!(fresh, "a double is watched by one watcher");
    }

    pub(crate) async fn before(&self, call: &str, place: &str) -> Option<F> {
        self.0.get()?.before(call, place).await
    }

    pub(crate) async fn after(&self, call: &str, place: &str) {
        if let Some(watcher) = self.0.get() {
            watcher.after(call, place).await;
        }
    }
}
