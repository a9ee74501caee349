//! Rooms of a desk on Discord: threads and posts that the bot opens, names, closes, and finds gone.

use consultant_core::{
    Button, Card, FileKind, MessageId, Press,
    ports::{PostedFile, Room, Rooms},
};
use consultant_tests::discord::{Room as Shown, Upload};
use consultant_tests::wall::Unheard;

use super::{
    outgoing::{at, class, outgoing},
    *,
};

fn told<T>(done: Result<T, DeliveryError>) -> &'static str {
    done.map_or_else(|error| class(&error), |_| "done")
}

/// A room at this desk, and what people see of it.
async fn opened(channel: &DiscordChannel, desk: &Shown, title: &str) -> (Room, Shown) {
    let card = Post::of("Ann asks for a person", "n");
    let room = channel
        .open_room((&at(&desk.id()), &Unheard), title, card)
        .await;
    (room.unwrap(), desk.wait_for_thread(title).await)
}

fn card() -> Card {
    let buttons = ["Take over", "Hand back"].map(|label| Button {
        label: label.to_owned(),
        press: Press::Details(label.into()),
    });
    Card {
        title: "Ann".to_owned(),
        price: None,
        picture_url: None,
        buttons: buttons.into(),
    }
}

/// Opens a room with all that a card can have, and says something in it.
async fn check_room(desk: &Shown, channel: &DiscordChannel) -> String {
    let card = card();
    let post = Post {
        card: Some(&card),
        ..Post::of("**Ann** asks for a person", "n")
    };
    let room = channel
        .open_room((&at(&desk.id()), &Unheard), "Ann 🪔", post)
        .await;
    let room = room.unwrap();
    let thread = desk.threads().remove(0);
    let place = format!("{}#{}", desk.id(), thread.id());
    assert_eq!(room.address, at(&place));
    assert!(channel.holds(&at(&desk.id()), &room.address));
    assert!(!channel.holds(&at(&thread.id()), &room.address));
    assert_eq!((thread.name().as_str(), thread.is_open()), ("Ann 🪔", true));
    let expect = "consultant: **Ann** asks for a person <Ann> {Take over} {Hand back}";
    assert_eq!(thread.reads().replace(" (pinned)", ""), expect);
    let voice = PostedFile {
        what: FileKind::Voice,
        name: "note.ogg",
        media_type: "audio/ogg",
        content: b"OggS\0\x02",
    };
    let quoted = MessageId::from(room.card.0.as_str());
    let post = Post {
        file: Some(voice),
        quote: Some(&quoted),
        ..Post::of("", "m")
    };
    channel.send(&room.address, post).await.unwrap();
    assert_eq!(thread.shows()[1].reply_to, Some(room.card.0.clone()));
    let taken = Post::of("Ann, taken over by Bo", "n");
    let edited = channel.edit(&room.address, &room.card, taken);
    edited.await.unwrap();
    assert_eq!(desk.shows(), []);
    thread.reads()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_in_a_text_channel_is_a_thread_with_the_card_pinned_in_it() {
    let (discord, channel) = outgoing().await;
    let desk = discord.guild_channel("sales");
    insta::assert_snapshot!(check_room(&desk, &channel).await, @r#"
    consultant: Ann, taken over by Bo (pinned)
    consultant: [note.ogg]
    "#);
    opened(&channel, &desk, "Bo").await;
    // What the desk is, is asked once.
    assert_eq!(discord.requests(Route::Place), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_in_a_forum_is_a_post_that_begins_with_the_card() {
    let (discord, channel) = outgoing().await;
    let desk = discord.forum_channel("sales");
    insta::assert_snapshot!(check_room(&desk, &channel).await, @r#"
    consultant: Ann, taken over by Bo
    consultant: [note.ogg]
    "#);
    assert_eq!(desk.threads().remove(0).tags(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forum_that_wants_tags_gets_one() {
    let (discord, channel) = outgoing().await;
    let desk = discord.forum_that_wants_tags("sales");
    let (_, post) = opened(&channel, &desk, "Ann").await;
    assert_eq!(post.tags(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_cut_to_what_discord_takes() {
    let (discord, channel) = outgoing().await;
    let desk = discord.guild_channel("sales");
    let title = format!("Ann\n{}", "灯".repeat(300));
    let (address, card) = (at(&desk.id()), Post::of("a card", "n"));
    let room = channel
        .open_room((&address, &Unheard), &title, card)
        .await
        .unwrap();
    let thread = desk.threads().remove(0);
    assert_eq!(thread.name(), format!("Ann {}…", "灯".repeat(95)));
    channel.name_room(&room.address, " ").await.unwrap();
    assert_eq!(thread.name(), "…");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_named_closed_and_opened_and_twice_is_success() {
    let (discord, channel) = outgoing().await;
    for desk in [
        discord.guild_channel("sales"),
        discord.forum_channel("forum"),
    ] {
        let (room, thread) = opened(&channel, &desk, "Ann").await;
        for _ in 0..2 {
            channel.name_room(&room.address, "Ann, done").await.unwrap();
            assert_eq!(thread.name(), "Ann, done");
        }
        for open in [false, false, true, true] {
            channel.set_open(&room.address, open).await.unwrap();
            assert_eq!((thread.is_open(), thread.is_locked()), (open, !open));
        }
        channel.set_open(&room.address, false).await.unwrap();
        channel.name_room(&room.address, "Ann, left").await.unwrap();
        assert_eq!(thread.name(), "Ann, left");
        assert!(!thread.is_open());
        let edit = channel.edit(&room.address, &room.card, Post::of("x", "n"));
        assert_eq!(told(edit.await), "gone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_lock_a_room_is_closed_and_whoever_writes_opens_it() {
    let (discord, channel) = outgoing().await;
    let desk = discord.guild_channel("sales");
    desk.forbids_the_bot(Right::ManageThreads);
    let (room, thread) = opened(&channel, &desk, "Ann").await;
    channel.set_open(&room.address, false).await.unwrap();
    assert_eq!((thread.is_open(), thread.is_locked()), (false, false));
    let again = channel.send(&room.address, Post::of("hello again", "m"));
    again.await.unwrap();
    assert!(thread.is_open());
    thread.is_closed(false);
    channel.name_room(&room.address, "Ann, left").await.unwrap();
    assert_eq!((thread.is_open(), thread.is_locked()), (false, false));
    thread.is_closed(true);
    let sent = channel.send(&room.address, Post::of("and again", "o"));
    assert_eq!(told(sent.await), "gone");
    assert_eq!(told(channel.set_open(&room.address, true).await), "gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_somebody_deleted_is_gone() {
    let (discord, channel) = outgoing().await;
    let desk = discord.guild_channel("sales");
    let (room, thread) = opened(&channel, &desk, "Ann").await;
    thread.is_deleted();
    let to = &room.address;
    let sent = channel.send(to, Post::of("hello", "m")).await;
    assert_eq!(told(sent), "gone");
    assert_eq!(told(channel.name_room(to, "x").await), "gone");
    assert_eq!(told(channel.set_open(to, false).await), "gone");
    assert_eq!(desk.threads().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_no_place_for_rooms_is_told_apart() {
    let (discord, channel) = outgoing().await;
    let desk = discord.guild_channel("sales");
    let open = async |place: &str| {
        let card = Post::of("a card", "n");
        told(channel.open_room((&at(place), &Unheard), "Ann", card).await)
    };
    desk.forbids_the_bot(Right::CreateThreads);
    assert_eq!(open(&desk.id()).await, "gone");
    desk.allows_the_bot_all();
    assert_eq!(open(&desk.id()).await, "done");
    desk.locks_the_bot_out();
    assert_eq!(open(&desk.id()).await, "gone");
    desk.is_deleted();
    assert_eq!(open(&desk.id()).await, "gone");
    assert_eq!(open("77").await, "gone");
    assert_eq!(open("general").await, "refused");
    let direct = discord.customer("Ann").place();
    assert_eq!(open(&direct).await, "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_without_a_pin_or_an_embed_is_a_room() {
    let (discord, channel) = outgoing().await;
    let card = card();
    let post = Post {
        card: Some(&card),
        ..Post::of("Ann asks for a person", "n")
    };
    for desk in [
        discord.guild_channel("sales"),
        discord.forum_channel("forum"),
    ] {
        desk.forbids_the_bot(Right::PinMessages);
        desk.forbids_the_bot(Right::EmbedLinks);
        let opened = channel
            .open_room((&at(&desk.id()), &Unheard), "Ann", post)
            .await;
        opened.unwrap();
        let thread = desk.threads().remove(0);
        assert_eq!(thread.reads(), "consultant: Ann asks for a person");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_whose_card_fails_does_not_stay_behind() {
    let (discord, channel) = outgoing().await;
    let desk = discord.guild_channel("sales");
    discord.fail_next(Route::Send, Fault::NotJson { status: 502 });
    let address = at(&desk.id());
    let failed = channel.open_room((&address, &Unheard), "Ann", Post::of("a card", "n"));
    assert_eq!(told(failed.await), "retry");
    assert_eq!(desk.threads().len(), 0);
    let (_, thread) = opened(&channel, &desk, "Ann").await;
    assert_eq!(thread.reads(), "consultant: Ann asks for a person (pinned)");
}

#[tokio::test(flavor = "multi_thread")]
async fn flood_control_at_a_desk_is_handed_on() {
    let (discord, channel) = outgoing().await;
    let desk = discord.guild_channel("sales");
    let retry_after = Duration::from_secs(30);
    discord.fail_next(Route::Room, Fault::Flood { retry_after });
    for _ in 0..2 {
        let address = at(&desk.id());
        let opened = channel.open_room((&address, &Unheard), "Ann", Post::of("a card", "n"));
        assert_eq!(told(opened.await), "wait");
    }
    assert_eq!(discord.requests(Route::Room), 1);
}

/// What people at a desk do reaches the bot in events that it can read.
#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_in_a_room_is_heard() {
    let shop = Shop::opens().await;
    let desk = shop.discord.guild_channel("sales");
    let (room, thread) = opened(&shop.channel, &desk, "Ann").await;
    let bo = shop.discord.customer("Bo").at(&thread);
    let said = bo.says("hello Ann");
    bo.edits(&said, "hello, Ann");
    bo.replies_to(&room.card.0, "taken");
    bo.replies_with(&said, "this one", &[Upload::picture()]);
    let wrong = bo.says("wrong room");
    bo.deletes(&wrong);
    thread.is_named("Ann, taken");
    thread.is_closed(false);
    thread.is_reopened();
    let stray = desk.thread("lunch");
    stray.is_deleted();
    insta::assert_snapshot!(thread.reads(), @r#"
    consultant: Ann asks for a person (pinned)
    Bo: hello, Ann
    Bo: taken
    Bo: this one [lamp.png]
    "#);
    assert_eq!(thread.shows()[3].reply_to, Some(said));
    assert_eq!(shop.channel.unreadable_events(), 0);
    bo.mentions_bot("anybody?");
    thread.wait_for_words("echo: anybody?").await;
    shop.closes().await;
}
