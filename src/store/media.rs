//! Customers' files in a folder: one folder an address, named by a hash of it, and in it one file
//! for each content, named by its hash. A name from a platform never becomes a path. How much of
//! them is kept is for [`quota`] to say.

mod quota;

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use consultant_core::{
    Address, Media, MediaHash,
    ports::{MediaError, MediaStore},
};
use sha2::{Digest, Sha256};

use quota::Quota;

/// A folder of customers' files. Clones count what they keep together.
#[derive(Clone, Debug)]
pub struct MediaFolder {
    folder: PathBuf,
    quota: Quota,
}

impl MediaFolder {
    /// Files in this folder, which is made with the first of them: at most 500 MB an address, and
    /// none where that would leave less of the disk than 1 GB, or 5 % where that is less.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            quota: Quota::default(),
        }
    }

    /// Keeps at most so many bytes an address, in blocks of the disk.
    #[must_use]
    pub fn at_most(mut self, bytes_per_address: u64) -> Self {
        self.quota.bytes_per_address = bytes_per_address;
        self
    }

    /// Leaves so many bytes of the disk alone, whatever its size.
    #[must_use]
    pub fn leaving_free(mut self, bytes: u64) -> Self {
        self.quota.free_bytes = Some(bytes);
        self
    }

    fn of(&self, from: &Address) -> PathBuf {
        self.folder.join(Self::name(from))
    }

    /// The name of an address's folder, which says nothing about the address.
    pub fn name(of: &Address) -> String {
        hash(of.to_string().as_bytes())
    }

    /// Where the file of this address is, by the hash of its content, if it is kept.
    pub fn file_of(&self, from: &Address, hash: &str) -> PathBuf {
        self.of(from).join(hash)
    }

    /// The name of every address's folder that is there.
    pub async fn names(&self) -> Result<Vec<String>, MediaError> {
        let folder = self.folder.clone();
        off_the_runtime("the media folder cannot be read", move || {
            if !folder.exists() {
                return Ok(Vec::new());
            }
            let entries = fs::read_dir(&folder)?;
            let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
            names.collect()
        })
        .await
    }
}

#[async_trait]
impl MediaStore for MediaFolder {
    async fn keep(&self, from: &Address, content: Vec<u8>) -> Result<Media, MediaError> {
        let (folder, quota) = (self.of(from), self.quota.clone());
        off_the_runtime("a file cannot be kept", move || {
            keep(&folder, &content, &quota)
        })
        .await
    }

    async fn read(&self, from: &Address, media: &Media) -> Result<Vec<u8>, MediaError> {
        let file = self.of(from).join(media.hash.as_str());
        let expected = media.hash.clone();
        off_the_runtime("a file cannot be read", move || {
            if !is_hash(&expected) {
                return Err(io::Error::other("its name is no hash"));
            }
            let content = fs::read(&file)?;
            if hash(&content) != expected.as_str() {
                return Err(io::Error::other("its content is not what was kept"));
            }
            Ok(content)
        })
        .await
    }

    async fn erase(&self, from: &Address) -> Result<usize, MediaError> {
        let (folder, quota) = (self.of(from), self.quota.clone());
        off_the_runtime("files cannot be erased", move || {
            let Ok(files) = fs::read_dir(&folder) else {
                return Ok(0);
            };
            let count = files.count();
            fs::remove_dir_all(&folder)?;
            quota.forget(&folder);
            Ok(count)
        })
        .await
    }
}

/// Writes beside the final name and renames, so that a crash leaves no half file under it.
fn keep(folder: &Path, content: &[u8], quota: &Quota) -> io::Result<Media> {
    let name = hash(content);
    let media = Media {
        hash: MediaHash(name.clone()),
        bytes: content.len() as u64,
        media_type: infer::get(content)
            .map_or("application/octet-stream", |kind| kind.mime_type())
            .to_owned(),
    };
    let file = folder.join(&name);
    if file.is_file() {
        return Ok(media);
    }
    let room = quota.reserve(folder, media.bytes)?;
    if file.is_file() {
        // Somebody else was faster; the room is given back.
        return Ok(media);
    }
    let mut part = tempfile::NamedTempFile::new_in(folder)?;
    part.write_all(content)?;
    part.as_file().sync_all()?;
    part.persist(&file).map_err(|error| error.error)?;
    room.settle();
    sync_folder(folder)?;
    Ok(media)
}

