//! People at a desk: they are called, take a conversation over, write to its customer, leave notes,
//! hand it back and end it; and the bot is silent while one of them has it.

use consultant_core::{Address, ChannelName, InboundEvent, Owner, desk::DeskEvent};
use consultant_tests::{
    office::{CUSTOMER, Office, TELEGRAM_DESK, without_the_short_name, wrote},
    wall::Message,
};

/// What stands in the newest room of a desk.
fn newest(office: &Office, channel: ChannelName) -> Vec<Message> {
    office.rooms(channel).into_values().last().unwrap()
}

#[tokio::test]
async fn a_person_takes_over_answers_and_hands_back() {
    let office = Office::default();
    let said = office.customer("1", "I want to talk to a person").await;
    insta::assert_snapshot!(said.join("\n--\n"), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    "#);
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));

    office.mia().presses("desk:take").await;
    assert_eq!(office.owner().await.agent().unwrap().as_str(), "mia");
    assert!(
        office
            .customer("2", "how much is the Halo lamp?")
            .await
            .is_empty()
    );

    office
        .mia()
        .writes("d1", "The Halo is 89 EUR, and I can keep one for you.")
        .await;
    office.mia().writes("d2", "// he sounds tired").await;
    office.mia().writes("d3", "/bakc").await;
    office.mia().writes("d4", "/back knows the price").await;
    let said = office.customer("3", "what does delivery cost?").await;
    assert_eq!(said.len(), 1, "the bot answers again: {said:?}");
    assert_eq!(office.owner().await, Owner::Bot);
    insta::assert_snapshot!(office.seen_by_customer().join("\n--\n"), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    --
    Mia from Lumen & Loft is with you now.
    --
    The Halo is 89 EUR, and I can keep one for you.
    --
    My colleague has handed the conversation back to me, the AI assistant. What else can I do for you?
    --
    A parcel costs 4.90 EUR, furniture 29 EUR per order. From an order value of 150 EUR parcels travel free of charge.
    "#);
    insta::assert_snapshot!(office.room(), @r#"
    [The customer asks for a person · ….]
    Why: The customer asks for a person
    Priority: normal
    Customer: telegram, en
    Stage: greet
    👤 I want to talk to a person
    🤖 Hello! I am the AI assistant of Lumen & Loft (not a person). Of course. A colleague will write to you here.
    --
    Mia has the conversation now; the bot is silent.
    --
    👤 how much is the Halo lamp?
    --
    /bakc is no command; nothing was sent. What you write goes to the customer; // begins a note that stays here. /take takes the conversation, /back [note] gives it to the bot, /close ends it, /priority low|normal|high|urgent, /team NAME, /to COLLEAGUE, /snooze 30m reminds you later, /away [30m] and /in say whether you are there, /faq [QUESTION] proposes your answer for the reviewed ones, /send sends what the card suggests, /erase forgets the customer, /why tells why the bot answered so.
    --
    Mia gave the conversation back to the bot.
    "#);
}

#[tokio::test]
async fn a_note_never_reaches_the_customer_and_a_stranger_does_nothing() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    let before = office.seen_by_customer();
    office.mia().writes("d1", "//secret").await;
    office.mia().writes("d2", "／／secret").await;
    let stranger = office.person(ChannelName::Telegram, "666");
    stranger.writes("d3", "/take").await;
    stranger.writes("d4", "hello customer").await;
    stranger.presses("desk:close").await;
    assert_eq!(office.seen_by_customer(), before);
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
    let ken = office.person(ChannelName::Telegram, "503");
    ken.writes("d5", "I may take, and not write").await;
    assert_eq!(office.seen_by_customer(), before);
    insta::assert_snapshot!(office.room(), @r#"
    [The customer asks for a person · ….]
    Why: The customer asks for a person
    Priority: normal
    Customer: telegram, en
    Stage: greet
    👤 I want to talk to a person
    🤖 Hello! I am the AI assistant of Lumen & Loft (not a person). Of course. A colleague will write to you here.
    --
    You may not do that here. Whoever runs the bot can allow it in desk.agents of the config.
    --
    You may not do that here. Whoever runs the bot can allow it in desk.agents of the config.
    --
    You may not do that here. Whoever runs the bot can allow it in desk.agents of the config.
    "#);
}

#[tokio::test]
async fn what_is_changed_or_taken_back_is_so_on_the_other_side() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.mia().writes("d1", "It costs 98 EUR").await;
    let text = "It costs 89 EUR".to_owned();
    office.mia().does("d1", DeskEvent::Rewrote { text }).await;
    office.mia().writes("d2", "and it is blue").await;
    office.mia().does("d2", DeskEvent::TookBack).await;
    office.mia().writes("d3", "it is black").await;
    let text = "// it is black".to_owned();
    office.mia().does("d3", DeskEvent::Rewrote { text }).await;
    insta::assert_snapshot!(office.seen_by_customer().split_off(2).join("\n--\n"), @r#"It costs 89 EUR"#);

    office.customer("2", "blakc?").await;
    let text = "black?".to_owned();
    let edit = InboundEvent::Edited { text };
    office.customer_does("2", edit).await;
    let room = newest(&office, ChannelName::Telegram);
    assert_eq!(room.last().unwrap().text, "👤 black? (edited)");

    // The bot and the next card read what the customer has.
    office.mia().presses("desk:close").await;
    office.customer("3", "I want to talk to a person").await;
    let card = office.room();
    assert!(card.contains("🧑‍💼 It costs 89 EUR"), "{card}");
    for gone in ["98 EUR", "it is blue", "it is black"] {
        assert!(!card.contains(gone), "{gone}: {card}");
    }
}

#[tokio::test]
async fn a_room_is_closed_with_its_conversation_and_opened_anew() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    let room = office.rooms(ChannelName::Telegram).into_keys().next();
    let room = room.unwrap();
    let now = || {
        let (title, is_open) = office.telegram.room(&room);
        let (why, _) = title.split_once(" · ").unwrap();
        (why.to_owned(), is_open)
    };
    let why = "The customer asks for a person".to_owned();
    assert_eq!(now(), (why.clone(), true));
    office.mia().writes("d1", "/priority urgent").await;
    assert_eq!(now(), (format!("🔴 {why}"), true));
    office.mia().presses("desk:close").await;
    assert_eq!(now(), (format!("🔴 {why}"), false));
    office.customer("2", "I want to talk to a person").await;
    assert_eq!(now(), (why.clone(), true));
    office.mia().presses("desk:close").await;
    office.customer("3", "how much is the Halo lamp?").await;
    assert_eq!(now(), (why.clone(), false), "the bot answers that alone");
    office.mia().presses("desk:take").await;
    assert_eq!(now(), (why, true));
}

