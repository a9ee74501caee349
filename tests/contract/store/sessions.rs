//! Sessions and their versions.

use std::time::Duration;

use consultant_core::{
    Priority, SESSION_FORMAT, Session, SlotValue, Speaker,
    ports::{Commit, Opened, SessionChange, StoreError},
};

use super::{NASTY, NOBODY, SESSION_TIMEOUT, Setup, commit, entry, event, message};

/// Nothing is known of a conversation that never was, and that is no error.
pub async fn an_unknown_conversation_is_empty_at_version_zero(world: Setup) {
    let empty = Opened {
        session: None,
        version: 0,
    };
    assert_eq!(world.opened(NOBODY).await, empty);
    let ledger = world.store.ledger(NOBODY).await;
    assert_eq!(ledger.expect("an empty ledger"), []);
    world.conflicts(commit(NOBODY, 1)).await;
    assert_eq!(world.opened(NOBODY).await, empty);
}

/// Put, put again, read the second.
pub async fn a_session_is_overwritten_and_its_version_rises(world: Setup) {
    let first = world.commit(world.put(NOBODY, 0, "one")).await;
    let second = world.commit(world.put(NOBODY, first, "two")).await;
    assert!(second > first && first > 0);
    let opened = world.opened(NOBODY).await;
    assert_eq!(opened.session, Some(world.session("two")));
    assert_eq!(opened.version, second);
}

/// Also a turn that leaves the session alone is a turn that others must not overwrite.
pub async fn keeping_a_session_raises_its_version(world: Setup) {
    let first = world.commit(world.put(NOBODY, 0, "one")).await;
    let second = world.commit(commit(NOBODY, first)).await;
    assert!(second > first);
    let opened = world.opened(NOBODY).await;
    assert_eq!(opened.session, Some(world.session("one")));
    assert_eq!(opened.version, second);
    world.conflicts(commit(NOBODY, first)).await;
}

/// A conflicting commit leaves no trace: no session, entry, event or done mark.
pub async fn a_stale_version_conflicts_and_changes_nothing(world: Setup) {
    let envelope = world.accept(message("k1", "ann", "hi")).await;
    let conversation = envelope.conversation;
    let version = world.commit(world.put(conversation, 0, "one")).await;
    for wrong in [0, version + 1, u64::MAX] {
        world
            .conflicts(Commit {
                outbox: vec![entry(conversation, "o1", 1)],
                ledger: vec![event("never")],
                answered: vec!["k1".into()],
                ..world.put(conversation, wrong, "two")
            })
            .await;
    }
    let opened = world.opened(conversation).await;
    assert_eq!(opened.version, version);
    assert_eq!(opened.session, Some(world.session("one")));
    assert_eq!(world.backlog().await, (vec!["k1".to_owned()], vec![]));
    let ledger = world.store.ledger(conversation).await;
    assert_eq!(ledger.expect("a ledger"), []);
}

/// Both read the same version; one commits, the other is told.
pub async fn of_two_writers_one_wins(world: Setup) {
    let (left, right) = tokio::join!(
        world.store.commit(world.put(NOBODY, 0, "left")),
        world.store.commit(world.put(NOBODY, 0, "right")),
    );
    let winner = match (left, right) {
        (Ok(_), Err(StoreError::Conflict(_))) => "left",
        (Err(StoreError::Conflict(_)), Ok(_)) => "right",
        both => unreachable!("{both:?} should be one success and one conflict"),
    };
    assert_eq!(
        world.opened(NOBODY).await.session,
        Some(world.session(winner))
    );
}

/// Only the injected clock counts, to the millisecond.
pub async fn a_session_expires_by_the_clock_and_its_version_stays(world: Setup) {
    let session = world.session("one");
    let version = world.commit(world.put(NOBODY, 0, "one")).await;
    let instant = Duration::from_millis(1);
    world.clock.advance(SESSION_TIMEOUT.saturating_sub(instant));
    assert_eq!(world.opened(NOBODY).await.session, Some(session));
    world.clock.advance(instant);
    let expired = Opened {
        session: None,
        version,
    };
    assert_eq!(world.opened(NOBODY).await, expired);
    world.conflicts(world.put(NOBODY, 0, "stale")).await;
    world.commit(world.put(NOBODY, version, "anew")).await;
    let opened = world.opened(NOBODY).await;
    assert_eq!(opened.session, Some(world.session("anew")));
}

/// A conversation that goes on does not expire.
pub async fn each_put_renews_the_session(world: Setup) {
    let mut version = 0;
    for _ in 0..4 {
        version = world.commit(world.put(NOBODY, version, "again")).await;
        world.clock.advance(SESSION_TIMEOUT.mul_f64(0.7));
        assert!(world.opened(NOBODY).await.session.is_some());
    }
}

/// The time-out counts from the last put.
pub async fn keeping_a_session_does_not_renew_it(world: Setup) {
    let version = world.commit(world.put(NOBODY, 0, "one")).await;
    world.clock.advance(SESSION_TIMEOUT.mul_f64(0.7));
    world.commit(commit(NOBODY, version)).await;
    world.clock.advance(SESSION_TIMEOUT.mul_f64(0.7));
    assert_eq!(world.opened(NOBODY).await.session, None);
}

