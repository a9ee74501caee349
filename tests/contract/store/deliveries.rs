//! The outbox, what is shown of it, and the ledger.

use consultant_core::{
    OutboxEntry, OutboxState, Receipt, Relayed, RoomChange, Voice,
    ports::{Commit, DeliveryStep, StoreError},
};

use super::{NASTY, NOBODY, RETENTION, Setup, commit, delivery, entry, event, message, shown};

fn with_entry(version: u64, entry: OutboxEntry) -> Commit {
    Commit {
        outbox: vec![entry],
        ..commit(NOBODY, version)
    }
}

fn show(part: usize, receipt: &str, text: &str) -> DeliveryStep {
    DeliveryStep::Shown {
        part,
        shown: shown(receipt, text),
    }
}

/// A repeated turn edits the message that a customer already sees, and posts no second one.
pub async fn replacing_an_entry_keeps_what_is_shown(world: Setup) {
    let open = OutboxEntry {
        state: OutboxState::Open,
        text: String::new(),
        ..entry(NOBODY, "o1", 1)
    };
    let version = world.commit(with_entry(0, open.clone())).await;
    world
        .record(delivery(NOBODY, "o1", show(0, "m7", NASTY)))
        .await;
    let ready = OutboxEntry {
        shown: vec![shown("not true", "x"), shown("nor this", "y")],
        ..entry(NOBODY, "o1", 2)
    };
    world.commit(with_entry(version, ready.clone())).await;
    let expect = OutboxEntry {
        shown: vec![shown("m7", NASTY)],
        ..ready
    };
    assert_eq!(world.backlog().await.1, [expect]);
}

/// Delivered or given up: neither comes back at the next start.
pub async fn ended_entries_leave_the_backlog(world: Setup) {
    let outbox = vec![
        entry(NOBODY, "o1", 1),
        entry(NOBODY, "o2", 2),
        entry(NOBODY, "o3", 3),
        OutboxEntry {
            state: OutboxState::Undeliverable,
            ..entry(NOBODY, "o4", 4)
        },
    ];
    let version = world
        .commit(Commit {
            outbox,
            ..commit(NOBODY, 0)
        })
        .await;
    let ended = DeliveryStep::Ended;
    world
        .record(delivery(NOBODY, "o1", ended(OutboxState::Delivered)))
        .await;
    world
        .record(delivery(NOBODY, "o2", ended(OutboxState::Undeliverable)))
        .await;
    assert_eq!(world.backlog().await.1, [entry(NOBODY, "o3", 3)]);
    let after = world.opened(NOBODY).await.version;
    assert_eq!(
        after, version,
        "a delivery leaves the session's version alone"
    );

    // A repeated turn makes an ended entry deliverable again.
    world
        .commit(with_entry(version, entry(NOBODY, "o1", 1)))
        .await;
    world.clock.advance(RETENTION * 2);
    world.accept(message("k1", "ann", "time passes")).await;
    let pending = [entry(NOBODY, "o1", 1), entry(NOBODY, "o3", 3)];
    assert_eq!(world.backlog().await.1, pending);
}

/// Part after part; an edit replaces its part; a gap is refused.
pub async fn parts_are_shown_in_order_and_edited_in_place(world: Setup) {
    let first = OutboxEntry {
        shown: vec![shown("m0", "zero")],
        ..entry(NOBODY, "o1", 1)
    };
    world.commit(with_entry(0, first.clone())).await;
    for part in 1..12 {
        let step = show(part, &format!("m{part}"), "text");
        world.record(delivery(NOBODY, "o1", step)).await;
    }
    world
        .record(delivery(NOBODY, "o1", show(3, "m3", "edited")))
        .await;
    let gap = delivery(NOBODY, "o1", show(13, "m13", "text"));
    let refused = world.store.record(gap).await;
    assert!(
        matches!(refused, Err(StoreError::Unknown(_))),
        "{refused:?}"
    );

    let mut expect = first;
    let later = (1..12).map(|part| shown(&format!("m{part}"), "text"));
    expect.shown.extend(later);
    expect.shown[3] = shown("m3", "edited");
    assert_eq!(world.backlog().await.1, [expect]);
}

