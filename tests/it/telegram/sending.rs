//! What the bot says: words as they were meant, limits, the platform's pace, places that are gone.

use super::*;

#[tokio::test]
async fn words_and_entities_arrive_as_they_were_meant() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let text = format!("{}**台灯** costs `¥129`", "😀".repeat(2030));
    channel
        .send(&private(&ann), Post::of(&text, "n"))
        .await
        .unwrap();
    let seen = ann.sees();
    assert_eq!(
        seen[0].text,
        format!("{}台灯 costs ¥129", "😀".repeat(2030))
    );
    assert_eq!(
        seen[0].entities,
        [
            json!({"type": "bold", "offset": 4060, "length": 2}),
            json!({"type": "code", "offset": 4069, "length": 4}),
        ]
    );
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_refused_and_not_tried_again() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let sent = channel
        .send(&private(&ann), Post::of(&"😀".repeat(2049), "n"))
        .await;
    assert!(matches!(sent, Err(DeliveryError::Refused(_))), "{sent:?}");
    let sent = channel.send(&private(&ann), Post::of(" \n ", "n")).await;
    assert!(matches!(sent, Err(DeliveryError::Refused(_))), "{sent:?}");
}

#[tokio::test]
async fn a_reply_grows_by_edits_and_saying_the_same_again_is_success() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let to = private(&ann);
    let receipt = channel.send(&to, Post::of("The lamp", "n")).await.unwrap();
    channel
        .edit(&to, &receipt, Post::of("The lamp **costs**", "n"))
        .await
        .unwrap();
    channel
        .edit(&to, &receipt, Post::of("The lamp **costs**", "n"))
        .await
        .unwrap();
    let seen = ann.sees();
    assert_eq!(texts(&seen), ["The lamp costs"]);
    assert_eq!(seen[0].edits, 1);
    let lost = channel
        .edit(&to, &Receipt("1".into()), Post::of("x", "n"))
        .await;
    assert!(matches!(
        lost,
        Err(DeliveryError::Wait { .. } | DeliveryError::Refused(_))
    ));
}

#[tokio::test]
async fn entities_that_telegram_refuses_are_left_out_once() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let refusal = || Fault::Refusal {
        code: 400,
        description: "Bad Request: can't parse entities: Unsupported URL".into(),
    };
    telegram.fail_next("sendMessage", refusal());
    channel
        .send(&private(&ann), Post::of("**Pro**", "n"))
        .await
        .unwrap();
    let seen = ann.sees();
    assert_eq!((seen[0].text.as_str(), seen[0].entities.len()), ("Pro", 0));
    telegram.fail_next("sendMessage", refusal());
    let sent = channel.send(&private(&ann), Post::of("plain", "n")).await;
    assert!(matches!(sent, Err(DeliveryError::Refused(_))), "{sent:?}");
}

#[tokio::test]
async fn flood_control_holds_one_chat_and_no_other() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let (ann, bo) = (telegram.customer("Ann"), telegram.customer("Bo"));
    let retry_after = Duration::from_secs(30);
    telegram.fail_next("sendMessage", Fault::FloodControl { retry_after });
    let sent = channel.send(&private(&ann), Post::of("one", "n")).await;
    assert!(matches!(sent, Err(DeliveryError::Wait { after }) if after == retry_after));
    // Ann's chat is left alone without asking Telegram again; Bo's goes on.
    let again = channel.send(&private(&ann), Post::of("one", "n")).await;
    assert!(
        matches!(again, Err(DeliveryError::Wait { .. })),
        "{again:?}"
    );
    let typing = channel.typing(&private(&ann)).await;
    assert!(
        matches!(typing, Err(DeliveryError::Wait { .. })),
        "{typing:?}"
    );
    channel
        .send(&private(&bo), Post::of("two", "n"))
        .await
        .unwrap();
    assert_eq!(telegram.calls("sendMessage"), 2);
}

#[tokio::test]
async fn many_messages_to_one_chat_keep_the_platforms_pace() {
    let telegram = TelegramDouble::start().await;
    telegram.limit_chats(3, Duration::from_millis(2500));
    let bot = Bot::start(&telegram, &Arc::default()).await;
    let ann = telegram.customer("Ann");
    for number in 0..4 {
        ann.says(&number.to_string());
    }
    sees(
        &ann,
        &["You said: 0", "You said: 1", "You said: 2", "You said: 3"],
    )
    .await;
    assert_eq!(telegram.calls("sendMessage"), 4);
    bot.stop().await;
}

#[tokio::test]
async fn a_blocked_bot_gives_the_place_up() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    ann.blocks_bot();
    let sent = channel.send(&private(&ann), Post::of("hello", "n")).await;
    assert!(matches!(sent, Err(DeliveryError::Gone(_))), "{sent:?}");
    ann.unblocks_bot();
    channel
        .send(&private(&ann), Post::of("hello", "n"))
        .await
        .unwrap();
    let nowhere = Address::new(ChannelName::Telegram, "999");
    let sent = channel.send(&nowhere, Post::of("hello", "n")).await;
    assert!(matches!(sent, Err(DeliveryError::Gone(_))), "{sent:?}");
    let elsewhere = Address::new(ChannelName::Telegram, "not a place");
    let sent = channel.send(&elsewhere, Post::of("hello", "n")).await;
    assert!(matches!(sent, Err(DeliveryError::Refused(_))), "{sent:?}");
}

#[tokio::test]
async fn a_passing_fault_asks_for_another_try_at_once() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    for fault in [Fault::BadGateway, Fault::ResetBefore] {
        telegram.fail_next("sendMessage", fault);
        let sent = channel.send(&private(&ann), Post::of("hello", "n")).await;
        let Err(DeliveryError::Retry { source, .. }) = sent else {
            panic!("{sent:?}");
        };
        assert!(!source.to_string().contains(telegram.token()), "{source}");
    }
    assert_eq!(ann.sees().len(), 0);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_does_not_double_the_message() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    telegram.fail_next("sendMessage", Fault::CutAnswer);
    let receipt = channel
        .send(&private(&ann), Post::of("hello", "n"))
        .await
        .unwrap();
    channel
        .edit(&private(&ann), &receipt, Post::of("hello again", "n"))
        .await
        .unwrap();
    assert_eq!(texts(&ann.sees()), ["hello again"]);
}

#[tokio::test]
async fn platform_a_call_that_hangs_is_given_up() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    telegram.fail_next("sendMessage", Fault::Hang);
    let sent = channel.send(&private(&ann), Post::of("hello", "n")).await;
    assert!(matches!(sent, Err(DeliveryError::Retry { .. })), "{sent:?}");
    channel
        .send(&private(&ann), Post::of("hello", "n"))
        .await
        .unwrap();
}