#[tokio::test]
async fn what_a_customer_answers_is_shown_at_the_desk() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.mia().writes("d1", "Black or oak?").await;
    office.customer("2", "how heavy is it?").await;
    let seen = office.telegram.at("7");
    let asked = seen.iter().find(|it| it.text == "Black or oak?").unwrap();
    office.customer_answers("3", &asked.receipt, "black").await;
    office
        .customer_answers("4", "2", "the oak one, I mean")
        .await;
    let room = newest(&office, ChannelName::Telegram);
    let quote = |text: &str| {
        let line = room.iter().find(|it| it.text == text).unwrap();
        line.quote.clone().unwrap()
    };
    assert_eq!(quote("👤 black"), "d1");
    let heavy = room.iter().find(|it| it.text == "👤 how heavy is it?");
    assert_eq!(quote("👤 the oak one, I mean"), heavy.unwrap().receipt);
}

#[tokio::test]
async fn what_was_said_can_be_changed_after_a_person_was_called_again() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.mia().writes("d1", "It costs 98 EUR").await;
    office.mia().writes("d2", "/back").await;
    office.customer("2", "I want to talk to a person").await;
    let text = "It costs 89 EUR".to_owned();
    office.mia().does("d1", DeskEvent::Rewrote { text }).await;
    let seen = office.seen_by_customer();
    assert_eq!(seen[2], "It costs 89 EUR", "{seen:?}");
}

#[tokio::test]
async fn an_answer_to_a_message_answers_it_on_the_other_side() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.customer("2", "is it heavy?").await;
    office.customer("3", "and is it tall?").await;
    let room = newest(&office, ChannelName::Telegram);
    let heavy = room.iter().find(|it| it.text == "👤 is it heavy?").unwrap();
    office.mia().answers("d1", &heavy.receipt, "2 kg").await;
    let seen = office.telegram.at("7");
    let answer = seen.iter().find(|it| it.text == "2 kg").unwrap();
    assert_eq!(answer.quote.as_deref(), Some("2"));
}

