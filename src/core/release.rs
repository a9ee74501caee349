//! Which version of the playbook serves whom: what was decided about versions, one decision after
//! another, and what follows from all of them.
//!
//! The list of decisions is all that is stored. Which version is live, which one is on trial and
//! where one goes back to follow from it by plain functions, so the history is the truth and
//! cannot contradict it. A decision has a number, and a number is given once: of two managers who
//! decide at the same time, one is told that the other was first.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConversationId, PlaybookVersion};

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
    /// Somebody wanted a version to serve, and it was not fit for it.
    Refused {
        /// Which one; unknown where it is so broken that it has no version.
        version: Option<PlaybookVersion>,
        /// Why.
        reason: String,
    },
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
}

/// A version that serves a share of those who begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The number of the decision that began it, which is its name.
    pub number: u64,
    /// Which version is tried.
    pub version: PlaybookVersion,
    /// Which version it is compared with.
    pub against: PlaybookVersion,
    /// How many of a hundred get it.
    pub percent: u8,
    /// How long after its beginning a conversation is judged, in minutes.
    pub judged_after_minutes: u32,
    /// Since when.
    pub since: Timestamp,
}

impl Trial {
    /// Whether a conversation is among those who get it. Stable: the same conversation always
    /// falls the same way in a trial, and differently in the next one.
    pub fn includes(&self, conversation: ConversationId) -> bool {
        const PARTS: u64 = 10_000;
        let place = mixed(self.number, conversation) % PARTS;
        place < u64::from(self.percent) * (PARTS / 100)
    }
}

