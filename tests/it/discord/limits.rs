//! Rate limits and slow answers: whoever must wait is told for how long, and nobody else waits.

use super::*;

async fn outgoing() -> (DiscordDouble, DiscordChannel) {
    let discord = DiscordDouble::start().await;
    let channel = DiscordChannel::connect(settings(&discord)).await;
    (discord, channel.expect("a good token"))
}

fn at(place: &str) -> Address {
    Address::new(ChannelName::Discord, place)
}

#[track_caller]
fn told(error: &DeliveryError) -> Duration {
    match error {
        DeliveryError::Wait { after } => *after,
        other => panic!("not told to wait: {other}"),
    }
}

/// Sends as the deliverer does: waits for as long as it is told.
async fn send(channel: &DiscordChannel, to: &Address, text: &str) {
    loop {
        match channel.send(to, Post::of(text, text)).await {
            Ok(_) => return,
            Err(error) => tokio::time::sleep(told(&error)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_in_one_place_is_obeyed_there_and_stops_nobody_else() {
    let (discord, channel) = outgoing().await;
    let (ann, bob) = (discord.customer("Ann"), discord.customer("Bob"));
    discord.floods_at(&ann, Duration::from_secs(2));
    let to = at(&ann.place());
    for _ in 0..3 {
        let error = channel.send(&to, Post::of("hello", "n")).await.unwrap_err();
        let after = told(&error);
        assert!(after > Duration::from_secs(1), "{after:?}");
        assert!(after <= Duration::from_secs(2), "{after:?}");
    }
    // The second and the third never left the house.
    assert_eq!(discord.disobeyed(), 0);
    send(&channel, &at(&bob.place()), "hello").await;
    assert_eq!(bob.sees(), ["hello"]);
    send(&channel, &to, "hello").await;
    assert_eq!(ann.sees(), ["hello"]);
    assert_eq!(discord.disobeyed(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_global_limit_is_obeyed_everywhere() {
    let (discord, channel) = outgoing().await;
    let (ann, bob) = (discord.customer("Ann"), discord.customer("Bob"));
    discord.floods_everywhere(Duration::from_millis(1_500));
    let error = channel.typing(&at(&ann.place())).await.unwrap_err();
    told(&error);
    send(&channel, &at(&bob.place()), "hello").await;
    send(&channel, &at(&ann.place()), "hello").await;
    assert_eq!(discord.disobeyed(), 0);
    assert_eq!((ann.sees().len(), bob.sees().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_answer_says_is_left_is_not_overdrawn() {
    let (discord, channel) = outgoing().await;
    discord.limit_rates(5, Duration::from_millis(700));
    let ann = discord.customer("Ann");
    for number in 0..17 {
        send(&channel, &at(&ann.place()), &number.to_string()).await;
    }
    let expect: Vec<String> = (0..17).map(|number| number.to_string()).collect();
    assert_eq!(ann.sees(), expect);
    assert_eq!(discord.disobeyed(), 0);
    assert_eq!(discord.requests(Route::Send), 17);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_once_says_how_long() {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let retry_after = Duration::from_millis(1_250);
    discord.fail_next(Route::Send, Fault::Flood { retry_after });
    let to = at(&ann.place());
    let error = channel.send(&to, Post::of("hello", "n")).await.unwrap_err();
    assert_eq!(told(&error), retry_after);
    send(&channel, &to, "hello").await;
    assert_eq!(ann.sees(), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_an_answer_that_hangs_is_given_up_and_repeated_without_a_second_message() {
    let (discord, channel) = outgoing().await;
    let (ann, bob) = (discord.customer("Ann"), discord.customer("Bob"));
    discord.fail_next(Route::Send, Fault::Late(Duration::from_mins(2)));
    let to = at(&ann.place());
    let hanging = channel.send(&to, Post::of("hello", "n"));
    let others = async {
        discord.wait_for_requests(Route::Send, 1).await;
        send(&channel, &at(&bob.place()), "meanwhile").await;
        assert_eq!(bob.sees(), ["meanwhile"]);
    };
    let (given_up, ()) = tokio::join!(hanging, others);
    let error = given_up.unwrap_err();
    assert!(matches!(error, DeliveryError::Retry { .. }), "{error}");
    channel.send(&to, Post::of("hello", "n")).await.unwrap();
    assert_eq!(ann.sees(), ["hello"]);
}
