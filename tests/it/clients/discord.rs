//! discord.js on the double of Discord.

use std::time::Duration;

use consultant_tests::{
    client::Client,
    discord::{DiscordDouble, Fault, Route, Upload},
};

#[tokio::test]
async fn direct_messages_and_mentions_are_answered() {
    let discord = DiscordDouble::start().await;
    let bot = Client::on_discord(&discord).await;
    let ann = discord.customer("Ann");
    let said = ann.says("多少钱? 😀");
    assert_eq!(ann.wait_for_messages(1).await, ["You said: **多少钱? 😀**"]);
    assert_eq!(ann.sees_replies_to(), [Some(said)]);
    assert_eq!(ann.typing_seen(), 1);
    // Made after the bot came, as is the thread in it.
    let room = discord.guild_channel("lamps");
    let bob = discord.customer("Bob").at(&room);
    bob.says("not for the bot");
    bob.mentions_bot("in the channel");
    bob.wait_for_text("You said: **in the channel**").await;
    let bob = bob.at(&room.thread("Oak"));
    bob.mentions_bot("in the thread");
    bob.wait_for_text("You said: **in the thread**").await;
    bot.ends().await;
}

#[tokio::test]
async fn messages_are_edited_on_both_sides() {
    let discord = DiscordDouble::start().await;
    let bot = Client::on_discord(&discord).await;
    let ann = discord.customer("Ann");
    ann.says("count");
    assert_eq!(ann.wait_for_text("3").await, ["3"]);
    assert_eq!(discord.requests(Route::Edit), 2);
    let said = ann.says("two lamps");
    ann.wait_for_text("You said: **two lamps**").await;
    ann.edits(&said, "three lamps");
    ann.wait_for_text("Now you say: **three lamps**").await;
    bot.ends().await;
}

#[tokio::test]
async fn a_file_is_downloaded() {
    let discord = DiscordDouble::start().await;
    let bot = Client::on_discord(&discord).await;
    let ann = discord.customer("Ann");
    ann.uploads("look", &[Upload::new("lamp.txt", "text/plain", b"oak")]);
    assert_eq!(ann.wait_for_messages(1).await, ["lamp.txt: 3 bytes"]);
    bot.ends().await;
}

#[tokio::test]
async fn a_deferred_command_and_its_buttons_are_completed() {
    let discord = DiscordDouble::start().await;
    let room = discord.guild_channel("lamps");
    let bot = Client::on_discord(&discord).await;
    assert_eq!(discord.commands()[0]["name"], "lamps");
    let ann = discord.customer("Ann");
    for customer in [ann.clone(), ann.at(&room)] {
        customer.runs_in("/lamps", "zh-CN");
        let seen = customer.wait_for_text("In zh-CN.").await;
        assert_eq!(seen, ["Which lamp?", "In zh-CN."]);
        assert_eq!(customer.sees_cards()[0], ["Lamps", "Oak", "Pine", "All"]);
        customer.presses("Oak");
        customer.wait_for_text("You chose oak.").await;
        assert_eq!(customer.sees_cards()[0], ["Lamps"]);
    }
    ann.runs("/lamps");
    ann.wait_for_text("In en-US.").await;
    ann.presses("Pine");
    ann.wait_for_text("You chose pine.").await;
    assert!(discord.interaction_waits().iter().all(Option::is_some));
    bot.ends().await;
}

#[tokio::test]
async fn a_lost_connection_is_resumed_and_loses_nothing() {
    let discord = DiscordDouble::start().await;
    let bot = Client::on_discord(&discord).await;
    let ann = discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    discord.drop_connections();
    ann.says("meanwhile");
    discord.wait_for_resume(1).await;
    discord.ask_to_reconnect();
    discord.wait_for_resume(2).await;
    ann.says("after");
    let expect = ["before", "meanwhile", "after"].map(|text| format!("You said: **{text}**"));
    assert_eq!(ann.wait_for_messages(3).await, expect);
    assert_eq!(discord.identifies(), 1);
    bot.ends().await;
}

#[tokio::test]
async fn platform_a_lost_session_is_begun_anew() {
    let discord = DiscordDouble::start().await;
    let bot = Client::on_discord(&discord).await;
    discord.invalidate_sessions(false);
    discord.wait_for_session(2).await;
    let ann = discord.customer("Ann");
    ann.says("hello");
    assert_eq!(ann.wait_for_messages(1).await, ["You said: **hello**"]);
    bot.ends().await;
}

#[tokio::test]
async fn missing_acknowledgements_end_the_connection_not_the_session() {
    let discord = DiscordDouble::start().await;
    discord.heartbeat_every(Duration::from_millis(500));
    let bot = Client::on_discord(&discord).await;
    discord.acknowledge_heartbeats(false);
    discord.wait_for_resume(1).await;
    discord.acknowledge_heartbeats(true);
    let ann = discord.customer("Ann");
    ann.says("hello");
    assert_eq!(ann.wait_for_messages(1).await, ["You said: **hello**"]);
    bot.ends().await;
}

#[tokio::test]
async fn rate_limits_are_read_from_the_headers_and_obeyed() {
    let discord = DiscordDouble::start().await;
    let bot = Client::on_discord(&discord).await;
    let ann = discord.customer("Ann");
    discord.limit_rates(2, Duration::from_secs(1));
    for number in 1..=5 {
        ann.says(&format!("{number}"));
    }
    assert_eq!(ann.wait_for_messages(5).await.len(), 5);
    assert_eq!(discord.disobeyed(), 0);
    bot.ends().await;
}

#[tokio::test]
async fn a_refused_call_is_repeated_after_the_time_it_names() {
    let discord = DiscordDouble::start().await;
    let bot = Client::on_discord(&discord).await;
    let ann = discord.customer("Ann");
    let retry_after = Duration::from_secs(1);
    discord.fail_next(Route::Send, Fault::Flood { retry_after });
    ann.says("hello");
    assert_eq!(ann.wait_for_messages(1).await, ["You said: **hello**"]);
    discord.floods_everywhere(retry_after);
    ann.says("again");
    ann.wait_for_text("You said: **again**").await;
    assert_eq!(discord.disobeyed(), 0);
    bot.ends().await;
}
