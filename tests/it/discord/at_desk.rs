//! A desk on Discord as the channel hears it: whatever people do in its rooms comes in at the address
//! of the room, in order and once, and what customers do elsewhere is as it was.

use consultant_core::{
    Attachment, Button, Card, Content, Inbound, MessageId, Press,
    desk::{AtDesk, DeskEvent},
    ports::Rooms,
};
use consultant_tests::wall::Unheard;
use consultant_tests::{
    discord::{Room as Shown, Upload},
    world::wait_until,
};

use super::{outgoing::at, *};

/// A shop with a desk in a text channel, and a room there.
struct Desk {
    shop: Shop,
    channel: Shown,
}

impl Desk {
    async fn opens() -> Self {
        let discord = DiscordDouble::start().await;
        let channel = discord.guild_channel("team");
        let desk = channel.id().parse().ok();
        let shop = Shop::opens_at(discord, |settings| settings.desk = desk).await;
        Self { shop, channel }
    }

    /// The house is closed, and opened after whatever happens meanwhile.
    async fn reopens_after(self, meanwhile: impl FnOnce(&DiscordDouble)) -> Self {
        let Self { shop, channel } = self;
        let desk = channel.id().parse().ok();
        let (discord, kept) = shop.stops().await;
        meanwhile(&discord);
        let shop = Shop::opens_with(discord, kept, |settings| settings.desk = desk).await;
        Self { shop, channel }
    }

    /// A room with a card; Tom in it.
    async fn room(&self, title: &str) -> (Shown, Customer) {
        let button = Button {
            label: "Take".to_owned(),
            press: Press::Take,
        };
        let card = Card {
            title: title.to_owned(),
            price: None,
            picture_url: None,
            buttons: vec![button],
        };
        let post = Post {
            card: Some(&card),
            ..Post::of("somebody asks for a person", title)
        };
        let desk = at(&self.channel.id());
        let opened = self
            .shop
            .channel
            .open_room((&desk, &Unheard), title, post)
            .await;
        opened.expect("a room");
        let room = self.channel.wait_for_thread(title).await;
        let tom = self.shop.discord.customer("Tom").at(&room);
        (room, tom)
    }

    /// Waits until so much was heard, and tells it.
    async fn hears(&self, count: usize) -> Vec<Inbound> {
        wait_until("something is heard at the desk", || {
            self.shop.heard().len() >= count
        })
        .await;
        self.shop.heard()
    }

    /// The same in short.
    async fn reads(&self, count: usize) -> Vec<String> {
        self.hears(count).await.iter().map(told).collect()
    }
}

/// What somebody did, in short.
fn told(inbound: &Inbound) -> String {
    let InboundEvent::AtDesk(AtDesk { name, what, .. }) = &inbound.event else {
        return format!("elsewhere: {:?}", inbound.event);
    };
    let did = match what {
        DeskEvent::Wrote {
            text,
            attachments,
            quotes,
        } => {
            let files = attachments.iter().map(file).collect::<String>();
            let quotes = quotes.as_ref().map_or("", |_| " (a reply)");
            format!("wrote {text}{files}{quotes}")
        }
        DeskEvent::Rewrote { text } => format!("rewrote {text}"),
        DeskEvent::Other { what } => format!("sent {what:?}"),
        DeskEvent::TookBack => "took it back".to_owned(),
        DeskEvent::Pressed { press } => format!("pressed {press}"),
    };
    format!("{name} {did}")
}

