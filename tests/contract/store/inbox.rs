//! Inbounds: stored once, in order, remembered long enough.

use std::time::Duration;

use consultant_core::{
    ConversationId, TimerChange,
    ports::{Accepted, Commit, StoreError},
};

use super::{RETENTION, Setup, commit, entry, event, message};

/// The second time is a duplicate, even with other words.
pub async fn an_inbound_is_new_once(world: Setup) {
    world.accept(message("k1", "ann", "hi")).await;
    for text in ["hi", "other words"] {
        let again = world.store.accept(message("k1", "ann", text)).await;
        assert_eq!(again.expect("an answer"), Accepted::Duplicate);
    }
    let backlog = world.store.backlog().await.expect("a backlog");
    assert_eq!(backlog.inbox.len(), 1);
    assert_eq!(backlog.inbox[0].inbound, message("k1", "ann", "hi"));
}

/// For 48 hours after its acceptance a key is known; some time later it is forgotten.
pub async fn an_answered_inbound_is_a_duplicate_until_the_retention_ends(world: Setup) {
    let envelope = world.accept(message("k1", "ann", "hi")).await;
    let answered = Commit {
        answered: vec!["k1".into()],
        ..commit(envelope.conversation, 0)
    };
    world.commit(answered).await;
    for wait in [Duration::ZERO, RETENTION] {
        world.clock.advance(wait);
        let again = world.store.accept(message("k1", "ann", "hi")).await;
        assert_eq!(again.expect("an answer"), Accepted::Duplicate, "{wait:?}");
    }
    world.clock.advance(Duration::from_secs(1));
    let anew = world.accept(message("k1", "ann", "hi")).await;
    assert_eq!(anew.conversation, envelope.conversation);
    assert!(anew.sequence > envelope.sequence);
}

/// What waits for its answer is not forgotten, however long it takes.
pub async fn an_unanswered_inbound_is_a_duplicate_for_ever(world: Setup) {
    world.accept(message("k1", "ann", "hi")).await;
    world.clock.advance(RETENTION * 10);
    world.accept(message("k2", "ann", "hello?")).await;
    let again = world.store.accept(message("k1", "ann", "hi")).await;
    assert_eq!(again.expect("an answer"), Accepted::Duplicate);
    assert_eq!(world.backlog().await.0, ["k1", "k2"]);
}

/// A chat that moved (a group became a supergroup) does not make its old updates new.
pub async fn a_key_is_a_duplicate_at_any_address(world: Setup) {
    let envelope = world.accept(message("k1", "ann", "hi")).await;
    for at in ["bob", "ann"] {
        let again = world.store.accept(message("k1", at, "hi")).await;
        assert_eq!(again.expect("an answer"), Accepted::Duplicate, "{at}");
    }
    let bob = world.accept(message("k2", "bob", "hi")).await;
    assert_ne!(bob.conversation, envelope.conversation);
}

/// Order is the order of acceptance, within each conversation.
pub async fn one_address_is_one_conversation_and_order_rises(world: Setup) {
    let first = world.accept(message("k1", "ann", "one")).await;
    let other = world.accept(message("k2", "bob", "hi")).await;
    world.clock.advance(RETENTION * 2);
    let second = world.accept(message("k3", "ann", "two")).await;
    assert_eq!(first.conversation, second.conversation);
    assert_ne!(first.conversation, other.conversation);
    assert!(second.sequence > first.sequence);
    assert_eq!(first.conversation.0.get_version_num(), 7);
}

/// A done mark is set with the commit, and naming it twice is setting it once.
pub async fn answering_takes_inbounds_out_of_the_backlog(world: Setup) {
    let conversation = world.accept(message("k1", "ann", "1")).await.conversation;
    world.accept(message("k2", "ann", "2")).await;
    world.accept(message("k3", "ann", "3")).await;
    let burst = Commit {
        answered: vec!["k1".into(), "k2".into(), "k1".into()],
        ..commit(conversation, 0)
    };
    let version = world.commit(burst).await;
    assert_eq!(world.backlog().await.0, ["k3"]);
    let last = Commit {
        answered: vec!["k3".into()],
        ..commit(conversation, version)
    };
    world.commit(last).await;
    assert_eq!(world.backlog().await.0, [""; 0]);
}

