//! What is made of a ledger, and what is told of a changed playbook.

use consultant_core::{ChannelName, Happening, InboundEvent, Language, MoveReason, Source};
use consultant_playbook::{Library, compile};
use uuid::Uuid;

use super::*;
use crate::{
    company::{self, Company},
    config::{CompanyFiles, Environment, Sources, load},
    house::{engine_settings, session_timeout},
};
use consultant_knowledge::SmallModels;

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn recorded(ledger: Vec<LedgerEvent>) -> Recorded {
    Recorded {
        conversation: ConversationId(Uuid::nil()),
        address: Address::new(ChannelName::Telegram, "7"),
        ledger,
    }
}

fn at(seconds: i64, what: Happening) -> LedgerEvent {
    LedgerEvent {
        at: second(seconds),
        what,
    }
}

fn began(seconds: i64, version: &str) -> LedgerEvent {
    let what = Happening::Began {
        playbook: version.into(),
        stage: "talk".to_owned(),
    };
    at(seconds, what)
}

fn answered(seconds: i64, version: &str, said: &str, replied: &str) -> LedgerEvent {
    from(seconds, (version, said, replied), Source::Playbook)
}

fn from(seconds: i64, (version, said, replied): (&str, &str, &str), source: Source) -> LedgerEvent {
    let what = Happening::Answered {
        inbound: Vec::new(),
        said: said.to_owned(),
        replied: replied.to_owned(),
        sources: vec![source],
        language: Language::EN,
        playbook: version.into(),
        trace: None,
    };
    at(seconds, what)
}

fn wording(seconds: i64, wording: &str) -> LedgerEvent {
    from(seconds, ("a", "", "…"), Source::Wording(wording.to_owned()))
}

/// What the customers of all talks did, talk by talk.
#[track_caller]
fn check_talks(ledger: Vec<LedgerEvent>, expect: &[&[&str]]) {
    let found = talks(&recorded(ledger), second(1_000_000));
    let told = |deed: &talks::Deed| match &deed.event {
        InboundEvent::Message { text, attachments } if attachments.is_empty() => text.clone(),
        InboundEvent::Command { command } => format!("/{}", command.name()),
        InboundEvent::Edited { text } => format!("edits {text}"),
        InboundEvent::Pressed { press } => format!("presses {press}"),
        other => format!("{other:?}").split(' ').next().unwrap().to_owned(),
    };
    let found: Vec<Vec<String>> = found
        .iter()
        .map(|talk| talk.deeds.iter().map(told).collect())
        .collect();
    assert_eq!(found, expect);
}

#[test]
fn a_conversation_is_split_where_it_began_anew() {
    let ledger = vec![
        began(1, "a"),
        answered(1, "a", "hi", "hello"),
        at(2, Happening::Reset),
        began(3, "b"),
        answered(3, "b", "me again", "hello"),
        began(90, "b"),
        answered(90, "b", "a month later", "hello"),
    ];
    check_talks(ledger, &[&["hi"], &["me again"], &["a month later"]]);
    // What an older program wrote.
    let ledger = vec![
        answered(1, "a", "hi", "hello"),
        at(2, Happening::Reset),
        answered(3, "a", "hi", "hello"),
    ];
    check_talks(ledger, &[&["hi"], &["hi"]]);
    check_talks(Vec::new(), &[]);
}

#[test]
fn what_had_no_words_is_told_by_what_came_of_it() {
    let text = || "still there?".to_owned();
    let ledger = vec![
        began(1, "a"),
        answered(1, "a", "", "hello"),
        wording(2, "help"),
        wording(3, "empty"),
        at(10, Happening::FollowedUp { text: text() }),
        answered(10, "a", "", "still there?"),
        wording(11, "snoozed"),
        at(12, Happening::Edited { text: text() }),
        wording(12, "edit_noticed"),
        at(13, Happening::Edited { text: text() }),
        answered(14, "a", "two", "yes"),
        wording(15, "unsupported"),
        at(16, Happening::Left),
    ];
    let expect: &[&[&str]] = &[&[
        "/start",
        "/help",
        "",
        "presses snooze",
        "edits still there?",
        "edits still there?",
        "two",
        "Unsupported",
        "Left",
    ]];
    check_talks(ledger, expect);
}

#[test]
fn what_was_said_by_itself_belongs_to_what_the_customer_did_before() {
    let text = "still there?".to_owned();
    let ledger = vec![
        began(1, "a"),
        answered(1, "a", "hi", "hello"),
        at(10, Happening::FollowedUp { text }),
        answered(10, "a", "", "still there?"),
        at(11, Happening::FollowUpsDeclined),
        answered(11, "a", "stop", "fine"),
        at(12, Happening::Reset),
        answered(13, "a", "hi", "hello"),
    ];
    let found = talks(&recorded(ledger), second(99));
    assert_eq!(found[0].deeds[0].replied, ["hello", "still there?"]);
    assert_eq!((found[0].until, found[1].until), (second(13), second(99)));
    // That a customer wants no follow-ups outlives a reset.
    assert_eq!(found[0].before, []);
    assert_eq!(found[1].before, [Happening::FollowUpsDeclined]);
}

