//! What hangs on a message besides its words: the one file, or the place on the map.

use consultant_core::{Attachment, FileKind};
use serde_json::{Map, Value};

/// Kinds of files by their key, the more telling one first: an animation comes with a `document`
/// too.
const FILES: [(&str, FileKind); 6] = [
    ("voice", FileKind::Voice),
    ("audio", FileKind::Voice),
    ("animation", FileKind::Video),
    ("video", FileKind::Video),
    ("video_note", FileKind::Video),
    ("document", FileKind::File),
];

/// What hangs on a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Hanging {
    /// A file that is still with Telegram.
    File(FileRef),
    /// A place on the map.
    Place(Attachment),
}

/// A file that is still with Telegram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileRef {
    /// What getFile asks for.
    pub(super) id: String,
    /// What it is to the customer.
    pub(super) what: FileKind,
    /// The name that the customer gave it.
    pub(super) name: Option<String>,
    /// Its length, where Telegram says so.
    pub(super) bytes: Option<u64>,
}

/// What hangs on the message of these fields; `None` also where it is not as Telegram describes it.
pub(super) fn hanging(fields: &Map<String, Value>) -> Option<Hanging> {
    if let Some(sizes) = fields.get("photo") {
        return file(largest(sizes)?, FileKind::Picture);
    }
    let known = FILES
        .iter()
        .find_map(|(key, what)| Some((fields.get(*key)?, *what)));
    match known {
        Some((fields, what)) => file(fields, what),
        None => place(fields.get("location")?),
    }
}

/// A picture comes in several sizes.
fn largest(sizes: &Value) -> Option<&Value> {
    let number = |size: &Value, key: &str| size[key].as_u64().unwrap_or(0);
    let area = |size: &&Value| number(size, "width").saturating_mul(number(size, "height"));
    sizes.as_array()?.iter().max_by_key(area)
}

fn file(fields: &Value, what: FileKind) -> Option<Hanging> {
    let text = |key: &str| fields[key].as_str().map(str::to_owned);
    Some(Hanging::File(FileRef {
        id: text("file_id")?,
        what,
        name: text("file_name"),
        bytes: fields["file_size"].as_u64(),
    }))
}

fn place(location: &Value) -> Option<Hanging> {
    Some(Hanging::Place(Attachment::Location {
        latitude_microdegrees: microdegrees(location["latitude"].as_f64()?)?,
        longitude_microdegrees: microdegrees(location["longitude"].as_f64()?)?,
    }))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "no more than 360 degrees pass, and those fit"
)]
fn microdegrees(degrees: f64) -> Option<i32> {
    (degrees.abs() <= 360.0).then(|| (degrees * 1e6).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(fields: &Value, expect: &str) {
        let shown = match hanging(fields.as_object().unwrap()) {
            None => "nothing".to_owned(),
            Some(Hanging::File(file)) => format!("{:?} {} {:?}", file.what, file.id, file.name),
            Some(Hanging::Place(Attachment::Location {
                latitude_microdegrees: north,
                longitude_microdegrees: east,
            })) => format!("{north} {east}"),
            Some(other) => format!("{other:?}"),
        };
        assert_eq!(shown, expect);
    }

    #[test]
    fn the_largest_size_of_a_picture_counts() {
        let sizes = json!([
            {"file_id": "small", "width": 90, "height": 60},
            {"file_id": "large", "width": 900, "height": 600},
            {"file_id": "middle", "width": 320, "height": 200},
        ]);
        check(&json!({"photo": sizes}), "Picture large None");
    }

    #[test]
    fn each_kind_of_file_is_known_by_the_more_telling_key() {
        let file = json!({"file_id": "f"});
        check(&json!({"voice": file}), "Voice f None");
        check(&json!({"audio": file}), "Voice f None");
        check(&json!({"video_note": file}), "Video f None");
        check(
            &json!({"document": {"file_id": "d"}, "animation": file}),
            "Video f None",
        );
        check(
            &json!({"document": {"file_id": "d", "file_name": "../order.pdf"}}),
            "File d Some(\"../order.pdf\")",
        );
    }

    #[test]
    fn a_place_is_read_in_microdegrees() {
        let berlin = json!({"latitude": 52.520_008, "longitude": -13.404_95});
        check(&json!({"location": berlin}), "52520008 -13404950");
        check(
            &json!({"venue": {"location": berlin, "title": "Shop"}, "location": berlin}),
            "52520008 -13404950",
        );
    }

    #[test]
    fn what_is_not_as_described_hangs_not_there() {
        check(&json!({"photo": []}), "nothing");
        check(&json!({"voice": {}}), "nothing");
        check(
            &json!({"location": {"latitude": 1e300, "longitude": 0}}),
            "nothing",
        );
        check(&json!({"sticker": {"file_id": "s"}}), "nothing");
    }
}