/// A channel that reports on an entry that never was has lost its way, and hears of it.
pub async fn an_unknown_entry_cannot_be_recorded(world: Setup) {
    world.commit(with_entry(0, entry(NOBODY, "o1", 1))).await;
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    for (whose, id) in [(NOBODY, "o2"), (ann, "o1")] {
        let ended = DeliveryStep::Ended(OutboxState::Delivered);
        let refused = world.store.record(delivery(whose, id, ended)).await;
        let error = refused.expect_err("it is refused");
        assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
        assert!(error.to_string().contains(id), "{error}");
    }
    assert_eq!(world.backlog().await.1.len(), 1);
}

/// One conversation's commit cannot speak in another's.
pub async fn a_stray_entry_is_refused_and_changes_nothing(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let stray = Commit {
        outbox: vec![entry(ann, "o1", 1), entry(NOBODY, "o2", 2)],
        ledger: vec![event("never")],
        answered: vec!["k1".into()],
        ..world.put(ann, 0, "one")
    };
    let refused = world.store.commit(stray).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { .. })),
        "{refused:?}"
    );
    assert_eq!(world.opened(ann).await.version, 0);
    assert_eq!(world.backlog().await, (vec!["k1".to_owned()], vec![]));
}

/// Oldest first, twenty of them, and nobody else's.
pub async fn the_ledger_is_in_order_and_apart_per_conversation(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let name = |number: u64| event(&number.to_string());
    for version in 0..10 {
        let two = vec![name(2 * version), name(2 * version + 1)];
        world
            .commit(Commit {
                ledger: two,
                ..commit(ann, version)
            })
            .await;
        let one = vec![event("nobody")];
        world
            .commit(Commit {
                ledger: one,
                ..commit(NOBODY, version)
            })
            .await;
    }
    let ledger = world.store.ledger(ann).await.expect("a ledger");
    assert_eq!(ledger, (0..20).map(name).collect::<Vec<_>>());
}

/// By their name and, apart for each voice, by a message that shows a part of them, for as long as
/// keys are remembered.
pub async fn entries_are_found_by_name_and_by_what_shows_them_also_once_they_ended(world: Setup) {
    let for_desk = relayed("o1", Voice::Desk);
    let for_customer = relayed("o2", Voice::Agent);
    let both = Commit {
        outbox: vec![for_desk.clone(), for_customer.clone()],
        ..commit(NOBODY, 0)
    };
    world.commit(both).await;
    for id in ["o1", "o2"] {
        world.record(delivery(NOBODY, id, show(0, "m7", "x"))).await;
        world
            .record(delivery(NOBODY, id, show(1, NASTY, "y")))
            .await;
        let ended = DeliveryStep::Ended(OutboxState::Delivered);
        world.record(delivery(NOBODY, id, ended)).await;
    }
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    for (whose, id, expect) in [
        (NOBODY, "o1", Some(&for_desk)),
        (NOBODY, "o3", None),
        (ann, "o1", None),
    ] {
        let found = world.store.delivery(whose, &id.into()).await;
        assert_eq!(found.expect("an answer"), expect.map(delivered), "{id}");
    }
    for (voice, receipt, expect) in [
        (Voice::Desk, "m7", Some(&for_desk)),
        (Voice::Agent, NASTY, Some(&for_customer)),
        (Voice::Bot, "m7", None),
        (Voice::Desk, "m8", None),
    ] {
        let message = (voice, &Receipt(receipt.to_owned()));
        let found = world.store.showing(NOBODY, message).await;
        assert_eq!(
            found.expect("an answer"),
            expect.map(delivered),
            "{receipt}"
        );
    }
}

fn relayed(id: &str, voice: Voice) -> OutboxEntry {
    let relayed = Relayed {
        voice,
        verbatim: true,
        opens: None,
        corrects: false,
        room: RoomChange::default(),
        attachments: Vec::new(),
        from: super::place("ann"),
        of: Some(NASTY.into()),
        quotes: None,
    };
    OutboxEntry {
        relayed: Some(Box::new(relayed)),
        ..entry(NOBODY, id, 1)
    }
}

fn delivered(of: &OutboxEntry) -> OutboxEntry {
    OutboxEntry {
        state: OutboxState::Delivered,
        shown: vec![shown("m7", "x"), shown(NASTY, "y")],
        ..of.clone()
    }
}
