//! The whole product on Discord, with the real engine, store and deliverer.

use consultant_tests::world::World;

use super::*;

/// What takes no longer than this did not wait for anybody else.
const AT_ONCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_slash_command_and_a_button_are_completed_with_the_engines_answer() {
    let world = World::open().await;
    let ann = world.discord.customer("Ann");
    ann.runs("/help");
    let seen = ann.wait_for_messages(1).await;
    assert!(
        seen[0].contains("AI assistant of Lumen & Loft"),
        "{seen:#?}"
    );
    world.settled().await;
    assert_eq!(world.discord.requests(Route::Send), 0);
    ann.says("I'll take 6 Halo desk lamps in black");
    ann.wait_for(|seen| seen.len() == 2 && seen[1].contains("269.46 EUR"))
        .await;
    world.settled().await;
    let sends = world.discord.requests(Route::Send);
    ann.presses("Tell me more");
    let seen = ann
        .wait_for(|seen| seen.len() == 3 && seen[2].contains("Halo"))
        .await;
    world.settled().await;
    assert_eq!(ann.sees().len(), 3, "{seen:#?}");
    assert_eq!(world.discord.requests(Route::Send), sends);
    let waits = world.discord.interaction_waits();
    assert!(
        waits
            .iter()
            .all(|waited| waited.is_some_and(|ms| ms < 3_000))
    );
    world.end().await;
}

#[tokio::test]
async fn an_offer_is_told_where_the_bot_may_only_write() {
    let world = World::open().await;
    let room = world.discord.guild_channel("lamps");
    room.forbids_the_bot(Right::ReadHistory);
    room.forbids_the_bot(Right::EmbedLinks);
    let ann = world.discord.customer("Ann").at(&room);
    ann.mentions_bot("I'll take 6 Halo desk lamps in black");
    ann.wait_for(|seen| seen.len() == 1 && seen[0].contains("269.46 EUR"))
        .await;
    world.settled().await;
    world.end().await;
}

#[tokio::test]
async fn a_long_limit_in_one_place_holds_up_nobody_elsewhere() {
    let mut world = World::open().await;
    let (ann, bob) = (world.discord.customer("Ann"), world.discord.customer("Bob"));
    world.discord.floods_at(&ann, Duration::from_mins(1));
    ann.says("How much is the Halo desk lamp?");
    world.discord.wait_until_told_to_wait().await;
    for question in 1..=3 {
        bob.says("How much is the Halo desk lamp?");
        let answered = bob.wait_for_messages(question);
        let answered = tokio::time::timeout(AT_ONCE, answered).await;
        let seen = answered.expect("Bob waits for Ann's limit");
        assert!(seen[question - 1].contains("49.90 EUR"), "{seen:#?}");
    }
    assert_eq!(ann.sees(), Vec::<String>::new());
    // Ann's answer outlives the process that was told to wait.
    world.stop().await;
    world.discord.floods_are_over();
    world.start().await;
    let seen = ann.wait_for_messages(1).await;
    assert!(seen[0].contains("49.90 EUR"), "{seen:#?}");
    world.settled().await;
    world.end().await;
}
