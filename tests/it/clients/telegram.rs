//! grammY and aiogram on the double of Telegram. Both bots say the same, so each conversation is
//! held with both.

use std::time::Duration;

use consultant_tests::{
    client::{Client, Library},
    telegram::{Content, Customer, Fault, File, Received, Seen, TelegramDouble},
};
use rstest::rstest;
use serde_json::{Value, json};

use Library::{Aiogram, Grammy};

async fn sees(customer: &Customer, expect: &[&str]) -> Vec<Seen> {
    let what = format!("{expect:?}");
    let text = |seen: &[Seen]| -> Vec<String> { seen.iter().map(|it| it.text.clone()).collect() };
    customer.wait_for(&what, |seen| text(seen) == expect).await
}

fn bold(offset: usize, length: usize) -> Value {
    json!([{"type": "bold", "offset": offset, "length": length}])
}

#[rstest]
#[tokio::test]
async fn platform_a_bot_begins_by_taking_the_webhook_away(
    #[values(Grammy, Aiogram)] library: Library,
) {
    let telegram = TelegramDouble::start().await;
    telegram.set_webhook("https://example.org/hook");
    let ann = telegram.customer("Ann");
    ann.says("written before the bot came");
    let bot = Client::on_telegram(library, &telegram).await;
    sees(&ann, &["You said: written before the bot came"]).await;
    assert_eq!(telegram.webhook_url(), "");
    assert_eq!(telegram.menu(""), ["lamps"]);
    bot.ends().await;
}

#[rstest]
#[tokio::test]
async fn platform_words_come_back_with_their_marks(#[values(Grammy, Aiogram)] library: Library) {
    let telegram = TelegramDouble::start().await;
    let bot = Client::on_telegram(library, &telegram).await;
    let odd = telegram.customer("R&D <李>");
    odd.says("/start");
    let seen = sees(&odd, &["Welcome, R&D <李>!"]).await;
    assert_eq!(json!(seen[0].entities), bold(9, 7));
    let li = telegram.customer("李");
    li.says("😀 多少钱?");
    let seen = sees(&li, &["You said: 😀 多少钱?"]).await;
    assert_eq!(json!(seen[0].entities), bold(10, 7));
    assert!(seen[0].reply_to.is_some());
    assert_eq!(li.typing_shown(), 1);
    telegram.wait_until_confirmed().await;
    bot.ends().await;
}

#[rstest]
#[tokio::test]
async fn platform_messages_are_edited_on_both_sides(#[values(Grammy, Aiogram)] library: Library) {
    let telegram = TelegramDouble::start().await;
    let bot = Client::on_telegram(library, &telegram).await;
    let (ann, bo) = (telegram.customer("Ann"), telegram.customer("Bo"));
    let update = ann.says("two lamps");
    sees(&ann, &["You said: two lamps"]).await;
    ann.edits(update, "three lamps");
    let expect = ["You said: two lamps", "Now you say: three lamps"];
    let seen = sees(&ann, &expect).await;
    assert_eq!(seen[0].reply_to, seen[1].reply_to);
    bo.says("/count");
    let seen = sees(&bo, &["3"]).await;
    assert_eq!(seen[0].edits, 2);
    bot.ends().await;
}

#[rstest]
#[tokio::test]
async fn platform_a_pressed_button_is_answered(#[values(Grammy, Aiogram)] library: Library) {
    let telegram = TelegramDouble::start().await;
    let bot = Client::on_telegram(library, &telegram).await;
    let ann = telegram.customer("Ann");
    ann.says("/lamps");
    let seen = sees(&ann, &["Which lamp?"]).await;
    let buttons = [("Oak", "lamp:oak"), ("Pine", "lamp:pine")];
    let buttons = buttons.map(|(text, data)| (text.to_owned(), data.to_owned()));
    assert_eq!(seen[0].buttons, buttons);
    ann.presses(seen[0].message_id, "lamp:pine");
    let seen = sees(&ann, &["You chose pine."]).await;
    assert_eq!(seen[0].buttons, []);
    assert_eq!(telegram.unanswered_presses(), 0);
    bot.ends().await;
}

#[rstest]
#[tokio::test]
async fn platform_files_go_both_ways(#[values(Grammy, Aiogram)] library: Library) {
    let telegram = TelegramDouble::start().await;
    let bot = Client::on_telegram(library, &telegram).await;
    let ann = telegram.customer("Ann");
    ann.sends(Content::File(File::new("photo", "lamp.jpg", "oak")));
    ann.sends(Content::File(File::new("document", "a b&ü.txt", "pine")));
    sees(&ann, &["3 bytes: oak", "4 bytes: pine"]).await;
    ann.says("/order");
    let expect = Received {
        kind: "document",
        name: "order.txt".to_owned(),
        content: "one lamp, 橡木".into(),
        caption: "Your order".to_owned(),
    };
    assert_eq!(ann.wait_for_files(1).await, [expect]);
    bot.ends().await;
}

#[rstest]
#[tokio::test]
async fn platform_in_a_forum_a_topic_keeps_its_answers(
    #[values(Grammy, Aiogram)] library: Library,
) {
    let telegram = TelegramDouble::start().await;
    let bot = Client::on_telegram(library, &telegram).await;
    let forum = telegram.forum("Friends of lamps");
    let topic = forum.topic("Oak");
    let ann = telegram.customer("Ann").in_topic(&forum, topic);
    let bo = telegram.customer("Bo").in_general(&forum);
    ann.says("in the topic");
    bo.says("in General");
    sees(&ann, &["You said: in the topic"]).await;
    sees(&bo, &["You said: in General"]).await;
    bot.ends().await;
}

#[rstest]
#[tokio::test]
async fn platform_flood_control_is_waited_for(#[values(Grammy, Aiogram)] library: Library) {
    let telegram = TelegramDouble::start().await;
    let bot = Client::on_telegram(library, &telegram).await;
    let ann = telegram.customer("Ann");
    telegram.limit_chats(1, Duration::from_secs(1));
    ann.says("one");
    ann.says("two");
    let seen = ann.wait_for("both answers", |seen| seen.len() == 2).await;
    let mut texts: Vec<&str> = seen.iter().map(|it| it.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["You said: one", "You said: two"]);
    assert!(telegram.calls("sendMessage") > 2);
    bot.ends().await;
}

#[rstest]
#[tokio::test]
async fn platform_a_poll_that_goes_wrong_is_repeated_and_loses_nothing(
    #[values(Grammy, Aiogram)] library: Library,
) {
    let telegram = TelegramDouble::start().await;
    let bot = Client::on_telegram(library, &telegram).await;
    let ann = telegram.customer("Ann");
    let mut expect = Vec::new();
    for fault in [Fault::BadGateway, Fault::ResetAfter, Fault::CutAnswer] {
        // The poll that is open is well; the next one brings this fault.
        telegram.fail_next("getUpdates", fault);
        for text in ["one", "two"] {
            ann.says(text);
            expect.push(format!("You said: {text}"));
            let expect: Vec<&str> = expect.iter().map(String::as_str).collect();
            sees(&ann, &expect).await;
        }
    }
    bot.ends().await;
}
