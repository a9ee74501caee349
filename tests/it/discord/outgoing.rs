//! The outgoing side: what the channel sends, and how it tells the ways of failing apart.

use consultant_core::Card;

use super::*;

pub(super) async fn outgoing() -> (DiscordDouble, DiscordChannel) {
    let discord = DiscordDouble::start().await;
    let channel = DiscordChannel::connect(settings(&discord))
        .await
        .expect("a good token");
    (discord, channel)
}

pub(super) fn at(place: &str) -> Address {
    Address::new(ChannelName::Discord, place)
}

pub(super) fn class(error: &DeliveryError) -> &'static str {
    match error {
        DeliveryError::Wait { .. } => "wait",
        DeliveryError::Retry { .. } => "retry",
        DeliveryError::Moved { .. } => "moved",
        DeliveryError::Missing(_) => "missing",
        DeliveryError::Gone(_) => "gone",
        DeliveryError::Refused(_) => "refused",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_sent_shown_as_typed_and_changed() {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let to = at(&ann.place());
    channel.typing(&to).await.unwrap();
    let receipt = channel.send(&to, Post::of("one mo", "n")).await.unwrap();
    channel
        .edit(&to, &receipt, Post::of("one moment @everyone", "n"))
        .await
        .unwrap();
    channel
        .edit(&to, &receipt, Post::of("one moment @everyone", "n"))
        .await
        .unwrap();
    assert_eq!(ann.sees(), ["one moment @everyone"]);
    assert_eq!(ann.typing_seen(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_beyond_the_limit_is_refused_not_cut() {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let to = at(&ann.place());
    let longest = "灯".repeat(channel.limits(&to).message_utf16_units);
    channel.send(&to, Post::of(&longest, "fits")).await.unwrap();
    let error = channel
        .send(&to, Post::of(&format!("{longest}灯"), "too long"))
        .await
        .unwrap_err();
    assert_eq!(class(&error), "refused");
    let error = channel.send(&to, Post::of(" ", "empty")).await.unwrap_err();
    assert_eq!(class(&error), "refused");
    assert_eq!(ann.sees(), [longest]);
}

/// Lets a send go wrong, then repeats it as the deliverer does: under the same nonce.
async fn check_failed_send(fault: Fault, expect: &str, repeated: &str) {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let to = at(&ann.place());
    discord.fail_next(Route::Send, fault);
    let failed = channel.send(&to, Post::of("A.", "n")).await;
    let error = failed.unwrap_err();
    assert_eq!(class(&error), expect, "{error}");
    if let DeliveryError::Wait { after } = error {
        tokio::time::sleep(after).await;
    }
    let receipt = channel.send(&to, Post::of(repeated, "n")).await.unwrap();
    assert_eq!(ann.sees(), [repeated]);
    // What the receipt names is what is seen.
    let edited = channel.edit(&to, &receipt, Post::of("A. B. C.", "n"));
    edited.await.unwrap();
    assert_eq!(ann.sees(), ["A. B. C."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_after_a_429_is_shown_once() {
    let retry_after = Duration::from_secs(1);
    check_failed_send(Fault::Flood { retry_after }, "wait", "A.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_after_a_5xx_whose_body_is_no_json_is_shown_once() {
    check_failed_send(Fault::NotJson { status: 502 }, "retry", "A.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_after_a_reset_before_the_effect_is_shown_once() {
    check_failed_send(Fault::ResetBefore, "retry", "A.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_after_a_reset_after_the_effect_is_shown_once() {
    check_failed_send(Fault::ResetAfter, "retry", "A.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_text_after_a_reset_after_the_effect_is_shown_whole_and_once() {
    check_failed_send(Fault::ResetAfter, "retry", "A. B.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_after_a_truncated_200_is_shown_once() {
    check_failed_send(Fault::Truncated, "retry", "A.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_text_after_a_truncated_200_is_shown_whole_and_once() {
    check_failed_send(Fault::Truncated, "retry", "A. B.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_tried_again_and_a_new_one_delivers() {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let to = at(&ann.place());
    discord.refuse_token(true);
    let error = channel.send(&to, Post::of("hello", "n")).await.unwrap_err();
    assert_eq!(class(&error), "retry", "{error}");
    discord.refuse_token(false);
    channel.send(&to, Post::of("hello", "n")).await.unwrap();
    assert_eq!(ann.sees(), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_is_not_discords_own_decides_nothing() {
    for status in [400, 401, 403, 404, 413] {
        check_failed_send(Fault::NotJson { status }, "retry", "A.").await;
    }
    let (status, code) = (403, 40_333);
    check_failed_send(Fault::Refused { status, code }, "retry", "A.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_came_too_late_for_a_known_nonce_hangs_under_the_message() {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let to = at(&ann.place());
    discord.fail_next(Route::Send, Fault::ResetAfter);
    let lost = channel.send(&to, Post::of("Oak lamp", "n")).await;
    lost.unwrap_err();
    let card = Card {
        title: "Oak lamp".to_owned(),
        price: None,
        picture_url: None,
        buttons: Vec::new(),
    };
    let with_card = Post {
        card: Some(&card),
        ..Post::of("Oak lamp", "n")
    };
    channel.send(&to, with_card).await.unwrap();
    assert_eq!(ann.sees_cards(), [["Oak lamp"]]);
    assert_eq!(discord.requests(Route::Edit), 1);
    // Nothing is rewritten that reads as it should.
    channel.send(&to, with_card).await.unwrap();
    assert_eq!(discord.requests(Route::Edit), 1);
}

/// The limit of the guarantee: Discord remembers a nonce for a few minutes.
#[tokio::test(flavor = "multi_thread")]
async fn a_send_that_is_repeated_after_its_nonce_is_forgotten_is_shown_twice() {
    let (discord, channel) = outgoing().await;
    discord.remember_nonces_for(Duration::ZERO);
    let ann = discord.customer("Ann");
    let to = at(&ann.place());
    discord.fail_next(Route::Send, Fault::ResetAfter);
    let lost = channel.send(&to, Post::of("hello", "n")).await;
    lost.unwrap_err();
    channel.send(&to, Post::of("hello", "n")).await.unwrap();
    assert_eq!(ann.sees(), ["hello", "hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_gone_is_told_as_gone() {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let (locked, deleted) = (
        discord.guild_channel("locked"),
        discord.guild_channel("deleted"),
    );
    locked.locks_the_bot_out();
    deleted.is_deleted();
    ann.blocks_the_bot();
    for place in [
        ann.place(),
        ann.at(&locked).place(),
        ann.at(&deleted).place(),
    ] {
        let error = channel
            .send(&at(&place), Post::of("hello", "n"))
            .await
            .unwrap_err();
        assert_eq!(class(&error), "gone", "{error}");
        let error = channel.typing(&at(&place)).await.unwrap_err();
        assert_eq!(class(&error), "gone", "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_receipt_of_another_notation_is_refused() {
    let (discord, channel) = outgoing().await;
    let to = at(&discord.customer("Ann").place());
    for place in ["", "0", "general", "1/2/3"] {
        let error = channel
            .send(&at(place), Post::of("hello", "n"))
            .await
            .unwrap_err();
        assert_eq!(class(&error), "refused");
    }
    let error = channel
        .edit(&to, &Receipt("0".to_owned()), Post::of("hello", "n"))
        .await
        .unwrap_err();
    assert_eq!(class(&error), "refused");
    assert_eq!(discord.requests(Route::Send), 0);
}
