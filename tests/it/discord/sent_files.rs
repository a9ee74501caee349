//! What the bot sends beyond words: files, other people's words, answers that quote.

use consultant_core::{
    FileKind, MessageId,
    ports::{ChannelLimits, PostedFile},
};
use proptest::{prelude::*, test_runner::TestRunner};

use super::{
    outgoing::{at, class, outgoing},
    *,
};

const PICTURE: PostedFile<'static> = PostedFile {
    what: FileKind::Picture,
    name: "lamp.png",
    media_type: "image/png",
    content: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
};

/// Links show no pictures.
const SUPPRESS_EMBEDS: u64 = 1 << 2;

fn with_file<'a>(text: &'a str, file: PostedFile<'a>) -> Post<'a> {
    Post {
        file: Some(file),
        ..Post::of(text, "n")
    }
}

fn quoting<'a>(text: &'a str, quoted: &'a MessageId, nonce: &'a str) -> Post<'a> {
    Post {
        quote: Some(quoted),
        ..Post::of(text, nonce)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_arrives_whole_and_an_edit_leaves_it() {
    let (discord, channel) = outgoing().await;
    let room = discord.guild_channel("lamps");
    let to = at(&room.id());
    let receipt = channel.send(&to, with_file("the **oak** lamp", PICTURE));
    let receipt = receipt.await.unwrap();
    let shown = room.shows().remove(0);
    assert_eq!(shown.to_string(), "consultant: the **oak** lamp [lamp.png]");
    assert_eq!(shown.files[0].content, PICTURE.content);
    assert_eq!(shown.files[0].content_type, "image/png");
    // Whoever changes words needs no file at hand.
    let elsewhere = PostedFile {
        content: &[],
        ..PICTURE
    };
    let edited = channel.edit(&to, &receipt, with_file("the pine lamp", elsewhere));
    edited.await.unwrap();
    assert_eq!(room.reads(), "consultant: the pine lamp [lamp.png]");
}

#[tokio::test(flavor = "multi_thread")]
async fn voice_notes_and_files_with_odd_names_are_files() {
    let (discord, channel) = outgoing().await;
    let room = discord.guild_channel("lamps");
    let names = ["note.ogg", "订单 №7.pdf", "../../etc/pass\"wd\r\n", ""];
    for (number, name) in names.into_iter().enumerate() {
        let file = PostedFile {
            what: FileKind::Voice,
            name,
            media_type: "audio/ogg",
            content: b"OggS\0\x02",
        };
        let nonce = number.to_string();
        let post = Post {
            nonce: &nonce,
            ..with_file("", file)
        };
        channel.send(&at(&room.id()), post).await.unwrap();
    }
    insta::assert_snapshot!(room.reads(), @r#"
    consultant: [note.ogg]
    consultant: [订单 №7.pdf]
    consultant: [pass_wd]
    consultant: [file]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_meets_the_same_faults_as_words_and_comes_once() {
    let (discord, channel) = outgoing().await;
    let room = discord.guild_channel("lamps");
    let to = at(&room.id());
    for fault in [
        Fault::NotJson { status: 502 },
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::Truncated,
    ] {
        discord.fail_next(Route::Send, fault);
        let failed = channel.send(&to, with_file("look", PICTURE)).await;
        assert_eq!(class(&failed.unwrap_err()), "retry", "{fault:?}");
    }
    channel.send(&to, with_file("look", PICTURE)).await.unwrap();
    assert_eq!(room.reads(), "consultant: look [lamp.png]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_discord_refuses_is_refused_and_the_place_is_not_gone() {
    let (discord, channel) = outgoing().await;
    let room = discord.guild_channel("lamps");
    let to = at(&room.id());
    let large = vec![0; 10 * 1024 * 1024 + 1];
    for content in [&[][..], &large] {
        let file = PostedFile { content, ..PICTURE };
        let sent = channel.send(&to, with_file("look", file)).await;
        assert_eq!(class(&sent.unwrap_err()), "refused");
    }
    room.forbids_the_bot(Right::AttachFiles);
    let sent = channel.send(&to, with_file("look", PICTURE)).await;
    assert_eq!(class(&sent.unwrap_err()), "refused");
    channel.send(&to, Post::of("look", "m")).await.unwrap();
    assert_eq!(room.reads(), "consultant: look");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_shown_everywhere_and_its_loss_keeps_no_message_away() {
    let (discord, channel) = outgoing().await;
    let ann = discord.customer("Ann");
    let asked = ann.says("how much is oak?");
    let quoted = MessageId::from(asked.as_str());
    let to = at(&ann.place());
    let send = |post| channel.send(&to, post);
    send(quoting("€129", &quoted, "a")).await.unwrap();
    let replying = Post {
        reply_to: Some(&quoted),
        ..Post::of("It is oak.", "b")
    };
    send(replying).await.unwrap();
    ann.deletes(&asked);
    send(quoting("Still €129", &quoted, "c")).await.unwrap();
    let [first, second, third] = &ann.sees_replies_to()[..] else {
        panic!("three messages");
    };
    assert_eq!((first, second), (&Some(asked), &None));
    // Discord keeps what the message referred to, and shows that it is gone.
    assert!(third.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_that_may_not_be_shown_is_left_out() {
    let (discord, channel) = outgoing().await;
    let room = discord.guild_channel("lamps");
    let ann = discord.customer("Ann").at(&room);
    let quoted = MessageId::from(ann.says("a picture?").as_str());
    room.forbids_the_bot(Right::ReadHistory);
    let post = Post {
        quote: Some(&quoted),
        ..with_file("here", PICTURE)
    };
    channel.send(&at(&room.id()), post).await.unwrap();
    let shown = room.shows();
    assert_eq!(shown[1].to_string(), "consultant: here [lamp.png]");
    assert_eq!(shown[1].reply_to, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_can_complete_a_slash_command() {
    let shop = Shop::opens().await;
    let room = shop.discord.guild_channel("lamps");
    let ann = shop.discord.customer("Ann").at(&room);
    ann.runs("/help");
    ann.wait_for_messages(1).await;
    let heard = shop.heard().remove(0);
    let post = Post {
        reply_to: heard.message.as_ref(),
        ..with_file("here", PICTURE)
    };
    let sent = shop.channel.send(&heard.address, post).await;
    sent.unwrap();
    assert_eq!(room.reads(), "consultant: here [lamp.png]");
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_peoples_words_are_shown_letter_by_letter() {
    let (discord, channel) = outgoing().await;
    let room = discord.guild_channel("lamps");
    let to = at(&room.id());
    let text = "> **bold** _it_ [a](https://example.org/a_b) `c` <@7> @everyone\n# ||x|| 1. ~y~";
    let post = Post {
        verbatim: true,
        ..Post::of(text, "n")
    };
    let receipt = channel.send(&to, post).await.unwrap();
    insta::assert_snapshot!(room.reads(), @r#"
    consultant: \> \*\*bold\*\* \_it\_ \[a\](https://example.org/a_b) \`c\` \<\@7> \@everyone
    \# \|\|x\|\| 1. \~y\~
    "#);
    assert_eq!(room.shows()[0].flags, SUPPRESS_EMBEDS);
    let changed = Post {
        text: "*changed*",
        ..post
    };
    channel.edit(&to, &receipt, changed).await.unwrap();
    let shown = room.shows().remove(0);
    assert_eq!(shown.text, r"\*changed\*");
    assert_eq!(shown.flags, SUPPRESS_EMBEDS);
}

/// What is cut by the channel's limits always goes out, whatever somebody wrote.
#[test]
fn nothing_that_fits_is_refused_for_its_length() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (discord, channel) = runtime.block_on(outgoing());
    let to = at(&discord.customer("Ann").place());
    let ChannelLimits {
        message_utf16_units: most,
        ..
    } = channel.limits(&to);
    let texts = proptest::collection::vec("\\*|@a|灯|😀|#|`|https://a\\.b/_c_ |\n> ", 600..700);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(6));
    let number = std::cell::Cell::new(0);
    let ran = runner.run(&(texts, any::<bool>()), |(parts, verbatim)| {
        let mut text = "x".to_owned();
        for part in parts.iter().cycle().take(3_000) {
            if text.encode_utf16().count() + part.encode_utf16().count() <= most {
                text.push_str(part);
            }
        }
        number.set(number.get() + 1);
        let nonce = format!("n{}", number.get());
        let post = Post {
            verbatim,
            ..Post::of(&text, &nonce)
        };
        let sent = runtime.block_on(channel.send(&to, post));
        prop_assert!(sent.is_ok(), "{sent:?}");
        Ok(())
    });
    ran.unwrap();
}
