//! Whoever has a terminal open, and what they are shown. Something counts as shown once one of the
//! terminals says that it stands on its screen: until then it is not delivered, and waits in the
//! store. Nothing is kept here that is nowhere else.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use consultant_core::ports::DeliveryError;
use tokio::sync::{Notify, mpsc, oneshot};

use super::wire::Told;

/// How long something waits for somebody to come in, before it is handed back to be tried again.
const WAITS_FOR_SOMEBODY: Duration = Duration::from_secs(20);

/// After how long it is tried again then. Short: it has waited.
const NOBODY_HERE: Duration = Duration::from_millis(100);

/// How long a terminal may take to show something. One that takes longer hangs or was suspended; it is
/// sent away, so that it keeps nothing from colleagues who look.
const PATIENCE: Duration = Duration::from_secs(30);

/// What may be on its way to one terminal: more than all rooms of a busy desk say at once.
const ON_ITS_WAY: usize = 1024;

/// Every open terminal.
#[derive(Default)]
pub(super) struct Hub {
    state: Mutex<State>,
    /// Tells that somebody came in, or that nobody will.
    came: Notify,
}

#[derive(Default)]
struct State {
    visitors: BTreeMap<u64, mpsc::Sender<Told>>,
    visits: u64,
    receipts: u64,
    /// Whether nobody is let in any more.
    is_closed: bool,
    /// What no terminal has shown yet, and who could.
    unseen: BTreeMap<u64, Unseen>,
}

struct Unseen {
    by: BTreeSet<u64>,
    seen: oneshot::Sender<()>,
}

/// An open terminal; it is closed when this is dropped.
pub(super) struct Visit<'a> {
    hub: &'a Hub,
    number: u64,
    /// What is to be shown. It ends when the terminal is sent away.
    pub(super) told: mpsc::Receiver<Told>,
}

impl Hub {
    /// Somebody opens a terminal.
    pub(super) fn enter(&self) -> Visit<'_> {
        let (sender, told) = mpsc::channel(ON_ITS_WAY);
        let mut state = self.lock();
        state.visits += 1;
        let number = state.visits;
        state.visitors.insert(number, sender);
        drop(state);
        self.came.notify_waiters();
        Visit {
            hub: self,
            number,
            told,
        }
    }

    /// Waits for somebody who would see it, for a while.
    pub(super) async fn somebody(&self) -> Result<(), DeliveryError> {
        let comes = self.came.notified();
        let (is_empty, is_closed) = {
            let state = self.lock();
            (state.visitors.is_empty(), state.is_closed)
        };
        if is_empty && !is_closed {
            tokio::time::timeout(WAITS_FOR_SOMEBODY, comes).await.ok();
        }
        if self.lock().visitors.is_empty() {
            return Err(Self::nobody_here());
        }
        Ok(())
    }

    /// Says that it must be tried again.
    fn nobody_here() -> DeliveryError {
        DeliveryError::Wait { after: NOBODY_HERE }
    }

    /// Shows something to everybody, and waits until somebody sees it.
    pub(super) async fn show(
        &self,
        told: impl FnOnce(u64) -> Told + Send,
    ) -> Result<(), DeliveryError> {
        self.somebody().await?;
        let Some((receipt, seen)) = self.lock().tell_all(told) else {
            return Err(Self::nobody_here());
        };
        let waited = tokio::time::timeout(PATIENCE, seen).await;
        let mut state = self.lock();
        let unseen = state.unseen.remove(&receipt);
        match waited {
            Ok(Ok(())) => Ok(()),
            // Those who could have shown it have left.
            Ok(Err(_)) => Err(Self::nobody_here()),
            Err(_) => {
                for number in unseen.into_iter().flat_map(|it| it.by) {
                    state.leave(number);
                }
                Err(Self::nobody_here())
            }
        }
    }

    /// Tells everybody but one, who knows. A courtesy: what is said stands in the store.
    pub(super) fn tell_others(&self, than: u64, told: &Told) {
        let state = self.lock();
        for (_, visitor) in state.visitors.iter().filter(|(number, _)| **number != than) {
            visitor.try_send(told.clone()).ok();
        }
    }

    /// A terminal has shown it.
    pub(super) fn seen(&self, receipt: u64) {
        if let Some(unseen) = self.lock().unseen.remove(&receipt) {
            // An error only says that nobody waits any more.
            unseen.seen.send(()).ok();
        }
    }

    /// Sends everybody away, for good.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.visitors.clear();
        state.unseen.clear();
        drop(state);
        self.came.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `None` where nobody can take it.
    fn tell_all(&mut self, told: impl FnOnce(u64) -> Told) -> Option<(u64, oneshot::Receiver<()>)> {
        self.receipts += 1;
        let receipt = self.receipts;
        let told = told(receipt);
        let takes = |visitor: &mpsc::Sender<Told>| visitor.try_send(told.clone()).is_ok();
        let (by, full): (Vec<_>, Vec<_>) = self
            .visitors
            .iter()
            .map(|(number, visitor)| (*number, takes(visitor)))
            .partition(|(_, took)| *took);
        if by.is_empty() {
            return None;
        }
        // One that is that far behind would miss this while others see it.
        for (number, _) in full {
            self.leave(number);
        }
        let (seen, waiting) = oneshot::channel();
        let by = by.into_iter().map(|(number, _)| number).collect();
        self.unseen.insert(receipt, Unseen { by, seen });
        Some((receipt, waiting))
    }

    fn leave(&mut self, number: u64) {
        self.visitors.remove(&number);
        self.unseen.retain(|_, unseen| {
            unseen.by.remove(&number);
            !unseen.by.is_empty()
        });
    }
}

