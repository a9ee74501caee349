//! Rooms of a desk on Telegram: topics that the bot opens, names, closes, and finds gone.

use consultant_core::{
    Button, Card, FileKind, Press,
    ports::{PostedFile, Room, Rooms},
};
use consultant_tests::telegram::{Group, Right, Topic};

use consultant_tests::wall::Unheard;

use super::*;

fn at(place: &str) -> Address {
    Address::new(ChannelName::Telegram, place)
}

fn class<T>(done: Result<T, DeliveryError>) -> &'static str {
    done.map_or_else(|error| class_of(&error), |_| "done")
}

fn class_of(error: &DeliveryError) -> &'static str {
    match error {
        DeliveryError::Wait { .. } => "wait",
        DeliveryError::Retry { .. } => "retry",
        DeliveryError::Moved { .. } => "moved",
        DeliveryError::Missing(_) => "missing",
        DeliveryError::Gone(_) => "gone",
        DeliveryError::Refused(_) => "refused",
    }
}

async fn opened(channel: &TelegramChannel, desk: &Group, title: &str) -> (Room, Topic) {
    let card = Post::of("Ann asks for a person", "n");
    let room = channel
        .open_room((&at(&desk.address()), &Unheard), title, card)
        .await;
    (room.unwrap(), desk.wait_for_topic(title).await)
}

#[tokio::test]
async fn a_room_is_a_topic_with_the_card_pinned_in_it() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let desk = telegram.forum("Sales");
    let buttons = ["Take over", "Hand back"].map(|label| Button {
        label: label.to_owned(),
        press: Press::Details(label.into()),
    });
    let card = Card {
        title: "Ann".to_owned(),
        price: None,
        picture_url: None,
        buttons: buttons.into(),
    };
    let post = Post {
        card: Some(&card),
        ..Post::of("**Ann** asks for a person", "n")
    };
    let room = channel
        .open_room((&at(&desk.address()), &Unheard), "Ann 🪔", post)
        .await;
    let room = room.unwrap();
    let topic = desk.topics().remove(0);
    assert_eq!(room.address, at(&topic.address()));
    assert_eq!((topic.name().as_str(), topic.is_open()), ("Ann 🪔", true));
    // What is written there goes the way of all messages.
    let send = |post| channel.send(&room.address, post);
    send(Post::of("how much is oak?", "n")).await.unwrap();
    let voice = PostedFile {
        what: FileKind::Voice,
        name: "note.ogg",
        media_type: "audio/ogg",
        content: b"OggS\0\x02",
    };
    let post = Post {
        file: Some(voice),
        ..Post::of("", "n")
    };
    send(post).await.unwrap();
    channel
        .edit(
            &room.address,
            &room.card,
            Post::of("Ann, taken over by Bo", "n"),
        )
        .await
        .unwrap();
    insta::assert_snapshot!(topic.reads(), @r#"
    Consultant: Ann, taken over by Bo (pinned)
    Consultant: how much is oak?
    Consultant: [voice note.ogg]
    "#);
    assert_eq!(desk.shows(), []);
}

#[tokio::test]
async fn a_title_is_cut_to_what_telegram_takes() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let desk = telegram.forum("Sales");
    let card = Post::of("a card", "n");
    let title = format!("Ann\n{}", "灯".repeat(300));
    let address = at(&desk.address());
    let room = channel
        .open_room((&address, &Unheard), &title, card)
        .await
        .unwrap();
    let topic = desk.topics().remove(0);
    assert_eq!(topic.name(), format!("Ann {}…", "灯".repeat(123)));
    channel.name_room(&room.address, " ").await.unwrap();
    assert_eq!(topic.name(), "…");
}

#[tokio::test]
async fn a_room_is_named_closed_and_opened_and_twice_is_success() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let desk = telegram.forum("Sales");
    let (room, topic) = opened(&channel, &desk, "Ann").await;
    for _ in 0..2 {
        channel.name_room(&room.address, "Ann, done").await.unwrap();
        assert_eq!(topic.name(), "Ann, done");
    }
    for open in [false, false, true, true] {
        channel.set_open(&room.address, open).await.unwrap();
        assert_eq!(topic.is_open(), open);
    }
    channel.set_open(&room.address, false).await.unwrap();
    let sent = channel.send(&room.address, Post::of("hello", "n")).await;
    assert_eq!(class(sent), "gone");
}

#[tokio::test]
async fn a_room_that_somebody_deleted_is_gone() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let desk = telegram.forum("Sales");
    let (room, topic) = opened(&channel, &desk, "Ann").await;
    topic.is_deleted();
    let to = &room.address;
    assert_eq!(
        class(channel.send(to, Post::of("hello", "n")).await),
        "gone"
    );
    assert_eq!(class(channel.name_room(to, "x").await), "gone");
    assert_eq!(class(channel.set_open(to, false).await), "gone");
    let edit = channel.edit(to, &room.card, Post::of("x", "n")).await;
    assert_eq!(class(edit), "missing");
}

