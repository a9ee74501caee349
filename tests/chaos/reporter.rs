//! The child's side of the step markers: a line on standard output for each, and a line on
//! standard input for each that may go on, with a word on how it went. When the parent is gone,
//! everything may go on.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use consultant_tests::step_store::Steps;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    sync::{mpsc, oneshot},
};
use tokio_util::sync::CancellationToken;

/// The word for a step that was done and whose answer is lost.
pub(super) const LOST: &str = "lost";

/// Whoever waits for permission, to be told whether the step's answer is lost.
type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<bool>>>>;

/// Tells the parent of steps.
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
}

#[async_trait]
impl Steps for Reporter {
    async fn step(&self, name: &str, place: &str) -> bool {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (go, may_go) = oneshot::channel();
        lock(&self.waiting).insert(id, go);
        // Both fail only when the parent is gone.
        self.lines.send(format!("{id} {name} {place}\n")).ok();
        may_go.await.unwrap_or(false)
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
        let Some((id, word)) = line.split_once(' ') else {
            continue;
        };
        let go = id.parse().ok();
        let go = go.and_then(|id: u64| lock(&waiting).remove(&id));
        // Whoever waited may be gone.
        go.map(|go| go.send(word == LOST));
    }
    lock(&waiting).clear();
    stop.cancel();
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