fn file(attachment: &Attachment) -> String {
    match attachment {
        Attachment::File { what, content, .. } => {
            let kept = matches!(content, Content::Kept(_));
            format!("[{what:?}{}]", if kept { "" } else { " missing" })
        }
        Attachment::Location { .. } => "[a place]".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_people_do_in_a_room_is_heard_in_its_order() {
    let desk = Desk::opens().await;
    let (room, tom) = desk.room("Ann").await;
    tom.presses("Take");
    let first = tom.says("hello Ann");
    tom.edits(&first, "hello, Ann");
    let card = room.shows()[0].id.clone();
    tom.replies_to(&card, "taken");
    tom.uploads("look", &[Upload::picture()]);
    tom.sends_sticker();
    tom.sends_poll();
    let wrong = tom.says("wrong room");
    tom.deletes(&wrong);
    tom.mentions_bot("/take");
    insta::assert_snapshot!(desk.reads(10).await.join("\n"), @r#"
    Tom pressed desk:take
    Tom wrote hello Ann
    Tom rewrote hello, Ann
    Tom wrote taken (a reply)
    Tom wrote look[Picture]
    Tom sent Sticker
    Tom sent Poll
    Tom wrote wrong room
    Tom took it back
    Tom wrote /take
    "#);
    let heard = desk.shop.heard();
    let place = format!("{}#{}", desk.channel.id(), room.id());
    assert!(heard.iter().all(|it| it.address == at(&place)));
    let users = heard.iter().filter_map(|it| match &it.event {
        InboundEvent::AtDesk(at_desk) => Some(at_desk.user.clone()),
        _ => None,
    });
    assert!(users.into_iter().all(|user| user == tom.user()));
    let message = |of: usize| heard[of].message.clone();
    let named = |id: &str| Some(MessageId::from(id));
    assert_eq!(message(0), named(&card));
    assert_eq!([message(1), message(2)], [named(&first), named(&first)]);
    assert_eq!([message(7), message(8)], [named(&wrong), named(&wrong)]);
    let key = heard[8].key.as_str();
    assert_eq!(key, format!("discord:{wrong}:deleted"));
    // No place was asked for by its number but the desk's own, for its kind.
    assert_eq!(desk.shop.discord.requests(Route::Place), 1);
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_channel_of_the_desk_no_thread_is_opened_for_anybody() {
    let discord = DiscordDouble::start().await;
    let channel = discord.guild_channel("team");
    let shop = Shop::opens_at(discord, |settings| {
        settings.desk = channel.id().parse().ok();
        settings.open_threads = true;
    })
    .await;
    let desk = Desk { shop, channel };
    let tom = desk.shop.discord.customer("Tom").at(&desk.channel);
    tom.mentions_bot("what is new?");
    tom.says("lunch?");
    let elsewhere = desk.shop.discord.guild_channel("lamps");
    let ann = desk.shop.discord.customer("Ann").at(&elsewhere);
    let asked = ann.mentions_bot("is oak in stock?");
    ann.wait_for_thread_under(&asked).await;
    let heard = desk.hears(3).await;
    let of_tom = heard.iter().filter(|it| told(it).starts_with("Tom"));
    let of_tom: Vec<(String, &str)> = of_tom
        .map(|it| (told(it), it.address.place.as_str()))
        .collect();
    let place = desk.channel.id();
    let expect = ["Tom wrote what is new?", "Tom wrote lunch?"];
    assert_eq!(
        of_tom,
        expect.map(|it| (it.to_owned(), place.as_str())),
        "and nothing in between"
    );
    assert_eq!(desk.channel.threads().len(), 0);
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_a_forum_are_rooms_too() {
    let discord = DiscordDouble::start().await;
    let channel = discord.forum_channel("team");
    let id = channel.id().parse().ok();
    let shop = Shop::opens_at(discord, |settings| settings.desk = id).await;
    let desk = Desk { shop, channel };
    let (_, tom) = desk.room("Ann").await;
    tom.says("hello Ann");
    assert_eq!(desk.reads(1).await, ["Tom wrote hello Ann"]);
    desk.shop.closes().await;
}

/// A thread that came while events were lost, so that nobody told of it; Tom in it.
fn untold(desk: &Desk, below: &Shown) -> (Shown, Customer) {
    desk.shop.discord.lose_events(true);
    let thread = below.thread("untold");
    desk.shop.discord.lose_events(false);
    let tom = desk.shop.discord.customer("Tom").at(&thread);
    (thread, tom)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_comes_back_from_the_archive_is_not_looked_up() {
    let desk = Desk::opens().await;
    let (thread, tom) = untold(&desk, &desk.channel);
    thread.is_reopened();
    tom.says("hello again");
    assert_eq!(desk.reads(1).await, ["Tom wrote hello again"]);
    assert_eq!(desk.shop.discord.requests(Route::Place), 0);
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_nobody_told_of_is_looked_up_once() {
    let desk = Desk::opens().await;
    let (_, tom) = untold(&desk, &desk.channel);
    let lamps = desk.shop.discord.guild_channel("lamps");
    let (_, elsewhere) = untold(&desk, &lamps);
    // While Discord cannot answer, that thread alone waits.
    desk.shop
        .discord
        .fail_next(Route::Place, Fault::NotJson { status: 502 });
    tom.says("one");
    desk.shop.discord.wait_for_requests(Route::Place, 1).await;
    let ann = desk.shop.discord.customer("Ann");
    ann.says("meanwhile");
    ann.wait_for_text("echo: meanwhile").await;
    tom.says("two");
    let heard = desk.reads(3).await;
    assert_eq!(heard[1..], ["Tom wrote one", "Tom wrote two"]);
    assert_eq!(desk.shop.discord.requests(Route::Place), 2);
    elsewhere.says("chatter");
    elsewhere.mentions_bot("is oak in stock?");
    elsewhere.wait_for_text("echo: is oak in stock?").await;
    assert_eq!(desk.shop.discord.requests(Route::Place), 3);
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_during_a_stop_is_heard_once() {
    let desk = Desk::opens().await;
    let (closed, tom) = desk.room("Ann").await;
    let (_, in_silence) = desk.room("Bob").await;
    let before = tom.says("before");
    desk.hears(1).await;
    let lamps = desk.shop.discord.guild_channel("lamps");
    let stranger = desk.shop.discord.customer("Eve").at(&lamps.thread("lunch"));
    let desk = desk
        .reopens_after(|_| {
            tom.says("missed");
            tom.uploads("", &[Upload::voice()]);
            tom.edits(&before, "before, changed");
            stranger.says("not for the bot");
            in_silence.says("the first words here");
            // What is archived, Discord names to nobody.
            closed.is_closed(false);
        })
        .await;
    let mut heard = desk.reads(3).await;
    tom.says("after");
    heard = [heard, desk.reads(4).await.split_off(3)].concat();
    let of_silence = "Tom wrote the first words here";
    assert!(heard.iter().any(|it| it == of_silence));
    heard.retain(|it| it != of_silence);
    assert_eq!(
        heard,
        ["Tom wrote missed", "Tom wrote [Voice]", "Tom wrote after"]
    );
    // Once for the kind of the desk, and once for the room in the archive.
    assert_eq!(desk.shop.discord.requests(Route::Place), 2);
    desk.shop.closes().await;
}

/// Nobody ever spoke on Discord, and the room is all that is known there.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_words_in_a_room_are_heard_although_they_came_during_a_stop() {
    let desk = Desk::opens().await;
    let (room, tom) = desk.room("Ann").await;
    let name = format!("discord:heard:{}", room.id());
    let notes = &desk.shop.kept.places.notes;
    wait_until("the room is noted", || {
        notes.lock().unwrap().contains_key(&name)
    })
    .await;
    let desk = desk.reopens_after(|_| drop(tom.says("missed"))).await;
    assert_eq!(desk.reads(1).await, ["Tom wrote missed"]);
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_what_a_lost_session_missed_at_the_desk_is_heard_once() {
    let desk = Desk::opens().await;
    let (_, tom) = desk.room("Ann").await;
    tom.says("before");
    desk.hears(1).await;
    desk.shop.discord.invalidate_sessions(false);
    tom.says("missed");
    desk.shop.discord.wait_for_session(2).await;
    tom.says("after");
    let expect = ["Tom wrote before", "Tom wrote missed", "Tom wrote after"];
    assert_eq!(desk.reads(3).await, expect);
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_back_is_whoever_wrote_it_and_nobody_where_that_is_not_known() {
    let desk = Desk::opens().await;
    let (room, tom) = desk.room("Ann").await;
    let mia = desk.shop.discord.customer("Mia").at(&room);
    let [one, two] = [tom.says("one"), mia.says("two")];
    let old = tom.says("of before the restart");
    desk.hears(3).await;
    let card = room.shows()[0].id.clone();
    // Moderators can do that; Discord does not tell who did.
    mia.deletes_at_once(&[&one, &card, &two]);
    let expect = ["Tom took it back", "Mia took it back"];
    assert_eq!(desk.reads(5).await[3..], expect);
    desk.shop.discord.time_passes(Duration::from_hours(3));
    tom.says("much later");
    desk.hears(6).await;
    let desk = desk.reopens_after(|_| ()).await;
    tom.deletes(&old);
    tom.says("after");
    assert_eq!(desk.reads(1).await, ["Tom wrote after"]);
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_command_at_the_desk_is_a_text_and_only_its_giver_sees_that_it_arrived() {
    let desk = Desk::opens().await;
    let (room, tom) = desk.room("Ann").await;
    tom.runs("/help");
    assert_eq!(desk.reads(1).await, ["Tom wrote /help"]);
    tom.wait_for_text("✓").await;
    assert!(!room.reads().contains('✓'), "{}", room.reads());
    let waits = desk.shop.discord.interaction_waits();
    assert!(waits.iter().all(|it| it.is_some_and(|ms| ms < 3_000)));
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_is_acknowledged_in_time_and_leaves_nothing_that_thinks() {
    let desk = Desk::opens().await;
    let (room, tom) = desk.room("Ann").await;
    let store = &desk.shop.echo.store_failures;
    store.store(usize::MAX, Ordering::SeqCst);
    tom.presses("Take");
    desk.shop
        .discord
        .wait_for_requests(Route::Callback, 1)
        .await;
    assert_eq!(room.shows().len(), 1);
    store.store(0, Ordering::SeqCst);
    assert_eq!(desk.reads(1).await, ["Tom pressed desk:take"]);
    // What was heard is shown; nothing else came.
    room.wait_for("the echo", |shown| shown.len() == 2).await;
    assert_eq!(desk.shop.discord.requests(Route::EditOriginal), 0);
    let waits = desk.shop.discord.interaction_waits();
    assert!(waits.iter().all(|it| it.is_some_and(|ms| ms < 3_000)));
    desk.shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pressed_in_vain_is_asked_to_press_again_and_the_card_stays() {
    let desk = Desk::opens().await;
    let (room, tom) = desk.room("Ann").await;
    let store = &desk.shop.echo.store_failures;
    store.store(usize::MAX, Ordering::SeqCst);
    tom.presses("Take");
    desk.shop
        .discord
        .wait_for_requests(Route::Callback, 1)
        .await;
    let before = room.reads();
    desk.shop.stops().await;
    let seen = tom.wait_for_messages(2).await;
    assert!(seen[1].contains("again"), "{seen:?}");
    assert_eq!(room.reads(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_defect_kept_away_is_told_as_missing_at_the_desk() {
    let desk = Desk::opens().await;
    let (_, tom) = desk.room("Ann").await;
    desk.shop.kept.defects.store(1, Ordering::SeqCst);
    tom.uploads("look", &[Upload::picture()]);
    tom.says("at this lamp");
    let expect = ["Tom wrote look[Picture missing]", "Tom wrote at this lamp"];
    assert_eq!(desk.reads(2).await, expect);
    desk.shop.closes().await;
}
