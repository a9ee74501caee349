//! Whole conversations: out, gone, and in again.

use std::time::Duration;

use consultant_core::{
    Address, ConversationId, ConversationRecord, OutboxState, RECORD_FORMAT, TimerChange,
    ports::{Accepted, Burial, Commit, DeliveryStep, Opened, StoreError, WholeStore},
};

use super::{
    NASTY, NOBODY, RETENTION, Setup, commit, delivery, entry, event, message, place, shown,
};

impl Setup {
    /// A conversation with something of everything: inbounds answered, waiting and buried; entries
    /// open and ended, shown in parts; timers, a ledger, two addresses, an old session.
    pub async fn a_full_conversation(&self) -> ConversationId {
        let at = format!("ann {NASTY}");
        let ann = self.accept(message("k1", &at, "hi")).await.conversation;
        for (key, text) in [("k2", NASTY), ("k3", "broken"), ("k4", "failing")] {
            self.clock.advance(Duration::from_millis(7));
            self.accept(message(key, &at, text)).await;
        }
        let turn = Commit {
            outbox: vec![entry(ann, "o1", 1), entry(ann, "o2", 2)],
            ledger: vec![event("one"), event(NASTY)],
            timers: vec![
                TimerChange::Set(self.timer(ann, "later", 500)),
                TimerChange::Set(self.timer(ann, "soon", 5)),
            ],
            answered: vec!["k1".into()],
            ..self.put(ann, 0, NASTY)
        };
        self.commit(turn).await;
        for part in 0..2 {
            let shown = shown(&format!("m{part}"), NASTY);
            let step = DeliveryStep::Shown { part, shown };
            self.record(delivery(ann, "o1", step)).await;
        }
        self.clock.advance(Duration::from_millis(7));
        let ended = DeliveryStep::Ended(OutboxState::Delivered);
        self.record(delivery(ann, "o2", ended)).await;
        for key in ["k3", "k3", "k4"] {
            let counted = self.store.count_failure(ann, &key.into()).await;
            counted.expect("it is counted");
        }
        let burial = Burial {
            conversation: ann,
            key: "k3".into(),
            reason: format!("two\nlines {NASTY}"),
            told: entry(ann, "sorry", 3),
        };
        self.store.bury(burial).await.expect("it is buried");
        let moved = self.store.moved(&place(&at), &place("ann")).await;
        moved.expect("the place moves");
        ann
    }
}

/// Exports what must be there.
pub async fn exported(store: &dyn WholeStore, whose: ConversationId) -> ConversationRecord {
    let record = store.export(whose).await.expect("it can be exported");
    record.expect("it is there")
}

/// Nothing is lost on the way, and the conversation goes on where it was.
pub async fn a_record_is_the_same_after_it_was_erased_and_imported(world: Setup) {
    let ann = world.a_full_conversation().await;
    let record = exported(world.store.as_ref(), ann).await;
    check_full(&record, ann);
    let json = serde_json::to_string(&record).expect("a record can be written");
    let again: ConversationRecord = serde_json::from_str(&json).expect("and read");
    assert_eq!(again, record);

    let backlog = world.backlog().await;
    assert!(world.store.erase(ann).await.expect("it can be erased"));
    world.store.import(again).await.expect("it can be imported");
    assert_eq!(exported(world.store.as_ref(), ann).await, record);
    assert_eq!(world.backlog().await, backlog);
    assert_eq!(
        world.opened(ann).await.session,
        record.session.map(|it| it.session)
    );
}

/// Order, failures, dead letters, versions, timers: as if nothing had happened.
pub async fn an_imported_conversation_goes_on_where_it_was(world: Setup) {
    let ann = world.a_full_conversation().await;
    let record = exported(world.store.as_ref(), ann).await;
    world.store.erase(ann).await.expect("it can be erased");
    world
        .store
        .import(record)
        .await
        .expect("it can be imported");

    let at = format!("ann {NASTY}");
    for key in ["k1", "k2", "k3"] {
        let again = world.store.accept(message(key, &at, "hi")).await;
        assert_eq!(again.expect("an answer"), Accepted::Duplicate, "{key}");
    }
    let next = world.accept(message("k5", &at, "hi")).await;
    assert_eq!((next.conversation, next.sequence), (ann, 5));
    check_all_goes_on(&world, ann).await;
}

async fn check_all_goes_on(world: &Setup, ann: ConversationId) {
    let counted = world.store.count_failure(ann, &"k4".into()).await;
    assert_eq!(counted.expect("it waits"), 2);
    let revived = world.store.revive(&"k3".into()).await;
    assert_eq!(revived.expect("it is buried").sequence, 6);
    world.commit(commit(ann, 1)).await;
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(world.fire(10).await.len(), 1);
}

fn check_full(record: &ConversationRecord, ann: ConversationId) {
    assert_eq!((record.format, record.conversation), (RECORD_FORMAT, ann));
    assert_eq!((record.version, record.sequence), (1, 4));
    assert_eq!(record.addresses.len(), 2);
    assert!(record.session.is_some());
    let inbox = record.inbox.iter();
    let inbox: Vec<_> = inbox
        .map(|it| (it.key.as_str(), it.waiting.as_ref().map(|it| it.failures)))
        .collect();
    let expect = [("k1", None), ("k2", Some(0)), ("k3", None), ("k4", Some(1))];
    assert_eq!(inbox, expect);
    let [letter] = record.dead_letters.as_slice() else {
        unreachable!("one is buried: {:?}", record.dead_letters)
    };
    assert_eq!((letter.failures, letter.envelope.sequence), (2, 3));
    let outbox = record.outbox.iter();
    let outbox: Vec<_> = outbox
        .map(|it| {
            let entry = &it.entry;
            (entry.id.as_str(), entry.shown.len(), it.ended_at.is_some())
        })
        .collect();
    let expect = [("o1", 2, false), ("o2", 0, true), ("sorry", 0, false)];
    assert_eq!(outbox, expect);
    let timers: Vec<_> = record.timers.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(timers, ["soon", "later"]);
    assert_eq!(record.ledger, [event("one"), event(NASTY)]);
}

