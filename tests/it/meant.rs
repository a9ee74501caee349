//! Everything that is no plain question: edits, buttons, files, places, follow-ups, and messages
//! whose turns fail.

use std::{sync::Arc, time::Duration};

use consultant_app::company::{self, Company};
use consultant_app::config::CompanyFiles;
use consultant_app::timekeeper::REVIVED;
use consultant_core::{
    Action, Attachment, Command, Content, Decision, FileKind, Happening, InboundEvent, Language,
    LocalText, PlaybookVersion, Press, Session, Turn,
    ports::{Playbook, PlaybookError},
};
use consultant_knowledge::SmallModels;
use consultant_tests::{
    binary::Operator,
    room::{OnScreen, Room},
};

#[track_caller]
fn only(seen: &[OnScreen]) -> &OnScreen {
    assert_eq!(seen.len(), 1, "one message: {seen:#?}");
    &seen[0]
}

fn edited(text: &str) -> InboundEvent {
    let text = text.to_owned();
    InboundEvent::Edited { text }
}

fn command(command: Command) -> InboundEvent {
    InboundEvent::Command { command }
}

fn pressed(press: &Press) -> InboundEvent {
    let press = press.to_string();
    InboundEvent::Pressed { press }
}

fn file(what: FileKind, content: Content) -> Attachment {
    let name = Some("..\\../x.ogg".to_owned());
    Attachment::File {
        what,
        name,
        content,
    }
}

#[tokio::test]
async fn an_edit_of_an_answered_message_is_offered_a_new_answer_and_never_answered_unasked() {
    let room = Room::default();
    room.says("1", "How much is the Halo desk lamp?").await;
    let seen = room
        .does("1", edited("How much is the Halo desk lamp in black?"))
        .await;
    let offer = only(&seen);
    assert!(offer.text.contains("changed your message"), "{offer:?}");
    let card = offer.card.as_ref().expect("a button");
    assert_eq!(card.buttons[0].press, Press::AnswerEdit);

    let silent = room
        .does("1", edited("How much is the Halo desk lamp in white?"))
        .await;
    assert_eq!(silent, [], "the offer stands already");
    let seen = room.does("1", pressed(&Press::AnswerEdit)).await;
    assert!(only(&seen).text.contains("Halo desk lamp"), "{seen:?}");
    let seen = room.does("1", pressed(&Press::AnswerEdit)).await;
    assert!(only(&seen).text.contains("no longer works"), "{seen:?}");
}

#[tokio::test]
async fn an_offer_that_nobody_took_up_keeps_no_other_message_from_being_corrected() {
    let room = Room::default();
    room.says("1", "How much is the Halo desk lamp?").await;
    let black = "How much is the Halo desk lamp in black?";
    assert_eq!(room.does("1", edited(black)).await.len(), 1);
    room.says("2", "Do you deliver to Austria?").await;
    let seen = room.does("2", edited("Do you deliver to Italy?")).await;
    let offer = only(&seen);
    assert!(offer.text.contains("changed your message"), "{offer:?}");
}

#[tokio::test]
async fn an_edit_that_changes_no_words_is_no_edit() {
    let room = Room::default();
    room.says("1", "How much is the Halo desk lamp?").await;
    let seen = room
        .does("1", edited(" How much is the Halo desk lamp? "))
        .await;
    assert_eq!(seen, []);
}

#[tokio::test]
async fn a_pressed_button_speaks_for_the_customer() {
    let room = Room::default();
    let seen = room.says("1", "I'd like 2 Halo desk lamps").await;
    let card = only(&seen).card.clone().expect("an offer is a card");
    assert_eq!(card.price.as_deref(), Some("99.80 EUR"), "{card:?}");
    let seen = room.does("2", pressed(&card.buttons[1].press)).await;
    assert!(only(&seen).text.contains("Halo"), "{seen:?}");
    let seen = room.does("2", pressed(&Press::Person)).await;
    assert!(only(&seen).text.contains("colleague"), "{seen:?}");
    let press = "order:../../etc".to_owned();
    let seen = room.does("2", InboundEvent::Pressed { press }).await;
    assert!(only(&seen).text.contains("no longer works"), "{seen:?}");
}

