//! `consultant store restore`: a backup into an empty store. The file is read twice, line by line:
//! once to see that it is whole, before anything is written, and once to write.

use std::{fs::File, io::BufReader, path::Path, process::ExitCode, sync::Arc};

use consultant_core::ports::{MediaStore, WholeStore};
use consultant_store::MediaFolder;
use serde::Serialize;

use super::{decide, playbooks::Counts, progress, refuse_if_used, unwritable};
use crate::{
    archive::{ArchiveError, Item, Reader},
    clock::SystemClock,
    config::{Config, StoreUrl},
    failure::{Failure, because},
    house::open_store,
    output,
};

/// What was done.
#[derive(Default, Serialize)]
struct Done {
    conversations: usize,
    files: usize,
    #[serde(flatten)]
    playbooks: Counts,
}

/// Restores into the configured store, which is made if it is missing.
pub(super) async fn run(
    config: &Config,
    files: &MediaFolder,
    path: &Path,
    json: bool,
) -> Result<ExitCode, Failure> {
    if matches!(config.store.url, StoreUrl::Memory) {
        return Err(Failure::usage(
            "store.url is `memory:`, which would forget everything at once",
            "set store.url to `sqlite:PATH` or to a Redis server",
        ));
    }
    let failed = |error: ArchiveError| {
        let what = format!("the backup {} cannot be restored", path.display());
        because(&what, &error, "take another backup; nothing was written")
    };
    let mut archive = open(path).map_err(failed)?;
    while archive.next_item().map_err(failed)?.is_some() {}
    let store = open_store(config, Arc::new(SystemClock)).await?;
    refuse_if_used(&*store).await?;
    // What was kept once is kept again, also where an older program let an address have more.
    let files = files.clone().at_most(u64::MAX).leaving_free(0);
    let mut archive = open(path).map_err(failed)?;
    let mut done = Done::default();
    while let Some(item) = archive.next_item().map_err(failed)? {
        done.write(&*store, &files, item).await?;
    }
    let words = format!(
        "{} conversations, {} files, {} restored\n",
        done.conversations,
        done.files,
        done.playbooks.words()
    );
    output::tell(json, &done, &words);
    Ok(ExitCode::SUCCESS)
}

fn open(path: &Path) -> Result<Reader<BufReader<File>>, ArchiveError> {
    Ok(Reader::new(BufReader::new(File::open(path)?)))
}

impl Done {
    async fn write(
        &mut self,
        store: &dyn WholeStore,
        files: &MediaFolder,
        item: Item,
    ) -> Result<(), Failure> {
        match item {
            Item::Conversation(record) => {
                store.import(*record).await.map_err(unwritable)?;
                self.conversations += 1;
                progress(self.conversations);
            }
            Item::File { address, content } => {
                let kept = files.keep(&address, content).await;
                let hint = "see that data_dir can be written and that the disk has room";
                kept.map_err(|error| because("customers' files", &error, hint))?;
                self.files += 1;
            }
            Item::PlaybookVersion(version) => {
                store.keep_version(&version).await.map_err(unwritable)?;
                self.playbooks.playbook_versions += 1;
            }
            Item::Decision(decision) => {
                decide(store, &decision).await?;
                self.playbooks.decisions += 1;
            }
            Item::Bookmark(name, value) => {
                store.bookmark(&name, &value).await.map_err(unwritable)?;
            }
        }
        Ok(())
    }
}
