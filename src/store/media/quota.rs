//! How much of the disk customers' files may take: so much an address, and never the last of it.
//! The store usually lies on the same disk, and a store that cannot write answers nobody.
//!
//! What an address has is counted once, when its first file comes, and a running number from then
//! on. Another process that erases a customer takes the folder away, so a folder that has to be made
//! anew is counted anew.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::make_private;

/// Files of one address: more than a customer has to show, and a small part of a usual disk.
const BYTES_PER_ADDRESS: u64 = 500_000_000;

/// What is left of a disk, or the share of a small one.
const FREE_BYTES: u64 = 1_000_000_000;
const FREE_SHARE: u64 = 20;

/// What a file of one byte takes of most disks; also bounds how many files an address can have.
const BLOCK_BYTES: u64 = 4096;

/// Addresses whose numbers are in memory; where there are more, all are counted anew.
const COUNTED: usize = 10_000;

/// The limits, and what has been counted.
#[derive(Clone, Debug)]
pub(super) struct Quota {
    pub(super) bytes_per_address: u64,
    /// What is left of the disk, where that is not for the disk's size to say.
    pub(super) free_bytes: Option<u64>,
    held: Arc<Mutex<HashMap<PathBuf, u64>>>,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            bytes_per_address: BYTES_PER_ADDRESS,
            free_bytes: None,
            held: Arc::default(),
        }
    }
}

impl Quota {
    /// Room for a file in the folder of an address, which is made if it is missing; an error where
    /// there is none.
    pub(super) fn reserve<'a>(&'a self, folder: &'a Path, bytes: u64) -> io::Result<Reserved<'a>> {
        let mut held = self.held();
        if make_private(folder)? {
            held.remove(folder);
        }
        self.check_disk(folder, bytes)?;
        let before = match held.get(folder) {
            Some(before) => *before,
            None => count(folder)?,
        };
        let bytes = on_disk(bytes);
        let after = before.saturating_add(bytes);
        if after > self.bytes_per_address {
            let most = self.bytes_per_address;
            let full = format!("its address has {before} bytes of files, and may have {most}");
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, full));
        }
        if held.len() >= COUNTED {
            held.clear();
        }
        held.insert(folder.to_owned(), after);
        drop(held);
        Ok(Reserved {
            quota: self,
            folder,
            bytes,
        })
    }

    /// The folder's files were erased.
    pub(super) fn forget(&self, folder: &Path) {
        self.held().remove(folder);
    }

    fn check_disk(&self, folder: &Path, bytes: u64) -> io::Result<()> {
        let Some(disk) = Disk::of(folder)? else {
            return Ok(());
        };
        let least = self.free_bytes.unwrap_or_else(|| disk.least_free());
        if disk.free.saturating_sub(bytes) >= least {
            return Ok(());
        }
        let free = disk.free;
        let full = format!("its disk has {free} bytes left, and {least} are left alone");
        Err(io::Error::new(io::ErrorKind::StorageFull, full))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<PathBuf, u64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for a file, given back unless the file came to be.
pub(super) struct Reserved<'a> {
    quota: &'a Quota,
    folder: &'a Path,
    bytes: u64,
}

impl Reserved<'_> {
    /// The file is there.
    pub(super) fn settle(mut self) {
        self.bytes = 0;
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if let Some(held) = self.quota.held().get_mut(self.folder) {
            *held = held.saturating_sub(self.bytes);
        }
    }
}

/// What the files of a folder take, also such as a crash left half written.
fn count(folder: &Path) -> io::Result<u64> {
    let mut sum = 0_u64;
    for entry in fs::read_dir(folder)? {
        match entry?.metadata() {
            Ok(file) => sum = sum.saturating_add(on_disk(file.len())),
            // Another process erased it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sum)
}

fn on_disk(bytes: u64) -> u64 {
    let blocks = bytes.div_ceil(BLOCK_BYTES).max(1);
    blocks.saturating_mul(BLOCK_BYTES)
}

/// The disk of a folder.
struct Disk {
    bytes: u64,
    free: u64,
}

impl Disk {
    /// `None` where the file system does not tell its size, as some of the network do not.
    #[cfg(unix)]
    fn of(folder: &Path) -> io::Result<Option<Self>> {
        let disk = rustix::fs::statvfs(folder)?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        Ok((disk.f_blocks > 0).then(|| Self {
            bytes: bytes(disk.f_blocks),
            free: bytes(disk.f_bavail),
        }))
    }

    /// Elsewhere nobody is asked.
    #[cfg(not(unix))]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "as where there is something to ask"
    )]
    fn of(_: &Path) -> io::Result<Option<Self>> {
        Ok(None)
    }

    fn least_free(&self) -> u64 {
        FREE_BYTES.min(self.bytes / FREE_SHARE)
    }
}

#[cfg(test)]
mod tests {
    use consultant_core::{Address, ChannelName, ports::MediaStore};

    use super::*;
    use crate::MediaFolder;

    const BLOCK: usize = 4096;

