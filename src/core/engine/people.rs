//! What a customer's turn means for people: when one is called, the conversation comes before a
//! desk; while they are concerned with it, all that is said goes there too; and while one of them
//! answers, the bot is silent.

use jiff::Timestamp;

use crate::{
    Address, AgentId, Attachment, Burst, Case, Command, Envelope, Happening, InboundEvent,
    Language, LedgerEvent, OutboxEntry, OutboxId, OutboxState, Owner, OwnerStep, Purpose, Relayed,
    RoomChange, Session, Speaker, Voice, answer,
    compose::Draft,
    desk::Desks,
    ports::{Commit, Outlet, Playbook, SessionChange, StoreError},
    wording,
};

use super::{Engine, OpenTurn, TurnEnd, TurnReport, card, desk::erasing::no_timers_but_erasure};

/// Before what a customer said, at the desk.
const CUSTOMER: &str = "👤";
/// Before what the bot said, at the desk.
const BOT: &str = "🤖";

impl Engine {
    /// What a turn that the bot has answered means for people, and what they get to see of it.
    pub(super) fn tell_people(
        &self,
        burst: &Burst,
        session: &mut Session,
        happenings: &mut Vec<Happening>,
        (said, replied): (&str, &str),
    ) -> Vec<OutboxEntry> {
        let now = self.clock.now();
        if !replied.is_empty() {
            step(session, happenings, (OwnerStep::BotAnswered, None), now);
        }
        let is_called = |it: &Happening| matches!(it, Happening::CaseOpened { .. });
        if happenings.iter().any(is_called) {
            return self.opening(burst, session);
        }
        let Some(case) = session
            .case
            .as_ref()
            .filter(|_| session.owner.concerns_people())
        else {
            return Vec::new();
        };
        let mut entries = copies(burst, said, &case.desk, self.settings.language);
        if !replied.is_empty() {
            let text = format!("{BOT} {replied}");
            entries.push(spoken(burst, &case.desk, text));
        }
        entries
    }

    /// What opens the room: the card, on which the last words stand, and the files of this turn.
    fn opening(&self, burst: &Burst, session: &mut Session) -> Vec<OutboxEntry> {
        let language = self.settings.language;
        let Some(mut case) = session.case.take() else {
            return Vec::new();
        };
        case.title = card::title(burst.conversation(), session);
        case.card = card::text(language, &case, session);
        let case = session.case.insert(case);
        let first = OutboxEntry {
            sequence: burst.sequence(),
            ..to_desk_entry(burst, &case.desk)
        };
        let shown = card::entry(language, first, case);
        case.card_entry = Some(shown.id.clone());
        let mut entries = vec![shown];
        if !burst.attachments().is_empty() {
            entries.extend(copies(burst, "", &case.desk, language));
        }
        entries
    }

    /// A turn of a conversation that a person has: what was said goes to the desk, and the bot says
    /// nothing. What it had begun to say before the person came is taken back.
    pub(super) async fn relay(
        &self,
        burst: &Burst,
        mut open: OpenTurn,
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let said = std::mem::take(&mut open.said.text);
        let mut session = open.session;
        let mut happenings = open.happenings;
        let event = &burst.first().event;
        let is_reset = matches!(
            event,
            InboundEvent::Command {
                command: Command::Reset
            }
        );
        if is_reset {
            session = begun_anew(&session, self.clock.now(), &*open.playbook);
            happenings.push(Happening::Reset);
        }
        let mut timers = Vec::new();
        if matches!(event, InboundEvent::Left) {
            let case = session.case.as_deref();
            timers.extend(no_timers_but_erasure(burst.conversation(), case));
            happenings.push(Happening::Left);
        }
        if !said.is_empty() {
            session.remember(Speaker::Customer, said.as_str());
            session.last_said_at = Some(open.turn.now);
        }
        let attachments: Vec<Attachment> = burst.attachments().into_iter().cloned().collect();
        if !attachments.is_empty() {
            happenings.push(Happening::Attached { attachments });
        }
        let copies = session.case.as_ref().map(|case| {
            session.turns += 1;
            copies(burst, &said, &case.desk, self.settings.language)
        });
        if !matches!(event, InboundEvent::Fired { .. }) {
            happenings.push(Happening::Heard {
                inbound: open.answers.clone(),
                said,
            });
        }
        if is_reset && !session.owner.is_person() {
            wording::forgotten(session.language).clone_into(&mut open.entry.text);
        }
        open.entry.state = OutboxState::Ready;
        let mut outbox = vec![open.entry];
        outbox.extend(copies.unwrap_or_default());
        let commit = Commit {
            session: SessionChange::Put(Box::new(session)),
            outbox: outbox.clone(),
            ledger: self.at_this_time(happenings),
            timers,
            answered: open.answers,
            ..Commit::of(burst.conversation(), open.version)
        };
        self.store.commit(commit).await?;
        super::deliver(outbox, outlet).await;
        Ok(TurnEnd::Answered(TurnReport::default()))
    }
}

