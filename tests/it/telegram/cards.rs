//! Buttons, pictures, presses, drafts, and groups that move.

use std::sync::Arc;

use consultant_core::{
    Address, Button, Card, ChannelName, InboundEvent, MessageId, Press,
    ports::{Channel, DeliveryError, Post, Preview},
};
use consultant_tests::telegram::{Customer, Fault, TelegramDouble};
use serde_json::json;

use super::{
    connected,
    echo::{Bot, Memory},
    private, sees, texts,
};

fn card() -> Card {
    let button = |label: &str, press| Button {
        label: label.to_owned(),
        press,
    };
    Card {
        title: "Halo desk lamp".to_owned(),
        price: Some("€129".to_owned()),
        picture_url: Some("https://example.org/halo.jpg".to_owned()),
        buttons: vec![
            button("Order", Press::Order("halo".into(), None)),
            button("A person", Press::Person),
        ],
    }
}

fn with_card<'a>(text: &'a str, card: &'a Card) -> Post<'a> {
    Post {
        card: Some(card),
        ..Post::of(text, "n")
    }
}

/// The number of a message with buttons.
async fn shows_card(bot: &Bot, to: &Address) -> i64 {
    let card = card();
    let sent = bot.channel.send(to, with_card("The Halo", &card)).await;
    sent.unwrap().0.parse().unwrap()
}

fn in_group(customer: &Customer) -> Address {
    let place = format!("{}/{}", customer.chat_id(), customer.user_id());
    Address::new(ChannelName::Telegram, place)
}

#[tokio::test]
async fn a_card_has_its_buttons_and_its_picture_and_plain_words_have_neither() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let (to, card) = (private(&ann), card());
    let receipt = channel
        .send(&to, with_card("The Halo costs **€129**.", &card))
        .await
        .unwrap();
    let seen = ann.sees().remove(0);
    let buttons = [("Order", "order:halo"), ("A person", "person")];
    let buttons = buttons.map(|(label, press)| (label.to_owned(), press.to_owned()));
    assert_eq!(seen.buttons, buttons);
    assert_eq!(seen.picture, card.picture_url);
    // An edit that names the card keeps it, and one that does not takes it away.
    channel
        .edit(&to, &receipt, with_card("The Halo costs **€99**.", &card))
        .await
        .unwrap();
    let seen = ann.sees().remove(0);
    assert_eq!(
        (seen.buttons, seen.picture),
        (buttons.to_vec(), card.picture_url.clone())
    );
    channel
        .edit(&to, &receipt, Post::of("See https://example.org", "n"))
        .await
        .unwrap();
    let seen = ann.sees().remove(0);
    assert_eq!((seen.buttons, seen.picture), (Vec::new(), None));
    let edits = telegram.parameters("editMessageText");
    assert_eq!(
        edits[1]["link_preview_options"],
        json!({"is_disabled": true})
    );
}

#[tokio::test]
async fn a_text_that_grows_into_a_card_gets_it_with_its_last_edit() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let (to, card) = (private(&ann), card());
    let receipt = channel.send(&to, Post::of("The Halo", "n")).await.unwrap();
    // The same words with a card are something new to Telegram.
    channel
        .edit(&to, &receipt, with_card("The Halo", &card))
        .await
        .unwrap();
    assert_eq!(ann.sees()[0].buttons.len(), 2);
}

#[tokio::test]
async fn a_press_is_heard_once_and_the_button_stops_blinking() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let ann = telegram.customer("Ann");
    let message = shows_card(&bot, &private(&ann)).await;
    let update = ann.presses(message, "order:halo");
    sees(&ann, &["The Halo", "You pressed order:halo"]).await;
    telegram.wait_for_calls("answerCallbackQuery", 1).await;
    assert_eq!(telegram.unanswered_presses(), 0);
    telegram.repeat_update(update);
    ann.says("and?");
    sees(
        &ann,
        &["The Halo", "You pressed order:halo", "You said: and?"],
    )
    .await;
    assert_eq!(memory.accepted().len(), 2);
    bot.stop().await;
}

#[tokio::test]
async fn a_press_that_is_not_stored_is_not_answered() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let ann = telegram.customer("Ann");
    let message = shows_card(&bot, &private(&ann)).await;
    memory.fail(1);
    telegram.fail_next("answerCallbackQuery", Fault::BadGateway);
    ann.presses(message, "person");
    // Stored at the second try; that Telegram could not be told does not matter.
    sees(&ann, &["The Halo", "You pressed person"]).await;
    telegram.wait_for_calls("answerCallbackQuery", 1).await;
    assert_eq!(memory.tries(), 2);
    bot.stop().await;
    assert_eq!(telegram.calls("answerCallbackQuery"), 1);
}

#[tokio::test]
async fn in_a_group_a_press_belongs_to_whoever_pressed() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let group = telegram.group("Lamps");
    let ann = telegram.customer("Ann").in_group(&group);
    let bo = telegram.customer("Bo").in_group(&group);
    let message = shows_card(&bot, &in_group(&ann)).await;
    bo.presses(message, "person");
    sees(&bo, &["The Halo", "You pressed person"]).await;
    let accepted = memory.accepted();
    assert_eq!(accepted[0].address, in_group(&bo));
    bot.stop().await;
}