#[tokio::test]
async fn who_may_mean_several_things_chooses_by_a_button_or_by_its_number() {
    for chooses in ["a button", "2", "the second one"] {
        let room = Room::default();
        let seen = room.says("1", "How about returns and repair?").await;
        let asked = only(&seen);
        assert!(
            asked.text.contains("1. Can I return a product?"),
            "{asked:?}"
        );
        let card = asked.card.clone().expect("buttons");
        assert_eq!(card.buttons[1].label, "2. Who pays for the return?");
        let seen = if chooses == "a button" {
            room.does("2", pressed(&card.buttons[1].press)).await
        } else {
            room.says("2", chooses).await
        };
        let answer = only(&seen);
        assert!(
            answer.text.contains("parcels is free of charge"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_number_that_chooses_nothing_is_what_it_always_was() {
    let room = Room::default();
    room.says("1", "How about returns and repair?").await;
    room.says("2", "How much is the Halo desk lamp?").await;
    let seen = room.says("3", "2").await;
    let offer = only(&seen);
    assert!(offer.text.contains("2 × Halo desk lamp"), "{offer:?}");
}

#[tokio::test]
async fn a_button_of_an_entry_that_is_gone_says_so() {
    let room = Room::default();
    let press = "faq:nowhere".to_owned();
    let seen = room.does("1", InboundEvent::Pressed { press }).await;
    assert!(only(&seen).text.contains("no longer works"), "{seen:?}");
}

#[tokio::test]
async fn files_are_kept_for_a_person_and_said_so_once_a_kind() {
    let room = Room::default();
    room.says("1", "hello").await;
    let voice = room.keeps(b"OggS voice").await;
    let two = [b"a", b"b"].map(|_| file(FileKind::Voice, Content::Kept(voice.clone())));
    let seen = room.sends("", two.to_vec()).await;
    let reply = &only(&seen).text;
    assert_eq!(
        reply.matches("kept it for a colleague").count(),
        1,
        "{reply}"
    );

    let limit_bytes = 20_000_000;
    for (content, expected) in [
        (Content::TooLarge { limit_bytes }, "at most 20 MB"),
        (Content::NoRoom, "no room"),
        (Content::WrongType, "not what its type says"),
        (Content::NotReceived, "did not reach me"),
    ] {
        let seen = room.sends("", vec![file(FileKind::Picture, content)]).await;
        assert!(only(&seen).text.contains(expected), "{seen:?}");
    }
    let happened = room.happened().await;
    let attached = happened
        .iter()
        .filter(|it| matches!(it, Happening::Attached { .. }));
    assert_eq!(attached.count(), 5);
}

#[tokio::test]
async fn a_question_with_a_picture_is_answered_too() {
    let room = Room::default();
    room.says("1", "hello").await;
    let picture = room.keeps(b"\x89PNG\r\n\x1a\n").await;
    let picture = file(FileKind::Picture, Content::Kept(picture));
    let seen = room
        .sends("How much is the Halo desk lamp?", vec![picture])
        .await;
    let reply = &only(&seen).text;
    assert!(
        reply.contains("pictures") && reply.contains("49.90"),
        "{reply}"
    );
    let place = Attachment::Location {
        latitude_microdegrees: 48_208_000,
        longitude_microdegrees: 16_373_000,
    };
    let seen = room.sends("", vec![place]).await;
    assert!(only(&seen).text.contains("location"), "{seen:?}");
}

#[tokio::test]
async fn a_follow_up_comes_once_and_only_to_who_fell_silent() {
    let room = Room::default();
    room.says("1", "I'd like 2 Halo desk lamps").await;
    room.clock.advance(Duration::from_hours(23));
    assert_eq!(room.fires().await, []);
    room.clock.advance(Duration::from_hours(2));
    let seen = room.fires().await;
    let reply = &only(&seen).text;
    assert!(
        reply.contains("still stands") && reply.contains("STOP"),
        "{reply}"
    );
    room.clock.advance(Duration::from_hours(48));
    assert_eq!(room.fires().await, [], "once");

    room.says("2", "I'd like 3 Halo desk lamps").await;
    room.clock.advance(Duration::from_hours(1));
    room.says("3", "thanks").await;
    room.clock.advance(Duration::from_hours(48));
    assert_eq!(room.fires().await, [], "the customer said something since");

    room.says("4", "STOP").await;
    room.says("5", "I'd like 4 Halo desk lamps").await;
    room.clock.advance(Duration::from_hours(48));
    assert_eq!(room.fires().await, [], "declined");

    room.does("6", command(Command::Reset)).await;
    room.says("7", "I'd like 4 Halo desk lamps").await;
    room.clock.advance(Duration::from_hours(48));
    assert_eq!(room.fires().await, [], "declined for good");
}

#[tokio::test]
async fn a_reminder_that_was_asked_for_comes_whatever_is_said_until_then() {
    let room = Room::default();
    room.says("1", "Please remind me tomorrow").await;
    let seen = room
        .says("2", "Remind me how much the Halo desk lamp is")
        .await;
    assert!(only(&seen).text.contains("49.90"), "a question: {seen:?}");
    room.clock.advance(Duration::from_hours(25));
    let seen = room.fires().await;
    assert!(only(&seen).text.contains("asked me to remind"), "{seen:?}");
    room.clock.advance(Duration::from_hours(48));
    assert_eq!(room.fires().await, [], "once");

    room.says("3", "提醒我").await;
    room.says("4", "STOP").await;
    room.clock.advance(Duration::from_hours(48));
    assert_eq!(room.fires().await, [], "declined");
    room.says("5", "remind me, please").await;
    room.clock.advance(Duration::from_hours(48));
    let seen = room.fires().await;
    assert!(
        only(&seen).text.contains("asked me to remind"),
        "asked anew"
    );
    let happened = room.happened().await;
    let reminded = |it: &&Happening| matches!(it, Happening::Reminded { .. });
    assert_eq!(happened.iter().filter(reminded).count(), 2);
}

#[test]
fn a_reminder_is_not_promised_where_nobody_can_be_written_to() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let ran = operator
        .runs(&["chat"], "Please remind me tomorrow\n")
        .well();
    let said = ran.stdout();
    assert!(said.contains("cannot write to you first"), "{said}");
    assert!(!said.contains("I will write to you"), "{said}");
}

#[tokio::test]
async fn what_comes_back_can_be_put_off_until_tomorrow_once() {
    let room = Room::default();
    room.says("1", "I'd like 2 Halo desk lamps").await;
    room.clock.advance(Duration::from_hours(25));
    let seen = room.fires().await;
    let card = only(&seen).card.clone().expect("a button");
    assert_eq!(card.buttons[0].press, Press::Snooze);

    let seen = room.does("1", pressed(&Press::Snooze)).await;
    assert!(only(&seen).text.contains("tomorrow"), "{seen:?}");
    let seen = room.does("1", pressed(&Press::Snooze)).await;
    assert!(only(&seen).text.contains("no longer works"), "{seen:?}");
    room.says("2", "thanks").await;
    room.clock.advance(Duration::from_hours(23));
    assert_eq!(room.fires().await, [], "not yet");
    room.clock.advance(Duration::from_hours(2));
    let seen = room.fires().await;
    assert!(only(&seen).text.contains("still stands"), "{seen:?}");
}

#[tokio::test]
async fn who_left_gets_no_follow_up() {
    let room = Room::default();
    room.says("1", "I'd like 2 Halo desk lamps").await;
    assert_eq!(room.does("1", InboundEvent::Left).await, []);
    room.clock.advance(Duration::from_hours(48));
    assert_eq!(room.fires().await, []);
    assert!(room.happened().await.contains(&Happening::Left));
}

/// A playbook whose code breaks on one word.
struct Trap(PlaybookVersion);

impl Playbook for Trap {
    fn version(&self) -> &PlaybookVersion {
        &self.0
    }

    fn first_stage(&self) -> &'static str {
        "greet"
    }

    fn has_stage(&self, stage: &str) -> bool {
        stage == self.first_stage()
    }

    fn is_won(&self, _stage: &str) -> bool {
        false
    }

    fn answer(&self, turn: &Turn) -> Result<Decision, PlaybookError> {
        assert!(!turn.text.contains("poison"), "the trap shuts");
        let text = LocalText::one(Language::EN, format!("You said: {}", turn.text));
        Ok(Decision::from(vec![Action::Say { text }]))
    }

    fn review(&self, _turn: &Turn) -> Decision {
        Decision::default()
    }

    fn migrate(
        &self,
        _from: &PlaybookVersion,
        _turn: &Turn,
    ) -> Result<Option<Vec<Action>>, PlaybookError> {
        Ok(None)
    }

    fn complain(&self, message: String) -> PlaybookError {
        PlaybookError {
            file: "trap".to_owned(),
            line: None,
            message,
        }
    }
}

fn trap() -> Room {
    let demo =
        company::load(&CompanyFiles::Embedded, &SmallModels::default()).expect("the demo company");
    Room::of(Company {
        playbook: Arc::new(Trap(PlaybookVersion::from("trap"))),
        ..demo
    })
}

#[tokio::test]
async fn a_message_that_always_fails_is_buried_and_its_customer_told() {
    let room = trap();
    room.says("1", "hello").await;
    let seen = room.says("2", "poison").await;
    assert!(only(&seen).text.contains("could not answer"), "{seen:?}");
    let seen = room.says("3", "still there?").await;
    assert!(
        only(&seen).text.contains("You said: still there?"),
        "{seen:?}"
    );

    let letters = room.store.dead_letters().await.expect("the dead letters");
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].failures, 5);
    assert!(
        letters[0].reason.contains("panicked"),
        "{}",
        letters[0].reason
    );
    let revived = room.store.revive(&letters[0].envelope.inbound.key).await;
    assert_eq!(
        revived.expect("revived").inbound,
        letters[0].envelope.inbound
    );
    assert_eq!(room.store.dead_letters().await.expect("none"), []);
}

