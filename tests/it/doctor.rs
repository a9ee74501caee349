//! `consultant doctor`, as an operator runs it where something is missing or damaged.

use consultant_tests::binary::Operator;
use serde_json::Value;

/// What is said of the encoder in this mode, in a company with this manifest of one: its state, and
/// everything as text.
fn encoder(mode: &str, manifest: Option<&str>) -> (Value, String) {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let operator = operator.with("CONSULTANT__ENCODER__MODE", mode);
    let folder = operator.folder().join("models");
    let operator = operator.with("CONSULTANT__MODELS_DIR", folder.display().to_string());
    if let Some(manifest) = manifest {
        operator.writes("models/all-minilm-l6-v2/manifest.json", manifest);
    }
    let told = operator.runs(&["doctor", "--json"], "").stdout();
    let found: Value = serde_json::from_str(&told).unwrap_or_default();
    let mut found = found.as_array().into_iter().flatten();
    let finding = found.find(|it| it["what"] == "encoder");
    let finding = finding.cloned().unwrap_or_default();
    (finding["state"].clone(), finding.to_string())
}

#[test]
fn the_doctor_says_whether_messages_are_understood_by_their_meaning() {
    let (state, off) = encoder("never", None);
    assert_eq!(state, "note");
    assert!(off.contains("encoder.mode: auto"), "{off}");

    let (state, none) = encoder("auto", None);
    assert_eq!(state, "note");
    assert!(none.contains("consultant model fetch"), "{none}");

    let (state, missing) = encoder("always", None);
    assert_eq!(state, "bad");
    assert!(missing.contains("all-minilm-l6-v2"), "{missing}");
    assert!(missing.contains("encoder.mode: never"), "{missing}");

    let (state, damaged) = encoder("auto", Some("{}"));
    assert_eq!(state, "bad");
    assert!(damaged.contains("manifest.json"), "{damaged}");
}
