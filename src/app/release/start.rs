//! What serves when a process starts: what was published last. Where nothing ever was, the files
//! are published, if their own conversations do not speak against them.

use std::sync::Arc;

use consultant_core::{
    Proof, ReleaseStep, Releases,
    ports::{Clock, Knowledge, StoreError, WholeStore},
};
use consultant_knowledge::SmallModels;

use super::{
    Served, Undecided,
    decide::{Decisions, releases},
    proof::prove,
};
use crate::{
    company::{self, Company},
    config::{CompanyFiles, Config},
    failure::{Failure, because},
    log,
};

/// Who decides where nobody does.
const AUTHOR: &str = "consultant serve";

/// Opens what serves.
pub async fn open(
    (config, models): (&Config, &SmallModels),
    store: Arc<dyn WholeStore>,
    facts: Arc<dyn Knowledge>,
    clock: &dyn Clock,
) -> Result<Served, Failure> {
    let mut decided = releases(&*store).await.map_err(unread)?;
    let files = if decided.live().is_some() {
        what_lies_there(config, &decided)
    } else {
        let company = publish_first((config, models), &*store, (clock, &decided)).await?;
        decided = releases(&*store).await.map_err(unread)?;
        Some(company)
    };
    let live = decided.live().cloned();
    let opened = Served::open(store, facts, decided, files).await;
    opened.map_err(unread)?.ok_or_else(|| {
        let live = live.map_or_else(String::new, |live| live.to_string());
        Failure::new(
            format!("the live version {live} of the playbook does not run with this program"),
            "`consultant check` says what is wrong with the files; put them right and publish \
             them: `consultant playbook publish`",
        )
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unread(error: StoreError) -> Failure {
    because(
        "the published versions cannot be read",
        &error,
        "see the log",
    )
}

/// The files, which serve if they are what is live. That they are not, or are broken, is no reason
/// not to start.
fn what_lies_there(config: &Config, decided: &Releases) -> Option<Company> {
    let live = decided.live()?;
    match company::load(&config.company, &SmallModels::default()) {
        Ok(company) => {
            if company.kept.id != *live {
                log::files_not_published(&company.kept.id, live);
            }
            if company.warnings > 0 {
                log::playbook_warned(company.warnings);
            }
            Some(company)
        }
        Err(problems) => {
            log::files_broken(&problems, live);
            None
        }
    }
}

/// The first start publishes what lies there.
async fn publish_first(
    (config, models): (&Config, &SmallModels),
    store: &dyn WholeStore,
    (clock, seen): (&dyn Clock, &Releases),
) -> Result<Company, Failure> {
    let (company, proof) = first(config, models).await?;
    let is_demo = matches!(config.company, CompanyFiles::Embedded);
    if proof.tests_played == 0 && !is_demo {
        log::published_unplayed(&company.kept.id);
    }
    let decisions = Decisions {
        log: store,
        clock,
        author: AUTHOR,
        note: Some("the first start"),
    };
    let failed = |error: &dyn std::fmt::Display| {
        let what = format!("the playbook cannot be published: {error}");
        Failure::new(what, "see the log")
    };
    let kept = store.keep_version(&company.kept).await;
    kept.map_err(|error| failed(&error))?;
    let step = ReleaseStep::Published {
        version: company.kept.id.clone(),
        proof,
    };
    // Whoever was first published something, which then serves.
    match decisions.add(seen, step).await {
        Ok(_) | Err(Undecided::Outrun(_)) => Ok(company),
        Err(error) => Err(failed(&error)),
    }
}

/// What is published first, with what speaks for it. The demo's conversations are played when the
/// program is tested, and not again at each first start.
async fn first(config: &Config, models: &SmallModels) -> Result<(Company, Proof), Failure> {
    if matches!(config.company, CompanyFiles::Embedded) {
        let company = company::load(&config.company, &SmallModels::default())?;
        return Ok((company, Proof::default()));
    }
    let proven = prove((config, models)).await?;
    if proven.proof.tests_failed == 0 {
        return Ok((proven.company, proven.proof));
    }
    Err(Failure::new(
        format!(
            "{}nothing was ever published, and the playbook's own conversations fail",
            proven.report.render_failures()
        ),
        "put it right (`consultant playbook test`), or publish it all the same: `consultant \
         playbook publish --override REASON`",
    ))
}
