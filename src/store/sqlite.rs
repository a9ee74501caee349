//! The embedded store: one SQLite file in write-ahead mode.
//!
//! All writing goes through one thread that gathers what waits into one transaction (see
//! [`worker`]), so the cost of reaching the disk is shared. Reading has a thread and a connection
//! of its own and never waits for a write.
//!
//! `synchronous` is `FULL`: an inbound is acknowledged to its platform once [`Store::accept`]
//! returns, and the platform never sends it again, so it has to survive a power cut and not only
//! a crash of this process, which is all that `NORMAL` promises in write-ahead mode. It costs one
//! `fdatasync` per group, so the slowest turns are as slow as the disk's slowest syncs.
//!
//! Two processes may open one file: every step takes the file's write lock, waits for it up to
//! five seconds, and checks the session's version inside it. Start reading at [`steps`].

#[cfg(test)]
mod damaged;
mod dead_letters;
mod deliveries;
mod export;
mod failure;
mod import;
#[cfg(test)]
mod old_file;
mod outbox;
mod places;
mod reads;
mod releases;
mod schema;
mod steps;
mod timers;
mod worker;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Inbound, LedgerEvent,
    ports::{Accepted, Backlog, Clock, Commit, DeliveryRecord, Opened, Store, StoreError},
};

use crate::{
    OpenError, Opening, StoreSettings,
    quarantine::Quarantine,
    record::{check_commit, encode},
    sqlite::worker::{Mode, Worker},
    times::Times,
};

/// A store in a file.
pub struct SqliteStore {
    times: Times,
    quarantine: Quarantine,
    writer: Worker,
    reader: Worker,
}

impl SqliteStore {
    /// Opens the file; where the settings allow it, creates it with its folder and brings its schema
    /// up to date.
    pub async fn open(
        file: PathBuf,
        settings: &StoreSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let (path, opening) = (file.clone(), settings.opening);
        let opened = tokio::task::spawn_blocking(move || match opening {
            Opening::Prepare => schema::open(&path),
            Opening::AsItIs => schema::open_as_it_is(&path),
        })
        .await;
        let (write, read) = opened.map_err(|error| OpenError::File {
            file: file.clone(),
            source: error.into(),
        })??;
        let start = |connection, mode| {
            Worker::start(connection, mode, &file).map_err(|error| OpenError::File {
                file: file.clone(),
                source: error.into(),
            })
        };
        Ok(Self {
            times: Times::new(settings, clock),
            quarantine: Quarantine::default(),
            writer: start(write, Mode::Write)?,
            reader: start(read, Mode::Read)?,
        })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, inbound: Inbound) -> Result<Accepted, StoreError> {
        let body = encode("an inbound", &inbound)?;
        let (stamp, candidate) = (self.times.stamp(), self.times.mint());
        let accept = move |db: &_| steps::accept(db, inbound, &body, (stamp, candidate));
        self.writer.run("storing an inbound", accept).await
    }

    async fn open(&self, conversation: ConversationId) -> Result<Opened, StoreError> {
        let now = self.times.stamp().now;
        let open = move |db: &_| reads::open(db, conversation, now);
        self.reader.run("opening a session", open).await
    }

    async fn commit(&self, commit: Commit) -> Result<u64, StoreError> {
        check_commit(&commit)?;
        let stamp = self.times.stamp();
        let step = steps::Step::prepare(commit)?;
        let write = move |db: &_| steps::commit(db, &step, stamp);
        self.writer.run("committing a turn", write).await
    }

    async fn record(&self, delivery: DeliveryRecord) -> Result<(), StoreError> {
        let stamp = self.times.stamp();
        let note = move |db: &_| outbox::record(db, &delivery, stamp);
        self.writer.run("recording a delivery", note).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let quarantine = self.quarantine.clone();
        let read = move |db: &_| reads::backlog(db, &quarantine);
        self.reader.run("reading the backlog", read).await
    }

    async fn ledger(&self, conversation: ConversationId) -> Result<Vec<LedgerEvent>, StoreError> {
        let read = move |db: &_| reads::ledger(db, conversation);
        self.reader.run("reading a ledger", read).await
    }
}