/// Makes a folder and those above it where they are missing; whether it was. What customers send is
/// nobody else's business. A new folder is on the disk only when the one above it is.
fn make_private(folder: &Path) -> io::Result<bool> {
    if folder.is_dir() {
        return Ok(false);
    }
    let above = match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    make_private(above)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync_folder(above)?;
    Ok(true)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

fn is_hash(name: &MediaHash) -> bool {
    name.as_str().len() == 64 && name.as_str().bytes().all(|it| it.is_ascii_hexdigit())
}

fn hash(content: &[u8]) -> String {
    format!("{:x}", Sha256::digest(content))
}

async fn off_the_runtime<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, MediaError> {
    let done = tokio::task::spawn_blocking(work).await;
    let failed = |source, no_room| MediaError {
        what: what.to_owned(),
        source,
        no_room,
    };
    done.map_err(|stopped| failed(stopped.into(), false))?
        .map_err(|error| {
            let no_room = matches!(
                error.kind(),
                io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull
            );
            failed(error.into(), no_room)
        })
}

#[cfg(test)]
mod tests {
    use consultant_core::ChannelName;

    use super::*;

    fn ann() -> Address {
        Address::new(ChannelName::Telegram, "../../etc/passwd")
    }

    #[tokio::test]
    async fn a_file_comes_back_and_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let media = MediaFolder::new(folder.path().join("media"));
        let ogg = b"OggS\0 voice".to_vec();
        let kept = media.keep(&ann(), ogg.clone()).await.unwrap();
        assert_eq!(media.keep(&ann(), ogg.clone()).await.unwrap(), kept);
        assert_eq!(media.read(&ann(), &kept).await.unwrap(), ogg);
        assert_eq!(kept.media_type, "audio/ogg");
        assert_eq!(media.names().await.unwrap(), [MediaFolder::name(&ann())]);
        assert_eq!(media.erase(&ann()).await.unwrap(), 1);
        assert!(media.read(&ann(), &kept).await.is_err());
        assert_eq!(media.erase(&ann()).await.unwrap(), 0);
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn missing_folders_are_made_and_only_their_owner_reads_them() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let media = MediaFolder::new(folder.path().join("new/deep/media"));
        media.keep(&ann(), b"x".to_vec()).await.unwrap();
        for made in ["new", "new/deep", "new/deep/media"] {
            let made = fs::metadata(folder.path().join(made)).unwrap();
            assert_eq!(made.permissions().mode() & 0o777, 0o700);
        }
        let above = folder.path().join("file");
        fs::write(&above, "").unwrap();
        let media = MediaFolder::new(above.join("media"));
        assert!(media.keep(&ann(), b"x".to_vec()).await.is_err());
    }

    #[tokio::test]
    async fn one_customers_file_is_not_anothers() {
        let folder = tempfile::tempdir().unwrap();
        let media = MediaFolder::new(folder.path().to_owned());
        let kept = media.keep(&ann(), b"x".to_vec()).await.unwrap();
        let bob = Address::new(ChannelName::Telegram, "8");
        assert!(media.read(&bob, &kept).await.is_err());
    }

    #[tokio::test]
    async fn a_damaged_file_or_a_forged_name_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let media = MediaFolder::new(folder.path().to_owned());
        let kept = media.keep(&ann(), b"x".to_vec()).await.unwrap();
        fs::write(media.of(&ann()).join(kept.hash.as_str()), b"y").unwrap();
        assert!(media.read(&ann(), &kept).await.is_err());
        let forged = Media {
            hash: MediaHash("../../x".to_owned()),
            ..kept
        };
        assert!(media.read(&ann(), &forged).await.is_err());
    }
}
