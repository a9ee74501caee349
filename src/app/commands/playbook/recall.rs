//! `consultant playbook recall`: those who talk with a version that was replaced go on with the live
//! one.

use std::process::ExitCode;

use consultant_core::{PlaybookVersion, ReleaseStep, Releases};

use super::releases::{decisions, look, undecided, unreadable};
use crate::{
    cli::PlaybookRecallArgs,
    config::Config,
    failure::Failure,
    output,
    release::{Named, resolve},
};

/// Recalls a version that serves nobody who begins.
pub(super) async fn run(
    args: PlaybookRecallArgs,
    config: &Config,
    operator: &str,
) -> Result<ExitCode, Failure> {
    let store = look(config).await?;
    let decisions = decisions(&*store, &args.decision, operator);
    let releases = decisions.releases().await.map_err(unreadable)?;
    let Named::Version(version) = resolve(&args.which, &*store, &releases).await? else {
        return Err(Failure::usage(
            "one recalls a version, not files",
            "`consultant playbook history` shows what was published",
        ));
    };
    if let Some(refusal) = refusal(&version, &releases) {
        return Err(refusal);
    }
    let words = format!(
        "conversations that began with {version} go on with the live one at their next turn.\n"
    );
    let step = ReleaseStep::Recalled { version };
    let event = decisions.add(&releases, step).await.map_err(undecided)?;
    output::tell(args.decision.json.json, &event, &words);
    Ok(ExitCode::SUCCESS)
}

fn refusal(version: &PlaybookVersion, releases: &Releases) -> Option<Failure> {
    let is_tried = releases.trial().is_some_and(|it| it.version == *version);
    let (what, hint) = if releases.live() == Some(version) {
        (
            "is live",
            "`consultant playbook rollback --recall` takes it back",
        )
    } else if is_tried {
        (
            "is on trial",
            "`consultant playbook stop --recall` ends the trial",
        )
    } else if releases.is_recalled(version) {
        (
            "is recalled already",
            "`consultant playbook history` shows when",
        )
    } else if !releases.has_served(version) {
        (
            "never served anybody",
            "`consultant playbook history` shows what did",
        )
    } else {
        return None;
    };
    Some(Failure::new(format!("{version} {what}"), hint))
}
