//! What a stop leaves, and what a second process sees.

use std::time::Duration;

use consultant_core::{
    ConversationId, OutboxEntry, OutboxState, TimerChange,
    ports::{Accepted, Commit, DeliveryStep, StoreError},
};

use super::{Setup, commit, delivery, entry, event, exported, keys, message, shown};

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

/// Dead letters, failures, timers, addresses and bookmarks are there after a restart.
pub async fn a_restart_keeps_letters_timers_and_bookmarks(mut world: Setup) {
    let ann = world.a_full_conversation().await;
    let noted = world.store.bookmark("telegram:7", "42").await;
    noted.expect("it is noted");
    let record = exported(world.store.as_ref(), ann).await;
    let letters = world.store.dead_letters().await.expect("letters");
    for _ in 0..2 {
        world.reopen().await;
        assert_eq!(exported(world.store.as_ref(), ann).await, record);
        let again = world.store.dead_letters().await;
        assert_eq!(again.expect("letters"), letters);
        let next = world.store.next_due().await.expect("timers");
        assert_eq!(next, Some(record.timers[0].due));
        let noted = world.store.bookmarks("telegram:").await;
        let expect = [("telegram:7".to_owned(), "42".to_owned())];
        assert_eq!(noted.expect("bookmarks"), expect);
    }
}

/// What one process fired is the other's to answer, not to fire; nor after a restart.
pub async fn a_timer_fired_by_one_process_is_not_fired_by_another(mut world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let timer = world.timer(ann, "t1", 5);
    let set = vec![TimerChange::Set(timer.clone())];
    world.change_timers(ann, set).await;
    let other = world.another().await;
    let seen = other.next_due().await.expect("timers");
    assert_eq!(seen, Some(timer.due));
    world.clock.advance(Duration::from_secs(5));
    let fired = other.fire_due(timer.due, 10).await.expect("it fires");
    assert_eq!(fired.len(), 1);
    for _ in 0..2 {
        assert_eq!(world.fire(10).await, []);
        let key = timer.key().0;
        assert_eq!(world.backlog().await.0, ["k1".to_owned(), key]);
        world.reopen().await;
    }
}
