//! `consultant store backup`: everything into one file.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use consultant_core::{
    ConversationRecord, Media,
    ports::{Clock, MediaStore, StoreError, WholeStore},
};
use consultant_store::MediaFolder;
use serde::Serialize;
use tempfile::NamedTempFile;

use super::{
    all,
    media::named,
    playbooks::{Counts, Kept},
    progress, unreadable,
};
use crate::{
    archive::{ArchiveError, Item, Writer},
    clock::SystemClock,
    failure::{Failure, because},
    output,
};

/// What was done.
#[derive(Default, Serialize)]
struct Done {
    conversations: usize,
    files: usize,
    /// Files that a conversation names and that are not there or damaged.
    missing_files: usize,
    #[serde(flatten)]
    playbooks: Counts,
    /// What cannot be read.
    left_out: Vec<String>,
}

/// Writes beside the file and renames, so that a backup is whole or not there.
pub(super) async fn run(
    (store, files): (&dyn WholeStore, &MediaFolder),
    path: &Path,
    json: bool,
) -> Result<ExitCode, Failure> {
    if path.exists() {
        let what = format!("{} is there already", path.display());
        return Err(Failure::new(what, "choose another name, or move it away"));
    }
    let failed = |error: &ArchiveError| {
        let what = format!("the backup {} cannot be written", path.display());
        because(&what, error, "choose a folder that you may write to")
    };
    let out = begin(path).map_err(|error| failed(&error.into()))?;
    let writer = Writer::begin(out, SystemClock.now()).map_err(|error| failed(&error))?;
    // Before the conversations: a channel that a bookmark sends on must find in the copy what was
    // read until then, and another process may be reading on.
    let bookmarks = store.bookmarks("").await.map_err(unreadable)?;
    let mut backup = Backup {
        store,
        files,
        writer,
        done: Done::default(),
    };
    backup.conversations(&failed).await?;
    backup.playbooks(&failed).await?;
    backup.add_bookmarks(bookmarks, &failed)?;
    let out = backup.writer.end().map_err(|error| failed(&error))?;
    finish(out, path).map_err(|error| failed(&error.into()))?;
    let done = backup.done;
    output::tell(json, &done, &done.words(path));
    Ok(if done.left_out.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A file that only its owner reads, in the folder where the backup is to be.
fn begin(path: &Path) -> std::io::Result<BufWriter<NamedTempFile>> {
    let folder = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    NamedTempFile::new_in(folder).map(BufWriter::new)
}

fn finish(out: BufWriter<NamedTempFile>, path: &Path) -> std::io::Result<File> {
    let mut part = out
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    part.flush()?;
    part.as_file().sync_all()?;
    part.persist_noclobber(path).map_err(|error| error.error)
}

/// A backup that is being written.
struct Backup<'a> {
    store: &'a dyn WholeStore,
    files: &'a MediaFolder,
    writer: Writer<BufWriter<NamedTempFile>>,
    done: Done,
}

type Explain<'a> = &'a dyn Fn(&ArchiveError) -> Failure;

impl Backup<'_> {
    async fn conversations(&mut self, failed: Explain<'_>) -> Result<(), Failure> {
        for id in all(self.store).await? {
            match self.store.export(id).await {
                Ok(Some(record)) => self.add(record, failed).await?,
                Ok(None) => {}
                Err(error @ StoreError::Corrupt { .. }) => {
                    let what = format!("conversation {id}: {error}");
                    self.done.left_out.push(what);
                }
                Err(error) => return Err(unreadable(error)),
            }
        }
        Ok(())
    }

    /// Files go first, so that whoever restores never has a message without its file.
    async fn add(
        &mut self,
        record: ConversationRecord,
        failed: Explain<'_>,
    ) -> Result<(), Failure> {
        for media in named(&record) {
            let found = self.add_file(&record, media, failed).await?;
            self.done.files += usize::from(found);
            self.done.missing_files += usize::from(!found);
        }
        let item = Item::Conversation(Box::new(record));
        self.writer.add(item).map_err(|error| failed(&error))?;
        self.done.conversations += 1;
        progress(self.done.conversations);
        Ok(())
    }

    /// At each address that has it; whether any has.
    async fn add_file(
        &mut self,
        record: &ConversationRecord,
        media: &Media,
        failed: Explain<'_>,
    ) -> Result<bool, Failure> {
        let mut found = false;
        for address in &record.addresses {
            if let Ok(content) = self.files.read(address, media).await {
                let address = address.clone();
                let item = Item::File { address, content };
                self.writer.add(item).map_err(|error| failed(&error))?;
                found = true;
            }
        }
        Ok(found)
    }

    /// Behind the conversations: what they began with was kept by then. Versions go before the
    /// decisions that are about them.
    async fn playbooks(&mut self, failed: Explain<'_>) -> Result<(), Failure> {
        let mut kept = Kept::of(self.store).await?;
        while let Some(version) = kept.next_version().await? {
            let item = Item::PlaybookVersion(Box::new(version));
            self.writer.add(item).map_err(|error| failed(&error))?;
            self.done.playbooks.playbook_versions += 1;
        }
        for decision in std::mem::take(&mut kept.decisions) {
            let item = Item::Decision(Box::new(decision));
            self.writer.add(item).map_err(|error| failed(&error))?;
            self.done.playbooks.decisions += 1;
        }
        self.done.left_out.extend(kept.left_out());
        Ok(())
    }

    fn add_bookmarks(
        &mut self,
        bookmarks: Vec<(String, String)>,
        failed: Explain<'_>,
    ) -> Result<(), Failure> {
        for (name, value) in bookmarks {
            let item = Item::Bookmark(name, value);
            self.writer.add(item).map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}

impl Done {
    fn words(&self, path: &Path) -> String {
        let left_out = self.left_out.iter();
        let left_out = left_out.map(|what| format!("left out: {what}\n"));
        let missing = match self.missing_files {
            0 => String::new(),
            missing => format!("; {missing} files are missing: see `consultant store verify`"),
        };
        format!(
            "{}{} conversations, {} files, {} in {}{missing}\n",
            left_out.collect::<String>(),
            self.conversations,
            self.files,
            self.playbooks.words(),
            path.display(),
        )
    }
}
