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

use super::{CatalogSource, SourceError};
use crate::{
    company,
    config::{CompanyFiles, Config, GoodsFile},
    diagnostics::Diagnostic,
    log,
};
use consultant_knowledge::SmallModels;

/// Fetches goods.
pub struct Feed {
    source: Box<dyn CatalogSource>,
    file: GoodsFile,
    /// What they are tried out with.
    company: CompanyFiles,
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
    /// They could not be kept.
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
        if matches!(config.company, CompanyFiles::Embedded) {
            return None;
        }
        Some(Self {
            source: feed.from.open(),
            file: feed.file.clone(),
            company: config.company.clone(),
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
                Some(Ok(fetched)) => log::goods_came(&name, &fetched),
                Some(Err(error)) => log::goods_not_fetched(&name, &error),
            }
            let pause = tokio::time::sleep(self.every);
            if stop.run_until_cancelled(pause).await.is_none() {
                return;
            }
        }
    }

    /// Fetches once, and keeps what the company can serve with.
    pub async fn fetch(&mut self) -> Result<Fetched, FeedError> {
        let kept = self.file.path.clone();
        let Some(bytes) = self.source.fetch(kept.exists()).await? else {
            return Ok(Fetched::Same);
        };
        let company = self.company.clone();
        let trying = tokio::task::spawn_blocking(move || try_out(&company, &kept, &bytes));
        let tried = trying.await.map_err(io::Error::other);
        let fetched = tried
            .and_then(|tried| tried)
            .map_err(|error| FeedError::File {
                path: self.file.path.clone(),
                error,
            })?;
        if !matches!(fetched, Fetched::Wrong(_)) {
            self.source.accept();
        }
        Ok(fetched)
    }
}

/// Keeps these goods, if all of the company's facts can be read with them: all of the new goods or all
/// of the old ones.
fn try_out(company: &CompanyFiles, kept: &Path, bytes: &[u8]) -> io::Result<Fetched> {
    if fs::read(kept).is_ok_and(|kept| kept == bytes) {
        return Ok(Fetched::Same);
    }
    let folder = kept.parent().unwrap_or(kept);
    fs::create_dir_all(folder)?;
    let mut beside = NamedTempFile::new_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    let mut with_them = company.clone();
    if let CompanyFiles::Files {
        goods: Some(goods), ..
    } = &mut with_them
    {
        beside.path().clone_into(&mut goods.path);
    }
    if let Err(mut problems) = company::load_facts(&with_them, &SmallModels::default()) {
        let tried = beside.path().display().to_string();
        for problem in &mut problems {
            problem.file = problem.file.replace(&tried, &kept.display().to_string());
        }
        return Ok(Fetched::Wrong(problems));
    }
    beside.persist(kept)?;
    Ok(Fetched::Kept)
}