/// The customer says something in a conversation that was closed: it is the bot's again, and why
/// people were called before counts no more.
pub(super) fn reopen(burst: &Burst, open: &mut OpenTurn) {
    let is_word = !matches!(
        burst.first().event,
        InboundEvent::Fired { .. } | InboundEvent::Left
    );
    let spoke = (OwnerStep::CustomerSpoke, None);
    if is_word
        && step(
            &mut open.session,
            &mut open.happenings,
            spoke,
            open.turn.now,
        )
    {
        open.session.escalation = None;
        open.session.unanswered = 0;
    }
}

/// Where there are no desks any more, nobody could give a conversation back: it is the bot's.
pub(super) fn without_desks(desks: &Desks, open: &mut OpenTurn) {
    if !desks.are_there() && open.session.owner.concerns_people() {
        let back = (OwnerStep::HandedBack(None), None);
        step(&mut open.session, &mut open.happenings, back, open.turn.now);
    }
}

/// Has the owner take a step; whether that changed anything.
pub(super) fn step(
    session: &mut Session,
    happenings: &mut Vec<Happening>,
    (step, by): (OwnerStep, Option<AgentId>),
    now: Timestamp,
) -> bool {
    let Some(owner) = session.owner.after(step, now) else {
        return false;
    };
    session.owner.clone_from(&owner);
    happenings.push(Happening::Owned { owner, by });
    true
}

/// Who owns a conversation whose session is gone, and its case, by what happened: a person who
/// answers goes on answering.
pub(super) fn was_owned(ledger: &[LedgerEvent]) -> Option<(Owner, Case)> {
    let newest = ledger.iter().rev();
    let owner = newest.clone().find_map(|event| match &event.what {
        Happening::Owned { owner, .. } => Some(owner.clone()),
        _ => None,
    });
    let mut newest = newest;
    let case = newest.find_map(|event| match &event.what {
        Happening::CaseOpened { desk, customer } => Some(Case::at(desk.clone(), customer.clone())),
        _ => None,
    });
    owner.zip(case)
}

/// While the customer waits for a person: what a fact answers for sure, else, once, that it is passed
/// on. The playbook is not asked: whatever it would begin, a person is about to take over.
pub(super) fn say_what_is_sure(open: &mut OpenTurn, draft: &mut Draft) {
    if let Some(answer) = answer::from_facts(&open.turn) {
        draft.computed.extend(answer.computed);
        draft.say(answer.text, answer.source);
        return;
    }
    let Some(case) = &mut open.session.case else {
        return;
    };
    if !std::mem::replace(&mut case.told_that_passed_on, true) {
        let language = open.session.language;
        draft.word("passed_on", wording::passed_on(language));
    }
}

/// A session that knows nothing but who answers, and where.
fn begun_anew(session: &Session, now: Timestamp, playbook: &dyn Playbook) -> Session {
    let version = playbook.version().clone();
    let mut anew = Session::new(now, session.language, playbook.first_stage(), version);
    anew.owner.clone_from(&session.owner);
    anew.case.clone_from(&session.case);
    anew.disclosed = session.disclosed;
    anew
}

/// What a burst says, message by message, for the eyes of a desk.
pub(super) fn copies(
    burst: &Burst,
    said: &str,
    desk: &Address,
    language: Language,
) -> Vec<OutboxEntry> {
    let envelopes: Vec<&Envelope> = burst.envelopes().collect();
    let mut copies: Vec<OutboxEntry> = Vec::new();
    for envelope in envelopes {
        let Some(copy) = copy(envelope, said, desk, language) else {
            continue;
        };
        // An edit that came with its message is that message, as it reads now.
        match copies.iter_mut().find(|it| it.id == copy.id) {
            Some(message) => message.text = copy.text,
            None => copies.push(copy),
        }
    }
    copies
}

