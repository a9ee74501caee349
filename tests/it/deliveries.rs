//! What customers see when answers change, meet trouble, or have to wait, through the whole house.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use consultant_tests::{
    scripted::Reply,
    telegram::{Customer, Fault},
    watch::Watcher,
    world::World,
};

const WRITTEN: &str = "I paint watercolours, what do you say to me about that?";
const PRICE: &str = "How much is the Halo desk lamp?";

/// More chats than there are turns at one time.
const CROWD: usize = 70;

fn texts(customer: &Customer) -> Vec<String> {
    customer.sees().into_iter().map(|it| it.text).collect()
}

async fn waits_for(customer: &Customer, words: &str) {
    let reads =
        |seen: &[consultant_tests::telegram::Seen]| seen.iter().any(|it| it.text.contains(words));
    customer.wait_for(words, reads).await;
}

/// A world in whose Telegram replies are shown by edits.
async fn without_drafts() -> World {
    let mut world = World::open().await;
    world.stop().await;
    world.telegram.without_drafts();
    world.start().await;
    world
}

/// Keeps every chat waiting but one.
struct Waiting {
    free: String,
    over: AtomicBool,
}

#[async_trait]
impl Watcher<Fault> for Waiting {
    async fn before(&self, call: &str, place: &str) -> Option<Fault> {
        let waits =
            call == "sendMessage" && place != self.free && !self.over.load(Ordering::SeqCst);
        let retry_after = Duration::from_secs(1);
        waits.then_some(Fault::FloodControl { retry_after })
    }

    async fn after(&self, _call: &str, _place: &str) {}
}

#[tokio::test]
async fn a_crowd_of_chats_that_have_to_wait_keeps_nobody_else_waiting() {
    let world = World::open().await;
    let bob = world.telegram.customer("Bob");
    let waiting = Arc::new(Waiting {
        free: bob.chat_id().to_string(),
        over: AtomicBool::new(false),
    });
    world
        .telegram
        .watch(Arc::clone(&waiting) as Arc<dyn Watcher<Fault>>);
    for number in 0..CROWD {
        world
            .telegram
            .customer(&format!("Ann {number}"))
            .says(PRICE);
    }
    bob.says(PRICE);
    waits_for(&bob, "49.90").await;
    waiting.over.store(true, Ordering::SeqCst);
    world.settled().await;
    world.end().await;
}

#[tokio::test]
async fn a_reply_that_waits_while_its_group_becomes_a_supergroup_goes_along() {
    let world = World::open().await;
    let waiting = Arc::new(Waiting {
        free: String::new(),
        over: AtomicBool::new(false),
    });
    world
        .telegram
        .watch(Arc::clone(&waiting) as Arc<dyn Watcher<Fault>>);
    let group = world.telegram.group("Team");
    let ann = world.telegram.customer("Ann").in_group(&group);
    ann.mentions_bot(PRICE);
    world.telegram.wait_for_calls("sendMessage", 1).await;
    let supergroup = group.migrates(&ann);
    waiting.over.store(true, Ordering::SeqCst);
    let ann = ann.in_group(&supergroup);
    waits_for(&ann, "49.90").await;
    world.settled().await;
    world.end().await;
}

#[tokio::test]
async fn a_reply_to_somebody_who_blocked_the_bot_is_given_up_and_the_next_one_is_shown() {
    let world = World::open().await;
    let ann = world.telegram.customer("Ann");
    world
        .model
        .will(Reply::Held("Painting is lovely. ".to_owned()));
    ann.says(WRITTEN);
    ann.wait_for_draft("Painting").await;
    ann.blocks_bot();
    world.model.release();
    world.settled().await;
    ann.unblocks_bot();
    ann.says(PRICE);
    waits_for(&ann, "49.90").await;
    world.settled().await;
    let seen = texts(&ann);
    assert!(!seen.iter().any(|it| it.contains("Painting")), "{seen:?}");
    world.end().await;
}

#[tokio::test]
async fn a_message_that_was_deleted_while_it_was_written_is_sent_anew() {
    let world = without_drafts().await;
    let ann = world.telegram.customer("Ann");
    let begun = Reply::Held("Painting is lovely. ".to_owned());
    world.model.will(begun);
    ann.says(WRITTEN);
    waits_for(&ann, "Painting").await;
    ann.deletes(ann.sees()[0].message_id);
    world.model.will_write("Both questions are good ones.");
    ann.says("And what about oil colours?");
    waits_for(&ann, "Both questions").await;
    world.settled().await;
    assert_eq!(texts(&ann).len(), 1, "{:?}", texts(&ann));
    world.end().await;
}

#[tokio::test]
async fn an_answer_begun_before_a_second_thought_is_changed_not_repeated() {
    let world = without_drafts().await;
    let ann = world.telegram.customer("Ann");
    world
        .model
        .will(Reply::Held("Painting is lovely. ".to_owned()));
    ann.says(WRITTEN);
    waits_for(&ann, "Painting").await;
    world
        .model
        .will_write("Both questions are good ones. Ask me more.");
    ann.says("And what about oil colours?");
    waits_for(&ann, "Both questions").await;
    world.settled().await;
    let seen = texts(&ann);
    assert_eq!(seen.len(), 1, "one answer to both: {seen:#?}");
    assert!(!seen[0].contains("Painting"), "{seen:?}");
    world.end().await;
}

#[tokio::test]
async fn a_stop_while_the_model_writes_and_a_start_give_exactly_one_reply() {
    for drafts in [true, false] {
        let mut world = if drafts {
            World::open().await
        } else {
            without_drafts().await
        };
        let ann = world.telegram.customer("Ann");
        world
            .model
            .will(Reply::Held("Painting is lovely. ".to_owned()));
        ann.says(WRITTEN);
        if drafts {
            ann.wait_for_draft("Painting").await;
        } else {
            waits_for(&ann, "Painting").await;
        }
        let model = world.model.clone();
        tokio::join!(world.stop(), async { model.release() });
        world.start().await;
        waits_for(&ann, "Painting").await;
        world.settled().await;
        assert_eq!(texts(&ann).len(), 1, "drafts {drafts}: {:?}", texts(&ann));
        world.end().await;
    }
}
