//! A disk without room: what was acknowledged stays, what was not is refused, and all goes on once
//! there is room again.
//!
//! `PRAGMA max_page_count` would make SQLite say `SQLITE_FULL` itself, but it holds for the
//! connection that says it, and the store hands none out. So what this process may write to a file
//! is bounded, which SQLite meets as a write that fails (`EFBIG`), at the same place in the same
//! step.

use consultant_core::ports::{Commit, StoreError};
use consultant_tests::contract::store::{commit, entry, message};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use super::setup_in;

/// No byte of a log that was begun lies before this.
const NO_ROOM_BYTES: u64 = 4096;

/// Files of this process end here until this is dropped. Under nextest each test has a process for
/// itself.
struct FullDisk(Rlimit);

impl FullDisk {
    fn begin() -> Self {
        // Who does not take this signal is ended by it; who does finds the write failing.
        drop(signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).unwrap());
        let before = getrlimit(Resource::Fsize);
        let current = Some(NO_ROOM_BYTES);
        setrlimit(Resource::Fsize, Rlimit { current, ..before }).unwrap();
        Self(before)
    }
}

impl Drop for FullDisk {
    fn drop(&mut self) {
        setrlimit(Resource::Fsize, self.0).unwrap();
    }
}

#[track_caller]
fn check_unavailable<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("a.db") && !text.contains("there?"), "{text}");
}

#[tokio::test]
async fn a_full_disk_refuses_what_comes_and_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = setup_in(folder.path()).await;
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let turn = Commit {
        outbox: vec![entry(ann, "o1", 1)],
        answered: vec!["k1".into()],
        ..world.put(ann, 0, "hi")
    };
    let version = world.commit(turn).await;

    let full = FullDisk::begin();
    for _ in 0..2 {
        check_unavailable(world.store.accept(message("k2", "ann", "there?")).await);
        check_unavailable(world.store.commit(world.put(ann, version, "there?")).await);
        let opened = world.opened(ann).await;
        assert_eq!(
            (opened.version, opened.session),
            (version, Some(world.session("hi")))
        );
        assert_eq!(world.backlog().await, (vec![], vec![entry(ann, "o1", 1)]));
    }
    drop(full);

    // What was refused is repeated, and succeeds as if for the first time.
    let envelope = world.accept(message("k2", "ann", "there?")).await;
    assert_eq!(envelope.conversation, ann);
    let version = world.commit(commit(ann, version)).await;
    for _ in 0..2 {
        let opened = world.opened(ann).await;
        assert_eq!(
            (opened.version, opened.session),
            (version, Some(world.session("hi")))
        );
        let left = (vec!["k2".to_owned()], vec![entry(ann, "o1", 1)]);
        assert_eq!(world.backlog().await, left);
        world.reopen().await;
    }
}
