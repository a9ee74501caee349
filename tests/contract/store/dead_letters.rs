//! Inbounds whose turns fail: counted, buried, revived, dropped.

use std::time::Duration;

use consultant_core::{
    ConversationId, Envelope, OutboxState,
    ports::{Accepted, Burial, Clock, Commit, DeadLetter, DeliveryStep, StoreError},
};

use super::{NASTY, NOBODY, RETENTION, Setup, commit, delivery, entry, message, shown};

/// A burial for a reason that has broken stores before.
fn burial(conversation: ConversationId, key: &str) -> Burial {
    Burial {
        conversation,
        key: key.into(),
        reason: format!("reason\nof {key} {NASTY}"),
        told: entry(conversation, &format!("sorry {key}"), 9),
    }
}

async fn letters(world: &Setup) -> Vec<DeadLetter> {
    let letters = world.store.dead_letters().await;
    letters.expect("the dead letters are read")
}

async fn fails(world: &Setup, whose: ConversationId, key: &str) -> u32 {
    let counted = world.store.count_failure(whose, &key.into()).await;
    counted.expect("the failure is counted")
}

#[track_caller]
fn check_unknown<T: std::fmt::Debug>(outcome: Result<T, StoreError>, key: &str) {
    let error = outcome.expect_err("it is refused");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    assert!(error.to_string().contains(key), "{error}");
}

/// Each inbound for itself, and no session is touched by it.
pub async fn failures_are_counted_until_the_inbound_is_answered(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.accept(message("k2", "ann", "there?")).await;
    let mut counts = Vec::new();
    for key in ["k1", "k1", "k1", "k2"] {
        counts.push(fails(&world, ann, key).await);
    }
    assert_eq!(counts, [1, 2, 3, 1]);
    assert_eq!(world.opened(ann).await.version, 0);
    let answered = Commit {
        answered: vec!["k1".into()],
        ..commit(ann, 0)
    };
    world.commit(answered).await;
    check_unknown(world.store.count_failure(ann, &"k1".into()).await, "k1");
    assert_eq!(fails(&world, ann, "k2").await, 2);
}

/// In one step, whatever the session's version; its key is known for as long as it lies there.
pub async fn a_buried_inbound_leaves_the_inbox_and_the_customer_is_told(world: Setup) {
    let envelope = world.accept(message("k1", "ann", NASTY)).await;
    let ann = envelope.conversation;
    world.accept(message("k2", "ann", "there?")).await;
    let version = world.commit(world.put(ann, 0, "one")).await;
    fails(&world, ann, "k1").await;
    fails(&world, ann, "k1").await;
    world.clock.advance(Duration::from_millis(5));
    let burial = burial(ann, "k1");
    let buried = world.store.bury(burial.clone()).await;
    buried.expect("it is buried");
    let letter = DeadLetter {
        envelope,
        reason: burial.reason,
        failures: 2,
        buried_at: world.clock.now(),
    };
    assert_eq!(letters(&world).await, [letter]);
    let left = (vec!["k2".to_owned()], vec![burial.told]);
    assert_eq!(world.backlog().await, left);
    assert_eq!(world.opened(ann).await.version, version);
}

/// What the customer is told is delivered like anything else, and much later the letter still lies
/// there.
pub async fn a_buried_inbound_is_a_duplicate_for_ever(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.store.bury(burial(ann, "k1")).await.expect("buried");
    let part = DeliveryStep::Shown {
        part: 0,
        shown: shown("m1", "sorry"),
    };
    world.record(delivery(ann, "sorry k1", part)).await;
    let ended = DeliveryStep::Ended(OutboxState::Delivered);
    world.record(delivery(ann, "sorry k1", ended)).await;
    world.clock.advance(RETENTION * 3);
    world.accept(message("k3", "ann", "time passes")).await;
    let again = world.store.accept(message("k1", "ann", "hi")).await;
    assert_eq!(again.expect("an answer"), Accepted::Duplicate);
    assert_eq!(letters(&world).await.len(), 1);
}

