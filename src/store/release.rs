//! Versions of the playbook and decisions about them, as every store writes them and reads them
//! back.

use consultant_core::{
    KeptVersion, PlaybookVersion, RELEASE_FORMAT, ReleaseEvent, ports::StoreError,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::record::{corrupt, decode, encode, newer_format};

/// The largest number that every store can give: SQLite's integers are signed.
const LARGEST: u64 = i64::MAX.unsigned_abs();

/// The JSON of a version. One of a newer format is refused: what this build does not know of it
/// would be lost.
pub(crate) fn encode_version(version: &KeptVersion) -> Result<String, StoreError> {
    let what = name_of(&version.id);
    check_format(&what, version.format)?;
    encode(&what, version)
}

/// The version of this id from its JSON.
pub(crate) fn decode_version(id: &PlaybookVersion, text: &str) -> Result<KeptVersion, StoreError> {
    let what = name_of(id);
    let version: KeptVersion = decode_known(&what, text)?;
    if version.id == *id {
        return Ok(version);
    }
    Err(corrupt(what, format!("it is version {}", version.id)))
}

/// The JSON of a decision, which is fit to be given its number.
pub(crate) fn encode_release(event: &ReleaseEvent) -> Result<String, StoreError> {
    let what = name_of_decision(event.number);
    check_format(&what, event.format)?;
    if event.number == 0 || event.number > LARGEST {
        let reason = format!("numbers are given from 1 to {LARGEST}");
        return Err(corrupt(what, reason));
    }
    encode(&what, event)
}

/// The decision of this number from its JSON.
pub(crate) fn decode_release(number: u64, text: &str) -> Result<ReleaseEvent, StoreError> {
    let what = name_of_decision(number);
    let event: ReleaseEvent = decode_known(&what, text)?;
    if event.number == number {
        return Ok(event);
    }
    Err(corrupt(what, format!("it is decision {}", event.number)))
}

fn name_of(id: &PlaybookVersion) -> String {
    format!("playbook version {id}")
}

fn name_of_decision(number: u64) -> String {
    format!("decision {number} about playbooks")
}

/// The format is looked at before the rest, which only the program that wrote it may understand.
fn decode_known<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    #[derive(Deserialize)]
    struct Shape {
        format: u16,
    }
    let shape: Shape = decode(what, text)?;
    check_format(what, shape.format)?;
    decode(what, text)
}

fn check_format(what: &str, format: u16) -> Result<(), StoreError> {
    if format <= RELEASE_FORMAT {
        return Ok(());
    }
    Err(newer_format(what, format, RELEASE_FORMAT))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = r#"{"format":1,"id":"a","scripts":[]}"#;
    const DECISION: &str = r#"{"format":1,"number":3,"at":"2026-01-02T03:04:05Z","author":"ann","note":null,"what":"trial_promoted","version":"a"}"#;

    #[track_caller]
    fn check_refused<T: std::fmt::Debug>(read: Result<T, StoreError>, expect: &str) {
        let error = read.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        assert_eq!(error.to_string(), expect);
    }

    #[test]
    fn what_is_written_is_read() {
        let version = decode_version(&"a".into(), VERSION).unwrap();
        assert_eq!(encode_version(&version).unwrap(), VERSION);
        let event = decode_release(3, DECISION).unwrap();
        assert_eq!(encode_release(&event).unwrap(), DECISION);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_quoted() {
        let newer = |text: &str| text.replace(":1,", ":999,").replace("what", "how");
        let reason = format!(
            "its format is 999 and this program knows formats up to {RELEASE_FORMAT}; run the \
             newer program that wrote it"
        );
        let (version, decision) = (
            "playbook version a cannot be read",
            "decision 3 about playbooks cannot be read",
        );
        check_refused(
            decode_version(&"a".into(), &newer(VERSION)),
            &format!("{version}: {reason}"),
        );
        check_refused(
            decode_release(3, &newer(DECISION)),
            &format!("{decision}: {reason}"),
        );
        check_refused(
            decode_version(&"a".into(), r#"{"format":1,"secret"#),
            &format!("{version}: an early end in line 1, column 19 of its JSON"),
        );
        check_refused(
            decode_version(&"b".into(), VERSION),
            "playbook version b cannot be read: it is version a",
        );
        check_refused(
            decode_release(4, DECISION),
            "decision 4 about playbooks cannot be read: it is decision 3",
        );
    }

    #[test]
    fn what_this_build_does_not_know_is_not_written() {
        let mut version = decode_version(&"a".into(), VERSION).unwrap();
        version.format = RELEASE_FORMAT + 1;
        assert!(encode_version(&version).is_err());
        let event = decode_release(3, DECISION).unwrap();
        for (number, format) in [(0, 1), (u64::MAX, 1), (4, RELEASE_FORMAT + 1)] {
            let odd = ReleaseEvent {
                number,
                format,
                ..event.clone()
            };
            assert!(encode_release(&odd).is_err(), "{number} {format}");
        }
    }
}
