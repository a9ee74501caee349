//! Conversations with the Telegram channel over real sockets.

mod cards;
mod echo;
mod faults;
mod files;
mod rooms;
mod sending;
mod sent_files;
mod webhook;

use std::{sync::Arc, time::Duration};

use consultant_channels::{
    ChannelError,
    telegram::{TelegramChannel, TelegramSettings},
};
use consultant_core::{
    Address, ChannelName, Receipt,
    ports::{Channel, DeliveryError, Post},
};
use consultant_tests::telegram::{BOT_NAME, Content, Customer, Fault, Seen, TelegramDouble};
use secrecy::SecretString;
use serde_json::json;

use self::echo::{Bot, Memory, settings};

fn texts(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|message| message.text.as_str()).collect()
}

async fn sees(customer: &Customer, expect: &[&str]) {
    let what = format!("{expect:?}");
    let seen = customer
        .wait_for(&what, |seen| seen.len() >= expect.len())
        .await;
    assert_eq!(texts(&seen), expect);
}

fn private(customer: &Customer) -> Address {
    Address::new(ChannelName::Telegram, customer.chat_id().to_string())
}

async fn connected(telegram: &TelegramDouble) -> TelegramChannel {
    TelegramChannel::connect(settings(telegram)).await.unwrap()
}

/// A channel to a server that limits nothing, so that a test waits for no pace.
async fn unpaced(telegram: &TelegramDouble) -> TelegramChannel {
    let settings = TelegramSettings {
        paced: false,
        ..settings(telegram)
    };
    TelegramChannel::connect(settings).await.unwrap()
}

#[tokio::test]
async fn connecting_ends_a_webhook_and_sets_the_menus() {
    let telegram = TelegramDouble::start().await;
    telegram.set_webhook("https://example.org/hook");
    let ann = telegram.customer("Ann");
    ann.says("written before the bot came");
    let bot = Bot::start(&telegram, &Arc::default()).await;
    assert_eq!(bot.channel.bot_name(), BOT_NAME);
    assert_eq!(telegram.menu(""), ["start", "help", "reset"]);
    assert_eq!(telegram.menu("zh"), ["start", "help", "reset"]);
    sees(&ann, &["You said: written before the bot came"]).await;
    bot.stop().await;
}

#[tokio::test]
async fn a_customer_is_answered_in_private_also_in_chinese() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::default();
    let bot = Bot::start(&telegram, &memory).await;
    let (ann, li) = (
        telegram.customer("Ann"),
        telegram.customer("李").speaking("zh-hans"),
    );
    ann.says("/start");
    ann.says("How much is the lamp?");
    li.says("这盏灯多少钱? 😀");
    sees(
        &ann,
        &["You gave /start", "You said: How much is the lamp?"],
    )
    .await;
    sees(&li, &["You said: 这盏灯多少钱? 😀"]).await;
    telegram.wait_until_confirmed().await;
    let accepted = memory.accepted();
    let mut locales: Vec<_> = accepted
        .iter()
        .filter_map(|it| it.locale.as_deref())
        .collect();
    // Each chat has an order of its own.
    locales.sort_unstable();
    assert_eq!(locales, ["en", "en", "zh-hans"]);
    bot.stop().await;
}

#[tokio::test]
async fn an_update_stays_with_telegram_until_it_is_stored() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    memory.fail(2);
    let bot = Bot::start(&telegram, &memory).await;
    let ann = telegram.customer("Ann");
    let first = ann.says("one");
    ann.says("two");
    sees(&ann, &["You said: one", "You said: two"]).await;
    telegram.wait_until_confirmed().await;
    // Twice in vain, then each once.
    assert_eq!(memory.tries(), 4);
    let offsets = telegram.parameters("getUpdates");
    let offsets: Vec<_> = offsets.iter().map(|one| one["offset"].as_i64()).collect();
    // Nothing was confirmed in the three polls that brought the first update.
    assert!(
        offsets[..3]
            .iter()
            .all(|offset| offset.is_none_or(|offset| offset <= first))
    );
    bot.stop().await;
}

#[tokio::test]
async fn an_update_that_the_store_can_never_take_is_left_out_and_the_rest_is_heard() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    memory.cannot_take("one");
    let bot = Bot::start(&telegram, &memory).await;
    let ann = telegram.customer("Ann");
    for text in ["one", "two"] {
        ann.says(text);
    }
    telegram.wait_for_calls("getUpdates", 6).await;
    assert_eq!(
        memory.accepted().len(),
        0,
        "perhaps it takes nothing at all"
    );
    let bo = telegram.customer("Bo");
    bo.says("three");
    sees(&bo, &["You said: three"]).await;
    sees(&ann, &["You said: two"]).await;
    telegram.wait_until_confirmed().await;
    bot.stop().await;
}