/// Answered, buried, never seen or another's: refused by name, and nothing is said.
pub async fn what_does_not_wait_cannot_be_counted_or_buried(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let bob = world.accept(message("k2", "bob", "hi")).await.conversation;
    let answered = Commit {
        answered: vec!["k1".into()],
        ..commit(ann, 0)
    };
    world.commit(answered).await;
    world.store.bury(burial(bob, "k2")).await.expect("buried");
    check_nothing_is_done(&world, ann, bob).await;
    world.accept(message("k4", "bob", "hi")).await;
    let stray = Burial {
        told: entry(ann, "o1", 1),
        ..burial(bob, "k4")
    };
    let refused = world.store.bury(stray).await;
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
    assert_eq!(letters(&world).await.len(), 1);
}

async fn check_nothing_is_done(world: &Setup, ann: ConversationId, bob: ConversationId) {
    let told = world.backlog().await;
    for (whose, key) in [(ann, "k1"), (bob, "k2"), (ann, "k2"), (NOBODY, "k3")] {
        check_unknown(world.store.count_failure(whose, &key.into()).await, key);
        check_unknown(world.store.bury(burial(whose, key)).await, key);
    }
    for key in ["k1", "k3"] {
        check_unknown(world.store.revive(&key.into()).await, key);
        check_unknown(world.store.drop_letter(&key.into()).await, key);
    }
    assert_eq!(world.backlog().await, told);
}

/// With a new place in the order and no failures, and it can be answered then.
pub async fn a_revived_inbound_waits_behind_the_others(world: Setup) {
    let first = world.accept(message("k1", "ann", NASTY)).await;
    let ann = first.conversation;
    fails(&world, ann, "k1").await;
    world.store.bury(burial(ann, "k1")).await.expect("buried");
    let second = world.accept(message("k2", "ann", "there?")).await;
    let revived = world.store.revive(&"k1".into()).await;
    let revived = revived.expect("it is revived");
    assert!(revived.sequence > second.sequence);
    let expect = Envelope {
        sequence: revived.sequence,
        ..first
    };
    assert_eq!(revived, expect);
    assert_eq!(letters(&world).await, []);
    let backlog = world.store.backlog().await.expect("a backlog");
    assert_eq!(backlog.inbox, [second, revived]);
    assert_eq!(fails(&world, ann, "k1").await, 1);
}

/// Not while it is buried; once it is revived, like any other, and then it cannot be revived.
pub async fn a_revived_inbound_can_be_answered(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.store.bury(burial(ann, "k1")).await.expect("buried");
    let answer = || Commit {
        answered: vec!["k1".into()],
        ..commit(ann, 0)
    };
    let refused = world.store.commit(answer()).await;
    assert!(matches!(refused, Err(StoreError::Answered(_))));
    let revived = world.store.revive(&"k1".into()).await;
    revived.expect("it is revived");
    world.commit(answer()).await;
    assert_eq!(world.backlog().await.0, [""; 0]);
    check_unknown(world.store.revive(&"k1".into()).await, "k1");
}

/// The platform may send it once more; it stays forgotten.
pub async fn a_dropped_letter_is_gone_and_its_key_is_known(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.store.bury(burial(ann, "k1")).await.expect("buried");
    let dropped = world.store.drop_letter(&"k1".into()).await;
    dropped.expect("it is dropped");
    assert_eq!(letters(&world).await, []);
    assert_eq!(world.backlog().await.0, [""; 0]);
    let again = world.store.accept(message("k1", "ann", "hi")).await;
    assert_eq!(again.expect("an answer"), Accepted::Duplicate);
    check_unknown(world.store.drop_letter(&"k1".into()).await, "k1");
    check_unknown(world.store.revive(&"k1".into()).await, "k1");
}

/// Over conversations, whatever the order of acceptance.
pub async fn dead_letters_come_oldest_burial_first(world: Setup) {
    let mut waiting = Vec::new();
    for (number, who) in ["ann", "bob", "cid", "ann", "bob"].iter().enumerate() {
        let key = format!("k{number}");
        let envelope = world.accept(message(&key, who, "hi")).await;
        waiting.push((envelope.conversation, key));
    }
    for place in [3, 0, 4, 2, 1] {
        let (whose, key) = &waiting[place];
        world.clock.advance(Duration::from_secs(1));
        world.store.bury(burial(*whose, key)).await.expect("buried");
    }
    let order = letters(&world).await.into_iter();
    let order: Vec<_> = order.map(|letter| letter.envelope.inbound.key.0).collect();
    assert_eq!(order, ["k3", "k0", "k4", "k2", "k1"]);
}
