//! Messages as people mean them: bursts, edits, second thoughts while the model writes, follow-ups,
//! and customers who write faster than anyone can be answered.

use std::time::Duration;

use consultant_core::Happening;
use consultant_tests::{
    scripted::Reply,
    telegram::{Content, Customer, File, Seen},
    world::World,
};

const WRITTEN: &str = "I paint watercolours, what do you say to me about that?";

async fn sees(customer: &Customer, count: usize) -> Vec<String> {
    let what = format!("{count} messages");
    let seen = customer.wait_for(&what, |seen| seen.len() >= count).await;
    seen.into_iter().map(|message| message.text).collect()
}

async fn with_quiet_period(milliseconds: u64) -> World {
    let mut world = World::open().await;
    world.stop().await;
    world.quiet_period_ms = milliseconds;
    world.start().await;
    world
}

#[tokio::test]
async fn a_burst_of_short_messages_gets_one_answer() {
    let world = with_quiet_period(300).await;
    let ann = world.telegram.customer("Ann");
    for text in ["Hi", "How much is", "the Halo desk lamp?"] {
        ann.says(text);
    }
    let seen = sees(&ann, 1).await;
    world.settled().await;
    assert!(seen[0].contains("49.90"), "{seen:?}");
    assert_eq!(ann.sees().len(), 1, "{:?}", ann.sees());
    world.end().await;
}

/// The parts of an album come one by one, and only the first has words.
#[tokio::test]
async fn an_album_is_one_question_also_when_its_parts_come_apart() {
    let world = World::open().await;
    let ann = world.telegram.customer("Ann");
    let part = |words: &str| {
        let picture = File::new("photo", "a", b"\xff\xd8\xff\xe0\0\x10\x01\x02");
        Content::Part {
            album: "77".to_owned(),
            content: Box::new(Content::File(picture.saying(words))),
        }
    };
    ann.sends(part("How much is the Halo desk lamp?"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    ann.sends(part(""));
    ann.sends(part(""));
    let seen = sees(&ann, 1).await;
    assert!(seen[0].contains("49.90"), "{seen:?}");
    // This one comes when the album is answered already.
    ann.sends(part(""));
    world.telegram.wait_until_confirmed().await;
    world.settled().await;
    assert_eq!(ann.sees().len(), 1, "{:?}", ann.sees());
    world.end().await;
}

#[tokio::test]
async fn a_message_while_the_model_writes_is_answered_with_the_first() {
    let world = World::open().await;
    let ann = world.telegram.customer("Ann");
    world
        .model
        .will(Reply::Held("Painting is lovely. ".to_owned()));
    ann.says(WRITTEN);
    ann.wait_for_draft("Painting").await;
    world.model.will_write("Both questions are good ones.");
    ann.says("And what about oil colours?");
    ann.wait_for("the answer to both", |seen| {
        seen.iter().any(|it| it.text.contains("Both questions"))
    })
    .await;
    world.settled().await;
    let seen = ann.sees();
    assert_eq!(seen.len(), 1, "one answer to both: {seen:#?}");
    let asked = format!("{:?}", world.model.prompts().last());
    assert!(
        asked.contains("watercolours") && asked.contains("oil colours"),
        "{asked}"
    );
    world.end().await;
}

#[tokio::test]
async fn who_writes_too_fast_is_asked_for_patience_once_and_gets_one_answer_to_all_of_it() {
    let mut world = World::open().await;
    world.stop().await;
    world.turns_per_minute = 1;
    world.start().await;
    let ann = world.telegram.customer("Ann");
    ann.says("How much is the Halo desk lamp?");
    sees(&ann, 1).await;
    world.settled().await;
    for text in ["And in black?", "And two of them?", "And the delivery?"] {
        ann.says(text);
    }
    let seen = sees(&ann, 2).await;
    assert!(seen[1].contains("faster than I can answer"), "{seen:?}");
    let bob = world.telegram.customer("Bob");
    bob.says("How much is the Halo desk lamp?");
    assert!(sees(&bob, 1).await[0].contains("49.90"));
    // Ann's second turn is a minute away; it stays in the store for the next start.
    world.stop().await;
    assert_eq!(ann.sees().len(), 2, "asked once: {:?}", ann.sees());
    world.turns_per_minute = 100;
    world.start().await;
    sees(&ann, 3).await;
    world.settled().await;
    assert_eq!(ann.sees().len(), 3, "one answer to all: {:?}", ann.sees());
    world.end().await;
}

#[tokio::test]
async fn a_flood_of_stickers_is_asked_for_patience_too_and_answered_once() {
    let mut world = World::open().await;
    world.stop().await;
    world.turns_per_minute = 1;
    world.start().await;
    let ann = world.telegram.customer("Ann");
    ann.says("How much is the Halo desk lamp?");
    sees(&ann, 1).await;
    world.settled().await;
    for _ in 0..30 {
        ann.sends(Content::Sticker);
    }
    let seen = sees(&ann, 2).await;
    assert!(seen[1].contains("faster than I can answer"), "{seen:?}");
    world.telegram.wait_until_confirmed().await;
    world.stop().await;
    world.turns_per_minute = 100;
    world.start().await;
    world.settled().await;
    // Twenty inbounds are one turn at the most.
    assert!(ann.sees().len() <= 4, "{:?}", ann.sees());
    world.end().await;
}

#[tokio::test]
async fn who_never_stops_writing_is_answered_after_a_few_seconds_all_the_same() {
    let world = with_quiet_period(2_000).await;
    let ann = world.telegram.customer("Ann");
    let writing = async {
        for number in 0..14 {
            ann.says(&format!("How much is the Halo desk lamp? {number}"));
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let (seen, ()) = tokio::join!(sees(&ann, 1), writing);
    assert!(seen[0].contains("49.90"), "{seen:?}");
    world.settled().await;
    assert!(ann.sees().len() >= 2, "it did not wait for the end");
    world.end().await;
}

#[tokio::test]
async fn who_waits_because_of_a_crowd_is_told_so_and_everyone_is_answered_in_turn() {
    let mut world = World::open().await;
    world.stop().await;
    // One every 5 seconds, after the one that is free at once.
    world.turns_per_minute_in_all = 12;
    world.start().await;
    let crowd = ["Ann", "Bob"].map(|name| world.telegram.customer(name));
    for customer in &crowd {
        customer.says("How much is the Halo desk lamp?");
    }
    let mut said = Vec::new();
    for customer in &crowd {
        let answered = |seen: &[Seen]| seen.iter().any(|it| it.text.contains("49.90"));
        said.extend(customer.wait_for("the answer", answered).await);
    }
    let told = |it: &&Seen| it.text.contains("Many people are writing");
    assert_eq!(said.iter().filter(told).count(), 1, "{said:?}");
    assert_eq!(said.len(), 3, "{said:?}");
    world.end().await;
}

#[tokio::test]
async fn the_word_that_declines_follow_ups_is_understood() {
    let world = World::open().await;
    let ann = world.telegram.customer("Ann");
    ann.says("STOP");
    let seen = sees(&ann, 1).await;
    assert!(seen[0].contains("no more reminders"), "{seen:?}");
    world.settled().await;
    let address = consultant_core::Address::new(
        consultant_core::ChannelName::Telegram,
        ann.chat_id().to_string(),
    );
    let happened = world.happenings(address).await;
    assert!(
        happened.contains(&Happening::FollowUpsDeclined),
        "{happened:?}"
    );
    world.end().await;
}
