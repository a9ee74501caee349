//! Each way in which the gateway leaves, by its name: what is said meanwhile is answered, once.

use super::*;

/// The gateway leaves, and the session is taken up again at once.
async fn check_resumes(leaves: impl Fn(&DiscordDouble)) {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    leaves(&shop.discord);
    ann.says("meanwhile");
    shop.discord.wait_for_resume(1).await;
    ann.says("after");
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(seen, ["echo: before", "echo: meanwhile", "echo: after"]);
    assert_eq!(shop.discord.identifies(), 1);
    shop.closes().await;
}

/// The gateway leaves and forgets the session: a new one begins, and Discord is asked for the rest.
async fn check_begins_anew(leaves: impl Fn(&DiscordDouble)) {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    leaves(&shop.discord);
    ann.says("meanwhile");
    shop.discord.wait_for_session(2).await;
    ann.says("after");
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(seen, ["echo: before", "echo: meanwhile", "echo: after"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_op_7_the_session_is_taken_up_again() {
    check_resumes(DiscordDouble::ask_to_reconnect).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_op_9_true_the_session_is_taken_up_again() {
    check_resumes(|discord| discord.invalidate_sessions(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_after_op_9_false_a_new_session_catches_up() {
    check_begins_anew(|discord| discord.invalidate_sessions(false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_close_with_1000_the_session_is_taken_up_again() {
    check_resumes(|discord| discord.close_connections(Some(1000))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_close_with_4000_the_session_is_taken_up_again() {
    check_resumes(|discord| discord.close_connections(Some(4000))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_after_a_close_with_4009_a_new_session_catches_up() {
    check_begins_anew(|discord| discord.close_connections(Some(4009))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_a_gateway_that_hangs_on_upgrade_wakes_the_watchdog() {
    let discord = DiscordDouble::start().await;
    let shop = Shop::opens_at(discord, |settings| {
        settings.watchdog = Duration::from_secs(4);
    })
    .await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    shop.discord.hang_on_upgrade(true);
    shop.discord.invalidate_sessions(false);
    // The second one is that of a client that was built anew and never had a connection.
    shop.discord.wait_for_hanging_upgrades(2).await;
    ann.says("into deaf ears");
    shop.discord.hang_on_upgrade(false);
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: before", "echo: into deaf ears"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_a_quiet_gateway_that_acknowledges_heartbeats_is_left_alone() {
    let discord = DiscordDouble::start().await;
    discord.heartbeat_every(Duration::from_millis(500));
    let watchdog = Duration::from_secs(2);
    let shop = Shop::opens_at(discord, |settings| settings.watchdog = watchdog).await;
    let began = tokio::time::Instant::now();
    while began.elapsed() < 3 * watchdog {
        shop.discord.wait_for_heartbeats(1).await;
    }
    assert_eq!(shop.discord.identifies(), 1);
    let ann = shop.discord.customer("Ann");
    ann.says("hello");
    assert_eq!(ann.wait_for_messages(1).await, ["echo: hello"]);
    assert_eq!((shop.discord.identifies(), shop.discord.resumes()), (1, 0));
    shop.closes().await;
}