#[tokio::test]
async fn a_dead_letter_that_an_operator_revives_is_taken_up_by_the_running_process() {
    let room = trap();
    room.says("1", "poison").await;
    let letters = room.store.dead_letters().await.expect("the dead letters");
    let revived = room.store.revive(&letters[0].envelope.inbound.key).await;
    revived.expect("revived");
    let marked = room.store.bookmark(REVIVED, "now").await;
    marked.expect("marked");
    let seen = room.fires().await;
    assert!(only(&seen).text.contains("could not answer"), "{seen:?}");
}

/// Counted where the reply was begun, as before the model writes: that is the one part of a turn
/// that may take the process with it.
#[tokio::test]
async fn a_message_whose_reply_ends_the_process_five_times_is_buried_at_the_next_start() {
    let room = Room::default();
    let envelope = room.begins(InboundEvent::says("poison")).await;
    for starts in 0..5 {
        let letters = room.store.dead_letters().await.expect("the dead letters");
        assert_eq!(letters, [], "after {starts} starts");
        room.dies_at_start().await;
    }
    let letters = room.store.dead_letters().await.expect("the dead letters");
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].envelope.inbound, envelope.inbound);
    assert!(
        letters[0].reason.contains("ended the process"),
        "{letters:?}"
    );
    let backlog = room.store.backlog().await.expect("the backlog");
    let left: Vec<_> = backlog.outbox.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("could not answer"), "{left:?}");
}

#[tokio::test]
async fn a_session_that_cannot_be_read_costs_its_customer_no_silence() {
    let room = Room::default();
    room.says("1", "hello").await;
    let version = PlaybookVersion::from("0");
    let mut newer = Session::new(jiff::Timestamp::UNIX_EPOCH, Language::EN, "greet", version);
    newer.format = u16::MAX;
    room.puts(newer).await;
    let seen = room.says("2", "How much is the Halo desk lamp?").await;
    assert!(only(&seen).text.contains("could not answer"), "{seen:?}");
}