/// Whoever holds one conversation's version has no say over another's inbox.
pub async fn a_commit_cannot_answer_for_another_conversation(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await;
    world.accept(message("k2", "bob", "hi")).await;
    let stray = Commit {
        answered: vec!["k2".into()],
        ..commit(ann.conversation, 0)
    };
    let refused = world.store.commit(stray).await;
    assert!(
        matches!(&refused, Err(StoreError::Answered(key)) if key.as_str() == "k2"),
        "{refused:?}"
    );
    let mut waiting = world.backlog().await.0;
    waiting.sort();
    assert_eq!(waiting, ["k1", "k2"]);
}

/// Two processes that hold the same message give one answer. A conflict is told first: whoever
/// opens again will see.
pub async fn what_somebody_else_answered_refuses_the_whole_commit(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.accept(message("k2", "ann", "there?")).await;
    let first = Commit {
        answered: vec!["k1".into()],
        ..commit(ann, 0)
    };
    let version = world.commit(first).await;
    let late = |version| Commit {
        outbox: vec![entry(ann, "o1", 1)],
        ledger: vec![event("never")],
        timers: vec![TimerChange::Set(world.timer(ann, "t1", 60))],
        answered: vec!["k2".into(), "k1".into(), "never seen".into()],
        ..world.put(ann, version, "late")
    };
    let refused = world.store.commit(late(version)).await;
    assert!(
        matches!(&refused, Err(StoreError::Answered(key)) if key.as_str() == "k1"),
        "{refused:?}"
    );
    world.conflicts(late(version + 1)).await;
    check_nothing_was_written(&world, ann, version).await;
}

/// A reply is opened only while nobody has answered: otherwise it would take the place of the one
/// that is ready.
pub async fn what_must_wait_refuses_the_whole_commit_once_it_is_answered(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.accept(message("k2", "ann", "there?")).await;
    let opening = |version, waiting: &[&str]| Commit {
        outbox: vec![entry(ann, "o1", 1)],
        waiting: waiting.iter().map(|key| (*key).into()).collect(),
        ..commit(ann, version)
    };
    let version = world.commit(opening(0, &["k1", "k2"])).await;
    assert_eq!(world.backlog().await.0, ["k1", "k2"], "none is marked");
    let ready = Commit {
        answered: vec!["k1".into()],
        ..commit(ann, version)
    };
    let version = world.commit(ready).await;
    let refused = world.store.commit(opening(version, &["k2", "k1"])).await;
    assert!(
        matches!(&refused, Err(StoreError::Answered(key)) if key.as_str() == "k1"),
        "{refused:?}"
    );
    assert_eq!(world.opened(ann).await.version, version);
}

async fn check_nothing_was_written(world: &Setup, ann: ConversationId, version: u64) {
    let opened = world.opened(ann).await;
    assert_eq!((opened.session, opened.version), (None, version));
    assert_eq!(world.backlog().await, (vec!["k2".to_owned()], vec![]));
    assert_eq!(world.store.ledger(ann).await.expect("a ledger"), []);
    assert_eq!(world.store.timers(ann).await.expect("timers"), []);
}

/// By sequence within each conversation, for inbounds and for entries. Twelve of each, because
/// an order by text would put 10 before 2.
pub async fn the_backlog_is_in_order(world: Setup) {
    let mut conversations = Vec::new();
    for number in 1..=12 {
        for who in ["ann", "bob"] {
            let key = format!("{who} {number}");
            conversations.push(world.accept(message(&key, who, "x")).await.conversation);
        }
    }
    let outbox = |conversation| {
        let backwards = (1..=12).rev();
        let entries = backwards.map(move |n| entry(conversation, &format!("e{n}"), n));
        entries.collect()
    };
    for conversation in &conversations[..2] {
        let replies = Commit {
            outbox: outbox(*conversation),
            ..commit(*conversation, 0)
        };
        world.commit(replies).await;
    }
    let backlog = world.store.backlog().await.expect("a backlog");
    for conversation in &conversations[..2] {
        let inbox = backlog.inbox.iter();
        let inbox = inbox.filter(|envelope| envelope.conversation == *conversation);
        let numbers: Vec<_> = inbox.map(|envelope| envelope.sequence).collect();
        assert_eq!(numbers.len(), 12);
        assert!(numbers.is_sorted(), "{numbers:?}");
        let outbox = backlog.outbox.iter();
        let outbox = outbox.filter(|entry| entry.conversation == *conversation);
        let numbers: Vec<_> = outbox.map(|entry| entry.sequence).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    }
}
