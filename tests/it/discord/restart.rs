//! What is said while nobody listens: across a restart each message is answered once.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_during_a_stop_is_answered_once() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann");
    let bob = shop.discord.customer("Bob").at(&room);
    ann.says("before");
    ann.wait_for_messages(1).await;
    bob.says("not for the bot");
    bob.mentions_bot("before");
    bob.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    for number in 0..150 {
        ann.says(&format!("missed {number}"));
    }
    bob.says("still not for the bot");
    bob.mentions_bot("missed");
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    ann.says("after");
    let seen = ann.wait_for_text("echo: after").await;
    let missed = (0..150).map(|number| format!("echo: missed {number}"));
    let expect: Vec<String> = ["echo: before".to_owned()]
        .into_iter()
        .chain(missed)
        .chain(["echo: after".to_owned()])
        .collect();
    assert_eq!(seen, expect);
    let seen = bob.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: before", "echo: missed"]);
    assert_eq!(shop.heard().len(), 152);
    shop.closes().await;
}

/// Nobody here has ever heard anything in these places, so nobody knows them; their guild does.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_words_in_a_silent_place_are_answered_after_the_stop_too() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    let bob = shop.discord.customer("Bob");
    let [room, other] = ["lamps", "chatter"].map(|name| shop.discord.guild_channel(name));
    let (bob, in_chatter) = (bob.at(&room), bob.at(&other));
    let thread = room.thread("a new thread");
    let in_thread = shop.discord.customer("Bob").at(&thread);
    let (discord, kept) = shop.stops().await;
    bob.mentions_bot("in the channel");
    in_thread.mentions_bot("in the thread");
    in_chatter.says("not for the bot");
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    bob.says("and this neither");
    bob.wait_for_text("echo: in the channel").await;
    in_thread.wait_for_text("echo: in the thread").await;
    assert_eq!(shop.heard().len(), 2);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_the_first_words_in_a_silent_place_during_a_lost_session_are_answered() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let (ann, bob) = (shop.discord.customer("Ann"), shop.discord.customer("Bob"));
    ann.says("before");
    ann.wait_for_messages(1).await;
    shop.discord.invalidate_sessions(false);
    let bob = bob.at(&room);
    bob.mentions_bot("are you there?");
    bob.wait_for_text("echo: are you there?").await;
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_was_heard_by_a_slash_command_is_caught_up_with_too() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.runs("/help");
    ann.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    ann.says("are you there?");
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["command: help", "echo: are you there?"]);
    shop.closes().await;
}