/// Spreads conversations evenly, each trial in its own way. `SplitMix64`'s finaliser (Steele, Lea,
/// Flood 2014), once for each half of the id.
fn mixed(salt: u64, conversation: ConversationId) -> u64 {
    let (high, low) = conversation.0.as_u64_pair();
    [salt, high, low].into_iter().fold(0, |state, part| {
        let mut mixed = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// What follows from all decisions so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Releases {
    /// The versions that have served everybody, each behind the one that it took the place of; the
    /// last one is live.
    line: Vec<PlaybookVersion>,
    /// The version on trial.
    trial: Option<Trial>,
    /// Versions that no conversation goes on with.
    recalled: BTreeSet<PlaybookVersion>,
    /// Every version that ever served anybody.
    served: BTreeSet<PlaybookVersion>,
    /// The number of the last decision.
    last: u64,
}

impl Releases {
    /// What follows from these decisions, oldest first.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a ReleaseEvent>) -> Self {
        let mut releases = Self::default();
        for event in events {
            releases.apply(event);
        }
        releases
    }

    /// Takes one more decision into account. One that was taken into account already changes
    /// nothing.
    pub fn apply(&mut self, event: &ReleaseEvent) {
        if event.number <= self.last {
            return;
        }
        self.last = event.number;
        match &event.what {
            ReleaseStep::Published { version, .. } | ReleaseStep::TrialPromoted { version } => {
                self.trial = None;
                self.bring(version);
            }
            ReleaseStep::TrialBegan {
                version,
                percent,
                judged_after_minutes,
                ..
            } => self.begin_trial(event, version, (*percent, *judged_after_minutes)),
            ReleaseStep::TrialStopped { version, recalled } => {
                self.trial = None;
                self.recall(version, *recalled);
            }
            ReleaseStep::RolledBack { from, to, recalled } => {
                self.trial = None;
                self.go_back_to(to);
                self.recall(from, *recalled);
            }
            ReleaseStep::Refused { .. } => {}
        }
    }

    fn bring(&mut self, version: &PlaybookVersion) {
        if self.live() != Some(version) {
            self.line.push(version.clone());
        }
        self.serves(version);
    }

    fn begin_trial(&mut self, event: &ReleaseEvent, version: &PlaybookVersion, how: (u8, u32)) {
        let Some(against) = self.live().cloned() else {
            return;
        };
        self.trial = Some(Trial {
            number: event.number,
            version: version.clone(),
            against,
            percent: how.0,
            judged_after_minutes: how.1,
            since: event.at,
        });
        self.serves(version);
    }

    /// Forgets what came after a version; one that has never been live is brought.
    fn go_back_to(&mut self, version: &PlaybookVersion) {
        if let Some(place) = self.line.iter().rposition(|it| it == version) {
            self.line.truncate(place + 1);
        }
        self.bring(version);
    }

    /// Whoever serves again is no longer recalled.
    fn serves(&mut self, version: &PlaybookVersion) {
        self.recalled.remove(version);
        self.served.insert(version.clone());
    }

    fn recall(&mut self, version: &PlaybookVersion, recalled: bool) {
        if recalled && self.live() != Some(version) {
            self.recalled.insert(version.clone());
        }
    }

    /// The version that serves those who begin.
    pub fn live(&self) -> Option<&PlaybookVersion> {
        self.line.last()
    }

    /// The version that was live before: where one goes back to.
    pub fn before(&self) -> Option<&PlaybookVersion> {
        self.line.iter().rev().nth(1)
    }

    /// The version that serves a share of those who begin.
    pub fn trial(&self) -> Option<&Trial> {
        self.trial.as_ref()
    }

    /// Whether no conversation goes on with a version.
    pub fn is_recalled(&self, version: &PlaybookVersion) -> bool {
        self.recalled.contains(version)
    }

    /// Whether a version ever served anybody.
    pub fn has_served(&self, version: &PlaybookVersion) -> bool {
        self.served.contains(version)
    }

    /// The version with which a conversation begins now.
    pub fn version_for(&self, conversation: ConversationId) -> Option<&PlaybookVersion> {
        let trial = self.trial.as_ref();
        let tried = trial.filter(|trial| trial.includes(conversation));
        tried.map(|trial| &trial.version).or(self.live())
    }

    /// The number that the next decision gets.
    pub const fn next_number(&self) -> u64 {
        self.last + 1
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn version(name: &str) -> PlaybookVersion {
        name.into()
    }

    fn published(name: &str) -> ReleaseStep {
        ReleaseStep::Published {
            version: version(name),
            proof: Proof::default(),
        }
    }

    fn trial(name: &str, percent: u8) -> ReleaseStep {
        ReleaseStep::TrialBegan {
            version: version(name),
            percent,
            judged_after_minutes: 60,
            proof: Proof::default(),
        }
    }

    fn promoted(name: &str) -> ReleaseStep {
        ReleaseStep::TrialPromoted {
            version: version(name),
        }
    }

    fn stopped(name: &str, recalled: bool) -> ReleaseStep {
        ReleaseStep::TrialStopped {
            version: version(name),
            recalled,
        }
    }

    fn back(from: &str, to: &str, recalled: bool) -> ReleaseStep {
        ReleaseStep::RolledBack {
            from: version(from),
            to: version(to),
            recalled,
        }
    }

    fn events(steps: Vec<ReleaseStep>) -> Vec<ReleaseEvent> {
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

    #[track_caller]
    fn check(steps: Vec<ReleaseStep>, live: &str, before: Option<&str>) -> Releases {
        let releases = Releases::of(&events(steps));
        assert_eq!(releases.live(), Some(&version(live)));
        assert_eq!(releases.before(), before.map(version).as_ref());
        releases
    }

    #[test]
    fn one_goes_back_step_by_step_and_never_to_and_fro() {
        let all = || vec![published("a"), published("b"), published("c")];
        check(all(), "c", Some("b"));
        let mut steps = all();
        steps.push(back("c", "b", false));
        check(steps.clone(), "b", Some("a"));
        steps.push(back("b", "a", false));
        check(steps.clone(), "a", None);
        // Back to what was taken back.
        steps.push(back("a", "c", false));
        check(steps, "c", Some("a"));
    }

    #[test]
    fn publishing_what_is_live_leaves_the_way_back() {
        check(
            vec![published("a"), published("b"), published("b")],
            "b",
            Some("a"),
        );
    }

    #[test]
    fn a_trial_ends_by_promotion_stop_publishing_or_going_back() {
        let ends = [
            (promoted("b"), "b"),
            (stopped("b", false), "a"),
            (published("c"), "c"),
            (back("a", "z", false), "z"),
        ];
        for (end, live) in ends {
            let releases = Releases::of(&events(vec![published("a"), trial("b", 10), end]));
            assert_eq!(releases.live(), Some(&version(live)));
            assert_eq!(releases.trial(), None);
        }
    }

    #[test]
    fn what_is_recalled_serves_nobody_until_it_is_published_again() {
        let mut steps = vec![published("a"), published("b"), back("b", "a", true)];
        assert!(Releases::of(&events(steps.clone())).is_recalled(&version("b")));
        steps.push(published("b"));
        assert!(!Releases::of(&events(steps)).is_recalled(&version("b")));
        let steps = vec![published("a"), trial("b", 10), stopped("b", true)];
        let releases = Releases::of(&events(steps));
        assert!(releases.is_recalled(&version("b")) && !releases.is_recalled(&version("a")));
    }

    #[test]
    fn a_trial_without_anything_live_is_none() {
        let releases = Releases::of(&events(vec![trial("b", 10)]));
        assert_eq!((releases.trial(), releases.live()), (None, None));
    }

    #[test]
    fn a_decision_counts_once() {
        let events = events(vec![published("a"), published("b"), back("b", "a", false)]);
        let mut releases = Releases::of(&events);
        let before = releases.clone();
        releases.apply(&events[1]);
        assert_eq!(releases, before);
        assert_eq!(releases.next_number(), 4);
    }

    #[test]
    fn a_share_is_stable_and_as_large_as_it_says() {
        let share = |number, percent: u8| {
            let steps = vec![published("a"), trial("b", percent)];
            let mut trial = Releases::of(&events(steps)).trial().cloned().unwrap();
            trial.number = number;
            trial
        };
        let conversation = |at: u128| ConversationId(Uuid::from_u128(at << 16 | 7));
        for percent in [1, 10, 50, 99] {
            let trial = share(2, percent);
            let got = (0..20_000).filter(|at| trial.includes(conversation(*at)));
            let got = f64::from(u32::try_from(got.count()).unwrap()) / 200.0;
            assert!((got - f64::from(percent)).abs() < 1.2, "{percent}: {got}");
        }
        let (one, other) = (share(2, 50), share(3, 50));
        let both = |at: &u128| one.includes(conversation(*at)) && other.includes(conversation(*at));
        let both = (0..20_000).filter(both).count();
        assert!(
            (4_700..5_300).contains(&both),
            "{both}: one says nothing of the other"
        );
    }

    #[test]
    fn the_stored_form_of_every_decision_is_a_decision() {
        let proof = Proof {
            warnings: 1,
            tests_played: 57,
            tests_failed: 2,
            branches_percent: Some(95),
            overridden: Some("the fair begins tomorrow".to_owned()),
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
