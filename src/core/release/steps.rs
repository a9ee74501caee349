//! Decisions for the tests of this folder.

use jiff::Timestamp;

use super::{Proof, RELEASE_FORMAT, ReleaseEvent, ReleaseStep};
use crate::PlaybookVersion;

pub(super) fn version(name: &str) -> PlaybookVersion {
    name.into()
}

pub(super) fn published(name: &str) -> ReleaseStep {
    ReleaseStep::Published {
        version: version(name),
        proof: Proof::default(),
    }
}

pub(super) fn trial(name: &str, percent: u8) -> ReleaseStep {
    ReleaseStep::TrialBegan {
        version: version(name),
        percent,
        judged_after_minutes: 60,
        proof: Proof::default(),
    }
}

pub(super) fn promoted(name: &str) -> ReleaseStep {
    ReleaseStep::TrialPromoted {
        version: version(name),
    }
}

pub(super) fn stopped(name: &str, recalled: bool) -> ReleaseStep {
    ReleaseStep::TrialStopped {
        version: version(name),
        recalled,
    }
}

pub(super) fn back(from: &str, to: &str, recalled: bool) -> ReleaseStep {
    ReleaseStep::RolledBack {
        from: version(from),
        to: version(to),
        recalled,
    }
}

pub(super) fn events(steps: Vec<ReleaseStep>) -> Vec<ReleaseEvent> {
    let numbered = steps.into_iter().zip(1..);
    let events = numbered.map(|(what, number)| ReleaseEvent {
        format: RELEASE_FORMAT,
        number,
        at: Timestamp::UNIX_EPOCH,
        author: "ann".to_owned(),
        note: None,
        what,
    });
    events.collect()
}
