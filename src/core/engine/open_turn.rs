//! A turn between its opening and its commit.

use std::sync::Arc;

use crate::{
    Burst, Card, Command, Happening, InboundEvent, InboundKey, OutboxEntry, OutboxId, OutboxState,
    Session, Source, Timer, TimerChange, Turn, TurnTrace,
    clean::{CleanText, TextKind, clean_customer_text},
    ports::Playbook,
};

use super::TurnReport;

/// A turn between its opening and its commit.
pub(super) struct OpenTurn {
    /// What the customer said.
    pub(super) said: Said,
    /// What the playbook sees.
    pub(super) turn: Turn,
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
    }
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
