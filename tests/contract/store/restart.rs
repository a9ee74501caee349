//! What a stop leaves, and what a second process sees.

use consultant_core::{
    ConversationId, OutboxEntry, OutboxState,
    ports::{Accepted, Commit, DeliveryStep, StoreError},
};

use super::{Setup, commit, delivery, entry, event, keys, message, shown};

/// Session, version, inbox, outbox with what is shown, ledger: all there, twice over.
pub async fn a_restart_keeps_everything(mut world: Setup) {
    let envelope = world.accept(message("k1", "ann", "hi")).await;
    world.accept(message("k2", "ann", "still there?")).await;
    let ann = envelope.conversation;
    let first = Commit {
        outbox: vec![entry(ann, "o1", 1), entry(ann, "o2", 2)],
        ledger: vec![event("one")],
        answered: vec!["k1".into()],
        ..world.put(ann, 0, "hi")
    };
    let version = world.commit(first).await;
    let part = DeliveryStep::Shown {
        part: 0,
        shown: shown("m1", "a part"),
    };
    world.record(delivery(ann, "o1", part)).await;
    let ended = DeliveryStep::Ended(OutboxState::Delivered);
    world.record(delivery(ann, "o2", ended)).await;

    for _ in 0..2 {
        world.reopen().await;
        check_all_is_there(&world, ann, version).await;
    }
    let next = world.accept(message("k3", "ann", "hello")).await;
    assert_eq!(next.conversation, ann);
    assert!(next.sequence > envelope.sequence + 1);
}

async fn check_all_is_there(world: &Setup, ann: ConversationId, version: u64) {
    let opened = world.opened(ann).await;
    assert_eq!(opened.session, Some(world.session("hi")));
    assert_eq!(opened.version, version);
    let half_shown = OutboxEntry {
        shown: vec![shown("m1", "a part")],
        ..entry(ann, "o1", 1)
    };
    let left = (vec!["k2".to_owned()], vec![half_shown]);
    assert_eq!(world.backlog().await, left);
    let ledger = world.store.ledger(ann).await.expect("a ledger");
    assert_eq!(ledger, [event("one")]);
}

/// A platform that repeats itself after our restart gets no second answer.
pub async fn a_duplicate_is_known_after_a_restart(mut world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.accept(message("k2", "ann", "hi")).await;
    let answered = Commit {
        answered: vec!["k1".into()],
        ..commit(ann, 0)
    };
    world.commit(answered).await;
    world.reopen().await;
    for key in ["k1", "k2"] {
        let again = world.store.accept(message(key, "ann", "hi")).await;
        assert_eq!(again.expect("an answer"), Accepted::Duplicate, "{key}");
    }
}

/// Two processes on one store see each other's steps, and one of two commits conflicts.
pub async fn two_processes_cannot_overwrite_each_other(world: Setup) {
    let other = world.another().await;
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let again = other.accept(message("k1", "ann", "hi")).await;
    assert_eq!(again.expect("an answer"), Accepted::Duplicate);

    let mut version = 0;
    for _ in 0..20 {
        let (left, right) = tokio::join!(
            world.store.commit(commit(ann, version)),
            other.commit(commit(ann, version)),
        );
        version = match (left, right) {
            (Ok(version), Err(StoreError::Conflict(_)))
            | (Err(StoreError::Conflict(_)), Ok(version)) => version,
            both => unreachable!("{both:?} should be one success and one conflict"),
        };
        let seen = other.open(ann).await.expect("the session opens");
        assert_eq!(seen.version, version);
    }
    assert_eq!(keys(other.as_ref()).await.0, ["k1"]);
}