/// Waits until a place's note begins so.
async fn noted(shop: &Shop, place: &str, expected: &str) {
    let name = format!("discord:heard:{place}");
    let reads = || {
        let notes = shop.kept.places.notes.lock().unwrap();
        notes
            .get(&name)
            .is_some_and(|note| note.starts_with(expected))
    };
    let noting = async {
        while !reads() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let noted = tokio::time::timeout(Duration::from_secs(20), noting).await;
    assert!(noted.is_ok(), "the note of {place} never read {expected}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bookmark_is_written_while_it_runs_and_only_behind_what_was_stored() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.discord.customer("Ann"), shop.discord.customer("Bob"));
    let heard = ann.says("hello");
    ann.wait_for_messages(1).await;
    noted(&shop, &ann.place(), &format!("{heard}/-/")).await;
    shop.echo.store_failures.store(usize::MAX, Ordering::SeqCst);
    let refused: u64 = bob.says("nobody stores this").parse().unwrap();
    // The place is known from its first message on, up to just before it.
    let before = format!("{}/-/", refused - 1);
    noted(&shop, &bob.place(), &before).await;
    let (discord, kept) = shop.stops().await;
    let bobs = format!("discord:heard:{}", bob.place());
    let note = kept.places.notes.lock().unwrap().get(&bobs).cloned();
    let unmoved = note.is_some_and(|note| note.starts_with(&before));
    assert!(unmoved, "nothing of Bob's was stored");
    drop(discord);
}

/// The store is back between the two: the second must not be stored while the first is left to the
/// next start.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_stored_at_the_stop_is_not_overtaken() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    let failures = &shop.echo.store_failures;
    failures.store(3, Ordering::SeqCst);
    ann.says("first");
    ann.says("second");
    while failures.load(Ordering::SeqCst) > 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (discord, kept) = shop.stops().await;
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(seen, ["echo: before", "echo: first", "echo: second"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_refused_before_the_stop_is_answered_after_it() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("one");
    ann.wait_for_messages(1).await;
    shop.echo.store_failures.store(usize::MAX, Ordering::SeqCst);
    ann.says("two");
    ann.says("three");
    let (discord, kept) = shop.stops().await;
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(seen, ["echo: one", "echo: two", "echo: three"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bookmarks_that_cannot_be_read_yet_are_waited_for() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    ann.says("missed");
    kept.places.failures.store(1, Ordering::SeqCst);
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: before", "echo: missed"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_cannot_be_read_yet_is_asked_for_until_it_can() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.discord.customer("Ann"), shop.discord.customer("Bob"));
    ann.says("before");
    ann.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    ann.says("missed");
    discord.fail_next(Route::Read, Fault::NotJson { status: 502 });
    discord.fail_next(Route::Read, Fault::ResetBefore);
    discord.fail_next(Route::Read, Fault::Truncated);
    let retry_after = Duration::from_millis(300);
    discord.fail_next(Route::Read, Fault::Flood { retry_after });
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    ann.says("after");
    // Nobody else waits for that.
    bob.says("hello");
    bob.wait_for_messages(1).await;
    assert_eq!(ann.sees(), ["echo: before"]);
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(seen, ["echo: before", "echo: missed", "echo: after"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_in_which_the_bot_was_addressed_is_listened_to_after_a_restart() {
    let shop = Shop::opens().await;
    let thread = shop.discord.guild_channel("lamps").thread("Ann's order");
    let ann = shop.discord.customer("Ann").at(&thread);
    ann.mentions_bot("you there?");
    ann.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    ann.says("missed");
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    ann.says("after");
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(seen, ["echo: you there?", "echo: missed", "echo: after"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_repeated_after_a_restart_is_answered_once() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    ann.says("missed");
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    shop.discord.repeat_last_event();
    ann.wait_for_messages(2).await;
    ann.says("after");
    let seen = ann.wait_for_text("echo: after").await;
    assert_eq!(seen, ["echo: before", "echo: missed", "echo: after"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_not_counted_as_heard_before_the_store_has_what_was_said_there() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room.thread("Ann's order"));
    ann.says("small talk");
    ann.mentions_bot("one");
    ann.wait_for_messages(1).await;
    shop.echo.store_failures.store(usize::MAX, Ordering::SeqCst);
    ann.mentions_bot("two");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let (discord, kept) = shop.stops().await;
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: one", "echo: two"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_store_can_never_take_holds_up_nobody() {
    let shop = Shop::opens().await;
    *shop.echo.poison.lock().unwrap() = Some("poison".to_owned());
    let (ann, bob) = (shop.discord.customer("Ann"), shop.discord.customer("Bob"));
    ann.says("poison");
    ann.says("one");
    bob.says("two");
    assert_eq!(ann.wait_for_messages(1).await, ["echo: one"]);
    assert_eq!(bob.wait_for_messages(1).await, ["echo: two"]);
    shop.closes().await;
}

/// An older message may be told late, and a stop come before that.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_just_before_the_newest_message_is_answered_after_a_restart() {
    let shop = Shop::opens().await;
    let ann = says_three_of_which_one_is_lost(&shop, Duration::ZERO).await;
    let (discord, kept) = shop.stops().await;
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_text("echo: two").await;
    assert_eq!(seen, ["echo: one", "echo: three", "echo: two"]);
    shop.closes().await;
}

/// Discord's answer holds what was said until then, also what its gateway has not told yet.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_comes_after_what_is_older_and_waits() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("one");
    ann.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    ann.says("two");
    discord.fail_next(Route::Read, Fault::NotJson { status: 502 });
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    shop.discord.wait_for_requests(Route::Read, 1).await;
    ann.says("three");
    shop.discord.lose_events(true);
    ann.says("four");
    shop.discord.lose_events(false);
    let seen = ann.wait_for_messages(4).await;
    assert_eq!(
        seen,
        ["one", "two", "three", "four"].map(|it| format!("echo: {it}"))
    );
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_and_is_not_for_the_bot_still_counts_as_heard() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    ann.mentions_bot("before");
    ann.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    let chats = |from: usize| {
        for number in from..from + 120 {
            ann.says(&format!("chatter {number}"));
        }
    };
    chats(0);
    ann.mentions_bot("missed");
    chats(120);
    let newest = ann.says("chatter");
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: before", "echo: missed"]);
    noted(&shop, &ann.place(), &format!("{newest}/")).await;
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_named_the_bots_role_during_a_stop_is_answered_although_guilds_are_told_late() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    ann.mentions_bot("before");
    ann.wait_for_messages(1).await;
    let (discord, kept) = shop.stops().await;
    ann.mentions_bots_role("missed");
    ann.says("chatter");
    discord.tell_guilds_late(Duration::from_millis(700));
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: before", "echo: missed"]);
    shop.closes().await;
}
