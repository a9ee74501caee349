//! What counts as a deal: a stage that the playbook declares as one.

use std::sync::Arc;

use consultant_app::company::{self, Company};
use consultant_app::config::CompanyFiles;
use consultant_core::{Command, Happening, InboundEvent};
use consultant_knowledge::SmallModels;
use consultant_playbook::{Library, compile};
use consultant_tests::room::Room;

const SHOP: &str = r#"
fn stages() {
    [
        stage("talk", ["sold", "thanks"]),
        stage("sold", ["talk", "thanks"]).won(),
        stage("thanks", ["talk"]).won(),
    ]
}

fn reply(turn) {
    let there = if turn.text == "buy" { [goto("sold")] }
        else if turn.text == "bye" { [goto("thanks")] }
        else { [goto("talk")] };
    there + [say(#{ en: `You said ${turn.text}`, zh: "好" })]
}
"#;

fn shop() -> Room {
    let demo =
        company::load(&CompanyFiles::Embedded, &SmallModels::default()).expect("the demo company");
    let playbook = compile("shop.rhai", SHOP, &Library::empty()).expect("it compiles");
    Room::of(Company {
        playbook: Arc::new(playbook),
        ..demo
    })
}

/// The stages in which deals were made.
async fn deals(room: &Room) -> Vec<String> {
    let happened = room.happened().await.into_iter();
    let won = happened.filter_map(|it| match it {
        Happening::Won { stage } => Some(stage),
        _ => None,
    });
    won.collect()
}

#[tokio::test]
async fn a_conversation_becomes_a_deal_once() {
    let room = shop();
    for words in ["hello", "buy", "more?", "buy", "bye"] {
        room.says(words, words).await;
        let expected = usize::from(words != "hello");
        assert_eq!(deals(&room).await.len(), expected, "after {words}");
    }
    assert_eq!(deals(&room).await, ["sold"]);
}

#[tokio::test]
async fn a_conversation_that_began_anew_may_become_another_deal() {
    let room = shop();
    room.says("1", "buy").await;
    let command = Command::Reset;
    room.does("2", InboundEvent::Command { command }).await;
    room.says("3", "bye").await;
    assert_eq!(deals(&room).await, ["sold", "thanks"]);
}