/// A playbook that talks of lamps.
fn lamps(reply: &str) -> Arc<dyn Playbook> {
    let source = format!(
        "fn stages() {{ [stage(\"talk\", [\"offer\"]), stage(\"offer\", [\"talk\"])] }}\n\
         fn reply(turn) {{\n{reply}\n}}"
    );
    let compiled = compile("lamps.rhai", &source, &Library::empty());
    Arc::new(compiled.unwrap_or_else(|problems| panic!("{problems:#?}")))
}

fn stage(playbook: Arc<dyn Playbook>, languages: Vec<Language>) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let config = load(&Sources {
        environment: Environment::from_iter([("HOME", folder.path())]),
        config_file: None,
        working_dir: folder.path().to_owned(),
    })
    .unwrap();
    let demo = company::load(&CompanyFiles::Embedded, &SmallModels::default()).unwrap();
    Stage {
        company: Company { playbook, ..demo },
        trace: None,
        settings: engine_settings(&config),
        languages,
        session_timeout: session_timeout(&config),
        model: None,
    }
}

/// What is told of these conversations, with one playbook and with another one.
async fn replayed(before: &str, after: &str, ledgers: Vec<Vec<LedgerEvent>>) -> Replay {
    let (before, after) = (lamps(before), lamps(after));
    let stage = stage(after, vec![Language::EN]);
    let times = (second(0), second(1_000_000));
    let replayer = Arc::new(Replayer::new(Base::One(before), stage, times));
    let all = ledgers.into_iter().map(recorded).collect();
    let all = replay_all(&replayer, all, || ()).await;
    let sides = Sides {
        before: "a".to_owned(),
        after: "b".to_owned(),
    };
    Replay::new(second(0), sides).of(all)
}

fn talk(said: &[&str]) -> Vec<LedgerEvent> {
    let mut ledger = vec![began(1, "a")];
    let turns = said.iter().zip(1..);
    ledger.extend(turns.map(|(said, at)| answered(at, "a", said, "…")));
    ledger
}

