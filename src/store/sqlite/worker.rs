//! One thread that owns one connection. It gathers the jobs that wait into one transaction and
//! answers them only when that is on the disk: the group commit that shares one `fdatasync`
//! among all conversations of the moment. Each job runs in a savepoint, so that a conflict of one
//! does not undo the others.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
};

use consultant_core::ports::StoreError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::failure::{Failure, unavailable};
use crate::record::corrupt;

/// Jobs that may wait; the next ones wait outside, which slows their channels down.
const QUEUE: usize = 1024;

/// Jobs of one transaction: enough to share its cost, few enough that the first of them is not
/// kept waiting for the last.
const GROUP: usize = 128;

/// What the thread's transactions are for.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    /// They take the file's write lock at once, so that none fails half way for want of it.
    Write,
    /// They only see one consistent moment.
    Read,
}

/// The sending end of the thread. The thread ends, and closes its connection, after the last job
/// that was sent before this is dropped.
pub(super) struct Worker {
    jobs: mpsc::Sender<Box<dyn Job>>,
    file: String,
}

impl Worker {
    pub(super) fn start(connection: Connection, mode: Mode, file: &Path) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let name = match mode {
            Mode::Write => "store-writer",
            Mode::Read => "store-reader",
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&connection, mode, waiting))?;
        Ok(Self {
            jobs,
            file: file.display().to_string(),
        })
    }

    /// Runs a step in the thread; returns when its effect is durable. `what` is for errors.
    pub(super) async fn run<T, F>(&self, what: &'static str, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let what = format!("{what} in {}", self.file);
        let job = Task {
            step: Some(step),
            outcome: None,
            reply,
        };
        let sent = self.jobs.send(Box::new(job)).await;
        sent.map_err(|_| unavailable(&what, STOPPED))?;
        let outcome = answer.await.map_err(|_| unavailable(&what, STOPPED))?;
        outcome.map_err(|failure| failure.explain(&what))
    }
}

const STOPPED: &str = "the thread of the store has stopped";

/// Takes group after group until nobody can send any more.
fn work(connection: &Connection, mode: Mode, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP {
            let Ok(next) = waiting.try_recv() else { break };
            group.push(next);
        }
        let outcome = transact(connection, mode, &mut group);
        for job in group {
            job.answer(&outcome);
        }
    }
}

/// Runs a group in one transaction. An error means that none of it happened.
fn transact(
    connection: &Connection,
    mode: Mode,
    group: &mut [Box<dyn Job>],
) -> Result<(), GroupFailure> {
    let begin = match mode {
        Mode::Write => "BEGIN IMMEDIATE",
        Mode::Read => "BEGIN",
    };
    let outcome = connection
        .prepare_cached(begin)
        .and_then(|mut begin| begin.execute([]))
        .and_then(|_| run_all(connection, group))
        .and_then(|()| connection.prepare_cached("COMMIT")?.execute([]));
    if outcome.is_err() && !connection.is_autocommit() {
        // What the failure left open is taken back; if that fails too, the next BEGIN says so.
        drop(connection.execute_batch("ROLLBACK"));
    }
    outcome.map(drop).map_err(GroupFailure::from)
}

/// Runs the jobs one by one. A grave failure (a full disk) makes SQLite roll the whole
/// transaction back by itself; going on would then write outside of any.
fn run_all(connection: &Connection, group: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    for job in group {
        connection.prepare_cached("SAVEPOINT job")?.execute([])?;
        let succeeded = job.attempt(connection);
        if connection.is_autocommit() {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
                Some("the transaction was rolled back (disk full or failing?)".to_owned()),
            ));
        }
        if !succeeded {
            connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        connection.prepare_cached("RELEASE job")?.execute([])?;
    }
    Ok(())
}

/// Why a whole group failed, to be told to each of its jobs (SQLite's own error has no copy).
struct GroupFailure {
    code: Option<rusqlite::ffi::Error>,
    text: String,
}

impl From<rusqlite::Error> for GroupFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self {
            code: error.sqlite_error().copied(),
            text: error.to_string(),
        }
    }
}

impl GroupFailure {
    fn to_failure(&self) -> Failure {
        let code = self
            .code
            .unwrap_or_else(|| rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR));
        Failure::Sql(rusqlite::Error::SqliteFailure(
            code,
            Some(self.text.clone()),
        ))
    }
}

fn panicked() -> Failure {
    let bug = "the step panicked; this is a bug, please report it";
    corrupt("what the store was asked", bug).into()
}

