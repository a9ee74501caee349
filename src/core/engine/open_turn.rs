//! A turn between its opening and its commit.

use std::sync::Arc;

use crate::{
    Burst, Card, Command, Happening, InboundEvent, InboundKey, OutboxEntry, OutboxId, OutboxState,
    Session, Source, Timer, TimerChange, Turn, TurnTrace,
    clean::{CleanText, TextKind, clean_customer_text},
    ports::{Knowledge, Playbook},
};

use super::TurnReport;

/// A turn between its opening and its commit.
pub(super) struct OpenTurn {
    /// What the customer said.
    pub(super) said: Said,
    /// What the playbook sees.
    pub(super) turn: Turn,
    /// The facts that it is answered with, where they may be renewed meanwhile.
    pub(super) facts: Option<Arc<dyn Knowledge>>,
    /// Answers it.
    pub(super) playbook: Arc<dyn Playbook>,
    /// What happened before it was answered.
    pub(super) happenings: Vec<Happening>,
    /// Why it comes out as it does.
    pub(super) trace: TurnTrace,
    /// The session as it changes.
    pub(super) session: Session,
    /// The session's version in the store.
    pub(super) version: u64,
    /// The reply's place in the outbox.
    pub(super) entry: OutboxEntry,
    /// The inbounds that it answers.
    pub(super) answers: Vec<InboundKey>,
}

impl OpenTurn {
    pub(super) fn new(
        burst: &Burst,
        (version, session): (u64, Session),
        playbook: Arc<dyn Playbook>,
        said: Said,
        turn: Turn,
    ) -> Self {
        Self {
            said,
            facts: None,
            playbook,
            happenings: Vec::new(),
            trace: TurnTrace::default(),
            turn,
            session,
            version,
            entry: reply_entry(burst),
            answers: burst.keys(),
        }
    }
}

/// The reply's place in the outbox, named after the oldest inbound that it answers: a turn that is
/// repeated with more messages writes into the same entry.
pub(super) fn reply_entry(burst: &Burst) -> OutboxEntry {
    OutboxEntry {
        id: OutboxId::reply_to(&burst.first().key),
        conversation: burst.conversation(),
        address: burst.address().clone(),
        sequence: burst.sequence(),
        text: String::new(),
        card: None,
        reply_to: burst.reply_to().cloned(),
        state: OutboxState::Open,
        shown: Vec::new(),
        relayed: None,
    }
}

/// That a turn made the conversation a deal, if it did: it went into a stage that the playbook
/// declares as one, or was moved to a version that takes its stage for one. The first time only.
pub(super) fn deal(
    playbook: &dyn Playbook,
    session: &mut Session,
    happenings: &[Happening],
) -> Option<Happening> {
    if session.won.is_some() {
        return None;
    }
    let gone_to = happenings.iter().filter_map(|it| match it {
        Happening::StageChanged { to, .. } => Some(to),
        _ => None,
    });
    let mut stages = gone_to.chain([&session.stage]);
    let stage = stages.find(|stage| playbook.is_won(stage))?.clone();
    session.won = Some(stage.clone());
    Some(Happening::Won { stage })
}

/// What the customer said, cleaned.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) kind: TextKind,
    pub(super) start: bool,
}

impl Said {
    /// The words of a burst, and those that were read out of its files.
    pub(super) fn in_burst(burst: &Burst, read: &[String]) -> Self {
        let start = matches!(
            burst.first().event,
            InboundEvent::Command {
                command: Command::Start
            }
        );
        match burst.first().event {
            InboundEvent::Message { .. } => {
                let written = burst.text();
                let lines = [written.as_str()].into_iter();
                let lines: Vec<&str> = lines
                    .chain(read.iter().map(String::as_str))
                    .filter(|line| !line.is_empty())
                    .collect();
                Self::words(&lines.join("\n"))
            }
            _ => Self {
                text: String::new(),
                kind: TextKind::Words,
                start,
            },
        }
    }

