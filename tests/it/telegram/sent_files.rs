//! What the bot sends beyond words: files, other people's words, answers that quote.

use consultant_core::{
    Button, Card, FileKind, MessageId, Press,
    ports::{ChannelLimits, PostedFile},
};
use consultant_tests::telegram::Right;
use proptest::{prelude::*, test_runner::TestRunner};

use super::*;

const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2, 3];
const OGG: &[u8] = b"OggS\0\x02 a voice";
const MP4: &[u8] = b"\0\0\0\x18ftypisom\0\0\0\0isommp42";

const PICTURE: PostedFile<'static> = PostedFile {
    what: FileKind::Picture,
    name: "lamp.jpg",
    media_type: "image/jpeg",
    content: JPEG,
};

fn with_file<'a>(text: &'a str, file: PostedFile<'a>) -> Post<'a> {
    Post {
        file: Some(file),
        ..Post::of(text, "n")
    }
}

fn in_chat(chat: i64) -> Address {
    Address::new(ChannelName::Telegram, chat.to_string())
}

/// Sends a file into a forum's General topic, and tells what stands there then.
async fn shown_as(file: PostedFile<'_>) -> String {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let group = telegram.group("Lamps");
    let to = in_chat(group.chat_id());
    channel.send(&to, with_file("look", file)).await.unwrap();
    let shown = group.shows().remove(0);
    let received = shown.file.clone().unwrap();
    assert_eq!(received.content, file.content);
    shown.to_string()
}

#[tokio::test]
async fn each_file_is_shown_in_its_own_way() {
    let kinds = [
        (FileKind::Picture, "lamp.jpg", "image/jpeg", JPEG),
        (
            FileKind::Picture,
            "lamp.tiff",
            "image/tiff",
            b"II*\0" as &[u8],
        ),
        (FileKind::Voice, "note.ogg", "audio/ogg", OGG),
        (FileKind::Voice, "song.mp3", "audio/mpeg", b"ID3\x04\0\0"),
        (FileKind::Video, "lamp.mp4", "video/mp4", MP4),
        (FileKind::Video, "lamp.webm", "video/webm", b"\x1aE\xdf\xa3"),
        (
            FileKind::File,
            "订单 №7.pdf",
            "application/pdf",
            b"%PDF-1.7",
        ),
        (FileKind::File, "../../etc/pass\"wd\r\n", "", b"just words"),
    ];
    let mut shown = Vec::new();
    for (what, name, media_type, content) in kinds {
        let file = PostedFile {
            what,
            name,
            media_type,
            content,
        };
        shown.push(shown_as(file).await);
    }
    insta::assert_snapshot!(shown.join("\n"), @r#"
    Consultant: look [photo lamp.jpg]
    Consultant: look [document lamp.tiff]
    Consultant: look [voice note.ogg]
    Consultant: look [audio song.mp3]
    Consultant: look [video lamp.mp4]
    Consultant: look [document lamp.webm]
    Consultant: look [document 订单 №7.pdf]
    Consultant: look [document pass_wd]
    "#);
}

#[tokio::test]
async fn words_under_a_file_look_as_they_were_meant_and_can_be_changed() {
    let telegram = TelegramDouble::start().await;
    let channel = unpaced(&telegram).await;
    let ann = telegram.customer("Ann");
    let group = telegram.group("Lamps");
    let to = in_chat(group.chat_id());
    let card = Card {
        title: "Halo".to_owned(),
        price: None,
        picture_url: None,
        buttons: vec![Button {
            label: "A person".to_owned(),
            press: Press::Person,
        }],
    };
    let post = Post {
        card: Some(&card),
        ..with_file("the **oak** lamp", PICTURE)
    };
    let receipt = channel.send(&to, post).await.unwrap();
    let shown = group.shows();
    let bold = json!({"type": "bold", "offset": 4, "length": 3});
    assert_eq!(shown[0].text, "the oak lamp");
    assert_eq!(shown[0].entities, [bold]);
    assert_eq!(shown[0].buttons.len(), 1);
    // Whoever changes words needs no file at hand.
    let elsewhere = PostedFile {
        content: &[],
        ..PICTURE
    };
    let edit = channel.edit(&to, &receipt, with_file("the pine lamp", elsewhere));
    edit.await.unwrap();
    let again = channel.edit(&to, &receipt, with_file("the pine lamp", PICTURE));
    again.await.unwrap();
    let shown = group.shows();
    assert_eq!(
        shown[0].to_string(),
        "Consultant: the pine lamp [photo lamp.jpg]"
    );
    assert_eq!(shown[0].edits, 1);
    ann.in_group(&group).deletes(shown[0].message_id);
    let missing = channel
        .edit(&to, &receipt, with_file("gone", PICTURE))
        .await;
    assert!(
        matches!(missing, Err(DeliveryError::Missing(_))),
        "{missing:?}"
    );
}

#[tokio::test]
async fn a_file_without_words_has_none() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let group = telegram.group("Lamps");
    let to = in_chat(group.chat_id());
    channel.send(&to, with_file("", PICTURE)).await.unwrap();
    assert_eq!(group.shows()[0].to_string(), "Consultant: [photo lamp.jpg]");
}