#[tokio::test]
async fn in_a_group_an_edit_is_heard_only_when_it_speaks_to_the_bot() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let group = telegram.group("Lamps");
    let ann = telegram.customer("Ann").in_group(&group);
    let chat = ann.says("just talking");
    ann.edits(chat, "just talking on");
    let asked = ann.mentions_bot("how mcuh?");
    ann.edits(asked, "@ConsultantDoubleBot how much?");
    sees(
        &ann,
        &["You said: how mcuh?", "You changed it to: how much?"],
    )
    .await;
    bot.stop().await;
}

#[tokio::test]
async fn who_blocks_the_bot_has_left() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let ann = telegram.customer("Ann");
    ann.says("bye");
    sees(&ann, &["You said: bye"]).await;
    ann.blocks_bot();
    telegram.wait_until_confirmed().await;
    ann.unblocks_bot();
    ann.says("hello again");
    sees(&ann, &["You said: bye", "You said: hello again"]).await;
    let events: Vec<_> = memory.accepted().into_iter().map(|it| it.event).collect();
    assert_eq!(
        events,
        [
            InboundEvent::says("bye"),
            InboundEvent::Left,
            InboundEvent::says("hello again")
        ]
    );
    bot.stop().await;
}

#[tokio::test]
async fn an_answer_replies_in_groups_only_and_also_to_a_deleted_question() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let there = ann.in_group(&telegram.group("Lamps"));
    let deleted = MessageId::from("1");
    let post = Post {
        reply_to: Some(&deleted),
        ..Post::of("hello", "n")
    };
    channel.send(&in_group(&there), post).await.unwrap();
    channel.send(&private(&ann), post).await.unwrap();
    assert_eq!(texts(&there.sees()), ["hello"]);
    let calls = telegram.parameters("sendMessage");
    assert_eq!(calls[0]["reply_parameters"]["message_id"], json!(1));
    assert_eq!(calls[1].get("reply_parameters"), None);
}

#[tokio::test]
async fn a_draft_grows_and_vanishes_when_the_message_is_sent() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let to = private(&ann);
    assert!(matches!(channel.limits(&to).preview, Preview::Drafts(_)));
    for text in ["The lamp", "The lamp **costs**"] {
        channel.draft(&to, Post::of(text, "n")).await.unwrap();
    }
    assert_eq!(ann.draft().as_deref(), Some("The lamp costs"));
    assert_eq!(ann.sees().len(), 0);
    channel
        .send(&to, Post::of("The lamp costs €9.", "n"))
        .await
        .unwrap();
    assert_eq!(ann.draft(), None);
    let drafts = telegram.parameters("sendMessageDraft");
    assert_eq!(drafts[0]["draft_id"], drafts[1]["draft_id"]);
    let there = ann.in_group(&telegram.group("Lamps"));
    let preview = channel.limits(&in_group(&there)).preview;
    assert!(matches!(preview, Preview::Edits(_)), "{preview:?}");
}

#[tokio::test]
async fn an_older_server_is_asked_for_a_draft_once() {
    let telegram = TelegramDouble::start().await;
    telegram.without_drafts();
    let channel = connected(&telegram).await;
    let to = private(&telegram.customer("Ann"));
    let drafted = channel.draft(&to, Post::of("The lamp", "n")).await;
    assert!(drafted.is_err());
    let preview = channel.limits(&to).preview;
    assert!(matches!(preview, Preview::Edits(_)), "{preview:?}");
    channel.send(&to, Post::of("The lamp", "n")).await.unwrap();
}

#[tokio::test]
async fn flood_control_of_a_draft_keeps_no_message_away() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let to = private(&ann);
    let retry_after = std::time::Duration::from_secs(30);
    telegram.fail_next("sendMessageDraft", Fault::FloodControl { retry_after });
    let drafted = channel.draft(&to, Post::of("The lamp", "n")).await;
    assert!(
        matches!(drafted, Err(DeliveryError::Wait { .. })),
        "{drafted:?}"
    );
    channel.send(&to, Post::of("The lamp", "n")).await.unwrap();
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_keeps_its_conversations() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    let group = telegram.group("Lamps");
    let ann = telegram.customer("Ann");
    let (before, old) = (ann.in_group(&group), in_group(&ann.in_group(&group)));
    before.mentions_bot("one");
    sees(&before, &["You said: one"]).await;
    let after = ann.in_group(&group.migrates(&before));
    let new = in_group(&after);
    telegram.wait_until_confirmed().await;
    // What still goes to the old place is told the new one.
    let sent = bot.channel.send(&old, Post::of("late", "n")).await;
    assert!(
        matches!(&sent, Err(DeliveryError::Moved { to }) if *to == new),
        "{sent:?}"
    );
    bot.stop().await;
    // Also a bot that was started since knows of it.
    let bot = Bot::start(&telegram, &memory).await;
    after.mentions_bot("two");
    after.mentions_bot("three");
    sees(&after, &["You said: two", "You said: three"]).await;
    assert_eq!(memory.moved_places(), [(old.place, new.place)]);
    bot.stop().await;
}
