//! `consultant store migrate`: everything into another store. What cannot be read keeps nothing else
//! from moving: it is left out and named.

use std::{process::ExitCode, sync::Arc};

use consultant_core::{
    ConversationId,
    ports::{StoreError, WholeStore},
};
use serde::Serialize;

use super::{
    all, decide,
    playbooks::{Counts, Kept},
    progress, refuse_if_used, unreadable, unwritable,
};
use crate::{
    clock::SystemClock,
    config::{Config, StoreUrl},
    failure::Failure,
    house::open_store_at,
    output,
};

/// What was done.
#[derive(Serialize)]
struct Done {
    conversations: usize,
    /// What to set store.url to, without a password.
    url: String,
    #[serde(flatten)]
    playbooks: Counts,
    /// What cannot be read.
    left_out: Vec<String>,
}

/// Copies conversation by conversation; the old store stays as it is.
pub(super) async fn run(
    from: &dyn WholeStore,
    to: &str,
    config: &Config,
    json: bool,
) -> Result<ExitCode, Failure> {
    let url = named(to, config)?;
    let target = open_store_at(&url, config, Arc::new(SystemClock)).await?;
    refuse_if_used(&*target).await?;
    // Before the conversations: a channel that a bookmark sends on must find in the copy what was
    // read until then, and another process may be reading on.
    let bookmarks = from.bookmarks("").await.map_err(unreadable)?;
    let mut done = Done {
        conversations: 0,
        url: url.to_string(),
        playbooks: Counts::default(),
        left_out: Vec::new(),
    };
    for id in all(from).await? {
        done.copy(id, from, &*target).await?;
    }
    done.copy_playbooks(from, &*target).await?;
    for (name, value) in bookmarks {
        target.bookmark(&name, &value).await.map_err(unwritable)?;
    }
    output::tell(json, &done, &done.words());
    Ok(if done.left_out.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Done {
    async fn copy(
        &mut self,
        id: ConversationId,
        from: &dyn WholeStore,
        target: &dyn WholeStore,
    ) -> Result<(), Failure> {
        let record = match from.export(id).await {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(()),
            Err(error @ StoreError::Corrupt { .. }) => {
                self.leave_out(id, &error);
                return Ok(());
            }
            Err(error) => return Err(unreadable(error)),
        };
        match target.import(record).await {
            Ok(()) => {
                self.conversations += 1;
                progress(self.conversations);
                Ok(())
            }
            // The record's parts do not belong together: nothing of it was written.
            Err(error @ StoreError::Corrupt { .. }) => {
                self.leave_out(id, &error);
                Ok(())
            }
            Err(error) => Err(unwritable(error)),
        }
    }

    /// Behind the conversations: what they began with was kept by then. Versions go before the
    /// decisions that are about them.
    async fn copy_playbooks(
        &mut self,
        from: &dyn WholeStore,
        target: &dyn WholeStore,
    ) -> Result<(), Failure> {
        let mut kept = Kept::of(from).await?;
        while let Some(version) = kept.next_version().await? {
            target.keep_version(&version).await.map_err(unwritable)?;
            self.playbooks.playbook_versions += 1;
        }
        for decision in &kept.decisions {
            decide(target, decision).await?;
            self.playbooks.decisions += 1;
        }
        self.left_out.extend(kept.left_out());
        Ok(())
    }

    fn leave_out(&mut self, id: ConversationId, why: &StoreError) {
        self.left_out.push(format!("conversation {id}: {why}"));
    }

    fn words(&self) -> String {
        let left_out = self.left_out.iter();
        let left_out = left_out.map(|what| format!("left out: {what}\n"));
        format!(
            "{}{} conversations copied, {}; set store.url to `{}` (with its password, if it has one) \
             before you start `consultant serve` again (the old store was left as it is)\n",
            left_out.collect::<String>(),
            self.conversations,
            self.playbooks.words(),
            self.url,
        )
    }
}

/// The target, read exactly as store.url is: what is copied there must be found there.
fn named(to: &str, config: &Config) -> Result<StoreUrl, Failure> {
    let url = StoreUrl::named(to, &config.data_dir)
        .map_err(|(message, hint)| Failure::usage(format!("--to {message}"), hint))?;
    if matches!(url, StoreUrl::Memory) {
        return Err(Failure::usage(
            "--to `memory:` would forget everything at once",
            "name `sqlite:PATH` or a Redis server",
        ));
    }
    Ok(url)
}
