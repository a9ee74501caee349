//! serenity's own threads.
//!
//! After a close frame without a code a shard spins and never yields. On the program's runtime it
//! would take a thread away from everybody, with whatever waits on that thread, the watchdog
//! included (measured: on two cores the whole program stood still). Here it can only harm itself,
//! and dropping the quarters ends everything that was started in them.

use std::io;

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};

/// One for a shard that spins, one for the rest of serenity.
const THREADS: usize = 2;

/// A runtime that may be dropped anywhere, also within another one.
pub(super) struct Quarters(Option<Runtime>);

impl Quarters {
    pub(super) fn open() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("discord-gateway")
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Runs a future on these threads.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let own = self.0.as_ref().map(Runtime::handle);
        own.map_or_else(Handle::current, Clone::clone).spawn(future)
    }
}

impl Drop for Quarters {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
