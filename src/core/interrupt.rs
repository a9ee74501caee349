//! A sign to a turn that the customer wrote again while the model is still writing. The turn looks
//! at it only where stopping is harmless: between two tokens, never during a commit.

use std::{
    future::poll_fn,
    sync::atomic::{AtomicBool, Ordering},
    task::Poll,
};

use futures::task::AtomicWaker;

/// A sign that can be given once.
#[derive(Debug, Default)]
pub struct Interrupt {
    given: AtomicBool,
    waiting: AtomicWaker,
}

impl Interrupt {
    /// Gives the sign.
    pub fn give(&self) {
        self.given.store(true, Ordering::Release);
        self.waiting.wake();
    }

    /// Whether it was given.
    pub fn is_given(&self) -> bool {
        self.given.load(Ordering::Acquire)
    }

    /// Waits for it. One task at a time can wait.
    pub async fn given(&self) {
        poll_fn(|context| {
            self.waiting.register(context.waker());
            if self.is_given() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, executor::block_on, future::join};

    use super::*;

    #[test]
    fn it_is_seen_before_and_while_waiting() {
        let sign = Interrupt::default();
        assert!(sign.given().now_or_never().is_none());
        block_on(join(sign.given(), async { sign.give() }));
        assert!(sign.is_given());
        block_on(sign.given());
    }
}
