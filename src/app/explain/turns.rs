//! The turns of a conversation, read out of its ledger. What a turn wrote in its commit has one
//! time, and that it was answered stands last.

use consultant_core::{
    Happening, Language, LedgerEvent, MoveReason, PlaybookVersion, Source, TurnTrace,
};
use jiff::Timestamp;
use serde::Serialize;

/// An answered turn, as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct KeptTurn {
    /// When it was answered.
    pub(crate) at: Timestamp,
    /// What the customer said, cleaned.
    pub(crate) said: String,
    /// What the bot replied.
    pub(crate) replied: String,
    /// Where the reply came from.
    pub(crate) sources: Vec<Source>,
    /// The language of the reply.
    pub(crate) language: Language,
    /// The version that answered.
    pub(crate) playbook: PlaybookVersion,
    /// Why it came out so.
    pub(crate) trace: Option<Box<TurnTrace>>,
    /// What else happened in it.
    pub(crate) happened: Vec<Happening>,
    /// Whether it began anew before it: the customer wished so, or the session had expired.
    pub(crate) anew: bool,
    /// Whether the customer wished so: then whom they belong to is forgotten, too.
    pub(crate) reset: bool,
    /// The stage before it and after it, as far as the ledger tells.
    pub(crate) stage: (Option<String>, Option<String>),
}

/// A conversation went over to another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Moved {
    /// The version that it had.
    pub(crate) from: PlaybookVersion,
    /// Why.
    pub(crate) why: MoveReason,
}

/// The answered turns of a ledger, oldest first.
pub(crate) fn turns(ledger: &[LedgerEvent]) -> Vec<KeptTurn> {
    let mut turns = Vec::new();
    let mut since: Vec<&LedgerEvent> = Vec::new();
    let mut stage = None;
    for event in ledger {
        let Some(mut turn) = answered(event) else {
            since.push(event);
            continue;
        };
        let begins = |it: &&&LedgerEvent| matches!(it.what, Happening::Began { .. });
        let expired = !turns.is_empty() && since.iter().any(|it| begins(&it));
        turn.reset = since.iter().any(|it| it.what == Happening::Reset);
        turn.anew = expired || turn.reset;
        // What was written without an answer in between has a time of its own.
        let own = since.iter().filter(|it| it.at == event.at);
        turn.happened = own.map(|it| it.what.clone()).collect();
        let happenings = since.drain(..).map(|it| &it.what);
        turn.stage = stages(stage.take(), happenings, turn.trace.as_deref());
        stage.clone_from(&turn.stage.1);
        turns.push(turn);
    }
    turns
}

fn answered(event: &LedgerEvent) -> Option<KeptTurn> {
    let Happening::Answered {
        said,
        replied,
        sources,
        language,
        playbook,
        trace,
        ..
    } = &event.what
    else {
        return None;
    };
    Some(KeptTurn {
        at: event.at,
        said: said.clone(),
        replied: replied.clone(),
        sources: sources.clone(),
        language: *language,
        playbook: playbook.clone(),
        trace: trace.clone(),
        happened: Vec::new(),
        anew: false,
        reset: false,
        stage: (None, None),
    })
}

/// The stage before and after a turn: as it was recorded, otherwise as the last change left it.
fn stages<'a>(
    mut before: Option<String>,
    happenings: impl Iterator<Item = &'a Happening>,
    trace: Option<&TurnTrace>,
) -> (Option<String>, Option<String>) {
    let mut after = before.clone();
    for happening in happenings {
        match happening {
            Happening::Reset => (before, after) = (None, None),
            Happening::Began { stage, .. } => {
                (before, after) = (Some(stage.clone()), Some(stage.clone()));
            }
            Happening::StageChanged { from, to } => {
                before.get_or_insert_with(|| from.clone());
                after = Some(to.clone());
            }
            _ => {}
        }
    }
    let recorded = trace.map(|trace| trace.stage.clone());
    let before = recorded.or(before);
    (before.clone(), after.or(before))
}

