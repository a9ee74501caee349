//! Edits by customers: amendments, told with the message that they change.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_names_the_message_that_it_changes() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let id = ann.says("how much is oka?");
    ann.wait_for_messages(1).await;
    ann.edits(&id, "how much is oak?");
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: how much is oka?", "edited: how much is oak?"]);
    let heard = shop.heard();
    assert_eq!(heard[0].message.as_ref().unwrap().as_str(), id);
    assert_eq!(heard[1].message, heard[0].message);
    assert_eq!(heard[1].address, heard[0].address);
    let key = heard[1].key.as_str();
    let key = key.strip_prefix(&format!("discord:{id}:edit:")).unwrap();
    key.parse::<jiff::Timestamp>().unwrap();
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_of_a_link_or_a_repeated_edit_is_no_edit() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let id = ann.says("see https://lamps.example");
    ann.wait_for_messages(1).await;
    ann.link_is_unfurled(&id);
    ann.edits(&id, "see https://lamps.example/oak");
    shop.discord.repeat_last_event();
    ann.link_is_unfurled(&id);
    ann.says("done");
    let seen = ann.wait_for_text("echo: done").await;
    let edited = "edited: see https://lamps.example/oak";
    assert_eq!(
        seen,
        ["echo: see https://lamps.example", edited, "echo: done"]
    );
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_guild_only_edits_of_what_was_meant_for_the_bot_count() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    let small_talk = ann.says("nice weather");
    let asked = ann.mentions_bot("is oak in stock?");
    ann.wait_for_messages(1).await;
    ann.edits(&small_talk, "nicer weather");
    ann.edits(
        &asked,
        &format!("<@{}> is pine in stock?", shop.discord.bot_id()),
    );
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(
        seen,
        ["echo: is oak in stock?", "edited: is pine in stock?"]
    );
    shop.closes().await;
}
