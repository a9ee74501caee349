//! What people do in a room of a desk: they take a conversation, write to its customer, leave notes,
//! hand it back, end it. Whoever may not do that is refused, and the customer notices nothing.

use jiff::Timestamp;

use crate::{
    Address, AgentId, Attachment, Burst, BusinessHours, Case, ConversationId, Happening, Language,
    LedgerEvent, MessageId, OutboxEntry, OutboxId, OwnerStep, Press, Priority, Purpose, Relayed,
    Session, Source, Speaker, TimerChange, TimerId, Voice,
    desk::{Agent, AtDesk, DeskEvent, Desks, Right, Said, ShownAs, UnknownCommand, read},
    ports::{Commit, Opened, Outlet, SessionChange, StoreError},
    wording,
};

use super::{
    Engine, TurnEnd, TurnReport, card, deliver,
    people::{step, to_desk_entry, was_owned},
    waiting::waiting_timers,
};

/// Messages of agents that can be changed or taken back; the store forgets older ones after two days
/// in any case.
const MESSAGES_REMEMBERED: usize = 100;

/// What Telegram's General topic is called in an address.
const GENERAL: &str = "1";

/// What one event at a desk comes to.
struct Work<'a> {
    desks: &'a Desks,
    burst: &'a Burst,
    /// The desk's language.
    language: Language,
    company: String,
    now: Timestamp,
    agent: &'a Agent,
    session: Session,
    case: Case,
    ledger: Vec<LedgerEvent>,
    happenings: Vec<Happening>,
    outbox: Vec<OutboxEntry>,
    timers: Vec<TimerChange>,
    hours: Option<BusinessHours>,
}

impl Engine {
    /// Does what somebody did in a room.
    pub(super) async fn at_desk(
        &self,
        burst: &Burst,
        at: &AtDesk,
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let Opened { session, version } = self.store.open(burst.conversation()).await?;
        let ledger = self.store.ledger(burst.conversation()).await?;
        let channel = burst.address().channel;
        let desks = self.desks.now();
        let agent = desks.agent_of(channel, &at.user);
        let (session, case) = match session {
            Some(session) => (Some(session.clone()), session.case.map(|case| *case)),
            None => (None, was_owned(&ledger).map(|(_, case)| case)),
        };
        let (Some(agent), Some(case)) = (agent, case) else {
            return self
                .turn_away(burst, (at, agent.is_some()), version, outlet)
                .await;
        };
        let session = if let Some(session) = session {
            session
        } else {
            let playbook = self.playbooks.current(burst.conversation());
            self.new_session(burst, &*playbook).await?
        };
        let mut work = Work {
            desks: &desks,
            burst,
            language: self.settings.language,
            company: self.knowledge.catalog().company.name.clone(),
            now: self.clock.now(),
            agent,
            session,
            case,
            ledger,
            happenings: Vec::new(),
            outbox: Vec::new(),
            timers: Vec::new(),
            hours: self.knowledge.catalog().company.hours.clone(),
        };
        work.done(&at.what);
        work.session.case = Some(Box::new(work.case));
        let outbox = work.outbox;
        let commit = Commit {
            session: SessionChange::Put(Box::new(work.session)),
            outbox: outbox.clone(),
            ledger: self.at_this_time(work.happenings),
            timers: work.timers,
            answered: burst.keys(),
            ..Commit::of(burst.conversation(), version)
        };
        self.store.commit(commit).await?;
        deliver(outbox, outlet).await;
        Ok(TurnEnd::Answered(TurnReport::default()))
    }

    /// Nothing comes of what a stranger does, or of what is said where no conversation is. Who looks
    /// as if they wanted something gets a hint.
    async fn turn_away(
        &self,
        burst: &Burst,
        (at, is_agent): (&AtDesk, bool),
        version: u64,
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let language = self.settings.language;
        let speaks_in_a_room = is_agent && speaks(&at.what) && is_room(burst.address());
        let wants = speaks_in_a_room || wants_something(&at.what);
        let hint = match (wants, is_agent) {
            (false, _) => None,
            (true, false) => Some(wording::not_allowed(language)),
            (true, true) => Some(wording::no_conversation(language)),
        };
        let hint = hint.map(|text| OutboxEntry {
            text: text.to_owned(),
            ..to_desk_entry(burst, burst.address())
        });
        let mut report = TurnReport::default();
        let mut ledger = Vec::new();
        if hint.is_some() && !is_agent {
            let account = format!("{}:{}", burst.address().channel, at.user);
            report.problems.push(format!(
                "{account} is no agent, and tried something at the desk"
            ));
            ledger.push(Happening::Refused { account });
        }
        let outbox: Vec<OutboxEntry> = hint.into_iter().collect();
        let commit = Commit {
            outbox: outbox.clone(),
            ledger: self.at_this_time(ledger),
            answered: burst.keys(),
            ..Commit::of(burst.conversation(), version)
        };
        self.store.commit(commit).await?;
        deliver(outbox, outlet).await;
        Ok(TurnEnd::Answered(report))
    }
}

