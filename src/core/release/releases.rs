//! What follows from all decisions so far: which version is live, which one is on trial, where one
//! goes back to, and which ones no conversation goes on with.

use std::collections::{BTreeMap, BTreeSet};

use super::{ReleaseEvent, ReleaseStep, Trial};
use crate::{ConversationId, PlaybookVersion};

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
    /// Every version that ever served anybody, with the number of the decision that had it serve
    /// first.
    served: BTreeMap<PlaybookVersion, u64>,
    /// Versions that were taken back, and not brought again since.
    taken_back: BTreeSet<PlaybookVersion>,
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
                self.taken_back.insert(version.clone());
                self.recall(version, *recalled);
            }
            ReleaseStep::Recalled { version } => self.recall(version, true),
            ReleaseStep::RolledBack { from, to, recalled } => {
                self.trial = None;
                self.go_back_to(to);
                self.taken_back.insert(from.clone());
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
        self.taken_back.remove(version);
        self.served.entry(version.clone()).or_insert(self.last);
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
        self.served.contains_key(version)
    }

    /// Whether a version was taken back, or stopped on trial, and nobody brought it again.
    pub fn is_taken_back(&self, version: &PlaybookVersion) -> bool {
        self.taken_back.contains(version)
    }

    /// Whether a version may take over conversations of another one: it serves everybody who
    /// begins, and it first served after the other. An older one cannot know what a newer one keeps.
    pub fn takes_over(&self, to: &PlaybookVersion, from: &PlaybookVersion) -> bool {
        let first = |version| self.served.get(version);
        self.live() == Some(to) && first(to) > first(from)
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
    use super::{
        super::steps::{back, events, promoted, published, stopped, trial, version},
        *,
    };

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
    fn only_what_is_live_and_newer_takes_conversations_over() {
        let (a, b) = (version("a"), version("b"));
        let mut steps = vec![published("a"), trial("b", 10)];
        assert!(!Releases::of(&events(steps.clone())).takes_over(&b, &a));
        steps.push(promoted("b"));
        assert!(Releases::of(&events(steps.clone())).takes_over(&b, &a));
        assert!(Releases::of(&events(steps.clone())).takes_over(&b, &version("from chat")));
        steps.push(back("b", "a", false));
        let releases = Releases::of(&events(steps));
        assert!(!releases.takes_over(&a, &b) && !releases.takes_over(&b, &a));
    }

    #[test]
    fn what_was_taken_back_is_so_until_it_is_brought_again() {
        let mut steps = vec![published("a"), published("b"), back("b", "a", false)];
        assert!(Releases::of(&events(steps.clone())).is_taken_back(&version("b")));
        steps.push(published("b"));
        assert!(!Releases::of(&events(steps.clone())).is_taken_back(&version("b")));
        // To be replaced is no shame.
        assert!(!Releases::of(&events(steps)).is_taken_back(&version("a")));
        let steps = vec![published("a"), trial("b", 10), stopped("b", false)];
        assert!(Releases::of(&events(steps)).is_taken_back(&version("b")));
    }

    #[test]
    fn a_version_that_was_replaced_can_be_recalled() {
        let recalled = ReleaseStep::Recalled {
            version: version("b"),
        };
        let steps = vec![published("a"), trial("b", 99), published("c"), recalled];
        let releases = check(steps, "c", Some("a"));
        assert!(releases.is_recalled(&version("b")));
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
}