    fn at(place: &str) -> Address {
        Address::new(ChannelName::Telegram, place)
    }

    /// A file that differs from those of other names.
    fn file(name: u8, bytes: usize) -> Vec<u8> {
        vec![name; bytes]
    }

    /// A folder in which an address may have this many blocks of files.
    fn with_blocks(folder: &Path, blocks: u64) -> MediaFolder {
        MediaFolder::new(folder.join("media")).at_most(blocks * BLOCK_BYTES)
    }

    fn folder_of(folder: &tempfile::TempDir, place: &str) -> PathBuf {
        let media = folder.path().join("media");
        media.join(MediaFolder::name(&at(place)))
    }

    async fn keep_block(media: MediaFolder, name: u8) -> bool {
        media.keep(&at("ann"), file(name, BLOCK)).await.is_ok()
    }

    async fn check_kept(media: &MediaFolder, place: &str, content: Vec<u8>) {
        media.keep(&at(place), content).await.unwrap();
    }

    async fn check_refused(media: &MediaFolder, place: &str, content: Vec<u8>, expect: &str) {
        let refused = media.keep(&at(place), content).await.unwrap_err();
        assert!(refused.no_room, "{refused}");
        assert!(refused.to_string().contains(expect), "{refused}");
    }

    #[tokio::test]
    async fn one_address_cannot_fill_the_disk_and_costs_no_other_its_room() {
        let folder = tempfile::tempdir().unwrap();
        let media = with_blocks(folder.path(), 3);
        check_kept(&media, "ann", file(1, 2 * BLOCK)).await;
        check_refused(&media, "ann", file(2, BLOCK + 1), "may have 12288").await;
        check_kept(&media, "ann", file(1, 2 * BLOCK)).await;
        check_kept(&media, "ann", file(3, 1)).await;
        check_refused(&media, "ann", file(4, 1), "its address has 12288 bytes").await;
        check_kept(&media, "bob", file(4, 3 * BLOCK)).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn many_files_at_once_share_the_room() {
        let folder = tempfile::tempdir().unwrap();
        let media = with_blocks(folder.path(), 4);
        let mut keeping = tokio::task::JoinSet::new();
        for name in 0..10 {
            let media = media.clone();
            keeping.spawn(keep_block(media, name));
        }
        let kept = keeping.join_all().await;
        assert_eq!(kept.iter().filter(|kept| **kept).count(), 4);
    }

    #[tokio::test]
    async fn an_address_is_counted_once_and_anew_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let media = with_blocks(folder.path(), 4);
        check_kept(&media, "ann", file(1, BLOCK)).await;
        let of_ann = folder
            .path()
            .join("media")
            .join(MediaFolder::name(&at("ann")));
        fs::write(of_ann.join(".tmp-left-by-a-crash"), file(9, 2 * BLOCK)).unwrap();
        check_kept(&media, "ann", file(2, 2 * BLOCK)).await;
        check_refused(&media, "ann", file(3, BLOCK + 1), "has 12288 bytes").await;
        let after = with_blocks(folder.path(), 4);
        check_refused(&after, "ann", file(3, 1), "has 20480 bytes").await;
    }

    #[tokio::test]
    async fn erasing_a_customer_gives_room_back_whichever_process_did_it() {
        let folder = tempfile::tempdir().unwrap();
        let media = with_blocks(folder.path(), 1);
        let another = with_blocks(folder.path(), 1);
        for eraser in [&media, &another] {
            check_kept(&media, "ann", file(1, 1)).await;
            check_refused(&media, "ann", file(2, 1), "its address has").await;
            assert_eq!(eraser.erase(&at("ann")).await.unwrap(), 1);
        }
        check_kept(&media, "ann", file(2, 1)).await;
    }

    #[tokio::test]
    async fn what_could_not_be_written_takes_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let media = with_blocks(folder.path(), 2);
        // A folder lies where the file should, and takes a block itself.
        let name = crate::media::hash(&file(1, 1));
        fs::create_dir_all(folder_of(&folder, "ann").join(name)).unwrap();
        for _ in 0..3 {
            let failed = media.keep(&at("ann"), file(1, 1)).await.unwrap_err();
            let failed = failed.to_string();
            assert!(!failed.contains("its address has"), "{failed}");
        }
        check_kept(&media, "ann", file(2, 1)).await;
    }

    #[tokio::test]
    async fn the_last_of_the_disk_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let media = MediaFolder::new(folder.path().to_owned()).leaving_free(u64::MAX);
        check_refused(&media, "ann", file(1, 1), "are left alone").await;
        let media = media.leaving_free(0);
        check_kept(&media, "ann", file(1, 1)).await;
    }

    #[test]
    fn a_small_disk_keeps_a_share_free_and_a_large_one_a_gigabyte() {
        let least = |bytes| Disk { bytes, free: 0 }.least_free();
        assert_eq!(least(2_000_000_000), 100_000_000);
        assert_eq!(least(1_000_000_000_000), FREE_BYTES);
    }
}
