//! What an entry is shown as, part by part: its text, cut where the platform wants it, and each file
//! that hangs on it as a message of its own.

use consultant_core::{
    Attachment, Content, FileKind, Media, OutboxEntry, Shown,
    split::{split_text, split_verbatim},
};

/// Before the name of a file.
const FILE: &str = "📎";

/// One message of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its words; of a file the line that stands for it where it cannot be shown.
    pub(super) text: String,
    /// The file that it shows instead.
    pub(super) file: Option<File>,
}

/// A file that hangs on an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) what: FileKind,
    pub(super) name: String,
    pub(super) media: Media,
}

/// Whether a message shows a file.
pub(super) fn shows_a_file(shown: &Shown) -> bool {
    shown.text.starts_with(FILE)
}

/// The parts of an entry, in order.
pub(super) fn parts(entry: &OutboxEntry, limit_utf16_units: usize) -> Vec<Part> {
    let relayed = entry.relayed.as_deref();
    let texts = match relayed {
        Some(relayed) if relayed.verbatim => split_verbatim(&entry.text, limit_utf16_units),
        _ => split_text(&entry.text, limit_utf16_units),
    };
    let text = |text| Part { text, file: None };
    let attachments = relayed.map_or(&[][..], |it| &it.attachments);
    let files = attachments.iter().map(part);
    texts.into_iter().map(text).chain(files).collect()
}

fn part(attachment: &Attachment) -> Part {
    match attachment {
        Attachment::Location {
            latitude_microdegrees,
            longitude_microdegrees,
        } => {
            let degrees = |micro: &i32| f64::from(*micro) / 1e6;
            let (north, east) = (
                degrees(latitude_microdegrees),
                degrees(longitude_microdegrees),
            );
            Part {
                text: format!("📍 {north:.6}, {east:.6}"),
                file: None,
            }
        }
        Attachment::File {
            what,
            name,
            content,
        } => {
            let name = name
                .clone()
                .unwrap_or_else(|| default_name(*what).to_owned());
            let (file, lacks) = match content {
                Content::Kept(media) => (Some(media.clone()), ""),
                Content::TooLarge { .. } => (None, " (too large)"),
                Content::WrongType => (None, " (not what its name says)"),
                Content::NotReceived => (None, " (did not arrive)"),
                Content::NoRoom => (None, " (no room for it)"),
            };
            Part {
                text: format!("{FILE} {name}{lacks}"),
                file: file.map(|media| File {
                    what: *what,
                    name,
                    media,
                }),
            }
        }
    }
}

const fn default_name(what: FileKind) -> &'static str {
    match what {
        FileKind::Picture => "picture",
        FileKind::Voice => "voice",
        FileKind::Video => "video",
        FileKind::File => "file",
    }
}