impl Visit<'_> {
    /// Which one.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.hub.lock().leave(self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinHandle;

    use super::*;

    fn told(receipt: u64) -> Told {
        Told::TakenBack {
            receipt,
            message: String::new(),
            room: None,
        }
    }

    fn receipt_of(told: Option<Told>) -> u64 {
        match told {
            Some(Told::TakenBack { receipt, .. }) => receipt,
            other => panic!("{other:?}"),
        }
    }

    fn shows(hub: &Arc<Hub>) -> JoinHandle<Result<(), DeliveryError>> {
        let hub = Arc::clone(hub);
        tokio::spawn(async move { hub.show(told).await })
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_shown_where_nobody_is() {
        let hub = Hub::default();
        assert!(hub.show(told).await.is_err());
        hub.close();
        let before = tokio::time::Instant::now();
        assert!(hub.show(told).await.is_err());
        assert_eq!(before.elapsed(), Duration::ZERO, "nobody comes any more");
    }

    #[tokio::test]
    async fn it_is_shown_once_somebody_has_seen_it() {
        let hub = Arc::new(Hub::default());
        let (mut here, mut there) = (hub.enter(), hub.enter());
        let showing = shows(&hub);
        let receipt = receipt_of(here.told.recv().await);
        assert_eq!(receipt_of(there.told.recv().await), receipt);
        drop(there);
        assert!(!showing.is_finished());
        hub.seen(receipt);
        assert!(showing.await.unwrap().is_ok());
        drop(here);
        assert!(hub.lock().visitors.is_empty());
    }

    #[tokio::test]
    async fn whoever_comes_in_is_noticed_at_once() {
        let hub = Arc::new(Hub::default());
        let showing = shows(&hub);
        tokio::task::yield_now().await;
        let mut here = hub.enter();
        let receipt = receipt_of(here.told.recv().await);
        hub.seen(receipt);
        assert!(showing.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn who_leaves_without_having_seen_it_has_not_seen_it() {
        let hub = Arc::new(Hub::default());
        let mut here = hub.enter();
        let showing = shows(&hub);
        here.told.recv().await.unwrap();
        drop(here);
        assert!(showing.await.unwrap().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn who_shows_nothing_for_long_is_sent_away() {
        let hub = Hub::default();
        let mut here = hub.enter();
        assert!(hub.show(told).await.is_err());
        assert!(hub.lock().visitors.is_empty());
        here.told.recv().await.unwrap();
        assert_eq!(here.told.recv().await, None);
    }
}
