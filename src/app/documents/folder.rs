//! Which files of a folder are documents. Names and links are anybody's work: nothing outside the
//! folder is read, and nothing that is no plain file.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use consultant_knowledge::{DocumentKind, MOST_DOCUMENTS, Problem, shown};

/// Folders inside folders that are looked into.
const DEPTH: usize = 4;

/// Files that are looked at, at the most: whoever has more has named the wrong folder.
const MOST_FILES: usize = 10_000;

/// The largest file that says what a document is, in bytes.
const MOST_BYTES_BESIDE: u64 = 1 << 16;

/// A file that is a document.
#[derive(Debug)]
pub(super) struct Found {
    /// Its path inside the folder, with `/` between its parts.
    pub(super) path: String,
    /// What people call the file.
    pub(super) file: String,
    place: PathBuf,
    kind: DocumentKind,
    beside: Option<PathBuf>,
}

/// The bytes of a document, and the name and text of what stands beside it.
pub(super) type Contents = (Vec<u8>, Option<(String, String)>);

/// Why a document has no contents.
pub(super) enum NoContents {
    /// It cannot be read.
    Unreadable(Box<Problem>),
    /// What is said about it cannot be read, so nobody knows whom it is for.
    Unclear(Box<Problem>),
}

impl Found {
    /// Reads it; never more than is read of its kind.
    pub(super) fn bytes(&self) -> Result<Contents, NoContents> {
        let most = u64::try_from(self.kind.most_bytes()).unwrap_or(u64::MAX);
        // One byte more tells that it is too large.
        let bytes = read_some(&self.place, most.saturating_add(1));
        let bytes = bytes
            .map_err(|error| NoContents::Unreadable(Box::new(unreadable(&self.file, &error))))?;
        let Some(beside) = &self.beside else {
            return Ok((bytes, None));
        };
        let beside = about(beside).map_err(NoContents::Unclear)?;
        Ok((bytes, Some(beside)))
    }
}

/// The name and the text of a file that says what a document is.
fn about(beside: &Path) -> Result<(String, String), Box<Problem>> {
    let name = name_of(beside);
    let text = read_some(beside, MOST_BYTES_BESIDE + 1);
    let text = text.map_err(|error| Box::new(unreadable(&name, &error)))?;
    if text.len() > usize::try_from(MOST_BYTES_BESIDE).unwrap_or(usize::MAX) {
        let message = format!("is larger than {} KiB", MOST_BYTES_BESIDE >> 10);
        return Err(Box::new(problem(&name, message, "shorten it", false)));
    }
    let text = String::from_utf8(text).map_err(|_| {
        let message = "is not in UTF-8".to_owned();
        Box::new(problem(&name, message, "save it as UTF-8", false))
    })?;
    Ok((name, text))
}

fn read_some(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn name_of(path: &Path) -> String {
    shown(&path.display().to_string())
}

/// The documents of a folder, in the order of their names, and what is wrong with the other files.
pub(super) fn look(folder: &Path) -> (Vec<Found>, Vec<Problem>) {
    let mut look = Look::new(folder);
    look.at(folder, 0);
    let mut files = std::mem::take(&mut look.files);
    files.sort();
    let beside: Vec<PathBuf> = files.iter().filter(|it| is_beside(it)).cloned().collect();
    for path in &files {
        look.take(path, &beside);
    }
    (look.found, look.problems)
}

/// Every file that a look at the folder would come to.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut look = Look::new(folder);
    look.at(folder, 0);
    look.files
}

struct Look {
    folder: PathBuf,
    /// The same without links, which every file has to lie in.
    real: Option<PathBuf>,
    files: Vec<PathBuf>,
    /// What a file seems to be about that is called like one beside a document, whether it can be read
    /// or not, in small letters.
    spoken_of: HashSet<String>,
    found: Vec<Found>,
    problems: Vec<Problem>,
}