#[tokio::test]
async fn the_same_update_twice_is_answered_once() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let ann = telegram.customer("Ann");
    let update = ann.says("one");
    sees(&ann, &["You said: one"]).await;
    telegram.wait_until_confirmed().await;
    telegram.repeat_update(update);
    ann.says("two");
    sees(&ann, &["You said: one", "You said: two"]).await;
    assert_eq!(memory.accepted().len(), 2);
    assert_eq!(memory.tries(), 3);
    bot.stop().await;
}

#[tokio::test]
async fn in_a_group_only_those_who_speak_to_the_bot_are_answered() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let group = telegram.group("Friends of lamps");
    let ann = telegram.customer("Ann").in_group(&group);
    let bo = telegram.customer("Bo").in_group(&group);
    ann.says("Has anybody bought a lamp?");
    ann.sends(Content::Sticker);
    ann.says("/help@SomeOtherBot");
    ann.sends(Content::Fields(json!({"new_chat_title": "Lamps"})));
    ann.mentions_bot("多少钱?");
    let seen = ann.wait_for("an answer", |seen| seen.len() == 1).await;
    assert_eq!(seen[0].text, "You said: 多少钱?");
    assert!(seen[0].reply_to.is_some(), "{seen:?}");
    bo.replies_to(seen[0].message_id, "and two?");
    bo.says(&format!("/help@{BOT_NAME}"));
    sees(
        &ann,
        &["You said: 多少钱?", "You said: and two?", "You gave /help"],
    )
    .await;
    let places: Vec<_> = memory
        .accepted()
        .into_iter()
        .map(|one| one.address.place)
        .collect();
    assert_eq!(places[0], format!("{}/{}", ann.chat_id(), ann.user_id()));
    assert_eq!(places[1], format!("{}/{}", bo.chat_id(), bo.user_id()));
    bot.stop().await;
}

#[tokio::test]
async fn each_topic_is_answered_in_itself_and_general_too() {
    let telegram = TelegramDouble::start().await;
    let bot = Bot::start(&telegram, &Arc::default()).await;
    let forum = telegram.forum("Lamps");
    let orders = forum.topic("Orders");
    let ann = telegram.customer("Ann");
    let (in_orders, in_general) = (ann.in_topic(&forum, orders), ann.in_general(&forum));
    in_orders.says("just talking among us");
    in_orders.mentions_bot("in orders");
    in_general.mentions_bot("in general");
    sees(&in_orders, &["You said: in orders"]).await;
    sees(&in_general, &["You said: in general"]).await;
    bot.stop().await;
}

#[tokio::test]
async fn a_topics_typing_is_shown_in_it() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let forum = telegram.forum("Lamps");
    let orders = forum.topic("Orders");
    let ann = telegram.customer("Ann").in_topic(&forum, orders);
    for thread in [orders, 1] {
        let place = format!("{}#{thread}/{}", ann.chat_id(), ann.user_id());
        let address = Address::new(ChannelName::Telegram, place);
        channel.typing(&address).await.unwrap();
    }
    assert_eq!(ann.typing_shown(), 2);
    let calls = telegram.parameters("sendChatAction");
    assert_eq!(calls[0]["message_thread_id"], json!(orders));
    assert_eq!(calls[1].get("message_thread_id"), None);
}

#[tokio::test]
async fn what_cannot_be_read_gets_an_honest_line() {
    let telegram = TelegramDouble::start().await;
    let bot = Bot::start(&telegram, &Arc::default()).await;
    let contents = [
        (Content::Sticker, "Sticker"),
        (Content::Poll, "Poll"),
        (Content::Contact, "Contact"),
        (Content::Dice, "Sticker"),
    ];
    for (number, (content, what)) in contents.into_iter().enumerate() {
        // One person each: a chat takes only so many messages a second.
        let customer = telegram.customer(&number.to_string());
        customer.sends(content);
        sees(&customer, &[&format!("I cannot read this: {what}")]).await;
    }
    let ann = telegram.customer("Ann");
    ann.says("how much is this one?");
    sees(&ann, &["You said: how much is this one?"]).await;
    bot.stop().await;
}

