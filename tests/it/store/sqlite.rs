//! The embedded store.

mod full_disk;

use std::{path::Path, sync::Arc};

use consultant_core::ports::Commit;
use consultant_store::{OpenError, StoreSettings};
use consultant_tests::contract::{
    clock::FrozenClock,
    store::{Setup, commit, entry, keys, message},
};
use secrecy::SecretString;

async fn setup() -> Setup {
    let folder = tempfile::tempdir().unwrap();
    setup_in(folder.path()).await.keeping(folder)
}

async fn setup_in(folder: &Path) -> Setup {
    let url = format!("sqlite:{}", folder.join("data/a.db").display());
    Setup::open(&url, "unused", ()).await
}

consultant_tests::store_contract!(setup);
consultant_tests::durable_store_contract!(setup);

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let (alive, dead) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let world = setup_in(alive.path()).await;
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.accept(message("k2", "ann", "there?")).await;
    let turn = Commit {
        outbox: vec![entry(ann, "o1", 1)],
        answered: vec!["k1".into()],
        ..world.put(ann, 0, "hi")
    };
    world.commit(turn).await;

    // What a kill leaves is the files as they are now, while nobody has closed them.
    std::fs::create_dir(dead.path().join("data")).unwrap();
    for name in ["a.db", "a.db-wal"] {
        let (from, to) = (alive.path().join("data"), dead.path().join("data"));
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    let after = setup_in(dead.path()).await;
    let left = (vec!["k2".to_owned()], vec![entry(ann, "o1", 1)]);
    assert_eq!(after.backlog().await, left);
    let opened = after.opened(ann).await;
    assert_eq!(opened.version, 1);
    assert_eq!(opened.session, Some(world.session("hi")));
}

#[tokio::test]
async fn two_files_are_two_stores() {
    let (one, two) = (setup().await, setup().await);
    let ann = one.accept(message("k1", "ann", "hi")).await.conversation;
    one.commit(commit(ann, 0)).await;
    assert_eq!(keys(two.store.as_ref()).await.0, [""; 0]);
    two.accept(message("k1", "ann", "hi")).await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "milk, eggs, bread\n".repeat(100)).unwrap();
    let url = SecretString::from(format!("sqlite:{}", file.display()));
    let clock = Arc::new(FrozenClock::default());
    let opened = consultant_store::open(&url, StoreSettings::default(), clock).await;
    let error = opened.err().unwrap();
    assert!(matches!(error, OpenError::NotOurs { .. }), "{error:?}");
    assert!(error.to_string().contains("notes.txt"), "{error}");
}