#[tokio::test]
async fn a_conversation_goes_to_a_desk_of_another_platform() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.mia().writes("d1", "/team service").await;
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
    office.customer("2", "hello?").await;
    let tom = office.person(ChannelName::Discord, "602");
    tom.writes("e1", "Good day").await;
    tom.writes("e2", "/close").await;
    assert!(matches!(office.owner().await, Owner::Closed { .. }));
    let said = office.customer("3", "what does delivery cost?").await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(office.owner().await, Owner::Bot);
    let rooms = newest(&office, ChannelName::Discord);
    let texts: Vec<_> = rooms.into_iter().map(|it| it.text).collect();
    let shown = without_the_short_name(&texts.join("\n--\n"));
    insta::assert_snapshot!(shown, @r#"
    [The customer asks for a person · ….]
    Why: The customer asks for a person
    Priority: normal
    Customer: telegram, en
    Stage: greet
    👤 I want to talk to a person
    🤖 Hello! I am the AI assistant of Lumen & Loft (not a person). Of course. A colleague will write to you here.
    --
    Priority normal, team service.
    --
    👤 hello?
    --
    🤖 I have passed that on. A colleague will answer you here.
    --
    Tom has the conversation now; the bot is silent.
    --
    Tom closed the conversation. If the customer writes again, the bot answers.
    "#);
}

#[tokio::test]
async fn a_room_that_is_deleted_is_opened_anew_and_nothing_is_lost() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.telegram.deletes("-100#1");
    office.customer("2", "are you there?").await;
    insta::assert_snapshot!(office.room(), @r#"
    [The customer asks for a person · ….]
    Why: The customer asks for a person
    Priority: normal
    Customer: telegram, en
    Stage: greet
    👤 I want to talk to a person
    🤖 Hello! I am the AI assistant of Lumen & Loft (not a person). Of course. A colleague will write to you here.
    --
    👤 are you there?
    --
    🤖 I have passed that on. A colleague will answer you here.
    "#);
    office.mia().writes("d1", "Yes").await;
    assert_eq!(office.seen_by_customer().last().unwrap(), "Yes");
}

#[tokio::test]
async fn a_hint_for_a_room_that_is_gone_waits_for_nobody() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.telegram.deletes("-100#1");
    office.customer("2", "are you there?").await;
    let late = wrote("Yes, what is it?".to_owned(), None);
    office.mia().does_at("-100#1", "d1", late).await;
    office.mia().writes("d2", "Here I am").await;
    assert_eq!(office.seen_by_customer().last().unwrap(), "Here I am");
}

#[tokio::test]
async fn a_desk_that_is_away_keeps_no_customer_waiting() {
    let office = Office::default();
    office.telegram.goes_away("-100");
    let customer = Address::new(ChannelName::Telegram, "7");
    for (message, text) in [
        ("1", "I want to talk to a person"),
        ("2", "how much is the Halo lamp?"),
    ] {
        let event = InboundEvent::says(text);
        office.drops_in(&customer, message, event).await;
        while office.seen_by_customer().len() < message.parse().unwrap() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
    office.telegram.comes_back("-100");
    office.settled().await;
    assert!(office.room().contains("👤 how much is the Halo lamp?"));
}

#[tokio::test]
async fn a_desk_is_reminded_and_after_an_hour_the_bot_goes_on_with_an_apology() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.passes(11).await;
    assert!(
        office.room().ends_with("nobody has taken it."),
        "{}",
        office.room()
    );
    office.passes(50).await;
    insta::assert_snapshot!(office.seen_by_customer().last().unwrap(), @r#"I am sorry: none of my colleagues could come so far. I go on helping you as well as I can. What you wrote is kept, and a colleague can still answer you here."#);
    assert_eq!(office.owner().await, Owner::Bot);
    let said = office.customer("2", "what does delivery cost?").await;
    assert!(said[0].contains("4.90 EUR"), "{said:?}");
    office.mia().writes("d1", "Here I am").await;
    assert_eq!(office.owner().await.agent().unwrap().as_str(), "mia");
}

#[tokio::test]
async fn who_is_taken_in_time_is_not_apologised_to() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.mia().presses("desk:take").await;
    let before = (office.seen_by_customer(), office.room());
    office.passes(120).await;
    assert_eq!((office.seen_by_customer(), office.room()), before);
    office.mia().writes("d1", "/back").await;
    // Whoever waits anew has the whole time anew.
    office.customer("2", "I want to talk to a person").await;
    office.passes(5).await;
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
}

