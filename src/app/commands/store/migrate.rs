//! `consultant store migrate`: everything into another store.

use std::{process::ExitCode, sync::Arc};

use consultant_core::ports::WholeStore;
use serde::Serialize;

use super::{all, progress, refuse_if_used, unreadable, unwritable};
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
    let mut conversations = 0;
    for id in all(from).await? {
        if let Some(record) = from.export(id).await.map_err(unreadable)? {
            target.import(record).await.map_err(unwritable)?;
            conversations += 1;
            progress(conversations);
        }
    }
    for (name, value) in from.bookmarks("").await.map_err(unreadable)? {
        target.bookmark(&name, &value).await.map_err(unwritable)?;
    }
    let url = url.to_string();
    let words = format!(
        "{conversations} conversations copied; set store.url to `{url}` (with its password, if it \
         has one) before you start `consultant serve` again (the old store was left as it is)\n"
    );
    output::tell(json, &Done { conversations, url }, &words);
    Ok(ExitCode::SUCCESS)
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
