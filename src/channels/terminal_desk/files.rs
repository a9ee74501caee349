//! Files at the desk: read from the machine's disk where an agent sends one, and named with the place
//! where they are kept where a customer does.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use consultant_core::{
    Address, Attachment, Content, FileKind,
    ports::{MediaStore, PostedFile, WholeStore},
};
use sha2::{Digest, Sha256};

use super::wire::FileInRoom;
use crate::{file_type::is_what_it_claims, naming};

/// Where a file of an address is kept, by the hash of its content.
pub type KeptAt = Arc<dyn Fn(&Address, &str) -> PathBuf + Send + Sync>;

/// Why a file cannot be sent.
pub(super) struct NotSent {
    pub(super) why: String,
    pub(super) hint: String,
}

/// Reads a file, and keeps it as one that was sent from this room.
pub(super) async fn taken(
    media: &dyn MediaStore,
    from: &Address,
    path: PathBuf,
    most_bytes: u64,
) -> Result<Attachment, NotSent> {
    let name = path.file_name().unwrap_or_default();
    let name = naming::file(&name.to_string_lossy());
    let content = read_off_the_runtime(path, most_bytes).await?;
    let what = kind_of(&content);
    if !is_what_it_claims(what, &content) {
        return Err(not_sent(
            "the file is a program",
            "customers are sent no programs; pack it into an archive",
        ));
    }
    let kept = media.keep(from, content).await;
    let media = kept.map_err(|error| not_sent(&error.to_string(), "see the disk and the log"))?;
    Ok(Attachment::File {
        what,
        name: Some(name),
        content: Content::Kept(media),
    })
}

async fn read_off_the_runtime(path: PathBuf, most_bytes: u64) -> Result<Vec<u8>, NotSent> {
    let shown = path.display().to_string();
    let read = tokio::task::spawn_blocking(move || read(&path, most_bytes)).await;
    let read = read.map_err(io::Error::other).and_then(|it| it);
    let content = read.map_err(|error| {
        not_sent(
            &format!("{shown} cannot be read: {error}"),
            "name a file that whoever runs the bot may read, on the bot's machine",
        )
    })?;
    if content.is_empty() {
        return Err(not_sent(
            "the file is empty",
            "send one that holds something",
        ));
    }
    if content.len() as u64 > most_bytes {
        return Err(not_sent(
            &format!("the file is larger than {} MB", most_bytes / 1_000_000),
            "send a smaller one, or a link to it",
        ));
    }
    Ok(content)
}

/// At most one byte more than may be sent, of a file: what is none, such as a device, may have no end.
fn read(path: &Path, most_bytes: u64) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut content = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(most_bytes + 1).read_to_end(&mut content)?;
    Ok(content)
}

/// What a file is to people, by its first bytes.
fn kind_of(content: &[u8]) -> FileKind {
    let kinds = [FileKind::Picture, FileKind::Voice, FileKind::Video];
    let is_film = is_what_it_claims(FileKind::Video, content);
    let fits = |kind: &FileKind| is_what_it_claims(*kind, content);
    match kinds.into_iter().find(fits) {
        Some(FileKind::Voice) if is_film => FileKind::Video,
        Some(kind) => kind,
        None => FileKind::File,
    }
}

fn not_sent(why: &str, hint: &str) -> NotSent {
    NotSent {
        why: why.to_owned(),
        hint: hint.to_owned(),
    }
}

/// A file of a customer's as the room shows it.
pub(super) async fn shown(
    store: &dyn WholeStore,
    (room, kept_at): (&Address, &KeptAt),
    file: PostedFile<'_>,
) -> FileInRoom {
    FileInRoom {
        kind: name_of(file.what).to_owned(),
        name: naming::file(file.name),
        bytes: file.content.len() as u64,
        path: found(store, room, kept_at, file.content).await,
    }
}

/// It is kept as one that came from one of the conversation's places.
async fn found(
    store: &dyn WholeStore,
    room: &Address,
    kept_at: &KeptAt,
    content: &[u8],
) -> Option<PathBuf> {
    let hash = format!("{:x}", Sha256::digest(content));
    let conversation = store.at(room).await.ok()??;
    let addresses = store.addresses(conversation).await.ok()?;
    let mut places = addresses.iter().map(|it| kept_at(it, &hash));
    places.find(|path| path.is_file())
}

const fn name_of(what: FileKind) -> &'static str {
    match what {
        FileKind::Picture => "picture",
        FileKind::Voice => "voice",
        FileKind::Video => "video",
        FileKind::File => "file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &[u8], expect: FileKind) {
        assert_eq!(kind_of(content), expect);
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        check(b"\x89PNG\r\n\x1a\n and more", FileKind::Picture);
        check(b"OggS\0\x02 and more", FileKind::Voice);
        check(b"\0\0\0\x20ftypisom and more", FileKind::Video);
        check(b"plain words", FileKind::File);
        check(b"\x7fELF and more", FileKind::File);
    }
}
