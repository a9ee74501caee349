//! Understanding with the real sentence encoder, through the release binary.

use std::path::{Path, PathBuf};

use consultant_learning::{Columns, Row, few, read_csv};
use consultant_tests::binary::Operator;
use serde_json::Value;

fn measured(operator: &Operator, more: &[&str]) -> Value {
    let all = ["eval", "intent", "--json"];
    let ran = operator.runs(&[&all, more].concat(), "").well();
    serde_json::from_str(&ran.stdout()).expect("JSON")
}

fn accuracy(report: &Value) -> f64 {
    report["accuracy"].as_f64().expect("a number")
}

/// The demo's English intents.
fn examples() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/intents-en.csv");
    file.to_string_lossy().into_owned()
}

#[test]
fn heavy_the_encoder_understands_more_than_words_do() {
    let operator = Operator::default();
    let rows = examples();
    let train = ["--train", rows.as_str(), "--draws", "3"];
    let with_encoder = measured(&operator, &train);
    assert_eq!(
        with_encoder["encoder"], "all-minilm-l6-v2",
        "{with_encoder:#}"
    );
    assert_eq!(
        with_encoder["categories"]
            .as_object()
            .map(serde_json::Map::len),
        Some(15)
    );
    let by_words = measured(&operator, &[&train[..], &["--words-only"]].concat());
    assert_eq!(by_words["encoder"], Value::Null);
    let (with_encoder, by_words) = (accuracy(&with_encoder), accuracy(&by_words));
    assert!(with_encoder > by_words, "{with_encoder} and {by_words}");
    assert!(by_words > 1.0 / 15.0, "{by_words}");
}

#[test]
fn heavy_what_is_trained_with_an_encoder_names_it() {
    let operator = Operator::default();
    let rows = examples();
    let train = [
        "train",
        "intent",
        "--data",
        &rows,
        "--out",
        "head.safetensors",
        "--json",
    ];
    let ran = operator.runs(&train, "").well();
    let told: Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    assert_eq!(told["encoder"], "all-minilm-l6-v2", "{told:#}");
    let file = std::fs::read(operator.folder().join("head.safetensors")).expect("the head");
    let head = consultant_knowledge::IntentHead::from_bytes(&file).expect("a head");
    assert_eq!((head.dimensions(), head.labels().len()), (384, 15));
}

/// Real questions of a bank's customers in 77 categories (Banking77, CC BY 4.0), which are not part
/// of this repository: they are read from `../shared/data` beside it, or from
/// `CONSULTANT_DATA_SETS`.
#[expect(
    clippy::disallowed_methods,
    reason = "a test reads where the data are, and says what it does not check"
)]
fn banking77() -> Option<Vec<Row>> {
    let folder = std::env::var_os("CONSULTANT_DATA_SETS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let file = folder.join("banking77/train.csv");
    let Ok(bytes) = std::fs::read(&file) else {
        let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!required, "{} is required when CI=true", file.display());
        eprintln!(
            "not checked: intents of Banking77 ({} is missing; it is published by PolyAI)",
            file.display()
        );
        return None;
    };
    let columns = Columns {
        text: "text",
        category: "category",
    };
    Some(read_csv(&bytes, columns).expect("rows"))
}

#[test]
fn heavy_ten_texts_of_each_of_77_categories_are_enough_to_tell_them_apart() {
    /// Testing with one row of so many keeps this short.
    const ONE_OF: usize = 25;
    let Some(rows) = banking77() else {
        return;
    };
    let (train, others) = few(&rows, 10, 1);
    let test: Vec<Row> = others.into_iter().step_by(ONE_OF).collect();
    let operator = Operator::default();
    for (file, rows) in [("train.json", &train), ("test.json", &test)] {
        let pairs: Vec<[&str; 2]> = rows
            .iter()
            .map(|row| [row.text.as_str(), &row.category])
            .collect();
        operator.writes(file, &serde_json::to_string(&pairs).expect("JSON"));
    }
    let report = measured(&operator, &["--train", "train.json", "--test", "test.json"]);
    assert_eq!(report["train_texts"], 770, "{report:#}");
    // Chance alone has 1.3%, the usual logistic regression over such vectors about 85%.
    assert!(accuracy(&report) > 0.8, "{report:#}");
    let error = report["calibration_error"].as_f64().expect("a number");
    assert!(error < 0.15, "{report:#}");
}
