//! Files, places on the map and albums, and everything that can be wrong with a file.

use std::{sync::Arc, time::Duration};

use consultant_channels::telegram::{FileRules, TelegramSettings};
use consultant_core::{Attachment, Content, FileKind, Inbound, InboundEvent};
use consultant_tests::telegram::{self, Customer, File, FileFault, TelegramDouble};

use super::{
    echo::{Bot, Memory, settings},
    sees,
};

const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2, 3];
const OGG: &[u8] = b"OggS\0\x02 a voice";

fn small(telegram: &TelegramDouble) -> TelegramSettings {
    TelegramSettings {
        files: FileRules {
            limit_bytes: 100,
            time_limit: Duration::from_secs(1),
        },
        ..settings(telegram)
    }
}

fn attachments(inbound: &Inbound) -> &[Attachment] {
    match &inbound.event {
        InboundEvent::Message { attachments, .. } => attachments,
        other => panic!("{other:?}"),
    }
}

/// The only file of the newest message.
#[track_caller]
fn only(memory: &Memory) -> (FileKind, Option<String>, Content) {
    let accepted = memory.accepted();
    let [
        Attachment::File {
            what,
            name,
            content,
        },
    ] = attachments(accepted.last().unwrap())
    else {
        panic!("{accepted:?}");
    };
    (*what, name.clone(), content.clone())
}

async fn sends(customer: &Customer, file: File, answered: &str) {
    customer.sends(telegram::Content::File(file));
    sees(customer, &[answered]).await;
}

#[tokio::test]
async fn each_kind_of_file_is_kept_before_its_message_is_stored() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start_with(small(&telegram), &memory).await;
    let mp4 = b"\0\0\0\x18ftypisom\0\0\0\0isommp42".as_slice();
    let kinds = [
        ("photo", JPEG, FileKind::Picture),
        ("voice", OGG, FileKind::Voice),
        ("audio", OGG, FileKind::Voice),
        ("video", mp4, FileKind::Video),
        ("video_note", mp4, FileKind::Video),
        ("document", b"%PDF-1.7", FileKind::File),
    ];
    for (key, bytes, kind) in kinds {
        // One person each: a chat takes only so many messages a second.
        let customer = telegram.customer(key);
        let file = File::new(key, "a name", bytes).saying("look");
        sends(&customer, file, "You said: look").await;
        let (what, name, content) = only(&memory);
        assert_eq!((what, name.is_some()), (kind, key == "document"), "{key}");
        let Content::Kept(media) = content else {
            panic!("{key}: {content:?}");
        };
        assert_eq!(memory.file(&media), bytes, "{key}");
    }
    bot.stop().await;
}

#[tokio::test]
async fn an_albums_parts_are_known_as_one_also_in_a_group() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start_with(small(&telegram), &memory).await;
    let ann = telegram.customer("Ann").in_group(&telegram.group("Lamps"));
    let part = |name: &str, words: Option<&str>| {
        let file = File::new("photo", name, JPEG);
        let file = words.map_or(file.clone(), |words| file.saying(words));
        telegram::Content::Part {
            album: "77".to_owned(),
            content: Box::new(telegram::Content::File(file)),
        }
    };
    ann.sends(part("a", Some("@ConsultantDoubleBot which?")));
    ann.sends(part("b", None));
    sees(&ann, &["You said: which?", "You said:"]).await;
    for inbound in memory.accepted() {
        assert_eq!(inbound.album.as_deref(), Some("77"));
        assert_eq!(attachments(&inbound).len(), 1);
    }
    bot.stop().await;
}

#[tokio::test]
async fn a_place_on_the_map_is_an_attachment() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start(&telegram, &memory).await;
    telegram.customer("Ann").sends(telegram::Content::Location);
    telegram.wait_until_confirmed().await;
    let expect = Attachment::Location {
        latitude_microdegrees: 52_520_000,
        longitude_microdegrees: 13_400_000,
    };
    assert_eq!(attachments(&memory.accepted()[0]), [expect]);
    bot.stop().await;
}

