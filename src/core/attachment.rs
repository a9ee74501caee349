//! What hangs on a message besides its words: files, which the channel has downloaded before the
//! message was stored, and places on the map.

use serde::{Deserialize, Serialize};

use crate::MediaHash;

/// What hangs on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "attachment")]
pub enum Attachment {
    /// A file of some kind.
    File {
        /// What it is to the customer.
        what: FileKind,
        /// The name that the customer gave it. Untrusted: never a path.
        name: Option<String>,
        /// Its content, or why there is none.
        content: Content,
    },
    /// A place on the map.
    Location {
        /// Degrees north, times a million.
        latitude_microdegrees: i32,
        /// Degrees east, times a million.
        longitude_microdegrees: i32,
    },
}

/// What a file is to the customer who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A picture.
    Picture,
    /// A voice note or other audio.
    Voice,
    /// A video.
    Video,
    /// Any other file.
    File,
}

/// The content of a file, as far as it could be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "content")]
pub enum Content {
    /// It is on disk.
    Kept(Media),
    /// It is larger than this installation takes.
    TooLarge {
        /// The most that is taken, in bytes.
        limit_bytes: u64,
    },
    /// Its bytes are not what it claims to be.
    WrongType,
    /// The platform did not hand it over in time.
    NotReceived,
    /// There is no room for it: this customer has sent enough, or the disk is full.
    NoRoom,
}

/// A file on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Under which name it is kept.
    pub hash: MediaHash,
    /// How long it is.
    pub bytes: u64,
    /// What its first bytes say that it is, for example `audio/ogg`.
    pub media_type: String,
}
