//! What a customer can send, as the fields of a `Message`.

use serde_json::{Value, json};

use super::files::File;

/// A message's content.
#[derive(Clone, Debug)]
pub enum Content {
    /// Words, in which mentions and commands are marked as Telegram marks them.
    Text(String),
    /// A picture, with words under it or without.
    Photo(Option<String>),
    /// A sticker.
    Sticker,
    /// A voice note.
    Voice,
    /// A video.
    Video,
    /// A file.
    Document,
    /// A place on the map.
    Location,
    /// A poll.
    Poll,
    /// A contact card.
    Contact,
    /// A die.
    Dice,
    /// A file with this content.
    File(File),
    /// A part of an album.
    Part {
        /// The album's name.
        album: String,
        /// What it is.
        content: Box<Self>,
    },
    /// Fields as they are, for example a service message.
    Fields(Value),
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Content {
    /// The file in it, if the double is to hand it out.
    pub(super) fn file(&self) -> Option<&File> {
        match self {
            Self::File(file) => Some(file),
            Self::Part { content, .. } => content.file(),
            _ => None,
        }
    }

    /// The fields to add to a message.
    pub(super) fn fields(&self) -> Value {
        match self {
            Self::Text(text) => words("text", "entities", text),
            Self::Photo(caption) => photo(caption.as_deref()),
            Self::Sticker => sticker(),
            Self::Voice => json!({"voice": file(json!({"duration": 2}))}),
            Self::Video => {
                json!({"video": file(json!({"width": 320, "height": 240, "duration": 2}))})
            }
            Self::Document => json!({"document": file(json!({"file_name": "order.pdf"}))}),
            Self::Location => json!({"location": {"latitude": 52.52, "longitude": 13.4}}),
            Self::Poll => poll(),
            Self::Contact => {
                json!({"contact": {"phone_number": "+10000000000", "first_name": "Bo"}})
            }
            Self::Dice => json!({"dice": {"emoji": "🎲", "value": 4}}),
            Self::File(file) => file.fields(),
            Self::Part { album, content } => {
                let mut fields = content.fields();
                fields["media_group_id"] = json!(album);
                fields
            }
            Self::Fields(fields) => fields.clone(),
        }
    }
}

fn file(mut fields: Value) -> Value {
    fields["file_id"] = json!("file");
    fields["file_unique_id"] = json!("unique");
    fields
}

fn photo(caption: Option<&str>) -> Value {
    let mut fields = caption.map_or_else(
        || json!({}),
        |caption| words("caption", "caption_entities", caption),
    );
    fields["photo"] = json!([file(json!({"width": 90, "height": 60}))]);
    fields
}

fn sticker() -> Value {
    json!({"sticker": file(json!({
        "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false,
        "emoji": "👋",
    }))})
}

fn poll() -> Value {
    let option = |number: u8| json!({"persistent_id": number.to_string(), "text": number.to_string(), "voter_count": 0});
    json!({"poll": {
        "id": "1", "question": "Which?", "options": [option(1), option(2)],
        "total_voter_count": 0, "is_closed": false, "is_anonymous": true, "type": "regular",
        "allows_multiple_answers": false, "allows_revoting": true, "members_only": false,
    }})
}

pub(super) fn words(text_key: &str, entities_key: &str, text: &str) -> Value {
    let mut fields = json!({});
    fields[text_key] = json!(text);
    let entities = marks(text);
    if !entities.is_empty() {
        fields[entities_key] = json!(entities);
    }
    fields
}

/// Mentions and commands, with offsets in UTF-16 units. As on Telegram, each begins a word and
/// ends before the first character that its kind does not allow.
fn marks(text: &str) -> Vec<Value> {
    let mut marks = Vec::new();
    let mut offset = 0;
    let mut at_word_start = true;
    for (place, c) in text.char_indices() {
        let rest = text.get(place..).unwrap_or_default();
        let kind = match c {
            '@' => Some(("mention", name_length(rest, "_"))),
            '/' => Some(("bot_command", name_length(rest, "_@"))),
            _ => None,
        };
        if let Some((kind, length)) = kind.filter(|(_, length)| at_word_start && *length > 1) {
            marks.push(json!({"type": kind, "offset": offset, "length": length}));
        }
        at_word_start = !(c.is_alphanumeric() || matches!(c, '_' | '@' | '/'));
        offset += c.len_utf16();
    }
    marks
}

/// How many units a mark has: its sign, and the ASCII letters, digits and `extra` behind it.
fn name_length(rest: &str, extra: &str) -> usize {
    let name = rest.chars().skip(1);
    1 + name
        .take_while(|c| c.is_ascii_alphanumeric() || extra.contains(*c))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_where_telegram_puts_them() {
        let kinds = |text: &str| {
            let marks = marks(text);
            let shown = marks
                .iter()
                .map(|mark| format!("{}@{}+{}", mark["type"], mark["offset"], mark["length"]));
            shown.collect::<Vec<_>>().join(" ").replace('"', "")
        };
        assert_eq!(kinds("😀 @Demo_Bot, hi"), "mention@3+9");
        assert_eq!(kinds("/help@DemoBot now"), "bot_command@0+13");
        assert_eq!(kinds("a/b a@b.c 1/2 / @"), "");
    }
}
