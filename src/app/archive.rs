//! A store as one file: what `consultant store backup` writes and `restore` reads. One JSON value
//! a line: a header, then conversations, each behind its customer's files, versions of the playbook,
//! decisions about them and bookmarks, then an end that counts and hashes what came before it, so
//! that a file which was cut off or changed is refused before anything is written. Neither side
//! ever holds more than one line.

use std::io::{BufRead, Write};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use consultant_core::{Address, ConversationRecord, KeptVersion, ReleaseEvent};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The format that this build writes. 2: with customers' files. 3: with versions of the playbook and
/// decisions about them. Older ones are read too.
const ARCHIVE_FORMAT: u16 = 3;

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
    File {
        address: Address,
        base64: String,
    },
    PlaybookVersion {
        version: Box<KeptVersion>,
    },
    Decision {
        decision: Box<ReleaseEvent>,
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
    /// A file that a customer sent.
    File {
        /// From where.
        address: Address,
        /// Its bytes.
        content: Vec<u8>,
    },
    /// The scripts of a version of the playbook.
    PlaybookVersion(Box<KeptVersion>),
    /// What was decided about one.
    Decision(Box<ReleaseEvent>),
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

    /// Adds an item.
    pub fn add(&mut self, item: Item) -> Result<(), ArchiveError> {
        self.line(&match item {
            Item::Conversation(record) => Line::Conversation { record },
            Item::File { address, content } => Line::File {
                address,
                base64: BASE64.encode(content),
            },
            Item::PlaybookVersion(version) => Line::PlaybookVersion { version },
            Item::Decision(decision) => Line::Decision { decision },
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

/// Reads an archive item by item. Only its end says whether it is whole, so whoever must not write
/// half of one reads it twice.
pub struct Reader<R> {
    file: R,
    digest: Sha256,
    lines: u64,
}

impl<R: BufRead> Reader<R> {
    /// Before the first line.
    pub fn new(file: R) -> Self {
        Self {
            file,
            digest: Sha256::new(),
            lines: 0,
        }
    }

    /// The next item; `None` at the end of a whole archive.
    pub fn next_item(&mut self) -> Result<Option<Item>, ArchiveError> {
        loop {
            let (text, line) = self.line()?;
            match line {
                Line::Header { format, .. } if self.lines > 0 || format > ARCHIVE_FORMAT => {
                    return Err(ArchiveError::Newer { found: format });
                }
                Line::Header { .. } => self.count(&text),
                _ if self.lines == 0 => return Err(self.not_ours()),
                Line::End { lines, sha256 } => return self.end(lines, &sha256),
                other => {
                    let item = self.item(other)?;
                    self.count(&text);
                    return Ok(Some(item));
                }
            }
        }
    }

    fn line(&mut self) -> Result<(String, Line), ArchiveError> {
        let mut text = String::new();
        if self.file.read_line(&mut text)? == 0 {
            return Err(ArchiveError::Damaged("it ends in the middle"));
        }
        let line = serde_json::from_str(&text).map_err(|_| self.not_ours())?;
        Ok((text, line))
    }

    fn item(&self, line: Line) -> Result<Item, ArchiveError> {
        Ok(match line {
            Line::Conversation { record } => Item::Conversation(record),
            Line::File { address, base64 } => Item::File {
                address,
                content: BASE64.decode(base64).map_err(|_| self.not_ours())?,
            },
            Line::PlaybookVersion { version } => Item::PlaybookVersion(version),
            Line::Decision { decision } => Item::Decision(decision),
            Line::Bookmark { name, value } => Item::Bookmark(name, value),
            Line::Header { .. } | Line::End { .. } => return Err(self.not_ours()),
        })
    }

    fn end(&self, lines: u64, sha256: &str) -> Result<Option<Item>, ArchiveError> {
        let found = format!("{:x}", self.digest.clone().finalize());
        if lines == self.lines && sha256 == found {
            return Ok(None);
        }
        Err(ArchiveError::Damaged(
            "its content is not what its end says",
        ))
    }

    fn count(&mut self, text: &str) {
        self.lines += 1;
        self.digest.update(text);
    }

    fn not_ours(&self) -> ArchiveError {
        ArchiveError::NotOurs {
            line: self.lines + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use consultant_core::{ChannelName, KeptScript, RELEASE_FORMAT, ReleaseStep, ScriptRole};

    use super::*;

    fn bookmark(name: &str) -> Item {
        Item::Bookmark(name.to_owned(), "读到 5".to_owned())
    }

    fn file() -> Item {
        Item::File {
            address: Address::new(ChannelName::Telegram, "7"),
            content: vec![0, 159, 10, 255],
        }
    }

    fn version() -> Item {
        let script = KeptScript {
            role: ScriptRole::Playbook,
            name: "shop".to_owned(),
            file: "scripts/playbooks/shop.rhai".to_owned(),
            source: "fn reply(turn) {\n  [say(\"你好\")]\n}".to_owned(),
        };
        Item::PlaybookVersion(Box::new(KeptVersion {
            format: RELEASE_FORMAT,
            id: "0123456789abcdef".into(),
            scripts: vec![script],
        }))
    }

    fn decision() -> Item {
        Item::Decision(Box::new(ReleaseEvent {
            format: RELEASE_FORMAT,
            number: 7,
            at: Timestamp::UNIX_EPOCH,
            author: "ann".to_owned(),
            note: Some("prices of spring".to_owned()),
            what: ReleaseStep::TrialStopped {
                version: "0123456789abcdef".into(),
                recalled: true,
            },
        }))
    }

    fn all() -> [Item; 5] {
        [bookmark("a"), file(), version(), decision(), bookmark("b")]
    }

    fn archive() -> Vec<u8> {
        let mut writer = Writer::begin(Vec::new(), Timestamp::UNIX_EPOCH).unwrap();
        for item in all() {
            writer.add(item).unwrap();
        }
        writer.end().unwrap()
    }

    fn items(file: &[u8]) -> Result<Vec<Item>, ArchiveError> {
        let mut reader = Reader::new(file);
        std::iter::from_fn(|| reader.next_item().transpose()).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(items(&archive()).unwrap(), all());
    }

    #[test]
    fn the_written_form_is_a_decision() {
        insta::assert_snapshot!(String::from_utf8(archive()).unwrap());
    }

    /// As the program wrote it that knew nothing of files yet.
    #[test]
    fn an_archive_of_the_first_format_is_read() {
        let items = items(include_bytes!("backup-1.jsonl")).unwrap();
        let [Item::Conversation(record), Item::Bookmark(name, _)] = items.as_slice() else {
            panic!("a conversation and a bookmark: {items:?}");
        };
        assert_eq!((record.format, record.ledger.len()), (1, 16));
        assert_eq!(name, "discord:heard:7");
    }

    /// As the program wrote it that knew nothing of versions and decisions yet.
    #[test]
    fn an_archive_of_the_second_format_is_read() {
        let items = items(include_bytes!("backup-2.jsonl")).unwrap();
        let [
            Item::File { content, .. },
            Item::Conversation(record),
            Item::Bookmark(..),
        ] = items.as_slice()
        else {
            panic!("a file, a conversation and a bookmark: {items:?}");
        };
        assert_eq!(content, b"OggS\0 a voice");
        let session = &record.session.as_ref().unwrap().session;
        assert_eq!((session.format, record.ledger.len()), (3, 18));
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
            .replace("\"format\":3", "\"format\":9");
        let error = items(newer.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("format 9"), "{error}");
        let error = items(b"hello\n").unwrap_err();
        assert_eq!(error.to_string(), "line 1 is no line of a backup");
    }
}