const BEFORE: &str = r#"
    if turn.text == "price" { return [say(#{ en: `It is ${money(50)}.` })]; }
    if turn.text == "offer" { return [goto("offer"), say(#{ en: "Here you are." })]; }
    if turn.text == "help" { return [escalate("asked"), say(#{ en: "Somebody comes." })]; }
    if turn.text == "anything" { return [answer()]; }
    [say(#{ en: "Hello!" })]
"#;

async fn changes(from: &str, to: &str, said: &[&str]) -> Vec<String> {
    let after = BEFORE.replace(from, to);
    assert_ne!(after, BEFORE);
    let replay = replayed(BEFORE, &after, vec![talk(said)]).await;
    let found = replay.json();
    let found = found["changes"].as_array().unwrap().iter();
    let told = |it: &serde_json::Value| {
        let word = |key: &str| it[key].as_str().unwrap().to_owned();
        format!("{}: {}", word("kind"), word("what"))
    };
    found.map(told).collect()
}

#[tokio::test]
async fn exactly_what_changed_is_told() {
    let found = changes("money(50)", "money(45)", &["price", "bye"]).await;
    assert_eq!(found, ["price: 50 EUR -> 45 EUR"]);
    let found = changes("goto(\"offer\")", "goto(\"talk\")", &["offer"]).await;
    let expect = ["stage: offer -> talk", "action: goto offer -> goto talk"];
    assert_eq!(found, expect);
    let found = changes("escalate(\"asked\"), ", "", &["help"]).await;
    assert_eq!(found[0], "escalation: asked -> nothing");
    let found = changes("Hello!", "Good day!", &["x", "price"]).await;
    assert_eq!(found, ["reply: Hello! -> Good day!"]);
    let found = changes("[answer()]", "[answer(), goto(\"offer\")]", &["anything"]).await;
    assert_eq!(found[0], "stage: talk -> offer");
    assert_eq!(found.len(), 2, "the model's words are the same: {found:?}");
    let found = changes("Hello!\"", "Hello!\" + turn.faq[9].id", &["x"]).await;
    assert!(found[0].starts_with("failure: nothing -> "), "{found:?}");
}

#[tokio::test]
async fn a_first_difference_is_the_cause_and_what_is_behind_it_is_only_counted() {
    let after = BEFORE
        .replace("money(50)", "money(45)")
        .replace("Hello!", "Good day!");
    let all = vec![
        talk(&["price", "hi", "hi"]),
        talk(&["hi", "price"]),
        talk(&["offer"]),
    ];
    let replay = replayed(BEFORE, &after, all).await.json();
    assert_eq!(replay["conversations"], 3);
    assert_eq!(replay["unchanged"], 1);
    assert_eq!(replay["after_a_difference"], 3);
    let changes = replay["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    assert!(
        changes.iter().all(|it| it["conversations"] == 1),
        "{replay:#}"
    );
}

#[tokio::test]
async fn nothing_changes_where_the_playbook_is_the_same() {
    let replay = replayed(BEFORE, BEFORE, vec![talk(&["price", "anything", "offer"])]).await;
    let told = replay.render();
    assert!(told.contains("nothing comes out otherwise"), "{told}");
}

#[tokio::test]
async fn follow_ups_are_said_when_they_are_due_until_the_customer_speaks() {
    let later = BEFORE.replace(
        "[say(#{ en: \"Hello!\" })]",
        "[say(#{ en: \"Hello!\" }), follow_up(60, #{ en: \"Still there?\" })]",
    );
    let soon = vec![
        began(1, "a"),
        answered(1, "a", "hi", "…"),
        answered(1_800, "a", "price", "…"),
    ];
    let late = vec![
        began(1, "a"),
        answered(1, "a", "hi", "…"),
        answered(7_200, "a", "price", "…"),
    ];
    let replay = replayed(BEFORE, &later, vec![soon, late]).await.json();
    let words = |it: &&serde_json::Value| it["kind"] == "reply";
    let changes = replay["changes"].as_array().unwrap();
    let reply = changes.iter().find(words).unwrap();
    assert_eq!(
        (reply["conversations"].as_u64(), changes.len()),
        (Some(1), 2)
    );
    let after = reply["examples"][0]["after"].as_str().unwrap();
    assert!(after.contains("Still there?"), "{replay:#}");
}

#[tokio::test]
async fn a_customer_is_masked_in_examples() {
    let after = BEFORE
        .replace("Hello!", "Hello! I note: ${turn.text}")
        .replace(
            "\"Hello! I note: ${turn.text}\"",
            "`Hello! I note: ${turn.text}`",
        );
    let said = ["I am ann@example.org, +49 30 1234567"];
    let told = replayed(BEFORE, &after, vec![talk(&said)]).await.render();
    assert!(
        !told.contains("example.org") && !told.contains("1234567"),
        "{told}"
    );
    assert!(told.contains("customer: I am [email], [phone]"), "{told}");
}

#[tokio::test]
async fn each_is_compared_with_the_versions_that_answered_it() {
    let (a, b) = (lamps(BEFORE), lamps(&BEFORE.replace("Hello!", "Good day!")));
    let (first, second_one) = (a.version().clone(), b.version().clone());
    let versions = Versions::from([
        (first.clone(), Some(Arc::clone(&a))),
        (second_one.clone(), Some(Arc::clone(&b))),
    ]);
    let disclosed = disclosure();
    let moved = Happening::Moved {
        from: first.clone(),
        to: second_one.clone(),
        why: MoveReason::Recalled,
    };
    let ledger = vec![
        began(1, first.as_str()),
        answered(1, first.as_str(), "hi", &format!("{disclosed}\nHello!")),
        at(2, moved),
        answered(2, second_one.as_str(), "hi", "Good day!"),
    ];
    let all = vec![recorded(ledger.clone()), recorded(talk(&["hi"]))];
    assert_eq!(all[0].versions(second(0)).len(), 2);
    assert_eq!(all[0].versions(second(2)).len(), 0);
    let stage = stage(a, vec![]);
    let times = (second(0), second(100));
    let replayer = Arc::new(Replayer::new(Base::Recorded(versions), stage, times));
    let all = replay_all(&replayer, all, || ()).await;
    let sides = Sides {
        before: "recorded".to_owned(),
        after: "a".to_owned(),
    };
    let replay = Replay::new(second(0), sides).of(all);
    let told = replay.json();
    assert_eq!(told["left_out"]["without_version"], 1);
    assert_eq!(told["otherwise_than_recorded"]["turns"], 0, "{told:#}");
    assert_eq!(told["changes"][0]["what"], "Good day! -> Hello!");
    assert_eq!(told["changes"][0]["examples"][0]["turn"], 2);
}

/// What a conversation of the demo company begins with.
fn disclosure() -> String {
    consultant_core::wording::disclosure(Language::EN, "Lumen & Loft")
}

#[tokio::test]
async fn people_read_how_much_changes_and_examples() {
    let after = BEFORE
        .replace("money(50)", "money(45)")
        .replace("goto(\"offer\"), ", "");
    let all = vec![
        talk(&["price", "hi"]),
        talk(&["price", "hi"]),
        talk(&["offer", "hi", "price"]),
        talk(&["hi"]),
    ];
    insta::assert_snapshot!(replayed(BEFORE, &after, all).await.render());
}
