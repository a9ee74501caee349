//! Reviewed answers found by their meaning, with the real sentence encoder, through the release
//! binary.

use consultant_tests::binary::Operator;
use serde_json::Value;

/// The release binary without a language model; `mode` is what the encoder is to do.
fn operator(mode: &str) -> Operator {
    Operator::default()
        .with("CONSULTANT__MODEL__ENABLED", "false")
        .with("CONSULTANT__ENCODER__MODE", mode)
}

fn measured(mode: &str, more: &[&str]) -> Value {
    let all = ["eval", "retrieval", "--json"];
    let ran = operator(mode).runs(&[&all, more].concat(), "").well();
    serde_json::from_str(&ran.stdout()).expect("JSON")
}

#[test]
fn heavy_what_is_asked_in_other_words_is_found_by_its_meaning() {
    let by_meaning = measured("always", &["--most", "120"]);
    let by_words = measured("never", &["--most", "120"]);
    assert_eq!(by_meaning["encoder"], "all-minilm-l6-v2");
    assert_eq!(by_words["encoder"], Value::Null);
    let share = |report: &Value, place: &str| report["recall_at"][place].as_f64().expect("share");
    for place in ["1", "3"] {
        let (meaning, words) = (share(&by_meaning, place), share(&by_words, place));
        assert!(meaning > words + 0.1, "{place}: {meaning} and {words}");
    }
    assert!(share(&by_meaning, "3") > 0.75, "{by_meaning:#}");
    let right = by_meaning["sure"]["right"].as_f64().expect("a share");
    assert!(right > 0.75, "{by_meaning:#}");
}

#[test]
fn heavy_a_customer_is_answered_who_has_words_of_their_own() {
    let said = "Is paying by Mastercard possible?\n";
    for (mode, answered) in [("always", true), ("never", false)] {
        let ran = operator(mode).runs(&["chat", "--new"], said).well();
        let told = ran.stdout();
        assert_eq!(told.contains("credit or debit card"), answered, "{told}");
    }
}

#[test]
fn heavy_the_demo_and_all_starters_come_out_the_same_with_an_encoder() {
    for starter in ["shop", "software", "appointments"] {
        let operator = operator("always");
        drop(operator.runs(&["new", "--from", starter, "."], "").well());
        drop(operator.runs(&["playbook", "test"], "").well());
    }
}
