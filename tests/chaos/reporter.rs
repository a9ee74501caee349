//! The child's side of the step markers: a line on standard output for each, and a line on
//! standard input for each that may go on. When the parent is gone, everything may.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    sync::{mpsc, oneshot},
};
use tokio_util::sync::CancellationToken;

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<()>>>>;

/// Tells the parent of steps.
#[derive(Clone)]
pub(super) struct Reporter {
    lines: mpsc::UnboundedSender<String>,
    waiting: Waiting,
    next: Arc<AtomicU64>,
}

impl Reporter {
    /// A reporter over this process's standard streams. `stop` is cancelled when the parent ends.
    pub(super) fn start(stop: CancellationToken) -> Self {
        let (lines, queue) = mpsc::unbounded_channel();
        let waiting = Waiting::default();
        tokio::spawn(tell(queue));
        tokio::spawn(hear(Arc::clone(&waiting), stop));
        Self {
            lines,
            waiting,
            next: Arc::default(),
        }
    }

    /// Tells of a step and waits until it may go on.
    pub(super) async fn step(&self, name: &str, place: &str) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (go, may_go) = oneshot::channel();
        lock(&self.waiting).insert(id, go);
        // Both fail only when the parent is gone.
        self.lines.send(format!("{id} {name} {place}\n")).ok();
        may_go.await.ok();
    }
}

async fn tell(mut queue: mpsc::UnboundedReceiver<String>) {
    let mut output = tokio::io::stdout();
    while let Some(line) = queue.recv().await {
        let told = output.write_all(line.as_bytes()).await;
        if told.is_err() || output.flush().await.is_err() {
            return;
        }
    }
}

async fn hear(waiting: Waiting, stop: CancellationToken) {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = input.next_line().await {
        let go = line
            .parse()
            .ok()
            .and_then(|id: u64| lock(&waiting).remove(&id));
        // Whoever waited may be gone.
        go.map(|go| go.send(()));
    }
    lock(&waiting).clear();
    stop.cancel();
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
