//! Fine-tuning of a sentence encoder, as an operator asks for it, over one that is written on the
//! spot.

use consultant_tests::{binary::Operator, tiny_encoder::make_encoder};
use serde_json::Value;

const THINGS: [&str; 8] = [
    "lamp", "desk", "chair", "shelf", "mat", "sofa", "rug", "bed",
];

/// A folder with rows of two categories and an encoder that knows their words.
fn shop() -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let mut rows = "text,category\n".to_owned();
    for thing in THINGS {
        for row in [
            format!("how much is the {thing},price\n"),
            format!("what does a {thing} cost,price\n"),
            format!("when do you deliver the {thing},delivery\n"),
            format!("how long until the {thing} is here,delivery\n"),
        ] {
            rows.push_str(&row);
        }
    }
    operator.writes("rows.csv", &rows);
    let words = "how much is the what does a cost when do you deliver long until here";
    let words: Vec<&str> = words.split(' ').chain(THINGS).collect();
    make_encoder(&operator.folder().join("tiny"), &words);
    operator
}

const TRAIN: [&str; 8] = [
    "train",
    "intent",
    "--data",
    "rows.csv",
    "--encoder",
    "tiny",
    "--out",
    "head.safetensors",
];
const TUNE: [&str; 5] = ["--fine-tune", "--encoder-out", "mine", "--rounds", "3"];

fn json(operator: &Operator, words: &[&str]) -> Value {
    let ran = operator.runs(&[words, &["--json"]].concat(), "").well();
    serde_json::from_str(&ran.stdout()).unwrap()
}

#[test]
fn a_tuned_encoder_is_one_like_any_other_and_bears_a_name_of_its_own() {
    let shop = shop();
    let learned = json(&shop, &[&TRAIN[..], &TUNE].concat());
    let name = learned["tuned"]["name"].as_str().unwrap();
    assert!(name.starts_with("tiny-"), "{learned:#}");
    assert_eq!(learned["encoder"], name, "{learned:#}");
    assert_eq!(learned["encoder_folder"], "mine");
    assert_eq!(
        learned["tuned"]["rounds"].as_array().unwrap().len(),
        3,
        "{learned:#}"
    );
    let measure = ["eval", "intent", "--train", "rows.csv", "--encoder"];
    let mine = json(&shop, &[&measure[..], &["mine"]].concat());
    assert_eq!(mine["encoder"], name, "{mine:#}");
    assert_eq!(mine["tuned"], Value::Null, "{mine:#}");
    let plain = json(&shop, &[&measure[..], &["tiny"]].concat());
    assert_eq!(plain["encoder"], "tiny");
    // The record tells what it was trained on, and none of the texts.
    let record = std::fs::read_to_string(shop.folder().join("mine/training.json")).unwrap();
    assert!(
        record.contains("texts_sha256") && !record.contains("lamp"),
        "{record}"
    );
}

#[test]
fn what_tuning_brings_is_measured_with_rows_it_has_not_seen() {
    let shop = shop();
    let measure = ["eval", "intent", "--train", "rows.csv", "--encoder", "tiny"];
    let tune = ["--fine-tune", "--rounds", "2", "--draws", "2"];
    let report = json(&shop, &[&measure[..], &tune].concat());
    assert_eq!(
        report["accuracies"].as_array().unwrap().len(),
        2,
        "{report:#}"
    );
    assert_eq!(
        (&report["train_texts"], &report["test_texts"]),
        (&26.into(), &6.into())
    );
    assert!(
        report["encoder"].as_str().unwrap().starts_with("tiny-"),
        "{report:#}"
    );
    let told = shop.runs(&[&measure[..], &tune].concat(), "").well();
    assert!(
        told.stdout().contains("was fine-tuned in"),
        "{}",
        told.stdout()
    );
    assert!(
        told.stderr().contains("fine-tuning, round 2: loss "),
        "{}",
        told.stderr()
    );
    let left = std::fs::read_dir(shop.folder()).unwrap().count();
    assert_eq!(left, 2, "the encoders that were measured are gone");
}

#[track_caller]
fn check(shop: &Operator, more: &[&str], expect: (i32, &str)) {
    let ran = shop.runs(&[&TRAIN[..], more].concat(), "");
    let told = ran.stderr();
    assert!(told.contains(expect.1), "{told}");
    assert_eq!(ran.code(), expect.0, "{told}");
    assert!(!shop.folder().join("head.safetensors").exists());
}

#[test]
fn what_cannot_be_tuned_is_told_before_anything_is_learned() {
    let shop = shop();
    check(
        &shop,
        &["--fine-tune"],
        (2, "name a folder with --encoder-out"),
    );
    check(&shop, &["--encoder-out", "mine"], (2, "--fine-tune"));
    check(&shop, &["--minutes", "3"], (2, "--fine-tune"));
    check(
        &shop,
        &["--fine-tune", "--encoder-out", "tiny"],
        (2, "tiny is there already"),
    );
    let nowhere = ["--fine-tune", "--encoder-out", "gone/mine", "--rounds", "1"];
    check(&shop, &nowhere, (1, "gone"));
    shop.writes("tiny/model.safetensors", "nothing");
    check(&shop, &TUNE, (1, "model.safetensors` cannot be used"));
    std::fs::remove_dir_all(shop.folder().join("tiny")).unwrap();
    check(&shop, &TUNE, (1, "there is no sentence encoder in tiny"));
}
