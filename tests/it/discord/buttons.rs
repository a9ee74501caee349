//! Cards with buttons, and what pressing one does.

use consultant_core::{Button, Card, Press};
use consultant_tests::discord::Upload;

use super::*;

fn offer() -> Card {
    let button = |label: &str, press| Button {
        label: label.to_owned(),
        press,
    };
    Card {
        title: "Oak lamp".to_owned(),
        price: Some("€129.00".to_owned()),
        picture_url: Some("https://lamps.example/oak.jpg".to_owned()),
        buttons: vec![
            button("Order", Press::Order("oak".into(), None)),
            button("A person", Press::Person),
        ],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pressed_button_is_acknowledged_and_its_answer_completes_the_reply() {
    let shop = Shop::opens().await;
    *shop.echo.card.lock().unwrap() = Some(offer());
    let ann = shop.discord.customer("Ann");
    ann.says("oak?");
    ann.wait_for_messages(1).await;
    assert_eq!(ann.sees_cards(), [["Oak lamp", "Order", "A person"]]);
    let sends = shop.discord.requests(Route::Send);
    let id = ann.presses("Order");
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: oak?", "pressed: order:oak"]);
    assert_eq!(ann.sees_cards()[1], ["Oak lamp", "Order", "A person"]);
    let heard = shop.heard();
    assert_eq!(heard[1].key.as_str(), format!("discord:{id}"));
    assert_eq!(heard[1].address, heard[0].address);
    assert_eq!(heard[1].locale.as_deref(), Some("en-US"));
    assert_eq!(shop.discord.requests(Route::Send), sends);
    let waits = shop.discord.interaction_waits();
    assert!(waits.iter().flatten().all(|waited| *waited < 3_000));
    assert_eq!(waits.len(), 1);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_in_a_guild_is_one_customers_conversation() {
    let shop = Shop::opens().await;
    *shop.echo.card.lock().unwrap() = Some(offer());
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    let bob = shop.discord.customer("Bob").at(&room);
    ann.mentions_bot("oak?");
    ann.wait_for_messages(1).await;
    bob.presses("A person");
    bob.wait_for_text("pressed: person").await;
    let expect = format!("{}/{}", bob.place(), bob.user());
    assert_eq!(shop.heard()[1].address.place, expect);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_an_interaction_is_completed_after_a_restart() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.runs("/help");
    ann.wait_for_messages(1).await;
    let heard = shop.heard().remove(0);
    let (discord, kept) = shop.stops().await;
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    // The delivery is repeated by a process that knows no more than what was stored.
    let post = Post {
        reply_to: heard.message.as_ref(),
        ..Post::of("what I can do", "n")
    };
    let receipt = shop.channel.send(&heard.address, post).await.unwrap();
    assert_eq!(ann.sees(), ["what I can do"]);
    let card = offer();
    let final_post = Post {
        text: "all that I can do",
        card: Some(&card),
        ..post
    };
    let edited = shop.channel.edit(&heard.address, &receipt, final_post);
    edited.await.unwrap();
    assert_eq!(ann.sees(), ["all that I can do"]);
    assert_eq!(ann.sees_cards(), [["Oak lamp", "Order", "A person"]]);
    assert_eq!(shop.discord.requests(Route::Send), 0);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_whose_token_is_spent_is_a_plain_message() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let to = Address::new(ChannelName::Discord, ann.place());
    let spent = "interaction:77:a-token-of-yesterday".into();
    let post = Post {
        reply_to: Some(&spent),
        ..Post::of("hello again", "n")
    };
    let receipt = shop.channel.send(&to, post).await.unwrap();
    let longer = Post {
        text: "hello again, Ann",
        ..post
    };
    shop.channel.edit(&to, &receipt, longer).await.unwrap();
    assert_eq!(ann.sees(), ["hello again, Ann"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interaction_that_could_not_be_acknowledged_gets_a_plain_message() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    for _ in 0..2 {
        shop.discord
            .fail_next(Route::Callback, Fault::NotJson { status: 500 });
    }
    ann.runs("/help");
    assert_eq!(ann.wait_for_messages(1).await, ["command: help"]);
    assert_eq!(shop.discord.requests(Route::Send), 1);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_without_a_card_takes_the_card_away() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let to = Address::new(ChannelName::Discord, ann.place());
    let card = offer();
    let with_card = Post {
        card: Some(&card),
        ..Post::of("an offer", "n")
    };
    let receipt = shop.channel.send(&to, with_card).await.unwrap();
    assert_eq!(ann.sees_cards(), [["Oak lamp", "Order", "A person"]]);
    let edited = shop.channel.edit(&to, &receipt, Post::of("sold out", "n"));
    edited.await.unwrap();
    assert_eq!(ann.sees(), ["sold out"]);
    assert_eq!(ann.sees_cards(), [Vec::<String>::new()]);
    let edited = shop.channel.edit(&to, &receipt, with_card);
    edited.await.unwrap();
    assert_eq!(ann.sees_cards(), [["Oak lamp", "Order", "A person"]]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_in_an_error() {
    let shop = Shop::opens().await;
    let to = Address::new(ChannelName::Discord, shop.discord.customer("Ann").place());
    let name = "interaction:77:very-secret".into();
    let post = Post {
        reply_to: Some(&name),
        ..Post::of("hello", "n")
    };
    for fault in [
        Fault::ResetBefore,
        Fault::NotJson { status: 502 },
        Fault::ResetAfter,
    ] {
        shop.discord.fail_next(Route::EditOriginal, fault);
        let error = shop.channel.send(&to, post).await.unwrap_err();
        assert!(
            !format!("{error:?} {error}").contains("very-secret"),
            "{error:?}"
        );
    }
    shop.closes().await;
}

const SORRY: &str = "I am sorry, this did not reach me. Please send it again.";

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_the_store_never_took_is_asked_for_again_at_the_stop() {
    let shop = Shop::opens().await;
    shop.echo.store_failures.store(usize::MAX, Ordering::SeqCst);
    let ann = shop.discord.customer("Ann");
    ann.runs("/help");
    // "Thinking…" stands there already.
    shop.discord.wait_for_requests(Route::Callback, 1).await;
    let (discord, _kept) = shop.stops().await;
    assert_eq!(ann.sees(), [SORRY]);
    assert!(discord.interaction_waits().iter().all(Option::is_some));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_for_its_place_at_the_stop_is_asked_for_again() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    shop.discord
        .fail_next(Route::File, Fault::Late(Duration::from_secs(20)));
    ann.uploads("see this", &[Upload::picture()]);
    shop.discord.wait_for_requests(Route::File, 1).await;
    ann.runs_in("/help", "zh-CN");
    shop.discord.wait_for_requests(Route::Callback, 1).await;
    let (discord, kept) = shop.stops().await;
    assert_eq!(ann.sees(), ["抱歉，我没能收到。请再发送一次。"]);
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    // The message is asked for again, the command is not.
    ann.wait_for_text("echo: see this").await;
    assert_eq!(ann.sees().len(), 2);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_finds_the_queue_full_is_asked_for_again_at_once() {
    const MORE_THAN_THE_QUEUE_HOLDS: usize = 4_200;
    let shop = Shop::opens().await;
    shop.echo.store_failures.store(usize::MAX, Ordering::SeqCst);
    let (ann, bob) = (shop.discord.customer("Ann"), shop.discord.customer("Bob"));
    for number in 0..MORE_THAN_THE_QUEUE_HOLDS {
        bob.says(&number.to_string());
    }
    ann.runs("/help");
    assert_eq!(ann.wait_for_messages(1).await, [SORRY]);
    shop.closes().await;
}
