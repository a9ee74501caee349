//! What a running house does with versions: nobody's conversation is begun anew.

use consultant_core::{Happening, MoveReason, PlaybookVersion, Proof, ReleaseStep};
use consultant_tests::room::{OnScreen, Room, published};

use super::{company, company_of, greeting};

#[track_caller]
fn check(seen: &[OnScreen], words: &str) {
    let texts: Vec<&str> = seen.iter().map(|it| it.text.as_str()).collect();
    assert!(texts.concat().contains(words), "{words}: {texts:?}");
}

fn back(version: PlaybookVersion) -> ReleaseStep {
    ReleaseStep::RolledBack {
        from: version.clone(),
        to: version,
        recalled: false,
    }
}

fn half(version: PlaybookVersion) -> ReleaseStep {
    ReleaseStep::TrialBegan {
        version,
        percent: 50,
        judged_after_minutes: 60,
        proof: Proof::default(),
    }
}

#[tokio::test]
async fn a_conversation_stays_with_its_version_and_the_next_one_gets_the_new_one() {
    let (old, new) = (
        company(&greeting("Old words")),
        company(&greeting("New words")),
    );
    let (room, served) = Room::publishing(&old).await;
    check(&room.hears("1", "hello").await, "Old words");
    room.decides(&new, published).await;
    // Before this process knows of it, and after.
    check(&room.hears("1", "hello").await, "Old words");
    assert_eq!(served.follow().await.unwrap().len(), 1);
    check(&room.hears("1", "hello").await, "Old words");
    check(&room.hears("2", "hello").await, "New words");
    // Whoever begins anew gets what is live.
    room.resets("1").await;
    check(&room.hears("1", "hello").await, "New words");
    room.decides(&old, back).await;
    served.follow().await.unwrap();
    check(&room.hears("3", "hello").await, "Old words");
    check(&room.hears("2", "hello").await, "New words");
}

#[tokio::test]
async fn a_version_takes_over_what_its_migrate_wants_and_asks_once() {
    let old = company(&greeting("Old words"));
    let new = company(
        "fn stages() { [stage(\"greet\", [\"advise\"]), stage(\"advise\", []).last()] }\n\
         fn migrate(from, session) {\n\
         \x20   if session.stage != \"talk\" { return (); }\n\
         \x20   [goto(\"advise\"), set(\"came_from\", from), tag(\"moved\")]\n\
         }\n\
         fn reply(turn) {\n\
         \x20   [say(#{ en: `New words in ${turn.stage}, was ${turn.slots.came_from}`, zh: \"新\" })]\n\
         }\n",
    );
    let (room, served) = Room::publishing(&old).await;
    check(&room.says("1", "hello").await, "Old words");
    room.decides(&new, published).await;
    served.follow().await.unwrap();
    let words = format!("New words in advise, was {}", old.kept.id);
    check(&room.says("2", "hello").await, &words);
    let happened = room.happened().await;
    let moved = Happening::Moved {
        from: old.kept.id.clone(),
        to: new.kept.id.clone(),
        why: MoveReason::Migrated,
    };
    assert!(happened.contains(&moved), "{happened:#?}");
    let changed = Happening::StageChanged {
        from: "talk".to_owned(),
        to: "advise".to_owned(),
    };
    assert!(happened.contains(&changed), "{happened:#?}");
}

/// Takes over whatever comes, and greets with these words.
fn grasping(words: &str) -> String {
    format!(
        "fn migrate(from, session) {{ [tag(\"taken over\")] }}\n{}",
        greeting(words)
    )
}

#[tokio::test]
async fn what_one_went_back_to_and_what_is_on_trial_take_nothing_over() {
    let (old, new) = (
        company(&grasping("Old words")),
        company(&grasping("New words")),
    );
    let (room, served) = Room::publishing(&old).await;
    check(&room.hears("1", "hello").await, "Old words");
    room.decides(&new, |version| ReleaseStep::TrialBegan {
        version,
        percent: 99,
        judged_after_minutes: 60,
        proof: Proof::default(),
    })
    .await;
    served.follow().await.unwrap();
    check(&room.hears("1", "hello").await, "Old words");
    room.decides(&new, |version| ReleaseStep::TrialPromoted { version })
        .await;
    served.follow().await.unwrap();
    check(&room.hears("1", "hello").await, "New words");
    check(&room.hears("2", "hello").await, "New words");
    room.decides(&old, back).await;
    served.follow().await.unwrap();
    check(&room.hears("2", "hello").await, "New words");
    check(&room.hears("3", "hello").await, "Old words");
}