/// Whether it would go to a customer.
fn speaks(what: &DeskEvent) -> bool {
    matches!(what, DeskEvent::Wrote { text, .. } if matches!(read(text), Ok(Said::ToCustomer(_))))
}

/// Whether a place is a room of its own, and not where all of the team talk.
fn is_room(place: &Address) -> bool {
    let room = place.place.split_once('#');
    room.is_some_and(|(_, room)| room != GENERAL)
}

/// Whether it is a command or a button; what people say to one another is none of ours.
fn wants_something(what: &DeskEvent) -> bool {
    match what {
        DeskEvent::Wrote { text, .. } => {
            !matches!(read(text), Ok(Said::ToCustomer(_) | Said::Note(_)))
        }
        DeskEvent::Pressed { .. } => true,
        DeskEvent::Rewrote { .. } | DeskEvent::Other { .. } | DeskEvent::TookBack => false,
    }
}

impl Work<'_> {
    fn done(&mut self, what: &DeskEvent) {
        match what {
            DeskEvent::Wrote {
                text,
                attachments,
                quotes,
            } => {
                let said = read(text);
                if self.is_internal(&said) {
                    return;
                }
                match said {
                    Ok(Said::ToCustomer(text)) => {
                        self.write(&text, attachments.clone(), quotes.clone());
                    }
                    Ok(said) => self.follow(said),
                    Err(unknown) => {
                        let text = wording::no_command(self.language, &unknown.word, unknown.why);
                        self.tell_desk(text);
                    }
                }
            }
            DeskEvent::Other { what } => self.tell_desk(wording::sent_what(self.language, *what)),
            DeskEvent::Rewrote { text } => self.rewrite(text),
            DeskEvent::TookBack => self.correct(String::new()),
            DeskEvent::Pressed { press } => match press.parse() {
                Ok(Press::Take) => self.follow(Said::Take),
                Ok(Press::HandBack) => self.follow(Said::HandBack(None)),
                Ok(Press::Close) => self.follow(Said::Close),
                Ok(Press::Why) => self.follow(Said::Why),
                _ => {}
            },
        }
    }

    /// Whether it is a part of an album whose words were for colleagues. An album comes in parts, and
    /// one of them has the words: what went out before those came is taken back.
    fn is_internal(&mut self, said: &Result<Said, UnknownCommand>) -> bool {
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
    fn note_said(&mut self) {
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

    fn follow(&mut self, said: Said) {
        match said {
            Said::ToCustomer(text) => self.write(&text, Vec::new(), None),
            Said::Note(note) => self.happenings.push(Happening::Noted {
                by: self.agent.id.clone(),
                note,
            }),
            Said::Take if self.may(Right::Take) => {
                let id = self.agent.id.clone();
                self.give_to(&id);
            }
            Said::HandBack(note) if self.may(Right::Take) => self.hand_back(note),
            Said::Close if self.may(Right::Take) => self.close(),
            Said::Priority(priority) if self.may(Right::Take) => {
                self.sort(Some(priority), None);
            }
            Said::Team(team) if self.may(Right::Take) => self.give_to_team(&team),
            Said::Agent(id) if self.may(Right::Take) => self.give_to_colleague(&id),
            Said::Why => self.tell_why(),
            Said::Help => self.tell_desk(wording::commands(self.language)),
            // `may` has told so.
            _ => {}
        }
    }

    /// Whether the agent may do that; they are told if not.
    fn may(&mut self, right: Right) -> bool {
        let may = self.agent.may(right);
        if !may {
            self.tell_desk(wording::not_allowed(self.language));
        }
        may
    }

    /// The agent's words to the customer. Who writes to a customer whom nobody has, has them.
    fn write(&mut self, text: &str, attachments: Vec<Attachment>, quotes: Option<MessageId>) {
        if text.is_empty() && attachments.is_empty() || !self.may(Right::Reply) {
            return;
        }
        match self.session.owner.agent().cloned() {
            // Whoever may not take it could not give it back either.
            None if !self.may(Right::Take) => return,
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
        self.session.remember(Speaker::Agent, text);
        self.happenings.push(Happening::AgentSaid {
            by: self.agent.id.clone(),
            said: text.to_owned(),
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

    /// The agent changed a message. What became a command or a note by that is taken back from the
    /// customer; what was one, or is older than what is remembered, stays what it was.
    fn rewrite(&mut self, text: &str) {
        let said = read(text);
        match said {
            Ok(Said::ToCustomer(text)) if self.is_said() => self.correct(text),
            Ok(Said::ToCustomer(_)) => self.tell_desk(wording::not_changed(self.language)),
            _ => self.correct(String::new()),
        }
    }

    /// Whether the customer has this message.
    fn is_said(&self) -> bool {
        let message = self.burst.first().message.as_ref();
        message.is_some_and(|it| self.case.said.contains(it))
    }

    /// Changes what the customer has of a message of the agent's, or takes it back.
    fn correct(&mut self, text: String) {
        let message = self.burst.first().message.clone();
        if let Some(message) = message.filter(|_| self.is_said())
            && self.may(Right::Reply)
        {
            self.correct_message(&message, text);
        }
    }

    fn correct_message(&mut self, message: &MessageId, text: String) {
        let mut entry = self.to_customer(text);
        entry.id = self.id_of(message.as_str());
        if let Some(relayed) = &mut entry.relayed {
            relayed.verbatim = true;
            relayed.corrects = true;
            relayed.of = Some(message.clone());
        }
        self.outbox.push(entry);
    }

    /// An agent has the conversation from now on.
    fn give_to(&mut self, id: &AgentId) {
        let were_concerned = self.session.owner.concerns_people();
        if !self.step(OwnerStep::Taken(id.clone())) {
            return;
        }
        self.timers.push(TimerChange::Cancel(follow_up()));
        if !were_concerned {
            // Since the room was last told, the customer and the bot may have said more.
            let lines = card::lines(&self.session);
            if !lines.is_empty() {
                self.tell_desk_verbatim(lines);
            }
        }
        let name = self.name_of(id);
        let shown = match self.desks.shown_as {
            ShownAs::Name => Some(name.as_str()),
            ShownAs::Colleague => None,
        };
        let text = wording::joined(self.session.language, shown, &self.company);
        self.tell_customer(text);
        self.tell_desk(wording::has_it(self.language, &name));
    }

    fn hand_back(&mut self, note: Option<String>) {
        if self.step(OwnerStep::HandedBack(note)) {
            self.session.escalation = None;
            self.session.unanswered = 0;
            self.case.told_that_passed_on = false;
            self.tell_customer(wording::back_to_the_bot(self.session.language));
            self.tell_desk(wording::handed_back(self.language, &self.agent.name));
        }
    }

    fn close(&mut self) {
        if self.step(OwnerStep::Closed) {
            self.timers.push(TimerChange::Cancel(follow_up()));
            self.session.escalation = None;
            self.case.told_that_passed_on = false;
            self.tell_customer(wording::closed(self.session.language));
            self.tell_desk(wording::was_closed(self.language, &self.agent.name));
        }
    }

    fn give_to_team(&mut self, team: &str) {
        let Some(desk) = self.desks.teams.get(team).cloned() else {
            let known: Vec<&str> = self.desks.teams.keys().map(String::as_str).collect();
            return self.tell_desk(wording::nobody_of_this_name(self.language, team, &known));
        };
        self.sort(None, Some(team.to_owned()));
        if desk != self.case.desk {
            self.case.desk = desk.clone();
            let customer = self.case.customer.clone();
            self.happenings
                .push(Happening::CaseOpened { desk, customer });
            // The first word there opens the room.
            let priority = self.priority();
            self.tell_desk(wording::sorted(self.language, priority, Some(team)));
        }
        if self.step(OwnerStep::PassedOn) {
            let timers = waiting_timers(self.desks, self.hours.as_ref(), self.case_place());
            self.timers.extend(timers);
        }
    }

    fn give_to_colleague(&mut self, id: &str) {
        let id = AgentId::from(id);
        if self.desks.agent(&id).is_some_and(|it| it.may(Right::Take)) {
            return self.give_to(&id);
        }
        let agents = self.desks.agents.iter().filter(|it| it.may(Right::Take));
        let known: Vec<&str> = agents.map(|it| it.id.as_str()).collect();
        self.tell_desk(wording::nobody_of_this_name(
            self.language,
            id.as_str(),
            &known,
        ));
    }

    /// How soon somebody is needed, and who.
    fn sort(&mut self, priority: Option<Priority>, team: Option<String>) {
        if team.is_none() && !self.session.owner.concerns_people() {
            return self.tell_desk(wording::nobody_waits(self.language));
        }
        let since = self.now;
        let escalation = self
            .session
            .escalation
            .get_or_insert_with(|| crate::Escalation {
                reason: String::new(),
                since,
                priority: Priority::Normal,
                team: None,
            });
        escalation.priority = priority.unwrap_or(escalation.priority);
        if team.is_some() {
            escalation.team = team;
        }
        let (priority, team) = (escalation.priority, escalation.team.clone());
        self.tell_desk(wording::sorted(self.language, priority, team.as_deref()));
        self.happenings.push(Happening::Sorted {
            by: self.agent.id.clone(),
            priority,
            team,
        });
    }

    fn priority(&self) -> Priority {
        let escalation = self.session.escalation.as_ref();
        escalation.map_or(Priority::Normal, |it| it.priority)
    }

    /// What the bot's last reply rests on.
    fn tell_why(&mut self) {
        let answered = self
            .ledger
            .iter()
            .rev()
            .find_map(|event| match &event.what {
                Happening::Answered { sources, trace, .. } => Some((sources, trace)),
                _ => None,
            });
        let Some((sources, trace)) = answered else {
            return self.tell_desk(wording::no_answer_yet(self.language));
        };
        let sources: Vec<String> = sources.iter().map(source).collect();
        let intent = trace.as_ref().map(|it| it.understood.intent.clone());
        let text = wording::why_so(self.language, intent.as_deref(), &sources);
        self.tell_desk(text);
    }

    fn step(&mut self, what: OwnerStep) -> bool {
        let by = Some(self.agent.id.clone());
        step(
            &mut self.session,
            &mut self.happenings,
            (what, by),
            self.now,
        )
    }

    fn name_of(&self, id: &AgentId) -> String {
        let agent = self.desks.agent(id);
        agent.map_or_else(|| id.to_string(), |agent| agent.name.clone())
    }

    fn tell_customer(&mut self, text: impl Into<String>) {
        let entry = self.to_customer(text.into());
        self.outbox.push(entry);
    }

    /// Where and when timers of this conversation are set.
    fn case_place(&self) -> (ConversationId, &Address, Timestamp) {
        (self.burst.conversation(), &self.case.customer, self.now)
    }

    fn tell_desk_verbatim(&mut self, text: String) {
        self.tell_desk(text);
        if let Some(relayed) = self.outbox.last_mut().and_then(|it| it.relayed.as_mut()) {
            relayed.verbatim = true;
        }
    }

    fn tell_desk(&mut self, text: impl Into<String>) {
        let number = self.outbox.len();
        let mut entry = to_desk_entry(self.burst, &self.case.desk);
        entry.id = OutboxId(format!("{}/{number}", entry.id));
        entry.text = text.into();
        self.outbox.push(entry);
    }

    /// Words for the customer. Of one turn they go out in the order of their names, after a restart
    /// too: `about` comes before `said`.
    fn to_customer(&self, text: String) -> OutboxEntry {
        OutboxEntry {
            id: OutboxId(format!("about/{}", self.burst.first().key)),
            address: self.case.customer.clone(),
            text,
            relayed: Some(Box::new(Relayed {
                voice: Voice::Agent,
                verbatim: false,
                opens: None,
                corrects: false,
                attachments: Vec::new(),
                from: self.burst.address().clone(),
                of: None,
                quotes: None,
            })),
            ..to_desk_entry(self.burst, &self.case.desk)
        }
    }

    fn id_of_message(&self) -> OutboxId {
        let first = self.burst.first();
        let message = first.message.as_ref();
        self.id_of(message.map_or(first.key.as_str(), MessageId::as_str))
    }

    /// The name of what the customer has of a message: the same for the message and its edits.
    fn id_of(&self, message: &str) -> OutboxId {
        OutboxId(format!("said/{}/{message}", self.burst.address()))
    }
}

fn follow_up() -> TimerId {
    let text = String::new();
    Purpose::FollowUp { text }.timer_id()
}

fn source(source: &Source) -> String {
    match source {
        Source::Wording(name) => format!("wording {name}"),
        Source::Playbook => "playbook".to_owned(),
        Source::Catalog(product) => format!("catalogue {product}"),
        Source::Faq(entry) => format!("answer {entry}"),
        Source::Document(document) => format!("document {document}"),
        Source::Model => "language model, guarded".to_owned(),
    }
}
