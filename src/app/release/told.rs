//! Decisions in a few words, for commands and for the log.

use consultant_core::{Proof, ReleaseStep};

/// A decision in a few words.
pub fn told(what: &ReleaseStep) -> String {
    let recalled = |recalled: &bool| {
        if *recalled {
            "; its conversations go on with the other"
        } else {
            ""
        }
    };
    match what {
        ReleaseStep::Published { version, proof } => {
            format!("published {version} ({})", spoke(proof))
        }
        ReleaseStep::TrialBegan {
            version,
            percent,
            proof,
            ..
        } => format!(
            "began a trial of {version} with {percent} % ({})",
            spoke(proof)
        ),
        ReleaseStep::TrialPromoted { version } => format!("promoted {version} to everybody"),
        ReleaseStep::TrialStopped {
            version,
            recalled: all,
        } => format!("stopped the trial of {version}{}", recalled(all)),
        ReleaseStep::RolledBack {
            from,
            to,
            recalled: all,
        } => format!("went back from {from} to {to}{}", recalled(all)),
        ReleaseStep::Recalled { version } => format!("recalled {version}"),
        ReleaseStep::Refused { version, reason } => match version {
            Some(version) => format!("was refused with {version}: {reason}"),
            None => format!("was refused: {reason}"),
        },
    }
}

/// What spoke for a version, in a few words.
pub fn spoke(proof: &Proof) -> String {
    let played = match (proof.tests_played, proof.tests_failed) {
        (0, _) => "no conversations played".to_owned(),
        (1, 0) => "its one conversation as it should be".to_owned(),
        (played, 0) => format!("{played} conversations as they should be"),
        (played, failed) => format!("{failed} of {played} conversations came out otherwise"),
    };
    let branches = proof.branches_percent;
    let branches = branches.map_or_else(String::new, |it| format!(", {it} % of the branches"));
    let warnings = match proof.warnings {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        more => format!(", {more} warnings"),
    };
    let why = proof.overridden.as_ref();
    let why = why.map_or_else(String::new, |why| format!("; all the same, because: {why}"));
    format!("{played}{branches}{warnings}{why}")
}
