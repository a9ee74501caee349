//! A store as one file: what `consultant store backup` writes and `restore` reads. One JSON value
//! a line: a header, then conversations and bookmarks, then an end that counts and hashes what came
//! before it, so that a file which was cut off or changed is refused before anything is written.

use std::io::{BufRead, Write};

use consultant_core::ConversationRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The format that this build writes.
const ARCHIVE_FORMAT: u16 = 1;

/// One line of an archive.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "line")]
enum Line {
    Header {
        format: u16,
        program: String,
        made_at: Timestamp,
    },
    Conversation {
        record: Box<ConversationRecord>,
    },
    Bookmark {
        name: String,
        value: String,
    },
    End {
        lines: u64,
        sha256: String,
    },
}

/// What an archive holds besides its frame.
#[derive(Debug, PartialEq)]
pub enum Item {
    /// A conversation with all that is kept of it.
    Conversation(Box<ConversationRecord>),
    /// How far a channel has read.
    Bookmark(String, String),
}

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line is none of ours. Its text is not quoted: it may be what a customer said.
    #[error("line {line} is no line of a backup")]
    NotOurs {
        /// From 1.
        line: u64,
    },
    /// A newer program wrote it.
    #[error("the backup has format {found}, and this program knows formats up to {ARCHIVE_FORMAT}")]
    Newer {
        /// The stored format.
        found: u16,
    },
    /// It has no end, or another content than its end says.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
}

/// Writes an archive line by line.
pub struct Writer<W> {
    out: W,
    digest: Sha256,
    lines: u64,
}

impl<W: Write> Writer<W> {
    /// Begins with the header.
    pub fn begin(out: W, made_at: Timestamp) -> Result<Self, ArchiveError> {
        let mut writer = Self {
            out,
            digest: Sha256::new(),
            lines: 0,
        };
        writer.line(&Line::Header {
            format: ARCHIVE_FORMAT,
            program: "consultant".to_owned(),
            made_at,
        })?;
        Ok(writer)
    }

    /// Adds a conversation or a bookmark.
    pub fn add(&mut self, item: Item) -> Result<(), ArchiveError> {
        self.line(&match item {
            Item::Conversation(record) => Line::Conversation { record },
            Item::Bookmark(name, value) => Line::Bookmark { name, value },
        })
    }

    /// Ends it; without this nobody will read it.
    pub fn end(mut self) -> Result<W, ArchiveError> {
        let sha256 = format!("{:x}", self.digest.clone().finalize());
        let lines = self.lines;
        self.line(&Line::End { lines, sha256 })?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn line(&mut self, line: &Line) -> Result<(), ArchiveError> {
        let mut text = serde_json::to_string(line).map_err(std::io::Error::from)?;
        text.push('\n');
        self.digest.update(&text);
        self.lines += 1;
        self.out.write_all(text.as_bytes())?;
        Ok(())
    }
}

/// Reads a whole archive, hands each item over, and returns how many there were. Call it once
/// with a function that does nothing to verify a file before anything is written.
pub fn read(
    mut file: impl BufRead,
    mut take: impl FnMut(Item) -> Result<(), ArchiveError>,
) -> Result<u64, ArchiveError> {
    let mut digest = Sha256::new();
    let (mut lines, mut items) = (0, 0);
    let mut text = String::new();
    loop {
        text.clear();
        if file.read_line(&mut text)? == 0 {
            return Err(ArchiveError::Damaged("it ends in the middle"));
        }
        let line = serde_json::from_str(&text);
        match line.map_err(|_| ArchiveError::NotOurs { line: lines + 1 })? {
            Line::Header { format, .. } if lines > 0 || format > ARCHIVE_FORMAT => {
                return Err(ArchiveError::Newer { found: format });
            }
            Line::Header { .. } => {}
            _ if lines == 0 => return Err(ArchiveError::NotOurs { line: 1 }),
            Line::Conversation { record } => take(Item::Conversation(record))?,
            Line::Bookmark { name, value } => take(Item::Bookmark(name, value))?,
            Line::End {
                lines: said,
                sha256,
            } => {
                let whole = said == lines && sha256 == format!("{:x}", digest.finalize());
                return if whole {
                    Ok(items)
                } else {
                    Err(ArchiveError::Damaged(
                        "its content is not what its end says",
                    ))
                };
            }
        }
        items += u64::from(lines > 0);
        lines += 1;
        digest.update(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bookmark(name: &str) -> Item {
        Item::Bookmark(name.to_owned(), "读到 5".to_owned())
    }

    fn archive() -> Vec<u8> {
        let mut writer = Writer::begin(Vec::new(), Timestamp::UNIX_EPOCH).unwrap();
        writer.add(bookmark("a")).unwrap();
        writer.add(bookmark("b")).unwrap();
        writer.end().unwrap()
    }

    fn items(file: &[u8]) -> Result<Vec<Item>, ArchiveError> {
        let mut items = Vec::new();
        read(file, |item| {
            items.push(item);
            Ok(())
        })?;
        Ok(items)
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(items(&archive()).unwrap(), [bookmark("a"), bookmark("b")]);
    }

    #[test]
    fn a_file_that_was_cut_off_anywhere_is_refused() {
        let whole = archive();
        for length in 0..whole.len() - 1 {
            assert!(items(&whole[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_changed_file_is_refused() {
        let changed = String::from_utf8(archive())
            .unwrap()
            .replace("读到 5", "读到 6");
        assert!(matches!(
            items(changed.as_bytes()),
            Err(ArchiveError::Damaged(_))
        ));
        let newer = String::from_utf8(archive())
            .unwrap()
            .replace("\"format\":1", "\"format\":9");
        let error = items(newer.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("format 9"), "{error}");
        let error = items(b"hello\n").unwrap_err();
        assert_eq!(error.to_string(), "line 1 is no line of a backup");
    }
}
