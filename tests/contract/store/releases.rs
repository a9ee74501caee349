//! Versions of the playbook that were kept, and what was decided about them.

use std::time::Duration;

use consultant_core::{
    KeptScript, KeptVersion, PlaybookVersion, Proof, RELEASE_FORMAT, ReleaseEvent, ReleaseStep,
    ScriptRole,
    ports::{StoreError, WholeStore},
};
use jiff::Timestamp;

use super::{NASTY, Setup, message};

/// A version with two scripts, of which the module is this.
pub fn version(id: &str, module: &str) -> KeptVersion {
    let script = |role, name: &str, source: &str| KeptScript {
        role,
        name: name.to_owned(),
        file: format!("scripts/{name}.rhai"),
        source: source.to_owned(),
    };
    KeptVersion {
        format: RELEASE_FORMAT,
        id: id.into(),
        scripts: vec![
            script(
                ScriptRole::Playbook,
                "shop",
                "fn reply(turn) { [answer()] }",
            ),
            script(ScriptRole::Module, "words", module),
        ],
    }
}

/// A decision that can be told from others by its author.
pub fn decision(number: u64, author: &str) -> ReleaseEvent {
    ReleaseEvent {
        format: RELEASE_FORMAT,
        number,
        at: Timestamp::UNIX_EPOCH + Duration::from_secs(number % 1000),
        author: author.to_owned(),
        note: Some(format!("why {number} {NASTY}")),
        what: ReleaseStep::Published {
            version: "a".into(),
            proof: Proof::default(),
        },
    }
}

impl Setup {
    /// Decides what must be the first of its number.
    pub async fn decide(&self, event: &ReleaseEvent) {
        let added = self.store.add_release(event).await;
        assert!(added.expect("an answer"), "{} is free", event.number);
    }

    /// Keeps a version.
    pub async fn keep(&self, version: &KeptVersion) {
        let kept = self.store.keep_version(version).await;
        kept.expect("the version is kept");
    }
}

/// A kept version.
pub async fn kept(store: &dyn WholeStore, id: &str) -> Option<KeptVersion> {
    let found = store.kept_version(&id.into()).await;
    found.expect("an answer")
}

/// The ids of all kept versions.
pub async fn kept_ids(store: &dyn WholeStore) -> Vec<PlaybookVersion> {
    store.kept_versions().await.expect("the ids are read")
}

/// The decisions behind a number.
pub async fn decided(store: &dyn WholeStore, after: u64) -> Vec<ReleaseEvent> {
    let found = store.releases(after).await;
    found.expect("the decisions are read")
}

/// Nothing is known of it, and that is no error.
pub async fn a_version_that_was_never_kept_is_none(world: Setup) {
    let store = world.store.as_ref();
    for _ in 0..2 {
        assert_eq!(kept(store, "a").await, None);
        world.keep(&version("b", "")).await;
    }
    assert_eq!(kept_ids(store).await, ["b".into()]);
    assert_eq!(decided(store, 0).await, []);
}

/// Whatever is kept under its id later.
pub async fn a_version_that_is_kept_stays_as_it_was(world: Setup) {
    let first = version("a", "first");
    world.keep(&first).await;
    world.keep(&version("a", "second")).await;
    let store = world.store.as_ref();
    assert_eq!(kept(store, "a").await, Some(first));
    assert_eq!(kept_ids(store).await, ["a".into()]);
}

/// Any text, in names as in sources, and a script of 300 kB; the ids in their order.
pub async fn scripts_come_back_word_for_word(world: Setup) {
    let large = "const GREETING = \"您好 🙂\";\r\n".repeat(12_000);
    assert!(large.len() > 300_000);
    let mut odd = version(NASTY, NASTY);
    NASTY.clone_into(&mut odd.scripts[1].name);
    NASTY.clone_into(&mut odd.scripts[1].file);
    let kept_ones = [
        version("b", &large),
        odd,
        version("B", ""),
        version("a", ""),
    ];
    for version in &kept_ones {
        world.keep(version).await;
    }
    let store = world.store.as_ref();
    for version in kept_ones {
        let found = kept(store, version.id.as_str()).await;
        assert!(found.as_ref() == Some(&version), "{}", version.id);
    }
    let mut ids = ["B", "a", NASTY, "b"].map(PlaybookVersion::from);
    ids.sort();
    assert_eq!(kept_ids(store).await, ids);
}

