//! The outgoing side: what the channel sends, and how it tells the ways of failing apart.

use super::*;

async fn outgoing() -> (DiscordDouble, DiscordChannel) {
    let discord = DiscordDouble::start().await;
    let channel = DiscordChannel::connect(settings(&discord))
        .await
        .expect("a good token");
    (discord, channel)
}

fn at(place: &str) -> Address {
    Address::new(ChannelName::Discord, place)
}

fn class(error: &DeliveryError) -> &'static str {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_send_is_classed_and_repeating_it_never_posts_twice() {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let to = at(&ann.place());
    let retry_after = Duration::from_secs(1);
    let faults = [
        (Fault::Flood { retry_after }, "wait"),
        (Fault::NotJson { status: 502 }, "retry"),
        (Fault::ResetBefore, "retry"),
        (Fault::ResetAfter, "retry"),
        (Fault::Truncated, "retry"),
    ];
    for (number, (fault, expect)) in faults.into_iter().enumerate() {
        discord.fail_next(Route::Send, fault);
        let (text, nonce) = (format!("message {number}"), format!("discord:77/{number}"));
        let error = channel
            .send(&to, Post::of(&text, &nonce))
            .await
            .unwrap_err();
        assert_eq!(class(&error), expect, "{fault:?}: {error}");
        if let DeliveryError::Wait { after } = error {
            tokio::time::sleep(after).await;
        }
        channel.send(&to, Post::of(&text, &nonce)).await.unwrap();
        assert_eq!(ann.sees().len(), number + 1, "{fault:?}");
    }
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
