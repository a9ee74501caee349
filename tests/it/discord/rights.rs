//! Rights that a place may not give to the bot, although it may write there: an answer is shown
//! without what it may not do. And a form that Discord does not like.

use consultant_core::{Card, MessageId};

use super::*;

fn offer() -> Card {
    Card {
        title: "Oak lamp".to_owned(),
        price: Some("€129.00".to_owned()),
        picture_url: None,
        buttons: Vec::new(),
    }
}

/// Ann asks in a room without these rights, and is answered with a card, twice under one nonce and
/// once more by an edit.
async fn check_answer(missing: &[Right], named: bool, cards: &[&str]) {
    let discord = DiscordDouble::start().await;
    let channel = DiscordChannel::connect(settings(&discord)).await;
    let channel = channel.expect("a good token");
    let room = discord.guild_channel("lamps");
    for right in missing {
        room.forbids_the_bot(*right);
    }
    let ann = discord.customer("Ann").at(&room);
    let asked = ann.mentions_bot("oak?");
    let place = format!("{}/{}", ann.place(), ann.user());
    let (to, question) = (
        Address::new(ChannelName::Discord, place),
        MessageId::from(asked.as_str()),
    );
    let card = offer();
    let post = Post {
        card: Some(&card),
        reply_to: Some(&question),
        ..Post::of("The oak lamp costs €129.00.", "n")
    };
    let receipt = channel.send(&to, post).await.unwrap();
    assert_eq!(channel.send(&to, post).await.unwrap(), receipt);
    channel.edit(&to, &receipt, post).await.unwrap();
    assert_eq!(ann.sees(), ["The oak lamp costs €129.00."]);
    assert_eq!(ann.sees_replies_to(), [named.then_some(asked)]);
    assert_eq!(ann.sees_cards(), [cards]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_bot_may_all_an_answer_has_its_card_and_names_its_question() {
    check_answer(&[], true, &["Oak lamp"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_bot_may_not_read_the_history_an_answer_names_no_question() {
    check_answer(&[Right::ReadHistory], false, &["Oak lamp"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_bot_may_not_embed_links_an_answer_has_no_card() {
    check_answer(&[Right::EmbedLinks], true, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_bot_may_only_write_an_answer_is_its_words() {
    check_answer(&[Right::EmbedLinks, Right::ReadHistory], false, &[]).await;
}

/// Invalid Form Body.
const BAD_FORM: Fault = Fault::Refused {
    status: 400,
    code: 50_035,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_form_is_refused_is_left_out_wherever_it_hangs() {
    let shop = Shop::opens().await;
    *shop.echo.card.lock().unwrap() = Some(offer());
    let ann = shop.discord.customer("Ann");
    shop.discord.fail_next(Route::Send, BAD_FORM);
    ann.says("oak?");
    assert_eq!(ann.wait_for_messages(1).await, ["echo: oak?"]);
    shop.discord.fail_next(Route::EditOriginal, BAD_FORM);
    ann.runs("/help");
    assert_eq!(
        ann.wait_for_messages(2).await,
        ["echo: oak?", "command: help"]
    );
    let to = Address::new(ChannelName::Discord, ann.place());
    let sent = shop.channel.send(&to, Post::of("pine?", "n")).await;
    let receipt = sent.unwrap();
    shop.discord.fail_next(Route::Edit, BAD_FORM);
    let card = offer();
    let with_card = Post {
        card: Some(&card),
        ..Post::of("pine!", "n")
    };
    let edited = shop.channel.edit(&to, &receipt, with_card);
    edited.await.unwrap();
    assert_eq!(ann.sees(), ["echo: oak?", "command: help", "pine!"]);
    assert_eq!(ann.sees_cards(), [const { Vec::<String>::new() }; 3]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_whose_form_is_refused_is_left_out() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let ann = ann.at(&shop.discord.guild_channel("lamps"));
    shop.discord.fail_next(Route::Send, BAD_FORM);
    ann.mentions_bot("oak?");
    assert_eq!(ann.wait_for_messages(1).await, ["echo: oak?"]);
    assert_eq!(ann.sees_replies_to(), [None]);
    shop.closes().await;
}