/// By number, not by name or by when they came; a number may be left out.
pub async fn decisions_come_in_order_and_only_those_behind_a_number(world: Setup) {
    for number in [10, 2, 1, 9, 30] {
        world.decide(&decision(number, "ann")).await;
    }
    let store = world.store.as_ref();
    for (after, expect) in [
        (0, &[1, 2, 9, 10, 30][..]),
        (1, &[2, 9, 10, 30]),
        (5, &[9, 10, 30]),
        (29, &[30]),
        (30, &[]),
        (u64::MAX, &[]),
    ] {
        let expect = expect.iter().map(|number| decision(*number, "ann"));
        let expect: Vec<_> = expect.collect();
        assert_eq!(decided(store, after).await, expect, "after {after}");
    }
}

/// The second is told, and the first stands; the same decision once more is a second one too.
pub async fn a_number_is_given_once(world: Setup) {
    let first = decision(1, "ann");
    world.decide(&first).await;
    for event in [decision(1, "bob"), first.clone()] {
        let added = world.store.add_release(&event).await;
        assert!(!added.expect("an answer"), "{}", event.author);
    }
    world.decide(&decision(2, "bob")).await;
    let all = [first, decision(2, "bob")];
    assert_eq!(decided(world.store.as_ref(), 0).await, all);
}

/// Exactly one of them, each time.
pub async fn of_two_who_decide_at_once_one_is_first(world: Setup) {
    let store = world.store.as_ref();
    race(store, store).await;
}

/// The same between two processes, or two connections.
pub async fn of_two_processes_that_decide_at_once_one_is_first(world: Setup) {
    let other = world.another().await;
    race(world.store.as_ref(), other.as_ref()).await;
    assert_eq!(
        decided(other.as_ref(), 0).await,
        decided(world.store.as_ref(), 0).await
    );
}

async fn race(left: &dyn WholeStore, right: &dyn WholeStore) {
    for number in 1..=20 {
        let (ann, bob) = (decision(number, "ann"), decision(number, "bob"));
        let (first, second) = tokio::join!(left.add_release(&ann), right.add_release(&bob));
        let winner = match (first.expect("an answer"), second.expect("an answer")) {
            (true, false) => ann,
            (false, true) => bob,
            both => unreachable!("{both:?} should be one who was first"),
        };
        assert_eq!(decided(left, number - 1).await, [winner]);
    }
}

/// What this build does not know of them would be lost; nor is a number given that none has.
pub async fn versions_and_decisions_of_a_newer_program_are_not_taken(world: Setup) {
    let newer = KeptVersion {
        format: RELEASE_FORMAT + 1,
        ..version("a", "")
    };
    let refused = world.store.keep_version(&newer).await;
    let error = refused.expect_err("it is refused");
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("playbook version a"), "{error}");
    for (number, format) in [(1, RELEASE_FORMAT + 1), (0, 1), (u64::MAX, 1)] {
        let odd = ReleaseEvent {
            format,
            ..decision(number, "ann")
        };
        let refused = world.store.add_release(&odd).await;
        let error = refused.expect_err("it is refused");
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&format!("decision {number} ")), "{text}");
    }
    assert_eq!(kept_ids(world.store.as_ref()).await, []);
    assert_eq!(decided(world.store.as_ref(), 0).await, []);
}

/// They are the company's, and hold nothing of a customer's.
pub async fn erasing_a_customer_leaves_versions_and_decisions(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    world.keep(&version("a", "")).await;
    world.decide(&decision(1, "ann")).await;
    assert!(world.store.erase(ann).await.expect("it can be erased"));
    assert_eq!(kept_ids(world.store.as_ref()).await, ["a".into()]);
    assert_eq!(decided(world.store.as_ref(), 0).await.len(), 1);
}

/// Both, for longer than anything else is kept.
pub async fn a_restart_keeps_versions_and_decisions(mut world: Setup) {
    let first = version("a", NASTY);
    world.keep(&first).await;
    let first_decision = decision(1, "ann");
    world.decide(&first_decision).await;
    world.clock.advance(Duration::from_hours(10_000));
    for _ in 0..2 {
        world.reopen().await;
        let store = world.store.as_ref();
        assert_eq!(kept(store, "a").await, Some(first.clone()));
        assert_eq!(kept_ids(store).await, ["a".into()]);
        assert_eq!(
            decided(store, 0).await,
            std::slice::from_ref(&first_decision)
        );
        let again = store.add_release(&decision(1, "bob")).await;
        assert!(!again.expect("an answer"), "its number is given");
    }
}