#[tokio::test]
async fn a_desk_that_is_no_place_for_rooms_is_gone() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let bo = telegram.customer("Bo");
    let open = async |place: &str| {
        let card = Post::of("a card", "n");
        class(channel.open_room((&at(place), &Unheard), "Ann", card).await)
    };
    let (desk, plain) = (telegram.forum("Sales"), telegram.group("Plain"));
    assert_eq!(open(&plain.address()).await, "gone");
    desk.forbids_the_bot(Right::ManageTopics, &bo);
    assert_eq!(open(&desk.address()).await, "gone");
    desk.allows_the_bot_all(&bo);
    assert_eq!(open(&desk.address()).await, "done");
    bo.in_group(&desk).blocks_bot();
    assert_eq!(open(&desk.address()).await, "gone");
    desk.is_deleted();
    assert_eq!(open(&desk.address()).await, "gone");
    assert_eq!(open("nowhere").await, "refused");
    let named = channel.name_room(&at(&plain.address()), "x").await;
    assert_eq!(class(named), "refused");
    let general = format!("{}#1", plain.address());
    assert_eq!(
        class(channel.set_open(&at(&general), true).await),
        "refused"
    );
}

#[tokio::test]
async fn a_desk_that_moved_says_where_to() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let desk = telegram.group("Sales");
    let there = desk.migrates(&telegram.customer("Bo"));
    let (address, card) = (at(&desk.address()), Post::of("a card", "n"));
    let opened = channel.open_room((&address, &Unheard), "Ann", card).await;
    let Err(DeliveryError::Moved { to }) = opened else {
        panic!("{opened:?}");
    };
    assert_eq!(to, at(&there.address()));
}

#[tokio::test]
async fn a_room_without_a_pin_is_a_room() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let desk = telegram.forum("Sales");
    desk.forbids_the_bot(Right::PinMessages, &telegram.customer("Bo"));
    let (_, topic) = opened(&channel, &desk, "Ann").await;
    assert_eq!(topic.reads(), "Consultant: Ann asks for a person");
}

#[tokio::test]
async fn a_room_whose_card_fails_does_not_stay_behind() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let desk = telegram.forum("Sales");
    telegram.fail_next("sendMessage", Fault::BadGateway);
    let desk_at = at(&desk.address());
    let opening = channel.open_room((&desk_at, &Unheard), "Ann", Post::of("a card", "n"));
    assert_eq!(class(opening.await), "retry");
    assert_eq!(desk.topics().len(), 0);
    let (_, topic) = opened(&channel, &desk, "Ann").await;
    assert_eq!(topic.reads(), "Consultant: Ann asks for a person (pinned)");
}

#[tokio::test]
async fn an_answer_that_is_cut_off_opens_no_second_room() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let desk = telegram.forum("Sales");
    telegram.fail_next("createForumTopic", Fault::CutAnswer);
    telegram.fail_next("sendMessage", Fault::CutAnswer);
    // Long enough for the cut to come behind its number.
    let title = "Ann asks for a person, again";
    let (room, topic) = opened(&channel, &desk, title).await;
    assert_eq!(room.address, at(&topic.address()));
    assert_eq!(desk.topics().len(), 1);
    assert_eq!(topic.reads(), "Consultant: Ann asks for a person (pinned)");
}

#[tokio::test]
async fn flood_control_at_a_desk_is_handed_on_before_a_topic_is_opened() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let desk = telegram.forum("Sales");
    let address = at(&desk.address());
    let retry_after = Duration::from_secs(30);
    telegram.fail_next("createForumTopic", Fault::FloodControl { retry_after });
    for _ in 0..2 {
        let opened = channel.open_room((&address, &Unheard), "Ann", Post::of("a card", "n"));
        assert_eq!(class(opened.await), "wait");
    }
    assert_eq!(telegram.calls("createForumTopic"), 1);
    assert_eq!(desk.topics().len(), 0);
}

/// What the doubles of people at a desk do arrives as Telegram sends it.
#[tokio::test]
async fn what_people_do_in_a_room_satisfies_the_schema() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let desk = telegram.forum("Sales");
    let (_, topic) = opened(&channel, &desk, "Ann").await;
    let bo = telegram.customer("Bo").in_room(&topic);
    let card = topic.shows()[0].message_id;
    let said = bo.says("hello Ann");
    bo.edits(said, "hello, Ann");
    bo.replies_to(card, "taken");
    let lamp =
        consultant_tests::telegram::File::new("photo", "lamp.jpg", b"\xff\xd8\xff".as_slice());
    bo.replies_with(bo.message_of(said), Content::File(lamp.saying("this one")));
    bo.presses(card, "take-over");
    topic.is_named_by(&bo, "Ann, taken");
    topic.is_closed_by(&bo);
    topic.is_reopened_by(&bo);
    let stray = bo.opens_topic(&desk, "Lunch");
    assert_eq!(desk.topics().len(), 2);
    desk.forbids_the_bot(Right::ManageTopics, &bo);
    assert_eq!(stray.name(), "Lunch");
    insta::assert_snapshot!(topic.reads(), @r#"
    Consultant: Ann asks for a person (pinned)
    Bo: hello, Ann
    Bo: taken
    Bo: this one [photo lamp.jpg]
    "#);
    let answered = topic.shows()[3].reply_to;
    assert_eq!(answered, Some(bo.message_of(said)));
    stray.is_deleted();
    assert!(!stray.exists());
    assert_eq!(telegram.take_violations(), Vec::<String>::new());
}
