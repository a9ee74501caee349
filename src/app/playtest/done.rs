//! What a customer did in a turn, by what a ledger tells of it. It tells what was said, not how: a
//! press stands in it as the words on the button, and what had no words at all is told by what came
//! of it.

use consultant_core::{
    Attachment, Command, Happening, InboundEvent, Press, SlotValue, Source, Unsupported,
};

/// What else a turn tells of what the customer did.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    pub(super) edited: Option<String>,
    pub(super) attached: Vec<Attachment>,
    /// What the model read in an answer.
    pub(super) read: Vec<SlotValue>,
}

impl Beside {
    /// Of all that happened in a turn.
    pub(super) fn of<'a>(happened: impl IntoIterator<Item = &'a Happening>) -> Self {
        let mut beside = Self::default();
        for happening in happened {
            beside.note(happening);
        }
        beside
    }

    pub(super) fn note(&mut self, happening: &Happening) {
        match happening {
            Happening::Edited { text } => self.edited = Some(text.clone()),
            Happening::Suggested { value, .. } => self.read.push(value.clone()),
            Happening::Attached { attachments } => {
                self.attached.extend(attachments.iter().cloned());
            }
            _ => {}
        }
    }
}

/// What the customer did, by what they said and what came of it.
pub(super) fn done(said: &str, beside: Beside, sources: &[Source]) -> InboundEvent {
    let is = |wording: &str| sources.contains(&Source::Wording(wording.to_owned()));
    if let Some(text) = beside.edited {
        InboundEvent::Edited { text }
    } else if !said.is_empty() || !beside.attached.is_empty() || is("empty") {
        InboundEvent::Message {
            text: said.to_owned(),
            attachments: beside.attached,
        }
    } else if is("help") {
        InboundEvent::Command {
            command: Command::Help,
        }
    } else if is("unsupported") {
        // Which kind is not told; the playbook is not asked either way.
        InboundEvent::Unsupported {
            what: Unsupported::Sticker,
        }
    } else if is("snoozed") || is("old_button") {
        InboundEvent::Pressed {
            press: Press::Snooze.to_string(),
        }
    } else {
        InboundEvent::Command {
            command: Command::Start,
        }
    }
}
