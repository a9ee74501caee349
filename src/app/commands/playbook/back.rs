//! `consultant playbook promote`, `stop` and `rollback`: what becomes of a version that customers
//! have met.

use std::process::ExitCode;

use consultant_core::{KeptVersion, PlaybookVersion, ReleaseStep, Releases, Trial};

use super::releases::{decisions, kept, look, undecided, unreadable};
use crate::{
    cli::{DecisionArgs, PlaybookRollbackArgs, PlaybookStopArgs},
    company,
    config::Config,
    failure::Failure,
    output,
    release::{Decisions, Named, resolve},
};

/// The version on trial goes to everybody.
pub(super) async fn promote(
    args: DecisionArgs,
    config: &Config,
    operator: &str,
) -> Result<ExitCode, Failure> {
    let store = look(config).await?;
    let decisions = decisions(&*store, &args, operator);
    let releases = decisions.releases().await.map_err(unreadable)?;
    let version = trial(&releases)?.version.clone();
    let words = format!("{version} is live: everybody who begins a conversation gets it.\n");
    let step = ReleaseStep::TrialPromoted { version };
    decide(&decisions, &releases, step, (args.json.json, words)).await
}

/// The version on trial goes to nobody any more.
pub(super) async fn stop(
    args: PlaybookStopArgs,
    config: &Config,
    operator: &str,
) -> Result<ExitCode, Failure> {
    let store = look(config).await?;
    let decisions = decisions(&*store, &args.decision, operator);
    let releases = decisions.releases().await.map_err(unreadable)?;
    let trial = trial(&releases)?.clone();
    stop_trial(
        &decisions,
        &releases,
        &trial,
        (args.recall, args.decision.json.json),
    )
    .await
}

/// The latest change is taken back: a trial that runs, or else what is live.
pub(super) async fn rollback(
    args: PlaybookRollbackArgs,
    config: &Config,
    operator: &str,
) -> Result<ExitCode, Failure> {
    let store = look(config).await?;
    let decisions = decisions(&*store, &args.decision, operator);
    let releases = decisions.releases().await.map_err(unreadable)?;
    let json = args.decision.json.json;
    let to = match (&args.to, releases.trial()) {
        (None, Some(trial)) => {
            return stop_trial(&decisions, &releases, trial, (args.recall, json)).await;
        }
        (None, None) => releases.before().cloned().ok_or_else(nothing_before)?,
        (Some(name), _) => match resolve(name, &*store, &releases).await? {
            Named::Version(version) => version,
            Named::Files => {
                return Err(Failure::usage(
                    "one goes back to a version, not to files",
                    "`consultant playbook publish` brings the files to customers",
                ));
            }
        },
    };
    runs(&kept(&to, &*store).await?)?;
    let Some(from) = releases.live().filter(|live| **live != to).cloned() else {
        let what = format!("{to} is live already");
        return Err(Failure::new(
            what,
            "`consultant playbook status` shows what serves",
        ));
    };
    let words = format!(
        "{to} is live again.{}{}\n`consultant playbook rollback --to {}` undoes this.\n",
        running(&from, args.recall),
        releases.trial().map_or_else(String::new, ended),
        short(&from),
    );
    let recalled = args.recall;
    let step = ReleaseStep::RolledBack { from, to, recalled };
    decide(&decisions, &releases, step, (json, words)).await
}

/// One goes back only to what still runs with this program; that the files are broken is in nobody's
/// way.
fn runs(version: &KeptVersion) -> Result<(), Failure> {
    let Err(problems) = company::runs(version) else {
        return Ok(());
    };
    Err(Failure {
        message: format!(
            "{} does not run with this program; nothing was changed",
            version.id
        ),
        hint: "put its scripts right and publish them".to_owned(),
        ..Failure::from(problems)
    })
}

async fn stop_trial(
    decisions: &Decisions<'_>,
    releases: &Releases,
    trial: &Trial,
    (recalled, json): (bool, bool),
) -> Result<ExitCode, Failure> {
    let version = trial.version.clone();
    let words = format!(
        "the trial of {version} is over; {} serves everybody who begins.{}\n",
        trial.against,
        running(&version, recalled),
    );
    let step = ReleaseStep::TrialStopped { version, recalled };
    decide(decisions, releases, step, (json, words)).await
}

async fn decide(
    decisions: &Decisions<'_>,
    seen: &Releases,
    step: ReleaseStep,
    (json, words): (bool, String),
) -> Result<ExitCode, Failure> {
    let event = decisions.add(seen, step).await.map_err(undecided)?;
    output::tell(json, &event, &words);
    Ok(ExitCode::SUCCESS)
}

/// What becomes of those who talk with the version that is taken back.
fn running(version: &PlaybookVersion, recalled: bool) -> String {
    if recalled {
        return format!(
            " Conversations that began with {version} go on with the live one at their next turn."
        );
    }
    format!(
        " Conversations that began with {version} end with it; --recall takes them over at their \
         next turn."
    )
}

/// What becomes of a trial that something else ends.
pub(super) fn ended(trial: &Trial) -> String {
    format!(
        " The trial of {0} ended with it; conversations that began with {0} end with it \
         (`consultant playbook recall {1}` takes them over).",
        trial.version,
        short(&trial.version)
    )
}

fn trial(releases: &Releases) -> Result<&Trial, Failure> {
    releases.trial().ok_or_else(|| {
        Failure::new(
            "no version is on trial",
            "`consultant playbook publish --share 10%` begins one",
        )
    })
}

fn nothing_before() -> Failure {
    Failure::new(
        "there is no version to go back to",
        "`consultant playbook history` shows what was published; --to names one of them",
    )
}

fn short(version: &PlaybookVersion) -> String {
    version.as_str().chars().take(8).collect()
}
