//! A ledger as talks: each from where the conversation began until it began anew, as what the
//! customer did, when, and what came of it then.

use consultant_core::{
    Address, ConversationId, Happening, InboundEvent, LedgerEvent, Membership, PlaybookVersion,
    SlotValue, Source, TracedRule,
};
use jiff::Timestamp;

use super::{
    super::done::{Beside, done},
    Recorded,
};

/// A conversation from where it began until it began anew.
#[derive(Clone, Debug)]
pub(super) struct Talk {
    pub(super) conversation: ConversationId,
    pub(super) address: Address,
    pub(super) began: Timestamp,
    /// Until then nobody said anything more: it began anew, or it is now.
    pub(super) until: Timestamp,
    /// The language that it began in.
    pub(super) locale: Option<String>,
    /// What is remembered of an earlier talk.
    pub(super) before: Vec<Happening>,
    pub(super) deeds: Vec<Deed>,
}

/// Something that a customer did.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) at: Timestamp,
    pub(super) event: InboundEvent,
    /// The version that answered it.
    pub(super) version: PlaybookVersion,
    /// What was replied, and what was said by itself before the customer's next words.
    pub(super) replied: Vec<String>,
    /// What the playbook asked for, where that is known.
    pub(super) rules: Option<Vec<TracedRule>>,
    /// Whether words of the model are among the replies.
    pub(super) by_model: bool,
    /// What the model read in it.
    pub(super) read: Vec<SlotValue>,
}

/// Every talk of a conversation in which the customer did something.
pub(super) fn talks(recorded: &Recorded, now: Timestamp) -> Vec<Talk> {
    let mut reader = Reader {
        recorded,
        talks: Vec::new(),
        is_over: true,
        has_declined: false,
        belongs_to: Membership::default(),
        beside: Before::default(),
    };
    for event in &recorded.ledger {
        reader.read(event);
    }
    reader.settle();
    let mut talks = reader.talks;
    talks.retain(|talk| !talk.deeds.is_empty());
    let begins: Vec<Timestamp> = talks.iter().skip(1).map(|talk| talk.began).collect();
    for (talk, until) in talks.iter_mut().zip(begins.into_iter().chain([now])) {
        talk.until = until;
    }
    talks
}

struct Reader<'a> {
    recorded: &'a Recorded,
    talks: Vec<Talk>,
    /// Whether what comes next belongs to a new talk.
    is_over: bool,
    has_declined: bool,
    /// Whom the customer belongs to, since they last began anew themselves.
    belongs_to: Membership,
    beside: Before,
}

/// What happened in a turn before it was answered.
#[derive(Default)]
struct Before {
    at: Timestamp,
    by_itself: bool,
    done: Beside,
}

impl Reader<'_> {
    fn read(&mut self, event: &LedgerEvent) {
        if event.at != self.beside.at {
            self.settle();
            self.beside.at = event.at;
        }
        match &event.what {
            Happening::Began { .. } => self.begin(event.at),
            Happening::Reset => {
                self.is_over = true;
                self.belongs_to = Membership::default();
            }
            Happening::ServedAs { who } => self.belongs_to = self.belongs_to.with(who),
            Happening::FollowUpsDeclined => self.has_declined = true,
            Happening::FollowedUp { .. } | Happening::Reminded { .. } => {
                self.beside.by_itself = true;
            }
            Happening::Left => self.silently(InboundEvent::Left),
            Happening::Answered { .. } => self.answered(event),
            what => self.beside.done.note(what),
        }
    }

    fn begin(&mut self, at: Timestamp) {
        self.is_over = false;
        let declined = self.has_declined.then_some(Happening::FollowUpsDeclined);
        let who = self.belongs_to.clone();
        let belongs = (!who.is_unknown()).then_some(Happening::ServedAs { who });
        self.talks.push(Talk {
            conversation: self.recorded.conversation,
            address: self.recorded.address.clone(),
            began: at,
            until: at,
            locale: None,
            before: declined.into_iter().chain(belongs).collect(),
            deeds: Vec::new(),
        });
    }

    /// An edit that needed no answer is told by nothing but itself.
    fn settle(&mut self) {
        let beside = std::mem::take(&mut self.beside);
        if let Some(text) = beside.done.edited {
            self.silently(InboundEvent::Edited { text });
        }
    }

    /// What was done without an answer, by the version that answered last.
    fn silently(&mut self, event: InboundEvent) {
        let at = self.beside.at;
        if let Some(talk) = self.talks.last_mut().filter(|_| !self.is_over)
            && let Some(last) = talk.deeds.last()
        {
            let deed = Deed {
                at: at.max(last.at),
                event,
                version: last.version.clone(),
                replied: Vec::new(),
                rules: None,
                by_model: false,
                read: Vec::new(),
            };
            talk.deeds.push(deed);
        }
    }

    fn answered(&mut self, event: &LedgerEvent) {
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
            return;
        };
        if self.is_over {
            // An older program told nothing of beginnings.
            self.begin(event.at);
        }
        let mut beside = std::mem::take(&mut self.beside);
        self.beside.at = event.at;
        let Some(talk) = self.talks.last_mut() else {
            return;
        };
        let by_model = sources.contains(&Source::Model);
        if beside.by_itself {
            if let Some(last) = talk.deeds.last_mut() {
                last.replied.push(replied.clone());
                last.by_model |= by_model;
            }
            return;
        }
        talk.locale.get_or_insert_with(|| language.to_string());
        let read = std::mem::take(&mut beside.done.read);
        talk.deeds.push(Deed {
            at: event.at,
            read,
            event: done(said, beside.done, sources),
            version: playbook.clone(),
            replied: Some(replied.clone())
                .filter(|it| !it.is_empty())
                .into_iter()
                .collect(),
            rules: trace.as_ref().map(|trace| trace.rules.clone()),
            by_model,
        });
    }
}