impl KeptTurn {
    /// Whether the conversation went over to another version in it.
    pub(crate) fn moved(&self) -> Option<Moved> {
        self.happened.iter().find_map(|happening| match happening {
            Happening::Moved { from, why, .. } => Some(Moved {
                from: from.clone(),
                why: *why,
            }),
            _ => None,
        })
    }

    /// Whether it came of a timer.
    pub(crate) fn came_of_time(&self) -> bool {
        let of_timer = |it: &Happening| {
            matches!(
                it,
                Happening::FollowedUp { .. } | Happening::Reminded { .. }
            )
        };
        self.happened.iter().any(of_timer)
    }

    /// What a model wrote in it, as far as the ledger tells: drafts that were refused, then the
    /// reply.
    pub(crate) fn written(&self) -> Vec<String> {
        let refused = self.happened.iter().filter_map(|it| match it {
            Happening::GuardRefused { draft, .. } => Some(draft.clone()),
            _ => None,
        });
        let reply = self.sources.contains(&Source::Model);
        refused.chain(reply.then(|| self.replied.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(said: &str, trace: Option<&str>) -> Happening {
        let trace = trace.map(|stage| {
            Box::new(TurnTrace {
                stage: stage.to_owned(),
                ..TurnTrace::default()
            })
        });
        Happening::Answered {
            inbound: Vec::new(),
            said: said.to_owned(),
            replied: "…".to_owned(),
            sources: vec![Source::Model],
            language: Language::EN,
            playbook: "1".into(),
            trace,
        }
    }

    fn goes(from: &str, to: &str) -> Happening {
        Happening::StageChanged {
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    fn ledger(events: Vec<(i64, Happening)>) -> Vec<LedgerEvent> {
        let event = |(second, what)| LedgerEvent {
            at: Timestamp::from_second(second).unwrap(),
            what,
        };
        events.into_iter().map(event).collect()
    }

    #[track_caller]
    fn check(events: Vec<(i64, Happening)>, expected: &[&str]) {
        let told: Vec<String> = turns(&ledger(events))
            .iter()
            .map(|turn| {
                let stage = |stage: &Option<String>| stage.clone().unwrap_or("?".to_owned());
                let anew = if turn.anew { "anew " } else { "" };
                let (before, after) = (stage(&turn.stage.0), stage(&turn.stage.1));
                let count = turn.happened.len();
                format!("{anew}{}: {before} -> {after}, {count} more", turn.said)
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_turn_has_what_its_commit_wrote_and_no_more() {
        let began = Happening::Began {
            playbook: "1".into(),
            stage: "greet".to_owned(),
        };
        check(
            vec![
                (1, began),
                (1, says("hi", Some("greet"))),
                (2, Happening::Left),
                (3, goes("greet", "offer")),
                (3, says("two", Some("greet"))),
                (4, says("thanks", Some("offer"))),
            ],
            &[
                "hi: greet -> greet, 1 more",
                "two: greet -> offer, 1 more",
                "thanks: offer -> offer, 0 more",
            ],
        );
    }

    #[test]
    fn stages_of_an_older_program_follow_from_their_changes() {
        check(
            vec![
                (1, says("hi", None)),
                (2, goes("greet", "offer")),
                (2, says("two", None)),
                (3, says("thanks", None)),
                (4, Happening::Reset),
                (5, says("hi", None)),
            ],
            &[
                "hi: ? -> ?, 0 more",
                "two: greet -> offer, 1 more",
                "thanks: offer -> offer, 0 more",
                "anew hi: ? -> ?, 0 more",
            ],
        );
    }

    #[test]
    fn what_a_model_wrote_is_what_was_refused_and_then_the_reply() {
        let refused = Happening::GuardRefused {
            draft: "It is free.".to_owned(),
            claims: vec!["free".to_owned()],
        };
        let ledger = ledger(vec![(1, refused), (1, says("hi", None))]);
        assert_eq!(turns(&ledger)[0].written(), ["It is free.", "…"]);
    }
}