/// `/reset` forgets what was said, and a writer from before it still conflicts.
pub async fn a_forgotten_session_is_gone_and_its_version_stays(world: Setup) {
    let first = world.commit(world.put(NOBODY, 0, "one")).await;
    let forget = Commit {
        session: SessionChange::Forget,
        ..commit(NOBODY, first)
    };
    let second = world.commit(forget).await;
    let opened = Opened {
        session: None,
        version: second,
    };
    assert_eq!(world.opened(NOBODY).await, opened);
    world.conflicts(world.put(NOBODY, first, "stale")).await;
    world.conflicts(world.put(NOBODY, 0, "stale")).await;
}

/// What a newer program wrote is neither misread nor dropped.
pub async fn a_newer_format_is_refused_and_stays(world: Setup) {
    let newer = Session {
        format: u16::MAX,
        ..world.session("from the future")
    };
    let put = Commit {
        session: SessionChange::Put(Box::new(newer)),
        ..commit(NOBODY, 0)
    };
    world.commit(put).await;
    for _ in 0..2 {
        let error = world.store.open(NOBODY).await.expect_err("it is refused");
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("its format is 65535"), "{text}");
        assert!(text.contains(&NOBODY.to_string()), "{text}");
        assert!(!text.contains("future"), "no word of the customer: {text}");
    }
}

/// What the first release wrote lacks what came later, and the conversation goes on.
pub async fn a_session_of_the_first_format_is_read_and_goes_on(world: Setup) {
    let old = include_str!("../../../src/store/session-1.json");
    let session: Session = serde_json::from_str(old).expect("an old session can be read");
    assert_eq!((session.format, session.last_said_at), (1, None));
    goes_on(&world, session).await;
}

/// Format 2 knew no typed amounts and days, no lead score, tags or objections.
pub async fn a_session_of_the_second_format_is_read_and_goes_on(world: Setup) {
    let old = include_str!("../../../src/store/session-2.json");
    let session: Session = serde_json::from_str(old).expect("an old session can be read");
    assert_eq!((session.format, session.asked_times), (2, 0));
    let escalation = session.escalation.as_ref().expect("a person was called");
    assert_eq!(escalation.priority, Priority::Normal);
    assert!(session.points.is_empty() && session.tags.is_empty());
    goes_on(&world, session).await;
}

/// Format 3 knew no newer version that the conversation did not go over to.
pub async fn a_session_of_the_third_format_is_read_and_goes_on(world: Setup) {
    let old = include_str!("../../../src/store/session-3.json");
    let session: Session = serde_json::from_str(old).expect("an old session can be read");
    assert_eq!((session.format, &session.stays_from), (3, &None));
    assert_eq!((session.asked_times, session.points.len()), (2, 1));
    goes_on(&world, session).await;
}

async fn goes_on(world: &Setup, session: Session) {
    let put = Commit {
        session: SessionChange::Put(Box::new(session.clone())),
        ..commit(NOBODY, 0)
    };
    let version = world.commit(put).await;
    let today = Session {
        format: SESSION_FORMAT,
        ..session
    };
    assert_eq!(world.opened(NOBODY).await.session, Some(today));
    world.commit(world.put(NOBODY, version, "two")).await;
    let opened = world.opened(NOBODY).await;
    assert_eq!(opened.session, Some(world.session("two")));
}

/// Text is data, whatever is in it.
pub async fn any_text_comes_back_as_it_was(world: Setup) {
    let inbound = message(&format!("key {NASTY}"), &format!("place {NASTY}"), NASTY);
    let envelope = world.accept(inbound.clone()).await;
    let conversation = envelope.conversation;
    let mut session = world.session(NASTY);
    session
        .slots
        .insert(NASTY.into(), SlotValue::Text(NASTY.into()));
    let id = format!("id {NASTY}");
    let reply = entry(conversation, &id, 1);
    world
        .commit(Commit {
            session: SessionChange::Put(Box::new(session.clone())),
            outbox: vec![reply.clone()],
            ledger: vec![event(NASTY)],
            ..commit(conversation, 0)
        })
        .await;
    assert_eq!(world.opened(conversation).await.session, Some(session));
    let backlog = world.store.backlog().await.expect("a backlog");
    assert_eq!(backlog.inbox, [envelope]);
    assert_eq!(backlog.outbox, [reply]);
    let ledger = world.store.ledger(conversation).await;
    assert_eq!(ledger.expect("a ledger"), [event(NASTY)]);
    world
        .commit(Commit {
            answered: vec![inbound.key],
            ..commit(conversation, 1)
        })
        .await;
    assert_eq!(world.backlog().await.0, [""; 0]);
}

/// A megabyte of history, with characters of every width.
pub async fn a_large_session_comes_back_whole(world: Setup) {
    let mut session = world.session("long");
    for number in 0..16 {
        let text = format!("{number} {}", "aé你🙂".repeat(6_554));
        session.remember(Speaker::Bot, text);
    }
    let put = Commit {
        session: SessionChange::Put(Box::new(session.clone())),
        ..commit(NOBODY, 0)
    };
    world.commit(put).await;
    assert!(
        world.opened(NOBODY).await.session == Some(session),
        "a megabyte comes back whole"
    );
}