#[tokio::test]
async fn a_version_that_needs_other_facts_than_the_process_has_serves_nobody() {
    let old = company(&greeting("Old words"));
    let names_it = format!(
        "{}fn unused() {{ product(\"halo-lamp\") }}\n",
        greeting("New words")
    );
    let new = company_of(
        |facts| facts.replace("desk-lamp", "halo-lamp"),
        (&names_it, None),
    );
    let (room, served) = Room::publishing(&old).await;
    room.decides(&new, published).await;
    served.follow().await.unwrap();
    assert_eq!(served.live(), old.kept.id);
    check(&room.hears("1", "hello").await, "Old words");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_conversation_where_it_is_and_is_noted_once() {
    let old = company(&greeting("Old words"));
    let wrong = [
        ("[goto(\"greet\"), say(\"Hi\")]", "cannot `say`"),
        ("throw \"no idea\"", "no idea"),
        ("loop { }", ""),
        ("[]", "leaves the conversation in the stage `talk`"),
        ("1", "must return a list"),
    ];
    for (body, reason) in wrong {
        let new = format!(
            "fn stages() {{ [stage(\"greet\", [])] }}\n\
             fn migrate(from, session) {{ {body} }}\n\
             fn reply(turn) {{ [say(#{{ en: \"New words\", zh: \"新\" }})] }}\n"
        );
        let new = company(&new);
        let (room, served) = Room::publishing(&old).await;
        room.says("1", "hello").await;
        room.decides(&new, published).await;
        served.follow().await.unwrap();
        check(&room.says("2", "hello").await, "Old words");
        check(&room.says("3", "hello").await, "Old words");
        let happened = room.happened().await;
        let noted = happened.iter().filter_map(|it| match it {
            Happening::NotMoved { reason, .. } => Some(reason.as_str()),
            _ => None,
        });
        let noted: Vec<&str> = noted.collect();
        assert_eq!(noted.len(), 1, "{body}: {noted:?}");
        assert!(noted[0].contains(reason), "{body}: {noted:?}");
    }
}

#[tokio::test]
async fn what_is_recalled_is_gone_on_with_by_what_is_live_and_the_stage_is_kept() {
    let (old, new) = (
        company(&greeting("Old words")),
        company(&greeting("New words")),
    );
    let (room, served) = Room::publishing(&old).await;
    room.decides(&new, published).await;
    served.follow().await.unwrap();
    check(&room.says("1", "hello").await, "New words");
    room.decides(&new, |version| ReleaseStep::RolledBack {
        to: PlaybookVersion::from("not kept"),
        from: version,
        recalled: true,
    })
    .await;
    served.follow().await.unwrap();
    // What one went back to is not there: the last good one goes on, for everybody.
    check(&room.says("2", "hello").await, "New words");
    room.decides(&old, published).await;
    served.follow().await.unwrap();
    check(&room.says("3", "hello").await, "Old words");
    let happened = room.happened().await;
    let moved = |it: &&Happening| {
        matches!(
            it,
            Happening::Moved {
                why: MoveReason::Recalled,
                ..
            }
        )
    };
    assert_eq!(happened.iter().filter(moved).count(), 1, "{happened:#?}");
    let began = |it: &&Happening| matches!(it, Happening::Began { .. });
    assert_eq!(happened.iter().filter(began).count(), 1, "{happened:#?}");
    let stages = |it: &&Happening| matches!(it, Happening::StageChanged { .. });
    assert_eq!(happened.iter().filter(stages).count(), 1, "{happened:#?}");
}

#[tokio::test]
async fn a_trial_gives_its_version_to_a_share_and_a_customer_always_falls_the_same_way() {
    let (old, new) = (
        company(&greeting("Old words")),
        company(&greeting("New words")),
    );
    let (room, served) = Room::publishing(&old).await;
    room.decides(&new, half).await;
    served.follow().await.unwrap();
    let mut got = Vec::new();
    for customer in 0..40 {
        let place = customer.to_string();
        let first = room.hears(&place, "hello").await[0].text.clone();
        room.resets(&place).await;
        let again = room.hears(&place, "hello").await[0].text.clone();
        assert_eq!(first, again, "customer {place}");
        got.push(first.contains("New words"));
    }
    let tried = got.iter().filter(|it| **it).count();
    assert!((8..=32).contains(&tried), "{tried} of 40");
    room.decides(&new, |version| ReleaseStep::TrialStopped {
        version,
        recalled: false,
    })
    .await;
    served.follow().await.unwrap();
    let tried = got.iter().position(|it| *it).unwrap().to_string();
    check(&room.hears(&tried, "hello").await, "New words");
    check(&room.hears("new", "hello").await, "Old words");
}
