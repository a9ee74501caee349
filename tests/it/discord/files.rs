//! Customers' files: fetched, checked and kept before the message is handed in.

use consultant_core::{Attachment, Content, FileKind, ports::MediaStore};
use consultant_tests::discord::Upload;

use super::*;

/// The kinds and contents of the files of one message.
fn files(shop: &Shop, message: usize) -> Vec<(FileKind, Content)> {
    let InboundEvent::Message { attachments, .. } = &shop.heard()[message].event else {
        panic!("no message");
    };
    let file = |attachment: &Attachment| match attachment {
        Attachment::File { what, content, .. } => (*what, content.clone()),
        other @ Attachment::Location { .. } => panic!("no file: {other:?}"),
    };
    attachments.iter().map(file).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_on_disk_before_the_message_is_handed_in() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let text = Upload::new("order.txt", "text/plain", b"two oak lamps");
    ann.uploads("these", &[Upload::picture(), text]);
    ann.uploads("", &[Upload::voice()]);
    ann.says("after");
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(
        seen,
        ["echo: these", "echo: ", "echo: after"].map(str::trim_end)
    );
    let heard = shop.heard();
    let (kinds, contents): (Vec<_>, Vec<_>) =
        files(&shop, 0).into_iter().chain(files(&shop, 1)).unzip();
    assert_eq!(kinds, [FileKind::Picture, FileKind::File, FileKind::Voice]);
    let types = contents.iter().map(|content| match content {
        Content::Kept(media) => media.media_type.clone(),
        other => panic!("not kept: {other:?}"),
    });
    let types: Vec<String> = types.collect();
    assert_eq!(
        types,
        ["image/png", "application/octet-stream", "audio/ogg"]
    );
    let Content::Kept(media) = &contents[1] else {
        panic!("not kept");
    };
    let content = shop
        .kept
        .media
        .read(&heard[0].address, media)
        .await
        .unwrap();
    assert_eq!(content, b"two oak lamps");
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_had_is_told_apart() {
    let discord = DiscordDouble::start().await;
    let limit_bytes = 1_000;
    let shop = Shop::opens_at(discord, |settings| {
        settings.max_file_bytes = limit_bytes;
        settings.file_time_limit = Duration::from_secs(1);
    })
    .await;
    let ann = shop.discord.customer("Ann");
    let large = || Upload::new("large.txt", "text/plain", &[b'x'; 2_000]);
    ann.uploads("large", &[large()]);
    ann.uploads("lies about its size", &[large().claims_size(10)]);
    ann.uploads(
        "no picture",
        &[Upload::new("lamp.png", "image/png", b"<html>")],
    );
    ann.wait_for_messages(3).await;
    assert_eq!(shop.discord.requests(Route::File), 2);
    let outside = Upload::picture().lies_at("http://169.254.169.254/latest/meta-data");
    let inside = Upload::picture().lies_at("http://127.0.0.1:9/secret");
    ann.uploads("elsewhere", &[outside, inside]);
    ann.wait_for_messages(4).await;
    assert_eq!(shop.discord.requests(Route::File), 2);
    let late = Fault::Late(Duration::from_secs(5));
    shop.discord.fail_next(Route::File, late);
    ann.uploads("late", &[Upload::picture()]);
    ann.wait_for_messages(5).await;
    let contents: Vec<Content> = (0..5)
        .flat_map(|message| files(&shop, message))
        .map(|(_, content)| content)
        .collect();
    let too_large = Content::TooLarge { limit_bytes };
    let expect = [
        too_large.clone(),
        too_large,
        Content::WrongType,
        Content::NotReceived,
        Content::NotReceived,
        Content::NotReceived,
    ];
    assert_eq!(contents, expect);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_fault_does_not_lose_a_file() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    let faults = [Fault::NotJson { status: 503 }, Fault::ResetBefore];
    for (number, fault) in faults.into_iter().enumerate() {
        shop.discord.fail_next(Route::File, fault);
        ann.uploads("a lamp", &[Upload::picture()]);
        ann.wait_for_messages(number + 1).await;
        let (_, content) = files(&shop, number).remove(0);
        assert!(
            matches!(content, Content::Kept(_)),
            "{fault:?}: {content:?}"
        );
    }
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_file_holds_up_its_own_place_only() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.discord.customer("Ann"), shop.discord.customer("Bob"));
    let late = Fault::Late(Duration::from_millis(1_500));
    shop.discord.fail_next(Route::File, late);
    ann.uploads("a lamp", &[Upload::picture()]);
    ann.says("like this one");
    bob.says("hello");
    bob.wait_for_messages(1).await;
    assert_eq!(ann.sees().len(), 0);
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: a lamp", "echo: like this one"]);
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_on_its_way_at_the_stop_comes_after_it() {
    let shop = Shop::opens().await;
    let ann = shop.discord.customer("Ann");
    ann.says("before");
    ann.wait_for_messages(1).await;
    shop.discord
        .fail_next(Route::File, Fault::Late(Duration::from_secs(20)));
    ann.uploads("a lamp", &[Upload::picture()]);
    ann.says("like this one");
    shop.discord.wait_for_requests(Route::File, 1).await;
    let (discord, kept) = shop.stops().await;
    let shop = Shop::opens_with(discord, kept, |_| {}).await;
    let seen = ann.wait_for_messages(3).await;
    assert_eq!(
        seen,
        ["echo: before", "echo: a lamp", "echo: like this one"]
    );
    let (_, content) = files(&shop, 0).remove(0);
    assert!(matches!(content, Content::Kept(_)), "{content:?}");
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_a_defect_in_an_errand_costs_its_file_and_stops_nobody() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.discord.customer("Ann"), shop.discord.customer("Bob"));
    ann.says("before");
    ann.wait_for_messages(1).await;
    shop.discord.invalidate_sessions(false);
    ann.says("missed");
    shop.discord
        .fail_next(Route::Read, Fault::Late(Duration::from_secs(2)));
    shop.discord.wait_for_requests(Route::Read, 1).await;
    // Ann's place is being asked meanwhile.
    shop.kept.defects.store(1, Ordering::SeqCst);
    bob.uploads("see this", &[Upload::picture()]);
    assert_eq!(bob.wait_for_messages(1).await, ["echo: see this"]);
    assert_eq!(files(&shop, 1), [(FileKind::Picture, Content::NotReceived)]);
    let seen = ann.wait_for_messages(2).await;
    assert_eq!(seen, ["echo: before", "echo: missed"]);
    ann.uploads("and this", &[Upload::picture()]);
    ann.wait_for_text("echo: and this").await;
    shop.closes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn few_files_are_had_at_once_and_who_waits_for_that_loses_no_time() {
    let discord = DiscordDouble::start().await;
    let shop = Shop::opens_at(discord, |settings| {
        settings.file_time_limit = Duration::from_secs(5);
    })
    .await;
    let names = ["Ann", "Bob", "Cleo", "Dan", "Eve"];
    let customers = names.map(|name| shop.discord.customer(name));
    for customer in &customers {
        let late = Fault::Late(Duration::from_secs(3));
        shop.discord.fail_next(Route::File, late);
        customer.uploads("a lamp", &[Upload::picture()]);
    }
    shop.discord.wait_for_requests(Route::File, 4).await;
    let fay = shop.discord.customer("Fay");
    fay.says("hello");
    fay.wait_for_messages(1).await;
    assert_eq!(shop.discord.requests(Route::File), 4);
    for customer in &customers {
        customer.wait_for_messages(1).await;
    }
    let kept = (0..=customers.len()).flat_map(|message| files(&shop, message));
    let kept: Vec<_> = kept.map(|(_, content)| content).collect();
    assert_eq!(kept.len(), customers.len());
    let all = kept.iter().all(|it| matches!(it, Content::Kept(_)));
    assert!(all, "{kept:?}");
    shop.closes().await;
}
