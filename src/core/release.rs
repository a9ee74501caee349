//! Which version of the playbook serves whom: what is kept of versions, and of each decision about
//! them. What follows from all decisions stands in [`releases`], who gets a version on trial in
//! [`trial`].
//!
//! The list of decisions is all that is stored. Which version is live, which one is on trial and
//! where one goes back to follow from it by plain functions, so the history is the truth and
//! cannot contradict it. A decision has a number, and a number is given once: of two managers who
//! decide at the same time, one is told that the other was first.

mod releases;
mod trial;

#[cfg(test)]
mod steps;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::PlaybookVersion;

pub use releases::Releases;
pub use trial::Trial;

/// The format that this build writes.
pub const RELEASE_FORMAT: u16 = 1;

/// The scripts of one version, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptVersion {
    /// The shape of this record; see [`RELEASE_FORMAT`].
    pub format: u16,
    /// The content hash of what follows.
    pub id: PlaybookVersion,
    /// The scripts: the playbook itself first.
    pub scripts: Vec<KeptScript>,
}

/// One script of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptScript {
    /// What it is for.
    pub role: ScriptRole,
    /// What it is called: a module by the name under which it is imported.
    pub name: String,
    /// What people call its file, for example `scripts/playbooks/shop.rhai`.
    pub file: String,
    /// Its text.
    pub source: String,
}

/// What a script is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScriptRole {
    /// Answers turns.
    Playbook,
    /// When a person is needed: `scripts/escalation.rhai`.
    Escalation,
    /// What becomes a reviewed answer: `scripts/faq.rhai`.
    Faq,
    /// What others import.
    Module,
}

/// One decision about versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseEvent {
    /// The shape of this record; see [`RELEASE_FORMAT`].
    pub format: u16,
    /// Its place among all decisions, from 1. Given once.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who decided, as they are called on the machine where they did.
    pub author: String,
    /// Why, in their words.
    pub note: Option<String>,
    /// What was decided.
    #[serde(flatten)]
    pub what: ReleaseStep,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum ReleaseStep {
    /// A version serves everybody who begins from now on. A trial ends with it.
    Published {
        /// Which one.
        version: PlaybookVersion,
        /// What spoke for it.
        proof: Proof,
    },
    /// A version serves a share of those who begin from now on.
    TrialBegan {
        /// Which one.
        version: PlaybookVersion,
        /// How many of a hundred get it: 1 to 99.
        percent: u8,
        /// How long after its beginning a conversation is judged, in minutes.
        judged_after_minutes: u32,
        /// What spoke for it.
        proof: Proof,
    },
    /// The version on trial serves everybody from now on.
    TrialPromoted {
        /// Which one.
        version: PlaybookVersion,
    },
    /// The version on trial serves nobody who begins from now on.
    TrialStopped {
        /// Which one.
        version: PlaybookVersion,
        /// Whether those who began with it go on with the live one.
        recalled: bool,
    },
    /// An earlier version serves again.
    RolledBack {
        /// Which one served until then.
        from: PlaybookVersion,
        /// Which one serves now.
        to: PlaybookVersion,
        /// Whether those who began with the newer one go on with this one.
        recalled: bool,
    },
    /// Those who began with a version that serves nobody who begins go on with the live one.
    Recalled {
        /// Which one.
        version: PlaybookVersion,
    },
    /// Somebody wanted a version to serve, and it was not fit for it.
    Refused {
        /// Which one; unknown where it is so broken that it has no version.
        version: Option<PlaybookVersion>,
        /// Why.
        reason: String,
    },
}

impl ReleaseStep {
    /// What spoke for the version that it brings, where it says so.
    pub const fn proof(&self) -> Option<&Proof> {
        match self {
            Self::Published { proof, .. } | Self::TrialBegan { proof, .. } => Some(proof),
            _ => None,
        }
    }
}

/// What spoke for a version when it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Things that looked wrong to the check and stop nothing.
    pub warnings: usize,
    /// Conversations that were played.
    pub tests_played: usize,
    /// Those of them that came out otherwise than they should.
    pub tests_failed: usize,
    /// How many of a hundred branches of its scripts ran; unknown where nothing was played.
    pub branches_percent: Option<u8>,
    /// Why it was published all the same, where the tests did not speak for it.
    pub overridden: Option<String>,
    /// The hash of the catalogue and the answers with which it was checked; empty where nobody noted
    /// it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub facts: String,
}

#[cfg(test)]
mod tests {
    use super::{
        steps::{back, events, promoted, stopped, trial, version},
        *,
    };

    #[test]
    fn the_stored_form_of_every_decision_is_a_decision() {
        let proof = Proof {
            warnings: 1,
            tests_played: 57,
            tests_failed: 2,
            branches_percent: Some(95),
            overridden: Some("the fair begins tomorrow".to_owned()),
            facts: "c4f3".to_owned(),
        };
        let mut all = vec![
            ReleaseStep::Published {
                version: version("a"),
                proof,
            },
            trial("b", 10),
            promoted("b"),
            stopped("b", true),
            back("b", "a", true),
            ReleaseStep::Recalled {
                version: version("b"),
            },
            ReleaseStep::Refused {
                version: None,
                reason: "2 tests failed".to_owned(),
            },
        ];
        let mut events = events(std::mem::take(&mut all));
        events[0].note = Some("prices of spring".to_owned());
        insta::assert_json_snapshot!(events);
        let kept = KeptVersion {
            format: RELEASE_FORMAT,
            id: version("a"),
            scripts: vec![KeptScript {
                role: ScriptRole::Module,
                name: "words".to_owned(),
                file: "scripts/lib/words.rhai".to_owned(),
                source: "fn hello() { \"你好\" }".to_owned(),
            }],
        };
        insta::assert_json_snapshot!(kept);
    }
}