fn copy(
    envelope: &Envelope,
    said: &str,
    desk: &Address,
    language: Language,
) -> Option<OutboxEntry> {
    let inbound = &envelope.inbound;
    let mut attachments = Vec::new();
    let words = match &inbound.event {
        InboundEvent::Message {
            text,
            attachments: hanging,
        } => {
            attachments.clone_from(hanging);
            visible(text)
        }
        InboundEvent::Edited { text } => {
            let edited = wording::was_edited(language);
            format!("{} {edited}", visible(text))
        }
        InboundEvent::Pressed { .. } => said.to_owned(),
        InboundEvent::Command {
            command: Command::Reset,
        } => wording::customer_began_anew(language).to_owned(),
        InboundEvent::Command { command } => format!("/{}", command.name()),
        InboundEvent::Unsupported { what } => wording::sent_what(language, *what),
        InboundEvent::Left => wording::customer_left(language).to_owned(),
        InboundEvent::Fired {
            purpose: Purpose::Reminder { text },
            ..
        } => format!("⏰ {text}"),
        InboundEvent::Fired { .. } | InboundEvent::AtDesk(_) => return None,
    };
    let of = inbound.message.clone().filter(|_| is_said(&inbound.event));
    let name = of.as_ref().map_or(inbound.key.as_str(), |it| it.as_str());
    Some(OutboxEntry {
        id: to_desk(&inbound.address, name),
        conversation: envelope.conversation,
        address: desk.clone(),
        sequence: envelope.sequence,
        // A file alone needs no line of its own.
        text: if words.is_empty() && !attachments.is_empty() {
            String::new()
        } else {
            format!("{CUSTOMER} {words}").trim_end().to_owned()
        },
        card: None,
        reply_to: None,
        state: OutboxState::Ready,
        shown: Vec::new(),
        relayed: Some(Box::new(Relayed {
            voice: Voice::Desk,
            verbatim: true,
            opens: None,
            corrects: matches!(inbound.event, InboundEvent::Edited { .. }),
            attachments,
            from: inbound.address.clone(),
            of,
            quotes: inbound.quotes.clone(),
            room: RoomChange::default(),
        })),
    })
}

/// Whether the message that an inbound names is the customer's own.
const fn is_said(event: &InboundEvent) -> bool {
    matches!(
        event,
        InboundEvent::Message { .. }
            | InboundEvent::Edited { .. }
            | InboundEvent::Unsupported { .. }
    )
}

/// What the bot said, for the eyes of a desk.
fn spoken(burst: &Burst, desk: &Address, text: String) -> OutboxEntry {
    let key = &burst.first().key;
    OutboxEntry {
        id: to_desk(burst.address(), &format!("{key}/reply")),
        text,
        ..to_desk_entry(burst, desk)
    }
}

/// An entry for a desk that says nothing yet.
pub(super) fn to_desk_entry(burst: &Burst, desk: &Address) -> OutboxEntry {
    OutboxEntry {
        id: to_desk(burst.address(), burst.first().key.as_str()),
        conversation: burst.conversation(),
        address: desk.clone(),
        // Behind the last thing that it answers.
        sequence: burst.envelopes().last().map_or(0, |it| it.sequence),
        text: String::new(),
        card: None,
        reply_to: None,
        state: OutboxState::Ready,
        shown: Vec::new(),
        relayed: Some(Box::new(Relayed {
            voice: Voice::Desk,
            verbatim: false,
            opens: None,
            corrects: false,
            attachments: Vec::new(),
            from: burst.address().clone(),
            of: None,
            quotes: None,
            room: RoomChange::default(),
        })),
    }
}

/// The name of what shows a message of a place at the desk: the same for the message and its edits.
fn to_desk(from: &Address, message: &str) -> OutboxId {
    OutboxId::at_desk(from, message)
}

/// A customer's words, all of them, without what hides or turns others around.
fn visible(text: &str) -> String {
    let shows = |it: &char| *it == '\n' || !(it.is_control() || turns_around(*it));
    text.chars().filter(shows).collect()
}

/// Marks that have a reader see other words than stand there.
const fn turns_around(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