/// A conversation, an address, a key: each is refused by name, and nothing of the record stays.
pub async fn what_is_there_already_refuses_an_import(world: Setup) {
    let ann = world.a_full_conversation().await;
    let record = exported(world.store.as_ref(), ann).await;
    let bob = world.accept(message("b1", "bob", "hi")).await.conversation;
    check_exists(&world, record.clone(), &ann.to_string()).await;
    world.store.erase(ann).await.expect("it can be erased");

    let mut taken = record.clone();
    taken.addresses.push(place("bob"));
    check_exists(&world, taken, "bob").await;
    let mut known = record.clone();
    known.inbox[0].key = "b1".into();
    check_exists(&world, known, "b1").await;
    assert_eq!(world.store.export(ann).await.expect("an answer"), None);
    assert_eq!(world.backlog().await.0, ["b1"]);

    let stranger = world.accept(message("x1", "ann", "hi")).await.conversation;
    assert!(stranger != ann && stranger != bob, "its address was free");
}

async fn check_exists(world: &Setup, record: ConversationRecord, name: &str) {
    let refused = world.store.import(record).await;
    let error = refused.expect_err("it is refused");
    assert!(matches!(error, StoreError::Exists(_)), "{error:?}");
    assert!(error.to_string().contains(name), "{error}");
}

/// A newer format, a part of another conversation, a name twice.
pub async fn a_record_that_does_not_hang_together_is_refused(world: Setup) {
    let ann = world.a_full_conversation().await;
    let record = exported(world.store.as_ref(), ann).await;
    world.store.erase(ann).await.expect("it can be erased");
    let change = |change: &dyn Fn(&mut ConversationRecord)| {
        let mut changed = record.clone();
        change(&mut changed);
        changed
    };
    for (changed, expect) in [
        (change(&|it| it.format += 1), "its format is 2"),
        (change(&|it| it.outbox[0].entry.conversation = NOBODY), "o1"),
        (change(&|it| it.timers[0].conversation = NOBODY), "soon"),
        (change(&|it| it.inbox[1].key = "k1".into()), "k1 twice"),
        (change(&|it| it.inbox[1].key = "k9".into()), "k9"),
        (change(&|it| it.timers[1].id = "soon".into()), "soon twice"),
    ] {
        let error = world.store.import(changed).await.expect_err("refused");
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(expect), "{text}");
    }
    assert_eq!(world.store.export(ann).await.expect("an answer"), None);
}

/// Nothing that could be found: by the conversation, by an address, by a key, by a time.
pub async fn an_erased_conversation_leaves_nothing(world: Setup) {
    let ann = world.a_full_conversation().await;
    let bob = world.accept(message("b1", "bob", "hi")).await.conversation;
    assert!(world.store.erase(ann).await.expect("it can be erased"));
    assert!(!world.store.erase(ann).await.expect("it is gone"));
    assert_eq!(world.store.export(ann).await.expect("an answer"), None);
    let empty = Opened {
        session: None,
        version: 0,
    };
    assert_eq!(world.opened(ann).await, empty);
    check_no_trace(&world, ann).await;
    let listed = world.store.conversations(None, 10).await;
    assert_eq!(listed.expect("a list"), [bob]);
}

async fn check_no_trace(world: &Setup, ann: ConversationId) {
    assert_eq!(world.backlog().await, (vec!["b1".to_owned()], vec![]));
    assert_eq!(world.store.ledger(ann).await.expect("a ledger"), []);
    let none: [Address; 0] = [];
    assert_eq!(world.store.addresses(ann).await.expect("addresses"), none);
    assert_eq!(world.store.dead_letters().await.expect("letters"), []);
    assert_eq!(world.store.next_due().await.expect("timers"), None);
    world.clock.advance(RETENTION);
    assert_eq!(world.fire(10).await, []);
}

/// The same updates are new ones, and their conversations too.
pub async fn who_was_erased_comes_back_as_a_stranger(world: Setup) {
    let ann = world.a_full_conversation().await;
    world.store.erase(ann).await.expect("it can be erased");
    let again = world
        .accept(message("k1", &format!("ann {NASTY}"), "hi"))
        .await;
    assert!(again.conversation != ann);
    let other = world.accept(message("k2", "ann", "hi")).await;
    assert!(other.conversation != ann);
}

/// Ascending, from page to page, and none is missed where some were erased.
pub async fn conversations_are_listed_in_order_and_by_pages(world: Setup) {
    let mut all = vec![NOBODY];
    world.commit(world.put(NOBODY, 0, "hi")).await;
    for number in 0..12 {
        world.clock.advance(Duration::from_secs(1));
        let name = format!("c{number}");
        all.push(world.accept(message(&name, &name, "hi")).await.conversation);
    }
    all.sort();
    let erased = all.remove(4);
    world.store.erase(erased).await.expect("it can be erased");
    let mut listed = Vec::new();
    loop {
        let page = world.store.conversations(listed.last().copied(), 5).await;
        let page = page.expect("a page");
        listed.extend(&page);
        if page.len() < 5 {
            break;
        }
    }
    assert_eq!(listed, all);
    let after = world.store.conversations(Some(erased), 1).await;
    assert_eq!(after.expect("a page"), [all[4]]);
}