/// The file's message is answered, and this became of its content.
async fn becomes(file: File, expect: Content) {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start_with(small(&telegram), &memory).await;
    sends(
        &telegram.customer("Ann"),
        file.saying("look"),
        "You said: look",
    )
    .await;
    assert_eq!(only(&memory).2, expect);
    bot.stop().await;
}

#[tokio::test]
async fn a_file_that_says_it_is_too_large_is_not_even_asked_for() {
    let too_large = Content::TooLarge { limit_bytes: 100 };
    becomes(File::new("photo", "a", JPEG).claiming(101), too_large).await;
}

#[tokio::test]
async fn a_file_that_turns_out_too_large_is_cut_off() {
    let bytes = [JPEG, &[0; 200]].concat();
    let too_large = Content::TooLarge { limit_bytes: 100 };
    becomes(File::new("photo", "a", bytes).claiming(9), too_large).await;
}

#[tokio::test]
async fn a_file_that_is_not_what_it_claims_is_not_kept() {
    becomes(File::new("photo", "a", OGG), Content::WrongType).await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_said_to_be_so() {
    let file = File::new("voice", "a", OGG).with(FileFault::Missing);
    becomes(file, Content::NotReceived).await;
}

#[tokio::test]
async fn a_file_is_not_followed_to_another_server() {
    let file = File::new("voice", "a", OGG).with(FileFault::Redirect);
    becomes(file, Content::NotReceived).await;
}

#[tokio::test]
async fn a_reset_while_a_file_comes_is_tried_again() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let bot = Bot::start_with(small(&telegram), &memory).await;
    let file = File::new("voice", "a", OGG).with(FileFault::ResetOnce);
    sends(&telegram.customer("Ann"), file, "You said:").await;
    assert!(matches!(only(&memory).2, Content::Kept(_)));
    bot.stop().await;
}

#[tokio::test]
async fn files_that_hang_hold_up_their_own_chats_only() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    for name in ["a", "b", "c", "d"] {
        let file = File::new("voice", name, OGG).with(FileFault::Hang);
        // One person each: a chat takes only so many messages a second.
        telegram.customer(name).sends(telegram::Content::File(file));
    }
    let bo = telegram.customer("Bo");
    bo.says("in the same batch");
    let bot = Bot::start_with(small(&telegram), &memory).await;
    sees(&bo, &["You said: in the same batch"]).await;
    bo.says("in a later one");
    let both = ["You said: in the same batch", "You said: in a later one"];
    sees(&bo, &both).await;
    assert_eq!(memory.accepted().len(), 2, "the files hang still");
    telegram.wait_until_confirmed().await;
    assert_eq!(memory.accepted().len(), 6, "and are given up in the end");
    bot.stop().await;
}

/// Telegram hands out no more than a hundred updates from the oldest one that is not stored.
#[tokio::test]
async fn a_slow_file_with_a_crowd_behind_it_is_given_up_before_nobody_is_heard_any_more() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let ann = telegram.customer("Ann");
    let file = File::new("voice", "a", OGG).with(FileFault::Hang);
    ann.sends(telegram::Content::File(file));
    let chatting = ann.in_group(&telegram.group("Talk"));
    for number in 0..150 {
        chatting.says(&format!("this is not for the bot {number}"));
    }
    let bo = telegram.customer("Bo");
    bo.says("hello?");
    let bot = Bot::start(&telegram, &memory).await;
    sees(&bo, &["You said: hello?"]).await;
    let first = format!("{:?}", memory.accepted().first());
    assert!(first.contains("NotReceived"), "{first}");
    bot.stop().await;
}

#[tokio::test]
async fn words_behind_a_slow_file_in_the_same_chat_wait_for_it() {
    let telegram = TelegramDouble::start().await;
    let memory = Arc::new(Memory::default());
    let ann = telegram.customer("Ann");
    let file = File::new("voice", "a", OGG).with(FileFault::Hang);
    ann.sends(telegram::Content::File(file));
    ann.says("did you hear that?");
    let bot = Bot::start_with(small(&telegram), &memory).await;
    telegram.wait_until_confirmed().await;
    let accepted = memory.accepted();
    let words = format!("{:?}", accepted.last().map(|it| &it.event));
    assert!(words.contains("did you hear that?"), "{words}");
    assert_eq!(accepted.len(), 2);
    bot.stop().await;
}