#[tokio::test]
async fn an_update_that_cannot_be_read_holds_up_nobody() {
    let telegram = TelegramDouble::start().await;
    telegram.inject(json!({"message": {"nothing": "that a message has"}}));
    telegram.inject(json!({"something_new": true}));
    let ann = telegram.customer("Ann");
    ann.says("hello");
    let bot = Bot::start(&telegram, &Arc::default()).await;
    sees(&ann, &["You said: hello"]).await;
    telegram.wait_until_confirmed().await;
    assert_eq!(bot.channel.unreadable_updates(), 1);
    bot.stop().await;
}

#[tokio::test]
async fn a_customers_edit_names_the_message_that_it_changes() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let ann = telegram.customer("Ann");
    let update = ann.says("how mcuh?");
    ann.edits(update, "how much?");
    sees(
        &ann,
        &["You said: how mcuh?", "You changed it to: how much?"],
    )
    .await;
    let accepted = memory.accepted();
    assert!(accepted[0].message.is_some());
    assert_eq!(accepted[0].message, accepted[1].message);
    assert_ne!(accepted[0].key, accepted[1].key);
    bot.stop().await;
}

#[tokio::test]
async fn an_outage_of_polling_is_waited_out() {
    let telegram = TelegramDouble::start().await;
    telegram.fail_next("getUpdates", Fault::BadGateway);
    telegram.fail_next("getUpdates", Fault::ResetAfter);
    let bot = Bot::start(&telegram, &Arc::default()).await;
    let ann = telegram.customer("Ann");
    ann.says("still there?");
    sees(&ann, &["You said: still there?"]).await;
    bot.stop().await;
}

#[tokio::test]
async fn two_programs_on_one_bot_lose_and_double_nothing() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let one = Bot::start(&telegram, &memory).await;
    telegram.wait_until_polled().await;
    let two = Bot::start(&telegram, &memory).await;
    telegram.wait_for_calls("getUpdates", 3).await;
    let ann = telegram.customer("Ann");
    ann.says("who answers?");
    sees(&ann, &["You said: who answers?"]).await;
    one.stop().await;
    ann.says("and now?");
    sees(&ann, &["You said: who answers?", "You said: and now?"]).await;
    two.stop().await;
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_nothing_and_doubles_nothing() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let ann = telegram.customer("Ann");
    let first = Bot::start(&telegram, &memory).await;
    ann.says("one");
    sees(&ann, &["You said: one"]).await;
    // Stored, but perhaps not yet confirmed: it may come again.
    first.stop().await;
    ann.says("two");
    ann.says("三");
    let second = Bot::start(&telegram, &memory).await;
    sees(&ann, &["You said: one", "You said: two", "You said: 三"]).await;
    telegram.wait_until_confirmed().await;
    second.stop().await;
    assert_eq!(ann.sees().len(), 3);
}

#[tokio::test]
async fn a_revoked_token_ends_the_bot_with_a_clear_word() {
    let telegram = TelegramDouble::start().await;
    let bot = Bot::start(&telegram, &Arc::default()).await;
    telegram.wait_until_polled().await;
    telegram.revoke_token();
    let error = bot.ends().await;
    assert!(
        matches!(error, ChannelError::TokenRefused { .. }),
        "{error}"
    );
    insta::assert_snapshot!(error, @"telegram refused the token: take a fresh one from @BotFather (it looks like 123456789:AAExampleExampleExample) and set CONSULTANT__TELEGRAM__TOKEN");
}

#[tokio::test]
async fn a_wrong_token_is_refused_at_start_and_never_shown() {
    let telegram = TelegramDouble::start().await;
    let wrong = SecretString::from("1:wrong-secret");
    let connected = TelegramChannel::connect(TelegramSettings::new(wrong, telegram.url())).await;
    let error = connected.err().unwrap();
    assert!(
        matches!(error, ChannelError::TokenRefused { .. }),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("wrong-secret"));
}

#[tokio::test]
async fn an_unreachable_server_is_named_at_start_without_the_token() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let token = SecretString::from("1:secret");
    let connected = TelegramChannel::connect(TelegramSettings::new(token, url.as_str())).await;
    let error = connected.err().unwrap();
    let shown = format!("{error} {error:?}");
    assert!(matches!(error, ChannelError::Unreachable { .. }), "{error}");
    assert!(shown.contains(&url) && !shown.contains("secret"), "{shown}");
}
