//! Fetching goods, once or again and again. They are checked against the catalogue before they are
//! kept; what is kept is taken in like any other change of the company's files.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::NamedTempFile;
use tokio_util::sync::CancellationToken;

use super::{
    CatalogSource, SourceError,
    overlay::{Laid, laid},
};
use crate::{
    config::{CompanyFiles, Config, GoodsFile},
    diagnostics::Diagnostic,
    log,
};

/// Fetches goods.
pub struct Feed {
    source: Box<dyn CatalogSource>,
    file: GoodsFile,
    /// The catalogue that they are laid over.
    base: PathBuf,
    every: Duration,
}

/// What came of a fetch.
#[derive(Debug)]
pub enum Fetched {
    /// Other goods are kept now.
    Kept,
    /// They are those that were kept.
    Same,
    /// They are not right.
    Wrong(Vec<Diagnostic>),
}

/// Why goods could not be fetched or kept.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// They did not come.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// They could not be kept, or the catalogue not be read.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl Feed {
    /// What the configuration says is fetched; none where it says nothing.
    pub fn of(config: &Config) -> Option<Self> {
        let feed = config.goods.as_ref()?;
        let CompanyFiles::Files { catalog, .. } = &config.company else {
            return None;
        };
        Some(Self {
            source: feed.from.open(),
            file: feed.file.clone(),
            base: catalog.clone(),
            every: Duration::from_mins(u64::from(feed.every_minutes)),
        })
    }

    /// What it is called in the log; nothing secret.
    pub fn name(&self) -> String {
        self.source.name()
    }

    /// Fetches until `stop`: at once, and again and again.
    pub async fn run(mut self, stop: CancellationToken) {
        let name = self.name();
        loop {
            match stop.run_until_cancelled(self.fetch()).await {
                None => return,
                Some(Ok(Fetched::Kept)) => log::goods_fetched(&name),
                Some(Ok(Fetched::Same)) => {}
                Some(Ok(Fetched::Wrong(problems))) => log::goods_wrong(&name, &problems),
                Some(Err(error)) => log::goods_not_fetched(&name, &error),
            }
            let pause = tokio::time::sleep(self.every);
            if stop.run_until_cancelled(pause).await.is_none() {
                return;
            }
        }
    }

    /// Fetches once, and keeps what is right.
    pub async fn fetch(&mut self) -> Result<Fetched, FeedError> {
        let Some(bytes) = self.source.fetch().await? else {
            return Ok(Fetched::Same);
        };
        let kept = &self.file.path;
        if fs::read(kept).is_ok_and(|kept| kept == bytes) {
            return Ok(Fetched::Same);
        }
        let base = fs::read_to_string(&self.base).map_err(failed(&self.base))?;
        let name = self.base.display().to_string();
        if let Laid::Wrong(problems) = laid(&self.file, &bytes, (&name, &base)) {
            let problems = problems.into_iter();
            let told = problems.map(|it| Diagnostic::from_facts(it, None));
            return Ok(Fetched::Wrong(told.collect()));
        }
        keep(kept, &bytes).map_err(failed(kept))?;
        Ok(Fetched::Kept)
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> FeedError {
    move |error| FeedError::File {
        path: path.to_owned(),
        error,
    }
}

/// All of the new goods or all of the old ones.
fn keep(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)?;
    let mut beside = NamedTempFile::new_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(file)?;
    Ok(())
}
