//! Teams at a desk: who is in, how long a wait is said to be, who is asked next, what is put off, and
//! what is learned from what people answer.

use consultant_core::{
    Address, BusinessHours, ChannelName, Command, Happening, InboundEvent, OpenFor, Owner,
    desk::{InVain, NextTeam},
};
use consultant_tests::office::{CUSTOMER, Office, TELEGRAM_DESK, wrote};
use jiff::{civil::Time, tz::TimeZone};

use crate::releases;

/// The newest lines of the newest room of a desk.
fn newest_lines(office: &Office, channel: ChannelName, count: usize) -> Vec<String> {
    let room = office.rooms(channel).into_values().last().unwrap();
    let lines = room.into_iter().rev().take(count).map(|it| it.text);
    lines.collect::<Vec<_>>().into_iter().rev().collect()
}

const PERSON: &str = "I want to talk to a person";

#[tokio::test]
async fn where_everybody_is_away_the_customer_is_told_so() {
    let office = Office::default();
    let here = TELEGRAM_DESK;
    // In the room where all of the team talk.
    for (user, word) in [
        ("501", "/away"),
        ("502", "/away 50 min"),
        ("503", "/away 2h"),
    ] {
        let person = office.person(ChannelName::Telegram, user);
        let word = wrote(word.to_owned(), None);
        person.does_at(here, user, word).await;
    }
    let told = office.telegram.at(here);
    let told: Vec<String> = told.into_iter().map(|it| it.text).collect();
    insta::assert_snapshot!(told.join("\n--\n"), @r#"
    Mia is away until they write /in. In now: Tom, Ken, Ann.
    --
    Tom is away for 50 minutes. In now: Ken, Ann.
    --
    Ken is away for 2 hours. In now: Ann.
    "#);
    let said = office.customer("1", PERSON).await;
    insta::assert_snapshot!(said.join("\n--\n"), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    None of my colleagues is at their desk right now. Write here what they should know: it is kept, and they answer here.
    "#);
    office.mia().writes("d1", "/in").await;
    office.mia().presses("desk:close").await;
    let said = office.customer("2", PERSON).await;
    insta::assert_snapshot!(said.join("\n--\n"), @r#"Of course. A colleague will write to you here."#);
}

#[tokio::test]
async fn when_all_who_are_away_said_until_when_that_is_told() {
    let office = Office::default();
    for (user, word) in [
        ("501", "/away 90"),
        ("502", "/away 50"),
        ("503", "/away 2h"),
    ] {
        let person = office.person(ChannelName::Telegram, user);
        let word = wrote(word.to_owned(), None);
        person.does_at(TELEGRAM_DESK, user, word).await;
    }
    let said = office.customer("1", PERSON).await;
    insta::assert_snapshot!(said.join("\n--\n"), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    None of my colleagues is at their desk right now; the first is back in about 50 minutes. Write here what they should know: it is kept, and they answer here.
    "#);
    office.mia().presses("desk:close").await;
    office.passes(51).await;
    let said = office.customer("2", PERSON).await;
    assert_eq!(said.len(), 1);
    assert!(!said[0].contains("at their desk"), "Tom is back: {said:?}");
}

#[tokio::test]
async fn a_stranger_can_neither_be_away_nor_in() {
    let office = Office::default();
    let stranger = office.person(ChannelName::Telegram, "666");
    let word = wrote("/away".to_owned(), None);
    stranger.does_at(TELEGRAM_DESK, "d1", word).await;
    let told = office.telegram.at(TELEGRAM_DESK);
    assert!(told[0].text.starts_with("You may not do that"), "{told:?}");
    let marks = office.store.bookmarks("desk:away").await.unwrap();
    assert_eq!(marks, []);
}

#[tokio::test]
async fn a_wait_is_foretold_from_what_customers_had_lately() {
    let office = Office::default();
    let mut said = Vec::new();
    for number in 0..6 {
        said = office.customer(&format!("{number}"), PERSON).await;
        office.passes(3).await;
        office.mia().presses("desk:take").await;
        office.mia().presses("desk:close").await;
    }
    insta::assert_snapshot!(said.join("\n--\n"), @r#"
    Of course. A colleague will write to you here.
    Lately somebody was there within 3 minutes, most of the time.
    "#);
}

#[tokio::test]
async fn a_team_has_hours_of_its_own() {
    let office = Office::default();
    office.works_otherwise(|desks| {
        let team = desks.teams.get_mut("service").unwrap();
        team.hours = Some(BusinessHours {
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
            open: vec![OpenFor {
                weekday: 7,
                from: Time::constant(9, 0, 0, 0),
                until: Time::constant(12, 0, 0, 0),
            }],
            closed: [].into(),
        });
    });
    // The demo's rule calls the service.
    let said = office
        .customer("1", "this is ridiculous, a waste of time")
        .await;
    insta::assert_snapshot!(said.join("\n--\n"), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    I am sorry, I cannot answer that right now. I have told a colleague, who will get back to you.
    I'm sorry that this is going badly. A colleague will write to you here.
    Nobody is in at the moment; my colleagues are back on 6 January 2030 at 09:00. Your message is kept for them.
    "#);
    // Nothing happens before the team is in.
    office.passes(60 * 20).await;
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
}

#[tokio::test]
async fn where_nobody_of_a_team_comes_the_next_one_is_asked_at_its_own_desk() {
    let office = Office::default();
    office.works_otherwise(|desks| {
        let team = desks.teams.get_mut("service").unwrap();
        team.next = Some(NextTeam {
            team: "sales".to_owned(),
            after_minutes: 8,
        });
    });
    office
        .customer("1", "this is ridiculous, a waste of time")
        .await;
    office.passes(7).await;
    assert_eq!(office.rooms(ChannelName::Telegram).len(), 0);
    office.passes(1).await;
    let room = newest_lines(&office, ChannelName::Discord, 1);
    assert_eq!(
        room,
        ["⏰ Nobody of the team service took it: the team sales is asked now."]
    );
    insta::assert_snapshot!(office.room(), @r#"
    [🔴 The customer sounds angry · ….]
    Why: The customer sounds angry
    Priority: urgent
    Team: service
    Customer: telegram, en
    Stage: greet
    👤 this is ridiculous, a waste of time
    🤖 Hello! I am the AI assistant of Lumen & Loft (not a person). I am sorry, I cannot answer that right now. I have told a colleague, who will get back to you. I'm sorry that this is going badly. A collea
    --
    ⏰ Nobody of the team service took it: the team sales is asked now.
    "#);
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
    office.mia().writes("d1", "Good day, I am sorry!").await;
    let seen = office.seen_by_customer();
    assert_eq!(seen.last().unwrap(), "Good day, I am sorry!");
    let asked = Happening::Sorted {
        by: None,
        priority: consultant_core::Priority::Urgent,
        team: Some("sales".to_owned()),
    };
    assert!(office.happened().await.contains(&asked));
}

#[tokio::test]
async fn who_waited_in_vain_can_leave_word_and_goes_on_waiting() {
    for (then, number) in [(InVain::Message, 1), (InVain::Callback, 2)] {
        let office = Office::default();
        office.works_otherwise(|desks| desks.waiting.then = then);
        office.customer("1", PERSON).await;
        office.passes(61).await;
        let told = office.seen_by_customer().pop().unwrap();
        insta::assert_snapshot!(format!("told_in_vain_{number}"), told);
        assert!(matches!(office.owner().await, Owner::Waiting { .. }));
        let said = office.customer("2", "my number is in the profile").await;
        assert_eq!(
            said,
            ["I have passed that on. A colleague will answer you here."]
        );
        let room = newest_lines(&office, ChannelName::Telegram, 3);
        assert_eq!(room[1], "👤 my number is in the profile");
        let in_vain = Happening::WaitedInVain { then };
        assert!(office.happened().await.contains(&in_vain));
        office.passes(600).await;
        assert_eq!(office.seen_by_customer().len(), 3, "it is said once");
    }
}

#[tokio::test]
async fn what_is_put_off_rests_until_then() {
    let office = Office::default();
    office.customer("1", PERSON).await;
    office.mia().writes("d1", "/snooze 2h").await;
    office.passes(119).await;
    let room = newest_lines(&office, ChannelName::Telegram, 1);
    assert_eq!(room, ["Put off: I remind you here in 2 hours."]);
    office.passes(1).await;
    let room = newest_lines(&office, ChannelName::Telegram, 1);
    assert_eq!(
        room,
        ["⏰ This was put off until now: please look at it again."]
    );
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
    office.passes(61).await;
    assert_eq!(office.owner().await, Owner::Bot, "it was waited for anew");
}

#[tokio::test]
async fn what_is_put_off_and_closed_comes_back_no_more() {
    let office = Office::default();
    office.customer("1", PERSON).await;
    office.mia().presses("desk:take").await;
    office.mia().writes("d1", "/snooze 30").await;
    office.mia().presses("desk:close").await;
    let before = office.room();
    office.passes(31).await;
    assert_eq!(office.room(), before);
}

/// Questions and answers that Mia proposed, by customers who agreed to that.
async fn proposed(office: &Office) -> Vec<(String, String)> {
    let happened = office.happened().await.into_iter();
    let proposed = happened.filter_map(|it| match it {
        Happening::AnswerProposed {
            by,
            question,
            answer,
            agreed,
            ..
        } => {
            assert!(by.as_str() == "mia" && agreed);
            Some((question, answer))
        }
        _ => None,
    });
    proposed.collect()
}

#[tokio::test]
async fn an_answer_is_proposed_for_the_reviewed_ones() {
    let office = Office::default();
    office.works_otherwise(|desks| desks.customers_agreed = true);
    office.customer("1", PERSON).await;
    office.mia().writes("d1", "/faq").await;
    office.mia().presses("desk:take").await;
    office.customer("2", "can I have it engraved?").await;
    office.mia().writes("d2", "Yes, for 12 EUR.").await;
    office.mia().writes("d3", "It takes a week.").await;
    office.mia().writes("d4", "/faq").await;
    office
        .mia()
        .writes("d5", "/faq Do you engrave lamps?")
        .await;
    office
        .mia()
        .writes("d6", "/faq Do you engrave lamps?")
        .await;
    insta::assert_snapshot!(newest_lines(&office, ChannelName::Telegram, 3).join("\n--\n"), @r#"
    Proposed for review:
    Q: can I have it engraved?
    A: Yes, for 12 EUR.
    It takes a week.
    --
    Proposed for review:
    Q: Do you engrave lamps?
    A: Yes, for 12 EUR.
    It takes a week.
    --
    Proposed for review:
    Q: Do you engrave lamps?
    A: Yes, for 12 EUR.
    It takes a week.
    "#);
    let answer = "Yes, for 12 EUR.\nIt takes a week.".to_owned();
    assert_eq!(
        proposed(&office).await,
        [
            ("can I have it engraved?".to_owned(), answer.clone()),
            ("Do you engrave lamps?".to_owned(), answer),
        ]
    );
    assert!(
        !office
            .seen_by_customer()
            .iter()
            .any(|it| it.contains("faq"))
    );
}

#[tokio::test]
async fn a_likely_answer_is_suggested_and_sent_by_a_press() {
    let playbook = "fn stages() { [stage(\"talk\", [])] }\n\
         fn reply(turn) { [escalate(\"everything is for people\")] }\n";
    let office = Office::of(releases::company(playbook));
    office.customer("1", "What are the shipping costs?").await;
    insta::assert_snapshot!(office.room(), @r#"
    [everything is for people · ….]
    Why: everything is for people
    Priority: normal
    Customer: telegram, en
    Stage: talk
    Suggested: A parcel costs 4.90 EUR, furniture 29 EUR per order. From an order value of 150 EUR parcels travel free of charge.
    👤 What are the shipping costs?
    🤖 Hello! I am the AI assistant of Lumen & Loft (not a person).
    "#);
    let room = office
        .rooms(ChannelName::Telegram)
        .into_values()
        .last()
        .unwrap();
    assert_eq!(room[0].buttons[0], "Send the suggestion");
    let before = office.seen_by_customer().len();
    office.mia().presses("desk:send").await;
    office.mia().presses("desk:send").await;
    insta::assert_snapshot!(office.seen_by_customer().split_off(before).join("\n--\n"), @r#"
    Mia from Lumen & Loft is with you now.
    --
    A parcel costs 4.90 EUR, furniture 29 EUR per order. From an order value of 150 EUR parcels travel free of charge.
    "#);
    let told = newest_lines(&office, ChannelName::Telegram, 1);
    assert_eq!(
        told,
        ["No reply is suggested here, or it was sent already."]
    );
}

#[tokio::test]
async fn who_may_erase_has_all_of_a_customer_forgotten() {
    let office = Office::default();
    let customer = Address::new(ChannelName::Telegram, CUSTOMER);
    office.customer("1", PERSON).await;
    let ken = office.person(ChannelName::Telegram, "503");
    ken.writes("d1", "/erase yes").await;
    office.passes(1).await;
    assert!(office.store.at(&customer).await.unwrap().is_some());
    office.mia().writes("d2", "/erase").await;
    office.passes(1).await;
    assert!(office.store.at(&customer).await.unwrap().is_some());
    office.mia().writes("d3", "/erase yes").await;
    let told = newest_lines(&office, ChannelName::Telegram, 1);
    assert!(told[0].starts_with("All of it is forgotten"), "{told:?}");
    // Neither beginning anew nor leaving takes that back.
    let command = Command::Reset;
    let anew = InboundEvent::Command { command };
    office.customer_does("r", anew).await;
    office.passes(1).await;
    assert_eq!(office.store.at(&customer).await.unwrap(), None);
    assert_eq!(office.store.conversations(None, 9).await.unwrap(), []);
    let said = office.customer("2", "hello").await;
    assert!(
        said[0].starts_with("Hello! I am the AI assistant"),
        "{said:?}"
    );
    assert_eq!(office.owner().await, Owner::Bot);
}
