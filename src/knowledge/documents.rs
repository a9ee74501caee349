//! Documents: from the bytes of a file to passages that customers can be told, or to what is wrong
//! with it.
//!
//! The caller reads the files, and hands over what parses a format: large parsers meet bytes from
//! anywhere, and are better run where they can be stopped ([`DocumentKind::is_risky`]). Start
//! reading at [`read_document`], which is what happens to one document; [`gather`] makes one
//! snapshot of all of them.

mod block;
mod kind;

mod markdown;
mod page;
mod pdf;
mod plain;
mod table;

mod alike;
mod gather;
mod passages;
mod told;
mod unfit;

use std::borrow::Cow;

use consultant_core::{Document, Language, Passage};
use sha2::{Digest, Sha256};

use crate::{
    language,
    load::{AboutDocument, about_document},
    problem::Problem,
    shop::NamedText,
    text,
};

pub use block::{Block, NotRead, Parsed};
pub use gather::{Gathered, MOST_DOCUMENTS, MOST_PASSAGES, gather};
pub use kind::DocumentKind;
pub(crate) use passages::sentences;
pub use told::shown;

/// Passages of one document at the most.
const MOST_OF_ONE: usize = 2_000;

/// A file that is a document, as it lies there.
#[derive(Clone, Copy, Debug)]
pub struct RawDocument<'a> {
    /// Its path inside the folder of documents, with `/` between its parts.
    pub path: &'a str,
    /// What people call the file in messages.
    pub file: &'a str,
    /// All of its bytes.
    pub bytes: &'a [u8],
    /// The file beside it that says more about it, if there is one.
    pub beside: Option<NamedText<'a>>,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadDocument {
    /// The document, where it could be read.
    pub outcome: Outcome,
    /// What is wrong with it, or looks wrong.
    pub problems: Vec<Problem>,
}

/// How reading a document ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is read.
    Read(Document),
    /// It says of itself that it is not to be used.
    LeftOut,
    /// It cannot be read.
    Broken,
    /// What is said about it cannot be read, so nobody knows whom it is for.
    Unclear,
}

/// What turns the bytes of a format into blocks: [`parse_document`], here or elsewhere.
pub type Parse<'a> = &'a dyn Fn(DocumentKind, &[u8]) -> Result<Parsed, NotRead>;

/// Parses the bytes of a format. Pure, but for a hostile PDF or page, which may take any memory and
/// time, and any depth of the stack.
pub fn parse_document(kind: DocumentKind, bytes: &[u8]) -> Result<Parsed, NotRead> {
    match kind {
        DocumentKind::Pdf => pdf::parse(bytes),
        DocumentKind::Html => kind::decode(bytes).map(page::parse),
        DocumentKind::Markdown => kind::decode(bytes).map(markdown::parse),
        DocumentKind::Text => kind::decode(bytes).map(plain::parse),
        DocumentKind::Csv => kind::decode(bytes).and_then(table::parse),
    }
}

/// What tells whether a document has to be read anew: SHA-256 of the file and of what is said about
/// it beside, hexadecimal.
pub fn hash_of_document(bytes: &[u8], beside: Option<&str>) -> String {
    use std::fmt::Write;
    let mut hash = Sha256::new();
    hash.update(Sha256::digest(bytes));
    if let Some(beside) = beside {
        hash.update(Sha256::digest(beside.as_bytes()));
    }
    let digest = hash.finalize();
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// Reads a document: checks that the file is what its ending says, reads what is said about it, and
/// cuts what it says into passages.
pub fn read_document(raw: RawDocument<'_>, parse: Parse<'_>) -> ReadDocument {
    let mut problems = Vec::new();
    let outcome = match read(raw, parse, &mut problems) {
        Ok(Some(document)) => Outcome::Read(document),
        Ok(None) => Outcome::LeftOut,
        Err(Refused::Broken(wrong)) => {
            problems.extend(wrong);
            Outcome::Broken
        }
        Err(Refused::Unclear(wrong)) => {
            problems.extend(wrong);
            Outcome::Unclear
        }
    };
    ReadDocument { outcome, problems }
}

/// Why a document is not read.
enum Refused {
    /// As in [`Outcome::Broken`].
    Broken(Vec<Problem>),
    /// As in [`Outcome::Unclear`].
    Unclear(Vec<Problem>),
}

fn read(
    raw: RawDocument<'_>,
    parse: Parse<'_>,
    warnings: &mut Vec<Problem>,
) -> Result<Option<Document>, Refused> {
    let broken = |wrong: NotRead| Refused::Broken(vec![told::not_read(raw.file, wrong)]);
    let Some(kind) = DocumentKind::of(raw.path) else {
        let message = "has an ending that is not read";
        return Err(broken(NotRead::new(message, told::endings())));
    };
    kind.check(raw.bytes).map_err(broken)?;
    let bytes = match kind {
        DocumentKind::Markdown | DocumentKind::Text => {
            kind::decode(raw.bytes).map_err(broken)?;
            front_matter(raw)
        }
        _ => WithAbout::beside(raw),
    };
    let bytes = bytes.map_err(Refused::Unclear)?;
    let Some(about) = bytes.about.is_used.then_some(bytes.about) else {
        return Ok(None);
    };
    let parsed = parse(kind, &bytes.rest).map_err(broken)?;
    document(raw, about, parsed, warnings)
        .map(Some)
        .map_err(broken)
}

/// The bytes of a document, and what is said about it.
struct WithAbout<'a> {
    about: AboutDocument,
    rest: Cow<'a, [u8]>,
}

