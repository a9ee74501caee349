//! What rules of escalation see beside the message: how sure the model was, what could not be read,
//! and what a colleague wrote who handed the conversation back.

use consultant_core::{Attachment, InboundEvent, Owner};
use consultant_tests::{office::Office, scripted::Reply};

use crate::releases::ruled_company;

const PLAYBOOK: &str = r#"
fn stages() { [stage("talk", [])] }
fn reply(turn) {
    if turn.colleague_note == () { return [answer()]; }
    [say(`A colleague told me something of ${turn.colleague_note.len} letters.`)]
}
"#;

const RULES: &str = r#"
fn escalation(turn) {
    if turn.model_confidence != () && turn.model_confidence < 0.4 {
        return escalate(`only ${turn.model_confidence} sure`);
    }
    if turn.unread_files > 0 && turn.text == "" {
        return escalate(`${turn.unread_files} unread`);
    }
}
"#;

fn office() -> Office {
    Office::of(ruled_company(PLAYBOOK, RULES))
}

const HOBBY: &str = "I paint watercolours, what do you say to me about that?";

#[tokio::test]
async fn a_model_that_is_not_sure_calls_somebody() {
    let office = office();
    let text = "What a lovely hobby.".to_owned();
    office.model.will(Reply::Sure(text.clone(), 412));
    office.customer("1", HOBBY).await;
    assert_eq!(office.owner().await, Owner::Bot);
    office.model.will(Reply::Sure(text, 385));
    office.customer("2", HOBBY).await;
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
    assert!(
        office.room().contains("Why: only 0.385 sure"),
        "{}",
        office.room()
    );
}

#[tokio::test]
async fn files_without_words_are_shown_to_the_rules_alone() {
    let office = office();
    let place = Attachment::Location {
        latitude_microdegrees: 1,
        longitude_microdegrees: 2,
    };
    let event = InboundEvent::Message {
        text: String::new(),
        attachments: vec![place],
    };
    office.customer_does("1", event).await;
    assert!(matches!(office.owner().await, Owner::Waiting { .. }));
    assert!(office.room().contains("Why: 1 unread"), "{}", office.room());
}

#[tokio::test]
async fn what_stands_behind_back_is_for_the_playbook_and_only_once() {
    let office = office();
    office
        .model
        .will(Reply::Sure("What a lovely hobby.".to_owned(), 100));
    office.customer("1", HOBBY).await;
    office.mia().presses("desk:take").await;
    office.mia().writes("d1", "/back he is a vip").await;
    let said = office.customer("2", "hello").await;
    assert_eq!(said, ["A colleague told me something of 11 letters."]);
    office.model.will_write("Good day.");
    let said = office.customer("3", HOBBY).await;
    assert_eq!(said, ["Good day."]);
    for prompt in office.model.prompts() {
        let text = format!("{prompt:?}");
        assert!(!text.contains("vip"), "the model does not see it: {text}");
    }
}
