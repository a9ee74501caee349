//! What serves when a process starts: what was published last. Where nothing ever was, the files
//! are published, if their own conversations do not speak against them.

use std::sync::Arc;

use consultant_core::{
    KeptVersion, Proof, ReleaseStep, Releases,
    ports::{Clock, Knowledge, WholeStore},
};

use super::{Proven, Served, decide::Decisions, proof::prove};
use crate::{
    config::Config,
    failure::{Failure, because},
    log,
};

/// Who decides where nobody does.
const AUTHOR: &str = "consultant serve";

/// Opens what serves.
pub async fn open(
    config: &Config,
    store: Arc<dyn WholeStore>,
    facts: Arc<dyn Knowledge>,
    clock: &dyn Clock,
) -> Result<Served, Failure> {
    let unread = |error| {
        because(
            "the published versions cannot be read",
            &error,
            "see the log",
        )
    };
    let releases = Releases::of(&store.releases(0).await.map_err(unread)?);
    let files = prove(config).await;
    let releases = match (releases.live(), files) {
        (None, Ok(proven)) => {
            publish_first(&*store, clock, &releases, proven).await?;
            Releases::of(&store.releases(0).await.map_err(unread)?)
        }
        (None, Err(problems)) => return Err(problems.into()),
        (Some(live), Ok(proven)) => {
            let files = &proven.company.kept.id;
            if files != live {
                log::files_not_published(files, live);
            }
            if proven.company.warnings > 0 {
                log::playbook_warned(proven.company.warnings);
            }
            releases
        }
        (Some(live), Err(problems)) => {
            log::files_broken(problems.len(), live);
            releases
        }
    };
    let live = releases.live().cloned();
    let opened = Served::open(store, facts, releases).await.map_err(unread)?;
    opened.ok_or_else(|| {
        let live = live.map_or_else(String::new, |live| live.to_string());
        Failure::new(
            format!("the live version {live} of the playbook does not run with this program"),
            "`consultant check` says what is wrong with the files; put them right and publish \
             them: `consultant playbook publish`",
        )
    })
}

/// The first start publishes what lies there.
async fn publish_first(
    store: &dyn WholeStore,
    clock: &dyn Clock,
    seen: &Releases,
    proven: Proven,
) -> Result<(), Failure> {
    if proven.proof.tests_failed > 0 {
        return Err(Failure::new(
            format!(
                "{}nothing was ever published, and the playbook's own conversations fail",
                proven.report.render_failures()
            ),
            "put it right (`consultant playbook test`), or publish it all the same: `consultant \
             playbook publish --override REASON`",
        ));
    }
    let decisions = Decisions {
        log: store,
        clock,
        author: AUTHOR,
        note: Some("the first start"),
    };
    log_first(&proven.company.kept, &proven.proof);
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(
            format!("the playbook cannot be published: {error}"),
            "see the log",
        )
    };
    let kept = store.keep_version(&proven.company.kept).await;
    kept.map_err(|error| failed(&error))?;
    let step = ReleaseStep::Published {
        version: proven.company.kept.id,
        proof: proven.proof,
    };
    // Whoever was first published something, which then serves.
    match decisions.add(seen, step).await {
        Ok(_) | Err(super::Undecided::Outrun(_)) => Ok(()),
        Err(error) => Err(failed(&error)),
    }
}

fn log_first(kept: &KeptVersion, proof: &Proof) {
    if proof.tests_played == 0 {
        log::published_unplayed(&kept.id);
    }
}