    /// These words.
    pub(super) fn words(text: &str) -> Self {
        let CleanText { text, kind } = clean_customer_text(text);
        Self {
            text,
            kind,
            start: false,
        }
    }
}

/// A reply as it grows.
#[derive(Default)]
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) sources: Vec<Source>,
    pub(super) happenings: Vec<Happening>,
    pub(super) card: Option<Card>,
    /// How sure the model was of its part, where it wrote one and can say.
    pub(super) sure_permille: Option<u16>,
    pub(super) timers: Vec<TimerChange>,
}

impl Reply {
    pub(super) fn add(&mut self, text: &str, source: Source) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.sources.push(source);
    }

    /// Sets a timer with the reply.
    pub(super) fn set(&mut self, timer: Timer) {
        self.timers.push(TimerChange::Set(timer));
    }

    pub(super) fn report(&self) -> TurnReport {
        let problems = self
            .happenings
            .iter()
            .filter_map(|happening| match happening {
                Happening::ModelFailed { reason } | Happening::PlaybookFailed { reason } => {
                    Some(reason.clone())
                }
                _ => None,
            });
        TurnReport {
            sources: self.sources.clone(),
            problems: problems.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Action, Decision, Language, PlaybookVersion, ports::PlaybookError};

    /// Takes `sold` for a deal.
    struct Seller(PlaybookVersion);

    impl Playbook for Seller {
        fn version(&self) -> &PlaybookVersion {
            &self.0
        }

        fn first_stage(&self) -> &'static str {
            "greet"
        }

        fn has_stage(&self, _stage: &str) -> bool {
            true
        }

        fn is_won(&self, stage: &str) -> bool {
            stage == "sold"
        }

        fn answer(&self, _turn: &Turn) -> Result<Decision, PlaybookError> {
            Ok(Decision::default())
        }

        fn review(&self, _turn: &Turn) -> Decision {
            Decision::default()
        }

        fn migrate(
            &self,
            _from: &PlaybookVersion,
            _turn: &Turn,
        ) -> Result<Option<Vec<Action>>, PlaybookError> {
            Ok(None)
        }

        fn complain(&self, message: String) -> PlaybookError {
            PlaybookError {
                file: String::new(),
                line: None,
                message,
            }
        }
    }

    /// The deal of a turn that went through these stages; the next one like it makes none.
    #[track_caller]
    fn check(stages: &[&str], expect: Option<&str>) {
        let version = PlaybookVersion::from("1");
        let last = stages.last().copied().unwrap_or("greet");
        let mut session = Session::new(Timestamp::UNIX_EPOCH, Language::EN, last, version.clone());
        let happenings = stages.iter().map(|to| Happening::StageChanged {
            from: "greet".to_owned(),
            to: (*to).to_owned(),
        });
        let happenings: Vec<Happening> = happenings.collect();
        let found = deal(&Seller(version.clone()), &mut session, &happenings);
        let stage = expect.map(str::to_owned);
        assert_eq!(found, stage.map(|stage| Happening::Won { stage }));
        assert_eq!(session.won.as_deref(), expect);
        if expect.is_some() {
            assert_eq!(deal(&Seller(version), &mut session, &happenings), None);
        }
    }

    #[test]
    fn a_deal_is_made_on_the_way_too_and_once() {
        check(&[], None);
        check(&["offer"], None);
        check(&["sold"], Some("sold"));
        check(&["sold", "offer"], Some("sold"));
    }

    #[test]
    fn a_conversation_that_is_moved_while_it_stands_in_one_is_a_deal() {
        let version = PlaybookVersion::from("1");
        let now = Timestamp::UNIX_EPOCH;
        let mut session = Session::new(now, Language::EN, "sold", version.clone());
        let stage = "sold".to_owned();
        let found = deal(&Seller(version), &mut session, &[]);
        assert_eq!(found, Some(Happening::Won { stage }));
    }
}
