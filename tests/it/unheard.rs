//! The store does what it is asked, and its answer is lost: what was answered is delivered, once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use consultant_app::{company, config::CompanyFiles};
use consultant_core::{Inbound, InboundEvent, ports::Clock};
use consultant_knowledge::SmallModels;
use consultant_tests::{
    office::{CUSTOMER, Office, wrote},
    room::Room,
    step_store::{StepStore, Steps},
};
use tokio::time::timeout;

const WRITTEN: &str = "I paint watercolours, what do you say to me about that?";

/// Loses the answer to one step: the nth of its name.
struct Loses {
    step: &'static str,
    nth: usize,
    seen: AtomicUsize,
}

impl Loses {
    const fn the(step: &'static str, nth: usize) -> Self {
        let seen = AtomicUsize::new(0);
        Self { step, nth, seen }
    }

    fn strikes(&self, name: &str) -> bool {
        name == self.step && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.nth
    }
}

#[async_trait]
impl Steps for Loses {
    async fn step(&self, name: &str, _place: &str) -> bool {
        self.strikes(name)
    }
}

/// Loses several answers.
struct LosesAll<const N: usize>([Loses; N]);

#[async_trait]
impl<const N: usize> Steps for LosesAll<N> {
    async fn step(&self, name: &str, _place: &str) -> bool {
        self.0.iter().any(|one| one.strikes(name))
    }
}

fn room_that_loses(step: &'static str, nth: usize) -> Room {
    room_with(Arc::new(Loses::the(step, nth)))
}

fn room_with(steps: Arc<dyn Steps>) -> Room {
    let demo = company::load(&CompanyFiles::Embedded, &SmallModels::default()).unwrap();
    Room::over(demo, |store| Arc::new(StepStore::new(store, steps)))
}

/// Asks something that the model answers, while the nth step of this name goes unheard.
async fn check(step: &'static str, nth: usize) {
    let room = room_that_loses(step, nth);
    room.model.will_write("Painting is a lovely thing to do.");
    if (step, nth) == ("commit.after", 1) {
        // Nothing was answered yet, so the turn is repeated, and the model asked once more.
        room.model.will_write("Painting is a lovely thing to do.");
    }
    let seen = room.says("m1", WRITTEN).await;
    assert_eq!(seen.len(), 1, "{step} {nth}: {seen:?}");
    assert!(seen[0].text.contains("Painting"), "{step} {nth}: {seen:?}");
    let seen = room.says("m2", "How much is the Halo desk lamp?").await;
    assert!(seen[0].text.contains("49.90"), "{step} {nth}: {seen:?}");
    assert_eq!(room.screen().len(), 2, "{step} {nth}: {:?}", room.screen());
}

#[tokio::test]
async fn a_commit_that_went_unheard_is_delivered_and_not_written_again() {
    check("commit.after", 2).await;
}

#[tokio::test]
async fn an_opening_that_went_unheard_is_written_into() {
    check("commit.after", 1).await;
}

#[tokio::test]
async fn a_note_that_went_unheard_shows_nothing_twice() {
    check("ended.after", 1).await;
}

/// The store is away once more just as it is asked what became of the commit: a reply that was
/// opened anew then would take the place of the one that is ready.
#[tokio::test]
async fn a_reply_that_is_ready_is_not_opened_anew_while_the_store_comes_and_goes() {
    let lost = [
        Loses::the("commit.after", 2),
        Loses::the("backlog.after", 1),
    ];
    let room = room_with(Arc::new(LosesAll(lost)));
    room.model.will_write("Painting is a lovely thing to do.");
    let seen = room.says("m1", WRITTEN).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].text.contains("Painting"), "{seen:?}");
}

/// Never comes back from the first acceptance, although the store has done it: as where a caller of
/// the webhook hangs up.
#[derive(Default)]
struct HangsUp(AtomicUsize);

#[async_trait]
impl Steps for HangsUp {
    async fn step(&self, name: &str, _place: &str) -> bool {
        if name == "accept.after" && self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            std::future::pending::<()>().await;
        }
        false
    }
}

/// What comes behind it must not be answered before it.
#[tokio::test]
async fn what_was_stored_while_its_caller_hung_up_is_answered_when_it_is_handed_in_again() {
    let room = room_with(Arc::new(HangsUp::default()));
    let event = InboundEvent::says("How much is the Halo desk lamp?");
    let inbound = Inbound::new(room.key(), room.address(), room.clock.now(), event);
    let hung_up = timeout(Duration::from_millis(100), room.hands_in(inbound.clone())).await;
    assert!(hung_up.is_err());
    let seen = room.hands_in(inbound).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].text.contains("49.90"), "{seen:?}");
}

/// Only of a reply in several messages is each noted; the last one's end says as much.
#[tokio::test]
async fn a_part_whose_note_went_unheard_is_shown_once() {
    let loses = Arc::new(Loses::the("shown.after", 1));
    let room = room_with(Arc::clone(&loses) as Arc<dyn Steps>);
    let sentence = "Painting is a lovely thing to do on a long evening. ";
    room.model.will_write(&sentence.repeat(120));
    let seen = room.says("m1", WRITTEN).await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    let notes = loses.seen.load(Ordering::SeqCst);
    assert_eq!(notes, 2, "of the first message, and that once more");
    assert_eq!(room.screen().len(), seen.len(), "{:?}", room.screen());
}

#[tokio::test]
async fn a_fact_that_went_unheard_is_delivered_once() {
    let room = room_that_loses("commit.after", 1);
    let seen = room.says("m1", "How much is the Halo desk lamp?").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].text.contains("49.90"), "{seen:?}");
}

/// Mia writes on while the customer cannot be reached, and the store's answer to that is lost.
#[tokio::test]
async fn words_of_an_agent_that_went_unheard_repeat_no_earlier_ones() {
    let loses: Arc<dyn Steps> = Arc::new(Loses::the("commit.after", 3));
    let office = Office::over(|store| Arc::new(StepStore::new(store, loses)));
    office.customer("1", "I want to talk to a person").await;
    office.telegram.goes_away(CUSTOMER);
    office
        .mia()
        .drops("d1", wrote("One".to_owned(), None))
        .await;
    while !office.owner().await.is_person() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    office
        .mia()
        .drops("d2", wrote("Two".to_owned(), None))
        .await;
    office
        .mia()
        .drops("d3", wrote("Three".to_owned(), None))
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    office.telegram.comes_back(CUSTOMER);
    while office.seen_by_customer().len() < 5 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    office.sweeps().await;
    office.settled().await;
    insta::assert_snapshot!(office.seen_by_customer().split_off(1).join("\n--\n"), @r#"
    Mia from Lumen & Loft is with you now.
    --
    One
    --
    Two
    --
    Three
    "#);
}
