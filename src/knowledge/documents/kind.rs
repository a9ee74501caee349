//! Which formats there are, told by a file's ending and checked against what is in it.

use serde::{Deserialize, Serialize};

use super::block::NotRead;

const MIB: usize = 1 << 20;

/// The format of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
    /// A page of the web.
    Html,
    /// Pages to print.
    Pdf,
    /// A table.
    Csv,
}

impl DocumentKind {
    /// The endings that are read, with what they mean.
    pub const ENDINGS: [(&str, Self); 6] = [
        ("md", Self::Markdown),
        ("txt", Self::Text),
        ("html", Self::Html),
        ("htm", Self::Html),
        ("pdf", Self::Pdf),
        ("csv", Self::Csv),
    ];

    /// The format of a file of this name, in capitals or not.
    pub fn of(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        let mut endings = Self::ENDINGS.iter();
        endings.find(|(it, _)| *it == ending).map(|(_, kind)| *kind)
    }

    /// The largest file of this format that is read, in MiB.
    pub const fn most_mib(self) -> usize {
        match self {
            Self::Pdf => 20,
            Self::Html | Self::Csv => 4,
            Self::Markdown | Self::Text => 2,
        }
    }

    /// The same, in bytes.
    pub const fn most_bytes(self) -> usize {
        self.most_mib() * MIB
    }

    /// Whether reading it runs a large parser over bytes that may come from anywhere, so that it is
    /// better done where neither time nor memory can be lost.
    pub const fn is_risky(self) -> bool {
        matches!(self, Self::Pdf | Self::Html)
    }

    /// What is wrong with the bytes of a file that has this format's ending.
    pub(super) fn check(self, bytes: &[u8]) -> Result<(), NotRead> {
        let most = self.most_mib();
        if bytes.len() > self.most_bytes() {
            let message = format!("is larger than {most} MiB, which is the most that is read");
            return Err(NotRead::new(message, "split it, or leave out its pictures"));
        }
        if bytes.trim_ascii().is_empty() {
            return Err(NotRead::new("is empty", "write something, or remove it"));
        }
        match self {
            Self::Pdf => is_pdf(bytes),
            _ => is_text(bytes),
        }
    }
}

/// A PDF says so near its beginning.
fn is_pdf(bytes: &[u8]) -> Result<(), NotRead> {
    const NEAR: usize = 1024;
    const MARK: &[u8] = b"%PDF-";
    let beginning = bytes.get(..NEAR).unwrap_or(bytes);
    if beginning.windows(MARK.len()).any(|it| it == MARK) {
        return Ok(());
    }
    let is = infer::get(bytes).map_or("something else", |it| it.mime_type());
    let message = format!("is no PDF, whatever its ending says: it is {is}");
    Err(NotRead::new(
        message,
        "give it the ending that it should have",
    ))
}

/// Text is nothing that has a mark of its own, and holds no zeros.
fn is_text(bytes: &[u8]) -> Result<(), NotRead> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let message = "is written in UTF-16";
        return Err(NotRead::new(message, "save it as UTF-8"));
    }
    let other = infer::get(bytes).filter(|it| it.matcher_type() != infer::MatcherType::Text);
    if let Some(other) = other {
        let message = format!(
            "is no text, whatever its ending says: it is {}",
            other.mime_type()
        );
        return Err(NotRead::new(
            message,
            "give it the ending that it should have",
        ));
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let message = "has zero bytes in it, so it is no text";
        let wrong = NotRead::new(message, "save it as text in UTF-8");
        return Err(wrong.in_line(line_of(bytes, at)));
    }
    Ok(())
}

/// The text of a file without the mark that some editors write in front.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, NotRead> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    str::from_utf8(bytes).map_err(|error| {
        let line = line_of(bytes, error.valid_up_to());
        let message = format!("is not in UTF-8: what cannot be read begins in line {line}");
        NotRead::new(message, "save it as UTF-8").in_line(line)
    })
}

/// The line of a byte, from 1.
fn line_of(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or(bytes);
    before.split(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(kind: DocumentKind, bytes: &[u8], expect: &str, line: Option<usize>) {
        let wrong = kind.check(bytes).err();
        let wrong = wrong.or_else(|| decode(bytes).err()).expect("a refusal");
        assert!(wrong.message.contains(expect), "{wrong:?}");
        assert_eq!(wrong.line, line, "{wrong:?}");
    }

    #[test]
    fn what_is_not_what_its_ending_says_is_refused() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        refused(DocumentKind::Text, png, "image/png", None);
        refused(DocumentKind::Pdf, png, "image/png", None);
        refused(DocumentKind::Pdf, b"Hello", "no PDF", None);
        refused(
            DocumentKind::Csv,
            b"PK\x03\x04 zipped",
            "application/zip",
            None,
        );
        refused(
            DocumentKind::Markdown,
            b"%PDF-1.7 ",
            "application/pdf",
            None,
        );
        refused(DocumentKind::Text, b"a\nb\0c", "zero bytes", Some(2));
        refused(DocumentKind::Text, b"\xff\xfeh\0i\0", "UTF-16", None);
        refused(
            DocumentKind::Text,
            b"one\ntwo\nM\xfcller",
            "line 3",
            Some(3),
        );
        refused(DocumentKind::Text, b" \n\t", "empty", None);
        let large = vec![b'a'; 2 * MIB + 1];
        refused(DocumentKind::Markdown, &large, "larger than 2 MiB", None);
    }

    #[test]
    fn what_is_right_passes() {
        assert_eq!(DocumentKind::of("a.b.HTML"), Some(DocumentKind::Html));
        assert_eq!(DocumentKind::of("a.docx"), None);
        assert_eq!(DocumentKind::of("md"), None);
        assert!(DocumentKind::Pdf.check(b"\n%PDF-1.4\n").is_ok());
        assert!(DocumentKind::Html.check(b"<!doctype html><p>Hi").is_ok());
        assert_eq!(decode("\u{feff}是".as_bytes()).ok(), Some("是"));
    }
}
