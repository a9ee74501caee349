//! Threads of the bot's own for talks that begin in a guild's channel.

use super::*;

async fn threading_shop() -> Shop {
    let discord = DiscordDouble::start().await;
    Shop::opens_at(discord, |settings| settings.open_threads = true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_talk_in_a_guild_goes_on_in_a_thread_of_its_own() {
    let shop = threading_shop().await;
    let room = shop.discord.guild_channel("lamps");
    let (ann, bob) = (
        shop.discord.customer("Ann").at(&room),
        shop.discord.customer("Bob").at(&room),
    );
    bob.says("nice weather");
    let asked = ann.mentions_bot("is oak in stock?");
    let inside = ann.in_thread_under(&asked);
    inside.wait_for_messages(1).await;
    inside.says("and pine?");
    let seen = inside.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: is oak in stock?", "echo: and pine?"]);
    let expect = format!("{asked}/{}", ann.user());
    assert!(shop.heard().iter().all(|it| it.address.place == expect));
    ann.edits(
        &asked,
        &format!("<@{}> is elm in stock?", shop.discord.bot_id()),
    );
    inside.wait_for_text("edited: is elm in stock?").await;
    assert_eq!(ann.sees(), Vec::<String>::new());
    assert_eq!(shop.discord.requests(Route::Thread), 1);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_was_opened_before_a_restart_is_used_again() {
    let shop = threading_shop().await;
    let ann = shop
        .discord
        .customer("Ann")
        .at(&shop.discord.guild_channel("lamps"));
    ann.says("so that the place is known");
    ann.mentions_bot("one");
    shop.discord.wait_for_requests(Route::Send, 1).await;
    // The thread is opened, and the process stops before it knows.
    shop.discord
        .fail_next(Route::Thread, Fault::Late(Duration::from_secs(20)));
    let asked = ann.mentions_bot("two");
    shop.discord.wait_for_requests(Route::Thread, 2).await;
    let inside = ann.in_thread_under(&asked);
    let (discord, kept) = shop.stops().await;
    let open_threads = |settings: &mut DiscordSettings| settings.open_threads = true;
    let shop = Shop::opens_with(discord, kept, open_threads).await;
    assert_eq!(inside.wait_for_messages(1).await, ["echo: two"]);
    inside.says("three");
    assert_eq!(
        inside.wait_for_messages(2).await,
        ["echo: two", "echo: three"]
    );
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_a_thread_before_its_opening_is_answered_comes_after_it() {
    let shop = threading_shop().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    shop.discord
        .fail_next(Route::Thread, Fault::Late(Duration::from_secs(2)));
    let asked = ann.mentions_bot("one");
    let inside = ann.wait_for_thread_under(&asked).await;
    inside.says("two");
    inside.mentions_bot("three");
    let seen = inside.wait_for_messages(3).await;
    assert_eq!(seen, ["echo: one", "echo: two", "echo: three"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_a_thread_whose_opening_seemed_to_fail_is_heard() {
    let shop = threading_shop().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    shop.discord.fail_next(Route::Thread, Fault::ResetAfter);
    let asked = ann.mentions_bot("one");
    let inside = ann.wait_for_thread_under(&asked).await;
    inside.says("two");
    let seen = inside.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: one", "echo: two"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_is_found_after_a_restart_is_asked_for_what_was_said_in_it() {
    let shop = threading_shop().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    ann.mentions_bot("so that the place is known");
    shop.discord.wait_for_requests(Route::Send, 1).await;
    shop.discord
        .fail_next(Route::Thread, Fault::Late(Duration::from_secs(20)));
    let asked = ann.mentions_bot("one");
    let inside = ann.wait_for_thread_under(&asked).await;
    inside.says("two");
    let (discord, kept) = shop.stops().await;
    inside.says("three");
    let open_threads = |settings: &mut DiscordSettings| settings.open_threads = true;
    let shop = Shop::opens_with(discord, kept, open_threads).await;
    inside.says("four");
    let seen = inside.wait_for_messages(4).await;
    let mut sorted = seen.clone();
    sorted.sort();
    let expect = ["echo: four", "echo: one", "echo: three", "echo: two"];
    assert_eq!(sorted, expect);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_a_thread_whose_history_is_closed_to_the_bot_is_still_listened_to() {
    let shop = Shop::opens().await;
    let thread = shop.discord.guild_channel("lamps").thread("Ann's order");
    let ann = shop.discord.customer("Ann").at(&thread);
    ann.mentions_bot("you there?");
    ann.wait_for_messages(1).await;
    let (status, code) = (403, 50_001);
    shop.discord
        .fail_next(Route::Read, Fault::Refused { status, code });
    shop.discord.invalidate_sessions(false);
    shop.discord.wait_for_session(2).await;
    shop.discord.wait_for_requests(Route::Read, 1).await;
    ann.says("how much is oak?");
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: you there?", "echo: how much is oak?"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_thread_the_talk_stays_in_the_channel() {
    let shop = threading_shop().await;
    let ann = shop
        .discord
        .customer("Ann")
        .at(&shop.discord.guild_channel("lamps"));
    for _ in 0..3 {
        shop.discord
            .fail_next(Route::Thread, Fault::NotJson { status: 500 });
    }
    ann.mentions_bot("is oak in stock?");
    assert_eq!(ann.wait_for_messages(1).await, ["echo: is oak in stock?"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_a_crowd_replies_to_the_question() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let in_room = ann.at(&shop.discord.guild_channel("lamps"));
    let asked = in_room.mentions_bot("is oak in stock?");
    in_room.wait_for_messages(1).await;
    assert_eq!(in_room.sees_replies_to(), [Some(asked)]);
    ann.says("between us");
    ann.wait_for_messages(1).await;
    assert_eq!(ann.sees_replies_to(), [None]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_threads_may_not_be_opened_for_long_the_talk_stays_in_the_channel() {
    let shop = threading_shop().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    let retry_after = Duration::from_mins(1);
    shop.discord
        .fail_next(Route::Thread, Fault::Flood { retry_after });
    ann.mentions_bot("is oak in stock?");
    ann.mentions_bot("and pine?");
    let answered = tokio::time::timeout(Duration::from_secs(5), ann.wait_for_messages(2)).await;
    let seen = answered.expect("the channel waits for a thread");
    assert_eq!(seen, ["echo: is oak in stock?", "echo: and pine?"]);
    // The second one knew.
    assert_eq!(shop.discord.requests(Route::Thread), 1);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_limit_on_threads_is_waited_for() {
    let shop = threading_shop().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    let retry_after = Duration::from_millis(300);
    shop.discord
        .fail_next(Route::Thread, Fault::Flood { retry_after });
    let asked = ann.mentions_bot("is oak in stock?");
    let inside = ann.in_thread_under(&asked);
    let seen = inside.wait_for_messages(1).await;
    assert_eq!(seen, ["echo: is oak in stock?"]);
    shop.closes().await;
}
