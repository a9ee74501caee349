//! Discord end to end: the real channel, over real sockets, against the double. The engine's
//! place is taken by an echo, so that every reply shows what was heard, and in which order.

mod at_desk;
mod buttons;
mod edits;
mod files;
mod gateway;
mod limits;
mod outgoing;
mod product;
mod restart;
mod rights;
mod rooms;
mod sent_files;
mod shop;
mod threads;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use consultant_channels::{
    ChannelError,
    discord::{DiscordChannel, DiscordSettings},
};
use consultant_core::{
    Address, ChannelName, InboundEvent, Receipt,
    ports::{Channel, DeliveryError, Post},
};
use consultant_tests::discord::{Customer, DiscordDouble, Fault, Right, Route, TOKEN};
use tokio_util::sync::CancellationToken;

use self::shop::{Shop, settings};

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_message_is_answered_where_it_came_from() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let id = ann.says("how much is the oak lamp?");
    assert_eq!(
        ann.wait_for_messages(1).await,
        ["echo: how much is the oak lamp?"]
    );
    let heard = shop.heard();
    assert_eq!(heard[0].key.as_str(), format!("discord:{id}"));
    assert_eq!(
        heard[0].address,
        Address::new(ChannelName::Discord, ann.place())
    );
    assert_eq!(heard[0].sent_at.to_string().get(..4), Some("2026"));
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_of_ten_turns_in_chinese_keeps_its_order() {
    let shop = Shop::opens().await;
    let li = shop.discord.customer("李雷");
    for turn in 1..=10 {
        li.says(&format!("第{turn}个问题：橡木台灯多少钱？🪔"));
        li.wait_for_messages(turn).await;
    }
    let expect: Vec<String> = (1..=10)
        .map(|turn| format!("echo: 第{turn}个问题：橡木台灯多少钱？🪔"))
        .collect();
    assert_eq!(li.sees(), expect);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_guild_only_what_is_meant_for_the_bot_is_answered() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    let bob = shop.discord.customer("Bob").at(&room);
    bob.says("nice weather");
    ann.mentions_bot("is oak in stock?");
    ann.wait_for_messages(1).await;
    bob.says("still nice");
    ann.replies_to_bot("and pine?");
    assert_eq!(
        ann.wait_for_messages(2).await,
        ["echo: is oak in stock?", "echo: and pine?"]
    );
    let expect = format!("{}/{}", ann.place(), ann.user());
    assert!(
        shop.heard()
            .iter()
            .all(|heard| heard.address.place == expect)
    );
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bots_own_role_is_a_name_of_it() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    // Whoever was answered knows that the guild was told.
    ann.mentions_bot("hello");
    ann.wait_for_messages(1).await;
    ann.mentions_bots_role("is oak in stock?");
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: hello", "echo: is oak in stock?"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_thread_one_mention_is_enough() {
    let shop = Shop::opens().await;
    let thread = shop.discord.guild_channel("lamps").thread("Ann's order");
    let ann = shop.discord.customer("Ann").at(&thread);
    ann.says("anybody there?");
    ann.mentions_bot("you there?");
    ann.wait_for_messages(1).await;
    ann.says("how much is oak?");
    assert_eq!(
        ann.wait_for_messages(2).await,
        ["echo: you there?", "echo: how much is oak?"]
    );
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_fifty_messages_is_answered_in_its_order() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let expect: Vec<String> = (0..50).map(|number| format!("echo: {number}")).collect();
    for number in 0..50 {
        ann.says(&number.to_string());
    }
    assert_eq!(ann.wait_for_messages(50).await, expect);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_event_is_answered_once() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("hello");
    shop.discord.repeat_last_event();
    ann.wait_for_messages(1).await;
    ann.says("goodbye");
    assert_eq!(
        ann.wait_for_text("echo: goodbye").await,
        ["echo: hello", "echo: goodbye"]
    );
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_lacks_a_field_stops_nothing() {
    let shop = Shop::opens().await;
    shop.discord.sends_malformed_event();
    shop.discord.sends_malformed_event();
    let ann = shop.discord.customer("Ann");
    ann.says("hello");
    assert_eq!(ann.wait_for_messages(1).await, ["echo: hello"]);
    assert_eq!(shop.channel.unreadable_events(), 2);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_apart() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.sends_sticker();
    ann.sends_poll();
    let expect = ["Sticker", "Poll"].map(|what| format!("unsupported: {what}"));
    assert_eq!(ann.wait_for_messages(2).await, expect);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slash_command_is_acknowledged_and_its_reply_completes_it() {
    let shop = Shop::opens().await;
    let names: Vec<_> = shop
        .discord
        .commands()
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].clone())
        .collect();
    assert_eq!(names, ["start", "help", "reset"]);
    let li = shop.discord.customer("李雷");
    let id = li.runs_in("/help", "zh-CN");
    assert_eq!(li.wait_for_messages(1).await, ["command: help"]);
    let heard = shop.heard();
    assert_eq!(heard[0].key.as_str(), format!("discord:{id}"));
    assert_eq!(heard[0].locale.as_deref(), Some("zh-CN"));
    assert_eq!(shop.discord.requests(Route::EditOriginal), 1);
    assert_eq!(shop.discord.requests(Route::Send), 0);
    assert!(shop.discord.interaction_waits().iter().all(Option::is_some));
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slash_command_in_a_guild_is_one_customers_conversation() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    ann.runs("/start");
    assert_eq!(ann.wait_for_messages(1).await, ["command: start"]);
    let expect = format!("{}/{}", ann.place(), ann.user());
    assert_eq!(shop.heard()[0].address.place, expect);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slash_command_is_acknowledged_in_time_while_the_store_is_down() {
    let shop = Shop::opens().await;
    shop.echo.store_failures.store(usize::MAX, Ordering::SeqCst);
    let ann = shop.discord.customer("Ann");
    ann.says("hello");
    ann.runs("/help");
    shop.discord.wait_for_requests(Route::Callback, 1).await;
    shop.echo.store_failures.store(0, Ordering::SeqCst);
    let seen = ann.wait_for_messages(2).await;
    // "Thinking…" stood there before the echo came.
    assert_eq!(seen, ["command: help", "echo: hello"]);
    assert!(
        shop.discord
            .interaction_waits()
            .iter()
            .flatten()
            .all(|waited| *waited < 3_000)
    );
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_down_nothing_is_lost_and_nothing_overtakes() {
    let shop = Shop::opens().await;
    shop.echo.store_failures.store(3, Ordering::SeqCst);
    let ann = shop.discord.customer("Ann");
    let bob = shop.discord.customer("Bob");
    ann.says("one");
    ann.says("two");
    bob.says("three");
    ann.wait_for_messages(2).await;
    bob.wait_for_messages(1).await;
    let texts: Vec<String> = shop
        .heard()
        .iter()
        .map(|heard| format!("{:?}", heard.event))
        .collect();
    assert!(texts[0].contains("one") && texts[1].contains("two") && texts[2].contains("three"));
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_out_of_order_are_all_answered_once() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    shop.discord.reversed(|| {
        ann.says("one");
        ann.says("two");
    });
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: two", "echo: one"]);
    ann.says("three");
    assert_eq!(ann.wait_for_messages(3).await.len(), 3);
    shop.closes().await;
}

/// Ann says one, two and, so much later, three; the second is lost on its way.
async fn says_three_of_which_one_is_lost(shop: &Shop, later: Duration) -> Customer {
    let ann = shop.discord.customer("Ann");
    ann.says("one");
    ann.wait_for_messages(1).await;
    shop.discord.lose_events(true);
    ann.says("two");
    shop.discord.lose_events(false);
    shop.discord.time_passes(later);
    ann.says("three");
    ann.wait_for_text("echo: three").await;
    ann
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_a_gap_is_filled_after_the_next_lost_session() {
    let shop = Shop::opens().await;
    let ann = says_three_of_which_one_is_lost(&shop, Duration::from_mins(50)).await;
    shop.discord.invalidate_sessions(false);
    let seen = ann.wait_for_text("echo: two").await;
    assert_eq!(seen, ["echo: one", "echo: three", "echo: two"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_a_long_outage_loses_nothing_and_doubles_nothing() {
    let discord = DiscordDouble::start().await;
    let shop = Shop::opens_at(discord, |settings| {
        settings.watchdog = Duration::from_secs(5);
    })
    .await;
    let (ann, bob) = (shop.discord.customer("Ann"), shop.discord.customer("Bob"));
    ann.says("before");
    bob.says("before");
    ann.wait_for_messages(1).await;
    bob.wait_for_messages(1).await;
    shop.discord.goes_down();
    ann.says("one");
    bob.says("two");
    ann.says("three");
    tokio::time::sleep(Duration::from_secs(12)).await;
    shop.discord.comes_back();
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(seen, ["echo: before", "echo: one", "echo: three"]);
    let seen = bob.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: before", "echo: two"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slash_command_without_the_needless_fields_is_answered() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    for (number, field) in ["locale", "entitlements", "attachment_size_limit"]
        .into_iter()
        .enumerate()
    {
        ann.runs_without("/help", field);
        ann.wait_for_messages(number + 1).await;
    }
    assert_eq!(shop.heard()[0].locale, None);
    assert_eq!(shop.channel.unreadable_events(), 0);
    ann.runs_without("/help", "data");
    ann.runs("/help");
    assert_eq!(ann.wait_for_messages(4).await.len(), 4);
    assert_eq!(shop.channel.unreadable_events(), 1);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_taken_up_again_and_loses_nothing() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    shop.discord.drop_connections();
    ann.says("meanwhile");
    shop.discord.wait_for_resume(1).await;
    ann.says("after");
    let expect = ["echo: before", "echo: meanwhile", "echo: after"];
    assert_eq!(ann.wait_for_messages(3).await, expect);
    assert_eq!(shop.discord.identifies(), 1);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_what_a_lost_session_missed_is_answered_once() {
    let shop = Shop::opens().await;
    let (ann, room) = (
        shop.discord.customer("Ann"),
        shop.discord.guild_channel("lamps"),
    );
    let bob = shop.discord.customer("Bob").at(&room);
    ann.says("before");
    bob.mentions_bot("before");
    ann.wait_for_messages(1).await;
    bob.wait_for_messages(1).await;
    shop.discord.invalidate_sessions(false);
    for number in 0..120 {
        ann.says(&format!("missed {number}"));
    }
    bob.says("not for the bot");
    bob.mentions_bot("missed");
    shop.discord.wait_for_session(2).await;
    ann.says("after");
    let seen = ann.wait_for_text("echo: after").await;
    let mut expect = vec!["echo: before".to_owned()];
    expect.extend((0..120).map(|number| format!("echo: missed {number}")));
    expect.push("echo: after".to_owned());
    assert_eq!(seen, expect);
    assert_eq!(
        bob.wait_for_messages(2).await,
        ["echo: before", "echo: missed"]
    );
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_a_close_without_a_code_wakes_the_watchdog() {
    let discord = DiscordDouble::start().await;
    // Far beyond the test's patience: serenity itself would notice only at the next heartbeat.
    discord.heartbeat_every(Duration::from_mins(10));
    let shop = Shop::opens_at(discord, |settings| {
        settings.watchdog = Duration::from_secs(4);
    })
    .await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    shop.discord.close_connections(None);
    ann.says("into deaf ears");
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: before", "echo: into deaf ears"]);
    assert!(shop.discord.identifies() >= 2);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_heartbeats_without_acknowledgement_end_the_session_not_the_channel() {
    let discord = DiscordDouble::start().await;
    discord.heartbeat_every(Duration::from_millis(500));
    let shop = Shop::opens_at(discord, |_| {}).await;
    shop.discord.acknowledge_heartbeats(false);
    shop.discord.wait_for_session(2).await;
    shop.discord.acknowledge_heartbeats(true);
    let ann = shop.discord.customer("Ann");
    ann.says("hello");
    assert_eq!(ann.wait_for_messages(1).await, ["echo: hello"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_is_named_and_never_shown() {
    let discord = DiscordDouble::start().await;
    let wrong = DiscordSettings {
        token: "wrong.token".into(),
        ..settings(&discord)
    };
    let error = DiscordChannel::connect(wrong.clone())
        .await
        .expect_err("a wrong token");
    assert!(
        matches!(error, ChannelError::TokenRefused { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("CONSULTANT__DISCORD__TOKEN"));
    assert!(!format!("{error:?} {error} {wrong:?}").contains("wrong.token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_api_is_named_by_its_url() {
    let discord = DiscordDouble::start().await;
    let nowhere = DiscordSettings {
        api_url: Some("http://127.0.0.1:1".to_owned()),
        ..settings(&discord)
    };
    let error = DiscordChannel::connect(nowhere)
        .await
        .expect_err("nobody is there");
    assert!(matches!(error, ChannelError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("http://127.0.0.1:1"));
    assert!(!error.to_string().contains(TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_later_ends_the_channel_with_a_hint() {
    let shop = Shop::opens().await;
    shop.discord.revoke_token();
    let ended = shop.running.await.expect("the channel does not panic");
    let error = ended.expect_err("the token is worth nothing");
    assert!(
        matches!(error, ChannelError::TokenRefused { .. }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_intent_is_named() {
    let discord = DiscordDouble::start().await;
    discord.forbid_message_content();
    let channel = DiscordChannel::connect(settings(&discord))
        .await
        .expect("a good token");
    let channel = Arc::new(channel);
    let house = shop::house(&channel);
    let ended = channel.run(house, CancellationToken::new()).await;
    let error = ended.expect_err("the intent is not granted").to_string();
    assert!(error.contains("Message Content"), "{error}");
}