#[tokio::test]
async fn what_telegram_would_refuse_is_not_uploaded() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let to = private(&telegram.customer("Ann"));
    let long = "😀".repeat(512);
    channel.send(&to, with_file(&long, PICTURE)).await.unwrap();
    let longer = format!("{long}x");
    let large = vec![0; 50 * 1024 * 1024 + 1];
    let empty = |content| PostedFile { content, ..PICTURE };
    for post in [
        with_file(&longer, PICTURE),
        with_file("", empty(&[])),
        with_file("", empty(&large)),
    ] {
        let sent = channel.send(&to, post).await;
        assert!(matches!(sent, Err(DeliveryError::Refused(_))), "{sent:?}");
    }
    assert_eq!(telegram.calls("sendPhoto"), 1);
    assert_eq!(telegram.calls("sendDocument"), 0);
}

#[tokio::test]
async fn a_large_file_goes_whole() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let large = vec![7; 11 * 1024 * 1024];
    let file = PostedFile {
        content: &large,
        ..PICTURE
    };
    channel
        .send(&private(&ann), with_file("", file))
        .await
        .unwrap();
    let files = ann.wait_for_files(1).await;
    assert_eq!(
        (files[0].kind, files[0].content.len()),
        ("document", large.len())
    );
}

#[tokio::test]
async fn a_picture_that_telegram_cannot_show_goes_as_a_plain_file() {
    let odd = PostedFile {
        content: b"\0\0 no picture",
        ..PICTURE
    };
    assert_eq!(shown_as(odd).await, "Consultant: look [document lamp.jpg]");
}

#[tokio::test]
async fn a_place_that_takes_words_only_is_not_gone() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let group = telegram.group("Lamps");
    group.forbids_the_bot(Right::SendFiles, &telegram.customer("Bo"));
    let to = in_chat(group.chat_id());
    let sent = channel.send(&to, with_file("look", PICTURE)).await;
    assert!(matches!(sent, Err(DeliveryError::Refused(_))), "{sent:?}");
    channel.send(&to, Post::of("look", "n")).await.unwrap();
}

#[tokio::test]
async fn a_file_meets_the_same_faults_as_words() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let to = private(&ann);
    let send = || channel.send(&to, with_file("**look**", PICTURE));
    for fault in [Fault::BadGateway, Fault::ResetBefore] {
        telegram.fail_next("sendPhoto", fault);
        let sent = send().await;
        let Err(DeliveryError::Retry { source, .. }) = sent else {
            panic!("{sent:?}");
        };
        assert!(!source.to_string().contains(telegram.token()), "{source}");
    }
    telegram.fail_next("sendPhoto", Fault::CutAnswer);
    let receipt = send().await.unwrap();
    let to_bo = private(&telegram.customer("Bo"));
    let refusal = Fault::Refusal {
        code: 400,
        description: "Bad Request: can't parse entities: Unsupported URL".into(),
    };
    telegram.fail_next("sendPhoto", refusal);
    let plain = channel.send(&to_bo, with_file("**look**", PICTURE));
    plain.await.unwrap();
    let retry_after = Duration::from_secs(30);
    telegram.fail_next("sendPhoto", Fault::FloodControl { retry_after });
    let sent = channel.send(&to_bo, with_file("", PICTURE)).await;
    assert!(matches!(sent, Err(DeliveryError::Wait { after }) if after == retry_after));
    assert_eq!(telegram.calls("sendPhoto"), 6);
    // The cut answer named what is shown.
    ann.deletes(receipt.0.parse().unwrap());
}

