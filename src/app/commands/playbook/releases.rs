//! What the commands about versions share: the store with its decisions, who decides, and how a
//! decision and a refusal are told.

use std::sync::Arc;

use consultant_core::{
    KeptVersion, PlaybookVersion, ReleaseEvent, Releases,
    ports::{StoreError, WholeStore},
};

use consultant_store::{MemoryStore, OpenError, StoreSettings};

use crate::{
    cli::DecisionArgs,
    clock::SystemClock,
    company,
    config::{Config, StoreUrl},
    failure::{Failure, because},
    house::{make_data_dir, open_kept_store, open_store, open_store_as_it_is},
    release::{Decisions, Named, Refusal, Undecided, resolve, told},
};
use consultant_knowledge::SmallModels;

/// Opens the store of a command that looks, or changes what was decided before. Where none was made
/// yet, nothing was.
pub(super) async fn look(config: &Config) -> Result<Arc<dyn WholeStore>, Failure> {
    if matches!(config.store.url, StoreUrl::Memory) {
        return open_kept_store(config).await;
    }
    match open_store_as_it_is(config).await {
        Ok(store) => Ok(store),
        Err(OpenError::Missing { .. }) => {
            let clock = Arc::new(SystemClock);
            Ok(Arc::new(MemoryStore::new(&StoreSettings::default(), clock)))
        }
        Err(_) => open_kept_store(config).await,
    }
}

/// Opens the store of `publish`, which may come before the first start.
pub(super) async fn store(config: &Config) -> Result<Arc<dyn WholeStore>, Failure> {
    if matches!(config.store.url, StoreUrl::Memory) {
        return Err(Failure::usage(
            "store.url is `memory:`, which keeps nothing that another process could see",
            "set store.url to `sqlite:PATH` or to a Redis server",
        ));
    }
    make_data_dir(config)?;
    open_store(config, Arc::new(SystemClock)).await
}

/// Who decides: as it was said, or as the machine calls them.
pub(super) fn author<'a>(args: &'a DecisionArgs, operator: &'a str) -> &'a str {
    args.author.as_deref().unwrap_or(operator)
}

/// Decisions by whoever gives a command.
pub(super) fn decisions<'a>(
    store: &'a dyn WholeStore,
    args: &'a DecisionArgs,
    operator: &'a str,
) -> Decisions<'a> {
    Decisions {
        log: store,
        clock: &SystemClock,
        author: author(args, operator),
        note: args.note.as_deref(),
    }
}

/// The scripts of a name, as they are kept or as they lie there.
pub(super) async fn scripts(
    name: &str,
    config: &Config,
    store: &dyn WholeStore,
    releases: &Releases,
) -> Result<KeptVersion, Failure> {
    match resolve(name, store, releases).await? {
        Named::Files => Ok(company::load(&config.company, &SmallModels::default())?.kept),
        Named::Version(version) => kept(&version, store).await,
    }
}

/// A kept version.
pub(super) async fn kept(
    version: &PlaybookVersion,
    store: &dyn WholeStore,
) -> Result<KeptVersion, Failure> {
    let kept = store.kept_version(version).await.map_err(unreadable)?;
    kept.ok_or_else(|| {
        let what = format!("the version {version} is not kept in this store");
        Failure::new(
            what,
            "`consultant playbook history` shows what was published",
        )
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn unreadable(error: StoreError) -> Failure {
    because(
        "the published versions",
        &error,
        "run `consultant store verify`",
    )
}

pub(super) fn undecided(error: Undecided) -> Failure {
    match error {
        Undecided::Outrun(other) => outrun(&other),
        Undecided::Store(error) => unreadable(error),
    }
}

fn outrun(other: &ReleaseEvent) -> Failure {
    Failure::new(
        format!(
            "{} was first: {} (decision {}); nothing was changed by you",
            other.author,
            told(&other.what),
            other.number
        ),
        "look at `consultant playbook status`, then say it again if you still want it",
    )
}

/// A refusal, with the way out.
pub(super) fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Broken(problems) => {
            let mut failure = Failure::from(problems);
            failure.message = failure
                .message
                .replace("nothing was started", "nothing was published");
            failure
        }
        Refusal::Failed(report) => Failure::new(
            format!(
                "{}{} of {} conversations came out otherwise; nothing was published",
                report.render_failures(),
                report.failed(),
                report.len()
            ),
            "put the script or the conversation right, or say why it is to be published all the \
             same: --override REASON",
        ),
        Refusal::Unplayed => Failure::new(
            "there is no conversation in scripts/tests that could speak for the playbook; nothing \
             was published",
            "write one down while you talk: `consultant playbook record --out \
             scripts/tests/first.yaml`; or say why it is to be published all the same: --override \
             REASON",
        ),
        Refusal::NothingLive => Failure::new(
            "nothing is live yet that a share could be compared with",
            "publish it for everybody first, without --share",
        ),
        Refusal::AlreadyLive(version) => Failure::new(
            format!("the files are the version {version}, which serves already"),
            "change a script, or look at `consultant playbook status`",
        ),
        Refusal::Outrun(other) => outrun(&other),
        Refusal::Store(error) => unreadable(error),
    }
}
