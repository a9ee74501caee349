//! A turn between its opening and its commit.

use crate::{
    Command, Envelope, Happening, InboundEvent, InboundKey, OutboxEntry, OutboxId, OutboxState,
    Session, Source, Turn,
    clean::{CleanText, TextKind, clean_customer_text},
};

use super::TurnReport;

/// A turn between its opening and its commit.
pub(super) struct OpenTurn {
    /// What the customer said.
    pub(super) said: Said,
    /// What the playbook sees.
    pub(super) turn: Turn,
    /// The session as it changes.
    pub(super) session: Session,
    /// The session's version in the store.
    pub(super) version: u64,
    /// The reply's place in the outbox.
    pub(super) entry: OutboxEntry,
    /// The inbound that it answers.
    pub(super) answers: InboundKey,
}

impl OpenTurn {
    pub(super) fn new(
        envelope: &Envelope,
        version: u64,
        session: Session,
        said: Said,
        turn: Turn,
    ) -> Self {
        let answers = envelope.inbound.key.clone();
        let entry = OutboxEntry {
            id: OutboxId(format!("{answers}/reply")),
            conversation: envelope.conversation,
            address: envelope.inbound.address.clone(),
            sequence: envelope.sequence,
            text: String::new(),
            state: OutboxState::Open,
            shown: Vec::new(),
        };
        Self {
            said,
            turn,
            session,
            version,
            entry,
            answers,
        }
    }
}

/// What the customer said, cleaned.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) kind: TextKind,
    pub(super) start: bool,
}

impl From<&InboundEvent> for Said {
    fn from(event: &InboundEvent) -> Self {
        let start = matches!(
            event,
            InboundEvent::Command {
                command: Command::Start
            }
        );
        match event {
            InboundEvent::Message { text } => {
                let CleanText { text, kind } = clean_customer_text(text);
                Self { text, kind, start }
            }
            _ => Self {
                text: String::new(),
                kind: TextKind::Words,
                start,
            },
        }
    }
}

/// A reply as it grows.
#[derive(Default)]
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) sources: Vec<Source>,
    pub(super) happenings: Vec<Happening>,
}

impl Reply {
    pub(super) fn add(&mut self, text: &str, source: Source) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.sources.push(source);
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
