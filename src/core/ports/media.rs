//! Customers' files: where they are kept, and what reads them.

use async_trait::async_trait;

use crate::{Address, Content, FileKind, Media};

use super::{Cause, ModelError};

/// Where files that customers sent are kept: by content hash, apart for each address, so that a
/// customer's files can be erased without asking who else sent the same.
#[async_trait]
pub trait MediaStore: Send + Sync {
    /// Keeps a file; returns only when it is on disk. Keeping the same content again is harmless.
    async fn keep(&self, from: &Address, content: Vec<u8>) -> Result<Media, MediaError>;

    /// A file's content.
    async fn read(&self, from: &Address, media: &Media) -> Result<Vec<u8>, MediaError>;

    /// Forgets every file of an address; how many there were.
    async fn erase(&self, from: &Address) -> Result<usize, MediaError>;
}

/// Why a file cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct MediaError {
    /// What was tried.
    pub what: String,
    /// Why it failed.
    #[source]
    pub source: Cause,
    /// Whether there is no room for it: another try would fail as well.
    pub no_room: bool,
}

impl MediaError {
    /// What becomes of a file that is not kept.
    pub const fn content(&self) -> Content {
        if self.no_room {
            Content::NoRoom
        } else {
            Content::NotReceived
        }
    }
}

/// Turns what is no text into text: speech, pictures. Without one, the customer gets an honest
/// answer and a person gets the file.
#[async_trait]
pub trait MediaReader: Send + Sync {
    /// Whether it reads files of this kind.
    fn reads(&self, what: FileKind) -> bool;

    /// The words of a file; `None` where there are none.
    async fn read(&self, media: &Media, content: Vec<u8>) -> Result<Option<String>, ModelError>;
}
