//! The beginnings of a conversation, as its ledger tells them: with which version, and what became
//! of each, with the time of each thing, so that all can be judged after the same time.

use consultant_core::{Happening, LedgerEvent, PlaybookVersion};
use jiff::{SignedDuration, Timestamp};

/// A conversation from where it began until it began anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    /// With which version.
    pub(super) version: PlaybookVersion,
    /// When.
    pub(super) at: Timestamp,
    /// What became of it, in order.
    marks: Vec<(Timestamp, Mark)>,
}

/// Something that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    Turn,
    Stage(String),
    Deal,
    Escalated,
    Moved,
}

/// Every beginning in a ledger, in order. What an older program wrote, which noted none, is not
/// counted: nobody knows with which version it began.
pub(super) fn beginnings(ledger: &[LedgerEvent]) -> Vec<Beginning> {
    let mut found: Vec<Beginning> = Vec::new();
    // After a reset nothing belongs to the beginning before it.
    let mut is_over = true;
    for event in ledger {
        match &event.what {
            Happening::Began { playbook, stage } => {
                is_over = false;
                found.push(Beginning {
                    version: playbook.clone(),
                    at: event.at,
                    marks: vec![(event.at, Mark::Stage(stage.clone()))],
                });
            }
            Happening::Reset => is_over = true,
            what => {
                let last = found.last_mut().filter(|_| !is_over);
                if let (Some(beginning), Some(mark)) = (last, mark(what)) {
                    beginning.marks.push((event.at, mark));
                }
            }
        }
    }
    found
}

fn mark(what: &Happening) -> Option<Mark> {
    match what {
        Happening::Answered { .. } => Some(Mark::Turn),
        Happening::StageChanged { to, .. } => Some(Mark::Stage(to.clone())),
        Happening::Won { .. } => Some(Mark::Deal),
        Happening::Escalated { .. } => Some(Mark::Escalated),
        Happening::Moved { .. } => Some(Mark::Moved),
        _ => None,
    }
}

impl Beginning {
    /// Whether it began at least so long ago. What happened within that time is then known for
    /// good.
    pub(super) fn is_ripe(&self, time: SignedDuration, now: Timestamp) -> bool {
        now.duration_since(self.at) >= time
    }

    /// What happened in so long a time.
    fn within(&self, time: SignedDuration) -> impl Iterator<Item = &(Timestamp, Mark)> {
        let marks = self.marks.iter();
        marks.filter(move |(at, _)| at.duration_since(self.at) <= time)
    }

    /// How long it took to become a deal, if it did in that time.
    pub(super) fn deal_within(&self, time: SignedDuration) -> Option<SignedDuration> {
        let mut deals = self.within(time).filter(|(_, mark)| *mark == Mark::Deal);
        deals.next().map(|(at, _)| at.duration_since(self.at))
    }

    /// Whether a person was called in that time.
    pub(super) fn is_escalated_within(&self, time: SignedDuration) -> bool {
        self.within(time).any(|(_, mark)| *mark == Mark::Escalated)
    }

    /// Turns in that time.
    pub(super) fn turns_within(&self, time: SignedDuration) -> usize {
        let turns = self.within(time);
        turns.filter(|(_, mark)| *mark == Mark::Turn).count()
    }

    /// The stages that it was in in that time, each once, in order.
    pub(super) fn stages_within(&self, time: SignedDuration) -> Vec<&str> {
        let mut stages: Vec<&str> = Vec::new();
        for (_, mark) in self.within(time) {
            if let Mark::Stage(stage) = mark
                && !stages.contains(&stage.as_str())
            {
                stages.push(stage);
            }
        }
        stages
    }

    /// Whether it went on with another version.
    pub(super) fn is_moved(&self) -> bool {
        self.marks.iter().any(|(_, mark)| *mark == Mark::Moved)
    }
}
