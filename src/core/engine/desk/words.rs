//! What an agent writes to a customer, changes and takes back; and albums, of which one part has the
//! words for all.

use crate::{
    Attachment, Happening, Line, MessageId, OutboxId, Speaker,
    desk::{Right, Said, UnknownCommand, read},
    wording,
};

use super::{Work, proposing};

/// Messages of agents that can be changed or taken back; the store forgets older ones after two days
/// in any case.
const MESSAGES_REMEMBERED: usize = 100;

impl Work<'_> {
    /// The agent's words to the customer. Who writes to a customer whom nobody has, has them.
    pub(super) fn write(
        &mut self,
        text: &str,
        attachments: Vec<Attachment>,
        quotes: Option<MessageId>,
    ) {
        if text.is_empty() && attachments.is_empty() || !self.may_write() {
            return;
        }
        if !text.is_empty() {
            self.session.remember(Speaker::Agent, text);
        }
        self.happenings.push(Happening::AgentSaid {
            by: self.agent.id.clone(),
            said: text.to_owned(),
            message: self.burst.first().message.clone(),
        });
        let mut entry = self.to_customer(text.to_owned());
        entry.id = self.id_of_message();
        if let Some(relayed) = &mut entry.relayed {
            relayed.verbatim = true;
            relayed.attachments = attachments;
            relayed.of.clone_from(&self.burst.first().message);
            relayed.quotes = quotes;
        }
        self.outbox.push(entry);
        self.note_said();
    }

    /// Whether the agent may write to the customer, and has them from now on or writes beside whoever
    /// has.
    fn may_write(&mut self) -> bool {
        if !self.may(Right::Reply) {
            return false;
        }
        match self.session.owner.agent().cloned() {
            // Whoever may not take it could not give it back either.
            None if !self.may(Right::Take) => return false,
            None => {
                let id = self.agent.id.clone();
                self.give_to(&id);
            }
            Some(owner) if owner != self.agent.id => {
                let owner = self.name_of(&owner);
                self.tell_desk(wording::belongs_to(self.language, &owner));
            }
            Some(_) => {}
        }
        true
    }

    /// The reply that the card suggests goes to the customer, once.
    pub(super) fn send_suggested(&mut self) {
        let Some(text) = self.case.suggested.clone() else {
            return self.tell_desk(wording::nothing_suggested(self.language));
        };
        if !self.may_write() {
            return;
        }
        self.case.suggested = None;
        self.session.remember(Speaker::Agent, text.as_str());
        self.happenings.push(Happening::AgentSaid {
            by: self.agent.id.clone(),
            said: text.clone(),
            message: None,
        });
        let mut entry = self.to_customer(text.clone());
        entry.id = self.id_of(self.burst.first().key.as_str());
        self.outbox.push(entry);
        self.tell_desk_verbatim(wording::suggestion_sent(self.language, &text));
    }

    /// The agent changed a message. What became a command or a note by that is taken back from the
    /// customer; what was one, or is older than what is remembered, stays what it was.
    pub(super) fn rewrite(&mut self, text: &str) {
        let said = read(text);
        match said {
            Ok(Said::ToCustomer(text)) if self.is_said() => self.correct(text),
            Ok(Said::ToCustomer(_)) => self.tell_desk(wording::not_changed(self.language)),
            _ => self.correct(String::new()),
        }
    }

    /// Whether the customer has this message.
    pub(super) fn is_said(&self) -> bool {
        let message = self.burst.first().message.as_ref();
        message.is_some_and(|it| self.case.said.contains(it))
    }

    /// Changes what the customer has of a message of the agent's, or takes it back.
    pub(super) fn correct(&mut self, text: String) {
        let message = self.burst.first().message.clone();
        if let Some(message) = message.filter(|_| self.is_said())
            && self.may(Right::Reply)
        {
            self.correct_message(&message, text);
        }
    }

    pub(super) fn correct_message(&mut self, message: &MessageId, text: String) {
        self.correct_history(message, &text);
        self.happenings.push(Happening::AgentCorrected {
            by: self.agent.id.clone(),
            said: text.clone(),
            message: message.clone(),
        });
        let mut entry = self.to_customer(text);
        entry.id = self.id_of(message.as_str());
        if let Some(relayed) = &mut entry.relayed {
            relayed.verbatim = true;
            relayed.corrects = true;
            relayed.of = Some(message.clone());
        }
        self.outbox.push(entry);
    }

    /// The bot and the card read what the customer has now.
    fn correct_history(&mut self, message: &MessageId, text: &str) {
        let Some(before) = proposing::reads_now(&self.ledger, message) else {
            return;
        };
        let history = &mut self.session.history;
        let is_it = |line: &Line| line.speaker == Speaker::Agent && line.text == before;
        let Some(place) = history.iter().rposition(is_it) else {
            return;
        };
        if text.is_empty() {
            history.remove(place);
        } else if let Some(line) = history.get_mut(place) {
            text.clone_into(&mut line.text);
        }
    }

    /// Whether it is a part of an album whose words were for colleagues. An album comes in parts, and
    /// one of them has the words: what went out before those came is taken back.
    pub(super) fn is_internal(&mut self, said: &Result<Said, UnknownCommand>) -> bool {
        let Some(album) = self.burst.first().album.clone() else {
            return false;
        };
        let is_wordless = matches!(said, Ok(Said::ToCustomer(text)) if text.is_empty());
        if is_wordless {
            return self.case.internal_album.as_ref() == Some(&album);
        }
        if !matches!(said, Ok(Said::ToCustomer(_))) {
            let sent = self.case.sent_album.take();
            for message in sent
                .filter(|it| it.0 == album)
                .into_iter()
                .flat_map(|it| it.1)
            {
                self.correct_message(&message, String::new());
            }
            self.case.internal_album = Some(album);
        }
        false
    }

    /// Remembers that the customer has this message.
    pub(super) fn note_said(&mut self) {
        let first = self.burst.first();
        let Some(message) = first.message.clone() else {
            return;
        };
        if let Some(album) = &first.album {
            match &mut self.case.sent_album {
                Some((name, parts)) if name == album => parts.push(message.clone()),
                sent => *sent = Some((album.clone(), vec![message.clone()])),
            }
        }
        self.case.said.push(message);
        let excess = self.case.said.len().saturating_sub(MESSAGES_REMEMBERED);
        self.case.said.drain(..excess);
    }

    pub(super) fn id_of_message(&self) -> OutboxId {
        let first = self.burst.first();
        let message = first.message.as_ref();
        self.id_of(message.map_or(first.key.as_str(), MessageId::as_str))
    }

    /// The name of what the customer has of a message: the same for the message and its edits.
    pub(super) fn id_of(&self, message: &str) -> OutboxId {
        OutboxId(format!("said/{}/{message}", self.burst.address()))
    }
}