impl Look {
    fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            real: fs::canonicalize(folder).ok(),
            files: Vec::new(),
            spoken_of: HashSet::new(),
            found: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn at(&mut self, folder: &Path, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.problems.push(unreadable(&name_of(folder), &error));
                return;
            }
        };
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(error) => {
                    self.problems.push(unreadable(&name_of(folder), &error));
                    continue;
                }
            };
            if is_hidden(&path) {
                continue;
            }
            if self.files.len() >= MOST_FILES {
                self.too_many(format!(
                    "holds more than {MOST_FILES} files: the others are not read"
                ));
                return;
            }
            self.note(path, depth);
        }
    }

    /// Notes a file, looks into a folder, and refuses what is neither or leads out.
    fn note(&mut self, path: PathBuf, depth: usize) {
        let ending = path.extension().map(OsStr::to_ascii_lowercase);
        if ending.is_some_and(|it| it == "yaml" || it == "yml") {
            self.spoken_of
                .insert(in_small_letters(&path.with_extension("")));
        }
        let is_link = path.is_symlink();
        let wrong = match fs::metadata(&path) {
            Err(error) => {
                self.problems.push(unreadable(&name_of(&path), &error));
                return;
            }
            Ok(_) if is_link && !self.holds(&path) => "is a link that leads out of the folder",
            Ok(about) if about.is_file() => {
                self.files.push(path);
                return;
            }
            Ok(about) if about.is_dir() && !is_link && depth < DEPTH => {
                self.at(&path, depth + 1);
                return;
            }
            Ok(about) if about.is_dir() && is_link => "is a link to a folder",
            Ok(about) if about.is_dir() => "lies too deep",
            Ok(_) => "is neither a file nor a folder",
        };
        let message = format!("is not read: it {wrong}");
        let hint = "put a copy of what is meant into the folder of documents";
        self.problems
            .push(problem(&name_of(&path), message, hint, true));
    }

    fn holds(&self, path: &Path) -> bool {
        let real = fs::canonicalize(path).ok();
        real.zip(self.real.as_ref())
            .is_some_and(|(path, folder)| path.starts_with(folder))
    }

    fn take(&mut self, path: &Path, beside: &[PathBuf]) {
        let file = name_of(path);
        let Some(inside) = self.inside(path) else {
            let message = "has a name that is not in UTF-8".to_owned();
            self.problems
                .push(problem(&file, message, "rename it", false));
            return;
        };
        if is_beside(path) {
            if !has_document(path) {
                let message = "stands beside no document".to_owned();
                let hint = "call it as the document is called, with `.yaml` behind: `a.pdf.yaml`";
                self.problems.push(problem(&file, message, hint, true));
            }
            return;
        }
        let Some(kind) = DocumentKind::of(&inside) else {
            let message = "is not read: its ending is none of those that are".to_owned();
            let endings = DocumentKind::ENDINGS
                .map(|(it, _)| format!(".{it}"))
                .join(", ");
            let hint = format!("save it as one of {endings}, or move it elsewhere");
            self.problems.push(problem(&file, message, &hint, true));
            return;
        };
        if self.found.len() >= MOST_DOCUMENTS {
            self.too_many(format!(
                "holds more than {MOST_DOCUMENTS} documents: the others are not read"
            ));
            return;
        }
        let says = path.with_added_extension("yaml");
        let beside = beside.contains(&says).then_some(says);
        if beside.is_none() && self.spoken_of.contains(&in_small_letters(path)) {
            let message = "is not used: what is said about it beside it cannot be read".to_owned();
            let hint = "call that file as the document is called, with `.yaml` behind, and put it into \
                        the folder itself";
            self.problems.push(problem(&file, message, hint, false));
            return;
        }
        self.found.push(Found {
            path: inside,
            file,
            place: path.to_owned(),
            kind,
            beside,
        });
    }

    /// The path inside the folder; `None` where it cannot be written.
    fn inside(&self, path: &Path) -> Option<String> {
        let inside = path.strip_prefix(&self.folder).ok()?;
        let parts = inside.components().map(|it| it.as_os_str().to_str());
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }

    fn too_many(&mut self, message: String) {
        let file = name_of(&self.folder);
        let hint = "name a folder that holds documents alone";
        let problem = problem(&file, message, hint, false);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

fn in_small_letters(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

/// Whether a file that says what a document is has its document.
fn has_document(beside: &Path) -> bool {
    let document = beside.with_extension("");
    let is_one = document
        .to_str()
        .is_some_and(|it| DocumentKind::of(it).is_some());
    is_one && document.is_file()
}

fn is_beside(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "yaml")
}

/// What editors and systems leave behind.
fn is_hidden(path: &Path) -> bool {
    const LEFT_BEHIND: [&[u8]; 3] = [b"Thumbs.db", b"desktop.ini", b"__MACOSX"];
    let Some(name) = path.file_name() else {
        return true;
    };
    let name = name.as_encoded_bytes();
    let ends = name.ends_with(b"~") || name.ends_with(b".tmp") || name.ends_with(b".swp");
    name.starts_with(b".") || name.starts_with(b"~$") || ends || LEFT_BEHIND.contains(&name)
}

fn unreadable(file: &str, error: &std::io::Error) -> Problem {
    let message = format!("cannot be read: {error}");
    problem(
        file,
        message,
        "check that it is there and may be read",
        false,
    )
}

fn problem(file: &str, message: String, hint: &str, is_warning: bool) -> Problem {
    Problem {
        file: file.to_owned(),
        line: 1,
        column: 1,
        width: 1,
        key: String::new(),
        message,
        hint: Some(hint.to_owned()),
        is_warning,
    }
}
