//! An answer that rules cannot read: the model suggests what it means, and the customer decides.

use consultant_app::company::Company;
use consultant_core::{Command, Happening, InboundEvent, SlotValue};
use consultant_tests::{room::Room, scripted::Reply};

use crate::releases;

const PLAYBOOK: &str = r#"
fn stages() { [stage("greet", [])] }
fn slots() {
    [
        slot("plan", "choice").required()
            .options([option("team", ["the team plan"]), option("private", ["the private plan"])])
            .ask("Is it for a team or for yourself?"),
        slot("seats", "quantity").required().at_most(500).ask("How many seats?"),
    ]
}
fn reply(turn) {
    if turn.intent == "price" { return [answer(), ask_missing()]; }
    if turn.missing.len > 0 { return [ask_missing()]; }
    [say(`Noted: ${turn.slots["plan"]}, ${turn.slots["seats"]}.`)]
}
"#;

/// The demo's facts, and a playbook that wants to know two things.
fn company() -> Company {
    releases::company(PLAYBOOK)
}

/// What the customer reads in answer, word for word and all of it.
async fn says(room: &Room, message: &str, text: &str) -> String {
    let screen = room.says(message, text).await;
    screen.last().unwrap().text.clone()
}

#[tokio::test(start_paused = true)]
async fn what_the_model_read_is_asked_and_noted_only_after_a_yes() {
    let room = Room::reading_answers(company());
    let asked = says(&room, "1", "I want to buy something").await;
    assert!(
        asked.ends_with("Is it for a team or for yourself?"),
        "{asked}"
    );
    room.model.will_write("team");
    let asked = says(&room, "2", "well, there are a dozen folks around here").await;
    assert_eq!(asked, "Do you mean the team plan?");
    assert_eq!(says(&room, "3", "yes").await, "How many seats?");
    // Rules read this without the model.
    assert_eq!(says(&room, "4", "12").await, "Noted: team, 12.");
    let happened = room.happened().await;
    let suggested = Happening::Suggested {
        slot: "plan".to_owned(),
        value: SlotValue::Text("team".to_owned()),
    };
    let noted = Happening::SlotSet {
        slot: "plan".to_owned(),
        value: Some(SlotValue::Text("team".to_owned())),
    };
    let place = |what: &Happening| happened.iter().position(|it| it == what);
    assert!(place(&suggested) < place(&noted), "{happened:#?}");
    assert!(place(&suggested).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_no_or_anything_else_is_no_yes() {
    let room = Room::reading_answers(company());
    says(&room, "1", "I want to buy something").await;
    room.model.will_write("team");
    says(&room, "2", "well, there are a dozen folks around here").await;
    let again = says(&room, "3", "no").await;
    assert!(
        again.ends_with("Is it for a team or for yourself?"),
        "{again}"
    );
    // A yes to a question that suggested nothing means nothing.
    let again = says(&room, "4", "yes").await;
    assert!(
        again.ends_with("Is it for a team or for yourself?"),
        "{again}"
    );
    // What rules read wins over what was suggested.
    room.model.will_write("team");
    says(&room, "5", "hm, folks and me").await;
    assert_eq!(
        says(&room, "6", "yes, the private plan").await,
        "How many seats?"
    );
    room.model.will_write("{\"value\":12}");
    assert_eq!(
        says(&room, "7", "a round of disciples").await,
        "Do you mean 12?"
    );
    assert_eq!(says(&room, "8", "yes, 13").await, "Noted: private, 13.");
}

#[tokio::test(start_paused = true)]
async fn a_yes_to_what_was_said_in_between_confirms_nothing() {
    let room = Room::reading_answers(company());
    says(&room, "1", "I want to buy something").await;
    room.model.will_write("team");
    says(&room, "2", "well, there are a dozen folks around here").await;
    let help = room
        .does(
            "3",
            InboundEvent::Command {
                command: Command::Help,
            },
        )
        .await;
    assert!(!help.is_empty());
    let again = says(&room, "4", "yes").await;
    assert!(
        again.ends_with("Is it for a team or for yourself?"),
        "{again}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_cannot_read_it_costs_the_customer_nothing() {
    let room = Room::reading_answers(company());
    says(&room, "1", "I want to buy something").await;
    let replies = [
        Reply::Text("none".to_owned()),
        Reply::Text("enterprise".to_owned()),
        Reply::CutOff("team".to_owned()),
        Reply::Breaks("te".to_owned()),
        Reply::Busy,
    ];
    for (number, reply) in replies.into_iter().enumerate() {
        room.model.will(reply.clone());
        let text = format!("folks, folks {}", "and folks".repeat(number));
        let again = says(&room, &format!("a{number}"), &text).await;
        assert!(!again.contains("Do you mean"), "{reply:?}: {again}");
        assert!(again.contains("for a team"), "{reply:?}: {again}");
    }
    // Who asks something else is answered, and in Chinese the model is not asked at all.
    let asked = room.model.prompts().len();
    let price = says(&room, "b", "how much is the desk lamp?").await;
    assert!(price.contains("49.90 EUR"), "{price}");
    says(&room, "c", "人们").await;
    assert_eq!(room.model.prompts().len(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_model_that_was_not_told_to_read_answers_is_not_asked() {
    let room = Room::of(company());
    says(&room, "1", "I want to buy something").await;
    let again = says(&room, "2", "well, there are a dozen folks around here").await;
    assert!(again.contains("for a team"), "{again}");
    assert!(room.model.prompts().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_model_that_fails_is_told_and_a_busy_one_is_not() {
    let room = Room::reading_answers(company());
    says(&room, "1", "I want to buy something").await;
    room.model.will(Reply::Busy);
    says(&room, "2", "folks, folks").await;
    let failed = |happened: Vec<Happening>| {
        let failed = |it: &&Happening| matches!(it, Happening::ModelFailed { .. });
        happened.iter().filter(failed).count()
    };
    assert_eq!(failed(room.happened().await), 0);
    room.model.will(Reply::Breaks("te".to_owned()));
    says(&room, "3", "folks, folks, folks").await;
    assert_eq!(failed(room.happened().await), 1);
}

#[tokio::test(start_paused = true)]
async fn who_writes_again_while_it_is_read_is_answered_once() {
    let room = Room::reading_answers(company());
    says(&room, "1", "I want to buy something").await;
    let before = room.screen().len();
    room.model.will(Reply::Held("te".to_owned()));
    room.model.will_write("private");
    let again = async {
        while room.model.prompts().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        room.says("3", "nobody but us two").await
    };
    tokio::join!(room.says("2", "well, the folks here"), again);
    let new = room.screen().split_off(before);
    let texts: Vec<&str> = new.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["Do you mean the private plan?"]);
    assert_eq!(room.model.prompts().len(), 2);
}