/// A step on its way through the thread.
trait Job: Send {
    /// Runs the step; whether it succeeded.
    fn attempt(&mut self, connection: &Connection) -> bool;
    /// Tells whoever waits, once the fate of the group is known.
    fn answer(self: Box<Self>, group: &Result<(), GroupFailure>);
}

struct Task<T, F> {
    step: Option<F>,
    outcome: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Failure> + Send,
{
    fn attempt(&mut self, connection: &Connection) -> bool {
        // A step that panics is a bug, and must not end the thread, without which nothing works.
        let attempt = |step: F| {
            let stepping = AssertUnwindSafe(|| step(connection));
            catch_unwind(stepping).unwrap_or_else(|_panic| Err(panicked()))
        };
        self.outcome = self.step.take().map(attempt);
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, group: &Result<(), GroupFailure>) {
        let outcome = match (group, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => return,
            (Err(failure), _) => Err(failure.to_failure()),
        };
        // Whoever asked may have gone away; the step stands all the same.
        drop(self.reply.send(outcome));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker() -> Worker {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE t (n INTEGER)")
            .unwrap();
        Worker::start(connection, Mode::Write, Path::new("a.db")).unwrap()
    }

    fn insert(number: i64) -> impl FnOnce(&Connection) -> Result<(), Failure> + Send {
        move |db| {
            db.execute("INSERT INTO t VALUES (?1)", [number])?;
            Ok(())
        }
    }

    async fn sum(worker: &Worker) -> i64 {
        let read = |db: &Connection| Ok(db.query_row("SELECT sum(n) FROM t", [], |r| r.get(0))?);
        worker.run("summing", read).await.unwrap()
    }

    /// A step during which the others gather, and what ends it. However late the thread wakes,
    /// what is sent before the end is in one group.
    fn gate() -> (
        impl FnOnce(&Connection) -> Result<(), Failure> + Send,
        std::sync::mpsc::Sender<()>,
    ) {
        let (open, opened) = std::sync::mpsc::channel();
        let wait = move |_: &Connection| {
            opened.recv().ok();
            Ok(())
        };
        (wait, open)
    }

    #[tokio::test]
    async fn one_failing_job_does_not_sink_the_others_of_its_group() {
        let worker = worker();
        let fails = |db: &Connection| {
            insert(100)(db)?;
            Err::<(), _>(StoreError::Unknown("it".into()).into())
        };
        let (wait, open) = gate();
        let (_, first, second, third, _) = tokio::join!(
            worker.run("waiting", wait),
            worker.run("one", insert(1)),
            worker.run("two", fails),
            worker.run("three", insert(2)),
            async { open.send(()) },
        );
        assert!(first.is_ok() && third.is_ok());
        assert!(matches!(second, Err(StoreError::Unknown(_))));
        assert_eq!(sum(&worker).await, 3);
    }

    #[tokio::test]
    async fn a_step_that_panics_fails_alone() {
        let worker = worker();
        let panics = |db: &Connection| -> Result<(), Failure> {
            insert(100)(db)?;
            panic!("as a bug would")
        };
        let outcome = worker.run("one", panics).await;
        assert!(
            matches!(outcome, Err(StoreError::Corrupt { .. })),
            "{outcome:?}"
        );
        worker.run("two", insert(1)).await.unwrap();
        assert_eq!(sum(&worker).await, 1);
    }

    #[tokio::test]
    async fn a_group_that_is_rolled_back_fails_every_job() {
        let worker = worker();
        let rolls_back = |db: &Connection| Ok(db.execute_batch("ROLLBACK")?);
        let (wait, open) = gate();
        let (_, first, second, third, _) = tokio::join!(
            worker.run("waiting", wait),
            worker.run("one", insert(1)),
            worker.run("two", rolls_back),
            worker.run("three", insert(2)),
            async { open.send(()) },
        );
        for outcome in [first, second, third] {
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains("in a.db"), "{error}");
        }
        worker.run("four", insert(4)).await.unwrap();
        assert_eq!(sum(&worker).await, 4);
    }

    #[tokio::test]
    async fn a_step_whose_caller_left_is_done_all_the_same() {
        let worker = worker();
        let (wait, open) = gate();
        let waiting = worker.run("waiting", wait);
        tokio::pin!(waiting);
        assert!(futures_poll(waiting.as_mut()).await);
        {
            let left = worker.run("one", insert(1));
            tokio::pin!(left);
            assert!(futures_poll(left.as_mut()).await);
        }
        open.send(()).unwrap();
        assert_eq!(sum(&worker).await, 1);
    }

    /// Polls once; whether the future still waits.
    async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
        })
        .await
    }
}
