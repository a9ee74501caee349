//! Starting and stopping. One token tells everyone to stop; each task ends its current turn; the
//! supervisor waits with a deadline. A second signal exits at once.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures::FutureExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::log;

/// How long a stop waits for turns in hand. The model's own time limit is shorter.
pub const STOP_DEADLINE: Duration = Duration::from_mins(1);

/// Everything that runs, and the word to stop.
#[derive(Clone, Debug, Default)]
pub struct Supervisor {
    /// Where tasks are spawned.
    pub tasks: TaskTracker,
    /// Cancelled when the process is to stop.
    pub stop: CancellationToken,
    broken: Arc<OnceLock<String>>,
}

impl Supervisor {
    /// Spawns what the process cannot do without. A panic in it is a bug, and stops the process: one
    /// that goes on without it looks alive and is deaf.
    pub fn spawn_vital(&self, what: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (stop, broken) = (self.stop.clone(), Arc::clone(&self.broken));
        self.tasks.spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                log::broken(what);
                broken.get_or_init(|| format!("{what} broke; this is a bug, please report it"));
                stop.cancel();
            }
        });
    }

    /// What broke, where something did.
    pub fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    /// Stops: no new work, then waits for the work in hand. Returns how many tasks did not end.
    pub async fn shut_down(&self) -> usize {
        self.stop.cancel();
        self.tasks.close();
        match tokio::time::timeout(STOP_DEADLINE, self.tasks.wait()).await {
            Ok(()) => 0,
            Err(_elapsed) => self.tasks.len(),
        }
    }

    /// Listens for signals for the rest of the process: the first cancels `stop`, the second
    /// ends the process.
    pub fn stop_on_signals(&self) -> std::io::Result<()> {
        let mut signals = Signals::new()?;
        let stop = self.stop.clone();
        tokio::spawn(async move {
            signals.next().await;
            tracing::info!("stopping: finishing the turns in hand; a second signal exits at once");
            stop.cancel();
            signals.next().await;
            exit_at_once();
        });
        Ok(())
    }
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "a second signal means: now"
)]
fn exit_at_once() {
    std::process::exit(130);
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_something_vital_stops_the_process() {
        let supervisor = Supervisor::default();
        supervisor.spawn_vital("the test", async {});
        supervisor.spawn_vital("the other test", async {
            tokio::task::yield_now().await;
            panic!("as a bug would");
        });
        supervisor.stop.cancelled().await;
        assert_eq!(supervisor.shut_down().await, 0);
        let broken = supervisor.broken().unwrap();
        assert!(broken.starts_with("the other test broke"), "{broken}");
    }
}