impl<'a> WithAbout<'a> {
    fn beside(raw: RawDocument<'a>) -> Result<Self, Vec<Problem>> {
        let about = raw.beside.map(|(file, text)| about_document(file, text));
        Ok(Self {
            about: about.transpose()?.unwrap_or_default(),
            rest: Cow::Borrowed(raw.bytes),
        })
    }
}

/// Takes what stands between two lines of `---` off the top of a file of text, below empty lines too.
/// The lines behind it keep their numbers.
fn front_matter(raw: RawDocument<'_>) -> Result<WithAbout<'_>, Vec<Problem>> {
    let broken = |wrong: NotRead| vec![told::not_read(raw.file, wrong)];
    let text = kind::decode(raw.bytes).map_err(broken)?;
    let is_fence = |line: &str| line.trim_end() == "---";
    let empty = text.lines().take_while(|it| it.trim().is_empty()).count();
    let mut lines = text.split_inclusive('\n').skip(empty);
    if !lines.next().is_some_and(is_fence) {
        return WithAbout::beside(raw);
    }
    let above: Vec<&str> = lines.by_ref().take_while(|line| !is_fence(line)).collect();
    let below: String = lines.collect();
    let fences = text.lines().filter(|line| is_fence(line)).count();
    if fences < 2 {
        let message = "begins with `---`, and no second `---` ends what is said about it";
        let hint = "write `---` below the last key";
        return Err(broken(NotRead::new(message, hint).in_line(empty + 1)));
    }
    if let Some((beside, _)) = raw.beside {
        let message = format!("says what it is between two lines of `---`, and so does {beside}");
        return Err(broken(NotRead::new(message, "keep one of them")));
    }
    let fence = "\n".repeat(empty + 1);
    let about = about_document(raw.file, &format!("{fence}{}", above.concat()))?;
    let rest = fence + &"\n".repeat(above.len() + 1) + &below;
    Ok(WithAbout {
        about,
        rest: Cow::Owned(rest.into_bytes()),
    })
}

fn document(
    raw: RawDocument<'_>,
    about: AboutDocument,
    parsed: Parsed,
    warnings: &mut Vec<Problem>,
) -> Result<Document, NotRead> {
    let chopped = passages::chop(parsed.blocks);
    let too_long = chopped.too_long.iter();
    warnings.extend(too_long.map(|place| told::too_long(raw.file, place)));
    if chopped.passages.is_empty() {
        return Err(NotRead::new(
            "says nothing",
            "write something, or remove it",
        ));
    }
    if chopped.passages.len() > MOST_OF_ONE {
        let message = format!(
            "has {} passages; at most {MOST_OF_ONE} are read",
            chopped.passages.len()
        );
        return Err(NotRead::new(message, "split it"));
    }
    let title = about.title.or(parsed.title);
    let title = title.unwrap_or_else(|| told::title_of(raw.path));
    let said = parsed.language.as_deref().and_then(Language::from_tag);
    let language = about.language.or(said);
    Ok(Document {
        key: shown(raw.path).into(),
        title: block::heading(&title),
        language: language.unwrap_or_else(|| language_of(&chopped.passages)),
        scope: about.scope,
        passages: chopped.passages,
        hash: hash_of_document(raw.bytes, raw.beside.map(|(_, text)| text)),
    })
}

/// The language that most of the beginning is written in.
fn language_of(passages: &[Passage]) -> Language {
    const ENOUGH: usize = 8;
    let beginning = passages.iter().take(ENOUGH);
    let beginning: Vec<&str> = beginning.map(|it| it.text.as_str()).collect();
    let folded = text::fold(&beginning.join("\n"));
    language::detect(&folded, &text::tokens(&folded), None)
}

#[cfg(test)]
mod tests;
