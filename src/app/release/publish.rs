//! The way of a script to customers: it has to check, its own conversations have to come out as
//! they should, and then one decision makes it live, for everybody or for a share.

use std::fmt;

use consultant_core::{PlaybookVersion, ReleaseEvent, ReleaseStep, Releases, ports::StoreError};
use consultant_knowledge::SmallModels;

use crate::{config::Config, diagnostics::Diagnostic, playtest::Report};

use super::{
    decide::{Decisions, Undecided},
    proof::{Proven, prove},
};

/// What is wished for.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// For whom; everybody otherwise.
    pub share: Option<Share>,
    /// Why it is to be published although its conversations do not speak for it.
    pub overridden: Option<String>,
}

/// A share of those who begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How many of a hundred: 1 to 99.
    pub percent: u8,
    /// How long after its beginning a conversation is judged, in minutes.
    pub judged_after_minutes: u32,
}

/// Why nothing was published. Every one but the last three is in the history.
pub enum Refusal {
    /// Files are broken.
    Broken(Vec<Diagnostic>),
    /// Conversations came out otherwise than they should.
    Failed(Box<Report>),
    /// There are no conversations that could speak for it.
    Unplayed,
    /// There is nothing that it could be compared with.
    NothingLive,
    /// It serves already.
    AlreadyLive(PlaybookVersion),
    /// Somebody decided something meanwhile.
    Outrun(Box<ReleaseEvent>),
    /// The store cannot be read or written.
    Store(StoreError),
}

impl fmt::Display for Refusal {
    /// In a few words, for the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(problems) => write!(f, "{} errors", problems.len()),
            Self::Failed(_) | Self::Unplayed => f.write_str(&reason(self).unwrap_or_default()),
            Self::NothingLive => f.write_str("nothing is live to compare it with"),
            Self::AlreadyLive(version) => write!(f, "{version} serves already"),
            Self::Outrun(other) => write!(f, "{} decided something meanwhile", other.author),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Undecided> for Refusal {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::Outrun(event) => Self::Outrun(event),
            Undecided::Store(error) => Self::Store(error),
        }
    }
}

/// Publishes the company's files. What is refused is noted in the history too.
pub async fn publish(
    files: (&Config, &SmallModels),
    decisions: &Decisions<'_>,
    wish: &Wish,
) -> Result<ReleaseEvent, Refusal> {
    let seen = decisions.releases().await?;
    let proven = match prove(files).await {
        Ok(proven) => proven,
        Err(problems) => {
            let reason = match problems.len() {
                1 => format!("1 error: {}", first(&problems)),
                errors => format!("{errors} errors, the first of them: {}", first(&problems)),
            };
            note(decisions, &seen, (None, reason)).await;
            return Err(Refusal::Broken(problems));
        }
    };
    let version = proven.company.kept.id.clone();
    if let Some(refusal) = refusal(&seen, &proven, wish) {
        if let Some(reason) = reason(&refusal) {
            note(decisions, &seen, (Some(version), reason)).await;
        }
        return Err(refusal);
    }
    decisions.log.keep_version(&proven.company.kept).await?;
    let mut proof = proven.proof;
    let speaks = proof.tests_played > 0 && proof.tests_failed == 0;
    proof.overridden = wish.overridden.clone().filter(|_| !speaks);
    let step = match wish.share {
        None => ReleaseStep::Published {
            version: version.clone(),
            proof,
        },
        Some(share) => ReleaseStep::TrialBegan {
            version: version.clone(),
            percent: share.percent,
            judged_after_minutes: share.judged_after_minutes,
            proof,
        },
    };
    let added = decisions.add(&seen, step).await;
    if let Err(Undecided::Outrun(other)) = &added {
        let reason = format!("{} decided something at the same time", other.author);
        note(decisions, &seen, (Some(version), reason)).await;
    }
    Ok(added?)
}

/// Why what was proven is not published.
fn refusal(seen: &Releases, proven: &Proven, wish: &Wish) -> Option<Refusal> {
    let version = &proven.company.kept.id;
    let serves = match (seen.trial(), wish.share) {
        // Publishing what is live ends a trial, and so changes something.
        (Some(trial), Some(share)) => trial.version == *version && trial.percent == share.percent,
        (Some(_), None) => false,
        (None, _) => seen.live() == Some(version),
    };
    if serves || (wish.share.is_some() && seen.live() == Some(version)) {
        return Some(Refusal::AlreadyLive(version.clone()));
    }
    if wish.share.is_some() && seen.live().is_none() {
        return Some(Refusal::NothingLive);
    }
    if wish.overridden.is_some() {
        return None;
    }
    if proven.proof.tests_played == 0 {
        return Some(Refusal::Unplayed);
    }
    (proven.proof.tests_failed > 0).then(|| Refusal::Failed(Box::new(proven.report.clone())))
}

/// What the history says of a refusal; nothing of one that had nothing to do with the script.
fn reason(refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::Failed(report) => Some(format!(
            "{} of {} conversations came out otherwise",
            report.failed(),
            report.len()
        )),
        Refusal::Unplayed => Some("there is no conversation that could speak for it".to_owned()),
        _ => None,
    }
}

fn first(problems: &[Diagnostic]) -> String {
    problems.first().map_or_else(String::new, |problem| {
        let line = problem
            .line
            .map_or_else(String::new, |line| format!(":{line}"));
        format!("{}{line}: {}", problem.file, problem.message)
    })
}

/// That this cannot be noted keeps nobody from being told why they were refused.
async fn note(
    decisions: &Decisions<'_>,
    seen: &Releases,
    (version, reason): (Option<PlaybookVersion>, String),
) {
    let step = ReleaseStep::Refused { version, reason };
    if let Err(error) = decisions.add(seen, step).await {
        crate::log::attempt_not_noted(&error);
    }
}
