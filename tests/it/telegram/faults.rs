//! What can go wrong between Telegram and us, each with a name. What is about one message or file
//! alone stands beside its usual way.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Receipt,
    ports::{Channel, DeliveryError, Post},
};
use consultant_tests::telegram::{Fault, TelegramDouble};
use serde_json::{Value, json};

use super::{
    connected,
    echo::{Bot, Memory},
    private, sees, texts,
};

#[tokio::test]
async fn flood_control_once_delays_one_answer_and_loses_none() {
    let telegram = TelegramDouble::start().await;
    let bot = Bot::start(&telegram, &Arc::default()).await;
    let ann = telegram.customer("Ann");
    let retry_after = Duration::from_secs(1);
    telegram.fail_next("sendMessage", Fault::FloodControl { retry_after });
    ann.says("one");
    sees(&ann, &["You said: one"]).await;
    assert_eq!(telegram.calls("sendMessage"), 2);
    bot.stop().await;
}

#[tokio::test]
async fn flood_control_for_all_is_obeyed_in_each_chat() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    telegram.limit_chats(1, Duration::from_mins(1));
    for name in ["Ann", "Bo", "Cy"] {
        let to = private(&telegram.customer(name));
        channel.send(&to, Post::of("hi", "n")).await.unwrap();
        for _ in 0..3 {
            let sent = channel.send(&to, Post::of("hello", "n")).await;
            assert!(matches!(sent, Err(DeliveryError::Wait { .. })), "{sent:?}");
        }
    }
    // Each chat was told once to wait, and then kept the silence.
    assert_eq!(telegram.calls("sendMessage"), 6);
}

#[tokio::test]
async fn flood_control_of_polling_is_waited_out() {
    let telegram = TelegramDouble::start().await;
    let retry_after = Duration::from_secs(1);
    telegram.fail_next("getUpdates", Fault::FloodControl { retry_after });
    let bot = Bot::start(&telegram, &Arc::default()).await;
    let ann = telegram.customer("Ann");
    let begun = tokio::time::Instant::now();
    ann.says("one");
    sees(&ann, &["You said: one"]).await;
    assert!(begun.elapsed() > Duration::from_millis(500));
    bot.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_cut_off_comes_again_whole() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let ann = telegram.customer("Ann");
    ann.says("one");
    ann.says("two");
    telegram.fail_next("getUpdates", Fault::CutAnswer);
    let bot = Bot::start(&telegram, &memory).await;
    sees(&ann, &["You said: one", "You said: two"]).await;
    assert_eq!(memory.tries(), 2);
    bot.stop().await;
}

/// Telegram has no idempotency key: this is the one place where a message can come twice.
#[tokio::test]
async fn a_reset_after_the_effect_is_told_as_one_to_try_again() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    telegram.fail_next("sendMessage", Fault::ResetAfter);
    let sent = channel.send(&private(&ann), Post::of("hello", "n")).await;
    assert!(matches!(sent, Err(DeliveryError::Retry { .. })), "{sent:?}");
    assert_eq!(texts(&ann.sees()), ["hello"]);
    let to = private(&ann);
    let receipt = Receipt(ann.sees()[0].message_id.to_string());
    telegram.fail_next("editMessageText", Fault::ResetAfter);
    let edit = || channel.edit(&to, &receipt, Post::of("edited", "n"));
    assert!(edit().await.is_err());
    // An edit can be repeated without harm.
    edit().await.unwrap();
    assert_eq!(texts(&ann.sees()), ["edited"]);
}

#[tokio::test]
async fn an_update_that_comes_again_after_a_restart_is_answered_once() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let ann = telegram.customer("Ann");
    let first = Bot::start(&telegram, &memory).await;
    let update = ann.says("one");
    sees(&ann, &["You said: one"]).await;
    telegram.wait_until_confirmed().await;
    first.stop().await;
    telegram.repeat_update(update);
    let second = Bot::start(&telegram, &memory).await;
    ann.says("two");
    sees(&ann, &["You said: one", "You said: two"]).await;
    assert_eq!(memory.accepted().len(), 2);
    second.stop().await;
}

fn asks(update: i64, person: i64, text: &str) -> Value {
    json!({"update_id": update, "message": {
        "message_id": update, "date": 1_790_942_400, "text": text,
        "chat": {"id": person, "type": "private", "first_name": "Ann"},
        "from": {"id": person, "is_bot": false, "first_name": "Ann"},
    }})
}

#[tokio::test]
async fn updates_out_of_order_and_with_a_gap_are_taken_by_their_numbers() {
    let telegram = TelegramDouble::start().await;
    let ann = telegram.customer("Ann");
    for (update, text) in [(905, "three"), (900, "one"), (903, "two")] {
        telegram.inject(asks(update, ann.user_id(), text));
    }
    let bot = Bot::start(&telegram, &Arc::default()).await;
    sees(&ann, &["You said: one", "You said: two", "You said: three"]).await;
    telegram.wait_until_confirmed().await;
    bot.stop().await;
}

#[tokio::test]
async fn an_update_without_a_number_holds_up_nobody() {
    let telegram = TelegramDouble::start().await;
    let bot = Bot::start(&telegram, &Arc::default()).await;
    let ann = telegram.customer("Ann");
    let mut odd = asks(1, ann.user_id(), "odd");
    odd["update_id"] = json!("not a number");
    telegram.inject_once(odd);
    ann.says("hello");
    sees(&ann, &["You said: hello"]).await;
    assert_eq!(bot.channel.unreadable_updates(), 1);
    bot.stop().await;
}

#[tokio::test]
async fn a_second_program_is_noticed_until_it_is_gone() {
    let telegram = TelegramDouble::start().await;
    let one = Bot::start(&telegram, &Arc::default()).await;
    telegram.wait_until_polled().await;
    assert!(!one.channel.is_contested());
    let two = Bot::start(&telegram, &Arc::default()).await;
    telegram.wait_for_calls("getUpdates", 3).await;
    assert!(one.channel.is_contested() || two.channel.is_contested());
    two.stop().await;
    let ann = telegram.customer("Ann");
    ann.says("hello");
    sees(&ann, &["You said: hello"]).await;
    assert!(!one.channel.is_contested());
    one.stop().await;
}

#[tokio::test]
async fn platform_a_long_outage_is_waited_out_and_nothing_is_lost() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    telegram.wait_until_polled().await;
    for _ in 0..4 {
        telegram.fail_next("getUpdates", Fault::BadGateway);
        telegram.fail_next("sendMessage", Fault::BadGateway);
    }
    let ann = telegram.customer("Ann");
    ann.says("one");
    ann.says("two");
    let both = |seen: &[super::Seen]| seen.len() == 2;
    let seen = ann.wait_within(Duration::from_mins(1), "both answers", both);
    assert_eq!(texts(&seen.await), ["You said: one", "You said: two"]);
    assert_eq!(memory.accepted().len(), 2);
    bot.stop().await;
}

#[tokio::test]
async fn platform_a_poll_that_hangs_is_given_up() {
    let telegram = TelegramDouble::start().await;
    telegram.fail_next("getUpdates", Fault::Hang);
    let settings = consultant_channels::telegram::TelegramSettings {
        poll_patience: Duration::from_secs(1),
        ..super::settings(&telegram)
    };
    let bot = Bot::start_with(settings, &Arc::default()).await;
    let ann = telegram.customer("Ann");
    ann.says("hello?");
    let one = |seen: &[super::Seen]| seen.len() == 1;
    ann.wait_within(Duration::from_mins(1), "an answer", one)
        .await;
    bot.stop().await;
}