#[tokio::test]
async fn an_album_whose_words_are_a_note_stays_inside_with_all_its_parts() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.mia().writes("d1", "Hello").await;
    let before = office.seen_by_customer();
    for (message, text) in [("d2", "// his old order"), ("d3", ""), ("d4", "")] {
        office.mia().sends_part("a", message, text).await;
    }
    assert_eq!(office.seen_by_customer(), before);
    // Whose words come late is taken back.
    office.mia().sends_part("b", "d5", "").await;
    assert_eq!(office.seen_by_customer().len(), before.len() + 1);
    office
        .mia()
        .sends_part("b", "d6", "// and the older one")
        .await;
    assert_eq!(office.seen_by_customer(), before);
    for (message, text) in [("d7", "like these"), ("d8", "")] {
        office.mia().sends_part("c", message, text).await;
    }
    assert_eq!(office.seen_by_customer().len(), before.len() + 3);
}

#[tokio::test]
async fn what_the_customer_does_not_have_is_changed_into_nothing() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.mia().writes("d1", "// he is broke").await;
    office.mia().writes("d2", "/bakc he is broke").await;
    let before = office.seen_by_customer();
    for message in ["d1", "d2", "d0"] {
        let text = "he is broke".to_owned();
        office
            .mia()
            .does(message, DeskEvent::Rewrote { text })
            .await;
    }
    assert_eq!(office.seen_by_customer(), before);
    assert!(
        office.room().ends_with("Write it anew."),
        "{}",
        office.room()
    );
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
}

#[tokio::test]
async fn nobody_waits_for_ever_whatever_happens_meanwhile() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    let command = consultant_core::Command::Reset;
    let reset = InboundEvent::Command { command };
    let said = office.customer_does("2", reset).await;
    assert!(said[0].contains("forgotten"), "{said:?}");
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
    office.customer("3", "STOP").await;
    office.mia().writes("d1", "/team service").await;
    office.passes(61).await;
    assert_eq!(office.owner().await, Owner::Bot);

    office.customer("4", "I want to talk to a person").await;
    office.customer_does("5", InboundEvent::Left).await;
    assert_eq!(office.owner().await, Owner::Bot);
}

#[tokio::test]
async fn whoever_may_only_write_takes_nobody_and_who_takes_sees_what_was_said() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.mia().writes("d1", "/back").await;
    office.customer("2", "what does delivery cost?").await;
    assert!(!office.room().contains("delivery"));
    office.mia().presses("desk:take").await;
    assert!(office.room().contains("👤 what does delivery cost?"));
    office.mia().writes("d2", "/back").await;
    let ann = office.person(ChannelName::Telegram, "504");
    let before = office.seen_by_customer();
    ann.writes("d3", "I may write, and not take").await;
    assert_eq!(office.seen_by_customer(), before);
}

#[tokio::test]
async fn a_customer_is_told_when_the_desk_cannot_be_reached() {
    let office = Office::default();
    office.telegram.goes_away(TELEGRAM_DESK);
    let customer = Address::new(ChannelName::Telegram, CUSTOMER);
    let words = InboundEvent::says("I want to talk to a person");
    office.drops_in(&customer, "1", words).await;
    office.sees_customer(1).await;
    office.fires(3).await;
    office.sees_customer(2).await;
    let told = office.seen_by_customer().pop().unwrap();
    assert!(
        told.starts_with("I am sorry: I cannot reach my colleagues"),
        "{told}"
    );
    office.telegram.comes_back(TELEGRAM_DESK);
    office.settled().await;
    assert!(office.room().contains("I want to talk to a person"));
    office.passes(9).await;
    assert_eq!(office.seen_by_customer().len(), 2, "it is said once");
}

#[tokio::test]
async fn nothing_is_told_of_a_desk_that_was_told() {
    let office = Office::default();
    office.customer("1", "I want to talk to a person").await;
    office.passes(3).await;
    assert_eq!(office.seen_by_customer().len(), 1);
}