#[tokio::test]
async fn a_quote_is_shown_everywhere_and_its_loss_keeps_no_message_away() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let to = private(&ann);
    let asked = ann.message_of(ann.says("how much is oak?"));
    let quoted = MessageId::from(asked.to_string().as_str());
    let quoting = Post {
        quote: Some(&quoted),
        ..Post::of("€129", "n")
    };
    let replying = Post {
        quote: None,
        reply_to: Some(&quoted),
        ..quoting
    };
    channel.send(&to, quoting).await.unwrap();
    channel.send(&to, replying).await.unwrap();
    ann.deletes(asked);
    channel.send(&to, quoting).await.unwrap();
    let quotes: Vec<_> = ann.sees().iter().map(|seen| seen.reply_to).collect();
    assert_eq!(quotes, [Some(asked), None, None]);
}

#[tokio::test]
async fn a_file_can_quote_too() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let group = telegram.group("Lamps");
    let ann = telegram.customer("Ann").in_group(&group);
    let asked = ann.message_of(ann.says("a picture?"));
    let quoted = MessageId::from(asked.to_string().as_str());
    let post = Post {
        quote: Some(&quoted),
        ..with_file("here", PICTURE)
    };
    channel.send(&in_chat(group.chat_id()), post).await.unwrap();
    let shown = group.shows();
    assert_eq!(shown[1].reply_to, Some(asked));
}

#[tokio::test]
async fn other_peoples_words_are_shown_letter_by_letter() {
    let telegram = TelegramDouble::start().await;
    let channel = connected(&telegram).await;
    let ann = telegram.customer("Ann");
    let text = "**bold** _it_ [a](https://example.org) `c` @bob /start #lamp 1/2 a@b.c";
    let post = Post {
        verbatim: true,
        ..Post::of(text, "n")
    };
    let receipt = channel.send(&private(&ann), post).await.unwrap();
    let seen = ann.sees().remove(0);
    let shown = seen.text.replace('\u{2060}', "·");
    insta::assert_snapshot!(shown, @r#"**bold** _it_ [a](https://example.org) `c` @·bob /·start #·lamp 1/2 a@b.c"#);
    assert!(seen.entities.is_empty() && seen.picture.is_none());
    let sent = &telegram.parameters("sendMessage")[0];
    assert_eq!(sent["link_preview_options"]["is_disabled"], true);
    let post = Post {
        text: "**changed** @bob",
        ..post
    };
    channel.edit(&private(&ann), &receipt, post).await.unwrap();
    assert_eq!(ann.sees()[0].text, "**changed** @\u{2060}bob");
}

/// What is cut by the channel's limits always goes out, whatever somebody wrote.
#[test]
fn nothing_that_fits_is_refused_for_its_length() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let telegram = runtime.block_on(TelegramDouble::start());
    let channel = runtime.block_on(unpaced(&telegram));
    let to = private(&telegram.customer("Ann"));
    let ChannelLimits {
        message_utf16_units: most,
        ..
    } = channel.limits(&to);
    let texts = proptest::collection::vec("@a|/b|#c|灯|😀| |\\*\\*", 1200..1400);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(6));
    let ran = runner.run(&(texts, any::<bool>()), |(parts, verbatim)| {
        let mut units = 0;
        let fitting = parts.iter().cycle().take(6000).take_while(|part| {
            units += part.encode_utf16().count();
            units <= most
        });
        let text = format!("x{}", fitting.map(String::as_str).collect::<String>());
        let text: String = text.chars().take(text.chars().count() - 1).collect();
        let post = Post {
            verbatim,
            ..Post::of(&text, "n")
        };
        let sent = runtime.block_on(channel.send(&to, post));
        prop_assert!(sent.is_ok(), "{sent:?}");
        Ok(())
    });
    ran.unwrap();
}
