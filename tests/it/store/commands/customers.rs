//! A customer's conversations: found, handed out, forgotten.

use std::fs;

use serde_json::Value;

use super::{VOICE, files_below, json, operator, sends_a_voice_note, store, verify};

#[tokio::test]
async fn a_customer_is_handed_their_files_too() {
    let operator = operator();
    sends_a_voice_note(&operator, "5/7", "k1").await;
    sends_a_voice_note(&operator, "6/7", "k2").await;
    sends_a_voice_note(&operator, "5/77", "k3").await;
    let listed = json(
        &operator
            .runs(&["customer", "list", "7", "--json"], "")
            .well(),
    );
    let listed = listed.as_array().unwrap().iter();
    let listed: Vec<_> = listed
        .map(|it| it["addresses"][0]["place"].clone())
        .collect();
    // Both began in the same millisecond, so their ids are in any order.
    let mut listed: Vec<_> = listed.iter().filter_map(Value::as_str).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["5/7", "6/7"]);

    let export = ["customer", "export", "discord:5/7", "discord:6/7"];
    let printed = json(&operator.runs(&export, "").well());
    assert_eq!(printed.as_array().map(Vec::len), Some(2));
    let to = [&export[..], &["--to", "handed"]].concat();
    drop(operator.runs(&to, "").well());
    let folder = operator.folder().join("handed");
    let written = fs::read_to_string(folder.join("customer.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(written, printed);
    let files = files_below(&folder.join("files"));
    assert_eq!(files.len(), 1, "one content, one file: {files:?}");
    assert_eq!(fs::read(&files[0]).unwrap(), VOICE);
    assert_eq!(files[0].extension().unwrap(), "ogg");
    assert_eq!(operator.runs(&to, "").code(), 1, "nothing is overwritten");
}

#[tokio::test]
async fn erasing_a_customer_leaves_no_file_and_no_bookmark_of_a_place_of_theirs() {
    let operator = operator();
    sends_a_voice_note(&operator, "8", "k1").await;
    sends_a_voice_note(&operator, "5/7", "k2").await;
    sends_a_voice_note(&operator, "5/9", "k3").await;
    for place in ["8", "5", "6"] {
        let name = format!("discord:heard:{place}");
        store(&operator)
            .await
            .bookmark(&name, "70/-")
            .await
            .unwrap();
    }
    let erase = ["customer", "erase", "discord:8", "discord:5/7"];
    assert_eq!(operator.runs(&erase, "").code(), 2, "asks first");
    assert_eq!(verify(&operator).1["conversations"], 3);
    let yes = [&erase[..], &["--yes", "--json"]].concat();
    let done = json(&operator.runs(&yes, "").well());
    assert_eq!((&done["files"], &done["bookmarks"]), (&2.into(), &1.into()));
    let (code, found) = verify(&operator);
    assert_eq!((code, &found["conversations"]), (0, &1.into()));
    assert_eq!(files_below(&operator.folder().join("data/media")).len(), 1);
    let left = store(&operator).await.bookmarks("").await.unwrap();
    let left: Vec<_> = left.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        left,
        ["discord:heard:5", "discord:heard:6"],
        "others listen there"
    );
    let gone = operator.runs(&["customer", "export", "discord:8"], "");
    assert_eq!(gone.code(), 1, "{}", gone.stdout());
}
